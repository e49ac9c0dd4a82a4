/* Covers: the vectors of spec brokers 4 (margin, profit, commission, yen conversion, swap,
 * stop-out), the rules a venue refuses by, costs of partial closes, averaging of partial fills, the
 * nights that count for swap. */
#include "venue.h"

TestSuite(paper_deal, .timeout = 10);

Test(paper_deal, euro_margin_profit_and_commission_are_those_of_the_vector)
{
    struct venue *v = venue_new();
    v->conf.commission_per_lot_e8 = e8("3.5");
    venue_open(v);
    venue_tick(v, "EURUSD", "1.08507", "1.08515");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    const struct broker_event *fill = venue_event(v, BROKER_EVENT_FILL, 0);
    cr_assert_eq(fill->price_e8, e8("1.08515"));
    cr_assert_eq(fill->margin_e8, e8("108.515"));
    cr_assert_eq(fill->commission_e8, e8("0.35"));
    venue_tick(v, "EURUSD", "1.08603", "1.08611");
    venue_send(v, venue_close(2, 1, SIDE_SELL, "0.1"));
    fill = venue_event(v, BROKER_EVENT_FILL, 0);
    cr_assert_eq(fill->profit_e8, e8("8.8"));
    cr_assert_eq(fill->commission_e8, e8("0.35"));
    cr_assert_eq(fill->balance_e8, e8("10008.1"));
    cr_assert_eq(fill->margin_e8, 0);
    venue_free(v);
}

