/* Hidden: a command that does not exist. args: "<typed> [nearest]". */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char typed[COMMAND_NAME_CAP] = "";
    char nearest[COMMAND_NAME_CAP] = "";
    const char *args = c->args;
    answer_init(&a, tx, c);
    (void)command_line_word(&args, typed, sizeof typed); /* "" for a lone slash */
    if (command_line_word(&args, nearest, sizeof nearest))
        answer_line(&a, "unknown.near", ANSWER_ARGS({"typed", typed}, {"nearest", nearest}));
    else
        answer_line(&a, "unknown.text", ANSWER_ARGS({"typed", typed}));
    tx_receipt(tx, REASON_COMMAND_UNKNOWN, typed);
    answer_finish(&a, ret);
}

const struct bot_command unknown_command = {
    .ops = {.name = "unknown", .role = ROLE_VIEWER, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.unknown",
};
