/* /test: a notification to this chat by the same way as a trade's: journal, routing, outbox. */
#include "bots/answer.h"
#include "bots/bot_command.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct event e = EVENT_INIT;
    e.type = EVENT_TEST;
    e.chat_id = c->chat_id;
    tx_event(tx, &e);
    answer_init(&a, tx, c);
    answer_line(&a, "test.done", NULL);
    answer_toast(&a, "test.toast");
    answer_action(&a, "button.mute", "mute", "");
    answer_finish(&a, ret);
}

const struct bot_command test_command = {
    .ops = {.name = "test", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_NOTIFICATION),
    .klass = COMMAND_CHANGE,
    .args_usage = "",
    .help_key = "help.test",
};
