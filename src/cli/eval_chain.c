/* The rules of re-entry and profit-booking chains for `trident eval`: RE-1 to RE-16, PC-1 to PC-8.
 */
#include "cli/eval_fields.h"
#include "core/alloc.h"
#include "model/rules/profit_chain.h"
#include "model/rules/reentry.h"

#define LEVELS_MAX 31

static struct reentry_trade trade_of(const struct eval *e)
{
    return (struct reentry_trade){.side = (enum side)eval_n(e, "side"),
                                  .entry_e8 = eval_n(e, "entry"),
                                  .sl_e8 = eval_n(e, "sl")};
}

/* The stop on the losing side; false after the problem is told. */
static bool trade_is_sound(struct eval *e)
{
    struct reentry_trade t = trade_of(e);
    if ((t.entry_e8 - t.sl_e8) * side_sign(t.side) > 0)
        return true;
    eval_refuse(e, "sl", "a price on the losing side of the entry");
    return false;
}

static void give_hunt(struct eval *e, enum reentry_hunt variant, int64_t param_e8)
{
    struct reentry_trade t = trade_of(e);
    if (!trade_is_sound(e))
        return;
    int64_t level_e8 = reentry_hunt_level_e8(variant, eval_symbol(e, "symbol"), &t, param_e8);
    eval_give_e8(e, "level", level_e8);
    if (eval_has(e, "price"))
        eval_give_bool(e, "reached", reentry_is_reached(t.side, eval_n(e, "price"), level_e8));
}

static void run_re1(struct eval *e)
{
    give_hunt(e, REENTRY_HUNT_PRICE_MONITOR, eval_n(e, "offset"));
}

static void run_re2(struct eval *e)
{
    give_hunt(e, REENTRY_HUNT_SEVENTY_PERCENT, eval_n(e, "threshold"));
}

static void run_re2_sl(struct eval *e)
{
    eval_give_e8(e, "pips",
                 reentry_tight_sl_pips_e8(eval_n(e, "applied_pips"), eval_n(e, "multiplier")));
}

static void run_re2_window(struct eval *e)
{
    static const enum reentry_windows tables[] = {REENTRY_WINDOWS_UNSET, REENTRY_WINDOWS_CONFIG,
                                                  REENTRY_WINDOWS_MONITOR, REENTRY_WINDOWS_SERVICE};
    int window = reentry_window_min(tables[eval_n(e, "table")], eval_value(e, "symbol")->text, 30);
    eval_give_n(e, "window", window);
    if (eval_has(e, "seconds"))
        eval_give_bool(e, "open", reentry_window_is_open(0, eval_n(e, "seconds") * 1000, window));
}

static void run_re3(struct eval *e)
{
    give_hunt(e, REENTRY_HUNT_WINDOW_MONITOR, eval_n(e, "offset"));
}

static void run_re5(struct eval *e)
{
    eval_give_e8(e, "pips",
                 reentry_compound_pips_e8(eval_n(e, "base_pips"), (int)eval_n(e, "level"),
                                          eval_n(e, "reduction")));
}

static void run_re6(struct eval *e)
{
    eval_give_e8(e, "pips", reentry_autonomous_pips_e8(eval_n(e, "applied_pips")));
}

static void run_re7(struct eval *e)
{
    int percent = eval_has(e, "percent")
                      ? (int)eval_n(e, "percent")
                      : reentry_reduction_percent((enum reentry_reduction)eval_n(e, "mode"),
                                                  eval_value(e, "symbol")->text);
    eval_give_n(e, "percent", percent);
    eval_give_e8(
        e, "pips",
        reentry_optimizer_pips_e8(eval_n(e, "base_pips"), percent, (int)eval_n(e, "next_level")));
}

static void run_re8(struct eval *e)
{
    int level = (int)eval_n(e, "level");
    eval_give_e8(e, "sl_factor", reentry_linear_sl_factor_e8(level));
    eval_give_e8(e, "lot_factor", reentry_linear_lot_factor_e8(level));
}

static void run_re9(struct eval *e)
{
    const struct eval_value *high = eval_value(e, "highs"), *low = eval_value(e, "lows");
    const struct eval_value *close = eval_value(e, "closes");
    struct reentry_candle candles[EVAL_LIST_MAX];
    if (close->count < REENTRY_CANDLES_MIN || high->count != close->count ||
        low->count != close->count) {
        eval_refuse(e, "closes", "at least 14 candles, oldest first, as many highs and lows");
        return;
    }
    for (int i = 0; i < close->count; i++)
        candles[i] = (struct reentry_candle){
            .high_e8 = high->list[i], .low_e8 = low->list[i], .close_e8 = close->list[i]};
    int score = reentry_trend_score(candles, (size_t)close->count);
    enum side side = reentry_trend_side(score);
    eval_give_n(e, "score", score);
    eval_give_text(e, "trend",
                   side == SIDE_UNSET ? "NEUTRAL"
                   : side == SIDE_BUY ? "BULLISH"
                                      : "BEARISH");
}

