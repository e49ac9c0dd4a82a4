/* Covers, with random prices, entries, stop changes, partial and full closes, link losses and kills
 * (the state is rebuilt from its inputs, events on their way are lost) against the real paper venue
 * with all its faults: rules only tighten stops; volumes stay whole steps and never fall below the
 * smallest; one change a position; prices that reach nothing cost no input; once everything is
 * quiet, engine and venue agree on volume and stops of every position; applying the recorded inputs
 * again gives the same bytes and the same state. */
#include "desk.h"

#include "brokers/paper_desk.h"
#include "core/rng.h"

#define ROWS_MAX   60000
#define EVENTS_MAX 4096
#define STEPS      700

struct row {
    enum input_kind kind;
    int64_t now_ms;
    char key[INPUT_KEY_CAP];
    char *in, *out;
    size_t in_len, out_len;
};

struct world {
    struct engine_options opt;
    struct engine_state *s;
    struct paper_desk *venue;
    struct clock *clock;
    struct rng g;
    struct row rows[ROWS_MAX];
    size_t row_count;
    struct broker_event events[EVENTS_MAX]; /* told by the venue, not yet taken */
    size_t event_count;
    int64_t price_e8;
    size_t moved, parts, prices; /* what has happened, so that the test has teeth */
};

static void on_told(const struct broker_event *e, void *ctx)
{
    struct world *w = ctx;
    cr_assert_lt(w->event_count, EVENTS_MAX);
    w->events[w->event_count++] = *e;
}

static struct quote quote_of(const struct world *w)
{
    return (struct quote){w->price_e8, w->price_e8 + PRICE(10), clock_wall_ms(w->clock)};
}

static char *copy(const void *p, size_t len)
{
    char *c = xcalloc(len + 1, 1);
    memcpy(c, p, len);
    return c;
}

static int check_event(const struct output_view *v, void *ctx)
{
    struct world *w = ctx;
    const struct event *e = &v->event;
    if (v->kind == OUTPUT_INTENT) {
        cr_assert_eq(v->intent.lots_e8 % LOT(1), 0, "whole steps");
        return 0;
    }
    if (v->kind != OUTPUT_EVENT)
        return 0;
    if (e->type == EVENT_SL_MODIFIED || e->type == EVENT_BREAKEVEN) {
        bool is_rule = e->reason == REASON_TRAILING_STOP || e->reason == REASON_BREAK_EVEN ||
                       e->reason == REASON_PROFIT_LOCK;
        if (is_rule)
            cr_assert_not(exit_rules_is_tighter(e->side, e->number_e8, e->sl_e8),
                          "a rule loosens a stop: %" PRIi64 " -> %" PRIi64, e->number_e8, e->sl_e8);
        w->moved += is_rule;
    }
    w->parts += e->type == EVENT_PARTIAL_CLOSE;
    return 0;
}

static void check_state(struct world *w)
{
    cr_assert_leq(w->s->modifies.count, w->s->position_count);
    for (size_t i = 0; i < w->s->position_count; i++) {
        const struct position *p = &w->s->positions[i];
        cr_assert_eq(p->lots_e8 % LOT(1), 0);
        cr_assert_geq(p->lots_e8, LOT(1));
    }
    for (size_t i = 0; i < w->s->modifies.count; i++)
        for (size_t k = 0; k < i; k++)
            cr_assert_neq(w->s->modifies.items[i].position_cid,
                          w->s->modifies.items[k].position_cid);
}

