/* /performance [days]: figures and the equity curve as a picture. prepare() draws, run() names the
 * picture when the body says there is one. */
#include "bots/analytics/charts.h"
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/reports.h"
#include "core/alloc.h"

#define DAYS_DEFAULT   30
#define DAYS_MAX       3650
#define DAY_MS         INT64_C(86400000)
#define CHART_WIDTH    960
#define CHART_HEIGHT   540
#define HAS_PHOTO_MARK '\x1d'

static bool days_of(const struct command *c, int64_t *ret)
{
    *ret = DAYS_DEFAULT;
    return !c->args[0] || (str_to_i64(c->args, ret) && *ret >= 1 && *ret <= DAYS_MAX);
}

static int draw(const struct bot_prepare *p, struct ledger_reader *reader, const struct command *c,
                int64_t from_ms)
{
    char name[CHARTS_NAME_CAP];
    charts_name(c, name);
    int r = charts_make_room(p->data_dir);
    if (r < 0)
        return err_trace(r);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/%s", p->data_dir, name);
    r = analytics_equity_png(reader, from_ms, p->now_ms + 1, CHART_WIDTH, CHART_HEIGHT, path);
    return r < 0 ? err_trace(r) : 0;
}

static int write_report(const struct bot_prepare *p, const struct command *c, int64_t days,
                        struct buf *out)
{
    int64_t from_ms = p->now_ms - days * DAY_MS;
    struct analytics_summary s;
    struct ledger_reader *reader = NULL;
    int r = ledger_reader_open(p->ledger_path, &reader);
    if (r < 0)
        return err_trace(r);
    r = analytics_summarise(reader, from_ms, p->now_ms + 1, &s);
    /* Figures without a picture are better than neither. */
    if (r == 0 && s.trades > 0 && draw(p, reader, c, from_ms) == 0)
        buf_putc(out, HAS_PHOTO_MARK);
    ledger_reader_close(reader);
    if (r < 0)
        return err_trace(r);
    char text[FORMAT_CAP];
    text_render(out, c->lang, "performance.title",
                ANSWER_ARGS({"days", format_u64((uint64_t)days, text)}));
    buf_putc(out, '\n');
    report_summary(out, c->lang, &s);
    return 0;
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    int64_t days;
    if (!days_of(c, &days))
        return REASON_ARGUMENT_INVALID;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, REPORTS_MAX_BYTES);
    if (write_report(p, c, days, &out) < 0)
        return REASON_INTERNAL;
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    const char *body = answer_body(c);
    answer_init(&a, tx, c);
    if (body[0] == HAS_PHOTO_MARK) {
        charts_name(c, ret->photo_path);
        body++;
    }
    answer_html(&a, body);
    answer_menu(&a, "button.days_7", "performance", "7");
    answer_menu(&a, "button.days_30", "performance", "30");
    answer_menu(&a, "button.days_365", "performance", "365");
    a.is_new_message = true; /* a text message cannot be edited into a picture, nor back */
    answer_finish(&a, ret);
}

const struct bot_command performance_command = {
    .ops = {.name = "performance", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"perf", "equity_curve"},
    .bots = ROLES_BIT(BOT_ANALYTICS),
    .klass = COMMAND_READ,
    .args_usage = "[days]",
    .help_key = "help.performance",
    .prepare = prepare,
};
