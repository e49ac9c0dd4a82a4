/* Hidden: a command that another bot answers. args: "<bot> <command>", body: that bot's "@name". */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    char bot[16] = "";
    char name[COMMAND_NAME_CAP] = "";
    const char *args = c->args;
    (void)command_line_word(&args, bot, sizeof bot);   /* "" when missing, which reads badly */
    (void)command_line_word(&args, name, sizeof name); /* but harms nothing */
    const char *link = answer_body(c);
    answer_line(&a, "redirect.text",
                ANSWER_ARGS({"name", name}, {"bot", bot}, {"link", link[0] ? link : bot}));
    tx_receipt(tx, REASON_COMMAND_UNKNOWN, c->args);
    answer_finish(&a, ret);
}

const struct bot_command redirect_command = {
    .ops = {.name = "redirect", .role = ROLE_VIEWER, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.redirect",
};
