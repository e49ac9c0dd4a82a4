/* /cancel: ends what was begun with buttons. The bot's thread has forgotten it already and says in
 * the arguments which command it was. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/menu.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    answer_line(&a, c->args[0] ? "cancel.done" : "cancel.nothing",
                ANSWER_ARGS({"command", c->args}));
    answer_toast(&a, "cancel.toast");
    answer_menu(&a, "button.menu", "menu", c->args[0] ? menu_home(c->args) : "");
    answer_finish(&a, ret);
}

const struct bot_command cancel_command = {
    .ops = {.name = "cancel", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_THREE,
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.cancel",
};
