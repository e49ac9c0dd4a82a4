/* bots/live_card.c: see live_card.h. Cards keep to 34 columns; nothing in them ticks by itself (no
 * uptime, no seconds), so a quiet market makes no edits. Their buttons are unsigned and lead to
 * something new below: the card itself stays what it is. */
#include "bots/live_card.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/cards.h"
#include "bots/format.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/jsonw.h"
#include "engine/view.h"
#include "notify/rules.h"

#define ARGS(...) ((const struct text_arg[]){__VA_ARGS__, {NULL, NULL}})

/* What is drawn from. */
struct scene {
    const struct bots_trader *trader;
    const struct live_want *want;
    struct engine_stats stats;
    struct view *view;
    int64_t open_profit_e8, now_ms;
};

static void line(struct buf *out, enum lang lang, const char *key, const struct text_arg *args)
{
    text_render(out, lang, key, args);
    buf_putc(out, '\n');
}

/* ---- sessions ---- */

int live_card_sessions(int64_t wall_ms, struct buf *out)
{
    static const struct {
        const char *name;
        int from, to; /* hours GMT; the end is outside */
    } sessions[] = {{"SYDNEY", 22, 7}, {"TOKYO", 0, 9}, {"LONDON", 8, 17}, {"NEW YORK", 13, 22}};
    int hour = clock_minute_of_day(wall_ms, 0) / 60;
    int open = 0;
    for (size_t i = 0; i < TR_ARRAY_SIZE(sessions); i++) {
        bool wraps = sessions[i].from > sessions[i].to;
        bool is_open = wraps ? hour >= sessions[i].from || hour < sessions[i].to
                             : hour >= sessions[i].from && hour < sessions[i].to;
        if (is_open)
            buf_printf(out, "%s%s", open++ > 0 ? "+" : "", sessions[i].name);
    }
    return open;
}

/* ---- cards ---- */

static const char *state_key(const struct engine_stats *s)
{
    if (s->panicked)
        return "state.panic";
    if (s->paused)
        return "state.paused";
    if (!s->broker_up)
        return "state.broker_down";
    return s->entries_halted ? "state.halted" : "state.active";
}

static void head(struct buf *out, const struct scene *s)
{
    text_render(out, s->want->lang, state_key(&s->stats), NULL);
    line(out, s->want->lang, "status.head", ARGS({"trader", s->trader->id}));
}

static void open_line(struct buf *out, const struct scene *s)
{
    char count[FORMAT_CAP], profit[FORMAT_CAP];
    line(out, s->want->lang, "status.open",
         ARGS({"positions", format_u64(s->view->position_count, count)},
              {"profit", format_profit(s->open_profit_e8, profit)}));
}

static void draw_status(struct buf *out, const struct scene *s)
{
    char text[FORMAT_CAP];
    enum lang lang = s->want->lang;
    head(out, s);
    open_line(out, s);
    line(out, lang, "live.today",
         ARGS({"profit", format_profit(s->stats.daily_profit_e8 - s->stats.daily_loss_e8, text)}));
    line(out, lang, "status.balance", ARGS({"balance", format_money(s->stats.balance_e8, text)}));
    if (s->view->order_count > 0)
        line(out, lang, "status.orders", ARGS({"orders", format_u64(s->view->order_count, text)}));
    line(out, lang, s->stats.broker_up ? "status.broker_up" : "status.broker_down", NULL);
}

static void draw_positions(struct buf *out, const struct scene *s)
{
    char count[FORMAT_CAP], profit[FORMAT_CAP];
    enum lang lang = s->want->lang;
    size_t n = s->view->position_count;
    if (n == 0)
        line(out, lang, "positions.none", NULL);
    else
        line(out, lang, "positions.title",
             ARGS({"count", format_u64(n, count)},
                  {"profit", format_profit(s->open_profit_e8, profit)}));
    for (size_t i = 0; i < n && i < LIVE_CARD_POSITIONS; i++) {
        struct card_position v = {.position = &s->view->positions[i]};
        v.profit_e8 = view_profit_e8(v.position, s->trader->broker, &v.price_e8);
        card_position(out, lang, &v);
    }
    if (n > LIVE_CARD_POSITIONS)
        line(out, lang, "live.more", ARGS({"count", format_u64(n - LIVE_CARD_POSITIONS, count)}));
}

