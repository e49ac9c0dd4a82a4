/* /history [page | csv]: the newest closed trades, or those of a year as a CSV document. On the
 * controller and the analytics bot. */
#include <string.h>

#include "bots/analytics/sheet.h"
#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/hearing.h"
#include "bots/reports.h"
#include "core/alloc.h"

#define KEPT_MAX    200
#define A_PAGE      10
#define PAGES_MAX   (KEPT_MAX / A_PAGE)
#define WINDOW_DAYS 365
#define WINDOW_MS   (WINDOW_DAYS * INT64_C(86400000))

static const struct arg_spec fields[] = {
    {.name = "page", .type = ARG_INT, .is_optional = true, .min = 1, .max = PAGES_MAX},
    {.name = "as", .type = ARG_CHOICE, .is_optional = true, .choices = "csv"},
    {.type = ARG_UNSET}};

struct newest {
    struct ledger_trade items[KEPT_MAX]; /* ring */
    size_t count;                        /* seen in all */
};

static int on_trade(const struct ledger_trade *t, void *ctx)
{
    struct newest *n = ctx;
    n->items[n->count++ % KEPT_MAX] = *t;
    return 0;
}

static void trade(struct buf *out, int zone_min, enum lang lang, const struct ledger_trade *t)
{
    char lots[FORMAT_CAP], entry[FORMAT_CAP], exit[FORMAT_CAP], profit[FORMAT_CAP];
    char at[FORMAT_CAP], ref[FORMAT_CAP];
    /* The old bot's do not say why they were closed. */
    const char *why = t->close_reason != REASON_UNSET ? reason_code(t->close_reason) : t->route;
    text_render(
        out, lang, "history.trade",
        ANSWER_ARGS({"symbol", t->symbol}, {"side", side_name(t->side)},
                    {"lots", format_lots(t->lots_e8, lots)},
                    {"profit", format_profit(t->profit_e8 + t->swap_e8 - t->commission_e8, profit)},
                    {"entry", format_price(t->symbol, t->entry_e8, entry)},
                    {"exit", format_price(t->symbol, t->exit_e8, exit)},
                    {"at", format_minute(t->closed_ms, zone_min, at)}, {"reason", why},
                    {"ref", format_ref(t->cid, ref)}));
    buf_putc(out, '\n');
}

static int read_closed(const struct bot_prepare *p, ledger_visit_fn visit, void *ctx)
{
    struct ledger_reader *reader = NULL;
    int r = ledger_reader_open(p->ledger_path, &reader);
    if (r < 0)
        return err_trace(r);
    r = ledger_read_closed(reader, p->now_ms - WINDOW_MS, p->now_ms + 1, visit, ctx);
    ledger_reader_close(reader);
    return r < 0 ? err_trace(r) : 0;
}

static enum reason prepare_csv(const struct bot_prepare *p, struct command *c)
{
    struct sheet s;
    char count[FORMAT_CAP], days[FORMAT_CAP];
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    sheet_init(&s);
    int r = read_closed(p, sheet_add, &s);
    if (r >= 0 && s.rows > 0)
        r = sheet_write(&s, p, c);
    sheet_deinit(&s);
    if (r < 0)
        return REASON_INTERNAL;
    buf_init(&out, REPORTS_MAX_BYTES);
    if (s.rows > 0)
        buf_putc(&out, SHEET_MARK);
    text_render(
        &out, c->lang, s.rows > 0 ? "export.title" : "export.none",
        ANSWER_ARGS({"count", format_u64(s.rows, count)}, {"days", format_u64(WINDOW_DAYS, days)}));
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct args v;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    struct newest *n TR_CLEANUP(mem_freep) = xalloc(sizeof *n);
    char t1[FORMAT_CAP], t2[FORMAT_CAP];
    if (args_parse(fields, c->args, &v) != ARGS_OK)
        return REASON_ACCEPTED;
    if (v.v[1].is_given)
        return prepare_csv(p, c);
    if (read_closed(p, on_trade, n) < 0)
        return REASON_INTERNAL;
    int zone_min = hearing_zone_of(p, c->chat_id);
    buf_init(&out, REPORTS_MAX_BYTES);
    size_t kept = n->count < KEPT_MAX ? n->count : KEPT_MAX;
    size_t pages = kept == 0 ? 1 : (kept + A_PAGE - 1) / A_PAGE;
    size_t page = v.v[0].is_given ? (size_t)v.v[0].number : 1;
    page = page > pages ? pages : page;
    text_render(&out, c->lang, kept == 0 ? "history.none" : "history.title", NULL);
    buf_putc(&out, '\n');
    for (size_t i = (page - 1) * A_PAGE; i < kept && i < page * A_PAGE; i++)
        trade(&out, zone_min, c->lang, &n->items[(n->count - 1 - i) % KEPT_MAX]);
    text_render(&out, c->lang, "list.page",
                ANSWER_ARGS({"page", format_u64(page, t1)}, {"pages", format_u64(pages, t2)}));
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void attach(struct answer *a, struct reply *ret)
{
    const char *body = answer_body(a->c);
    if (*body == SHEET_MARK) {
        sheet_name(a->c, ret->photo_path);
        body++;
    }
    answer_html(a, body);
    a->is_new_message = true; /* a text message cannot be edited into a document */
}

static void show(struct answer *a, const struct arg *wanted)
{
    char arg[FORMAT_CAP];
    uint64_t page = wanted->is_given ? (uint64_t)wanted->number : 1;
    answer_html(a, answer_body(a->c));
    if (page > 1)
        answer_menu(a, "button.previous", "history", format_u64(page - 1, arg));
    if (page < PAGES_MAX)
        answer_menu(a, "button.next", "history", format_u64(page + 1, arg));
    answer_menu(a, "menu.csv", "history", "csv");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    bool is_read = args_read(&a, &v);
    if (is_read && v.v[1].is_given)
        attach(&a, ret);
    else if (is_read)
        show(&a, &v.v[0]);
    answer_finish(&a, ret);
}

const struct bot_command history_command = {
    .ops = {.name = "history", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER) | ROLES_BIT(BOT_ANALYTICS),
    .klass = COMMAND_READ,
    .args = fields,
    .help_key = "help.history",
    .prepare = prepare,
};
