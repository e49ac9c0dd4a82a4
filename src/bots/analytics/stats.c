/* /stats: all closed trades, and by symbol and logic. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/reports.h"

static int write_stats(const struct bot_prepare *p, enum lang lang, struct buf *out)
{
    static const struct {
        enum analytics_by by;
        const char *title_key;
    } parts[] = {{ANALYTICS_BY_SYMBOL, "report.by_symbol"},
                 {ANALYTICS_BY_ROUTE, "report.by_route"},
                 {ANALYTICS_BY_ROLE, "report.by_role"}};
    struct analytics_summary s;
    struct analytics_group groups[ANALYTICS_GROUPS_MAX];
    struct ledger_reader *reader = NULL;
    int r = ledger_reader_open(p->ledger_path, &reader);
    if (r < 0)
        return err_trace(r);
    r = analytics_summarise(reader, 0, p->now_ms + 1, &s);
    if (r == 0) {
        text_render(out, lang, "stats.title", NULL);
        buf_putc(out, '\n');
        report_summary(out, lang, &s);
    }
    for (size_t i = 0; i < TR_ARRAY_SIZE(parts) && r >= 0; i++) {
        r = analytics_group_by(reader, 0, p->now_ms + 1, parts[i].by, groups);
        if (r > 0)
            report_groups(out, lang, parts[i].title_key, groups, r);
    }
    ledger_reader_close(reader);
    return r < 0 ? err_trace(r) : 0;
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, REPORTS_MAX_BYTES);
    if (write_stats(p, c->lang, &out) < 0)
        return REASON_INTERNAL;
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    answer_html(&a, answer_body(c));
    answer_menu(&a, "button.refresh", "stats", "");
    answer_menu(&a, "button.performance", "performance", "");
    answer_finish(&a, ret);
}

const struct bot_command stats_command = {
    .ops = {.name = "stats", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"statistics"},
    .bots = ROLES_BIT(BOT_ANALYTICS),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.stats",
    .prepare = prepare,
};
