/* /unsubscribe: notifications no longer to this chat; critical alarms keep their other ways. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "core/alloc.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct event e = EVENT_INIT;
    e.type = EVENT_SUBSCRIPTION;
    e.chat_id = c->chat_id;
    TR_ASSERT(str_copy(e.text, sizeof e.text, "unsubscribe"));
    tx_event(tx, &e);
    answer_init(&a, tx, c);
    answer_line(&a, "unsubscribe.done", NULL);
    answer_toast(&a, "unsubscribe.toast");
    answer_action(&a, "button.subscribe", "subscribe", "");
    answer_finish(&a, ret);
}

const struct bot_command unsubscribe_command = {
    .ops = {.name = "unsubscribe", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_NOTIFICATION),
    .klass = COMMAND_CHANGE,
    .args_usage = "",
    .help_key = "help.unsubscribe",
};
