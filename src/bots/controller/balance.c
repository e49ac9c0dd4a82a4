/* /balance: balance, open profit, equity. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/cards.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_account account;
    tx_account(tx, &account);
    answer_init(&a, tx, c);
    card_balance(&a.html, c->lang, &account);
    answer_menu(&a, "button.refresh", "balance", "");
    answer_menu(&a, "button.pnl", "pnl", "");
    answer_finish(&a, ret);
}

const struct bot_command balance_command = {
    .ops = {.name = "balance", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"equity"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.balance",
};
