/* The rules of lots, stops, caps and tiers for `trident eval`: RK-1 to RK-17, the tables, and the
 * sizes of the second risk profile. Each entry hands its fields to model/rules. */
#include "cli/eval_fields.h"
#include "core/alloc.h"
#include "model/rules/caps.h"
#include "model/rules/lots.h"
#include "model/rules/pips.h"
#include "model/rules/platform_risk.h"
#include "model/rules/sl_tables.h"

#define VARIANTS   "plugin_v3|engine_v3|legacy"
#define TIERS      "5000|10000|25000|50000|100000"
#define VOLATILITY "LOW|MEDIUM|HIGH"

/* ---- lots ---- */

static void run_rk1(struct eval *e)
{
    eval_give_e8(e, "factor", lots_consensus_factor_e8((int)eval_n(e, "score")));
}

static void give_pair(struct eval *e, enum lots_variant variant, int64_t factor_e8)
{
    struct lots_case c = {.variant = variant,
                          .base_e8 = eval_n(e, "base"),
                          .factor_e8 = factor_e8,
                          .logic_mult_e8 = eval_n(e, "logic_mult"),
                          .step_e8 = DEC_ONE / 100,
                          .min_e8 = DEC_ONE / 100};
    struct lots_pair p = lots_pair(&c);
    eval_give_e8(e, "total", p.total_e8);
    eval_give_e8(e, "exact", p.exact_e8);
    eval_give_e8(e, "a", p.a_e8);
    eval_give_e8(e, "b", p.b_e8);
}

static void run_rk2(struct eval *e)
{
    give_pair(e, LOTS_PLUGIN_V3, lots_consensus_factor_e8((int)eval_n(e, "score")));
}

static void run_rk3(struct eval *e)
{
    give_pair(e, LOTS_ENGINE_V3, eval_n(e, "position_multiplier"));
}

static void run_rk4(struct eval *e)
{
    give_pair(e, LOTS_LEGACY, DEC_ONE);
}

static enum tiers_tier forced_tier(const struct eval *e)
{
    return eval_has(e, "forced_tier") ? (enum tiers_tier)eval_n(e, "forced_tier") : TIERS_UNSET;
}

static void run_lot_table(struct eval *e)
{
    struct lots_tables t;
    lots_tables_defaults(&t);
    t.forced = forced_tier(e);
    eval_give_e8(e, "lots", lots_of_balance_e8(&t, eval_n(e, "balance")));
}

static void run_lot_risk(struct eval *e)
{
    eval_give_e8(e, "lots",
                 lots_by_risk_e8(eval_n(e, "balance"), eval_n(e, "risk"), eval_n(e, "sl_pips"),
                                 eval_symbol(e, "symbol")->pip_value_e8));
}

static void run_rk13(struct eval *e)
{
    const struct symbol_info *s = eval_symbol(e, "symbol");
    int64_t left_e8 = eval_n(e, "cap") - eval_n(e, "loss");
    int64_t pips_e8 = eval_has(e, "pips")
                          ? eval_n(e, "pips")
                          : lots_estimate_pips(LOTS_ESTIMATE_DUAL, s->volatility) * DEC_ONE;
    eval_give_e8(e, "remaining", left_e8);
    eval_give_e8(e, "pips", pips_e8);
    eval_give_e8(e, "lots", lots_smart_by_budget_e8(left_e8, pips_e8, s->pip_value_e8));
}

static void run_rk14(struct eval *e)
{
    eval_give_e8(e, "factor", lots_smart_factor_e8(eval_n(e, "cap"), eval_n(e, "pnl")));
}

static void run_rk16(struct eval *e)
{
    eval_give_n(e, "pips",
                lots_estimate_pips((enum lots_estimate)eval_n(e, "estimate"),
                                   (enum volatility)eval_n(e, "volatility")));
}

/* ---- stops ---- */

static void run_table(struct eval *e)
{
    eval_give_e8(e, "pips",
                 sl_tables_pips_e8((enum sl_tables_system)eval_n(e, "system"),
                                   eval_symbol(e, "symbol")->name,
                                   (enum tiers_tier)eval_n(e, "tier")));
}

