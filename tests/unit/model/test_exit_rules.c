/* Covers: the rules that move stops: profit lock RE-12, break-even, trailing by percent of the
 * first stop (RK variant (d)) and by points, for buys and sells, both sides of each threshold; only
 * ever tighter; the next price is where something happens and not before (property); longest time
 * open; packing. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "core/rng.h"
#include "model/rules/exit_rules.h"

static int64_t e8(const char *text)
{
    int64_t v = 0;
    cr_assert(dec_parse(text, strlen(text), &v), "%s", text);
    return v;
}

static struct exit_case trade(const char *symbol, enum side side, const char *entry, const char *sl)
{
    struct exit_case c = {.info = symbol_find(symbol), .side = side, .entry_e8 = e8(entry)};
    cr_assert_not_null(c.info);
    c.sl_first_e8 = c.sl_e8 = e8(sl);
    return c;
}

static int64_t stop_at(const struct exit_rules *r, const struct exit_case *c, const char *price)
{
    enum reason why = REASON_UNSET;
    int64_t stop_e8 = exit_rules_stop_e8(r, c, e8(price), &why);
    cr_assert_eq(stop_e8 == DEC_NONE, why == REASON_UNSET);
    return stop_e8;
}

static enum reason why_at(const struct exit_rules *r, const struct exit_case *c, const char *price)
{
    enum reason why = REASON_UNSET;
    (void)exit_rules_stop_e8(r, c, e8(price), &why);
    return why;
}

Test(exit_rules, are_off_unless_switched_on)
{
    struct exit_rules r;
    exit_rules_defaults(&r);
    struct exit_case c = trade("EURUSD", SIDE_BUY, "1.10000", "1.09000");
    cr_assert_eq(stop_at(&r, &c, "1.50000"), DEC_NONE);
    cr_assert_eq(exit_rules_next_e8(&r, &c), DEC_NONE);
    cr_assert_eq(exit_rules_max_hold_ms(&r, "LOGIC1"), 0);
    cr_assert_eq(r.trail_start_percent, 50);
    cr_assert_eq(r.trail_step_percent, 25);
    cr_assert_eq(r.trail_points, 50);
    cr_assert_eq(r.lock_pips_e8, 40 * DEC_ONE);
    cr_assert_eq(r.lock_to_pips_e8, 10 * DEC_ONE);
    cr_assert_eq(r.trend_flip_age_min, 5);
}

Test(exit_rules, re_12_locks_ten_pips_at_forty)
{
    struct exit_rules r;
    exit_rules_defaults(&r);
    r.has_lock = true;
    struct exit_case buy = trade("EURUSD", SIDE_BUY, "1.10000", "1.08500");
    cr_assert_eq(stop_at(&r, &buy, "1.10399"), DEC_NONE);
    cr_assert_eq(stop_at(&r, &buy, "1.10400"), e8("1.10100"));
    cr_assert_eq(why_at(&r, &buy, "1.10400"), REASON_PROFIT_LOCK);
    cr_assert_eq(exit_rules_next_e8(&r, &buy), e8("1.10400"));
    buy.sl_e8 = e8("1.10100");
    cr_assert_eq(stop_at(&r, &buy, "1.20000"), DEC_NONE, "it has it already");
    cr_assert_eq(exit_rules_next_e8(&r, &buy), DEC_NONE);
    struct exit_case sell = trade("EURUSD", SIDE_SELL, "1.10000", "1.11500");
    cr_assert_eq(stop_at(&r, &sell, "1.09601"), DEC_NONE);
    cr_assert_eq(stop_at(&r, &sell, "1.09600"), e8("1.09900"));
    struct exit_case gold = trade("XAUUSD", SIDE_BUY, "2650.00", "2635.00");
    cr_assert_eq(stop_at(&r, &gold, "2650.39"), DEC_NONE);
    cr_assert_eq(stop_at(&r, &gold, "2650.40"), e8("2650.10"), "a pip of gold is 0.01");
}

Test(exit_rules, break_even_goes_to_the_entry_or_a_little_beyond)
{
    struct exit_rules r;
    exit_rules_defaults(&r);
    r.even_pips_e8 = 20 * DEC_ONE;
    struct exit_case c = trade("USDJPY", SIDE_SELL, "149.500", "151.000");
    cr_assert_eq(stop_at(&r, &c, "149.301"), DEC_NONE);
    cr_assert_eq(stop_at(&r, &c, "149.300"), e8("149.500"));
    cr_assert_eq(why_at(&r, &c, "149.300"), REASON_BREAK_EVEN);
    r.even_offset_pips_e8 = 2 * DEC_ONE;
    cr_assert_eq(stop_at(&r, &c, "149.300"), e8("149.480"));
    cr_assert_eq(exit_rules_even_e8(&r, &c), e8("149.480"));
    c.sl_e8 = e8("149.480");
    cr_assert_eq(exit_rules_even_e8(&r, &c), DEC_NONE);
    r.even_offset_pips_e8 = 20 * DEC_ONE;
    c.sl_e8 = DEC_NONE;
    cr_assert_eq(stop_at(&r, &c, "149.300"), DEC_NONE, "a stop at the price is none");
}

Test(exit_rules, trailing_starts_at_half_the_stop_and_climbs_in_quarters)
{
    struct exit_rules r;
    exit_rules_defaults(&r);
    r.trailing = EXIT_TRAILING_PERCENT;
    struct exit_case c = trade("XAUUSD", SIDE_BUY, "2000.00", "1990.00");
    static const char *const steps[][2] = {
        {"2004.99", NULL},      {"2005.00", "2000.00"}, {"2007.49", "2000.00"},
        {"2007.50", "2002.50"}, {"2010.00", "2005.00"}, {"2012.49", "2005.00"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(steps); i++)
        cr_expect_eq(stop_at(&r, &c, steps[i][0]), steps[i][1] != NULL ? e8(steps[i][1]) : DEC_NONE,
                     "%s", steps[i][0]);
    cr_assert_eq(exit_rules_next_e8(&r, &c), e8("2005.00"));
    c.sl_e8 = e8("2000.00");
    cr_assert_eq(exit_rules_next_e8(&r, &c), e8("2007.50"));
    c.sl_e8 = e8("2003.00"); /* moved by hand between two rungs */
    cr_assert_eq(exit_rules_next_e8(&r, &c), e8("2010.00"));
    cr_assert_eq(stop_at(&r, &c, "2007.50"), DEC_NONE, "never looser");
    c.sl_first_e8 = DEC_NONE;
    cr_assert_eq(stop_at(&r, &c, "2100.00"), DEC_NONE, "nothing to measure by");
    struct exit_case sell = trade("XAUUSD", SIDE_SELL, "2000.00", "2010.00");
    cr_assert_eq(stop_at(&r, &sell, "1995.01"), DEC_NONE);
    cr_assert_eq(stop_at(&r, &sell, "1992.50"), e8("1997.50"));
}

