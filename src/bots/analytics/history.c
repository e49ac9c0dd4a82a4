/* /history [page]: the newest closed trades. On the controller and the analytics bot. */
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/reports.h"
#include "core/alloc.h"

#define KEPT_MAX  200
#define A_PAGE    10
#define PAGES_MAX (KEPT_MAX / A_PAGE)
#define WINDOW_MS (INT64_C(365) * 86400000)

static const struct arg_spec fields[] = {
    {.name = "page", .type = ARG_INT, .is_optional = true, .min = 1, .max = PAGES_MAX},
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

static void trade(struct buf *out, const struct bot_prepare *p, enum lang lang,
                  const struct ledger_trade *t)
{
    char lots[FORMAT_CAP], entry[FORMAT_CAP], exit[FORMAT_CAP], profit[FORMAT_CAP];
    char at[FORMAT_CAP], ref[FORMAT_CAP];
    text_render(
        out, lang, "history.trade",
        ANSWER_ARGS({"symbol", t->symbol}, {"side", side_name(t->side)},
                    {"lots", format_lots(t->lots_e8, lots)},
                    {"profit", format_profit(t->profit_e8 + t->swap_e8 - t->commission_e8, profit)},
                    {"entry", format_price(t->symbol, t->entry_e8, entry)},
                    {"exit", format_price(t->symbol, t->exit_e8, exit)},
                    {"at", format_minute(t->closed_ms, p->utc_offset_min, at)},
                    {"reason", reason_code(t->close_reason)}, {"ref", format_ref(t->cid, ref)}));
    buf_putc(out, '\n');
}

static int read_newest(const struct bot_prepare *p, struct newest *ret)
{
    struct ledger_reader *reader = NULL;
    int r = ledger_reader_open(p->ledger_path, &reader);
    if (r < 0)
        return err_trace(r);
    r = ledger_read_closed(reader, p->now_ms - WINDOW_MS, p->now_ms + 1, on_trade, ret);
    ledger_reader_close(reader);
    return r < 0 ? err_trace(r) : 0;
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct args v;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    struct newest *n TR_CLEANUP(mem_freep) = xalloc(sizeof *n);
    char t1[FORMAT_CAP], t2[FORMAT_CAP];
    if (args_parse(fields, c->args, &v) != ARGS_OK)
        return REASON_ACCEPTED;
    if (read_newest(p, n) < 0)
        return REASON_INTERNAL;
    buf_init(&out, REPORTS_MAX_BYTES);
    size_t kept = n->count < KEPT_MAX ? n->count : KEPT_MAX;
    size_t pages = kept == 0 ? 1 : (kept + A_PAGE - 1) / A_PAGE;
    size_t page = v.v[0].is_given ? (size_t)v.v[0].number : 1;
    page = page > pages ? pages : page;
    text_render(&out, c->lang, kept == 0 ? "history.none" : "history.title", NULL);
    buf_putc(&out, '\n');
    for (size_t i = (page - 1) * A_PAGE; i < kept && i < page * A_PAGE; i++)
        trade(&out, p, c->lang, &n->items[(n->count - 1 - i) % KEPT_MAX]);
    text_render(&out, c->lang, "list.page",
                ANSWER_ARGS({"page", format_u64(page, t1)}, {"pages", format_u64(pages, t2)}));
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    char arg[FORMAT_CAP];
    answer_init(&a, tx, c);
    if (args_read(&a, &v)) {
        uint64_t page = v.v[0].is_given ? (uint64_t)v.v[0].number : 1;
        answer_html(&a, answer_body(c));
        if (page > 1)
            answer_menu(&a, "button.previous", "history", format_u64(page - 1, arg));
        if (page < PAGES_MAX)
            answer_menu(&a, "button.next", "history", format_u64(page + 1, arg));
    }
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