Test(paper_deal, gold_margin_and_profit_are_those_of_the_vector)
{
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "XAUUSD", "2650.37", "2650.62");
    venue_send(v, venue_place(1, "XAUUSD", SIDE_SELL, "0.05"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->margin_e8, e8("132.5185"));
    venue_tick(v, "XAUUSD", "2644.87", "2645.12");
    venue_send(v, venue_close(2, 1, SIDE_BUY, "0.05"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->profit_e8, e8("26.25"));
    venue_free(v);
}

Test(paper_deal, yen_profit_is_converted_at_the_closing_price)
{
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "USDJPY", "155.113", "155.123");
    venue_send(v, venue_place(1, "USDJPY", SIDE_BUY, "0.2"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->margin_e8, e8("200"));
    venue_tick(v, "USDJPY", "155.623", "155.633");
    venue_send(v, venue_close(2, 1, SIDE_SELL, "0.2"));
    char text[DEC_TEXT_CAP];
    int64_t profit_e8 = venue_event(v, BROKER_EVENT_FILL, 0)->profit_e8;
    cr_assert_str_eq(dec_format_fixed(profit_e8, 2, text), "64.26");
    venue_free(v);
}

Test(paper_deal, cross_uses_the_dollar_yen_quote_and_the_base_currency_margin)
{
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "USDJPY", "150", "150");
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_tick(v, "EURJPY", "165", "165");
    venue_send(v, venue_place(1, "EURJPY", SIDE_BUY, "0.1"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->margin_e8, e8("110"));
    venue_tick(v, "EURJPY", "166.5", "166.5");
    /* 1.5 x 10000 = 15000 JPY; 1/150 = 0.00666667 */
    int64_t floating_e8 = paper_book_equity_e8(venue_book(v)) - e8("10000");
    cr_assert_eq(floating_e8, e8("100.00005"));
    venue_tick(v, "USDJPY", "160", "160"); /* the yen falls: the same yen are worth less */
    floating_e8 = paper_book_equity_e8(venue_book(v)) - e8("10000");
    cr_assert_eq(floating_e8, e8("93.75"));
    venue_free(v);
}

Test(paper_deal, wednesday_night_counts_three_times)
{
    struct venue *v = venue_new();
    v->conf.swap_long_points_e8 = e8("-7.2");
    venue_open(v);
    venue_tick(v, "EURUSD", "1.085", "1.085");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    clock_manual_advance_us(v->clock, INT64_C(23) * 3600 * 1000000);
    venue_tick(v, "EURUSD", "1.085", "1.085");
    cr_assert_eq(paper_book_position(venue_book(v), 1)->swap_e8, e8("-2.16"));
    venue_tick(v, "EURUSD", "1.085", "1.085");
    cr_assert_eq(paper_book_position(venue_book(v), 1)->swap_e8, e8("-2.16"), "charged once");
    venue_send(v, venue_close(2, 1, SIDE_SELL, "0.1"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->swap_e8, e8("-2.16"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->balance_e8, e8("9997.84"));
    venue_free(v);
}

Test(paper_deal, a_week_has_seven_nights_of_swap)
{
    struct venue *v = venue_new();
    v->conf.swap_short_points_e8 = e8("1");
    venue_open(v);
    venue_tick(v, "EURUSD", "1.085", "1.085");
    venue_send(v, venue_place(1, "EURUSD", SIDE_SELL, "1"));
    clock_manual_advance_us(v->clock, INT64_C(7) * 24 * 3600 * 1000000);
    venue_tick(v, "EURUSD", "1.085", "1.085");
    cr_assert_eq(paper_book_position(venue_book(v), 1)->swap_e8, e8("7"));
    venue_free(v);
}

Test(paper_deal, stop_out_comes_at_the_price_of_the_vector)
{
    struct venue *v = venue_new();
    v->conf.balance_e8 = e8("1000");
    venue_open(v);
    venue_tick(v, "XAUUSD", "2650.62", "2650.62");
    venue_send(v, venue_place(1, "XAUUSD", SIDE_BUY, "0.3"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->margin_e8, e8("795.186"));
    v->count = 0;
    venue_tick(v, "XAUUSD", "2630.5398", "2630.5398"); /* fell by 20.0802 */
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 0);
    venue_tick(v, "XAUUSD", "2630.5397", "2630.5397");
    const struct broker_event *fill = venue_event(v, BROKER_EVENT_FILL, 0);
    cr_assert_eq(fill->reason, REASON_STOP_OUT);
    cr_assert_eq(fill->cid, 0);
    cr_assert_eq(fill->position_cid, 1);
    cr_assert_eq(paper_book_position_count(venue_book(v)), 0);
    venue_free(v);
}

Test(paper_deal, stop_out_takes_the_largest_loss_first_and_stops_when_there_is_room)
{
    struct venue *v = venue_new();
    v->conf.balance_e8 = e8("1000");
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_tick(v, "XAUUSD", "2000", "2000");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    venue_send(v, venue_place(2, "XAUUSD", SIDE_BUY, "0.2"));
    v->count = 0;
    venue_tick(v, "XAUUSD", "1962", "1962"); /* -760: equity 240 of margin 510 */
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 1);
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->position_cid, 2);
    cr_assert_not_null(paper_book_position(venue_book(v), 1));
    venue_free(v);
}

struct refusal {
    const char *symbol, *lots, *sl, *tp;
    enum side side;
    int code;
    enum reason reason;
    enum broker_class klass;
};

Test(paper_deal, refuses_orders_with_the_code_of_a_real_venue)
{
    static const struct refusal cases[] = {
        {"NOSUCH", "0.1", NULL, NULL, SIDE_BUY, 10013, REASON_SYMBOL_UNKNOWN, BROKER_REJECT},
        {"EURUSD", "0.1", NULL, NULL, SIDE_UNSET, 10013, REASON_FIELD_INVALID, BROKER_REJECT},
        {"EURUSD", "0.001", NULL, NULL, SIDE_BUY, 10014, REASON_LOT_BELOW_MIN, BROKER_REJECT},
        {"EURUSD", "0", NULL, NULL, SIDE_BUY, 10014, REASON_LOT_BELOW_MIN, BROKER_REJECT},
        {"EURUSD", "-1", NULL, NULL, SIDE_BUY, 10014, REASON_LOT_BELOW_MIN, BROKER_REJECT},
        {"EURUSD", "0.015", NULL, NULL, SIDE_BUY, 10014, REASON_FIELD_INVALID, BROKER_REJECT},
        {"EURUSD", "101", NULL, NULL, SIDE_BUY, 10014, REASON_FIELD_INVALID, BROKER_REJECT},
        {"EURUSD", "0.1", "1.2", NULL, SIDE_BUY, 10016, REASON_STOP_WRONG_SIDE, BROKER_REJECT},
        {"EURUSD", "0.1", NULL, "1.0", SIDE_BUY, 10016, REASON_STOP_WRONG_SIDE, BROKER_REJECT},
        {"EURUSD", "0.1", "1.0", NULL, SIDE_SELL, 10016, REASON_STOP_WRONG_SIDE, BROKER_REJECT},
        {"EURUSD", "0.1", NULL, "1.2", SIDE_SELL, 10016, REASON_STOP_WRONG_SIDE, BROKER_REJECT},
        {"EURUSD", "0.1", "-1", NULL, SIDE_BUY, 10016, REASON_STOP_WRONG_SIDE, BROKER_REJECT},
        {"EURUSD", "10", NULL, NULL, SIDE_BUY, 10019, REASON_NO_MONEY, BROKER_REJECT},
        {"GBPUSD", "0.1", NULL, NULL, SIDE_BUY, 10021, REASON_NO_QUOTE, BROKER_RETRY_LATER},
    };
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.10008");
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        const struct refusal *c = &cases[i];
        struct broker_request r = venue_place(100 + i, c->symbol, c->side, c->lots);
        r.sl_e8 = c->sl ? e8(c->sl) : DEC_NONE;
        r.tp_e8 = c->tp ? e8(c->tp) : DEC_NONE;
        venue_send(v, r);
        const struct broker_event *e = venue_event(v, BROKER_EVENT_REJECT, 0);
        cr_assert_eq(v->count, 1, "case %zu", i);
        cr_assert_eq(e->code, c->code, "case %zu: %d", i, e->code);
        cr_assert_eq(e->reason, c->reason, "case %zu", i);
        cr_assert_eq(e->klass, c->klass, "case %zu", i);
        cr_assert_neq(e->text[0], '\0');
    }
    cr_assert_eq(paper_book_position_count(venue_book(v)), 0);
    cr_assert_eq(paper_book_account(venue_book(v)).balance_e8, e8("10000"));
    venue_free(v);
}