static void run_rk5(struct eval *e)
{
    const struct symbol_info *s = eval_symbol(e, "symbol");
    struct sl_tables_case c = {
        .info = s,
        .side = (enum side)eval_n(e, "side"),
        .entry_e8 = eval_n(e, "entry"),
        .reduction_percent = (int)eval_n(e, "reduction_percent"),
        .tf_multiplier_e8 = eval_n(e, "tf_multiplier"),
        .chain_factor_e8 = eval_n(e, "chain_factor"),
        .rr_e8 = eval_n(e, "rr"),
    };
    c.table_pips_e8 = eval_has(e, "table_pips")
                          ? eval_n(e, "table_pips")
                          : sl_tables_pips_e8((enum sl_tables_system)eval_n(e, "system"), s->name,
                                              (enum tiers_tier)eval_n(e, "tier"));
    if (!sl_tables_reduction_is_valid(c.reduction_percent)) {
        eval_refuse(e, "reduction_percent", "0, or a whole number from 5 to 50");
        return;
    }
    struct sl_tables_stop stop = sl_tables_stop(&c);
    eval_give_e8(e, "table_pips", c.table_pips_e8);
    eval_give_e8(e, "pips", stop.pips_e8);
    eval_give_e8(e, "distance", stop.distance_e8);
    eval_give_e8(e, "sl", stop.sl_e8);
    eval_give_e8(e, "tp", stop.tp_e8);
}

static void run_rk6(struct eval *e)
{
    const struct symbol_info *s = eval_symbol(e, "symbol");
    int64_t cap_e8 = eval_has(e, "risk_cap")
                         ? eval_n(e, "risk_cap")
                         : tiers_trade_risk_e8((enum tiers_tier)eval_n(e, "tier"), s->volatility);
    int64_t pips_e8 = sl_tables_cap_pips_e8(cap_e8, s->pip_value_e8, eval_n(e, "lots"));
    int64_t asked_e8 = eval_has(e, "pips") ? eval_n(e, "pips") : pips_e8;
    int64_t loss_e8 = pips_money_e8(s, asked_e8, eval_n(e, "lots"));
    eval_give_e8(e, "risk_cap", cap_e8);
    eval_give_e8(e, "pips", pips_e8);
    eval_give_e8(e, "loss", loss_e8);
    eval_give_bool(e, "accepted", sl_tables_is_near_cap(loss_e8, cap_e8));
}

static void give_stop(struct eval *e, enum pips_formula f, int64_t price_e8)
{
    struct pips_stop s = pips_fixed_money(f, eval_symbol(e, "symbol"), eval_n(e, "money"),
                                          eval_n(e, "lots"), price_e8);
    eval_give_e8(e, "pips", s.pips_e8);
    eval_give_e8(e, "distance", s.distance_e8);
    eval_give_e8(e, "loss", s.loss_e8);
}

static void run_rk7(struct eval *e)
{
    give_stop(e, PIPS_EXACT, 0);
}

static void run_rk8(struct eval *e)
{
    int64_t price_e8 =
        eval_has(e, "price") ? eval_n(e, "price") : eval_symbol(e, "symbol")->sim_price_e8;
    give_stop(e, (enum pips_formula)(PIPS_EXACT + eval_n(e, "formula")), price_e8);
}

/* ---- caps ---- */

/* The caps of the fields, else of the tier: named, or that of the balance. */
static struct caps_limits limits_of(const struct eval *e)
{
    struct tiers_caps caps = tiers_caps((enum tiers_tier)eval_n(e, "tier"));
    return (struct caps_limits){
        .daily_e8 = eval_has(e, "daily_cap") ? eval_n(e, "daily_cap") : caps.daily_e8,
        .lifetime_e8 = eval_has(e, "lifetime_cap") ? eval_n(e, "lifetime_cap") : caps.lifetime_e8};
}

