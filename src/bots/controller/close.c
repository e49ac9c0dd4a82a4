/* /close: one position by its short name at once; several by what they have in common
 * (bots/selection.h), after they were shown. Without argument: one button for each open position.
 */
#include <stdio.h>
#include <string.h>

#include "bots/bot_command.h"
#include "bots/closing.h"
#include "bots/format.h"
#include "core/alloc.h"

#define BUTTONS_MAX 16

static void list(struct answer *a)
{
    size_t n = tx_position_count(a->tx);
    if (n == 0) {
        answer_refuse(a, REASON_NOTHING_TO_CLOSE, "");
        return;
    }
    answer_line(a, "close.pick", NULL);
    for (size_t i = 0; i < n && i < BUTTONS_MAX; i++) {
        struct card_position v;
        char cid[FORMAT_CAP];
        struct buf label TR_CLEANUP(buf_deinit) = {0};
        buf_init(&label, 128);
        closing_view(a->tx, tx_position_at(a->tx, i), &v);
        card_position_line(&label, &v);
        struct button b = {.kind = BUTTON_ACTION,
                           .expires_ms = tx_now_ms(a->tx) + BUTTON_ACTION_TTL_MS};
        TR_ASSERT(str_copy(b.name, sizeof b.name, "close"));
        TR_ASSERT(str_copy(b.arg, sizeof b.arg, format_u64(v.position->cid, cid)));
        answer_button(a, "button.close_one", label.data, &b);
        answer_next_row(a);
    }
    if (n > BUTTONS_MAX)
        answer_line(a, "close.more", NULL);
    if (n > 1)
        answer_action(a, "button.closeall", "closeall", "");
}

/* NULL: nothing open has this name. */
static const struct position *find(const struct engine_tx *tx, const char *typed)
{
    for (size_t i = 0; i < tx_position_count(tx); i++)
        if (format_ref_matches(typed, tx_position_at(tx, i)->cid))
            return tx_position_at(tx, i);
    return NULL;
}

static void close_one(struct answer *a, const struct position *p)
{
    struct card_position v;
    char ref[FORMAT_CAP], profit[FORMAT_CAP];
    closing_view(a->tx, p, &v);
    enum reason r = tx_close(a->tx, p->cid, REASON_MANUAL_CLOSE);
    if (r != REASON_ACCEPTED && r != REASON_ALREADY_DONE) {
        answer_refuse(a, r, a->c->args);
        return;
    }
    if (r == REASON_ACCEPTED)
        answer_mirror(a, a->c->args);
    else
        tx_receipt(a->tx, r, a->c->args);
    answer_line(a, r == REASON_ACCEPTED ? "close.done" : "close.under_way",
                ANSWER_ARGS({"ref", format_ref(p->cid, ref)}, {"symbol", p->symbol},
                            {"side", side_name(p->side)},
                            {"profit", v.price_e8 > 0 ? format_profit(v.profit_e8, profit) : "-"}));
    answer_toast(a, "close.toast");
    answer_menu(a, "button.positions", "positions", "");
}

static void by_argument(struct answer *a)
{
    const struct position *p = find(a->tx, a->c->args);
    if (p)
        close_one(a, p);
    else
        closing_ask(a, a->c->args);
    if (!p)
        answer_menu(a, "button.positions", "positions", "");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char args[COMMAND_ARGS_CAP];
    answer_init(&a, tx, c);
    if (c->confirmed) {
        if (answer_take(&a, args) == REASON_ACCEPTED)
            closing_do(&a, args);
    } else if (c->args[0])
        by_argument(&a);
    else
        list(&a);
    answer_finish(&a, ret);
}

const struct bot_command close_command = {
    .ops =
        {.name = "close", .role = ROLE_TRADER, .urgent = true, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args_usage =
        "[<id> ... | <symbol> | winners | losers | buys | sells | profit>1% age>6h lots>0.1 | all]",
    .help_key = "help.close",
    .mirrored = true,
};
