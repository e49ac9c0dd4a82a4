/* Covers: engine/chains as a whole, over random prices, faults and commands: every chain ends, the
 * limits hold at every row, nothing is waited for in the end, the books agree with the fills, and a
 * run cut at any row goes on to the same state. */
#include "unit/engine/chains_sim.h"

#include "core/rng.h"

#define STEPS 250

static void walk(struct sim *m, struct rng *r)
{
    int64_t step_e8 = (int64_t)rng_below(r, 401) - 200; /* at most 2.00 */
    m->bid_e8 += step_e8 * (DEC_ONE / 100);
    if (m->bid_e8 < sim_dec("1500"))
        m->bid_e8 = sim_dec("1500");
    sim_quote(m, NULL);
    sim_wait(m, (int64_t)rng_below(r, 120000));
}

static void check_limits(const struct sim *m)
{
    const struct engine_state *s = m->h->s;
    const struct chain_conf *conf = &s->rules.chains[CHAIN_COMBINED_V3];
    const struct chain_day *day = &s->chains.days[CHAIN_COMBINED_V3];
    int shields = 0;
    cr_assert_leq(day->attempts, conf->max_attempts);
    for (size_t i = 0; i < s->chains.reentry_count; i++) {
        const struct chain *c = &s->chains.reentry[i];
        cr_assert_leq(c->base.level, conf->routes[1].max_levels);
        shields += c->shield.cids[0] != 0 || c->shield.cids[1] != 0;
        if (c->cid != 0 && c->base.state != CHAIN_MISSING)
            cr_assert(state_position(m->h->s, c->cid) != NULL ||
                      state_order(m->h->s, c->cid) != NULL);
    }
    cr_assert_leq(shields, conf->shield_max);
    for (size_t i = 0; i < s->chains.profit_count; i++)
        cr_assert_leq(s->chains.profit[i].base.level, 2);
    for (size_t i = 0; i < s->position_count; i++) {
        cr_assert_eq(s->positions[i].lots_e8 % LOT(1), 0, "on the broker's step");
        cr_assert_neq(s->positions[i].sl_e8, DEC_NONE, "every order has its stop");
    }
}

