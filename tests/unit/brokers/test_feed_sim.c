/* Covers: same seed same quotes, sane quotes for every symbol, the walk moves and stays near its
 * start, going on from saved quotes. */
#include "venue.h"

#include "brokers/feed_sim.h"

Test(feed_sim, same_seed_gives_the_same_quotes)
{
    struct feed_sim *a = feed_sim_new(5, 1000, NULL);
    struct feed_sim *b = feed_sim_new(5, 1000, NULL);
    struct feed_sim *c = feed_sim_new(6, 1000, NULL);
    int differences = 0;
    for (int i = 0; i < 100; i++) {
        struct quote qa = feed_sim_next(a, 0, i);
        struct quote qb = feed_sim_next(b, 0, i);
        struct quote qc = feed_sim_next(c, 0, i);
        cr_assert_eq(qa.bid_e8, qb.bid_e8);
        cr_assert_eq(qa.ask_e8, qb.ask_e8);
        differences += qa.bid_e8 != qc.bid_e8;
    }
    cr_assert_gt(differences, 90);
    feed_sim_free(a);
    feed_sim_free(b);
    feed_sim_free(c);
}

Test(feed_sim, quotes_of_every_symbol_are_sane_for_a_day)
{
    struct feed_sim *f = feed_sim_new(1, 1000, NULL);
    for (size_t s = 0; s < symbol_count(); s++) {
        const struct symbol_info *info = symbol_at(s);
        int64_t point_e8 = DEC_ONE;
        for (int i = 0; i < info->digits; i++) {
            point_e8 /= 10;
        }
        int64_t low_e8 = INT64_MAX, high_e8 = 0;
        for (int i = 0; i < 86400; i++) {
            struct quote q = feed_sim_next(f, s, i);
            cr_assert_gt(q.ask_e8, q.bid_e8);
            cr_assert_leq(q.ask_e8 - q.bid_e8, info->typical_spread_e8 * 3 / 2 + point_e8);
            cr_assert_eq(q.bid_e8 % point_e8, 0);
            cr_assert_eq(q.ask_e8 % point_e8, 0);
            low_e8 = q.bid_e8 < low_e8 ? q.bid_e8 : low_e8;
            high_e8 = q.bid_e8 > high_e8 ? q.bid_e8 : high_e8;
        }
        cr_assert_gt(low_e8, info->sim_price_e8 * 9 / 10, "%s", info->name);
        cr_assert_lt(high_e8, info->sim_price_e8 * 11 / 10, "%s", info->name);
        cr_assert_gt(high_e8 - low_e8, info->sim_price_e8 / 1000, "%s moves", info->name);
    }
    feed_sim_free(f);
}

Test(feed_sim, goes_on_from_saved_quotes)
{
    struct paper_market m = {0};
    size_t eur = (size_t)paper_symbol_index("EURUSD");
    m.quotes[eur] = (struct quote){e8("1.2"), e8("1.2001"), 1};
    struct feed_sim *f = feed_sim_new(1, 1000, &m);
    struct quote q = feed_sim_next(f, eur, 2);
    cr_assert_gt(q.bid_e8, e8("1.199"));
    cr_assert_lt(q.bid_e8, e8("1.201"));
    cr_assert_eq(q.time_ms, 2);
    feed_sim_free(f);
}
