/* Rows of a box are grouped by type for its card, the gravest first, each with its busiest symbols.
 * Sums are of integers in fixed point; what does not fit the card is still in its totals. */
#include "notify/collect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "model/text.h"
#include "notify/outbox_impl.h"

#define LINES_MAX   24
#define SYMBOLS_MAX 4
#define NUMBER_CAP  32
#define PART_CAP    64

struct group {
    int64_t count, lots_e8, profit_e8;
    size_t symbols;
    int64_t symbol_counts[SYMBOLS_MAX];
    char symbol_names[SYMBOLS_MAX][SYMBOL_CAP];
};

struct box_view {
    struct group groups[EVENT_TYPE_COUNT];
    int64_t count, profit_e8, first_seq, last_seq;
    char *card; /* of the oldest message, with how many events it tells */
    int64_t card_count, card_seq;
};

int collect_add(struct outbox *o, const struct collect_item *item)
{
    const struct event *e = item->event;
    TR_ASSERT(item->count > 0 && item->box.kind > COLLECT_UNSET);
    int64_t number = (int64_t)(e->cause_seq != 0 ? e->cause_seq : e->seq);
    const int64_t values[] = {
        item->box.kind,
        item->box.bot,
        item->box.chat_id,
        item->count,
        e->lots_e8 == DEC_NONE ? 0 : e->lots_e8,
        e->profit_e8,
        number,
        number,
        item->box.since_ms,
        item->card_count,
    };
    sqlite3_stmt *st = outbox_bind(
        o,
        "INSERT INTO collected(kind, bot, chat_id, count, lots_e8, profit_e8, first_seq, last_seq,"
        " since_ms, card_count, card, event, symbol, topic) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(kind, bot, chat_id, topic, event, symbol) DO UPDATE SET"
        " count=count+excluded.count, lots_e8=lots_e8+excluded.lots_e8,"
        " profit_e8=profit_e8+excluded.profit_e8, last_seq=max(last_seq, excluded.last_seq)",
        values, (int)TR_ARRAY_SIZE(values));
    if (st == NULL || !outbox_bind_text(st, 11, item->card) ||
        !outbox_bind_text(st, 12, event_info(e->type)->name) ||
        !outbox_bind_text(st, 13, e->symbol) || !outbox_bind_text(st, 14, item->box.topic))
        return err_raise(-EIO);
    return err_trace(outbox_run(o, st));
}

static sqlite3_stmt *bind_box(struct outbox *o, const char *sql, const struct outbox_box *box)
{
    sqlite3_stmt *st = outbox_bind(o, sql, (const int64_t[]){box->kind, box->bot, box->chat_id}, 3);
    return st != NULL && outbox_bind_text(st, 4, box->topic) ? st : NULL;
}

int collect_clear(struct outbox *o, const struct outbox_box *box)
{
    return err_trace(outbox_run(
        o, bind_box(o, "DELETE FROM collected WHERE kind=? AND bot=? AND chat_id=? AND topic=?",
                    box)));
}

int collect_next_topic(struct outbox *o, struct outbox_box *box)
{
    sqlite3_stmt *st = outbox_bind(
        o,
        "SELECT topic FROM collected WHERE kind=? AND bot=? AND chat_id=? ORDER BY topic LIMIT 1",
        (const int64_t[]){box->kind, box->bot, box->chat_id}, 3);
    int r = outbox_next(o, st);
    if (r <= 0)
        return err_trace(r);
    bool fits = str_copy(box->topic, sizeof(box->topic), outbox_column(st, 0));
    (void)sqlite3_reset(st); /* one row was enough */
    return fits ? 1 : err_raise(-EBADMSG);
}

/* ---- the card ---- */

static void add_symbol(struct group *g, const char *symbol, int64_t count)
{
    if (symbol[0] == '\0')
        return;
    size_t at = g->symbols < SYMBOLS_MAX ? g->symbols : SYMBOLS_MAX - 1;
    if (at < g->symbols && g->symbol_counts[at] >= count)
        return;
    for (; at > 0 && g->symbol_counts[at - 1] < count; at--) {
        g->symbol_counts[at] = g->symbol_counts[at - 1];
        memcpy(g->symbol_names[at], g->symbol_names[at - 1], SYMBOL_CAP);
    }
    g->symbol_counts[at] = count;
    (void)str_copy(g->symbol_names[at], SYMBOL_CAP, symbol); /* came from such a field */
    g->symbols += g->symbols < SYMBOLS_MAX;
}

static void add_row(struct box_view *v, sqlite3_stmt *st)
{
    enum event_type t = EVENT_UNSET;
    if (!event_parse_name(outbox_column(st, 0), &t))
        return; /* a type of another version */
    struct group *g = &v->groups[t];
    int64_t count = sqlite3_column_int64(st, 2);
    int64_t first = sqlite3_column_int64(st, 5);
    g->count += count;
    g->lots_e8 += sqlite3_column_int64(st, 3);
    g->profit_e8 += sqlite3_column_int64(st, 4);
    add_symbol(g, outbox_column(st, 1), count);
    v->count += count;
    v->profit_e8 += sqlite3_column_int64(st, 4);
    if (v->first_seq == 0 || first < v->first_seq)
        v->first_seq = first;
    if (sqlite3_column_int64(st, 6) > v->last_seq)
        v->last_seq = sqlite3_column_int64(st, 6);
    if (outbox_column(st, 7) != NULL && (v->card == NULL || first < v->card_seq)) {
        mem_free(v->card);
        v->card = xstrdup(outbox_column(st, 7));
        v->card_count = sqlite3_column_int64(st, 8);
        v->card_seq = first;
    }
}

