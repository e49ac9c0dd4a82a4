/* /transition [page | retire | back]: who uses the old bot and who the new ones, and the end of the
 * old one: only when everybody moved, no old bot outside still opens trades, and an admin says yes
 * to it. Back at any time. What the first trader's engine does not know of people comes in the body
 * (bots/moving.h), and again with the Yes: who did not move by then is named. */
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/moving.h"
#include "core/alloc.h"

#define PAGE_ROWS 15
#define NAMES_MAX 20

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    c->body = moving_write(p);
    return c->body != NULL ? REASON_ACCEPTED : REASON_INTERNAL;
}

/* ---- the report ---- */

static void ago(struct answer *a, int64_t then_ms, char out[FORMAT_CAP])
{
    if (then_ms == 0)
        (void)str_copy(out, FORMAT_CAP, "-");
    else
        (void)format_duration(tx_now_ms(a->tx) - then_ms, out);
}

static void show_person(struct answer *a, const struct moving_person *p)
{
    static const char *const keys[TRANSITION_SIDE_COUNT] = {"transition.both", "transition.old",
                                                            "transition.new"};
    char old_ago[FORMAT_CAP], new_ago[FORMAT_CAP], old_uses[FORMAT_CAP], new_uses[FORMAT_CAP];
    ago(a, p->last_old_ms, old_ago);
    ago(a, p->last_new_ms, new_ago);
    answer_line(a, keys[p->side],
                ANSWER_ARGS({"who", p->name}, {"old", format_u64(p->old_uses, old_uses)},
                            {"old_ago", old_ago}, {"new", format_u64(p->new_uses, new_uses)},
                            {"new_ago", new_ago}));
}

static void show_state(struct answer *a, const struct moving *m)
{
    static const char *const keys[] = {"transition.mode_off", "transition.mode_off",
                                       "transition.mode_external", "transition.mode_adopted"};
    const struct transition *t = transition_tx(a->tx);
    char since[FORMAT_CAP], moved[FORMAT_CAP], total[FORMAT_CAP], stayed[FORMAT_CAP];
    char open[FORMAT_CAP];
    answer_line(a, "transition.title", NULL);
    if (t->is_retired)
        answer_line(a, "transition.is_retired",
                    ANSWER_ARGS({"who", t->retired_by},
                                {"ago", format_duration(tx_now_ms(a->tx) - t->retired_ms, since)}));
    else
        answer_line(a, keys[m->place.mode], NULL);
    answer_line(a, "transition.summary",
                ANSWER_ARGS({"moved", format_u64(m->moved, moved)},
                            {"total", format_u64(m->count, total)},
                            {"old", format_u64(m->stayed, stayed)},
                            {"open", format_u64(m->count - m->moved - m->stayed, open)}));
}

static void report(struct answer *a, const struct moving *m, size_t page)
{
    size_t pages = m->count > 0 ? (m->count + PAGE_ROWS - 1) / PAGE_ROWS : 1;
    char arg[FORMAT_CAP];
    bool is_retired = transition_tx(a->tx)->is_retired;
    page = page > pages ? pages : page;
    show_state(a, m);
    for (size_t i = (page - 1) * PAGE_ROWS; i < page * PAGE_ROWS && i < m->count; i++)
        show_person(a, &m->people[i]);
    if (m->is_cut)
        answer_line(a, "transition.is_cut", NULL);
    if (page > 1)
        answer_action(a, "button.page_back", "transition", format_u64(page - 1, arg));
    if (page < pages)
        answer_action(a, "button.page_next", "transition", format_u64(page + 1, arg));
    answer_next_row(a);
    if (is_retired)
        answer_action(a, "button.old_back", "transition", "back");
    else if (m->place.mode != LEGACY_OFF && m->moved == m->count)
        answer_action(a, "button.old_retire", "transition", "retire");
}

/* ---- the end of the old bot ---- */

