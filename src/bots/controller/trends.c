/* /trends: what each timeframe says; /set_trend holds one by hand, /auto_trend gives it back to the
 * alerts. */
#include <stdio.h>
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "core/alloc.h"
#include "engine/trends.h"

#define TIMEFRAMES "1m|5m|15m|30m|1h|4h|1d"

static enum timeframe timeframe_of(const char *word)
{
    for (int tf = TF_UNSET + 1; tf < TF_COUNT; tf++)
        if (str_ieq(timeframe_name((enum timeframe)tf), word))
            return (enum timeframe)tf;
    return TF_UNSET;
}

static void one_symbol(struct answer *a, const struct trends *t, const struct trends_symbol *s)
{
    char ago[FORMAT_CAP];
    const char *state = trends_market_state(t, s->symbol);
    answer_line(a, "trends.symbol",
                ANSWER_ARGS({"symbol", s->symbol}, {"state", state[0] != '\0' ? state : "-"}));
    for (int i = TF_UNSET + 1; i < TF_COUNT; i++) {
        const struct trends_trend *trend = trends_trend(t, s->symbol, (enum timeframe)i);
        if (trend == NULL)
            continue;
        answer_line(
            a, trend->is_manual ? "trends.manual" : "trends.auto",
            ANSWER_ARGS({"tf", timeframe_name((enum timeframe)i)},
                        {"trend", trends_side_name(trend->side)}, {"by", trend->by},
                        {"ago", format_duration(tx_now_ms(a->tx) - trend->updated_ms, ago)}));
    }
}

static void run_list(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    const struct trends *t = tx_trends(tx);
    answer_init(&a, tx, c);
    if (!args_read(&a, &v)) {
        answer_finish(&a, ret);
        return;
    }
    answer_line(&a, t->count > 0 ? "trends.title" : "trends.none", NULL);
    for (size_t i = 0; i < t->count; i++)
        if (!v.v[0].is_given || strcmp(v.v[0].word, t->symbols[i].symbol) == 0)
            one_symbol(&a, t, &t->symbols[i]);
    answer_menu(&a, "button.refresh", "trends", v.v[0].word);
    answer_finish(&a, ret);
}

static void tell(struct answer *a, enum reason r, const struct args *v, const char *done)
{
    if (r != REASON_ACCEPTED && r != REASON_ALREADY_DONE) {
        answer_refuse(a, r, a->c->args);
        return;
    }
    if (r == REASON_ACCEPTED)
        answer_mirror(a, a->c->args);
    tx_receipt(a->tx, r, v->v[0].word);
    answer_line(
        a, r == REASON_ACCEPTED ? done : "trends.already",
        ANSWER_ARGS({"symbol", v->v[0].word}, {"tf", v->v[1].word}, {"trend", v->v[2].word}));
    answer_menu(a, "button.trends", "trends", v->v[0].word);
}

static void run_set(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    static const enum side sides[] = {SIDE_BUY, SIDE_SELL, SIDE_UNSET};
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (args_read(&a, &v)) {
        enum timeframe tf = timeframe_of(v.v[1].word);
        bool is_auto = v.v[2].choice >= (int)TR_ARRAY_SIZE(sides);
        enum reason r = is_auto ? tx_trend_auto(tx, c, v.v[0].word, tf)
                                : tx_trend_set(tx, c, v.v[0].word, tf, sides[v.v[2].choice]);
        tell(&a, r, &v, "trends.set");
    }
    answer_finish(&a, ret);
}

static void run_auto(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (args_read(&a, &v))
        tell(&a, tx_trend_auto(tx, c, v.v[0].word, timeframe_of(v.v[1].word)), &v,
             "trends.given_back");
    answer_finish(&a, ret);
}

static const struct arg_spec list_fields[] = {
    {.name = "symbol", .type = ARG_SYMBOL, .is_optional = true}, {.type = ARG_UNSET}};
static const struct arg_spec set_fields[] = {
    {.name = "symbol", .type = ARG_SYMBOL},
    {.name = "timeframe", .type = ARG_CHOICE, .choices = TIMEFRAMES},
    {.name = "trend", .type = ARG_CHOICE, .choices = "BULLISH|BEARISH|NEUTRAL|AUTO"},
    {.type = ARG_UNSET}};
static const struct arg_spec auto_fields[] = {
    {.name = "symbol", .type = ARG_SYMBOL},
    {.name = "timeframe", .type = ARG_CHOICE, .choices = TIMEFRAMES},
    {.type = ARG_UNSET}};

const struct bot_command trends_command = {
    .ops = {.name = "trends", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run_list},
    .aliases = {"trend"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args = list_fields,
    .help_key = "help.trends",
};

const struct bot_command set_trend_command = {
    .ops = {.name = "set_trend", .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = run_set},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args = set_fields,
    .help_key = "help.set_trend",
    .mirrored = true,
};

const struct bot_command auto_trend_command = {
    .ops = {.name = "auto_trend", .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = run_auto},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args = auto_fields,
    .help_key = "help.auto_trend",
    .mirrored = true,
};
