/* /risk: how much of the loss limits is used. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/cards.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_account account;
    struct tx_state state;
    tx_account(tx, &account);
    tx_state(tx, &state);
    answer_init(&a, tx, c);
    card_risk(&a.html, c->lang, &account, &state, tx_position_count(tx));
    answer_menu(&a, "button.refresh", "risk", "");
    answer_menu(&a, "button.pnl", "pnl", "");
    answer_finish(&a, ret);
}

const struct bot_command risk_command = {
    .ops = {.name = "risk", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"limits"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.risk",
};