Test(exit_rules, trailing_by_points_keeps_fifty_behind)
{
    struct exit_rules r;
    exit_rules_defaults(&r);
    r.trailing = EXIT_TRAILING_POINTS;
    struct exit_case c = trade("EURUSD", SIDE_BUY, "1.10000", "1.09000");
    cr_assert_eq(stop_at(&r, &c, "1.10049"), DEC_NONE);
    cr_assert_eq(stop_at(&r, &c, "1.10050"), e8("1.10000"));
    cr_assert_eq(stop_at(&r, &c, "1.10059"), e8("1.10000"));
    cr_assert_eq(stop_at(&r, &c, "1.10060"), e8("1.10010"));
    cr_assert_eq(why_at(&r, &c, "1.10060"), REASON_TRAILING_STOP);
}

Test(exit_rules, the_best_of_several_rules_counts)
{
    struct exit_rules r;
    exit_rules_defaults(&r);
    r.has_lock = true;
    r.even_pips_e8 = 30 * DEC_ONE;
    r.trailing = EXIT_TRAILING_PERCENT;
    struct exit_case c = trade("EURUSD", SIDE_BUY, "1.10000", "1.09000");
    cr_assert_eq(why_at(&r, &c, "1.10300"), REASON_BREAK_EVEN);
    cr_assert_eq(why_at(&r, &c, "1.10400"), REASON_PROFIT_LOCK);
    cr_assert_eq(why_at(&r, &c, "1.10750"), REASON_TRAILING_STOP);
    cr_assert_eq(stop_at(&r, &c, "1.10750"), e8("1.10250"));
    cr_assert_eq(exit_rules_next_e8(&r, &c), e8("1.10300"));
}

Test(exit_rules, stops_are_rounded_away_from_the_market)
{
    struct exit_rules r;
    exit_rules_defaults(&r);
    r.trailing = EXIT_TRAILING_PERCENT;
    r.trail_start_percent = 33;
    r.trail_step_percent = 7;
    struct exit_case buy = trade("EURUSD", SIDE_BUY, "1.100003", "1.090000");
    struct exit_case sell = trade("EURUSD", SIDE_SELL, "1.100003", "1.110000");
    int64_t point_e8 = e8("0.00001");
    int64_t a = stop_at(&r, &buy, "1.11"), b = stop_at(&r, &sell, "1.09");
    cr_assert_eq(a % point_e8, 0);
    cr_assert_eq(b % point_e8, 0);
    cr_assert_lt(a, e8("1.11") - e8("0.0033"));
    cr_assert_gt(b, e8("1.09") + e8("0.0033"));
}

