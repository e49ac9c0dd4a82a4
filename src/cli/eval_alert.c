/* The rules about alerts for `trident eval`: what the indicators compute (P-4 to P-8, P-20 to P-29)
 * and how an alert is routed and filtered (RT-1 to RT-15). V3 rules are those of combined_v3, V6
 * rules those of price_action_v6, called with a snapshot made of the fields. */
#include <stdio.h>
#include <string.h>
#include "cli/eval_fields.h"
#include "core/alloc.h"
#include "model/rules/pine.h"
#include "plugins/combined_v3/rules.h"
#include "plugins/legacy_v2/rules.h"
#include "plugins/price_action_v6/rules.h"
#include "signals/parse.h"

#define TRENDS_WORDS "BULLISH|BEARISH|NEUTRAL"
#define PROFILES     "code|json|plan"

/* ---- P ---- */

static void run_p4(struct eval *e)
{
    const struct eval_value *v = eval_value(e, "mtf_trends");
    int8_t values[SIGNAL_MTF_MAX];
    if (v->count != 5 && v->count != 6) {
        eval_refuse(e, "mtf_trends", "5 or 6 values");
        return;
    }
    for (int i = 0; i < v->count; i++)
        values[i] = (int8_t)v->list[i];
    struct pine_mtf m = pine_mtf(values, v->count);
    eval_give_n(e, "1d", m.d1);
    eval_give_n(e, "4h", m.h4);
    eval_give_n(e, "1h", m.h1);
    eval_give_n(e, "15m", m.m15);
    eval_give_n(e, "5m", m.m5);
    if (m.has_1m)
        eval_give_n(e, "1m", m.m1);
    eval_give_n(e, "aligned_buy", pine_mtf_aligned(&m, 1));
    eval_give_n(e, "aligned_sell", pine_mtf_aligned(&m, -1));
}

static void run_p5(struct eval *e)
{
    eval_give_n(e, "consensus_score", pine_consensus((int)eval_n(e, "bull_score")));
}

static void run_p6(struct eval *e)
{
    eval_give_e8(e, "position_multiplier", pine_position_multiplier_e8((int)eval_n(e, "score")));
}

static void give_levels(struct eval *e, const struct pine_levels *l)
{
    eval_give_e8(e, "distance", l->distance_e8);
    eval_give_e8(e, "sl", l->sl_e8);
    eval_give_e8(e, "tp1", l->tp1_e8);
    eval_give_e8(e, "tp2", l->tp2_e8);
}

static void run_p7(struct eval *e)
{
    struct pine_levels l = pine_levels_v3((enum side)eval_n(e, "side"), eval_n(e, "close"),
                                          eval_n(e, "atr"), eval_n(e, "ob_edge"));
    give_levels(e, &l);
}

static void run_p8(struct eval *e)
{
    eval_give_bool(e, "fires",
                   pine_entry_fires((enum side)eval_n(e, "side"), (int)eval_n(e, "score"),
                                    (int)eval_n(e, "mtf_aligned")));
}

static void run_p20(struct eval *e)
{
    struct signal s;
    struct signal_fault fault;
    const char *text = eval_value(e, "alert")->text;
    if (signal_parse(text, strlen(text), NULL, 0, &s, &fault) != SIGNAL_PARSED) {
        eval_refuse(e, fault.field, fault.accepted);
        return;
    }
    eval_give_text(e, "type", signal_kind_name(s.kind));
    eval_give_text(e, "symbol", s.symbol);
    eval_give_text(e, "side", side_name(s.side));
    eval_give_text(e, "tf", timeframe_name(s.tf));
    eval_give_e8(e, "price", s.price_e8);
    eval_give_n(e, "score", s.score);
    eval_give_e8(e, "adx", s.adx_e8);
    eval_give_e8(e, "sl", s.sl_e8);
    eval_give_e8(e, "tp1", s.tp1_e8);
    eval_give_e8(e, "tp3", s.tp3_e8);
    eval_give_n(e, "bull", s.bull_count);
    eval_give_n(e, "bear", s.bear_count);
}

