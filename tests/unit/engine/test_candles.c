/* Covers: engine/candles: when a candle ends and what is in it, the one that began before us,
 * quotes that leave gaps, a clock set back, 20 kept and 14 needed, how old the newest may be (both
 * sides), the trend of RE-9 both ways, who makes rows at all, the journal's and the snapshot's form
 * cut at every byte; a chain that waits for a clear trend of candles (RE-6). */
#include "unit/engine/chains_sim.h"

#define MINUTE_MS INT64_C(60000)
#define START_MS  (T0_MS - T0_MS % CANDLES_PERIOD_MS)

static struct engine_state *s;

static void begin(void)
{
    s = state_new();
}

static void end(void)
{
    s = state_free(s);
}

TestSuite(candles, .init = begin, .fini = end);

static struct candles_closed one(int i, int64_t price_e8)
{
    struct candles_closed c = {.count = 1};
    (void)str_copy(c.items[0].symbol, SYMBOL_CAP, "XAUUSD");
    c.items[0].start_ms = START_MS + i * CANDLES_PERIOD_MS;
    c.items[0].candle = (struct reentry_candle){price_e8 + DEC_ONE, price_e8 - DEC_ONE, price_e8};
    return c;
}

/* n candles that climb (or fall) by step; the state's time is the end of the newest. */
static void put(struct engine_state *to, int n, int64_t step_e8)
{
    for (int i = 0; i < n; i++) {
        struct candles_closed c = one(i, 2000 * DEC_ONE + i * step_e8);
        candles_apply(to, &c);
    }
    to->now_ms = START_MS + n * CANDLES_PERIOD_MS;
}

Test(candles, one_ends_with_the_first_quote_after_it)
{
    struct candle_maker m = {0};
    int64_t t_ms = START_MS + 7 * MINUTE_MS; /* in the middle of one */
    cr_assert_null(candles_tick(&m, 0, PRICE(200000), t_ms));
    t_ms = START_MS + CANDLES_PERIOD_MS;
    cr_assert_null(candles_tick(&m, 0, PRICE(200100), t_ms), "the part of one is left out");
    cr_assert_null(candles_tick(&m, 0, PRICE(200300), t_ms + MINUTE_MS));
    cr_assert_null(candles_tick(&m, 0, PRICE(199900), t_ms + 2 * MINUTE_MS));
    cr_assert_null(candles_tick(&m, 0, PRICE(200000), t_ms + CANDLES_PERIOD_MS - 1));
    struct input *in = candles_tick(&m, 0, PRICE(201000), t_ms + CANDLES_PERIOD_MS);
    cr_assert_not_null(in);
    cr_assert_eq(in->kind, INPUT_PRICE);
    cr_assert_eq(in->candles->count, 1);
    cr_assert_str_eq(in->candles->items[0].symbol, "XAUUSD");
    cr_assert_eq(in->candles->items[0].start_ms, t_ms);
    cr_assert_eq(in->candles->items[0].candle.high_e8, PRICE(200300));
    cr_assert_eq(in->candles->items[0].candle.low_e8, PRICE(199900));
    cr_assert_eq(in->candles->items[0].candle.close_e8, PRICE(200000));
    input_free(in);
    in = candles_tick(&m, 0, PRICE(202000), t_ms + 9 * CANDLES_PERIOD_MS);
    cr_assert_not_null(in, "a quiet night");
    cr_assert_eq(in->candles->items[0].candle.close_e8, PRICE(201000));
    input_free(in);
}

Test(candles, twenty_are_kept_and_older_ones_are_not_taken)
{
    put(s, 23, DEC_ONE);
    const struct candles_row *row = &s->candles.rows[0];
    cr_assert_eq(row->count, CANDLES_KEPT);
    cr_assert_eq(row->items[0].close_e8, 2003 * DEC_ONE);
    struct candles_closed back = one(5, DEC_ONE);
    candles_apply(s, &back);
    cr_assert_eq(row->items[CANDLES_KEPT - 1].close_e8, 2022 * DEC_ONE, "the clock was set back");
    candles_apply(s, NULL);
    cr_assert_eq(s->candles.count, 1);
}

