/* /daily [days back]: one trading day from the ledger. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/reports.h"
#include "core/alloc.h"

#define DAYS_BACK_MAX 365

static int write_day(const struct bot_prepare *p, int days_back, enum lang lang, struct buf *out)
{
    int64_t from_ms =
        format_day_start_ms(p->now_ms, p->utc_offset_min, p->daily_reset_minute, days_back);
    int64_t to_ms =
        format_day_start_ms(p->now_ms, p->utc_offset_min, p->daily_reset_minute, days_back - 1);
    struct analytics_summary s;
    struct analytics_group groups[ANALYTICS_GROUPS_MAX];
    struct ledger_reader *reader = NULL;
    int r = ledger_reader_open(p->ledger_path, &reader);
    if (r < 0)
        return err_trace(r);
    r = analytics_summarise(reader, from_ms, to_ms, &s);
    int count = r < 0 ? r : analytics_group_by(reader, from_ms, to_ms, ANALYTICS_BY_SYMBOL, groups);
    ledger_reader_close(reader);
    if (count < 0)
        return err_trace(count);
    char date[FORMAT_CAP];
    text_render(out, lang, "daily.title",
                ANSWER_ARGS({"date", format_date(from_ms, p->utc_offset_min, date)}));
    buf_putc(out, '\n');
    report_summary(out, lang, &s);
    report_groups(out, lang, "report.by_symbol", groups, count);
    return 0;
}

static bool days_back(const struct command *c, int64_t *ret)
{
    *ret = 0;
    return !c->args[0] || (str_to_i64(c->args, ret) && *ret >= 0 && *ret <= DAYS_BACK_MAX);
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    int64_t days;
    if (!days_back(c, &days))
        return REASON_ARGUMENT_INVALID;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, REPORTS_MAX_BYTES);
    if (write_day(p, (int)days, c->lang, &out) < 0)
        return REASON_INTERNAL;
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    int64_t days;
    char arg[FORMAT_CAP];
    answer_init(&a, tx, c);
    answer_html(&a, answer_body(c));
    if (days_back(c, &days) && days < DAYS_BACK_MAX)
        answer_menu(&a, "button.previous_day", "daily", format_u64((uint64_t)days + 1, arg));
    if (days > 0)
        answer_menu(&a, "button.next_day", "daily", format_u64((uint64_t)days - 1, arg));
    else
        answer_menu(&a, "button.refresh", "daily", "");
    answer_finish(&a, ret);
}

const struct bot_command daily_command = {
    .ops = {.name = "daily", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_ANALYTICS),
    .klass = COMMAND_READ,
    .args_usage = "[days back]",
    .help_key = "help.daily",
    .prepare = prepare,
};
