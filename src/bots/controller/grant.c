/* /grant <who> <role> <hours>: a higher role for a time; it ends by itself. Asks back when the role
 * trades. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/person_arg.h"
#include "core/alloc.h"

#define ROLE_WORD_CAP 16
#define HOURS_MAX     720

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    return c->confirmed ? REASON_ACCEPTED : person_arg_check(p->options->conf, c->args, 2);
}

static bool read_wish(char *args, enum role *ret_role, int *ret_hours)
{
    char word[ROLE_WORD_CAP];
    int64_t hours = 0;
    if (!person_arg_cut_last(args, word, sizeof word) || !str_to_i64(word, &hours) || hours < 1 ||
        hours > HOURS_MAX || !person_arg_cut_last(args, word, sizeof word))
        return false;
    *ret_hours = (int)hours;
    return role_parse(word, ret_role) && *ret_role != ROLE_NONE;
}

static void give(struct answer *a, int64_t id, enum role role, int hours)
{
    char number[FORMAT_CAP];
    char who[USER_NAME_CAP];
    TR_ASSERT(str_copy(who, sizeof who, users_tx_find(a->tx, id)->name));
    enum reason r = users_tx_grant(a->tx, a->c, id, role, hours);
    if (r != REASON_ACCEPTED && r != REASON_ALREADY_DONE) {
        answer_refuse(a, r, who);
        return;
    }
    answer_line(a, r == REASON_ACCEPTED ? "grant.done" : "grant.already",
                ANSWER_ARGS({"who", who}, {"role", role_name(role)},
                            {"hours", format_u64((uint64_t)hours, number)}));
    answer_toast(a, "role.toast");
    answer_menu(a, "button.users", "users", "");
    tx_receipt(a->tx, r, who);
}

static void act(struct answer *a, const char *args, bool is_sure)
{
    char who[COMMAND_ARGS_CAP], number[FORMAT_CAP];
    enum role role;
    int hours = 0;
    TR_ASSERT(str_copy(who, sizeof who, args));
    if (!read_wish(who, &role, &hours)) {
        answer_refuse(a, REASON_ARGUMENT_INVALID, args);
        return;
    }
    const struct users_person *p = person_arg_find(a->tx, who);
    if (!p)
        answer_refuse(a, REASON_USER_UNKNOWN, who);
    else if (is_sure || role < ROLE_TRADER || role <= p->role)
        give(a, p->id, role, hours);
    else {
        answer_line(a, "grant.sure",
                    ANSWER_ARGS({"who", p->name}, {"role", role_name(role)},
                                {"hours", format_u64((uint64_t)hours, number)}));
        answer_ask(a, "button.yes_role");
    }
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char args[COMMAND_ARGS_CAP] = "";
    answer_init(&a, tx, c);
    if (!c->confirmed)
        act(&a, c->args, false);
    else if (answer_take(&a, args) == REASON_ACCEPTED)
        act(&a, args, true);
    answer_finish(&a, ret);
}

const struct bot_command grant_command = {
    .ops = {.name = "grant", .role = ROLE_ADMIN, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args_usage = "<who> <viewer | trader | admin> <hours>",
    .help_key = "help.grant",
    .is_personal = true,
    .is_barrier = true,
    .prepare = prepare,
};