static void draw_prices(struct buf *out, const struct scene *s)
{
    static const char *const symbols[] = {"EURUSD", "GBPUSD", "USDJPY", "XAUUSD"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(symbols); i++) {
        struct quote q;
        char price[FORMAT_CAP] = "-";
        if (s->trader->broker->ops->quote(s->trader->broker, symbols[i], &q))
            format_price(symbols[i], q.bid_e8, price);
        buf_printf(out, "%s %s%s", symbols[i], price, i % 2 ? "\n" : "  ");
    }
}

static void draw_header(struct buf *out, const struct scene *s)
{
    char when[FORMAT_CAP];
    struct buf sessions TR_CLEANUP(buf_deinit) = {0};
    enum lang lang = s->want->lang;
    buf_init(&sessions, 128);
    int open = live_card_sessions(s->now_ms, &sessions);
    int zone = s->want->utc_offset_min;
    int minute =
        clock_minute_of_day(s->now_ms, zone != RULES_ZONE_UNSET ? zone : s->trader->utc_offset_min);
    (void)snprintf(when, sizeof when, "%02d:%02d", minute / 60, minute % 60);
    head(out, s);
    line(out, lang,
         open == 0   ? "live.after_hours"
         : open == 1 ? "live.session"
                     : "live.overlap",
         ARGS({"time", when}, {"sessions", open > 0 ? sessions.data : ""}));
    draw_prices(out, s);
    open_line(out, s);
}

static void button(struct jsonw *w, enum lang lang, const char *label_key, const char *data)
{
    struct buf label TR_CLEANUP(buf_deinit) = {0};
    buf_init(&label, 128);
    text_render(&label, lang, label_key, NULL);
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "text", label.data);
    jsonw_str(w, "callback_data", data);
    jsonw_object_end(w);
}

static void draw_keyboard(struct buf *out, const struct live_want *want)
{
    struct jsonw w;
    char stop[BUTTON_DATA_CAP];
    (void)snprintf(stop, sizeof stop, "m:live %s off", live_kind_name(want->kind));
    jsonw_init(&w, out);
    jsonw_array_begin(&w, NULL);
    jsonw_array_begin(&w, NULL);
    button(&w, want->lang, "button.menu", "m:live menu");
    button(&w, want->lang, "live.stop", stop);
    jsonw_array_end(&w);
    jsonw_array_end(&w);
}

bool bots_draw_card(void *ctx, const struct live_want *want, struct buf *html, struct buf *keyboard)
{
    TR_ASSERT(ctx && want && html && keyboard);
    const struct bots_options *o = ctx;
    struct scene s = {.want = want, .now_ms = clock_wall_ms(o->clock)};
    for (size_t i = 0; i < o->trader_count; i++)
        if (str_eq(o->traders[i].id, want->trader))
            s.trader = &o->traders[i];
    if (!s.trader || !s.trader->view)
        return false;
    struct view *view TR_CLEANUP(mem_freep) = xalloc(sizeof *view);
    view_board_read(s.trader->view, view);
    if (view->seq == 0)
        return false; /* not started yet */
    engine_get_stats(s.trader->engine, &s.stats);
    s.view = view;
    for (size_t i = 0; i < view->position_count; i++) {
        int64_t price_e8;
        s.open_profit_e8 += view_profit_e8(&view->positions[i], s.trader->broker, &price_e8);
    }
    switch (want->kind) {
    case LIVE_STATUS:
        draw_status(html, &s);
        break;
    case LIVE_POSITIONS:
        draw_positions(html, &s);
        break;
    case LIVE_HEADER:
        draw_header(html, &s);
        break;
    case LIVE_UNSET:
    case LIVE_KIND_COUNT:
        return false;
    }
    draw_keyboard(keyboard, want);
    return true;
}