static void run_rk9(struct eval *e)
{
    struct caps_limits l = limits_of(e);
    struct caps_book b = {.daily_loss_e8 = eval_n(e, "daily_loss"),
                          .lifetime_loss_e8 = eval_n(e, "lifetime_loss")};
    int64_t number_e8, limit_e8;
    enum reason r = caps_check(&l, &b, &number_e8, &limit_e8);
    eval_give_bool(e, "allowed", r == REASON_ACCEPTED);
    eval_give_text(e, "reason", reason_code(r));
    eval_give_e8(e, "number", number_e8);
    eval_give_e8(e, "limit", limit_e8);
}

static void give_book(struct eval *e, const struct caps_book *b)
{
    eval_give_e8(e, "daily_profit", b->daily_profit_e8);
    eval_give_e8(e, "daily_loss", b->daily_loss_e8);
    eval_give_e8(e, "lifetime_loss", b->lifetime_loss_e8);
    eval_give_n(e, "daily_trades", b->daily_trades);
    eval_give_n(e, "winning_trades", b->total_wins);
    eval_give_n(e, "total_trades", b->total_trades);
}

static void run_rk10(struct eval *e)
{
    const struct eval_value *pnl = eval_value(e, "pnl");
    struct caps_book b = {.daily_profit_e8 = eval_n(e, "daily_profit"),
                          .daily_loss_e8 = eval_n(e, "daily_loss"),
                          .lifetime_loss_e8 = eval_n(e, "lifetime_loss")};
    for (int i = 0; i < pnl->count; i++)
        caps_book_close(&b, pnl->list[i]);
    give_book(e, &b);
}

static void run_rk11(struct eval *e)
{
    struct caps_book b = {.daily_profit_e8 = eval_n(e, "daily_profit"),
                          .daily_loss_e8 = eval_n(e, "daily_loss"),
                          .lifetime_loss_e8 = eval_n(e, "lifetime_loss"),
                          .daily_trades = (int)eval_n(e, "daily_trades"),
                          .total_trades = (int)eval_n(e, "total_trades")};
    caps_book_new_day(&b);
    give_book(e, &b);
}

static void run_rk12(struct eval *e)
{
    struct caps_dual_case c = {
        .limits = limits_of(e),
        .daily_loss_e8 = eval_n(e, "daily_loss"),
        .lifetime_loss_e8 = eval_n(e, "lifetime_loss"),
        .sl_pips_e8 = eval_n(e, "sl_pips"),
        .pip_value_e8 = eval_symbol(e, "symbol")->pip_value_e8,
        .lots_e8 = eval_n(e, "lots"),
        .orders = (int)eval_n(e, "orders"),
        .step_e8 = DEC_ONE / 100,
        .min_e8 = DEC_ONE / 100,
    };
    struct caps_dual d;
    enum reason r = caps_dual(&c, &d);
    eval_give_bool(e, "allowed", r == REASON_ACCEPTED);
    eval_give_text(e, "reason", reason_code(r));
    eval_give_e8(e, "expected", d.expected_e8);
    eval_give_e8(e, "available", d.available_e8);
    eval_give_e8(e, "lots", d.lots_e8);
    eval_give_bool(e, "reduced", d.reduced);
    eval_give_e8(e, "number", d.number_e8);
    eval_give_e8(e, "limit", d.limit_e8);
}

static void run_rk15(struct eval *e)
{
    enum tiers_tier t =
        tiers_of_balance((enum tiers_variant)eval_n(e, "variant"), eval_n(e, "balance"));
    struct tiers_caps caps = tiers_caps(t);
    eval_give_text(e, "tier", tiers_name(t));
    eval_give_e8(e, "daily_cap", caps.daily_e8);
    eval_give_e8(e, "lifetime_cap", caps.lifetime_e8);
    for (int v = VOLATILITY_LOW; v < VOLATILITY_COUNT; v++) {
        static const char *const names[VOLATILITY_COUNT] = {"", "trade_risk_low",
                                                            "trade_risk_medium", "trade_risk_high"};
        eval_give_e8(e, names[v], tiers_trade_risk_e8(t, (enum volatility)v));
    }
}

