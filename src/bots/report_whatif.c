/* bots/report_whatif.c: a decision nobody carried out, for a phone. Sentences are wrapped here: a
 * card's lines stay within CARDS_COLUMNS whatever the client does. */
#include <stdio.h>
#include <string.h>

#include "bots/cards.h"
#include "bots/format.h"
#include "bots/reports.h"
#include "core/alloc.h"
#include "model/text.h"
#include "telegram/message_text.h"

#define ARGS(...) ((const struct text_arg[]){__VA_ARGS__, {NULL, NULL}})
#define TEXT_MAX  1024

static void line(struct buf *out, enum lang lang, const char *key, const struct text_arg *args)
{
    text_render(out, lang, key, args);
    buf_putc(out, '\n');
}

/* Bytes of the first word of p, its UTF-16 units in *ret_units; a word too long for a line ends at
 * a character. */
static size_t take_word(const char *p, size_t *ret_units)
{
    size_t n = 0, units = 0;
    while (p[n] != '\0' && p[n] != ' ' && units < CARDS_COLUMNS) {
        unsigned char lead = (unsigned char)p[n];
        size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        units += bytes == 4 ? 2 : 1;
        while (bytes-- > 0 && p[n] != '\0')
            n++;
    }
    *ret_units = units;
    return n;
}

/* Plain text into escaped lines. */
static void wrap(struct buf *out, const char *plain)
{
    size_t used = 0;
    char word[4 * CARDS_COLUMNS + 8];
    while (*plain != '\0') {
        size_t units = 0;
        while (*plain == ' ')
            plain++;
        size_t n = take_word(plain, &units);
        if (n == 0)
            break;
        TR_ASSERT(n < sizeof word);
        memcpy(word, plain, n);
        word[n] = '\0';
        plain += n;
        if (used > 0 && used + 1 + units > CARDS_COLUMNS) {
            buf_putc(out, '\n');
            used = 0;
        }
        if (used > 0)
            buf_putc(out, ' ');
        text_escape_html(out, word);
        used += units + (used > 0);
    }
    buf_putc(out, '\n');
}

/* A catalogue entry, without its marks, wrapped. */
static void wrapped(struct buf *out, enum lang lang, const char *key, const struct text_arg *args)
{
    struct buf html TR_CLEANUP(buf_deinit) = {0}, plain TR_CLEANUP(buf_deinit) = {0};
    buf_init(&html, TEXT_MAX);
    buf_init(&plain, TEXT_MAX);
    text_render(&html, lang, key, args);
    text_html_to_plain(&plain, html.data);
    if (!buf_failed(&html) && !buf_failed(&plain))
        wrap(out, plain.data);
}

static void reasons(struct buf *out, enum lang lang, const struct decision *d)
{
    char key[64], number[DEC_TEXT_CAP], limit[DEC_TEXT_CAP];
    for (int i = 0; i < d->reason_count && i < DECISION_REASONS_MAX; i++) {
        (void)snprintf(key, sizeof key, "reason.%s", reason_code(d->reasons[i]));
        const char *sentence = text_get(lang, key);
        wrapped(out, lang, "whatif.reason",
                ARGS({"sentence", sentence != NULL ? sentence : reason_code(d->reasons[i])}));
    }
    if (d->field[0])
        wrapped(out, lang, "why.field", ARGS({"field", d->field}));
    if (d->number_e8 != DEC_NONE && d->limit_e8 != DEC_NONE)
        wrapped(out, lang, "why.limit",
                ARGS({"number", dec_format(d->number_e8, number)},
                     {"limit", dec_format(d->limit_e8, limit)}));
}

static void order(struct buf *out, enum lang lang, const struct decision_order *o)
{
    char lots[FORMAT_CAP], entry[FORMAT_CAP], sl[FORMAT_CAP], tp[FORMAT_CAP];
    line(out, lang, "whatif.order",
         ARGS({"role", order_role_name(o->role)}, {"side", side_name(o->side)},
              {"lots", format_lots(o->lots_e8, lots)},
              {"entry", format_price(o->symbol, o->entry_e8, entry)}));
    line(out, lang, "whatif.stops",
         ARGS({"sl", format_price(o->symbol, o->sl_e8, sl)},
              {"tp", format_price(o->symbol, o->tp_e8, tp)}));
}

static void decided(struct buf *out, enum lang lang, const struct decision *d)
{
    static const char *const keys[DECISION_ACTION_COUNT] = {
        [DECISION_UNSET] = "",
        [DECISION_EXECUTE] = "whatif.execute",
        [DECISION_CLOSE] = "whatif.close",
        [DECISION_SKIP] = "whatif.skip",
        [DECISION_NOTIFY] = "whatif.notify",
    };
    char count[FORMAT_CAP];
    TR_ASSERT(d->action > DECISION_UNSET && d->action < DECISION_ACTION_COUNT);
    line(out, lang, keys[d->action], NULL);
    if (d->plugin[0])
        line(out, lang, "whatif.by",
             ARGS({"plugin", d->plugin}, {"route", d->route[0] ? d->route : "-"}));
    if (d->close_count > 0)
        line(out, lang, "whatif.closes",
             ARGS({"count", format_u64((uint64_t)d->close_count, count)}));
    for (int i = 0; i < d->order_count && i < DECISION_ORDERS_MAX; i++)
        order(out, lang, &d->orders[i]);
    reasons(out, lang, d);
}

void report_whatif(struct buf *out, enum lang lang, const struct report_whatif *r)
{
    TR_ASSERT(out && r);
    char price[FORMAT_CAP], balance[FORMAT_CAP], open[FORMAT_CAP];
    const struct signal *s = &r->signal;
    line(out, lang, "whatif.title", ARGS({"trader", r->trader}));
    line(out, lang, "whatif.signal",
         ARGS({"kind", signal_kind_name(s->kind)}, {"symbol", s->symbol[0] ? s->symbol : "-"},
              {"side", side_name(s->side)},
              {"tf", s->tf == TF_OTHER ? s->tf_text : timeframe_name(s->tf)},
              {"price", format_price(s->symbol, s->price_e8, price)}));
    decided(out, lang, &r->decision);
    line(out, lang, r->is_stated ? "whatif.stated" : "whatif.supposed",
         ARGS({"balance", format_money(r->balance_e8, balance)},
              {"open", format_u64(r->open, open)}));
}

void report_whatif_problems(struct buf *out, enum lang lang, const struct conf_problems *p)
{
    TR_ASSERT(out && p && p->count > 0);
    line(out, lang, "whatif.unreadable", NULL);
    for (int i = 0; i < p->count && i < 3; i++)
        wrapped(out, lang, "whatif.problem",
                ARGS({"path", p->items[i].path}, {"value", p->items[i].value},
                     {"accepted", p->items[i].accepted}));
}
