/* Hidden: a Yes that needs a one-time code first. args: "<command> <receipt>[ approve <action>]".
 * Says so, or that the question is not open any more. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"
#include "core/alloc.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct command meant = *c;
    char word[COMMAND_NAME_CAP];
    const char *args = c->args;
    int64_t id = 0;
    answer_init(&a, tx, c);
    (void)command_line_word(&args, meant.name, sizeof meant.name); /* from code: both are there */
    if (!command_line_word(&args, word, sizeof word) || !str_to_i64(word, &id))
        id = 0;
    bool is_approval = command_line_word(&args, word, sizeof word);
    enum reason r = is_approval ? REASON_ACCEPTED : tx_confirm_check(tx, &meant, (uint64_t)id);
    if (r != REASON_ACCEPTED)
        answer_refuse(&a, r, meant.name);
    else {
        answer_line(&a, "code.ask", ANSWER_ARGS({"name", meant.name}));
        answer_toast(&a, "code.ask.toast");
        tx_receipt(tx, REASON_ACCEPTED, c->args);
    }
    a.is_new_message = true; /* the question keeps its buttons */
    answer_finish(&a, ret);
}

const struct bot_command codeask_command = {
    .ops = {.name = "codeask", .role = ROLE_VIEWER, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.codeask",
};
