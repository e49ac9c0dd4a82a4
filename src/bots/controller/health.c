/* /health: the machinery: journal, queue, outbox, bots, memory. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/cards.h"
#include "bots/reports.h"
#include "core/file.h"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct card_health v = {.trader = p->options->traders[p->trader].id,
                            .bots = p->bots,
                            .now_ms = p->now_ms,
                            .rss_bytes = process_rss_bytes(),
                            .vitals = p->options->vitals};
    engine_get_stats(p->options->traders[p->trader].engine, &v.engine);
    if (p->options->notify) {
        v.has_notify = true;
        notify_get_stats(p->options->notify, &v.notify);
    }
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, REPORTS_MAX_BYTES);
    card_health(&out, c->lang, &v);
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    answer_html(&a, answer_body(c));
    answer_menu(&a, "button.refresh", "health", "");
    answer_finish(&a, ret);
}

const struct bot_command health_command = {
    .ops = {.name = "health", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.health",
    .prepare = prepare,
};
