/* /trader [name]: which trader this chat talks about. The choice is the chat's, kept in memory:
 * after a restart every chat is back at the first trader and is told so by the answer's card. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "core/alloc.h"

/* By number as listed, or by name. */
static bool find(const struct bots_options *o, const char *typed, size_t *ret)
{
    int64_t number = 0;
    for (size_t i = 0; i < o->trader_count; i++)
        if (str_ieq(typed, o->traders[i].id)) {
            *ret = i;
            return true;
        }
    if (!str_to_i64(typed, &number) || number < 1 || (size_t)number > o->trader_count)
        return false;
    *ret = (size_t)number - 1;
    return true;
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    size_t chosen = p->trader;
    if (c->args[0]) {
        if (!find(p->options, c->args, &chosen))
            return REASON_ARGUMENT_INVALID;
        *p->select_trader = chosen;
    }
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, 1024);
    for (size_t i = 0; i < p->options->trader_count; i++) {
        buf_printf(&out, "%s%zu ", i > 0 ? "\n" : "", i + 1);
        text_render(&out, c->lang, i == chosen ? "trader.chosen" : "trader.other",
                    ANSWER_ARGS({"name", p->options->traders[i].id}));
    }
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    answer_line(&a, "trader.title", NULL);
    answer_html(&a, answer_body(c));
    answer_line(&a, "trader.usage", NULL);
    answer_menu(&a, "button.status", "status", "");
    answer_finish(&a, ret);
}

const struct bot_command trader_command = {
    .ops = {.name = "trader", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"traders"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "[name]",
    .help_key = "help.trader",
    .prepare = prepare,
};
