/* The remaining rules for `trident eval`: sessions (SY), the header's clock (TG), shadow mode (SH),
 * exits (EX). */
#include <string.h>
#include "cli/eval_fields.h"
#include "core/alloc.h"
#include "model/rules/header_sessions.h"
#include "model/rules/sessions.h"
#include "model/rules/shadow.h"
#include "plugins/legacy_v2/rules.h"

/* "13:30" -> minute; false after the problem is told. */
static bool minute_of(struct eval *e, const char *field, int *ret)
{
    if (sessions_parse_minute(eval_value(e, field)->text, ret))
        return true;
    eval_refuse(e, field, "a time of the day, e.g. 13:30");
    return false;
}

static void run_sy1(struct eval *e)
{
    struct sessions *s TR_CLEANUP(mem_freep) = xalloc(sizeof(*s));
    int minute;
    if (!minute_of(e, "time", &minute))
        return;
    sessions_defaults(s);
    s->is_on = eval_n(e, "enabled") != 0;
    int at = sessions_at(s, minute);
    eval_give_bool(e, "allowed", sessions_allow(s, eval_symbol(e, "symbol")->name, minute));
    eval_give_text(e, "session", at >= 0 ? s->items[at].name : NULL);
    eval_give_bool(e, "force_close", at >= 0 && s->is_on && s->items[at].force_close);
    eval_give_n(e, "minutes_left", sessions_minutes_left(s, minute));
}

static void run_header(struct eval *e)
{
    char text[HEADER_SESSIONS_CAP];
    int minute;
    if (!minute_of(e, "time", &minute))
        return;
    int count = header_sessions(minute, text);
    eval_give_text(e, "sessions", text);
    eval_give_bool(e, "overlap", count > 1);
}

static struct shadow_decision decision_of(const struct eval *e, const char *const names[6])
{
    struct shadow_decision d = {
        .action = (enum shadow_action)eval_n(e, names[0]),
        .has_params = eval_has(e, names[3]),
        .side = (enum side)eval_n(e, names[2]),
        .lots_e8 = eval_n(e, names[3]),
        .sl_pips_e8 = eval_n(e, names[4]),
        .tp_pips_e8 = eval_n(e, names[5]),
    };
    const struct symbol_info *s = eval_value(e, names[1])->symbol;
    (void)str_copy(d.symbol, sizeof(d.symbol), s != NULL ? s->name : "");
    return d;
}

static const char *const legacy_names[] = {"legacy_action", "legacy_symbol",  "legacy_side",
                                           "legacy_lots",   "legacy_sl_pips", "legacy_tp_pips"};
static const char *const plugin_names[] = {"plugin_action", "plugin_symbol",  "plugin_side",
                                           "plugin_lots",   "plugin_sl_pips", "plugin_tp_pips"};

static void run_sh3(struct eval *e)
{
    struct shadow_decision a = decision_of(e, legacy_names), b = decision_of(e, plugin_names);
    struct shadow_tolerance t = {.lots_e8 = eval_n(e, "lot_tolerance"),
                                 .pips_e8 = eval_n(e, "pip_tolerance"),
                                 .levels = eval_n(e, "levels") != 0};
    enum shadow_verdict v = shadow_compare(&a, &b, &t);
    eval_give_bool(e, "match", v == SHADOW_MATCH);
    eval_give_text(e, "verdict", shadow_verdict_name(v));
}

static void run_sh4(struct eval *e)
{
    struct shadow_decision a = decision_of(e, legacy_names), b = decision_of(e, plugin_names);
    eval_give_text(e, "type", shadow_verdict_name(shadow_difference(&a, &b)));
}

static void run_sh5(struct eval *e)
{
    int64_t matches = eval_n(e, "matches"), processed = eval_n(e, "processed");
    if (matches > processed)
        eval_refuse(e, "matches", "at most processed");
    else
        eval_give_e8(e, "match_rate", shadow_match_rate_e8(matches, processed));
}