static void apply(struct world *w, const struct input *in)
{
    struct outputs out;
    struct buf blob TR_CLEANUP(buf_deinit) = {0};
    struct input_quotes quotes = {.count = 1};
    struct decision *d TR_CLEANUP(mem_freep) = xalloc(sizeof(*d));
    int64_t now_ms = clock_wall_ms(w->clock);
    if (in->key[0] != '\0' && dedupe_find(state_keys(w->s, in), in->key) != 0)
        return;
    (void)str_copy(quotes.items[0].symbol, SYMBOL_CAP, "XAUUSD");
    quotes.items[0].quote = quote_of(w);
    if (in->kind == INPUT_BROKER || in->kind == INPUT_TIMER)
        quotes.count = 0;
    if (in->kind == INPUT_SIGNAL)
        signals_decide(w->s, &w->opt, &quotes, &in->signal, now_ms, d);
    buf_init(&blob, 65536);
    outputs_init(&out);
    input_pack(&blob, in, &quotes, in->kind == INPUT_SIGNAL ? d : NULL);
    struct engine_tx tx = {.s = w->s,
                           .opt = &w->opt,
                           .out = &out,
                           .quotes = &quotes,
                           .now_ms = now_ms,
                           .seq = w->s->seq + 1};
    apply_input(&tx, in, in->kind == INPUT_SIGNAL ? d : NULL);
    cr_assert_eq(outputs_visit(out.blob.data, out.blob.len, check_event, w), 0);
    cr_assert_lt(w->row_count, ROWS_MAX);
    struct row *r = &w->rows[w->row_count++];
    r->kind = in->kind;
    r->now_ms = now_ms;
    (void)str_copy(r->key, sizeof(r->key), in->key);
    r->in = copy(blob.data, r->in_len = blob.len);
    r->out = copy(out.blob.data, r->out_len = out.blob.len);
    outputs_deinit(&out);
    check_state(w);
    struct broker_request sends[STATE_ORDERS_MAX];
    size_t n = w->s->send_count;
    cr_assert_leq(n, TR_ARRAY_SIZE(sends));
    memcpy(sends, w->s->sends, n * sizeof(sends[0]));
    w->s->send_count = 0;
    for (size_t i = 0; i < n; i++)
        paper_desk_request(w->venue, &sends[i]);
}

static void timer(struct world *w, enum timer_kind kind)
{
    struct input in = {.kind = INPUT_TIMER};
    in.timer.kind = kind;
    in.timer.rules = w->opt.rules;
    apply(w, &in);
}

static void take_events(struct world *w, size_t most)
{
    while (w->event_count > 0 && most-- > 0) {
        struct input in = {.kind = INPUT_BROKER};
        in.broker = w->events[0];
        memmove(w->events, w->events + 1, --w->event_count * sizeof(w->events[0]));
        if (in.broker.kind == BROKER_EVENT_FILL)
            (void)snprintf(in.key, sizeof(in.key), "ex:%" PRIu64, in.broker.exec_id);
        apply(w, &in);
    }
}

static void look(struct world *w)
{
    struct quote q = quote_of(w);
    size_t i = (size_t)paper_symbol_index("XAUUSD");
    paper_desk_tick(w->venue, i, &q);
    if (!prices_is_hit(&w->s->prices, i, q.bid_e8, q.ask_e8))
        return;
    struct input in = {.kind = INPUT_PRICE};
    in.price.count = 1;
    in.price.items[0].quote = q;
    (void)str_copy(in.price.items[0].symbol, SYMBOL_CAP, "XAUUSD");
    apply(w, &in);
    w->prices++;
}

static void command(struct world *w, struct desk_order o)
{
    struct input in = {.kind = INPUT_COMMAND};
    desk_order = o;
    (void)str_copy(in.command.name, sizeof(in.command.name), "act");
    /* What the order says, so that a replay does the same. */
    (void)snprintf(in.command.args, sizeof(in.command.args), "%d %" PRIu64 " %" PRIi64 " %" PRIi64,
                   (int)o.act, o.position_cid, o.sl_e8, o.lots_e8);
    in.command.origin = ORIGIN_HTTP;
    in.command.role = ROLE_TRADER;
    in.command.lang = LANG_EN;
    apply(w, &in);
}

static void run_recorded(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    int act = 0;
    struct desk_order o = {.tp_e8 = DEC_NONE};
    cr_assert_eq(sscanf(c->args, "%d %" SCNu64 " %" SCNi64 " %" SCNi64, &act, &o.position_cid,
                        &o.sl_e8, &o.lots_e8),
                 4);
    o.act = (enum desk_act)act;
    desk_order = o;
    run_act(tx, c, ret);
}

static const struct command_ops ops_recorded = {
    .name = "act", .role = ROLE_TRADER, .urgent = true, .max_age_ms = 0, .run = run_recorded};
static const struct command_ops *const recorded_commands[] = {&ops_recorded};

