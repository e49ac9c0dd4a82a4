/* Hidden: a refusal decided by the bot. args: "<REASON> [command or detail]". Journaled so that
 * every refusal has its audit row; the answer is the reason's sentence. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"
#include "bots/table.h"
#include "core/alloc.h"

static void usage(struct answer *a, const struct bot_command *cmd)
{
    struct buf args TR_CLEANUP(buf_deinit) = {0};
    buf_init(&args, 512);
    table_usage(cmd, &args);
    answer_line(a, "refused.usage", ANSWER_ARGS({"name", cmd->ops.name}, {"args", args.data}));
}

static void detail(struct answer *a, enum reason why, const char *word)
{
    const struct bot_command *cmd = word[0] ? table_get(word) : NULL;
    if (why == REASON_ROLE_TOO_LOW && cmd)
        answer_line(a, "refused.role",
                    ANSWER_ARGS({"name", cmd->ops.name}, {"needed", role_name(cmd->ops.role)},
                                {"role", role_name(a->c->role)}));
    else if (why == REASON_ARGUMENT_INVALID && cmd)
        usage(a, cmd);
    else if (why == REASON_NOT_AUTHORISED && (word[0] == 'e' || word[0] == 'f' || word[0] == 'v'))
        answer_line(a, word[0] == 'e' ? "refused.edited" : "refused.forward", NULL);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    char code[40] = "";
    char word[COMMAND_NAME_CAP] = "";
    const char *args = c->args;
    enum reason why = REASON_UNSET;
    if (!command_line_word(&args, code, sizeof code) || !reason_parse(code, &why))
        why = REASON_INTERNAL;
    (void)command_line_word(&args, word, sizeof word); /* none: no detail line */
    answer_refuse(&a, why, c->args);
    detail(&a, why, word);
    if (c->callback_id[0]) {
        /* A press that is refused changes nothing on the screen either. */
        a.is_new_message = true;
        answer_finish(&a, ret);
        ret->html = mem_free(ret->html);
        return;
    }
    answer_finish(&a, ret);
}

const struct bot_command refused_command = {
    .ops = {.name = "refused", .role = ROLE_NONE, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.refused",
};