static int read_box(struct outbox *o, const struct outbox_box *box, struct box_view *v)
{
    sqlite3_stmt *st =
        bind_box(o,
                 "SELECT event, symbol, count, lots_e8, profit_e8, first_seq, last_seq, card,"
                 " card_count FROM collected WHERE kind=? AND bot=? AND chat_id=? AND topic=?",
                 box);
    int r;
    while ((r = outbox_next(o, st)) > 0)
        add_row(v, st);
    return err_trace(r);
}

static void line(struct buf *out, enum lang lang, const char *key, const struct text_arg *args)
{
    text_render(out, lang, key, args);
    buf_putc(out, '\n');
}

static void format_money(int64_t money_e8, const char *before, char out[PART_CAP])
{
    char text[DEC_TEXT_CAP];
    (void)snprintf(out, PART_CAP, "%s%s%s", before, money_e8 > 0 ? "+" : "",
                   dec_format_fixed(money_e8, 2, text));
}

static void group_lines(struct buf *out, enum lang lang, enum event_type t, const struct group *g)
{
    char count[NUMBER_CAP];
    char lots[PART_CAP] = "";
    char profit[PART_CAP] = "";
    char number[DEC_TEXT_CAP];
    (void)snprintf(count, sizeof(count), "%" PRId64, g->count);
    if (g->lots_e8 != 0)
        (void)snprintf(lots, sizeof(lots), " · %s",
                       g->lots_e8 % (DEC_ONE / 100) == 0 ? dec_format_fixed(g->lots_e8, 2, number)
                                                         : dec_format(g->lots_e8, number));
    if (g->profit_e8 != 0)
        format_money(g->profit_e8, " · ", profit);
    line(out, lang, "collect.line",
         (const struct text_arg[]){{"name", event_info(t)->name},
                                   {"count", count},
                                   {"lots", lots},
                                   {"profit", profit},
                                   {NULL, NULL}});
    struct buf symbols TR_CLEANUP(buf_deinit) = {0};
    buf_init(&symbols, 512);
    for (size_t i = 0; i < g->symbols; i++)
        buf_printf(&symbols, "%s%s %" PRId64, i == 0 ? "" : " · ", g->symbol_names[i],
                   g->symbol_counts[i]);
    if (g->symbols > 0)
        line(out, lang, "collect.symbols",
             (const struct text_arg[]){{"symbols", symbols.data}, {NULL, NULL}});
}

static void summary(struct buf *out, enum lang lang, const struct outbox_box *box,
                    const struct box_view *v)
{
    char count[NUMBER_CAP];
    char first[NUMBER_CAP];
    char last[NUMBER_CAP];
    char profit[PART_CAP];
    size_t lines = 0;
    size_t left = 0;
    (void)snprintf(count, sizeof(count), "%" PRId64, v->count);
    line(out, lang, box->kind == COLLECT_BURST ? "collect.burst" : "collect.digest",
         (const struct text_arg[]){{"count", count}, {NULL, NULL}});
    for (int p = PRIORITY_COUNT - 1; p > PRIORITY_UNSET; p--)
        for (int t = EVENT_UNSET + 1; t < EVENT_TYPE_COUNT; t++) {
            if (v->groups[t].count == 0 || (int)event_info((enum event_type)t)->priority != p)
                continue;
            if (lines++ < LINES_MAX)
                group_lines(out, lang, (enum event_type)t, &v->groups[t]);
            else
                left++;
        }
    (void)snprintf(count, sizeof(count), "%zu", left);
    if (left > 0)
        line(out, lang, "collect.more", (const struct text_arg[]){{"count", count}, {NULL, NULL}});
    format_money(v->profit_e8, "", profit);
    if (v->profit_e8 != 0)
        line(out, lang, "collect.total",
             (const struct text_arg[]){{"profit", profit}, {NULL, NULL}});
    (void)snprintf(first, sizeof(first), "%" PRId64, v->first_seq);
    (void)snprintf(last, sizeof(last), "%" PRId64, v->last_seq);
    text_render(out, lang, "collect.range",
                (const struct text_arg[]){{"first", first}, {"last", last}, {NULL, NULL}});
}

static void judge(const struct box_view *v, const struct rules *rules, int64_t now_ms,
                  struct collect_card *ret)
{
    *ret = (struct collect_card){.count = v->count, .is_silent = true};
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++) {
        enum event_type t = (enum event_type)i;
        const char *rule = NULL;
        if (v->groups[i].count == 0)
            continue;
        if (event_info(t)->priority > ret->priority)
            ret->priority = event_info(t)->priority;
        ret->is_silent = ret->is_silent && rules_mode(rules, t, now_ms, &rule) == RULE_SILENT;
    }
}

int collect_render(struct outbox *o, const struct outbox_box *box, enum lang lang,
                   const struct rules *rules, struct buf *out, struct collect_card *ret)
{
    struct box_view *v TR_CLEANUP(mem_freep) = xalloc(sizeof(*v));
    int r = read_box(o, box, v);
    if (r == 0) {
        judge(v, rules, box->since_ms, ret);
        if (v->card != NULL && v->card_count == v->count)
            buf_puts(out, v->card);
        else if (v->count > 0)
            summary(out, lang, box, v);
    }
    mem_free(v->card);
    return err_trace(r);
}
