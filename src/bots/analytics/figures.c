#include "bots/analytics/figures.h"

#include <stdio.h>
#include <string.h>

#include "bots/format.h"
#include "core/alloc.h"

const struct arg_spec figures_args[] = {
    {.name = "days", .type = ARG_INT, .is_optional = true, .min = 1, .max = FIGURES_DAYS_MAX},
    {.type = ARG_UNSET}};

void figures_line(struct figures *f, const char *key, const struct text_arg *args)
{
    text_render(f->out, f->c->lang, key, args);
    buf_putc(f->out, '\n');
}

char *figures_date(const struct figures *f, int64_t day_number, char out[40])
{
    (void)f;
    return format_date(day_number * FIGURES_DAY_MS, 0, out);
}

enum reason figures_prepare(const struct bot_prepare *p, struct command *c, int default_days,
                            int (*write)(struct figures *f))
{
    struct args v;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    if (args_parse(figures_args, c->args, &v) != ARGS_OK)
        return REASON_ACCEPTED;
    int64_t days = v.v[0].is_given ? v.v[0].number : default_days;
    struct figures f = {
        .p = p,
        .c = c,
        .days = days,
        /* Whole trading days, today the last of them. */
        .from_ms =
            format_day_start_ms(p->now_ms, p->utc_offset_min, p->daily_reset_minute, (int)days - 1),
        .to_ms = p->now_ms + 1,
        .shift_ms = (p->utc_offset_min - p->daily_reset_minute) * INT64_C(60000),
        .out = &out,
    };
    buf_init(&out, REPORTS_MAX_BYTES);
    if (ledger_reader_open(p->ledger_path, &f.reader) < 0)
        return REASON_INTERNAL;
    int r = write(&f);
    ledger_reader_close(f.reader);
    if (r < 0)
        return REASON_INTERNAL;
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

void figures_run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (args_read(&a, &v)) {
        answer_html(&a, answer_body(c));
        answer_menu(&a, "button.days_7", c->name, "7");
        answer_menu(&a, "button.days_30", c->name, "30");
        answer_menu(&a, "button.days_365", c->name, "365");
    }
    answer_finish(&a, ret);
}