static struct exit_rules any_rules(struct rng *g)
{
    struct exit_rules r;
    exit_rules_defaults(&r);
    r.trailing = (enum exit_trailing)rng_between(g, 0, EXIT_TRAILING_COUNT - 1);
    r.trail_start_percent = (int)rng_between(g, 1, 150);
    r.trail_step_percent = (int)rng_between(g, 1, 60);
    r.trail_points = (int)rng_between(g, 1, 400);
    r.trail_step_points = (int)rng_between(g, 1, 90);
    r.even_pips_e8 = rng_between(g, 0, 60) * DEC_ONE;
    r.even_offset_pips_e8 = rng_between(g, 0, 30) * DEC_ONE;
    r.has_lock = rng_between(g, 0, 1) == 1;
    r.lock_pips_e8 = rng_between(g, 1, 80) * DEC_ONE;
    r.lock_to_pips_e8 = rng_between(g, 0, 60) * DEC_ONE;
    return r;
}

/* Random walks: the stop only tightens, stays behind the price, and nothing happens before the
 * announced price but something does at it. */
Test(exit_rules, property_only_tighter_and_exactly_at_the_announced_price)
{
    struct rng g;
    rng_seed(&g, 20261121);
    for (int round = 0; round < 400; round++) {
        struct exit_rules r = any_rules(&g);
        const struct symbol_info *info = symbol_at((size_t)rng_between(&g, 0, 9));
        bool is_buy = rng_between(&g, 0, 1) == 1;
        int sign = is_buy ? 1 : -1;
        int64_t entry_e8 = info->sim_price_e8;
        int64_t step_e8 = info->pip_size_e8;
        struct exit_case c = {.info = info,
                              .side = is_buy ? SIDE_BUY : SIDE_SELL,
                              .entry_e8 = entry_e8,
                              .sl_first_e8 = entry_e8 - sign * 100 * step_e8,
                              .sl_e8 = entry_e8 - sign * 100 * step_e8};
        int64_t price_e8 = entry_e8;
        for (int i = 0; i < 200; i++) {
            price_e8 += rng_between(&g, -12, 14) * step_e8 * sign;
            if (price_e8 <= 0)
                break;
            int64_t next_e8 = exit_rules_next_e8(&r, &c);
            bool is_due = next_e8 != DEC_NONE && (price_e8 - next_e8) * sign >= 0;
            enum reason why;
            int64_t stop_e8 = exit_rules_stop_e8(&r, &c, price_e8, &why);
            cr_assert_eq(is_due, stop_e8 != DEC_NONE, "round %d tick %d", round, i);
            if (stop_e8 == DEC_NONE)
                continue;
            cr_assert_gt((stop_e8 - c.sl_e8) * sign, 0, "tighter");
            cr_assert_gt((price_e8 - stop_e8) * sign, 0, "behind the price");
            c.sl_e8 = stop_e8;
        }
    }
}

Test(exit_rules, tighter_knows_sides_and_none)
{
    cr_assert(exit_rules_is_tighter(SIDE_BUY, 2, 1));
    cr_assert_not(exit_rules_is_tighter(SIDE_BUY, 1, 1));
    cr_assert(exit_rules_is_tighter(SIDE_SELL, 1, 2));
    cr_assert(exit_rules_is_tighter(SIDE_SELL, 1, DEC_NONE));
    cr_assert_not(exit_rules_is_tighter(SIDE_BUY, DEC_NONE, 1));
    cr_assert_not(exit_rules_is_tighter(SIDE_BUY, DEC_NONE, DEC_NONE));
}

Test(exit_rules, longest_time_open_has_its_own_for_one_minute_trades)
{
    struct exit_rules r;
    exit_rules_defaults(&r);
    r.max_hold_min = 240;
    cr_assert_eq(exit_rules_max_hold_ms(&r, "1m"), 240 * 60000);
    r.max_hold_1m_min = 15;
    cr_assert_eq(exit_rules_max_hold_ms(&r, "1m"), 15 * 60000);
    cr_assert_eq(exit_rules_max_hold_ms(&r, "15m"), 240 * 60000);
    r.max_hold_min = 0;
    cr_assert_eq(exit_rules_max_hold_ms(&r, "15m"), 0);
}

Test(exit_rules, survive_packing_and_truncation_does_not)
{
    struct rng g;
    struct buf a TR_CLEANUP(buf_deinit) = {0};
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    struct unpack u;
    rng_seed(&g, 5);
    buf_init(&a, 4096);
    buf_init(&b, 4096);
    struct exit_rules r = any_rules(&g), back = {0};
    (void)str_copy(r.plugin, sizeof(r.plugin), "combined_v3");
    r.trend_flip = r.trend_alert = r.even_after_tp1 = true;
    r.max_hold_min = 240;
    r.max_hold_1m_min = 15;
    exit_rules_pack(&a, &r);
    unpack_init(&u, a.data, a.len);
    exit_rules_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    exit_rules_pack(&b, &back);
    cr_assert_eq(a.len, b.len);
    cr_assert_eq(memcmp(a.data, b.data, a.len), 0);
    cr_assert_str_eq(back.plugin, "combined_v3");
    for (size_t n = 0; n < a.len; n++) {
        unpack_init(&u, a.data, n);
        exit_rules_unpack(&u, &back);
        cr_expect_not(unpack_ok(&u));
    }
}
