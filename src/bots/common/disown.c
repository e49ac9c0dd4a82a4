/* Hidden: a member of the directory, which the first trader keeps, may do less from now on: what
 * they were asked by this trader and have not answered is withdrawn. args: "<id> <role>". Posted
 * by the program itself (cli/daemon.c). */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"
#include "core/alloc.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    char word[24];
    int64_t id = 0;
    enum role role = ROLE_NONE;
    const char *args = c->args;
    (void)ret; /* nobody asked */
    bool is_read = command_line_word(&args, word, sizeof word) && str_to_i64(word, &id) && id != 0;
    if (is_read && command_line_word(&args, word, sizeof word))
        is_read = str_eq(word, role_name(ROLE_NONE)) || role_parse(word, &role);
    if (!is_read)
        tx_receipt(tx, REASON_ARGUMENT_INVALID, c->args);
    else if (tx_disown(tx, id, role) == 0)
        tx_receipt(tx, REASON_ALREADY_DONE, "");
}

const struct bot_command disown_command = {
    .ops = {.name = "disown", .role = ROLE_ADMIN, .urgent = true, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.disown",
};