static void run_rk17(struct eval *e)
{
    const struct symbol_info *s = eval_symbol(e, "symbol");
    int sign = side_sign((enum side)eval_n(e, "side"));
    int64_t entry_e8 = eval_n(e, "entry"), exit_e8 = eval_n(e, "exit"), lots_e8 = eval_n(e, "lots");
    eval_give_e8(e, "pips", sign * symbol_pips_e8(s, entry_e8, exit_e8));
    eval_give_e8(e, "profit", pips_profit_e8(s, sign, entry_e8, exit_e8, lots_e8));
    eval_give_e8(e, "reversal_profit",
                 pips_reversal_profit_e8(s, sign, entry_e8, exit_e8, lots_e8));
}

static void run_symbol(struct eval *e)
{
    const struct symbol_info *s = eval_symbol(e, "symbol");
    static const char *const volatilities[VOLATILITY_COUNT] = {"", "LOW", "MEDIUM", "HIGH"};
    eval_give_text(e, "volatility", volatilities[s->volatility]);
    eval_give_e8(e, "pip_size", s->pip_size_e8);
    eval_give_e8(e, "pip_value", s->pip_value_e8);
    eval_give_e8(e, "min_sl_distance", s->min_sl_dist_e8);
    eval_give_e8(e, "contract", s->contract_size_e8);
    eval_give_n(e, "digits", s->digits);
}

/* ---- the second profile ---- */

static void run_b5_size(struct eval *e)
{
    struct platform_risk_size s = {
        .equity_e8 = eval_n(e, "equity"),
        .risk_e8 = eval_n(e, "risk"),
        .stop_e8 = eval_n(e, "stop"),
        .volatility_factor_e8 = platform_risk_volatility_factor_e8(eval_n(e, "volatility")),
        .correlation_factor_e8 = platform_risk_correlation_factor_e8(eval_n(e, "correlation")),
        .max_order_e8 = eval_n(e, "max_order"),
    };
    int64_t drawdown_e8 = eval_n(e, "drawdown");
    s.drawdown_factor_e8 = eval_n(e, "curve") == 1 ? platform_risk_drawdown_factor_e8(drawdown_e8)
                                                   : platform_risk_drawdown_source_e8(drawdown_e8);
    eval_give_e8(e, "volatility_factor", s.volatility_factor_e8);
    eval_give_e8(e, "drawdown_factor", s.drawdown_factor_e8);
    eval_give_e8(e, "correlation_factor", s.correlation_factor_e8);
    eval_give_e8(e, "value", platform_risk_value_e8(&s));
}

static void run_a8a_size(struct eval *e)
{
    struct platform_risk_small s = {
        .balance_e8 = eval_n(e, "balance"),
        .risk_e8 = eval_n(e, "risk"),
        .profile = (enum platform_risk_profile)eval_n(e, "profile"),
        .is_meme = eval_n(e, "meme") != 0,
        .side = (enum side)eval_n(e, "side"),
        .profit_probability_e8 = eval_n(e, "profit_probability"),
        .loss_probability_e8 = eval_n(e, "loss_probability"),
    };
    eval_give_e8(e, "value", platform_risk_small_size_e8(&s));
}

static void run_a8a_window(struct eval *e)
{
    eval_give_bool(e, "allowed",
                   platform_risk_window_allows((enum platform_risk_profile)eval_n(e, "profile"),
                                               (enum side)eval_n(e, "side"),
                                               eval_n(e, "profit_probability"),
                                               eval_n(e, "loss_probability")));
}

static void run_a8b_quantity(struct eval *e)
{
    eval_give_e8(e, "quantity",
                 platform_risk_quantity_e8(eval_n(e, "balance"), eval_n(e, "risk"),
                                           eval_n(e, "entry"), eval_n(e, "sl")));
}

static void run_a8b_enhanced(struct eval *e)
{
    const struct platform_risk_enhanced s = {
        .balance_e8 = eval_n(e, "balance"),
        .risk_e8 = eval_n(e, "risk"),
        .entry_e8 = eval_n(e, "entry"),
        .profile = (enum platform_risk_profile)eval_n(e, "profile"),
        .is_meme = eval_n(e, "meme") != 0,
        .confidence_e8 = eval_n(e, "confidence"),
        .strength_e8 = eval_n(e, "strength"),
        .success_e8 = eval_n(e, "success"),
    };
    struct platform_risk_plan p = platform_risk_enhanced(&s);
    eval_give_e8(e, "factor", p.factor_e8);
    eval_give_e8(e, "quantity", p.quantity_e8);
    eval_give_e8(e, "risk_money", p.risk_money_e8);
    eval_give_e8(e, "sl_percent", p.sl_part_e8 * 100);
    eval_give_e8(e, "tp_percent", p.tp_part_e8 * 100);
    eval_give_n(e, "leverage", p.leverage);
}

