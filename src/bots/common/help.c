/* /help [command]: what this bot does for this person. Made in prepare(): it depends on which
 * tokens are configured and on the other bots' names. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"
#include "bots/reports.h"
#include "bots/table.h"
#include "core/alloc.h"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, REPORTS_MAX_BYTES);
    const char *args = c->args;
    char word[COMMAND_NAME_CAP + 1];
    if (command_line_word(&args, word, sizeof word)) {
        const struct bot_command *cmd = table_find(word[0] == '/' ? word + 1 : word);
        if (!cmd)
            return REASON_COMMAND_UNKNOWN;
        report_help_command(&out, c->lang, cmd);
    } else
        report_help(&out, c->lang, p->roles, c->role, p->bots);
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    answer_html(&a, answer_body(c));
    answer_menu(&a, "button.menu", "menu", "");
    answer_finish(&a, ret);
}

const struct bot_command help_command = {
    .ops = {.name = "help", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"commands"},
    .bots = ROLES_THREE,
    .klass = COMMAND_READ,
    .args_usage = "[command]",
    .help_key = "help.help",
    .prepare = prepare,
};