static void run_ex5(struct eval *e)
{
    static const enum side sides[] = {SIDE_UNSET, SIDE_BUY, SIDE_SELL, SIDE_UNSET};
    struct legacy_v2_trends t = {.d1 = sides[eval_n(e, "trend_1d")],
                                 .h1 = sides[eval_n(e, "trend_1h")],
                                 .m15 = sides[eval_n(e, "trend_15m")]};
    eval_give_bool(e, "close",
                   legacy_v2_flip_closes((int)eval_n(e, "logic"), &t, (enum side)eval_n(e, "side"),
                                         eval_n(e, "age") * 1000));
}

static void run_ex6(struct eval *e)
{
    bool bullish = eval_n(e, "exit") == 1;
    bool pine = eval_n(e, "semantics") == 1;
    eval_give_text(e, "closes", side_name(legacy_v2_exit_side(bullish, pine)));
}

#define ACTIONS "execute|reject|skip"
#define SYMBOL_OF(n)                                                                               \
    {                                                                                              \
        .name = n, .type = EVAL_SYMBOL, .unit = "instrument", .def = ""                            \
    }
#define SIDE_OF(n)                                                                                 \
    {                                                                                              \
        .name = n, .type = EVAL_SIDE, .unit = "of the trade", .def = ""                            \
    }
#define DECISION(who)                                                                              \
    WORDS(who "_action", "decision", NULL, ACTIONS), SYMBOL_OF(who "_symbol"),                     \
        SIDE_OF(who "_side"), LOTS(who "_lots", ""), PIPS(who "_sl_pips", ""),                     \
        PIPS(who "_tp_pips", "")
#define TREND(n) WORDS(n, "stored trend", "NEUTRAL", "BULLISH|BEARISH|NEUTRAL")
#define TIME(u)                                                                                    \
    {                                                                                              \
        .name = "time", .type = EVAL_TEXT, .unit = u                                               \
    }

static const struct eval_rule rules[] = {
    {"SY-1",
     "may a symbol be entered at this time (SY-2: the switch)",
     {TIME("HH:MM, IST"), SYMBOL, SWITCH("enabled", "master switch", "true")},
     {{"allowed", "true or false"},
      {"session", "name; null: none"},
      {"force_close", "true or false"},
      {"minutes_left", "until another session counts"}},
     run_sy1},
    {"TG-HEADER",
     "sessions of the header",
     {TIME("HH:MM, GMT")},
     {{"sessions", "names"}, {"overlap", "true or false"}},
     run_header},
    {"SH-3",
     "do two decisions match (SH-8: tolerances)",
     {DECISION("legacy"), DECISION("plugin"), NUMBER("lot_tolerance", "lots", "0", 0, DEC_ONE),
      NUMBER("pip_tolerance", "pips", "0", 0, EVAL_E8(1000)),
      SWITCH("levels", "compare stops and targets", "false")},
     {{"match", "true or false"}, {"verdict", "match, or what differs"}},
     run_sh3},
    {"SH-4",
     "name of the difference between two decisions",
     {DECISION("legacy"), DECISION("plugin")},
     {{"type", "name"}},
     run_sh4},
    {"SH-5",
     "match rate",
     {WHOLE("matches", "signals", NULL, 0, INT64_C(1000000000)),
      WHOLE("processed", "signals", NULL, 0, INT64_C(1000000000))},
     {{"match_rate", "percent"}},
     run_sh5},
    {"EX-5",
     "does a flipped trend close a position of the old bot",
     {WHOLE("logic", "1 to 3", NULL, 1, 3), SIDE_FIELD, WHOLE("age", "seconds", NULL, 0, 100000000),
      TREND("trend_1d"), TREND("trend_1h"), TREND("trend_15m")},
     {{"close", "true or false"}},
     run_ex5},
    {"EX-6",
     "which side an exit alert closes",
     {WORDS("exit", "alert", NULL, "bullish|bearish"),
      WORDS("semantics", "exit_semantics", "pine", "pine|legacy")},
     {{"closes", "BUY, SELL"}},
     run_ex6},
};

const struct eval_group eval_other = GROUP(rules);