static void enter(struct world *w)
{
    struct input in = {.kind = INPUT_SIGNAL};
    in.signal = (struct signal)SIGNAL_INIT;
    in.signal.format = SIGNAL_FORMAT_V3;
    in.signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in.signal.side = SIDE_BUY; /* the harness' plugin has one set of stops */
    in.signal.tf = TF_5M;
    in.signal.score = 7;
    (void)str_copy(in.signal.symbol, sizeof(in.signal.symbol), "XAUUSD");
    apply(w, &in);
}

static struct engine_state *replayed(struct world *w)
{
    struct engine_state *s = state_new();
    struct decision *d TR_CLEANUP(mem_freep) = xalloc(sizeof(*d));
    for (size_t i = 0; i < w->row_count; i++) {
        const struct row *r = &w->rows[i];
        struct outputs out;
        struct input_quotes quotes;
        struct input *in = input_new(r->kind);
        cr_assert_eq(input_unpack(r->in, r->in_len, in, &quotes, d), 0);
        (void)str_copy(in->key, sizeof(in->key), r->key);
        outputs_init(&out);
        struct engine_tx tx = {.s = s,
                               .opt = &w->opt,
                               .out = &out,
                               .quotes = &quotes,
                               .now_ms = r->now_ms,
                               .seq = i + 1};
        apply_input(&tx, in, d);
        s->send_count = 0;
        cr_assert_eq(out.blob.len, r->out_len, "row %zu", i);
        cr_assert_eq(memcmp(out.blob.data, r->out, r->out_len), 0, "row %zu", i);
        outputs_deinit(&out);
        input_free(in);
    }
    return s;
}

static void assert_same(const struct engine_state *a, const struct engine_state *b)
{
    struct buf packed[2] = {0};
    buf_init(&packed[0], 4 << 20);
    buf_init(&packed[1], 4 << 20);
    state_pack(a, &packed[0]);
    state_pack(b, &packed[1]);
    cr_assert_eq(packed[0].len, packed[1].len);
    cr_assert_eq(memcmp(packed[0].data, packed[1].data, packed[0].len), 0);
    buf_deinit(&packed[0]);
    buf_deinit(&packed[1]);
}

static void link_up(struct world *w)
{
    struct input in = {.kind = INPUT_BROKER};
    in.broker.kind = BROKER_EVENT_LINK_UP;
    apply(w, &in);
}

/* The process dies: what the venue was telling is lost, the state comes from the journal. */
static void kill_engine(struct world *w)
{
    w->event_count = 0;
    struct engine_state *again = replayed(w);
    assert_same(again, w->s);
    state_free(w->s);
    w->s = again;
    timer(w, TIMER_START);
    link_up(w);
}

static void lose_link(struct world *w)
{
    struct input in = {.kind = INPUT_BROKER};
    in.broker.kind = BROKER_EVENT_LINK_DOWN;
    w->event_count = 0;
    apply(w, &in);
    link_up(w);
}

static void pass_time(struct world *w, int64_t ms)
{
    clock_manual_advance_us(w->clock, ms * 1000);
    paper_desk_run_due(w->venue);
    if (apply_next_due_ms(w->s) <= clock_wall_ms(w->clock))
        timer(w, TIMER_DUE);
}

static void touch_position(struct world *w, int64_t what)
{
    if (w->s->position_count == 0)
        return;
    size_t i = (size_t)rng_between(&w->g, 0, (int64_t)w->s->position_count - 1);
    struct desk_order o = {.position_cid = w->s->positions[i].cid, .tp_e8 = DEC_NONE};
    o.act = what == 0 ? DESK_MODIFY : what == 1 ? DESK_PART : DESK_CLOSE;
    o.sl_e8 = w->price_e8 - rng_between(&w->g, -100, 3000) * (DEC_ONE / 100);
    o.lots_e8 = rng_between(&w->g, 1, 3) * LOT(1);
    command(w, o);
}

static void step(struct world *w)
{
    int64_t dice = rng_between(&w->g, 0, 99);
    if (dice < 55) {
        w->price_e8 += rng_between(&w->g, -150, 160) * (DEC_ONE / 100);
        look(w);
    } else if (dice < 63) {
        enter(w);
    } else if (dice < 68) {
        touch_position(w, 0);
    } else if (dice < 73) {
        touch_position(w, 1);
    } else if (dice < 75) {
        touch_position(w, 2);
    } else if (dice < 96) {
        pass_time(w, rng_between(&w->g, 1, 3000));
    } else if (dice < 97) {
        kill_engine(w);
    } else if (dice < 98) {
        lose_link(w);
    }
    take_events(w, (size_t)rng_between(&w->g, 0, 12));
    if (w->price_e8 < PRICE(264100) || w->price_e8 > PRICE(266900))
        w->price_e8 = PRICE(265000); /* where the plugin's stops make sense */
}