static enum pine_variant variant_of(const struct eval *e)
{
    return (enum pine_variant)eval_n(e, "variant");
}

static void give_state(struct eval *e, enum pine_variant v)
{
    eval_give_text(e, "state",
                   pine_market_state(v, (int)eval_n(e, "bull"), (int)eval_n(e, "bear")));
}

static void run_p21(struct eval *e)
{
    give_state(e, PINE_INDICATOR);
}

static void run_p29(struct eval *e)
{
    give_state(e, PINE_BOT);
}

static void run_p22(struct eval *e)
{
    eval_give_text(e, "strength", pine_adx_strength(variant_of(e), eval_n(e, "adx")));
}

static void run_p23(struct eval *e)
{
    struct pine_confidence c = {.trendline_ok = eval_n(e, "trendline_ok") != 0,
                                .volume_ok = eval_n(e, "volume_ok") != 0,
                                .adx_e8 = eval_n(e, "adx"),
                                .aligned = (int)eval_n(e, "aligned")};
    int score = pine_confidence(&c);
    eval_give_n(e, "score", score);
    eval_give_text(e, "level", pine_confidence_level(PINE_INDICATOR, score));
}

static void run_p24(struct eval *e)
{
    struct pine_levels l =
        pine_levels_v6((enum side)eval_n(e, "side"), eval_n(e, "close"), eval_n(e, "atr"));
    give_levels(e, &l);
    eval_give_e8(e, "tp3", l.tp3_e8);
}

static void run_p25(struct eval *e)
{
    eval_give_bool(e, "fires", pine_momentum_fires(eval_n(e, "adx"), eval_n(e, "prev_adx")));
}

static void run_p26(struct eval *e)
{
    struct pine_change c[PINE_CHANGES_MAX];
    char text[EVAL_TEXT_CAP] = "";
    int n = pine_changes(eval_value(e, "changes")->text, c);
    if (n < 0) {
        eval_refuse(e, "changes", "tf:OLD>NEW with the arrow U+2192 or ->, separated by commas");
        return;
    }
    for (int i = 0; i < n; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof(text) - len, "%s%s:%s->%s", i > 0 ? "," : "",
                       timeframe_name(c[i].tf), pine_trend_name(c[i].from),
                       pine_trend_name(c[i].to));
    }
    eval_give_n(e, "count", n);
    eval_give_text(e, "changes", text);
}

static void run_p28(struct eval *e)
{
    if (eval_has(e, "adx"))
        eval_give_text(e, "strength", pine_adx_strength(PINE_BOT, eval_n(e, "adx")));
    if (eval_has(e, "score"))
        eval_give_text(e, "level", pine_confidence_level(PINE_BOT, (int)eval_n(e, "score")));
}

/* ---- RT, V3 ---- */

/* UNSET after the problem is told. */
static enum signal_kind kind_of(struct eval *e)
{
    const char *name = eval_value(e, "signal_type")->text;
    for (int k = SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD; k <= SIGNAL_V3_SIDEWAYS_BREAKOUT; k++)
        if (str_ieq(signal_kind_name((enum signal_kind)k), name))
            return (enum signal_kind)k;
    eval_refuse(e, "signal_type", "a V3 signal, e.g. Momentum_Breakout");
    return SIGNAL_UNSET;
}

static void give_logic(struct eval *e, int logic)
{
    struct combined_v3_conf c;
    static const char *const sl_multipliers[] = {"", "1", "1.5", "2.5"};
    static const int windows_min[] = {0, 30, 45, 120};
    combined_v3_conf_defaults(&c);
    eval_give_text(e, "route", v3_route_name(logic));
    eval_give_e8(e, "lot_mult", c.logic_lot_mult_e8[logic]);
    eval_give_text(e, "sl_mult", sl_multipliers[logic]);
    eval_give_n(e, "recovery_window", windows_min[logic]);
}