static void run_a8b_adaptive(struct eval *e)
{
    struct platform_risk_plan p = platform_risk_adaptive(
        eval_n(e, "confidence"), eval_n(e, "volatility"), eval_n(e, "meme") != 0);
    int sign = side_sign((enum side)eval_n(e, "side"));
    int64_t entry_e8 = eval_n(e, "entry");
    eval_give_e8(e, "sl_percent", p.sl_part_e8 * 100);
    eval_give_e8(e, "tp_percent", p.tp_part_e8 * 100);
    eval_give_e8(e, "sl", entry_e8 - sign * dec_mul(entry_e8, p.sl_part_e8, DEC_HALF_AWAY));
    eval_give_e8(e, "tp", entry_e8 + sign * dec_mul(entry_e8, p.tp_part_e8, DEC_HALF_AWAY));
}

#define PAIR                                                                                       \
    {                                                                                              \
        {"total", "lots before the split"}, {"exact", "lots of each order, not rounded"},          \
            {"a", "lots of order A; 0: not placed"}, {"b", "lots of order B; 0: not placed"},      \
    }
#define BASE     LOTS("base", "0.05")
#define LOGIC    FACTOR("logic_mult", "1")
#define PROFILES "standard|conservative|very_conservative"
#define BOOK                                                                                       \
    {                                                                                              \
        {"daily_profit", "USD"}, {"daily_loss", "USD"}, {"lifetime_loss", "USD"},                  \
            {"daily_trades", "today"}, {"winning_trades", "of all"}, {"total_trades", "of all"},   \
    }
#define STOP                                                                                       \
    {                                                                                              \
        {"pips", "pips"}, {"distance", "price"}, {"loss", "USD it really loses"},                  \
    }

