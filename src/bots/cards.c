/* bots/cards.c: see cards.h. Each card is a few catalogue entries filled with formatted numbers;
 * layout and words are in the catalogue, numbers and choices are here. */
#include "bots/cards.h"

#include "bots/format.h"
#include "model/text.h"

#define MIB (1024 * 1024)

#define ARGS(...) ((const struct text_arg[]){__VA_ARGS__, {NULL, NULL}})

static void line(struct buf *out, enum lang lang, const char *key, const struct text_arg *args)
{
    text_render(out, lang, key, args);
    buf_putc(out, '\n');
}

static const char *state_key(const struct tx_state *s)
{
    if (s->panicked)
        return "state.panic";
    if (s->paused)
        return "state.paused";
    if (!s->broker_up)
        return "state.broker_down";
    return s->entries_halted ? "state.halted" : "state.active";
}

/* RK-10 counts wins and losses apart; people ask for what is left. */
static int64_t today_e8(const struct tx_account *a)
{
    return a->daily_profit_e8 - a->daily_loss_e8;
}

void card_status(struct buf *out, enum lang lang, const struct card_status *v)
{
    TR_ASSERT(out && v && v->trader);
    char a[FORMAT_CAP], b[FORMAT_CAP], c[FORMAT_CAP];
    text_render(out, lang, state_key(&v->state), NULL);
    line(out, lang, "status.head", ARGS({"trader", v->trader}));
    line(out, lang, "status.trader",
         ARGS({"state", trader_state_name(v->state.trader.state)},
              {"since", format_duration(v->now_ms - v->state.trader.since_ms, a)}));
    if (v->state.paused && v->state.paused_ms > 0)
        line(out, lang, "status.paused_since",
             ARGS({"since", format_duration(v->now_ms - v->state.paused_ms, a)},
                  {"by", v->state.paused_by[0] ? v->state.paused_by : "-"}));
    line(out, lang, "status.open",
         ARGS({"positions", format_u64(v->positions, a)},
              {"profit", format_profit(v->account.open_profit_e8, b)}));
    line(out, lang, "status.today",
         ARGS({"profit", format_profit(today_e8(&v->account), a)},
              {"trades", format_u64((uint64_t)v->account.daily_trades, b)}));
    line(out, lang, "status.balance", ARGS({"balance", format_money(v->account.balance_e8, a)}));
    if (v->orders > 0)
        line(out, lang, "status.orders", ARGS({"orders", format_u64(v->orders, a)}));
    line(out, lang, v->state.broker_up ? "status.broker_up" : "status.broker_down", NULL);
    if (v->bots_line && v->bots_line[0])
        line(out, lang, "status.bots", ARGS({"bots", v->bots_line}));
    line(out, lang, "status.signals",
         ARGS({"signals", format_u64(v->state.signals, a)},
              {"accepted", format_u64(v->state.signals_accepted, b)},
              {"up", format_duration(v->now_ms - v->state.started_ms, c)}));
}

void card_bots_line(struct buf *out, const struct bot_status bots[BOT_COUNT])
{
    static const char letters[BOT_COUNT] = {0, 'C', 'N', 'A', 'L'};
    TR_ASSERT(out && bots);
    bool is_first = true;
    for (int i = BOT_CONTROLLER; i < BOT_COUNT; i++) {
        if (!bots[i].present)
            continue;
        buf_printf(out, "%s%c %s", is_first ? "" : "  ", letters[i], bots[i].up ? "✅" : "❌");
        is_first = false;
    }
}

void card_pnl(struct buf *out, enum lang lang, const struct tx_account *a, size_t positions)
{
    TR_ASSERT(out && a);
    char t1[FORMAT_CAP], t2[FORMAT_CAP], t3[FORMAT_CAP];
    line(out, lang, "pnl.title", NULL);
    line(out, lang, "pnl.today",
         ARGS({"profit", format_profit(today_e8(a), t1)},
              {"trades", format_u64((uint64_t)a->daily_trades, t2)},
              {"rate", format_percent(a->daily_wins, a->daily_trades, t3)}));
    line(out, lang, "pnl.open",
         ARGS({"profit", format_profit(a->open_profit_e8, t1)},
              {"positions", format_u64(positions, t2)}));
    line(out, lang, "pnl.total",
         ARGS({"trades", format_u64((uint64_t)a->total_trades, t1)},
              {"rate", format_percent(a->total_wins, a->total_trades, t2)}));
}

