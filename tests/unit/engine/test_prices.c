/* Covers: watched levels: which side of the quote reaches them and from where, both sides of the
 * level; told once, in the order set; several owners at one price; dropping; room kept for
 * positions; unknown symbols; the nearest levels are those of the list (property against a plain
 * search); a broker's quotes make an input only when a level is reached; packing. */
#include "desk.h"

#include "core/rng.h"

static bool watch(struct prices *p, const char *symbol, enum price_when when, int64_t level_e8,
                  uint64_t id)
{
    struct price_watch w = {
        .when = when, .owner = PRICE_OWNER_CHAIN, .owner_id = id, .level_e8 = level_e8};
    return prices_watch(p, symbol, &w);
}

static size_t index_of(const char *symbol)
{
    for (size_t i = 0; i < symbol_count(); i++)
        if (strcmp(symbol_at(i)->name, symbol) == 0)
            return i;
    cr_assert(false, "%s", symbol);
    return 0;
}

static struct prices *prices_new(void)
{
    struct prices *p = xalloc(sizeof(*p));
    prices_init(p);
    return p;
}

Test(prices, each_kind_of_level_is_reached_from_its_side)
{
    static const struct {
        enum price_when when;
        int64_t bid, ask;
        bool hit;
    } cases[] = {
        {PRICE_BID_UP, 99, 101, false},    {PRICE_BID_UP, 100, 102, true},
        {PRICE_BID_DOWN, 101, 103, false}, {PRICE_BID_DOWN, 100, 102, true},
        {PRICE_ASK_UP, 97, 99, false},     {PRICE_ASK_UP, 98, 100, true},
        {PRICE_ASK_DOWN, 99, 101, false},  {PRICE_ASK_DOWN, 98, 100, true},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct prices *p TR_CLEANUP(mem_freep) = prices_new();
        cr_assert(watch(p, "EURUSD", cases[i].when, 100, 1));
        cr_expect_eq(prices_is_hit(p, index_of("EURUSD"), cases[i].bid, cases[i].ask), cases[i].hit,
                     "%zu", i);
        cr_expect_not(prices_is_hit(p, index_of("GBPUSD"), cases[i].bid, cases[i].ask));
    }
}

Test(prices, nothing_is_watched_at_first_and_after_the_last_is_dropped)
{
    struct prices *p TR_CLEANUP(mem_freep) = prices_new();
    size_t i = index_of("XAUUSD");
    cr_assert_eq(p->watched, 0);
    cr_assert_not(prices_is_hit(p, i, 1, INT64_MAX - 1));
    cr_assert(watch(p, "XAUUSD", PRICE_BID_UP, 100, 1));
    cr_assert(watch(p, "XAUUSD", PRICE_BID_UP, 90, 2));
    cr_assert(prices_is_hit(p, i, 90, 91));
    prices_unwatch(p, PRICE_OWNER_CHAIN, 2);
    cr_assert_not(prices_is_hit(p, i, 90, 91));
    prices_unwatch(p, PRICE_OWNER_POSITION, 1);
    cr_assert_neq(p->watched, 0, "another kind of owner with the same number");
    prices_unwatch(p, PRICE_OWNER_CHAIN, 1);
    cr_assert_eq(p->watched, 0);
    cr_assert_eq(p->count, 0);
}

Test(prices, room_for_positions_is_kept_and_unknown_symbols_are_refused)
{
    struct prices *p TR_CLEANUP(mem_freep) = prices_new();
    cr_assert_not(watch(p, "NOPE", PRICE_BID_UP, 1, 1));
    for (uint64_t i = 0; i < PRICES_WATCHES_MAX - STATE_POSITIONS_MAX; i++)
        cr_assert(watch(p, "EURUSD", PRICE_BID_UP, 100 + (int64_t)i, i));
    cr_assert_not(watch(p, "EURUSD", PRICE_BID_UP, 1, 1));
    struct price_watch w = {.when = PRICE_ASK_DOWN, .owner = PRICE_OWNER_POSITION, .level_e8 = 5};
    for (uint64_t i = 0; i < STATE_POSITIONS_MAX; i++) {
        w.owner_id = i;
        cr_assert(prices_watch(p, "EURUSD", &w));
    }
}

Test(prices, property_nearest_levels_are_those_of_the_list)
{
    struct prices *p TR_CLEANUP(mem_freep) = prices_new();
    struct rng g;
    rng_seed(&g, 77);
    for (int round = 0; round < 20000; round++) {
        const char *symbol = symbol_at((size_t)rng_between(&g, 0, 2))->name;
        uint64_t id = (uint64_t)rng_between(&g, 1, 40);
        if (rng_between(&g, 0, 2) == 0)
            prices_unwatch(p, PRICE_OWNER_CHAIN, id);
        else if (p->count < 100)
            cr_assert(watch(p, symbol, (enum price_when)rng_between(&g, 1, 4),
                            rng_between(&g, 50, 150), id));
        size_t i = index_of(symbol);
        int64_t bid = rng_between(&g, 30, 170), ask = bid + rng_between(&g, 0, 5);
        bool expected = false;
        for (size_t k = 0; k < p->count; k++) {
            const struct price_watch *w = &p->items[k];
            bool up = w->when == PRICE_BID_UP || w->when == PRICE_ASK_UP;
            int64_t side = w->when == PRICE_BID_UP || w->when == PRICE_BID_DOWN ? bid : ask;
            expected =
                expected || (w->symbol == i && (up ? side >= w->level_e8 : side <= w->level_e8));
        }
        cr_assert_eq(prices_is_hit(p, i, bid, ask), expected, "round %d", round);
    }
}

