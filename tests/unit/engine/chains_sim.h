/* tests/unit/engine/chains_sim.h: the harness with a small venue behind it: one symbol, a quote
 * that the test moves; stops, targets and requests are executed at it, watched levels become price
 * inputs, timers run when they are due. Every input is kept, so that a run can be cut at any row
 * and gone on with from there. */
#ifndef TRIDENT_TESTS_ENGINE_CHAINS_SIM_H
#define TRIDENT_TESTS_ENGINE_CHAINS_SIM_H

#include "unit/engine/harness.h"

#define SIM_QUEUE_MAX 4096
#define SIM_ROWS_MAX  4096

struct sim_row {
    struct input in;
    struct input_quotes quotes;
    struct decision *decision; /* of a signal */
    int64_t now_ms;
    bool is_quiet; /* people heard nothing */
};

struct sim_plan { /* what the plugin orders for any alert; lots 0 = not that order */
    int64_t lots_a_e8, lots_b_e8, sl_e8, tp_e8;
    const char *route;
    enum reason close_reason; /* of an exit alert; UNSET: EXIT_SIGNAL */
};

struct sim {
    struct harness *h;
    struct sim_plan plan;
    char symbol[SYMBOL_CAP];
    int64_t bid_e8, spread_e8;
    uint64_t exec_id;
    struct broker_request queue[SIM_QUEUE_MAX];
    size_t queued;
    bool refuses; /* the venue rejects whatever is to be opened */
    struct sim_row *rows;
    size_t row_count;
    size_t counts[EVENT_TYPE_COUNT]; /* events so far */
    struct event last[EVENT_TYPE_COUNT];
    uint64_t opened; /* orders the venue filled */
};

static inline int64_t sim_dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

static inline int64_t sim_number(const char *text)
{
    int64_t v = 0;
    if (strcmp(text, "true") == 0)
        return 1;
    return str_to_i64(text, &v) ? v : 0; /* "false" and words of choices: set by hand below */
}

/* The shipped defaults of combined_v3, for a plugin of that name. */
static inline struct chain_conf sim_conf(const char *plugin)
{
    struct chain_conf chains[CHAIN_PLUGINS] = {0};
#define NUMBER_BOOL(def)    sim_number(def)
#define NUMBER_INT(def)     sim_number(def)
#define NUMBER_ENUM(def)    sim_number(def)
#define NUMBER_DECIMAL(def) sim_dec(def)
#define X(p, i, kind, key, field, least, most, def, choices, help)                                 \
    chains[i].field = (__typeof__(chains[i].field))NUMBER_##kind(def);
    CHAIN_CONF_V3(X, )
#undef X
    struct chain_conf c = chains[CHAIN_COMBINED_V3];
    (void)str_copy(c.plugin, sizeof(c.plugin), plugin);
    c.hunt = REENTRY_HUNT_SEVENTY_PERCENT;
    c.windows = REENTRY_WINDOWS_CONFIG;
    c.reduction = REENTRY_REDUCTION_ADAPTIVE;
    c.protection = REENTRY_PROTECTION_MANAGER;
    c.protect_mode = REENTRY_PROTECT_BALANCED;
    c.exit_variant = REENTRY_EXIT_AUTONOMOUS;
    c.profit_multipliers = PROFIT_CHAIN_STANDARD;
    c.profit_sl_mode = PROFIT_CHAIN_SL_FIXED;
    return c;
}

static inline struct chain_conf *sim_chain_conf(struct sim *m)
{
    return &m->h->s->rules.chains[CHAIN_COMBINED_V3];
}

static bool sim_accepts(const void *conf, const struct signal *s)
{
    return conf != NULL && s->format == SIGNAL_FORMAT_V3;
}

static void sim_order(const struct sim_plan *plan, const struct signal *s, enum order_role role,
                      struct decision *d)
{
    struct decision_order *o = &d->orders[d->order_count++];
    *o =
        (struct decision_order){.role = role,
                                .side = s->side,
                                .lots_e8 = role == ORDER_ROLE_A ? plan->lots_a_e8 : plan->lots_b_e8,
                                .sl_e8 = plan->sl_e8,
                                .tp_e8 = plan->tp_e8,
                                .entry_e8 = PRICE(1)};
    (void)str_copy(o->symbol, sizeof(o->symbol), s->symbol);
}

