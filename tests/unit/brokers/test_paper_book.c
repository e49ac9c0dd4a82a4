/* Covers: stops, targets and their order, gap slippage, running equity, what is remembered of
 * finished orders and for how long, the newest fills, net lots. */
#include "venue.h"

TestSuite(paper_book, .timeout = 20);

static void open_with_stops(struct venue *v, uint64_t cid, enum side side, const char *sl,
                            const char *tp)
{
    struct broker_request r = venue_place(cid, "EURUSD", side, "0.1");
    r.sl_e8 = sl ? e8(sl) : DEC_NONE;
    r.tp_e8 = tp ? e8(tp) : DEC_NONE;
    venue_send(v, r);
    (void)venue_event(v, BROKER_EVENT_FILL, 0); /* asserts that there is one */
    v->count = 0;
}

Test(paper_book, buy_stop_triggers_on_the_bid_and_fills_at_the_gap)
{
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1001");
    open_with_stops(v, 1, SIDE_BUY, "1.09", "1.11");
    venue_tick(v, "EURUSD", "1.0901", "1.0902");
    cr_assert_eq(v->count, 0);
    venue_tick(v, "EURUSD", "1.085", "1.0851");
    const struct broker_event *fill = venue_event(v, BROKER_EVENT_FILL, 0);
    cr_assert_eq(fill->price_e8, e8("1.085"));
    cr_assert_eq(fill->reason, REASON_SL_HIT);
    cr_assert_eq(fill->purpose, ORDER_CLOSE);
    cr_assert_eq(fill->side, SIDE_SELL);
    cr_assert_eq(fill->cid, 0);
    cr_assert_eq(venue_count(v, BROKER_EVENT_ACCOUNT), 1);
    venue_free(v);
}

Test(paper_book, sell_stop_triggers_on_the_ask)
{
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1001");
    open_with_stops(v, 1, SIDE_SELL, "1.105", NULL);
    venue_tick(v, "EURUSD", "1.1048", "1.10499");
    cr_assert_eq(v->count, 0);
    venue_tick(v, "EURUSD", "1.1049", "1.105");
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->reason, REASON_SL_HIT);
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->price_e8, e8("1.105"));
    venue_free(v);
}

Test(paper_book, target_fills_at_touch_at_its_own_price)
{
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    open_with_stops(v, 1, SIDE_BUY, NULL, "1.11");
    open_with_stops(v, 2, SIDE_SELL, NULL, "1.09");
    venue_tick(v, "EURUSD", "1.1105", "1.1106");
    const struct broker_event *fill = venue_event(v, BROKER_EVENT_FILL, 0);
    cr_assert_eq(fill->reason, REASON_TP_HIT);
    cr_assert_eq(fill->price_e8, e8("1.11"));
    cr_assert_eq(fill->profit_e8, e8("100"));
    v->count = 0;
    venue_tick(v, "EURUSD", "1.08", "1.0899");
    fill = venue_event(v, BROKER_EVENT_FILL, 0);
    cr_assert_eq(fill->position_cid, 2);
    cr_assert_eq(fill->price_e8, e8("1.09"));
    venue_free(v);
}

Test(paper_book, stop_goes_before_target_when_both_are_reached)
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    struct paper_book *b = paper_book_new(&conf, 1);
    size_t eur = (size_t)paper_symbol_index("EURUSD");
    struct paper_change c = {.has_position = true, .account = paper_book_account(b)};
    c.position = (struct paper_position){.cid = 1,
                                         .lots_e8 = e8("0.1"),
                                         .entry_e8 = e8("1.1"),
                                         .sl_e8 = e8("1.1"),
                                         .tp_e8 = e8("1.1"),
                                         .symbol = (uint8_t)eur,
                                         .side = SIDE_BUY};
    paper_book_apply(b, &c);
    struct quote q = {e8("1.1"), e8("1.1"), 1};
    paper_book_set_quote(b, eur, &q);
    struct paper_trigger t;
    cr_assert(paper_book_next_trigger(b, eur, &t));
    cr_assert_eq(t.reason, REASON_SL_HIT);
    paper_book_free(b);
}

Test(paper_book, equity_follows_the_quotes_and_the_positions)
{
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1002");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    cr_assert_eq(paper_book_equity_e8(venue_book(v)), e8("9998")); /* the spread */
    venue_send(v, venue_place(2, "EURUSD", SIDE_SELL, "0.3"));
    cr_assert_eq(paper_book_equity_e8(venue_book(v)), e8("9992"));
    cr_assert_eq(paper_book_net_lots_e8(venue_book(v), (size_t)paper_symbol_index("EURUSD")),
                 e8("-0.2"));
    venue_tick(v, "EURUSD", "1.1100", "1.1102");
    cr_assert_eq(paper_book_equity_e8(venue_book(v)), e8("9792"));
    venue_send(v, venue_close(3, 2, SIDE_BUY, "0.3"));
    cr_assert_eq(paper_book_equity_e8(venue_book(v)), e8("9792"));
    cr_assert_eq(paper_book_account(venue_book(v)).balance_e8, e8("9694"));
    venue_free(v);
}

static void apply_finished(struct paper_book *b, uint64_t cid, int64_t time_ms)
{
    struct paper_change c = {.has_order = true, .account = paper_book_account(b)};
    c.order = (struct paper_order){.cid = cid,
                                   .position_cid = cid,
                                   .state = PAPER_ORDER_REJECTED,
                                   .purpose = ORDER_OPEN,
                                   .klass = BROKER_REJECT,
                                   .updated_ms = time_ms};
    paper_book_apply(b, &c);
}

Test(paper_book, forgets_finished_orders_after_three_days)
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    struct paper_book *b = paper_book_new(&conf, 1);
    apply_finished(b, 1, VENUE_START_MS);
    apply_finished(b, 2, VENUE_START_MS + PAPER_ORDERS_KEEP_MS);
    cr_assert_not_null(paper_book_order(b, 1));
    apply_finished(b, 3, VENUE_START_MS + PAPER_ORDERS_KEEP_MS + 1);
    cr_assert_null(paper_book_order(b, 1));
    cr_assert_not_null(paper_book_order(b, 2));
    paper_book_free(b);
}

Test(paper_book, remembers_a_bounded_number_of_finished_orders)
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    struct paper_book *b = paper_book_new(&conf, 1);
    for (uint64_t cid = 1; cid <= PAPER_ORDERS_KEEP_MAX + 10; cid++) {
        apply_finished(b, cid, VENUE_START_MS);
    }
    cr_assert_eq(paper_book_finished_count(b), PAPER_ORDERS_KEEP_MAX);
    cr_assert_null(paper_book_order(b, 10));
    cr_assert_not_null(paper_book_order(b, 11));
    paper_book_free(b);
}

Test(paper_book, keeps_the_deals_in_order)
{
    struct paper_conf conf;
    paper_conf_defaults(&conf);
    struct paper_book *b = paper_book_new(&conf, 1);
    for (uint64_t id = 1; id <= 100; id++) {
        struct paper_change c = {.has_fill = true, .account = {.next_exec_id = id + 1}};
        c.fill.exec_id = id;
        paper_book_apply(b, &c);
    }
    const struct paper_history *h = paper_book_history(b);
    cr_assert_eq(h->count, 100);
    cr_assert_eq(h->after, 0);
    cr_assert_eq(paper_history_at(h, 0)->exec_id, 1);
    cr_assert_eq(paper_history_at(h, 99)->exec_id, 100);
    paper_book_free(b);
}