struct fake_broker {
    struct broker base;
    int64_t bid_e8, ask_e8;
    int asked;
};

static bool fake_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    struct fake_broker *f = (struct fake_broker *)b;
    f->asked++;
    *ret = (struct quote){f->bid_e8, f->ask_e8, 1};
    return strcmp(symbol, "EURUSD") == 0 || strcmp(symbol, "USDJPY") == 0 ||
           strcmp(symbol, "GBPJPY") == 0;
}

static const struct broker_ops fake_ops = {.name = "fake", .quote = fake_quote};

Test(prices, the_brokers_quotes_make_an_input_only_when_a_level_is_reached)
{
    struct fake_broker f = {.base = {&fake_ops}, .bid_e8 = 99, .ask_e8 = 100};
    struct prices *p TR_CLEANUP(mem_freep) = prices_new();
    cr_assert_null(prices_poll(p, &f.base));
    cr_assert_eq(f.asked, 0, "nothing is watched: nothing is looked at");
    cr_assert(watch(p, "EURUSD", PRICE_BID_UP, 100, 1));
    cr_assert(watch(p, "XAUUSD", PRICE_BID_UP, 1, 2));
    cr_assert_null(prices_poll(p, &f.base), "not reached, and no quote for gold");
    f.bid_e8 = 100;
    struct input *in = prices_poll(p, &f.base);
    cr_assert_not_null(in);
    cr_assert_eq(in->kind, INPUT_PRICE);
    cr_assert_eq(in->price.count, 1);
    cr_assert_eq(in->price.items[0].quote.bid_e8, 100);
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    buf_init(&b, 4096);
    input_pack(&b, in, &in->price, NULL);
    struct input *back = input_new(INPUT_PRICE);
    struct input_quotes quotes;
    cr_assert_eq(input_unpack(b.data, b.len, back, &quotes, NULL), 0);
    cr_assert_eq(back->price.items[0].quote.bid_e8, 100);
    cr_assert_str_eq(back->price.items[0].symbol, "EURUSD");
    input_free(in);
    input_free(back);
    cr_assert(watch(p, "GBPJPY", PRICE_BID_UP, 100, 3));
    in = prices_poll(p, &f.base);
    cr_assert_eq(in->price.count, 3, "a cross brings what converts it");
    input_free(in);
}

Test(prices, unusable_levels_in_a_snapshot_are_refused)
{
    struct prices *p TR_CLEANUP(mem_freep) = prices_new();
    struct prices *back TR_CLEANUP(mem_freep) = prices_new();
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    struct unpack u;
    buf_init(&b, 4096);
    cr_assert(watch(p, "EURUSD", PRICE_BID_UP, 100, 1));
    cr_assert(watch(p, "XAUUSD", PRICE_ASK_DOWN, 7, 2));
    prices_pack(p, &b);
    unpack_init(&u, b.data, b.len);
    prices_unpack(back, &u);
    cr_assert(unpack_done(&u));
    cr_assert_eq(back->watched, p->watched);
    cr_assert_eq(memcmp(back->nearest_e8, p->nearest_e8, sizeof(p->nearest_e8)), 0);
    for (size_t n = 0; n < b.len; n++) {
        unpack_init(&u, b.data, n);
        prices_unpack(back, &u);
        cr_expect_not(unpack_ok(&u));
    }
}

/* ---- what a cross is worth ---- */

Test(input_quotes, a_cross_is_valued_by_the_pair_that_knows_its_currency)
{
    struct input_quotes q = {.count = 0};
    cr_assert_eq(input_usd_per_quote_e8(&q, symbol_find("EURUSD")), DEC_ONE);
    cr_assert_eq(input_usd_per_quote_e8(&q, symbol_find("EURGBP")), 0, "no rate");
    q.count = 2;
    (void)str_copy(q.items[0].symbol, SYMBOL_CAP, "GBPUSD");
    q.items[0].quote = (struct quote){125 * DEC_ONE / 100, 125 * DEC_ONE / 100, 1};
    (void)str_copy(q.items[1].symbol, SYMBOL_CAP, "USDJPY");
    q.items[1].quote = (struct quote){160 * DEC_ONE, 160 * DEC_ONE, 1};
    cr_assert_eq(input_usd_per_quote_e8(&q, symbol_find("EURGBP")), 125 * DEC_ONE / 100);
    cr_assert_eq(input_usd_per_quote_e8(&q, symbol_find("GBPJPY")), DEC_ONE / 160);
}