static int sim_decide(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                      struct decision *ret)
{
    const struct sim_plan *plan = conf;
    if (signal_is_exit(s->kind)) {
        ret->action = DECISION_CLOSE;
        ret->close_reason =
            plan->close_reason != REASON_UNSET ? plan->close_reason : REASON_EXIT_SIGNAL;
        for (size_t i = 0; i < snap->position_count; i++)
            ret->closes[ret->close_count++] = snap->positions[i].cid;
        return 0;
    }
    ret->action = DECISION_EXECUTE;
    (void)str_copy(ret->route, sizeof(ret->route), plan->route);
    if (plan->lots_a_e8 > 0)
        sim_order(plan, s, ORDER_ROLE_A, ret);
    if (plan->lots_b_e8 > 0)
        sim_order(plan, s, ORDER_ROLE_B, ret);
    return 0;
}

static const struct plugin_ops sim_plugin = {.id = "fake",
                                             .version = "1",
                                             .db_name = "fake.db",
                                             .accepts = sim_accepts,
                                             .decide = sim_decide};

/* ---- rows ---- */

static inline void sim_apply(struct sim *m, const struct input *in)
{
    struct harness *h = m->h;
    cr_assert_lt(m->row_count, SIM_ROWS_MAX);
    h->quotes = in->kind == INPUT_PRICE ? in->price : (struct input_quotes){0};
    harness_apply(h, in);
    struct sim_row *row = &m->rows[m->row_count++];
    *row = (struct sim_row){.in = *in, .quotes = h->quotes, .now_ms = h->now_ms};
    if (in->kind == INPUT_SIGNAL) {
        row->decision = xalloc(sizeof(*row->decision));
        *row->decision = h->decision;
    }
    for (size_t i = 0; i < h->event_count; i++) {
        m->counts[h->events[i].type]++;
        m->last[h->events[i].type] = h->events[i];
    }
    for (size_t i = 0; i < h->send_count; i++) {
        cr_assert_lt(m->queued, SIM_QUEUE_MAX);
        m->queue[m->queued++] = h->sends[i];
    }
}

static inline void sim_broker(struct sim *m, const struct broker_event *e)
{
    struct input in = {.kind = INPUT_BROKER};
    in.broker = *e;
    if (e->exec_id != 0)
        (void)snprintf(in.key, sizeof(in.key), "ex:%" PRIu64, e->exec_id);
    sim_apply(m, &in);
}

static inline void sim_timer(struct sim *m, enum timer_kind kind)
{
    struct input in = {.kind = INPUT_TIMER};
    in.timer.kind = kind;
    in.timer.rules = m->h->opt.rules;
    sim_apply(m, &in);
}

static inline void sim_link(struct sim *m)
{
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
    m->queued = 0;
}

/* Lists without any position, until it is believed. */
static inline void sim_all_gone(struct sim *m)
{
    for (int i = 0; i < 2; i++) {
        sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
        sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
    }
}

static inline struct sim *sim_new(const char *symbol, const char *bid, const char *spread)
{
    struct sim *m = xalloc(sizeof(*m));
    m->rows = xcalloc(SIM_ROWS_MAX, sizeof(*m->rows));
    m->h = harness_new();
    state_free(m->h->s);
    m->h->s = state_new();
    m->plan = (struct sim_plan){.route = "LOGIC1"};
    m->h->opt.plugins[0] = &sim_plugin;
    m->h->opt.plugin_confs[0] = &m->plan;
    m->h->opt.rules.daily_loss_cap_e8 = 0;
    m->h->opt.rules.lifetime_loss_cap_e8 = 0;
    m->h->opt.rules.chains[CHAIN_COMBINED_V3] = sim_conf(sim_plugin.id);
    (void)str_copy(m->symbol, sizeof(m->symbol), symbol);
    m->bid_e8 = sim_dec(bid);
    m->spread_e8 = sim_dec(spread);
    sim_timer(m, TIMER_START);
    sim_link(m);
    return m;
}

