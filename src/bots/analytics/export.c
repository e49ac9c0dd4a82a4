/* /export [days]: closed trades as a CSV document. prepare() writes the file beside the pictures,
 * run() names it when the body says there is one. */
#include <string.h>

#include "bots/analytics/figures.h"
#include "bots/analytics/sheet.h"
#include "bots/format.h"
#include "core/alloc.h"

static int write(struct figures *f)
{
    struct sheet s;
    char days[FORMAT_CAP], count[FORMAT_CAP];
    sheet_init(&s);
    int r = ledger_read_closed(f->reader, f->from_ms, f->to_ms, sheet_add, &s);
    if (r >= 0 && s.rows > 0)
        r = sheet_write(&s, f->p, f->c);
    sheet_deinit(&s);
    if (r < 0)
        return err_trace(r);
    if (s.rows > 0)
        buf_putc(f->out, SHEET_MARK);
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
        if (body[0] == SHEET_MARK) {
            sheet_name(c, ret->photo_path);
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