static void run_rt1(struct eval *e)
{
    enum reason why;
    enum signal_kind kind = kind_of(e);
    if (kind == SIGNAL_UNSET)
        return;
    give_logic(e, v3_route(kind, (enum timeframe)eval_n(e, "tf"), &why));
    eval_give_text(e, "reason", reason_code(why));
}

static void run_rt2(struct eval *e)
{
    give_logic(e, (int)eval_n(e, "logic"));
}

static void run_rt4(struct eval *e)
{
    const struct eval_value *v = eval_value(e, "mtf_trends");
    struct signal s = SIGNAL_INIT;
    if (v->count != 5 && v->count != 6) {
        eval_refuse(e, "mtf_trends", "5 or 6 values");
        return;
    }
    s.side = (enum side)eval_n(e, "side");
    s.mtf_count = v->count;
    for (int i = 0; i < v->count; i++)
        s.mtf[i] = (int8_t)v->list[i];
    int aligned = v3_mtf_aligned(&s);
    eval_give_n(e, "aligned", aligned);
    eval_give_bool(e, "allowed", aligned >= eval_n(e, "min"));
}

static void run_rt5(struct eval *e)
{
    struct combined_v3_conf c;
    struct signal s = SIGNAL_INIT;
    combined_v3_conf_defaults(&c);
    s.kind = kind_of(e);
    if (s.kind == SIGNAL_UNSET)
        return;
    s.side = (enum side)eval_n(e, "side");
    s.score = (int)eval_n(e, "score");
    int strength = v3_strength(&s, eval_n(e, "mode") == 2);
    bool launches = s.kind == SIGNAL_V3_INSTITUTIONAL_LAUNCHPAD && s.side == SIDE_BUY;
    int least = launches ? c.launchpad_min_score : c.min_score;
    eval_give_n(e, "strength", strength);
    eval_give_n(e, "min", least);
    eval_give_bool(e, "allowed", strength >= least);
}

static void run_rt6(struct eval *e)
{
    enum signal_kind kind = kind_of(e);
    if (kind != SIGNAL_UNSET)
        eval_give_bool(e, "aggressive", v3_is_aggressive(kind, (int)eval_n(e, "strength")));
}

/* ---- RT, the old bot ---- */

static enum side trend_of(const struct eval *e, const char *field)
{
    static const enum side sides[] = {SIDE_UNSET, SIDE_BUY, SIDE_SELL, SIDE_UNSET};
    return sides[eval_n(e, field)];
}

static void run_rt8(struct eval *e)
{
    struct legacy_v2_trends t = {.d1 = trend_of(e, "trend_1d"),
                                 .h1 = trend_of(e, "trend_1h"),
                                 .m15 = trend_of(e, "trend_15m")};
    enum side side = legacy_v2_alignment((int)eval_n(e, "logic"), &t);
    eval_give_text(e, "alignment",
                   side == SIDE_UNSET ? "NEUTRAL"
                   : side == SIDE_BUY ? "BULLISH"
                                      : "BEARISH");
    eval_give_bool(e, "allowed", side != SIDE_UNSET && side == (enum side)eval_n(e, "side"));
}

/* ---- RT, V6 ---- */

struct v6_case {
    struct price_action_v6_conf conf;
    struct v6_strategy strategy;
    struct plugin_snapshot snap;
    struct signal signal;
    struct trends trends;
    struct v6_question q;
};

/* Fields tf and profile; side when the rule has one. */
static struct v6_case *v6_case_new(const struct eval *e, const char *symbol)
{
    struct v6_case *c = xalloc(sizeof(*c));
    price_action_v6_conf_defaults(&c->conf);
    c->conf.profile = (int)eval_n(e, "profile");
    c->signal = (struct signal)SIGNAL_INIT;
    c->signal.format = SIGNAL_FORMAT_V6;
    c->signal.tf = (enum timeframe)eval_n(e, "tf");
    (void)str_copy(c->signal.symbol, sizeof(c->signal.symbol), symbol);
    c->snap.trends = &c->trends;
    c->q = (struct v6_question){.c = &c->conf,
                                .strategy = &c->strategy,
                                .snap = &c->snap,
                                .s = &c->signal,
                                .info = symbol_find(symbol),
                                .route = v6_route_of(c->signal.tf)};
    v6_strategy(&c->conf, c->q.route, &c->strategy);
    return c;
}

