/* /export [days]: closed trades as a CSV document. prepare() writes the file beside the pictures,
 * run() names it when the body says there is one. */
#include <inttypes.h>
#include <string.h>

#include "bots/analytics/charts.h"
#include "bots/analytics/figures.h"
#include "bots/format.h"
#include "core/alloc.h"
#include "core/file.h"

#define CSV_MAX_BYTES (8 * 1024 * 1024)
#define HAS_FILE_MARK '\x1d'

static void file_name(const struct command *c, char out[CHARTS_NAME_CAP])
{
    charts_name(c, out);
    char *dot = strrchr(out, '.');
    TR_ASSERT(dot != NULL);
    (void)str_copy(dot, (size_t)(out + CHARTS_NAME_CAP - dot), ".csv"); /* as long as ".png" */
}

struct sheet {
    struct buf csv;
    uint64_t rows;
};

static int on_trade(const struct ledger_trade *t, void *ctx)
{
    struct sheet *s = ctx;
    char lots[DEC_TEXT_CAP], entry[DEC_TEXT_CAP], exit[DEC_TEXT_CAP], profit[DEC_TEXT_CAP];
    char commission[DEC_TEXT_CAP], swap[DEC_TEXT_CAP], opened[CLOCK_TEXT_CAP],
        closed[CLOCK_TEXT_CAP];
    clock_format_rfc3339(t->opened_ms, opened);
    clock_format_rfc3339(t->closed_ms, closed);
    buf_printf(&s->csv, "%" PRIu64 ",%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", t->cid, t->symbol,
               side_name(t->side), t->route, order_role_name(t->role), dec_format(t->lots_e8, lots),
               dec_format(t->entry_e8, entry), dec_format(t->exit_e8, exit),
               dec_format(t->profit_e8, profit), dec_format(t->commission_e8, commission),
               dec_format(t->swap_e8, swap), opened, closed, reason_code(t->close_reason));
    s->rows++;
    return 0;
}

static int write_file(struct figures *f, struct sheet *s)
{
    char name[CHARTS_NAME_CAP];
    int r = charts_make_room(f->p->data_dir);
    if (r < 0)
        return err_trace(r);
    file_name(f->c, name);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/%s", f->p->data_dir, name);
    return err_trace(file_write_atomic(path, s->csv.data, s->csv.len, 0600));
}

static int write(struct figures *f)
{
    struct sheet s = {.rows = 0};
    char days[FORMAT_CAP], count[FORMAT_CAP];
    buf_init(&s.csv, CSV_MAX_BYTES);
    buf_puts(&s.csv, "cid,symbol,side,route,order,lots,entry,exit,profit,commission,swap,opened,"
                     "closed,reason\n");
    int r = ledger_read_closed(f->reader, f->from_ms, f->to_ms, on_trade, &s);
    if (r >= 0 && buf_failed(&s.csv))
        r = err_raise(-EFBIG);
    if (r >= 0 && s.rows > 0)
        r = write_file(f, &s);
    buf_deinit(&s.csv);
    if (r < 0)
        return r;
    if (s.rows > 0)
        buf_putc(f->out, HAS_FILE_MARK);
    figures_line(f, s.rows > 0 ? "export.title" : "export.none",
                 ANSWER_ARGS({"count", format_u64(s.rows, count)},
                             {"days", format_u64((uint64_t)f->days, days)}));
    return 0;
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    return figures_prepare(p, c, 30, write);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    const char *body = answer_body(c);
    answer_init(&a, tx, c);
    if (args_read(&a, &v)) {
        if (body[0] == HAS_FILE_MARK) {
            file_name(c, ret->photo_path);
            body++;
        }
        answer_html(&a, body);
        a.is_new_message = true; /* a text message cannot be edited into a document */
    }
    answer_finish(&a, ret);
}

const struct bot_command export_command = {
    .ops = {.name = "export", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"csv"},
    .bots = ROLES_BIT(BOT_ANALYTICS),
    .klass = COMMAND_READ,
    .args = figures_args,
    .help_key = "help.export",
    .prepare = prepare,
};