/* ---- CSV ---- */

#define CSV_MAX_BYTES (512 * 1024)

bool live_card_wants_csv(const struct command *c)
{
    return str_ieq(c->args, "csv");
}

static void price_field(struct buf *out, const char *symbol, int64_t price_e8)
{
    char text[FORMAT_CAP];
    if (price_e8 != DEC_NONE && price_e8 != 0)
        buf_puts(out, format_price(symbol, price_e8, text));
    buf_putc(out, ',');
}

static void positions_csv(struct buf *out, const struct view *v, const struct bots_trader *t)
{
    char ref[FORMAT_CAP], lots[FORMAT_CAP], text[FORMAT_CAP];
    buf_puts(out, "ref,symbol,side,lots,entry,price,stop,target,profit,plugin,route,opened_ms\r\n");
    for (size_t i = 0; i < v->position_count; i++) {
        const struct position *p = &v->positions[i];
        int64_t price_e8;
        int64_t profit_e8 = view_profit_e8(p, t->broker, &price_e8);
        buf_printf(out, "%s,%s,%s,%s,", format_ref(p->cid, ref), p->symbol, side_name(p->side),
                   format_lots(p->lots_e8, lots));
        price_field(out, p->symbol, p->entry_e8);
        price_field(out, p->symbol, price_e8);
        price_field(out, p->symbol, p->sl_e8);
        price_field(out, p->symbol, p->tp_e8);
        buf_printf(out, "%s,%s,%s,%" PRId64 "\r\n",
                   price_e8 != 0 ? format_money(profit_e8, text) : "", p->plugin, p->route,
                   p->opened_ms);
    }
}

static void orders_csv(struct buf *out, const struct view *v)
{
    char ref[FORMAT_CAP], lots[FORMAT_CAP];
    buf_puts(out, "ref,symbol,side,lots,state,created_ms\r\n");
    for (size_t i = 0; i < v->order_count; i++) {
        const struct order *o = &v->orders[i];
        buf_printf(out, "%s,%s,%s,%s,%s,%" PRId64 "\r\n", format_ref(o->cid, ref), o->symbol,
                   side_name(o->side), format_lots(o->lots_e8, lots), order_state_name(o->state),
                   o->created_ms);
    }
}

/* One file a person and table, overwritten: the last one asked for is the one that is sent. */
enum reason live_card_csv(const struct bot_prepare *p, struct command *c)
{
    TR_ASSERT(p && c);
    if (!live_card_wants_csv(c))
        return REASON_ACCEPTED;
    const struct bots_trader *t = &p->options->traders[p->trader];
    if (!t->view)
        return REASON_INTERNAL;
    char name[LIVE_CARD_PATH_CAP];
    struct view *view TR_CLEANUP(mem_freep) = xalloc(sizeof *view);
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    TR_CLEANUP(mem_freep) char *dir = xasprintf("%s/csv", p->data_dir);
    buf_init(&out, CSV_MAX_BYTES);
    view_board_read(t->view, view);
    if (strcmp(c->name, "orders") == 0)
        orders_csv(&out, view);
    else
        positions_csv(&out, view, t);
    (void)snprintf(name, sizeof name, "csv/%.12s-%" PRId64 ".csv", c->name, c->user_id);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/%s", p->data_dir, name);
    if (buf_failed(&out) || file_mkdirs(dir, 0700) < 0 ||
        file_write_atomic(path, out.data, out.len, 0600) < 0)
        return REASON_INTERNAL;
    c->body = xstrdup(name);
    return REASON_ACCEPTED;
}

void live_card_attach(struct answer *a, struct reply *ret)
{
    answer_line(a, "live.csv", ANSWER_ARGS({"name", a->c->name}));
    (void)str_copy(ret->photo_path, sizeof ret->photo_path, answer_body(a->c)); /* our own name */
    a->is_new_message = true; /* a text message cannot be edited into a document */
}
