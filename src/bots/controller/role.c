/* /role <who> <role>: what somebody who joined may do from now on. A role that trades asks back. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/person_arg.h"
#include "core/alloc.h"

#define ROLE_WORD_CAP 16

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    return c->confirmed ? REASON_ACCEPTED : person_arg_check(p->options->conf, c->args, 1);
}

/* "notify" takes every command away and leaves the notifications. */
static bool read_role(char *args, enum role *ret)
{
    char word[ROLE_WORD_CAP];
    if (!person_arg_cut_last(args, word, sizeof word))
        return false;
    *ret = ROLE_NONE;
    return str_eq(word, "notify") || (role_parse(word, ret) && *ret != ROLE_NONE);
}

static void set(struct answer *a, const struct users_person *p, enum role role)
{
    char who[USER_NAME_CAP];
    TR_ASSERT(str_copy(who, sizeof who, p->name));
    enum reason r = users_tx_set_role(a->tx, a->c, p->id, role);
    if (r != REASON_ACCEPTED && r != REASON_ALREADY_DONE) {
        answer_refuse(a, r, who);
        return;
    }
    answer_line(
        a, r == REASON_ACCEPTED ? "role.done" : "role.already",
        ANSWER_ARGS({"who", who}, {"role", role == ROLE_NONE ? "notify" : role_name(role)}));
    answer_toast(a, "role.toast");
    answer_menu(a, "button.users", "users", "");
    tx_receipt(a->tx, r, who);
}

/* p may move when the directory changes: looked up each time. */
static void act(struct answer *a, const char *args, bool is_sure)
{
    char who[COMMAND_ARGS_CAP];
    enum role role;
    TR_ASSERT(str_copy(who, sizeof who, args));
    if (!read_role(who, &role)) {
        answer_refuse(a, REASON_ARGUMENT_INVALID, args);
        return;
    }
    const struct users_person *p = person_arg_find(a->tx, who);
    if (!p)
        answer_refuse(a, REASON_USER_UNKNOWN, who);
    else if (is_sure || role < ROLE_TRADER || role <= p->role)
        set(a, p, role);
    else {
        answer_line(a, "role.sure", ANSWER_ARGS({"who", p->name}, {"role", role_name(role)}));
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

const struct bot_command role_command = {
    .ops = {.name = "role", .role = ROLE_ADMIN, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args_usage = "<who> <viewer | trader | admin | notify>",
    .help_key = "help.role_command",
    .is_personal = true,
    .is_barrier = true,
    .prepare = prepare,
};
