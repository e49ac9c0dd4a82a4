/* Covers: engine/manager: RE-14 on order A: targets at 1, 2 and 3 R in a weak and a strong market,
 * jumps over a target, what cannot be divided, the exit alert with golden case G83 and both sides
 * of 50 and 10 pips, order B and other plugins left alone, what alerts say of strength on both
 * sides of its figures, the snapshot. Entry 2650.10, first stop 2640.00: R is 10.10. */
#include "desk.h"

#define ENTRY PRICE(265010)
#define R     PRICE(1010)

static struct harness *start(uint64_t cids[2])
{
    struct harness *h = desk_new();
    struct exit_rules *r = &h->opt.rules.exits[0];
    exit_rules_defaults(r);
    (void)str_copy(r->plugin, sizeof(r->plugin), "fake");
    r->manager = true;
    harness_timer(h, TIMER_RULES);
    harness_enter(h, cids);
    desk_position(h, cids[0])->lots_e8 = LOT(10);
    desk_position(h, cids[0])->tp_e8 = PRICE(269000); /* beyond all three */
    return h;
}

static struct signal alert(const char *adx, int score, enum side side)
{
    struct signal s = SIGNAL_INIT;
    s.format = SIGNAL_FORMAT_V6;
    s.kind = side == SIDE_BUY ? SIGNAL_V6_BULLISH_ENTRY : SIGNAL_V6_BEARISH_ENTRY;
    s.side = side;
    s.score = score;
    cr_assert(dec_parse(adx, strlen(adx), &s.adx_e8));
    (void)str_copy(s.symbol, sizeof(s.symbol), "XAUUSD");
    return s;
}

static void say(struct harness *h, const char *adx, int score)
{
    struct signal s = alert(adx, score, SIDE_BUY);
    manager_on_signal(h->s, &s);
}

static bool tick(struct harness *h, int64_t bid_e8)
{
    return desk_tick(h, "XAUUSD", bid_e8, bid_e8 + PRICE(20));
}

static int64_t closing_e8(const struct harness *h, uint64_t cid)
{
    for (size_t i = 0; i < h->send_count; i++)
        if (h->sends[i].kind == BROKER_CLOSE && h->sends[i].position_cid == cid)
            return h->sends[i].lots_e8;
    return 0;
}

static int64_t stop_e8(const struct harness *h, uint64_t cid)
{
    for (size_t i = 0; i < h->send_count; i++)
        if (h->sends[i].kind == BROKER_MODIFY && h->sends[i].position_cid == cid)
            return h->sends[i].sl_e8;
    return 0;
}

Test(manager, a_weak_market_takes_half_at_the_first_target)
{
    uint64_t cids[2];
    struct harness *h = start(cids);
    cr_assert_not(tick(h, ENTRY + R - PRICE(1)), "a cent before it");
    cr_assert(tick(h, ENTRY + R));
    cr_assert_eq(closing_e8(h, cids[0]), LOT(5));
    cr_assert_eq(closing_e8(h, cids[1]), 0, "order B has its own rules");
    cr_assert_eq(stop_e8(h, cids[0]), 0);
    harness_free(h);
}

Test(manager, a_strong_market_holds_there_and_secures_the_second)
{
    uint64_t cids[2];
    struct harness *h = start(cids);
    say(h, "25", 70);
    cr_assert(tick(h, ENTRY + R));
    cr_assert_eq(h->send_count, 0, "held");
    cr_assert_not(tick(h, ENTRY + R + PRICE(1)), "told once");
    cr_assert(tick(h, ENTRY + 2 * R));
    cr_assert_eq(closing_e8(h, cids[0]), LOT(4), "40 %%");
    cr_assert_eq(stop_e8(h, cids[0]), ENTRY + R, "the stop goes to target 1");
    harness_free(h);
}

Test(manager, the_third_target_closes_all_also_in_one_jump)
{
    uint64_t cids[2];
    struct harness *h = start(cids);
    say(h, "40", 95);
    cr_assert(tick(h, ENTRY + 3 * R + PRICE(5)));
    cr_assert_eq(closing_e8(h, cids[0]), LOT(10));
    cr_assert_eq(stop_e8(h, cids[0]), 0);
    cr_assert_eq(manager_next_e8(h->s, desk_position(h, cids[0])), DEC_NONE);
    harness_free(h);
}

