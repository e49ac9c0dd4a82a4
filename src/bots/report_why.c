/* bots/report_why.c: one journal row in words: the input, the decision with its reasons, numbers
 * and orders, and every output. Reads only what the row holds, so the explanation is what really
 * happened, not what the present state would say. */
#include "bots/reports.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bots/format.h"
#include "core/alloc.h"
#include "engine/input.h"
#include "model/text.h"

#define ARGS(...) ((const struct text_arg[]){__VA_ARGS__, {NULL, NULL}})

struct why {
    struct buf *out;
    enum lang lang;
};

static void line(const struct why *w, const char *key, const struct text_arg *args)
{
    text_render(w->out, w->lang, key, args);
    buf_putc(w->out, '\n');
}

static void reason_line(const struct why *w, enum reason r)
{
    if (r <= REASON_UNSET || r >= REASON_COUNT)
        return;
    char key[64];
    (void)snprintf(key, sizeof key, "reason.%s", reason_code(r));
    TR_CLEANUP(buf_deinit) struct buf sentence = {0};
    buf_init(&sentence, 512);
    text_render(&sentence, w->lang, key, NULL);
    line(w, "why.reason", ARGS({"code", reason_code(r)}, {"sentence_html", sentence.data}));
}

static void why_signal(const struct why *w, const struct signal *s)
{
    char price[FORMAT_CAP], score[FORMAT_CAP];
    line(w, "why.signal",
         ARGS({"kind", signal_kind_name(s->kind)}, {"format", signal_format_name(s->format)},
              {"symbol", s->symbol[0] ? s->symbol : "-"}, {"side", side_name(s->side)},
              {"tf", s->tf == TF_OTHER ? s->tf_text : timeframe_name(s->tf)}));
    (void)snprintf(score, sizeof score, "%d", s->score);
    line(w, "why.signal_numbers",
         ARGS({"price", format_price(s->symbol, s->price_e8, price)},
              {"score", s->score < 0 ? "-" : score}));
}

static void why_order(const struct why *w, const struct decision_order *o)
{
    char lots[FORMAT_CAP], entry[FORMAT_CAP], sl[FORMAT_CAP], tp[FORMAT_CAP];
    line(w, "why.order",
         ARGS({"role", order_role_name(o->role)}, {"side", side_name(o->side)},
              {"lots", format_lots(o->lots_e8, lots)}, {"lots_rule", o->lots_rule},
              {"entry", format_price(o->symbol, o->entry_e8, entry)},
              {"sl", format_price(o->symbol, o->sl_e8, sl)}, {"sl_rule", o->sl_rule},
              {"tp", format_price(o->symbol, o->tp_e8, tp)}, {"tp_rule", o->tp_rule}));
}

static void why_decision(const struct why *w, const struct decision *d)
{
    char number[DEC_TEXT_CAP], limit[DEC_TEXT_CAP], count[FORMAT_CAP];
    line(w, "why.decision",
         ARGS({"action", decision_action_name(d->action)},
              {"plugin", d->plugin[0] ? d->plugin : "-"}, {"route", d->route[0] ? d->route : "-"}));
    for (int i = 0; i < d->reason_count && i < DECISION_REASONS_MAX; i++)
        reason_line(w, d->reasons[i]);
    if (d->field[0])
        line(w, "why.field", ARGS({"field", d->field}));
    if (d->number_e8 != DEC_NONE && d->limit_e8 != DEC_NONE)
        line(w, "why.limit",
             ARGS({"number", dec_format(d->number_e8, number)},
                  {"limit", dec_format(d->limit_e8, limit)}));
    for (int i = 0; i < d->order_count && i < DECISION_ORDERS_MAX; i++)
        why_order(w, &d->orders[i]);
    if (d->close_count > 0)
        line(w, "why.closes", ARGS({"count", format_u64((uint64_t)d->close_count, count)}));
    for (int i = 0; i < d->number_count && i < DECISION_NUMBERS_MAX; i++)
        line(w, "why.number",
             ARGS({"name", d->numbers[i].name},
                  {"value", dec_format(d->numbers[i].value_e8, number)}));
}

void report_decision(struct buf *out, enum lang lang, const struct signal *s,
                     const struct decision *d)
{
    struct why w = {.out = out, .lang = lang};
    TR_ASSERT(s != NULL && d != NULL);
    why_signal(&w, s);
    why_decision(&w, d);
}

static void why_command(const struct why *w, const struct command *c)
{
    line(w, "why.command",
         ARGS({"name", c->name}, {"args", c->args}, {"by", c->user_name[0] ? c->user_name : "-"},
              {"bot", c->bot == BOT_UNSET ? "-" : bot_name(c->bot)}, {"role", role_name(c->role)}));
}