Test(candles, the_trend_wants_fourteen_that_are_not_old)
{
    put(s, REENTRY_CANDLES_MIN - 1, DEC_ONE);
    cr_assert_eq(candles_side(s, "XAUUSD"), SIDE_UNSET, "thirteen");
    put(s, REENTRY_CANDLES_MIN, DEC_ONE);
    cr_assert_eq(candles_side(s, "XAUUSD"), SIDE_BUY);
    cr_assert_eq(candles_side(s, "EURUSD"), SIDE_UNSET);
    s->now_ms += 2 * CANDLES_PERIOD_MS;
    cr_assert_eq(candles_side(s, "XAUUSD"), SIDE_BUY, "half an hour");
    s->now_ms++;
    cr_assert_eq(candles_side(s, "XAUUSD"), SIDE_UNSET);
}

Test(candles, a_fall_is_a_trend_for_sellers_and_a_standstill_is_none)
{
    put(s, 20, -DEC_ONE);
    cr_assert_eq(candles_side(s, "XAUUSD"), SIDE_SELL);
    s->candles.count = 0;
    put(s, 20, 0);
    cr_assert_eq(candles_side(s, "XAUUSD"), SIDE_UNSET);
}

Test(candles, nothing_is_made_while_nobody_asks)
{
    struct engine_rules r = {0};
    cr_assert_not(candles_wanted(&r));
    r.chains[0].trend_source = CHAIN_TREND_CANDLES;
    cr_assert_not(candles_wanted(&r), "of no plugin");
    (void)str_copy(r.chains[0].plugin, sizeof(r.chains[0].plugin), "combined_v3");
    cr_assert(candles_wanted(&r));
    r.chains[0].trend_source = CHAIN_TREND_STORED;
    cr_assert_not(candles_wanted(&r));
}

Test(candles, an_input_and_the_snapshot_come_back_whole_or_not_at_all)
{
    struct input *in = input_new(INPUT_PRICE), *back = input_new(INPUT_PRICE);
    in->candles = xalloc(sizeof(*in->candles));
    *in->candles = one(1, 2000 * DEC_ONE);
    struct buf b = {0};
    struct input_quotes quotes;
    struct decision *d TR_CLEANUP(mem_freep) = xalloc(sizeof(*d));
    buf_init(&b, 4096);
    input_pack(&b, in, &in->price, NULL);
    cr_assert_eq(input_unpack(b.data, b.len, back, &quotes, d), 0);
    cr_assert_eq(memcmp(back->candles, in->candles, sizeof(*in->candles)), 0);
    for (size_t len = 0; len < b.len; len++) {
        back = input_free(back);
        back = input_new(INPUT_PRICE);
        cr_assert_lt(input_unpack(b.data, len, back, &quotes, d), 0, "cut at %zu", len);
    }
    input_free(in);
    input_free(back);
    put(s, 3, DEC_ONE);
    buf_reset(&b);
    candles_pack(&s->candles, &b);
    struct candles *kept TR_CLEANUP(mem_freep) = xalloc(sizeof(*kept));
    struct unpack u;
    unpack_init(&u, b.data, b.len);
    candles_unpack(kept, &u);
    cr_assert(unpack_done(&u));
    cr_assert_eq(memcmp(kept, &s->candles, sizeof(*kept)), 0);
    for (size_t len = 0; len < b.len; len++) {
        unpack_init(&u, b.data, len);
        candles_unpack(kept, &u);
        cr_assert_not(unpack_done(&u));
    }
    buf_deinit(&b);
}

Test(candles, a_recovery_waits_for_a_clear_trend_of_candles)
{
    struct sim *m = sim_new("XAUUSD", "2000", "0");
    m->plan.lots_a_e8 = LOT(6);
    sim_chain_conf(m)->shield = false;
    sim_chain_conf(m)->trend_source = CHAIN_TREND_CANDLES;
    sim_enter(m, SIDE_BUY, "1990", "2020");
    sim_quote(m, "1989");
    sim_quote(m, "1998");
    cr_assert_eq(sim_last(m, EVENT_CHAIN_BLOCKED)->reason, REASON_TREND_NOT_ALIGNED);
    int64_t now_ms = m->h->s->now_ms;
    put(m->h->s, 20, DEC_ONE);
    m->h->s->now_ms = now_ms;
    m->h->s->candles.rows[0].start_ms = now_ms - CANDLES_PERIOD_MS;
    sim_wait(m, 5000);
    sim_quote(m, NULL);
    cr_assert_eq(sim_chain(m)->base.state, CHAIN_RECOVERING);
    sim_free(m);
}
