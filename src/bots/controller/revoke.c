/* /revoke <who>: somebody who joined is a stranger again, at once: messages, buttons,
 * notifications. Does not ask: it can be undone by a new invitation, and it may be urgent. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/person_arg.h"
#include "core/alloc.h"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    return person_arg_check(p->options->conf, c->args, 0);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char who[USER_NAME_CAP] = "";
    answer_init(&a, tx, c);
    const struct users_person *p = person_arg_find(tx, c->args);
    if (p)
        TR_ASSERT(str_copy(who, sizeof who, p->name));
    enum reason r = p ? users_tx_revoke(tx, c, p->id) : REASON_USER_UNKNOWN;
    if (r != REASON_ACCEPTED)
        answer_refuse(&a, r, c->args);
    else {
        answer_line(&a, "revoke.done", ANSWER_ARGS({"who", who}));
        answer_toast(&a, "revoke.toast");
        tx_receipt(tx, r, who);
    }
    answer_menu(&a, "button.users", "users", "");
    answer_finish(&a, ret);
}

const struct bot_command revoke_command = {
    .ops = {.name = "revoke",
            .role = ROLE_ADMIN,
            .urgent = true,
            .max_age_ms = BOT_COMMAND_SAFE_AGE_MS,
            .run = run},
    .aliases = {"kick"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args_usage = "<who>",
    .help_key = "help.revoke",
    .is_personal = true,
    .is_barrier = true,
    .prepare = prepare,
};