static void act(struct sim *m, struct rng *r)
{
    uint64_t dice = rng_below(r, 40);
    m->refuses = rng_below(r, 25) == 0;
    if (dice < 4 && m->h->s->position_count < 60) {
        bool buy = rng_below(r, 2) == 0;
        int64_t away_e8 = sim_dec("3") + (int64_t)rng_below(r, 500) * (DEC_ONE / 100);
        char sl[DEC_TEXT_CAP], tp[DEC_TEXT_CAP];
        (void)dec_format(m->bid_e8 + (buy ? -away_e8 : away_e8), sl);
        (void)dec_format(m->bid_e8 + (buy ? 2 * away_e8 : -2 * away_e8), tp);
        sim_enter(m, buy ? SIDE_BUY : SIDE_SELL, sl, tp);
    } else if (dice == 4) {
        sim_signal(m, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
        sim_settle(m);
    } else if (dice == 5) {
        m->h->s->paused = !m->h->s->paused;
    }
}

static void end_all(struct sim *m)
{
    m->h->s->paused = true; /* nothing new */
    m->refuses = false;
    sim_signal(m, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
    sim_settle(m);
    for (int i = 0; i < 8; i++) {
        sim_wait(m, 3600000);
        sim_quote(m, NULL);
    }
}

static struct sim *run(uint64_t seed)
{
    struct sim *m = sim_new("XAUUSD", "2000", "0.2");
    struct rng r;
    rng_seed(&r, seed);
    m->plan.lots_a_e8 = LOT(4);
    m->plan.lots_b_e8 = LOT(4);
    for (int i = 0; i < STEPS && m->row_count < SIM_ROWS_MAX - 700; i++) {
        act(m, &r);
        walk(m, &r);
        check_limits(m);
    }
    return m;
}

Test(chains_property, every_chain_ends_and_nothing_is_waited_for)
{
    size_t hunts = 0, advanced = 0, shields = 0, continued = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct sim *m = run(seed);
        hunts += sim_count(m, EVENT_SL_HUNT_RECOVERY);
        advanced += sim_count(m, EVENT_CHAIN_ADVANCED);
        shields += sim_count(m, EVENT_REVERSE_SHIELD);
        continued += sim_count(m, EVENT_TP_CONTINUATION);
        end_all(m);
        cr_assert_eq(m->h->s->position_count, 0, "seed %d", (int)seed);
        cr_assert_eq(m->h->s->chains.reentry_count, 0, "seed %d", (int)seed);
        cr_assert_eq(m->h->s->chains.profit_count, 0, "seed %d", (int)seed);
        cr_assert_eq(m->h->s->prices.count, 0, "seed %d", (int)seed);
        cr_assert_eq(sim_due_ms(m->h->s), INT64_MAX, "seed %d", (int)seed);
        sim_free(m);
    }
    cr_assert_gt(hunts, 10, "the runs exercise what they are about");
    cr_assert_gt(advanced, 10);
    cr_assert_gt(shields, 10);
    cr_assert_gt(continued, 3);
}

/* The book is the sum of the closed trades the chains were told of. */
Test(chains_property, balance_equals_the_sum_of_fills)
{
    struct sim *m = run(77);
    end_all(m);
    int64_t sum_e8 = 0;
    for (size_t i = 0; i < m->row_count; i++)
        if (m->rows[i].in.kind == INPUT_BROKER && m->rows[i].in.broker.purpose == ORDER_CLOSE)
            sum_e8 += m->rows[i].in.broker.profit_e8;
    cr_assert_eq(m->h->s->account.balance_e8, 10000 * DEC_ONE + sum_e8);
    sim_free(m);
}

/* ---- cut at every row ---- */

static void apply_row(struct engine_state *s, const struct engine_options *opt,
                      const struct sim_row *row, struct outputs *out)
{
    outputs_reset(out);
    struct engine_tx tx = {.s = s,
                           .opt = opt,
                           .out = out,
                           .quotes = &row->quotes,
                           .now_ms = row->now_ms,
                           .seq = s->seq + 1};
    apply_input(&tx, &row->in, row->decision);
    s->send_count = 0;
}

static void pack_into(const struct engine_state *s, struct buf *b)
{
    buf_reset(b);
    state_pack(s, b);
    cr_assert_not(buf_failed(b));
}

/* A life cut after each row: what the journal holds is replayed, the rest follows; also from the
 * snapshot of that row. Every state on the way is the same, byte by byte. */
Test(chains_property, cut_at_every_row_it_goes_on_to_the_same_state)
{
    struct sim *m = sim_new("XAUUSD", "2000", "0.2");
    m->plan.lots_a_e8 = LOT(4);
    m->plan.lots_b_e8 = LOT(4);
    sim_enter(m, SIDE_BUY, "1990", "2003");
    sim_quote(m, "2002");
    sim_quote(m, "2003.4");
    sim_wait(m, 5000);
    sim_quote(m, "2003.6");
    sim_quote(m, "1990");
    sim_quote(m, "1996");
    sim_wait(m, 5000);
    sim_quote(m, "2001");
    sim_quote(m, "2012");
    sim_wait(m, 3600000);
    cr_assert_gt(sim_count(m, EVENT_SL_HUNT_RECOVERY) + sim_count(m, EVENT_TP_CONTINUATION), 0);
    cr_assert_gt(sim_count(m, EVENT_CHAIN_ADVANCED), 0);

    struct outputs out;
    struct buf at_cut TR_CLEANUP(buf_deinit), ended TR_CLEANUP(buf_deinit);
    struct buf expected TR_CLEANUP(buf_deinit);
    outputs_init(&out);
    buf_init(&at_cut, 8 * 1024 * 1024);
    buf_init(&ended, 8 * 1024 * 1024);
    buf_init(&expected, 8 * 1024 * 1024);
    pack_into(m->h->s, &expected);
    struct engine_state *lived = state_new();
    for (size_t cut = 0; cut < m->row_count; cut++) {
        apply_row(lived, &m->h->opt, &m->rows[cut], &out);
        pack_into(lived, &at_cut);
        struct engine_state *s = state_new();
        cr_assert_eq(state_unpack(s, at_cut.data, at_cut.len), 0, "row %zu", cut);
        for (size_t i = cut + 1; i < m->row_count; i++)
            apply_row(s, &m->h->opt, &m->rows[i], &out);
        pack_into(s, &ended);
        cr_assert_eq(ended.len, expected.len, "row %zu", cut);
        cr_assert_eq(memcmp(ended.data, expected.data, ended.len), 0, "row %zu", cut);
        state_free(s);
    }
    state_free(lived);
    outputs_deinit(&out);
    sim_free(m);
}