static void give_answer(struct eval *e, const struct v6_case *c, const struct v6_answer *a)
{
    eval_give_text(e, "route", v6_route_name(c->q.route));
    eval_give_bool(e, "allowed", a->reason == REASON_ACCEPTED);
    eval_give_text(e, "reason", reason_code(a->reason));
    eval_give_e8(e, "number", a->number_e8);
    eval_give_e8(e, "limit", a->limit_e8);
}

static void run_rt10(struct eval *e)
{
    static const char *const types[V6_ORDER_TYPE_COUNT] = {"", "DUAL_ORDERS", "ORDER_A_ONLY",
                                                           "ORDER_B_ONLY"};
    struct v6_case *c TR_CLEANUP(mem_freep) = v6_case_new(e, "EURUSD");
    const struct v6_strategy *t = &c->strategy;
    eval_give_text(e, "route", v6_route_name(c->q.route));
    eval_give_text(e, "order_type", types[t->order_type]);
    eval_give_n(e, "target", t->target);
    eval_give_e8(e, "adx_min", t->adx_min_e8);
    eval_give_n(e, "confidence_min", t->confidence_min);
    eval_give_e8(e, "spread_max", t->spread_max_pips_e8);
    eval_give_e8(e, "risk_percent", t->risk_percent_e8);
    eval_give_e8(e, "lot_multiplier", t->lot_multiplier_e8);
    eval_give_e8(e, "max_lot", t->max_lot_e8);
    eval_give_n(e, "max_open", t->max_open_trades);
    eval_give_n(e, "max_per_day", t->max_daily_trades);
    eval_give_e8(e, "daily_loss", t->daily_loss_cap_e8);
}

static void run_rt11(struct eval *e)
{
    struct v6_case *c TR_CLEANUP(mem_freep) = v6_case_new(e, "EURUSD");
    c->signal.adx_e8 = eval_n(e, "adx");
    c->signal.score = (int)eval_n(e, "score");
    if (eval_has(e, "spread")) {
        c->snap.quote.bid_e8 = DEC_ONE;
        c->snap.quote.ask_e8 =
            DEC_ONE + dec_mul(eval_n(e, "spread"), c->q.info->pip_size_e8, DEC_HALF_AWAY);
    }
    struct v6_answer a = v6_filter_signal(&c->q);
    if (a.reason == REASON_ACCEPTED && eval_has(e, "market_state")) {
        struct signal told = c->signal;
        told.kind = SIGNAL_V6_STATE_CHANGE;
        told.tf = TF_15M;
        (void)str_copy(told.state, sizeof(told.state), eval_value(e, "market_state")->text);
        (void)trends_put_state(&c->trends, &told, 1); /* an empty store has room */
        a = v6_filter_trend(&c->q);
    }
    give_answer(e, c, &a);
}

/* One stored pulse, then the question in the given way. */
static void ask_trend(struct eval *e, enum v6_alignment alignment, const enum timeframe *tfs,
                      size_t count)
{
    struct v6_case *c TR_CLEANUP(mem_freep) = v6_case_new(e, "EURUSD");
    const struct eval_value *bull = eval_value(e, "bull"), *bear = eval_value(e, "bear");
    c->conf.alignment = (int)alignment;
    c->signal.side = (enum side)eval_n(e, "side");
    c->strategy.higher_tf = true;
    c->strategy.higher_1d = false;
    c->strategy.own_pulse_min = 0;
    c->strategy.market_state = false;
    for (size_t i = 0; i < count && (int)i < bull->count && (int)i < bear->count; i++) {
        struct signal told = c->signal;
        told.kind = SIGNAL_V6_TREND_PULSE;
        told.tf = tfs[i];
        told.bull_count = (int)bull->list[i];
        told.bear_count = (int)bear->list[i];
        (void)trends_put_pulse(&c->trends, &told, 1); /* an empty store has room */
    }
    struct v6_answer a = v6_filter_trend(&c->q);
    give_answer(e, c, &a);
}