void card_balance(struct buf *out, enum lang lang, const struct tx_account *a)
{
    TR_ASSERT(out && a);
    char t[FORMAT_CAP];
    line(out, lang, "balance.title", NULL);
    line(out, lang, "balance.balance", ARGS({"value", format_money(a->balance_e8, t)}));
    line(out, lang, "balance.open", ARGS({"value", format_profit(a->open_profit_e8, t)}));
    line(out, lang, "balance.equity", ARGS({"value", format_money(a->equity_e8, t)}));
}

static void cap_line(struct buf *out, enum lang lang, const char *key, int64_t used_e8,
                     int64_t cap_e8)
{
    char used[FORMAT_CAP], cap[FORMAT_CAP], percent[FORMAT_CAP];
    if (cap_e8 <= 0) {
        line(out, lang, "risk.no_cap",
             ARGS({"name_html", text_get(lang, key)}, {"used", format_money(used_e8, used)}));
        return;
    }
    line(out, lang, "risk.cap",
         ARGS({"name_html", text_get(lang, key)}, {"used", format_money(used_e8, used)},
              {"cap", format_money(cap_e8, cap)},
              {"percent", format_percent(used_e8, cap_e8, percent)}));
}

void card_risk(struct buf *out, enum lang lang, const struct tx_account *a,
               const struct tx_state *s, size_t positions)
{
    TR_ASSERT(out && a && s);
    char t1[FORMAT_CAP], t2[FORMAT_CAP];
    line(out, lang, "risk.title", NULL);
    cap_line(out, lang, "risk.daily", a->daily_loss_e8, a->daily_cap_e8);
    cap_line(out, lang, "risk.lifetime", a->lifetime_loss_e8, a->lifetime_cap_e8);
    line(out, lang, "risk.open",
         ARGS({"positions", format_u64(positions, t1)},
              {"profit", format_profit(a->open_profit_e8, t2)}));
    line(out, lang,
         s->entries_halted || s->paused || s->panicked ? "risk.entries_off" : "risk.entries_on",
         NULL);
}

void card_position(struct buf *out, enum lang lang, const struct card_position *v)
{
    TR_ASSERT(out && v && v->position);
    const struct position *p = v->position;
    char ref[FORMAT_CAP], lots[FORMAT_CAP], entry[FORMAT_CAP], price[FORMAT_CAP],
        profit[FORMAT_CAP];
    char sl[FORMAT_CAP], tp[FORMAT_CAP];
    line(out, lang, p->closing_cid ? "position.head_closing" : "position.head",
         ARGS({"symbol", p->symbol}, {"side", side_name(p->side)},
              {"lots", format_lots(p->lots_e8, lots)}, {"ref", format_ref(p->cid, ref)}));
    line(out, lang, "position.price",
         ARGS({"entry", format_price(p->symbol, p->entry_e8, entry)},
              {"price", format_price(p->symbol, v->price_e8, price)},
              {"profit", v->price_e8 > 0 ? format_profit(v->profit_e8, profit) : "-"}));
    line(out, lang, "position.stops",
         ARGS({"sl", format_price(p->symbol, p->sl_e8, sl)},
              {"tp", format_price(p->symbol, p->tp_e8, tp)}));
}

void card_position_line(struct buf *out, const struct card_position *v)
{
    TR_ASSERT(out && v && v->position);
    const struct position *p = v->position;
    char ref[FORMAT_CAP], lots[FORMAT_CAP], profit[FORMAT_CAP];
    buf_printf(out, "%s %s %s %s %s", format_ref(p->cid, ref), p->symbol, side_name(p->side),
               format_lots(p->lots_e8, lots),
               v->price_e8 > 0 ? format_profit(v->profit_e8, profit) : "");
}

void card_order(struct buf *out, enum lang lang, const struct order *o, int64_t now_ms)
{
    TR_ASSERT(out && o);
    char ref[FORMAT_CAP], lots[FORMAT_CAP], age[FORMAT_CAP];
    line(out, lang, o->purpose == ORDER_CLOSE ? "order.head_close" : "order.head_open",
         ARGS({"symbol", o->symbol}, {"side", side_name(o->side)},
              {"lots", format_lots(o->lots_e8, lots)}, {"ref", format_ref(o->cid, ref)}));
    line(out, lang, "order.state",
         ARGS({"state", order_state_name(o->state)},
              {"age", format_duration(now_ms - o->created_ms, age)}));
}

