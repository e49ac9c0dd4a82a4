/* Hidden: a name of the legacy bot that this release does not carry out. args: the name. Says why
 * and what to use instead. */
#include <stdio.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/names.h"
#include "bots/table.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char key[48];
    const struct name *n = names_find(c->args);
    answer_init(&a, tx, c);
    if (n == NULL || n->why == NULL) { /* posted by other means than a bot */
        answer_refuse(&a, REASON_COMMAND_UNKNOWN, c->args);
        answer_finish(&a, ret);
        return;
    }
    const struct bot_command *use = table_get(n->successor);
    TR_ASSERT(use != NULL);
    (void)snprintf(key, sizeof key, "names.why.%s", n->why);
    answer_line(&a, "names.absent", ANSWER_ARGS({"name", n->name}));
    answer_line(&a, key, NULL);
    answer_line(&a, "names.use", ANSWER_ARGS({"name", use->ops.name}));
    tx_receipt(tx, REASON_NOT_IN_THIS_RELEASE, n->name);
    if (use->klass == COMMAND_READ)
        answer_menu(&a, "button.instead", use->ops.name, "");
    answer_finish(&a, ret);
}

const struct bot_command absent_command = {
    .ops = {.name = "absent", .role = ROLE_VIEWER, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.absent",
};
