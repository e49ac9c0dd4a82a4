/* bots/analytics/sheet.c: see sheet.h. */
#include "bots/analytics/sheet.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bots/analytics/charts.h"
#include "core/alloc.h"
#include "core/file.h"

#define CSV_MAX_BYTES (8 * 1024 * 1024)

void sheet_init(struct sheet *s)
{
    *s = (struct sheet){.rows = 0};
    buf_init(&s->csv, CSV_MAX_BYTES);
    buf_puts(&s->csv, "cid,symbol,side,route,order,lots,entry,exit,profit,commission,swap,opened,"
                      "closed,reason\n");
}

void sheet_deinit(struct sheet *s)
{
    buf_deinit(&s->csv);
}

int sheet_add(const struct ledger_trade *t, void *sheet)
{
    struct sheet *s = sheet;
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

void sheet_name(const struct command *c, char out[SHEET_NAME_CAP])
{
    charts_name(c, out);
    char *dot = strrchr(out, '.');
    TR_ASSERT(dot != NULL);
    (void)str_copy(dot, (size_t)(out + SHEET_NAME_CAP - dot), ".csv"); /* as long as ".png" */
}

int sheet_write(struct sheet *s, const struct bot_prepare *p, const struct command *c)
{
    char name[SHEET_NAME_CAP];
    if (buf_failed(&s->csv))
        return err_raise(-EFBIG);
    int r = charts_make_room(p->data_dir);
    if (r < 0)
        return err_trace(r);
    sheet_name(c, name);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/%s", p->data_dir, name);
    return err_trace(file_write_atomic(path, s->csv.data, s->csv.len, 0600));
}