static void run_rt12(struct eval *e)
{
    enum timeframe higher = v6_higher_tf(v6_route_of((enum timeframe)eval_n(e, "tf")));
    ask_trend(e, V6_ALIGN_HIGHER_TF, &higher, 1);
    eval_give_text(e, "higher_tf", timeframe_name(higher));
}

static void run_rt13(struct eval *e)
{
    static const enum timeframe tfs[] = {TF_5M, TF_15M, TF_1H};
    ask_trend(e, V6_ALIGN_PULSE_SUM, tfs, TR_ARRAY_SIZE(tfs));
}

static void run_rt14(struct eval *e)
{
    struct v6_case *c TR_CLEANUP(mem_freep) = v6_case_new(e, "EURUSD");
    c->conf.alignment = V6_ALIGN_PAYLOAD;
    c->signal.side = (enum side)eval_n(e, "side");
    c->signal.bull_count = (int)eval_n(e, "bull");
    c->signal.bear_count = (int)eval_n(e, "bear");
    c->strategy.higher_tf = true;
    c->strategy.own_pulse_min = 0;
    struct v6_answer a = v6_filter_trend(&c->q);
    give_answer(e, c, &a);
}

static void run_rt15(struct eval *e)
{
    struct v6_case *c TR_CLEANUP(mem_freep) = v6_case_new(e, eval_symbol(e, "symbol")->name);
    c->snap.balance_e8 = eval_n(e, "balance");
    if (eval_has(e, "risk_percent"))
        c->strategy.risk_percent_e8 = eval_n(e, "risk_percent");
    struct v6_lots l = v6_lots(&c->q, eval_n(e, "sl_pips"));
    eval_give_text(e, "route", v6_route_name(c->q.route));
    eval_give_e8(e, "risk", l.risk_e8);
    eval_give_e8(e, "raw", l.raw_e8);
    eval_give_e8(e, "factor", l.factor_e8);
    eval_give_e8(e, "total", l.total_e8);
    eval_give_e8(e, "a", l.a_e8);
    eval_give_e8(e, "b", l.b_e8);
}

#define ATR      PRICE("atr", NULL)
#define CLOSE    PRICE("close", NULL)
#define PULSE(n) WHOLE(n, "timeframes of six", NULL, 0, 6)
#define PULSES(n, d)                                                                               \
    {                                                                                              \
        .name = n, .type = EVAL_WHOLES, .unit = "timeframes of six", .def = d, .min = 0, .max = 6  \
    }
#define MTF                                                                                        \
    {                                                                                              \
        .name = "mtf_trends", .type = EVAL_WHOLES, .unit = "as in the alert", .min = -1, .max = 1  \
    }
#define SIGNAL                                                                                     \
    {                                                                                              \
        .name = "signal_type", .type = EVAL_TEXT, .unit = "of the V3 alert"                        \
    }
#define PROFILE WORDS("profile", "whose numbers", "code", PROFILES)
#define ANSWER                                                                                     \
    {"route", "1m, 5m, 15m, 1h"}, {"allowed", "true or false"}, {"reason", "code"},                \
        {"number", "of a refusal"},                                                                \
    {                                                                                              \
        "limit", "of a refusal"                                                                    \
    }
#define LEVELS                                                                                     \
    {"distance", "price"}, {"sl", "price"}, {"tp1", "price"},                                      \
    {                                                                                              \
        "tp2", "price"                                                                             \
    }
#define LOGIC_NUMBERS                                                                              \
    {"route", "LOGIC1 to LOGIC3"}, {"lot_mult", "factor on lots"},                                 \
        {"sl_mult", "factor on the table's stop"},                                                 \
    {                                                                                              \
        "recovery_window", "minutes"                                                               \
    }