Test(manager, what_cannot_be_divided_is_closed_whole)
{
    uint64_t cids[2];
    struct harness *h = start(cids);
    desk_position(h, cids[0])->lots_e8 = LOT(1);
    cr_assert(tick(h, ENTRY + R));
    cr_assert_eq(closing_e8(h, cids[0]), LOT(1));
    harness_free(h);
}

/* Gold: a pip is a cent. */
static void exit_at(struct harness *h, int64_t pips)
{
    desk_quote(h, "XAUUSD", ENTRY + PRICE(pips), ENTRY + PRICE(pips + 20));
    harness_signal(h, SIGNAL_V3_BULLISH_EXIT, SIDE_SELL);
}

Test(manager, G83_an_exit_alert_holds_halves_or_closes)
{
    static const struct {
        int64_t pips;
        bool strong;
        int64_t lots_e8, stop_e8;
    } rows[] = {
        {55, true, 0, 0},           {51, true, 0, 0},          {50, true, LOT(5), ENTRY},
        {55, false, LOT(5), ENTRY}, {30, true, LOT(5), ENTRY}, {10, true, LOT(5), ENTRY},
        {9, true, LOT(10), 0},      {-100, false, LOT(10), 0},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        uint64_t cids[2];
        struct harness *h = start(cids);
        if (rows[i].strong)
            say(h, "25", 70);
        exit_at(h, rows[i].pips);
        cr_expect_eq(closing_e8(h, cids[0]), rows[i].lots_e8, "%d pips", (int)rows[i].pips);
        cr_expect_eq(stop_e8(h, cids[0]), rows[i].stop_e8, "%d pips", (int)rows[i].pips);
        cr_expect_gt(closing_e8(h, cids[1]), 0, "order B leaves");
        harness_free(h);
    }
}

Test(manager, switched_off_an_exit_alert_closes_and_nothing_is_watched)
{
    uint64_t cids[2];
    struct harness *h = start(cids);
    h->opt.rules.exits[0].manager = false;
    harness_timer(h, TIMER_RULES);
    cr_assert_eq(h->s->prices.watched, 0);
    say(h, "40", 95);
    exit_at(h, 55);
    cr_assert_eq(closing_e8(h, cids[0]), LOT(10));
    harness_free(h);
}

Test(manager, strong_is_adx_25_confidence_70_and_a_trend_that_agrees)
{
    uint64_t cids[2];
    struct harness *h = start(cids);
    const struct position *p = desk_position(h, cids[0]);
    cr_assert_not(manager_is_strong(h->s, p), "nothing is known");
    say(h, "25", 70);
    cr_assert(manager_is_strong(h->s, p));
    say(h, "24.9", 70);
    cr_assert_not(manager_is_strong(h->s, p));
    say(h, "25", 69);
    cr_assert_not(manager_is_strong(h->s, p));
    struct signal v3 = alert("25", 2, SIDE_SELL);
    v3.format = SIGNAL_FORMAT_V3;
    v3.kind = SIGNAL_V3_SIDEWAYS_BREAKOUT;
    manager_on_signal(h->s, &v3); /* seven of nine for the sellers: 77 */
    cr_assert(manager_is_strong(h->s, p));
    cr_assert(trends_put_auto(&h->s->trends, "XAUUSD", TF_1H, SIDE_SELL, 1));
    cr_assert_not(manager_is_strong(h->s, p));
    harness_free(h);
}

Test(manager, the_snapshot_keeps_what_is_known_and_passed)
{
    uint64_t cids[2];
    struct harness *h = start(cids);
    say(h, "25", 70);
    cr_assert(tick(h, ENTRY + R));
    struct buf packed = {0};
    buf_init(&packed, 4096);
    manager_pack(&h->s->manager, &packed);
    struct manager *back TR_CLEANUP(mem_freep) = xalloc(sizeof(*back));
    struct unpack u;
    unpack_init(&u, packed.data, packed.len);
    manager_unpack(back, &u);
    cr_assert(unpack_done(&u));
    cr_assert_eq(back->known_count, 1);
    cr_assert_eq(back->target_count, 1);
    cr_assert_eq(back->targets[0].cid, cids[0]);
    cr_assert_eq(back->targets[0].reached, 1);
    for (size_t len = 0; len < packed.len; len++) {
        unpack_init(&u, packed.data, len);
        manager_unpack(back, &u);
        cr_assert_not(unpack_done(&u), "cut at %zu", len);
    }
    buf_deinit(&packed);
    manager_position_gone(h->s, cids[0]);
    cr_assert_eq(h->s->manager.target_count, 0);
    harness_free(h);
}
