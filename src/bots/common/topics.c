/* /topics trader|strategy|off: in a forum, notifications about each trader or strategy go to a
 * topic of their own; the sender makes it when its first message comes (notify/live.h). */
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "core/alloc.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct event e = EVENT_INIT;
    bool is_known =
        str_eq(c->args, "trader") || str_eq(c->args, "strategy") || str_eq(c->args, "off");
    answer_init(&a, tx, c);
    if (c->chat_id >= 0) {
        answer_line(&a, "topics.private", NULL);
        tx_receipt(tx, REASON_ARGUMENT_INVALID, "not a group");
    } else if (is_known) {
        e.type = EVENT_SUBSCRIPTION;
        e.chat_id = c->chat_id;
        (void)snprintf(e.text, sizeof e.text, "topics %s", c->args);
        tx_event(tx, &e);
        answer_line(&a, str_eq(c->args, "off") ? "topics.off" : "topics.on",
                    ANSWER_ARGS({"what", c->args}));
    } else {
        answer_line(&a, "topics.ask", NULL);
        answer_action(&a, "topics.trader", "topics", "trader");
        answer_action(&a, "topics.strategy", "topics", "strategy");
        answer_action(&a, "topics.none", "topics", "off");
    }
    answer_finish(&a, ret);
}

const struct bot_command topics_command = {
    .ops = {.name = "topics", .role = ROLE_ADMIN, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER) | ROLES_BIT(BOT_NOTIFICATION),
    .klass = COMMAND_CHANGE,
    .args_usage = "[trader | strategy | off]",
    .help_key = "help.topics",
};
