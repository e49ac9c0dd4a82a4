/* /pnl: today, open, and all closed trades. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/cards.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_account account;
    tx_account(tx, &account);
    answer_init(&a, tx, c);
    card_pnl(&a.html, c->lang, &account, tx_position_count(tx));
    answer_menu(&a, "button.refresh", "pnl", "");
    answer_menu(&a, "button.balance", "balance", "");
    answer_finish(&a, ret);
}

const struct bot_command pnl_command = {
    .ops = {.name = "pnl", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"profit"},
    .bots = ROLES_BIT(BOT_CONTROLLER) | ROLES_BIT(BOT_ANALYTICS),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.pnl",
};