static const struct eval_rule rules[] = {
    {"P-4",
     "the timeframes of a V3 alert",
     {MTF},
     {{"1d", "-1, 0, 1"},
      {"4h", "-1, 0, 1"},
      {"1h", "-1, 0, 1"},
      {"15m", "-1, 0, 1"},
      {"5m", "-1, 0, 1"},
      {"1m", "-1, 0, 1; six values only"},
      {"aligned_buy", "pillars of four"},
      {"aligned_sell", "pillars of four"}},
     run_p4},
    {"P-5",
     "consensus score of the indicators' weights",
     {WHOLE("bull_score", "weights", NULL, 0, PINE_BULL_SCORE_MAX)},
     {{"consensus_score", "0 to 9"}},
     run_p5},
    {"P-6",
     "position multiplier of a score",
     {WHOLE("score", "consensus", NULL, 0, 9)},
     {{"position_multiplier", "factor"}},
     run_p6},
    {"P-7",
     "levels of a V3 entry",
     {SIDE_FIELD, CLOSE, ATR, PRICE("ob_edge", "")},
     {LEVELS},
     run_p7},
    {"P-8",
     "does the V3 indicator send an entry",
     {SIDE_FIELD, WHOLE("score", "consensus", NULL, 0, 9),
      WHOLE("mtf_aligned", "of four", NULL, 0, 4)},
     {{"fires", "true or false"}},
     run_p8},
    {"P-20",
     "the fields of a V6 alert",
     {{.name = "alert", .type = EVAL_TEXT, .unit = "the line as sent"}},
     {{"type", "token"},
      {"symbol", "instrument"},
      {"side", "BUY, SELL"},
      {"tf", "timeframe"},
      {"price", "price"},
      {"score", "0 to 100; -1: none"},
      {"adx", "ADX; null: none"},
      {"sl", "price"},
      {"tp1", "price"},
      {"tp3", "price"},
      {"bull", "of six; -1: none"},
      {"bear", "of six; -1: none"}},
     run_p20},
    {"P-21",
     "market state of the indicator",
     {PULSE("bull"), PULSE("bear")},
     {{"state", "name"}},
     run_p21},
    {"P-22",
     "strength of an ADX",
     {ADX("adx", NULL), WORDS("variant", "who says it", "pine", "pine|bot")},
     {{"strength", "name"}},
     run_p22},
    {"P-23",
     "confidence of a V6 entry",
     {SWITCH("trendline_ok", "trendline", NULL), SWITCH("volume_ok", "volume", NULL),
      ADX("adx", ""), WHOLE("aligned", "timeframes of six", NULL, 0, 6)},
     {{"score", "0 to 100"}, {"level", "name"}},
     run_p23},
    {"P-24", "levels of a V6 entry", {SIDE_FIELD, CLOSE, ATR}, {LEVELS, {"tp3", "price"}}, run_p24},
    {"P-25",
     "does MOMENTUM_CHANGE fire",
     {ADX("adx", NULL), ADX("prev_adx", NULL)},
     {{"fires", "true or false"}},
     run_p25},
    {"P-26",
     "the changes of a trend pulse",
     {{.name = "changes", .type = EVAL_TEXT, .unit = "as in the alert"}},
     {{"count", "changes"}, {"changes", "timeframe:from->to"}},
     run_p26},
    {"P-28",
     "what the old bot makes of ADX and confidence",
     {ADX("adx", ""), WHOLE("score", "confidence", "", 0, 100)},
     {{"strength", "name"}, {"level", "name"}},
     run_p28},
    {"P-29",
     "market state of the old bot",
     {PULSE("bull"), PULSE("bear")},
     {{"state", "name"}},
     run_p29},
    {"RT-1",
     "which logic takes a V3 alert",
     {SIGNAL, TF_FIELD("tf", NULL)},
     {LOGIC_NUMBERS, {"reason", "code"}},
     run_rt1},
    {"RT-2",
     "numbers of a logic",
     {WHOLE("logic", "1 to 3", NULL, 1, 3)},
     {LOGIC_NUMBERS},
     run_rt2},
    {"RT-4",
     "do the pillars agree with the trade",
     {MTF, SIDE_FIELD, WHOLE("min", "pillars of four", "3", 0, 4)},
     {{"aligned", "pillars of four"}, {"allowed", "true or false"}},
     run_rt4},
    {"RT-5",
     "is a V3 score high enough",
     {SIGNAL, SIDE_FIELD, WHOLE("score", "consensus", NULL, 0, 9),
      WORDS("mode", "score_filter_mode", "strength", "strength|raw")},
     {{"strength", "0 to 9"}, {"min", "0 to 9"}, {"allowed", "true or false"}},
     run_rt5},
    {"RT-6",
     "does a V3 entry reverse first",
     {SIGNAL, WHOLE("strength", "0 to 9", NULL, 0, 9)},
     {{"aggressive", "true or false"}},
     run_rt6},
    {"RT-8",
     "do the trends of the old bot agree with the trade",
     {WHOLE("logic", "1 to 3", NULL, 1, 3), SIDE_FIELD,
      WORDS("trend_1d", "stored trend", "NEUTRAL", TRENDS_WORDS),
      WORDS("trend_1h", "stored trend", "NEUTRAL", TRENDS_WORDS),
      WORDS("trend_15m", "stored trend", "NEUTRAL", TRENDS_WORDS)},
     {{"alignment", "BULLISH, BEARISH, NEUTRAL"}, {"allowed", "true or false"}},
     run_rt8},
    {"RT-10",
     "numbers of a V6 timeframe",
     {TF_FIELD("tf", NULL), PROFILE},
     {{"route", "1m, 5m, 15m, 1h"},
      {"order_type", "name"},
      {"target", "TP1 to TP3 of order A"},
      {"adx_min", "ADX"},
      {"confidence_min", "0 to 100"},
      {"spread_max", "pips; 0: not checked"},
      {"risk_percent", "percent of the balance"},
      {"lot_multiplier", "factor"},
      {"max_lot", "lots"},
      {"max_open", "trades"},
      {"max_per_day", "trades"},
      {"daily_loss", "USD"}},
     run_rt10},
    {"RT-11",
     "is a V6 entry good enough by its own figures",
     {TF_FIELD("tf", NULL),
      PROFILE,
      ADX("adx", ""),
      WHOLE("score", "confidence", NULL, 0, 100),
      NUMBER("spread", "pips", "", 0, EVAL_E8(1000)),
      {.name = "market_state", .type = EVAL_TEXT, .unit = "stored state", .def = ""}},
     {ANSWER},
     run_rt11},
    {"RT-12",
     "does the higher timeframe agree (one row; none passes)",
     {TF_FIELD("tf", NULL), PROFILE, SIDE_FIELD, PULSES("bull", ""), PULSES("bear", "")},
     {ANSWER, {"higher_tf", "timeframe"}},
     run_rt12},
    {"RT-13",
     "do 5m, 15m and 1h together agree",
     {TF_FIELD("tf", NULL), PROFILE, SIDE_FIELD, PULSES("bull", NULL), PULSES("bear", NULL)},
     {ANSWER},
     run_rt13},
    {"RT-14",
     "do the alert's own counts agree",
     {TF_FIELD("tf", NULL), PROFILE, SIDE_FIELD, PULSE("bull"), PULSE("bear")},
     {ANSWER},
     run_rt14},
    {"RT-15",
     "lots of a V6 entry",
     {TF_FIELD("tf", NULL), PROFILE, SYMBOL, AMOUNT("balance", NULL), PIPS("sl_pips", NULL),
      NUMBER("risk_percent", "percent; else the strategy's", "", DEC_ONE / 100, EVAL_E8(100))},
     {{"route", "1m, 5m, 15m, 1h"},
      {"risk", "USD"},
      {"raw", "lots by risk"},
      {"factor", "factor"},
      {"total", "lots, at most max_lot"},
      {"a", "lots of order A; 0: not placed"},
      {"b", "lots of order B; 0: not placed"}},
     run_rt15},
};

const struct eval_group eval_alert = GROUP(rules);