static void give_exit(struct eval *e, enum reentry_exit variant)
{
    struct reentry_exit_plan p = reentry_exit_plan(variant, eval_symbol(e, "symbol"),
                                                   (enum side)eval_n(e, "side"), eval_n(e, "exit"));
    eval_give_text(e, "side", side_name(p.side));
    eval_give_e8(e, "level", p.level_e8);
    eval_give_n(e, "window", p.window_s);
    if (eval_has(e, "price"))
        eval_give_bool(e, "reached", reentry_is_reached(p.side, eval_n(e, "price"), p.level_e8));
}

static void run_re10(struct eval *e)
{
    give_exit(e, REENTRY_EXIT_AUTONOMOUS);
}

static void run_re11(struct eval *e)
{
    give_exit(e, REENTRY_EXIT_ENGINE);
}

static void run_re12(struct eval *e)
{
    static const enum reentry_protection kinds[] = {
        REENTRY_PROTECTION_UNSET, REENTRY_PROTECTION_AUTONOMOUS, REENTRY_PROTECTION_MANAGER,
        REENTRY_PROTECTION_SESSION};
    struct reentry_protection_case c = {
        .semantics = kinds[eval_n(e, "semantics")],
        .mode = (enum reentry_protect_mode)eval_n(e, "mode"),
        .profit_e8 = eval_n(e, "profit"),
        .loss_e8 = eval_has(e, "loss")
                       ? eval_n(e, "loss")
                       : reentry_assumed_loss_e8(eval_symbol(e, "symbol"), eval_n(e, "sl_pips")),
        .session_stop_e8 = eval_n(e, "session_stop"),
    };
    int64_t limit_e8;
    bool allowed = reentry_protection_allows(&c, &limit_e8);
    eval_give_bool(e, "allowed", allowed);
    eval_give_e8(e, "loss", c.loss_e8);
    eval_give_e8(e, "limit", limit_e8);
}

static void run_re12_lock(struct eval *e)
{
    eval_give_e8(e, "sl",
                 reentry_lock_sl_e8(eval_symbol(e, "symbol"), (enum side)eval_n(e, "side"),
                                    eval_n(e, "entry"), eval_n(e, "price")));
}

static void run_re13(struct eval *e)
{
    struct reentry_trade t = trade_of(e);
    if (!trade_is_sound(e))
        return;
    struct reentry_shield_plan p =
        reentry_shield_plan(eval_symbol(e, "symbol"), &t, eval_n(e, "lots"), eval_n(e, "room"));
    eval_give_text(e, "side", side_name(p.side));
    eval_give_e8(e, "lots", p.lots_e8);
    eval_give_e8(e, "sl", p.sl_e8);
    eval_give_e8(e, "tp_a", p.tp_a_e8);
    eval_give_e8(e, "kill", p.kill_e8);
}

static void run_re14(struct eval *e)
{
    static const char *const actions[REENTRY_EXIT_ACTION_COUNT] = {"", "hold", "close_50", "close"};
    bool strong = eval_has(e, "adx")
                      ? reentry_is_strong(eval_n(e, "adx"), (int)eval_n(e, "confidence"),
                                          eval_n(e, "aligned") != 0)
                      : eval_n(e, "strong") != 0;
    eval_give_bool(e, "strong", strong);
    if (eval_has(e, "profit_pips"))
        eval_give_text(e, "action",
                       actions[reentry_exit_signal_action(eval_n(e, "profit_pips"), strong)]);
    if (eval_has(e, "target"))
        eval_give_n(e, "close_percent",
                    reentry_target_close_percent((int)eval_n(e, "target"), strong));
}

static void run_re15(struct eval *e)
{
    struct reentry_limits l = {(int)eval_n(e, "max_attempts"), (int)eval_n(e, "max_losses"),
                               (int)eval_n(e, "max_concurrent")};
    struct reentry_counts c = {.attempts = (int)eval_n(e, "attempts"),
                               .losses = (int)eval_n(e, "losses"),
                               .concurrent = (int)eval_n(e, "concurrent"),
                               .blocked_until_ms = eval_n(e, "wait_left") * 1000};
    int64_t number_e8, limit_e8;
    enum reason r = reentry_limits_check(&l, &c, 0, &number_e8, &limit_e8);
    eval_give_bool(e, "allowed", r == REASON_ACCEPTED);
    eval_give_text(e, "reason", reason_code(r));
    eval_give_e8(e, "number", number_e8);
    eval_give_e8(e, "limit", limit_e8);
}