static inline void sim_free(struct sim *m)
{
    for (size_t i = 0; i < m->row_count; i++)
        mem_free(m->rows[i].decision);
    mem_free(m->rows);
    harness_free(m->h);
    mem_free(m);
}

/* ---- the venue ---- */

static inline int64_t sim_close_price(const struct sim *m, enum side side)
{
    return side == SIDE_BUY ? m->bid_e8 : m->bid_e8 + m->spread_e8;
}

static inline void sim_fill(struct sim *m, const struct broker_request *r)
{
    m->opened++;
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_FILL,
                                         .cid = r->cid,
                                         .position_cid = r->cid,
                                         .exec_id = ++m->exec_id,
                                         .purpose = ORDER_OPEN,
                                         .side = r->side,
                                         .lots_e8 = r->lots_e8,
                                         .price_e8 = sim_close_price(m, side_opposite(r->side))});
}

static inline void sim_close(struct sim *m, const struct position *open, uint64_t cid,
                             enum reason why, int64_t price_e8)
{
    const struct position p = *open;
    int64_t profit_e8 = symbol_profit_e8(symbol_find(p.symbol), side_sign(p.side), p.entry_e8,
                                         price_e8, p.lots_e8, 0);
    sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_FILL,
                                         .cid = cid,
                                         .position_cid = p.cid,
                                         .exec_id = ++m->exec_id,
                                         .purpose = ORDER_CLOSE,
                                         .reason = cid == 0 ? why : REASON_UNSET,
                                         .side = side_opposite(p.side),
                                         .lots_e8 = p.lots_e8,
                                         .price_e8 = price_e8,
                                         .profit_e8 = profit_e8});
}

static inline void sim_serve(struct sim *m, const struct broker_request *r)
{
    struct position *p = state_position(m->h->s, r->position_cid);
    if (r->kind == BROKER_PLACE && m->refuses)
        sim_broker(m, &(struct broker_event){.kind = BROKER_EVENT_REJECT,
                                             .cid = r->cid,
                                             .klass = BROKER_REJECT,
                                             .reason = REASON_NO_MONEY});
    else if (r->kind == BROKER_PLACE)
        sim_fill(m, r);
    else if (r->kind == BROKER_CLOSE && p != NULL)
        sim_close(m, p, r->cid, REASON_UNSET, sim_close_price(m, p->side));
}

/* Executes what was sent, and what that sends, until nothing is left. */
static inline void sim_settle(struct sim *m)
{
    while (m->queued > 0) {
        struct broker_request r = m->queue[0];
        memmove(&m->queue[0], &m->queue[1], --m->queued * sizeof(m->queue[0]));
        sim_serve(m, &r);
    }
}

static inline void sim_stops(struct sim *m)
{
    for (size_t i = m->h->s->position_count; i-- > 0;) {
        const struct position *p = &m->h->s->positions[i];
        int64_t price_e8 = sim_close_price(m, p->side);
        int sign = side_sign(p->side);
        if (p->sl_e8 != DEC_NONE && (price_e8 - p->sl_e8) * sign <= 0)
            sim_close(m, p, 0, REASON_SL_HIT, p->sl_e8);
        else if (p->tp_e8 != DEC_NONE && (price_e8 - p->tp_e8) * sign >= 0)
            sim_close(m, p, 0, REASON_TP_HIT, p->tp_e8);
    }
}

/* The watched levels at the present quote; true: a row was made. */
static inline bool sim_poll(struct sim *m)
{
    int symbol = -1;
    for (size_t i = 0; i < symbol_count(); i++)
        if (strcmp(symbol_at(i)->name, m->symbol) == 0)
            symbol = (int)i;
    cr_assert_geq(symbol, 0);
    int64_t ask_e8 = m->bid_e8 + m->spread_e8;
    if (!prices_is_hit(&m->h->s->prices, (size_t)symbol, m->bid_e8, ask_e8))
        return false;
    struct input in = {.kind = INPUT_PRICE};
    (void)str_copy(in.price.items[0].symbol, SYMBOL_CAP, m->symbol);
    in.price.items[0].quote = (struct quote){m->bid_e8, ask_e8, m->h->now_ms};
    in.price.count = 1;
    sim_apply(m, &in);
    return true;
}

