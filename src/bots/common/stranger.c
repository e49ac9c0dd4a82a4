/* Hidden: somebody we do not know. One polite answer with the number the owner needs to let them
 * in; nothing else happens. */
#include <inttypes.h>
#include <stdio.h>

#include "bots/answer.h"
#include "bots/bot_command.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char user[24], chat[24];
    (void)snprintf(user, sizeof user, "%" PRId64, c->user_id);
    (void)snprintf(chat, sizeof chat, "%" PRId64, c->chat_id);
    answer_init(&a, tx, c);
    answer_line(&a, "stranger.text", ANSWER_ARGS({"user", user}, {"chat", chat}));
    answer_toast(&a, "stranger.toast");
    a.is_new_message = true;
    tx_receipt(tx, REASON_NOT_AUTHORISED, user);
    answer_finish(&a, ret);
}

const struct bot_command stranger_command = {
    .ops = {.name = "stranger", .role = ROLE_NONE, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.stranger",
};