static void bot_lines(struct buf *out, enum lang lang, const struct card_health *v)
{
    char age[FORMAT_CAP];
    for (int i = BOT_CONTROLLER; i < BOT_COUNT; i++) {
        const struct bot_status *b = &v->bots[i];
        if (!b->present)
            continue;
        if (b->up)
            line(out, lang, "health.bot_up",
                 ARGS({"bot", bot_name((enum bot_id)i)},
                      {"ago", format_duration(v->now_ms - b->last_ok_ms, age)}));
        else
            line(out, lang, "health.bot_down",
                 ARGS({"bot", bot_name((enum bot_id)i)},
                      {"error", b->error[0] ? b->error : "starting"}));
    }
}

/* What is not as it should be. */
static void vital_lines(struct buf *out, enum lang lang, const struct card_health *v)
{
    struct vital_row rows[VITALS_MAX];
    size_t n = vitals_read(v->vitals, rows);
    for (size_t i = 0; i < n; i++) {
        struct buf text TR_CLEANUP(buf_deinit) = {0};
        if (rows[i].level <= VITAL_OK)
            continue;
        buf_init(&text, EVENT_TEXT_CAP);
        vital_describe(&rows[i], &text);
        line(out, lang, "health.vital",
             ARGS({"mark", rows[i].level == VITAL_CRITICAL ? "🔴" : "🟡"}, {"text", text.data}));
    }
}

static void backup_line(struct buf *out, enum lang lang, const struct card_health *v)
{
    struct vitals_watch watch;
    char age[FORMAT_CAP], every[FORMAT_CAP];
    vitals_get_watch(v->vitals, &watch);
    format_duration(v->now_ms - watch.backup_ms, age);
    format_duration(watch.backup_every_ms, every);
    const char *key = watch.backup_ms == 0         ? "health.backup_none"
                      : watch.backup_every_ms == 0 ? "health.backup_by_hand"
                                                   : "health.backup";
    line(out, lang, key, ARGS({"age", age}, {"every", every}));
}

static void trader_line(struct buf *out, enum lang lang, const struct card_health *v)
{
    const struct trader *t = &v->engine.trader;
    char since[FORMAT_CAP], row[FORMAT_CAP], all[FORMAT_CAP];
    enum trader_state shown = trader_shown(t, v->engine.store_failing);
    line(out, lang, "health.trader",
         ARGS({"trader", v->trader}, {"state", trader_state_name(shown)},
              {"since", format_duration(v->now_ms - t->since_ms, since)},
              {"errors", format_u64((uint64_t)t->errors, row)},
              {"all", format_u64(t->errors_all, all)}));
}

void card_health(struct buf *out, enum lang lang, const struct card_health *v)
{
    TR_ASSERT(out && v && v->bots);
    const struct engine_stats *e = &v->engine;
    char a[FORMAT_CAP], b[FORMAT_CAP], c[FORMAT_CAP];
    line(out, lang, "health.title", NULL);
    line(out, lang, "health.uptime",
         ARGS({"up", format_duration(v->now_ms - e->started_ms, a)},
              {"rss", format_u64((uint64_t)(v->rss_bytes > 0 ? v->rss_bytes / MIB : 0), b)}));
    line(
        out, lang, "health.journal",
        ARGS({"seq", format_u64(e->committed_seq, a)},
             {"commit", format_u64((uint64_t)(e->last_commit_us > 0 ? e->last_commit_us : 0), b)}));
    line(out, lang, "health.queue",
         ARGS({"depth", format_u64(e->queue_depth, a)}, {"peak", format_u64(e->queue_peak, b)}));
    if (e->not_stored > 0)
        line(out, lang, "health.not_stored", ARGS({"count", format_u64(e->not_stored, a)}));
    line(out, lang, "health.orders",
         ARGS({"filled", format_u64(e->orders_filled, a)},
              {"rejected", format_u64(e->orders_rejected, b)},
              {"unknown", format_u64(e->orders_unknown, c)}));
    line(out, lang, e->broker_up ? "status.broker_up" : "status.broker_down", NULL);
    trader_line(out, lang, v);
    if (v->has_notify)
        line(out, lang, "health.notify",
             ARGS({"rows", format_u64(v->notify.outbox_rows, a)},
                  {"sent", format_u64(v->notify.sent, b)}));
    backup_line(out, lang, v);
    bot_lines(out, lang, v);
    vital_lines(out, lang, v);
}

struct card_page card_page(size_t count, size_t wanted_page)
{
    struct card_page p = {.pages = count == 0 ? 1 : (count + CARDS_PAGE - 1) / CARDS_PAGE};
    p.page = wanted_page < 1 ? 1 : wanted_page > p.pages ? p.pages : wanted_page;
    p.first = (p.page - 1) * CARDS_PAGE;
    p.end = p.first + CARDS_PAGE < count ? p.first + CARDS_PAGE : count;
    TR_ASSERT(p.first <= p.end);
    return p;
}