/* A quote: stops and targets, what waits for it, and what comes of that at the same quote. */
static inline void sim_quote(struct sim *m, const char *bid)
{
    if (bid != NULL)
        m->bid_e8 = sim_dec(bid);
    sim_settle(m);
    sim_stops(m);
    sim_settle(m);
    for (int i = 0; i < 4 && sim_poll(m); i++)
        sim_settle(m);
}

/* What chains and orders wait for. */
static inline int64_t sim_due_ms(const struct engine_state *s)
{
    int64_t chains_ms = chains_next_due_ms(s), orders_ms = orders_next_due_ms(s);
    return chains_ms < orders_ms ? chains_ms : orders_ms;
}

/* Time passes; timers that are due run, at their times. */
static inline void sim_wait(struct sim *m, int64_t ms)
{
    struct harness *h = m->h;
    int64_t until_ms = h->now_ms + ms;
    for (int i = 0; i < 1000; i++) {
        int64_t due_ms = sim_due_ms(h->s);
        if (due_ms > until_ms)
            break;
        h->now_ms = due_ms > h->now_ms ? due_ms : h->now_ms;
        sim_timer(m, TIMER_DUE);
        sim_settle(m);
    }
    h->now_ms = until_ms;
}

static inline void sim_signal(struct sim *m, enum signal_kind kind, enum side side)
{
    struct input in = {.kind = INPUT_SIGNAL};
    in.signal = (struct signal)SIGNAL_INIT;
    in.signal.format = SIGNAL_FORMAT_V3;
    in.signal.kind = kind;
    in.signal.side = side;
    in.signal.tf = TF_5M;
    in.signal.score = 7;
    (void)str_copy(in.signal.symbol, sizeof(in.signal.symbol), m->symbol);
    sim_apply(m, &in);
}

/* A trade at the present quote with these levels. */
static inline void sim_enter(struct sim *m, enum side side, const char *sl, const char *tp)
{
    m->plan.sl_e8 = sim_dec(sl);
    m->plan.tp_e8 = sim_dec(tp);
    sim_signal(m, SIGNAL_V3_MOMENTUM_BREAKOUT, side);
    sim_settle(m);
}

/* Writes the state, reads it back, and goes on with what was read: nothing may be lost. */
static inline void sim_restart(struct sim *m)
{
    struct buf before TR_CLEANUP(buf_deinit), after TR_CLEANUP(buf_deinit);
    buf_init(&before, 8 * 1024 * 1024);
    buf_init(&after, 8 * 1024 * 1024);
    state_pack(m->h->s, &before);
    struct engine_state *fresh = state_new();
    cr_assert_eq(state_unpack(fresh, before.data, before.len), 0);
    state_pack(fresh, &after);
    cr_assert_eq(before.len, after.len);
    cr_assert_eq(memcmp(before.data, after.data, before.len), 0);
    state_free(m->h->s);
    m->h->s = fresh;
}

/* ---- looking ---- */

static inline const struct chain *sim_chain(const struct sim *m)
{
    cr_assert_eq(m->h->s->chains.reentry_count, 1);
    return &m->h->s->chains.reentry[0];
}

static inline const struct profit_chain *sim_profit(const struct sim *m)
{
    cr_assert_eq(m->h->s->chains.profit_count, 1);
    return &m->h->s->chains.profit[0];
}

static inline size_t sim_count(const struct sim *m, enum event_type type)
{
    return m->counts[type];
}

static inline const struct event *sim_last(const struct sim *m, enum event_type type)
{
    cr_assert_gt(m->counts[type], 0, "%s", event_info(type)->name);
    return &m->last[type];
}

#endif
