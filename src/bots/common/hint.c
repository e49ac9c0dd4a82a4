/* Hidden: plain text in a private chat. */
#include "bots/answer.h"
#include "bots/bot_command.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    answer_line(&a, "hint.text", NULL);
    answer_menu(&a, "button.menu", "menu", "");
    answer_finish(&a, ret);
}

const struct bot_command hint_command = {
    .ops = {.name = "hint", .role = ROLE_VIEWER, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.hint",
};
