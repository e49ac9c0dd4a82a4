/* Covers: model/trends: TREND_PULSE replaces a row, STATE_CHANGE only its state, MOMENTUM_CHANGE
 * only the momentum flag (spec 2.4); market state prefers 15m, 1h, 5m; trends by alerts, held by a
 * person, given back; unknown symbols and timeframes change nothing; packed and back. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "model/symbol.h"
#include "model/trends.h"

static struct trends store;

static struct signal alert(enum signal_kind kind, const char *symbol, enum timeframe tf)
{
    struct signal s = SIGNAL_INIT;
    s.format = SIGNAL_FORMAT_V6;
    s.kind = kind;
    s.tf = tf;
    (void)str_copy(s.symbol, sizeof(s.symbol), symbol);
    return s;
}

static struct signal pulse(const char *symbol, enum timeframe tf, int bull, int bear,
                           const char *state)
{
    struct signal s = alert(SIGNAL_V6_TREND_PULSE, symbol, tf);
    s.bull_count = bull;
    s.bear_count = bear;
    (void)str_copy(s.state, sizeof(s.state), state);
    (void)str_copy(s.text, sizeof(s.text), "15:BULL->BEAR");
    return s;
}

static void clear(void)
{
    memset(&store, 0, sizeof(store));
}

TestSuite(trends, .init = clear);

Test(trends, a_pulse_replaces_the_row)
{
    struct signal s = pulse("EURUSD", TF_15M, 4, 2, "MIXED_BULLISH");
    cr_assert(trends_put_pulse(&store, &s, 1000));
    s = pulse("EURUSD", TF_15M, 1, 5, "TRENDING_BEARISH");
    cr_assert(trends_put_pulse(&store, &s, 2000));
    const struct trends_pulse *p = trends_pulse(&store, "EURUSD", TF_15M);
    cr_assert_not_null(p);
    cr_expect(p->has_counts && p->bull == 1 && p->bear == 5);
    cr_expect_str_eq(p->state, "TRENDING_BEARISH");
    cr_expect_str_eq(p->changes, "15:BULL->BEAR");
    cr_expect_eq(p->updated_ms, 2000);
    cr_expect_null(trends_pulse(&store, "EURUSD", TF_1H));
    cr_expect_null(trends_pulse(&store, "GBPUSD", TF_15M));
    cr_expect_eq(store.count, 1);
}

Test(trends, a_state_change_leaves_the_counts)
{
    struct signal s = pulse("EURUSD", TF_15M, 4, 2, "MIXED_BULLISH");
    cr_assert(trends_put_pulse(&store, &s, 1000));
    s = alert(SIGNAL_V6_STATE_CHANGE, "EURUSD", TF_15M);
    s.bull_count = 1;
    s.bear_count = 5;
    cr_expect_not(trends_put_state(&store, &s, 2000), "without a state nothing is said");
    (void)str_copy(s.state, sizeof(s.state), "TRENDING_BEARISH");
    cr_assert(trends_put_state(&store, &s, 2000));
    const struct trends_pulse *p = trends_pulse(&store, "EURUSD", TF_15M);
    cr_expect(p->bull == 4 && p->bear == 2 && p->has_counts);
    cr_expect_str_eq(p->state, "TRENDING_BEARISH");
    s.tf = TF_1H;
    cr_assert(trends_put_state(&store, &s, 2000));
    cr_expect_not(trends_pulse(&store, "EURUSD", TF_1H)->has_counts);
}

Test(trends, momentum_is_a_flag_and_no_row_of_counts)
{
    struct signal s = alert(SIGNAL_V6_MOMENTUM_CHANGE, "GBPUSD", TF_5M);
    s.adx_e8 = 26 * DEC_ONE;
    s.prev_adx_e8 = 22 * DEC_ONE;
    (void)str_copy(s.text, sizeof(s.text), "INCREASING");
    cr_assert(trends_put_momentum(&store, &s, 500));
    const struct trends_pulse *p = trends_pulse(&store, "GBPUSD", TF_5M);
    cr_assert_not_null(p);
    cr_expect_eq(p->updated_ms, 0);
    cr_expect_not(p->has_counts);
    cr_expect_eq(p->momentum, TRENDS_MOMENTUM_INCREASING);
    cr_expect_eq(p->momentum_adx_e8, 26 * DEC_ONE);
    (void)str_copy(s.text, sizeof(s.text), "DECREASING");
    cr_assert(trends_put_momentum(&store, &s, 600));
    cr_expect_eq(p->momentum, TRENDS_MOMENTUM_DECREASING);
    s.text[0] = '\0';
    cr_assert(trends_put_momentum(&store, &s, 700));
    cr_expect_eq(p->momentum, TRENDS_MOMENTUM_INCREASING, "26 after 22");
    s.prev_adx_e8 = 27 * DEC_ONE;
    cr_assert(trends_put_momentum(&store, &s, 800));
    cr_expect_eq(p->momentum, TRENDS_MOMENTUM_DECREASING, "26 after 27");
}

Test(trends, the_market_state_is_that_of_15m_then_1h_then_5m)
{
    cr_expect_str_eq(trends_market_state(&store, "EURUSD"), "");
    struct signal s = pulse("EURUSD", TF_5M, 3, 3, "NEUTRAL");
    cr_assert(trends_put_pulse(&store, &s, 1));
    s = pulse("EURUSD", TF_4H, 6, 0, "TRENDING_BULLISH");
    cr_assert(trends_put_pulse(&store, &s, 1));
    cr_expect_str_eq(trends_market_state(&store, "EURUSD"), "NEUTRAL", "4h is not asked");
    s = pulse("EURUSD", TF_1H, 4, 2, "MIXED_BULLISH");
    cr_assert(trends_put_pulse(&store, &s, 1));
    cr_expect_str_eq(trends_market_state(&store, "EURUSD"), "MIXED_BULLISH");
    s = pulse("EURUSD", TF_15M, 1, 5, "");
    cr_assert(trends_put_pulse(&store, &s, 1));
    cr_expect_str_eq(trends_market_state(&store, "EURUSD"), "MIXED_BULLISH", "15m tells none");
    s = pulse("EURUSD", TF_15M, 1, 5, "SIDEWAYS");
    cr_assert(trends_put_pulse(&store, &s, 1));
    cr_expect_str_eq(trends_market_state(&store, "EURUSD"), "SIDEWAYS");
}

Test(trends, an_alert_moves_a_trend_until_a_person_holds_it)
{
    struct trends_trend mine = {.side = SIDE_SELL, .updated_ms = 50, .by = "ana"};
    cr_expect_eq(trends_side(&store, "XAUUSD", TF_1H), SIDE_UNSET);
    cr_assert(trends_put_auto(&store, "XAUUSD", TF_1H, SIDE_BUY, 10));
    cr_expect_not(trends_put_auto(&store, "XAUUSD", TF_1H, SIDE_BUY, 20), "P-11: says so already");
    cr_expect_eq(trends_trend(&store, "XAUUSD", TF_1H)->updated_ms, 10);
    cr_assert(trends_put_manual(&store, "XAUUSD", TF_1H, &mine));
    cr_expect_not(trends_put_manual(&store, "XAUUSD", TF_1H, &mine));
    cr_expect_not(trends_put_auto(&store, "XAUUSD", TF_1H, SIDE_BUY, 60), "it is held");
    cr_expect_eq(trends_side(&store, "XAUUSD", TF_1H), SIDE_SELL);
    cr_assert(trends_release(&store, "XAUUSD", TF_1H));
    cr_expect_not(trends_release(&store, "XAUUSD", TF_1H));
    cr_expect_eq(trends_side(&store, "XAUUSD", TF_1H), SIDE_SELL, "the value stays");
    cr_assert(trends_put_auto(&store, "XAUUSD", TF_1H, SIDE_UNSET, 70));
    cr_expect_eq(trends_side(&store, "XAUUSD", TF_1H), SIDE_UNSET, "neutral");
}

Test(trends, unknown_symbols_and_timeframes_change_nothing)
{
    struct signal s = pulse("NOSUCH", TF_15M, 4, 2, "X");
    cr_expect_not(trends_put_pulse(&store, &s, 1));
    s = pulse("EURUSD", TF_OTHER, 4, 2, "X");
    cr_expect_not(trends_put_pulse(&store, &s, 1));
    cr_expect_not(trends_put_auto(&store, "EURUSD", TF_UNSET, SIDE_BUY, 1));
    cr_expect_not(trends_release(&store, "EURUSD", TF_15M));
    struct signal m = alert(SIGNAL_V6_MOMENTUM_CHANGE, "NOSUCH", TF_15M);
    cr_expect_not(trends_put_momentum(&store, &m, 1));
    cr_expect_null(trends_pulse(&store, "EURUSD", TF_15M));
}

Test(trends, every_symbol_has_room)
{
    for (size_t i = 0; i < symbol_count(); i++) {
        struct signal s = pulse(symbol_at(i)->name, TF_15M, 4, 2, "X");
        cr_assert(trends_put_pulse(&store, &s, 1));
    }
    cr_expect_eq(store.count, symbol_count());
    cr_expect_leq(store.count, TRENDS_SYMBOLS_MAX);
}

Test(trends, packed_and_unpacked_it_is_the_same)
{
    struct trends_trend mine = {.side = SIDE_SELL, .updated_ms = 50, .by = "ana"};
    struct signal s = pulse("EURUSD", TF_15M, 4, 2, "MIXED_BULLISH");
    struct signal m = alert(SIGNAL_V6_MOMENTUM_CHANGE, "GBPUSD", TF_5M);
    m.adx_e8 = 26 * DEC_ONE;
    cr_assert(trends_put_pulse(&store, &s, 1000));
    cr_assert(trends_put_momentum(&store, &m, 1100));
    cr_assert(trends_put_auto(&store, "EURUSD", TF_1D, SIDE_BUY, 1200));
    cr_assert(trends_put_manual(&store, "XAUUSD", TF_1H, &mine));
    struct buf first TR_CLEANUP(buf_deinit), second TR_CLEANUP(buf_deinit);
    buf_init(&first, 1 << 20);
    buf_init(&second, 1 << 20);
    trends_pack(&store, &first);
    struct trends *back TR_CLEANUP(mem_freep) = xalloc(sizeof(*back));
    struct unpack u;
    unpack_init(&u, first.data, first.len);
    trends_unpack(back, &u);
    cr_assert(unpack_done(&u));
    trends_pack(back, &second);
    cr_assert_eq(first.len, second.len);
    cr_expect_arr_eq(first.data, second.data, first.len);
    cr_expect_str_eq(trends_trend(back, "XAUUSD", TF_1H)->by, "ana");
    cr_expect_eq(trends_pulse(back, "EURUSD", TF_15M)->bull, 4);
    cr_expect_eq(trends_pulse(back, "GBPUSD", TF_5M)->momentum_adx_e8, 26 * DEC_ONE);
    for (size_t len = 0; len < first.len; len++) {
        unpack_init(&u, first.data, len);
        trends_unpack(back, &u);
        cr_expect_not(unpack_done(&u), "%zu bytes", len);
    }
}