static void name_those_who_stay(struct answer *a, const struct moving *m)
{
    char count[FORMAT_CAP];
    size_t named = 0, waiting = m->count - m->moved;
    answer_refuse(a, REASON_NOT_MOVED, "retire");
    for (size_t i = 0; i < m->count && named < NAMES_MAX; i++)
        if (m->people[i].side != TRANSITION_NEW) {
            show_person(a, &m->people[i]);
            named++;
        }
    if (waiting > named)
        answer_line(a, "transition.more",
                    ANSWER_ARGS({"count", format_u64(waiting - named, count)}));
    answer_line(a, "transition.how_to_move", NULL);
}

/* False: refused, and said why. */
static bool may_retire(struct answer *a, const struct moving *m)
{
    bool is_retired = transition_tx(a->tx)->is_retired;
    if (is_retired) {
        answer_line(a, "transition.retired_already", NULL);
        tx_receipt(a->tx, REASON_ALREADY_DONE, "retire");
    } else if (!m->is_whole)
        answer_refuse(a, REASON_PRIVATE_ONLY, "retire"); /* nobody said who there is */
    else if (m->place.mode == LEGACY_OFF)
        answer_refuse(a, REASON_LEGACY_NOT_INSTALLED, "retire");
    else if (m->moved < m->count)
        name_those_who_stay(a, m);
    else if (transition_tx_old_trades(a->tx)) {
        answer_refuse(a, REASON_LEGACY_OWNS, "retire");
        answer_line(a, "transition.cut_over_first", NULL);
    } else if (!m->place.is_new_up) {
        answer_refuse(a, REASON_GATE_CLOSED, "retire");
        answer_line(a, "transition.new_down", NULL);
    } else
        return true;
    return false;
}

static void ask(struct answer *a, const struct moving *m)
{
    char total[FORMAT_CAP];
    if (!may_retire(a, m))
        return;
    answer_line(a, "transition.ask", ANSWER_ARGS({"total", format_u64(m->count, total)}));
    answer_line(
        a, m->place.mode == LEGACY_EXTERNAL ? "transition.ask_external" : "transition.ask_adopted",
        NULL);
    answer_line(a, "transition.way_back", NULL);
    answer_ask(a, "button.yes_retire");
}

static void retire(struct answer *a, const struct moving *m)
{
    if (!may_retire(a, m))
        return;
    enum reason r = transition_tx_retire(a->tx, a->c);
    TR_ASSERT(r == REASON_ACCEPTED); /* may_retire() looked */
    answer_line(a, "transition.retired", NULL);
    answer_line(a, "transition.way_back", NULL);
    answer_toast(a, "transition.retired_toast");
}

static void restore(struct answer *a)
{
    enum reason r = transition_tx_restore(a->tx, a->c);
    bool is_done = r == REASON_ACCEPTED;
    answer_line(a, is_done ? "transition.restored" : "transition.restored_already", NULL);
    answer_toast(a, is_done ? "transition.restored" : "transition.restored_already");
    if (!is_done)
        tx_receipt(a->tx, r, "back");
}

static void act(struct answer *a, const struct moving *m)
{
    const char *args = a->c->args;
    char taken[COMMAND_ARGS_CAP];
    int64_t page = 1;
    if (a->c->confirmed) {
        if (answer_take(a, taken) == REASON_ACCEPTED)
            retire(a, m);
    } else if (str_ieq(args, "retire"))
        ask(a, m);
    else if (str_ieq(args, "back"))
        restore(a);
    else if (args[0] == '\0' || (str_to_i64(args, &page) && page >= 1))
        report(a, m, (size_t)page);
    else
        answer_refuse(a, REASON_ARGUMENT_INVALID, args);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct moving m TR_CLEANUP(moving_deinit) = {0};
    answer_init(&a, tx, c);
    moving_read(tx, answer_body(c), &m);
    act(&a, &m);
    answer_finish(&a, ret);
}

const struct bot_command transition_command = {
    .ops = {.name = "transition", .role = ROLE_ADMIN, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args_usage = "[page | retire | back]",
    .help_key = "help.transition",
    .is_personal = true,
    .prepare = prepare,
};