Test(paper_deal, refuses_closes_with_the_code_of_a_real_venue)
{
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    static const struct {
        uint64_t position;
        enum side side;
        const char *lots;
        int code;
    } cases[] = {
        {9, SIDE_SELL, "0.1", 10036},   {1, SIDE_BUY, "0.1", 10013}, {1, SIDE_SELL, "0.2", 10038},
        {1, SIDE_SELL, "0.095", 10014}, {1, SIDE_SELL, "0", 10014},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        venue_send(v, venue_close(10 + i, cases[i].position, cases[i].side, cases[i].lots));
        cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->code, cases[i].code, "case %zu", i);
    }
    cr_assert_eq(paper_book_position(venue_book(v), 1)->lots_e8, e8("0.1"));
    venue_free(v);
}

Test(paper_deal, partial_closes_share_swap_and_margin_without_loss)
{
    struct venue *v = venue_new();
    v->conf.swap_long_points_e8 = e8("-1");
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    clock_manual_advance_us(v->clock, INT64_C(23) * 3600 * 1000000);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_close(2, 1, SIDE_SELL, "0.03"));
    int64_t swap_e8 = venue_event(v, BROKER_EVENT_FILL, 0)->swap_e8;
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->margin_e8, e8("77"));
    venue_send(v, venue_close(3, 1, SIDE_SELL, "0.07"));
    swap_e8 += venue_event(v, BROKER_EVENT_FILL, 0)->swap_e8;
    cr_assert_eq(swap_e8, e8("-0.3"));
    cr_assert_eq(paper_book_margin_e8(venue_book(v)), 0);
    venue_free(v);
}

Test(paper_deal, second_part_of_an_order_averages_the_entry)
{
    struct venue *v = venue_new();
    venue_open(v);
    struct paper_order o = {.cid = 1,
                            .position_cid = 1,
                            .lots_e8 = e8("0.15"),
                            .sl_e8 = DEC_NONE,
                            .tp_e8 = DEC_NONE,
                            .symbol = (uint8_t)paper_symbol_index("EURUSD"),
                            .state = PAPER_ORDER_WORKING,
                            .purpose = ORDER_OPEN,
                            .side = SIDE_BUY,
                            .klass = BROKER_OK};
    struct paper_book *b = paper_book_new(&v->conf, 1);
    struct paper_change c;
    struct quote q = {e8("1.085"), e8("1.085"), 1};
    paper_book_set_quote(b, o.symbol, &q);
    paper_deal_fill_open(b, &o, e8("0.1"), 1, &c);
    paper_book_apply(b, &c);
    cr_assert_eq(c.order.state, PAPER_ORDER_WORKING);
    q.bid_e8 = q.ask_e8 = e8("1.086");
    paper_book_set_quote(b, o.symbol, &q);
    paper_deal_fill_open(b, paper_book_order(b, 1), e8("0.05"), 2, &c);
    paper_book_apply(b, &c);
    cr_assert_eq(c.order.state, PAPER_ORDER_FILLED);
    cr_assert_eq(paper_book_position(b, 1)->entry_e8, e8("1.08533333"));
    cr_assert_eq(c.order.avg_price_e8, e8("1.08533333"));
    cr_assert_eq(paper_book_margin_e8(b), e8("162.8"));
    paper_book_free(b);
    venue_free(v);
}
