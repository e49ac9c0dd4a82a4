/* outside/question.c: the writing half of line.h. What is absent is null; decimals are texts. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/jsonw.h"
#include "outside/line.h"

static void decimal(struct jsonw *w, const char *key, int64_t v_e8)
{
    char text[DEC_TEXT_CAP];
    jsonw_str(w, key, v_e8 == DEC_NONE ? NULL : dec_format(v_e8, text));
}

static void whole(struct jsonw *w, const char *key, int value, int absent)
{
    if (value == absent)
        jsonw_null(w, key);
    else
        jsonw_i64(w, key, value);
}

static void end_line(struct jsonw *w)
{
    jsonw_object_end(w);
    buf_putc(w->out, '\n');
}

static bool is_own(const struct line_question *q, const struct position *p)
{
    return str_eq(p->plugin, q->plugin) && str_eq(p->symbol, q->symbol);
}

void line_question_make(struct line_question *ret, const char *plugin, uint64_t id,
                        const struct outside_conf *c, const struct plugin_snapshot *snap,
                        const struct signal *s)
{
    *ret = (struct line_question){.id = id, .quote = snap->quote, .max_lot_e8 = c->max_lot_e8};
    TR_ASSERT(str_copy(ret->plugin, sizeof(ret->plugin), plugin));
    (void)str_copy(ret->symbol, sizeof(ret->symbol), s->symbol); /* same cap */
    for (size_t i = snap->position_count; i > 0 && ret->own_count < LINE_POSITIONS_MAX; i--)
        if (is_own(ret, &snap->positions[i - 1]))
            ret->own[ret->own_count++] = snap->positions[i - 1].cid;
}

void line_write_hello(struct buf *out, const char *plugin, const char *trader, int deadline_ms)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "type", "hello");
    jsonw_i64(&w, "protocol", LINE_PROTOCOL);
    jsonw_str(&w, "plugin", plugin);
    jsonw_str(&w, "trader", trader);
    jsonw_i64(&w, "deadline_ms", deadline_ms);
    end_line(&w);
}

static void write_alert(struct jsonw *w, const struct signal *s)
{
    jsonw_object_begin(w, "signal");
    jsonw_str(w, "format", signal_format_name(s->format));
    jsonw_str(w, "kind", signal_kind_name(s->kind));
    jsonw_str(w, "side", side_name(s->side));
    jsonw_str(w, "tf", s->tf == TF_OTHER ? s->tf_text : timeframe_name(s->tf));
    jsonw_str(w, "symbol", s->symbol);
    decimal(w, "price", s->price_e8);
    decimal(w, "sl", s->sl_e8);
    decimal(w, "tp1", s->tp1_e8);
    decimal(w, "tp2", s->tp2_e8);
    decimal(w, "tp3", s->tp3_e8);
    whole(w, "score", s->score, -1);
    decimal(w, "adx", s->adx_e8);
    decimal(w, "prev_adx", s->prev_adx_e8);
    decimal(w, "position_multiplier", s->position_multiplier_e8);
    decimal(w, "volume_delta", s->volume_delta_e8);
    decimal(w, "fib_level", s->fib_level_e8);
    whole(w, "market_trend", s->market_trend, 2);
    jsonw_array_begin(w, "mtf");
    for (int i = 0; i < s->mtf_count; i++)
        jsonw_i64(w, NULL, s->mtf[i]);
    jsonw_array_end(w);
    whole(w, "bull_count", s->bull_count, -1);
    whole(w, "bear_count", s->bear_count, -1);
    jsonw_bool(w, "price_in_ob", s->price_in_ob);
    jsonw_bool(w, "full_alignment", s->full_alignment);
    jsonw_str(w, "level", s->level);
    jsonw_str(w, "state", s->state);
    jsonw_str(w, "prev_state", s->prev_state);
    jsonw_str(w, "trendline", s->trendline);
    jsonw_str(w, "text", s->text);
    jsonw_object_end(w);
}