static void run_re16(struct eval *e)
{
    eval_give_e8(
        e, "pips",
        reentry_profit_hunt_pips_e8(eval_value(e, "symbol")->text, eval_n(e, "system") == 2));
}

/* ---- profit booking ---- */

static enum profit_chain_multipliers multipliers_of(const struct eval *e)
{
    return (enum profit_chain_multipliers)eval_n(e, "multipliers");
}

static void run_pc1(struct eval *e)
{
    char id[CHAIN_ID_CAP];
    profit_chain_id(id, eval_symbol(e, "symbol")->name, (uint64_t)eval_n(e, "number"));
    eval_give_text(e, "chain_id", id);
}

static void run_pc2(struct eval *e)
{
    eval_give_e8(e, "pips",
                 profit_chain_target_pips_e8(eval_symbol(e, "symbol"), eval_n(e, "min_profit"),
                                             eval_n(e, "lots")));
    if (eval_has(e, "profit"))
        eval_give_bool(e, "book",
                       profit_chain_is_due(eval_n(e, "profit"), eval_n(e, "min_profit")));
}

static void run_pc3(struct eval *e)
{
    int level = (int)eval_n(e, "level");
    eval_give_n(e, "orders", profit_chain_orders(multipliers_of(e), level));
    eval_give_e8(e, "level_profit",
                 profit_chain_level_profit_e8(multipliers_of(e), level, eval_n(e, "min_profit")));
    int orders = 0;
    int64_t profit_e8 = 0;
    for (int i = 0; i <= level; i++) {
        orders += profit_chain_orders(multipliers_of(e), i);
        profit_e8 += profit_chain_level_profit_e8(multipliers_of(e), i, eval_n(e, "min_profit"));
    }
    eval_give_n(e, "orders_so_far", orders);
    eval_give_e8(e, "profit_so_far", profit_e8);
}

static const char *const steps[PROFIT_CHAIN_STEP_COUNT] = {"", "wait", "advance", "complete",
                                                           "stop"};

static void run_pc4(struct eval *e)
{
    const struct eval_value *levels = eval_value(e, "enabled_levels");
    unsigned bits = 0;
    for (int i = 0; i < levels->count; i++)
        bits |= 1u << levels->list[i];
    eval_give_text(e, "step", steps[profit_chain_after_level((int)eval_n(e, "level"), bits)]);
}

static void run_pc5(struct eval *e)
{
    struct profit_chain_level l = {.total = (int)eval_n(e, "total"),
                                   .booked = (int)eval_n(e, "booked"),
                                   .lost = (int)eval_n(e, "lost"),
                                   .strict = eval_n(e, "strict") != 0,
                                   .partial_threshold_e8 = eval_n(e, "threshold")};
    if (l.booked + l.lost > l.total)
        eval_refuse(e, "booked", "with lost at most total");
    else
        eval_give_text(e, "step", steps[profit_chain_progress(&l)]);
}

static void run_pc6(struct eval *e)
{
    eval_give_e8(e, "money",
                 profit_chain_sl_money_e8((enum profit_chain_sl_mode)eval_n(e, "mode"),
                                          (int)eval_n(e, "logic")));
}

static void run_pc7(struct eval *e)
{
    int level = (int)eval_n(e, "level");
    eval_give_e8(e, "multiplier", profit_chain_multiplier_e8(multipliers_of(e), level));
    eval_give_e8(e, "target",
                 profit_chain_target_e8((enum profit_chain_targets)eval_n(e, "targets"), level));
}

static void run_pc8(struct eval *e)
{
    enum reason r;
    if (!reason_parse(eval_value(e, "reason")->text, &r))
        eval_refuse(e, "reason", "a reason code, e.g. OPPOSITE_SIGNAL");
    else
        eval_give_bool(e, "ends", profit_chain_ends_with(r));
}

#define HUNT_RESULTS                                                                               \
    {                                                                                              \
        {"level", "price that has to come back"},                                                  \
        {                                                                                          \
            "reached", "true or false; with price"                                                 \
        }                                                                                          \
    }
