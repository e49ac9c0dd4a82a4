/* /status: the state of things on one small card. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/cards.h"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, 128);
    card_bots_line(&out, p->bots);
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct card_status v = {.trader = tx_trader_id(tx),
                            .now_ms = tx_now_ms(tx),
                            .positions = tx_position_count(tx),
                            .orders = tx_order_count(tx),
                            .bots_line = answer_body(c)};
    tx_state(tx, &v.state);
    tx_account(tx, &v.account);
    answer_init(&a, tx, c);
    card_status(&a.html, c->lang, &v);
    answer_menu(&a, "button.refresh", "status", "");
    answer_menu(&a, "button.positions", "positions", "");
    if (c->role >= ROLE_TRADER) {
        if (v.state.paused || v.state.panicked)
            answer_action(&a, "button.resume", "resume", "");
        else
            answer_action(&a, "button.pause", "pause", "");
    }
    answer_finish(&a, ret);
}

const struct bot_command status_command = {
    .ops = {.name = "status", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"state"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.status",
    .prepare = prepare,
};
