/* Hidden: commands that came too late, in one answer. args "quiet": more are coming, only the
 * journal hears; else body: the list and args the number. */
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    tx_receipt(tx, REASON_COMMAND_STALE, c->args);
    if (strcmp(c->args, "quiet") == 0)
        return;
    struct answer a;
    answer_init(&a, tx, c);
    answer_line(&a, "stale.text", ANSWER_ARGS({"count", c->args}, {"list", answer_body(c)}));
    answer_menu(&a, "button.status", "status", "");
    answer_finish(&a, ret);
}

const struct bot_command stale_command = {
    .ops = {.name = "stale", .role = ROLE_VIEWER, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.stale",
};
