/* /shadow_reset: the comparison begins anew: counts, records and the gates' hours. */
#include "bots/bot_command.h"
#include "bots/shadowing.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char line[COMMAND_ARGS_CAP];
    answer_init(&a, tx, c);
    if (!c->confirmed) {
        answer_line(&a, "shadow.ask_reset", NULL);
        answer_ask(&a, "button.yes_shadow_reset");
    } else if (answer_take(&a, line) == REASON_ACCEPTED) {
        tx_shadow_reset(tx);
        answer_line(&a, "shadow.reset", NULL);
    }
    answer_finish(&a, ret);
}

const struct bot_command shadow_reset_command = {
    .ops = {.name = "shadow_reset", .role = ROLE_ADMIN, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args_usage = "",
    .help_key = "help.shadow_reset",
};