static void write_market(struct jsonw *w, const struct line_question *q)
{
    const struct symbol_info *info = symbol_find(q->symbol);
    if (q->quote.bid_e8 > 0 && q->quote.ask_e8 > 0) {
        jsonw_object_begin(w, "quote");
        decimal(w, "bid", q->quote.bid_e8);
        decimal(w, "ask", q->quote.ask_e8);
        jsonw_object_end(w);
    } else {
        jsonw_null(w, "quote");
    }
    if (info == NULL) {
        jsonw_null(w, "symbol");
        return;
    }
    jsonw_object_begin(w, "symbol");
    jsonw_str(w, "name", info->name);
    decimal(w, "tick", symbol_tick_e8(info));
    decimal(w, "pip", info->pip_size_e8);
    decimal(w, "pip_value", info->pip_value_e8);
    decimal(w, "stop_min", info->min_sl_dist_e8);
    decimal(w, "lots_min", info->volume_min_e8);
    decimal(w, "lots_step", info->volume_step_e8);
    decimal(w, "lots_max",
            q->max_lot_e8 < info->volume_max_e8 ? q->max_lot_e8 : info->volume_max_e8);
    jsonw_object_end(w);
}

static void write_position(struct jsonw *w, const struct position *p)
{
    char text[CLOCK_TEXT_CAP];
    (void)snprintf(text, sizeof(text), "%" PRIu64, p->cid);
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "id", text); /* a text: it does not fit into a double */
    jsonw_str(w, "side", side_name(p->side));
    jsonw_str(w, "role", order_role_name(p->role));
    decimal(w, "lots", p->lots_e8);
    decimal(w, "entry", p->entry_e8);
    decimal(w, "sl", p->sl_e8);
    decimal(w, "tp", p->tp_e8);
    clock_format_rfc3339(p->opened_ms, text);
    jsonw_str(w, "opened", text);
    jsonw_object_end(w);
}

static void write_positions(struct jsonw *w, const struct line_question *q,
                            const struct plugin_snapshot *snap)
{
    size_t shown = 0, all = 0;
    jsonw_array_begin(w, "positions");
    for (size_t i = snap->position_count; i > 0; i--) {
        const struct position *p = &snap->positions[i - 1];
        if (!is_own(q, p))
            continue;
        all++;
        if (shown == q->own_count)
            continue;
        write_position(w, p);
        shown++;
    }
    jsonw_array_end(w);
    jsonw_i64(w, "positions_left_out", (int64_t)(all - shown));
}

static void write_trends(struct jsonw *w, const struct line_question *q, const struct trends *t)
{
    jsonw_object_begin(w, "trends");
    for (enum timeframe tf = TF_1M; tf < TF_OTHER; tf++)
        if (t != NULL && trends_trend(t, q->symbol, tf) != NULL)
            jsonw_str(w, timeframe_name(tf), trends_side_name(trends_side(t, q->symbol, tf)));
    jsonw_object_end(w);
    jsonw_object_begin(w, "pulse");
    for (enum timeframe tf = TF_1M; tf < TF_OTHER; tf++) {
        const struct trends_pulse *p = t != NULL ? trends_pulse(t, q->symbol, tf) : NULL;
        if (p == NULL)
            continue;
        jsonw_object_begin(w, timeframe_name(tf));
        whole(w, "bull", p->has_counts ? p->bull : -1, -1);
        whole(w, "bear", p->has_counts ? p->bear : -1, -1);
        jsonw_str(w, "state", p->state);
        jsonw_object_end(w);
    }
    jsonw_object_end(w);
}

void line_write_signal(struct buf *out, const struct line_question *q,
                       const struct plugin_snapshot *snap, const struct signal *s)
{
    struct jsonw w;
    char now[CLOCK_TEXT_CAP];
    jsonw_init(&w, out);
    clock_format_rfc3339(snap->now_ms, now);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "type", "signal");
    jsonw_u64(&w, "id", q->id);
    jsonw_str(&w, "time", now);
    write_alert(&w, s);
    write_market(&w, q);
    jsonw_object_begin(&w, "account");
    decimal(&w, "balance", snap->balance_e8);
    decimal(&w, "daily_loss", snap->daily_loss_e8);
    decimal(&w, "lifetime_loss", snap->lifetime_loss_e8);
    decimal(&w, "own_daily_loss", snap->plugin_daily_loss_e8);
    jsonw_i64(&w, "own_daily_entries", snap->daily_trades);
    jsonw_object_end(&w);
    write_positions(&w, q, snap);
    write_trends(&w, q, snap->trends);
    end_line(&w);
}
