/* /latency: how long inputs take to the journal, stage by stage, and how old this very message was.
 */
#include <inttypes.h>
#include <stdio.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "core/alloc.h"
#include "engine/stages.h"

static void line(struct buf *out, enum lang lang, const char *key, const struct text_arg *args)
{
    text_render(out, lang, key, args);
    buf_putc(out, '\n');
}

static void stage_lines(struct buf *out, enum lang lang, struct stages *s)
{
    for (int i = STAGE_UNSET + 1; i < STAGE_COUNT; i++) {
        struct stage_figures f;
        char t[4][FORMAT_CAP];
        stages_read(s, (enum stage)i, &f);
        if (f.count == 0)
            continue;
        line(out, lang, "latency.stage",
             ANSWER_ARGS({"stage", stage_name((enum stage)i)},
                         {"p50", format_u64((uint64_t)stages_quantile_us(&f, 500), t[0])},
                         {"p95", format_u64((uint64_t)stages_quantile_us(&f, 950), t[1])},
                         {"p99", format_u64((uint64_t)stages_quantile_us(&f, 990), t[2])},
                         {"count", format_u64(f.count, t[3])}));
    }
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct engine_stats e;
    char t1[FORMAT_CAP], t2[FORMAT_CAP];
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    if (p->options->traders[p->trader].engine == NULL)
        return REASON_INTERNAL;
    engine_get_stats(p->options->traders[p->trader].engine, &e);
    buf_init(&out, 4096);
    line(&out, c->lang, "latency.title", NULL);
    line(&out, c->lang, "latency.mean",
         ANSWER_ARGS(
             {"mean", format_u64(e.inputs > 0 ? (uint64_t)e.latency_sum_us / e.inputs : 0, t1)},
             {"count", format_u64(e.inputs, t2)}));
    stage_lines(&out, c->lang, engine_stages(p->options->traders[p->trader].engine));
    line(&out, c->lang, "latency.batch",
         ANSWER_ARGS({"batch", format_u64((uint64_t)e.last_batch_us, t1)},
                     {"commit", format_u64((uint64_t)e.last_commit_us, t2)}));
    line(&out, c->lang, "latency.queue",
         ANSWER_ARGS({"depth", format_u64(e.queue_depth, t1)},
                     {"peak", format_u64(e.queue_peak, t2)}));
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char t[FORMAT_CAP];
    answer_init(&a, tx, c);
    answer_html(&a, answer_body(c));
    int64_t age_ms = tx_now_ms(tx) - c->sent_ms;
    if (c->sent_ms > 0 && age_ms >= 0)
        answer_line(&a, "latency.you", ANSWER_ARGS({"age", format_u64((uint64_t)age_ms, t)}));
    answer_menu(&a, "button.refresh", "latency", "");
    answer_finish(&a, ret);
}

const struct bot_command latency_command = {
    .ops = {.name = "latency", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"ping"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.latency",
    .prepare = prepare,
};