static void assert_venue_agrees(struct world *w)
{
    const struct paper_book *book = paper_desk_book(w->venue);
    cr_assert_eq(paper_book_position_count(book), w->s->position_count);
    for (size_t i = 0; i < w->s->position_count; i++) {
        const struct position *p = &w->s->positions[i];
        const struct paper_position *v = paper_book_position(book, p->cid);
        cr_assert_not_null(v);
        cr_assert_eq(v->lots_e8, p->lots_e8);
        cr_assert_eq(v->sl_e8, p->sl_e8, "stops of %" PRIu64, p->cid);
        cr_assert_eq(v->tp_e8, p->tp_e8);
    }
}

static void settle(struct world *w)
{
    for (int i = 0; i < 400; i++) {
        take_events(w, EVENTS_MAX);
        pass_time(w, 1000);
    }
    take_events(w, EVENTS_MAX);
}

static struct world *world_new(uint64_t seed)
{
    struct world *w = xalloc(sizeof(*w));
    struct paper_conf conf;
    rng_seed(&w->g, seed);
    paper_conf_defaults(&conf);
    conf.feed = PAPER_FEED_MANUAL;
    conf.seed = seed;
    conf.balance_e8 = 1000000 * DEC_ONE;
    conf.latency_base_ms = seed % 2 == 0 ? 0 : 200;
    conf.fault_lost_answer = conf.fault_reject = conf.fault_late_fill = 500;
    conf.fault_duplicate_fill = conf.fault_partial = conf.fault_swallow = 500;
    w->clock = clock_manual_new(1000000, T0_MS);
    cr_assert_eq(paper_desk_new(&conf, w->clock, &w->venue), 0);
    w->price_e8 = PRICE(265000);
    w->opt.trader_id = "main";
    w->opt.plugins[0] = &fake_plugin;
    w->opt.plugin_count = 1;
    w->opt.commands = recorded_commands;
    w->opt.command_count = 1;
    w->opt.rules = (struct engine_rules){.start_balance_e8 = 1000000 * DEC_ONE,
                                         .order_deadline_ms = 5000,
                                         .signal_max_age_ms = 10000};
    struct exit_rules *r = &w->opt.rules.exits[0];
    exit_rules_defaults(r);
    (void)str_copy(r->plugin, sizeof(r->plugin), "fake");
    r->trailing = EXIT_TRAILING_PERCENT;
    r->trail_start_percent = 20;
    r->trail_step_percent = 5;
    r->has_lock = r->even_after_tp1 = true;
    r->even_pips_e8 = 150 * DEC_ONE;
    r->max_hold_min = 5;
    w->s = state_new();
    struct quote q = quote_of(w);
    paper_desk_tick(w->venue, (size_t)paper_symbol_index("XAUUSD"), &q);
    timer(w, TIMER_START);
    paper_desk_start(w->venue, on_told, w);
    return w;
}

static void world_free(struct world *w)
{
    for (size_t i = 0; i < w->row_count; i++) {
        mem_free(w->rows[i].in);
        mem_free(w->rows[i].out);
    }
    state_free(w->s);
    paper_desk_free(w->venue);
    clock_free(w->clock);
    mem_free(w);
}

Test(exits_property, random_lives_keep_the_rules_and_replay_to_the_same_bytes, .timeout = 60)
{
    size_t moved = 0, parts = 0, prices = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct world *w = world_new(seed);
        for (int i = 0; i < STEPS; i++)
            step(w);
        settle(w);
        assert_venue_agrees(w);
        struct engine_state *again = replayed(w);
        assert_same(again, w->s);
        state_free(again);
        moved += w->moved;
        parts += w->parts;
        prices += w->prices;
        world_free(w);
    }
    cr_assert_gt(moved, 50, "rules moved stops");
    cr_assert_gt(parts, 20, "parts were closed");
    cr_assert_gt(prices, 50, "levels were reached");
}
