/* /whatif <alert>: what would be decided about this alert now, by the code that decides live alerts
 * and answers `trident decide`; nothing is traded. The alert as TradingView sends it, or {"alert":
 * ..., "state": {...}} to say how things stand. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "core/alloc.h"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    if (p->text[0] == '\0' || p->options->whatif == NULL)
        return REASON_ACCEPTED; /* run() says how it is asked */
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, COMMAND_BODY_MAX_BYTES - 512); /* notes of the bot's thread come before it */
    const struct bots_question q = {.trader = p->trader, .text = p->text, .lang = c->lang};
    (void)p->options->whatif(p->options->ask_ctx, &q, &out); /* out has the reason then */
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    const char *body = answer_body(c);
    if (body[0] != '\0')
        answer_html(&a, body);
    else {
        answer_line(&a, "whatif.usage", NULL);
        answer_html(&a, "<code>/whatif BULLISH_ENTRY|XAUUSD|5|2650.00|BUY|HIGH|90|27.4|STRONG|"
                        "2642.00|2658.00|2666.00|2674.00|5/1|TL_OK</code>");
    }
    answer_finish(&a, ret);
}

const struct bot_command whatif_command = {
    .ops = {.name = "whatif", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "<alert>",
    .takes_long_text = true,
    .help_key = "help.whatif",
    .prepare = prepare,
};
