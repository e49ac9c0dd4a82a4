/* /closeall: closes every open position, after asking. */
#include "bots/bot_command.h"
#include "bots/closing.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char args[COMMAND_ARGS_CAP];
    answer_init(&a, tx, c);
    if (c->confirmed) {
        if (answer_take(&a, args) == REASON_ACCEPTED)
            closing_do(&a, "");
    } else if (c->args[0])
        /* "/closeall XAUUSD" may mean one symbol: better say so than close everything. */
        answer_refuse(&a, REASON_ARGUMENT_INVALID, c->args);
    else
        closing_ask(&a, "all");
    answer_finish(&a, ret);
}

const struct bot_command closeall_command = {
    .ops = {.name = "closeall",
            .role = ROLE_TRADER,
            .urgent = true,
            .max_age_ms = 30 * 1000,
            .run = run},
    .aliases = {"close_all"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args_usage = "",
    .help_key = "help.closeall",
    .mirrored = true,
};