#define EXIT_RESULTS                                                                               \
    {                                                                                              \
        {"side", "of the new trade"}, {"level", "price"}, {"window", "seconds"},                   \
        {                                                                                          \
            "reached", "true or false; with price"                                                 \
        }                                                                                          \
    }
#define TRADE SYMBOL, SIDE_FIELD, PRICE("entry", NULL), PRICE("sl", NULL)
#define LEVEL WHOLE("level", "0 to 4", NULL, 0, PROFIT_CHAIN_LEVELS - 1)
#define MULTIPLIERS                                                                                \
    WORDS("multipliers", "preset", "standard", "standard|conservative|aggressive|linear|fibonacci")
#define COUNT(n, d) WHOLE(n, "count", d, 0, 100000)
#define CANDLES(n)                                                                                 \
    {                                                                                              \
        .name = n, .type = EVAL_DECIMALS, .unit = "prices, oldest first", .min = 1,                \
        .max = EVAL_E8(10000000)                                                                   \
    }

static const struct eval_rule rules[] = {
    {"RE-1",
     "SL hunt, price monitor: stop plus a pip",
     {TRADE, PIPS("offset", "1"), PRICE("price", "")},
     HUNT_RESULTS,
     run_re1},
    {"RE-2",
     "SL hunt: seventy percent of the way back",
     {TRADE, PART("threshold", "0.7"), PRICE("price", "")},
     HUNT_RESULTS,
     run_re2},
    {"RE-2-SL",
     "stop of the recovery trade",
     {PIPS("applied_pips", NULL), FACTOR("multiplier", "0.5")},
     {{"pips", "pips"}},
     run_re2_sl},
    {"RE-2-WINDOW",
     "how long the price may take to come back",
     {NAME_FIELD, WORDS("table", "whose windows", "config", "config|monitor|service"),
      WHOLE("seconds", "since the stop", "", 0, 1000000)},
     {{"window", "minutes"}, {"open", "true or false; with seconds"}},
     run_re2_window},
    {"RE-3",
     "SL hunt, window monitor: stop plus two pips",
     {TRADE, PIPS("offset", "2"), PRICE("price", "")},
     HUNT_RESULTS,
     run_re3},
    {"RE-5",
     "stop of the next level, compounded",
     {PIPS("base_pips", NULL), WHOLE("level", "1 to 31", NULL, 1, LEVELS_MAX),
      PART("reduction", "0.3")},
     {{"pips", "pips"}},
     run_re5},
    {"RE-6",
     "stop of an autonomous continuation",
     {PIPS("applied_pips", NULL)},
     {{"pips", "whole pips"}},
     run_re6},
    {"RE-7",
     "stop of the next level by the optimizer",
     {NAME_FIELD,
      WORDS("mode", "strategy", "ADAPTIVE", "AGGRESSIVE|BALANCED|CONSERVATIVE|ADAPTIVE"),
      WHOLE("percent", "else by mode", "", 10, 50), PIPS("base_pips", NULL),
      WHOLE("next_level", "2 to 31", NULL, 1, LEVELS_MAX)},
     {{"percent", "percent a level"}, {"pips", "pips"}},
     run_re7},
    {"RE-8",
     "factors of the V3 plugin at a level",
     {WHOLE("level", "0 to 31", NULL, 0, LEVELS_MAX)},
     {{"sl_factor", "factor"}, {"lot_factor", "factor"}},
     run_re8},
    {"RE-9",
     "trend of fifteen-minute candles",
     {CANDLES("highs"), CANDLES("lows"), CANDLES("closes")},
     {{"score", "-3 to 3"}, {"trend", "BULLISH, BEARISH, NEUTRAL"}},
     run_re9},
    {"RE-10",
     "what is waited for after a manual or reversal exit",
     {SYMBOL, SIDE_FIELD, PRICE("exit", NULL), PRICE("price", "")},
     EXIT_RESULTS,
     run_re10},
    {"RE-11",
     "the same in the V3 engine",
     {SYMBOL, SIDE_FIELD, PRICE("exit", NULL), PRICE("price", "")},
     EXIT_RESULTS,
     run_re11},
    {"RE-12",
     "may the next trade risk what a chain has won",
     {WORDS("semantics", "a, b or c", "b", "a|b|c"),
      WORDS("mode", "of b", "BALANCED", "AGGRESSIVE|BALANCED|CONSERVATIVE|VERY_CONSERVATIVE"),
      SIGNED("profit", NULL), AMOUNT("loss", ""), SYMBOL, PIPS("sl_pips", "50"),
      AMOUNT("session_stop", "100")},
     {{"allowed", "true or false"}, {"loss", "USD"}, {"limit", "USD"}},
     run_re12},
    {"RE-12-LOCK",
     "stop after forty pips of profit",
     {SYMBOL, SIDE_FIELD, PRICE("entry", NULL), PRICE("price", NULL)},
     {{"sl", "price; null: not yet"}},
     run_re12_lock},
    {"RE-13",
     "reverse shield",
     {TRADE, LOTS("lots", NULL), MONEY("room", "")},
     {{"side", "of both orders"},
      {"lots", "lots of each"},
      {"sl", "price"},
      {"tp_a", "price"},
      {"kill", "price that closes both"}},
     run_re13},
    {"RE-14",
     "the intelligent manager",
     {ADX("adx", ""), WHOLE("confidence", "0 to 100", "0", 0, 100),
      SWITCH("aligned", "trend", "false"), SWITCH("strong", "when no ADX is given", "false"),
      NUMBER("profit_pips", "pips, at an exit signal", "", -EVAL_E8(1000000), EVAL_E8(1000000)),
      WHOLE("target", "1 to 3, reached", "", 1, 3)},
     {{"strong", "true or false"},
      {"action", "hold, close_50, close; with profit_pips"},
      {"close_percent", "percent; with target"}},
     run_re14},
    {"RE-15",
     "limits of recovery",
     {COUNT("attempts", "0"), COUNT("losses", "0"), COUNT("concurrent", "0"),
      WHOLE("wait_left", "seconds", "0", 0, 1000000), WHOLE("max_attempts", "count", "10", 1, 1000),
      WHOLE("max_losses", "count", "5", 1, 1000), WHOLE("max_concurrent", "count", "3", 1, 1000)},
     {{"allowed", "true or false"},
      {"reason", "code"},
      {"number", "of a refusal"},
      {"limit", "of a refusal"}},
     run_re15},
    {"RE-16",
     "stop of an order B's recovery",
     {NAME_FIELD, WORDS("system", "stop table", "sl-1", "sl-1|sl-2")},
     {{"pips", "pips"}},
     run_re16},
    {"PC-1",
     "name of a profit chain",
     {SYMBOL, WHOLE("number", "of the journal", NULL, 0, INT64_C(1000000000000))},
     {{"chain_id", "name"}},
     run_pc1},
    {"PC-2",
     "when an order is booked",
     {SYMBOL, LOTS("lots", "0.05"), AMOUNT("min_profit", "7"), SIGNED("profit", "")},
     {{"pips", "pips that make it"}, {"book", "true or false; with profit"}},
     run_pc2},
    {"PC-3",
     "orders and profit of a level",
     {LEVEL, MULTIPLIERS, AMOUNT("min_profit", "7")},
     {{"orders", "count"},
      {"level_profit", "USD"},
      {"orders_so_far", "count"},
      {"profit_so_far", "USD"}},
     run_pc3},
    {"PC-4",
     "what follows a level",
     {LEVEL,
      {.name = "enabled_levels",
       .type = EVAL_WHOLES,
       .unit = "levels",
       .def = "0,1,2",
       .min = 0,
       .max = PROFIT_CHAIN_LEVELS - 1}},
     {{"step", "advance, complete, stop"}},
     run_pc4},
    {"PC-5",
     "may a level be left after losses",
     {WHOLE("total", "orders", NULL, 1, PROFIT_CHAIN_ORDERS_MAX),
      WHOLE("booked", "orders", NULL, 0, PROFIT_CHAIN_ORDERS_MAX),
      WHOLE("lost", "orders", "0", 0, PROFIT_CHAIN_ORDERS_MAX),
      SWITCH("strict", "no partial progression", "true"), PART("threshold", "0.75")},
     {{"step", "wait, advance, stop"}},
     run_pc5},
    {"PC-6",
     "money at the stop of each order",
     {WORDS("mode", "stop mode", "SL-2.1", "SL-2.1|SL-1.1"), WHOLE("logic", "1 to 3", "2", 1, 3)},
     {{"money", "USD"}},
     run_pc6},
    {"PC-7",
     "presets of a level",
     {LEVEL, MULTIPLIERS,
      WORDS("targets", "preset", "moderate", "conservative|moderate|aggressive|custom_1|custom_2")},
     {{"multiplier", "factor"}, {"target", "USD"}},
     run_pc7},
    {"PC-8",
     "does this reason end a chain",
     {{.name = "reason", .type = EVAL_TEXT, .unit = "code a position was closed for"}},
     {{"ends", "true or false"}},
     run_pc8},
};

const struct eval_group eval_chain = GROUP(rules);