static const struct eval_rule rules[] = {
    {"RK-1",
     "factor of a consensus score",
     {WHOLE("score", "consensus, or strength", NULL, 0, 9)},
     {{"factor", "factor"}},
     run_rk1},
    {"RK-2",
     "lots of the V3 plugin, split over A and B",
     {BASE, WHOLE("score", "strength", NULL, 0, 9), LOGIC},
     PAIR,
     run_rk2},
    {"RK-3",
     "lots of the V3 engine, by the alert's multiplier",
     {BASE, FACTOR("position_multiplier", NULL), LOGIC},
     PAIR,
     run_rk3},
    {"RK-4", "lots of the old bot, A and B in full", {BASE, LOGIC}, PAIR, run_rk4},
    {"RK-5",
     "stop and target of order A by the stop table",
     {SYMBOL, SIDE_FIELD, PRICE("entry", NULL), WORDS("system", "stop table", "sl-1", "sl-1|sl-2"),
      WORDS("tier", "balance tier", "10000", TIERS), PIPS("table_pips", ""),
      WHOLE("reduction_percent", "percent; 0 or 5 to 50", "0", 0, 50), FACTOR("tf_multiplier", "1"),
      FACTOR("chain_factor", "1"), FACTOR("rr", "1.5")},
     {{"table_pips", "pips"},
      {"pips", "pips"},
      {"distance", "price"},
      {"sl", "price"},
      {"tp", "price"}},
     run_rk5},
    {"RK-6",
     "stop of a symbol without a row in the table",
     {SYMBOL, LOTS("lots", "0.05"), AMOUNT("risk_cap", ""),
      WORDS("tier", "whose risk is taken", "10000", TIERS), PIPS("pips", "")},
     {{"risk_cap", "USD"},
      {"pips", "pips"},
      {"loss", "USD, of the pips given, else of those found"},
      {"accepted", "within 10 % of the cap"}},
     run_rk6},
    {"RK-7",
     "stop that loses a fixed sum",
     {SYMBOL, LOTS("lots", "0.05"), AMOUNT("money", "10")},
     STOP,
     run_rk7},
    {"RK-8",
     "the same in the formulas of the old bot (source bugs)",
     {SYMBOL, WORDS("formula", "c, d or e", NULL, "c|d|e"), LOTS("lots", "0.05"),
      AMOUNT("money", "10"), PRICE("price", "")},
     STOP,
     run_rk8},
    {"RK-9",
     "may the account trade",
     {MONEY("daily_loss", "0"), MONEY("lifetime_loss", "0"),
      WORDS("tier", "whose caps", "10000", TIERS), MONEY("daily_cap", ""),
      MONEY("lifetime_cap", "")},
     {{"allowed", "true or false"},
      {"reason", "code"},
      {"number", "USD, of a refusal"},
      {"limit", "USD, of a refusal"}},
     run_rk9},
    {"RK-10",
     "the books after closed trades",
     {{.name = "pnl",
       .type = EVAL_DECIMALS,
       .unit = "USD of each close, in order",
       .min = -EVAL_E8(1000000000),
       .max = EVAL_E8(1000000000)},
      MONEY("daily_profit", "0"),
      MONEY("daily_loss", "0"),
      MONEY("lifetime_loss", "0")},
     BOOK,
     run_rk10},
    {"RK-11",
     "the books after the day's rollover",
     {MONEY("daily_profit", "0"), MONEY("daily_loss", "0"), MONEY("lifetime_loss", "0"),
      WHOLE("daily_trades", "today", "0", 0, 1000000),
      WHOLE("total_trades", "of all", "0", 0, 1000000)},
     BOOK,
     run_rk11},
    {"RK-12",
     "does a dual entry fit under the caps, and with how many lots",
     {SYMBOL, PIPS("sl_pips", NULL), LOTS("lots", "0.05"), MONEY("daily_loss", "0"),
      MONEY("lifetime_loss", "0"), WORDS("tier", "whose caps", "10000", TIERS),
      MONEY("daily_cap", ""), MONEY("lifetime_cap", ""), WHOLE("orders", "orders", "2", 1, 4)},
     {{"allowed", "true or false"},
      {"reason", "code"},
      {"expected", "USD"},
      {"available", "USD; null: no cap"},
      {"lots", "lots of each order"},
      {"reduced", "true or false"},
      {"number", "USD, of a refusal"},
      {"limit", "USD, of a refusal"}},
     run_rk12},
    {"RK-13",
     "smart lot by what is left of the cap",
     {SYMBOL, MONEY("cap", NULL), MONEY("loss", "0"), PIPS("pips", "")},
     {{"remaining", "USD"}, {"pips", "pips"}, {"lots", "lots of each order"}},
     run_rk13},
    {"RK-14",
     "smart lot of the dual-order service",
     {AMOUNT("cap", NULL), SIGNED("pnl", NULL)},
     {{"factor", "factor on lots"}},
     run_rk14},
    {"RK-15",
     "tier of a balance, its caps and the risk of one trade",
     {MONEY("balance", NULL), WORDS("variant", "who asks", "floor", "floor|halfway")},
     {{"tier", "USD"},
      {"daily_cap", "USD"},
      {"lifetime_cap", "USD"},
      {"trade_risk_low", "USD"},
      {"trade_risk_medium", "USD"},
      {"trade_risk_high", "USD"}},
     run_rk15},
    {"RK-16",
     "pips a trade is supposed to risk",
     {WORDS("estimate", "for what", "dual", "dual|profit"),
      WORDS("volatility", "of the symbol", NULL, VOLATILITY)},
     {{"pips", "pips"}},
     run_rk16},
    {"RK-17",
     "profit by pips, and as the reversal handler had it",
     {SYMBOL, SIDE_FIELD, PRICE("entry", NULL), PRICE("exit", NULL), LOTS("lots", "0.05")},
     {{"pips", "pips"}, {"profit", "USD"}, {"reversal_profit", "USD, source bug"}},
     run_rk17},
    {"SYMBOL",
     "what is known of an instrument (table 3.2)",
     {SYMBOL},
     {{"volatility", "class"},
      {"pip_size", "price"},
      {"pip_value", "USD per pip and lot"},
      {"min_sl_distance", "price"},
      {"contract", "units per lot"},
      {"digits", "decimals of a price"}},
     run_symbol},
    {"SL-TABLE",
     "row of the stop tables SL-1 and SL-2 (3.3)",
     {SYMBOL, WORDS("system", "stop table", "sl-1", "sl-1|sl-2"),
      WORDS("tier", "balance tier", NULL, TIERS)},
     {{"pips", "pips; 0: no row"}},
     run_table},
    {"LOT-TABLE",
     "lots of a balance (3.4)",
     {MONEY("balance", NULL), WORDS("forced_tier", "default_risk_tier", "", TIERS)},
     {{"lots", "lots"}},
     run_lot_table},
    {"LOT-RISK",
     "lots that risk a part of the balance (3.4)",
     {MONEY("balance", NULL), PART("risk", NULL), PIPS("sl_pips", NULL), SYMBOL},
     {{"lots", "lots"}},
     run_lot_risk},
    {"B5-SIZE",
     "value of a position in the platform profile",
     {MONEY("equity", NULL), PART("risk", "0.01"),
      NUMBER("stop", "part of the price", NULL, DEC_ONE / 10000, DEC_ONE),
      NUMBER("volatility", "a year", "0", 0, EVAL_E8(10)), PART("drawdown", "0"),
      NUMBER("correlation", "-1 to 1", "0", -DEC_ONE, DEC_ONE), MONEY("max_order", "10000"),
      WORDS("curve", "of drawdown", "build", "build|source")},
     {{"volatility_factor", "factor"},
      {"drawdown_factor", "factor"},
      {"correlation_factor", "factor"},
      {"value", "USD"}},
     run_b5_size},
    {"A8A-SIZE",
     "value of a position in the small profiles",
     {MONEY("balance", "500"), PART("risk", "0.02"),
      WORDS("profile", "profile", "standard", PROFILES), SWITCH("meme", "category", "false"),
      SIDE_FIELD, PART("profit_probability", ""), PART("loss_probability", "")},
     {{"value", "USD"}},
     run_a8a_size},
    {"A8A-WINDOW",
     "are both probabilities inside the profile's window",
     {WORDS("profile", "profile", "standard", PROFILES), SIDE_FIELD,
      PART("profit_probability", NULL), PART("loss_probability", NULL)},
     {{"allowed", "true or false"}},
     run_a8a_window},
    {"A8B-QTY",
     "quantity that risks a part of the balance",
     {MONEY("balance", NULL), PART("risk", NULL), PRICE("entry", NULL), PRICE("sl", NULL)},
     {{"quantity", "units"}},
     run_a8b_quantity},
    {"A8B-ENHANCED",
     "quantity, stop and leverage by a signal's quality",
     {MONEY("balance", "500"), PART("risk", "0.02"), PRICE("entry", NULL),
      WORDS("profile", "profile", "standard", "standard|conservative|very_conservative"),
      SWITCH("meme", "category", "false"), PART("confidence", NULL), PART("strength", NULL),
      PART("success", NULL)},
     {{"factor", "profile x category x signal"},
      {"quantity", "units"},
      {"risk_money", "USD"},
      {"sl_percent", "of the entry"},
      {"tp_percent", "of the entry"},
      {"leverage", "times"}},
     run_a8b_enhanced},
    {"A8B-ADAPTIVE",
     "stop and target by confidence and volatility",
     {SIDE_FIELD, PRICE("entry", NULL), PART("confidence", NULL),
      NUMBER("volatility", "part of 1", NULL, 0, 10 * DEC_ONE),
      SWITCH("meme", "category", "false")},
     {{"sl_percent", "of the entry"},
      {"tp_percent", "of the entry"},
      {"sl", "price"},
      {"tp", "price"}},
     run_a8b_adaptive},
};

const struct eval_group eval_risk = GROUP(rules);