static void why_broker(const struct why *w, const struct broker_event *e)
{
    char lots[FORMAT_CAP], price[FORMAT_CAP], ref[FORMAT_CAP];
    line(w, "why.broker",
         ARGS({"kind", broker_event_name(e->kind)}, {"symbol", e->symbol[0] ? e->symbol : "-"},
              {"lots", format_lots(e->lots_e8, lots)},
              {"price", format_price(e->symbol, e->price_e8, price)},
              {"ref", e->position_cid ? format_ref(e->position_cid, ref) : "-"}));
    reason_line(w, e->reason);
    if (e->text[0])
        line(w, "why.note", ARGS({"text", e->text}));
}

static void why_price(const struct why *w, const struct input_quotes *quotes)
{
    char bid[FORMAT_CAP], ask[FORMAT_CAP];
    for (size_t i = 0; i < quotes->count; i++) {
        const struct input_quote *q = &quotes->items[i];
        line(w, "why.price",
             ARGS({"symbol", q->symbol}, {"bid", format_price(q->symbol, q->quote.bid_e8, bid)},
                  {"ask", format_price(q->symbol, q->quote.ask_e8, ask)}));
    }
}

static void why_input(const struct why *w, const struct input *in, const struct decision *d)
{
    switch (in->kind) {
    case INPUT_SIGNAL:
        why_signal(w, &in->signal);
        why_decision(w, d);
        if (in->other != NULL) {
            line(w, "why.compared", NULL);
            why_decision(w, in->other);
        }
        break;
    case INPUT_COMMAND:
        why_command(w, &in->command);
        break;
    case INPUT_BROKER:
        why_broker(w, &in->broker);
        break;
    case INPUT_TIMER:
        line(w, "why.timer", NULL);
        break;
    case INPUT_NOTICE:
        line(w, "why.notice",
             ARGS({"event", event_info(in->notice.type)->name},
                  {"text", in->notice.text[0] ? in->notice.text : "-"}));
        reason_line(w, in->notice.reason);
        break;
    case INPUT_PRICE:
        why_price(w, &in->price);
        break;
    case INPUT_LEGACY:
        line(w, "why.legacy",
             ARGS({"action", shadow_action_name(in->legacy.view.what.action)},
                  {"symbol", in->legacy.view.what.symbol}));
        break;
    case INPUT_UNSET:
    case INPUT_KIND_COUNT:
        TR_ASSERT(false);
    }
}

static int on_output(const struct output_view *v, void *ctx)
{
    const struct why *w = ctx;
    char lots[FORMAT_CAP], ref[FORMAT_CAP];
    switch (v->kind) {
    case OUTPUT_RECEIPT:
        if (v->receipt.reason != REASON_ACCEPTED)
            reason_line(w, v->receipt.reason);
        break;
    case OUTPUT_INTENT:
        line(w, v->intent.purpose == ORDER_CLOSE ? "why.intent_close" : "why.intent_open",
             ARGS({"symbol", v->intent.symbol}, {"side", side_name(v->intent.side)},
                  {"lots", format_lots(v->intent.lots_e8, lots)},
                  {"ref", format_ref(v->intent.cid, ref)}));
        break;
    case OUTPUT_EVENT:
        if (v->event.type != EVENT_DECISION) /* told from the input, too */
            line(w, "why.event", ARGS({"event", event_info(v->event.type)->name}));
        break;
    case OUTPUT_UNSET:
    case OUTPUT_REPLY:
    case OUTPUT_DECISION: /* told from the input, which is what was carried out */
    case OUTPUT_KIND_COUNT:
        break;
    }
    return 0;
}

int report_why(struct buf *out, enum lang lang, const struct journal_row *row, int utc_offset_min)
{
    TR_ASSERT(out && row);
    struct why w = {.out = out, .lang = lang};
    char seq[FORMAT_CAP], when[FORMAT_CAP];
    line(&w, "why.head",
         ARGS({"seq", format_u64(row->seq, seq)},
              {"when", format_minute(row->time_ms, utc_offset_min, when)}));
    if (row->kind <= INPUT_UNSET || row->kind >= INPUT_KIND_COUNT)
        return err_raise(-EBADMSG);
    struct input *in = input_new((enum input_kind)row->kind);
    struct input_quotes *quotes = xalloc(sizeof *quotes);
    struct decision *d = xalloc(sizeof *d);
    int r = input_unpack(row->input, row->input_len, in, quotes, d);
    if (r == 0) {
        why_input(&w, in, d);
        r = outputs_visit(row->output, row->output_len, on_output, &w);
    }
    input_free(in);
    mem_free(quotes);
    mem_free(d);
    return r < 0 ? err_trace(r) : 0;
}
