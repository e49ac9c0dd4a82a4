/* /menu [name]: the menus with buttons; edited in place while one walks through them. */
#include "bots/bot_command.h"
#include "bots/menu.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    const struct menu *m = menu_find(c->args[0] ? c->args : MENU_MAIN);
    answer_init(&a, tx, c);
    menu_show(&a, m ? m : menu_find(MENU_MAIN));
    answer_finish(&a, ret);
}

const struct bot_command menu_command = {
    .ops = {.name = "menu", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"home", "back", "exit", "trade"},
    .bots = ROLES_THREE,
    .klass = COMMAND_READ,
    .args_usage = "[menu]",
    .help_key = "help.menu",
};
