/* /mute [type | all]: kinds of notification this chat does not want. */
#include "bots/bot_command.h"
#include "bots/muting.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    muting_run(tx, c, ret, "mute");
}

const struct bot_command mute_command = {
    .ops = {.name = "mute", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_NOTIFICATION),
    .klass = COMMAND_CHANGE,
    .args_usage = "[<type> | all]",
    .help_key = "help.mute",
};
