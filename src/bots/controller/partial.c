/* /partial <position> <percent>: books a part of a position; /stops <position> <sl> [tp] moves its
 * stop and target to prices ("-" leaves one as it is, "off" takes the target away). A stop farther
 * than today's asks back. */
#include <stdio.h>
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "core/alloc.h"

static const struct position *find(struct answer *a, const char *typed)
{
    for (size_t i = 0; i < tx_position_count(a->tx); i++)
        if (format_ref_matches(typed, tx_position_at(a->tx, i)->cid))
            return tx_position_at(a->tx, i);
    answer_refuse(a, REASON_POSITION_NOT_FOUND, typed);
    answer_menu(a, "button.positions", "positions", "");
    return NULL;
}

static void book(struct answer *a, const struct args *v)
{
    const struct position *p = find(a, v->v[0].word);
    char ref[FORMAT_CAP], percent[DEC_TEXT_CAP];
    if (p == NULL)
        return;
    enum reason r = tx_close_percent(a->tx, p->cid, v->v[1].number, REASON_MANUAL_CLOSE);
    if (r != REASON_ACCEPTED) {
        answer_refuse(a, r, a->c->args);
        return;
    }
    answer_mirror(a, a->c->args);
    answer_line(a, "partial.done",
                ANSWER_ARGS({"percent", dec_format(v->v[1].number, percent)},
                            {"ref", format_ref(p->cid, ref)}, {"symbol", p->symbol}));
    answer_toast(a, "close.toast");
    answer_menu(a, "button.positions", "positions", "");
}

static void run_partial(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (args_read(&a, &v))
        book(&a, &v);
    answer_finish(&a, ret);
}

/* A price, "-" for the one there is, "off" for none. */
static bool read_level(const struct arg *v, int64_t now_e8, bool may_be_off, int64_t *ret_e8)
{
    *ret_e8 = now_e8;
    if (!v->is_given || strcmp(v->word, "-") == 0)
        return true;
    if (may_be_off && str_ieq(v->word, "off")) {
        *ret_e8 = DEC_NONE;
        return true;
    }
    return dec_parse(v->word, strlen(v->word), ret_e8) && *ret_e8 > 0;
}

/* Does the stop give more away than today's? */
static bool is_farther(const struct position *p, int64_t from_e8, int64_t to_e8)
{
    return from_e8 != DEC_NONE && (to_e8 == DEC_NONE || side_sign(p->side) * (from_e8 - to_e8) > 0);
}

static void move(struct answer *a, const struct args *v, bool is_confirmed)
{
    char ref[FORMAT_CAP], sl[FORMAT_CAP], tp[FORMAT_CAP];
    int64_t sl_e8, tp_e8, new_sl_e8, new_tp_e8;
    const struct position *p = find(a, v->v[0].word);
    if (p == NULL)
        return;
    tx_stops(a->tx, p, &sl_e8, &tp_e8);
    bool has_sl = read_level(&v->v[1], sl_e8, false, &new_sl_e8);
    if (!has_sl || !read_level(&v->v[2], tp_e8, true, &new_tp_e8)) {
        answer_line(a, "stops.level", ANSWER_ARGS({"value", v->v[has_sl ? 2 : 1].word}));
        tx_receipt(a->tx, REASON_ARGUMENT_INVALID, v->v[has_sl ? 2 : 1].word);
        return;
    }
    const struct text_arg shown[] = {{"ref", format_ref(p->cid, ref)},
                                     {"symbol", p->symbol},
                                     {"sl", format_price(p->symbol, new_sl_e8, sl)},
                                     {"tp", format_price(p->symbol, new_tp_e8, tp)},
                                     {NULL, NULL}};
    if (is_farther(p, sl_e8, new_sl_e8) && !is_confirmed) {
        answer_line(a, "stops.ask", shown);
        answer_ask(a, "button.yes_change");
        return;
    }
    enum reason r = tx_modify(a->tx, p->cid, new_sl_e8, new_tp_e8, REASON_MANUAL_CLOSE);
    if (r != REASON_ACCEPTED && r != REASON_ALREADY_DONE) {
        answer_refuse(a, r, a->c->args);
        return;
    }
    tx_receipt(a->tx, r, v->v[0].word);
    answer_line(a, r == REASON_ACCEPTED ? "stops.done" : "stops.already", shown);
}

static void run_stops(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    char args[COMMAND_ARGS_CAP];
    struct command meant = *c;
    answer_init(&a, tx, c);
    if (!c->confirmed) {
        if (args_read(&a, &v))
            move(&a, &v, false);
    } else if (answer_take(&a, args) == REASON_ACCEPTED) {
        (void)str_copy(meant.args, sizeof meant.args, args); /* same cap */
        a.c = &meant;
        if (args_read(&a, &v))
            move(&a, &v, true);
        a.c = c;
    }
    answer_finish(&a, ret);
}

static const struct arg_spec partial_fields[] = {
    {.name = "position", .type = ARG_TRADE},
    {.name = "percent", .type = ARG_PERCENT, .min = DEC_ONE, .max = 100 * DEC_ONE},
    {.type = ARG_UNSET}};
static const struct arg_spec stops_fields[] = {
    {.name = "position", .type = ARG_TRADE},
    {.name = "sl", .type = ARG_WORD},
    {.name = "tp", .type = ARG_WORD, .is_optional = true},
    {.type = ARG_UNSET}};

const struct bot_command partial_command = {
    .ops = {.name = "partial",
            .role = ROLE_TRADER,
            .urgent = true,
            .max_age_ms = 60 * 1000,
            .run = run_partial},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args = partial_fields,
    .help_key = "help.partial",
    .mirrored = true,
};

const struct bot_command stops_command = {
    .ops = {.name = "stops", .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = run_stops},
    .aliases = {"modify"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args = stops_fields,
    .help_key = "help.stops",
};
