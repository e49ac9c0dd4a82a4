/* Covers: bots/selection and closing by it: words of one kind are alternatives, kinds narrow down,
 * comparisons with both sides of their boundary, faults; what was shown is what is closed. */
#include "unit/bots/stage.h"

#include "bots/selection.h"

static struct stage *st;
static struct selection sel;

static enum selection_result pick(const char *text)
{
    struct engine_tx tx = {.s = st->s,
                           .opt = &st->opt,
                           .out = &st->out,
                           .quotes = &st->quotes,
                           .now_ms = st->now_ms,
                           .seq = st->s->seq + 1};
    return selection_make(&tx, text, &sel);
}

/* 88a XAUUSD +50 $, 88b XAUUSD -50 $ (a sell), 90a EURUSD without a price. */
static void setup(void)
{
    st = stage_new();
    stage_position(st, "XAUUSD", 88, 0);
    stage_position(st, "XAUUSD", 88, 1);
    stage_position(st, "EURUSD", 90, 0);
    st->s->positions[1].side = SIDE_SELL;
    st->s->positions[1].lots_e8 = LOT(10);
    (void)str_copy(st->s->positions[0].route, ROUTE_CAP, "LOGIC1");
    stage_quote(st, "XAUUSD", PRICE(266000), PRICE(266000));
    st->now_ms = T0_MS + 6 * 3600000;
}

static void teardown(void)
{
    stage_free(st);
}

TestSuite(selection, .init = setup, .fini = teardown);

Test(selection, ids_symbols_sides_routes_and_plugins)
{
    cr_assert_eq(pick("88a"), SELECTION_OK);
    cr_assert(sel.is_one);
    cr_assert_eq(sel.count, 1);
    cr_assert_eq(pick("88a 90a"), SELECTION_OK);
    cr_assert_eq(sel.count, 2);
    cr_assert_not(sel.is_one);
    cr_assert_eq(pick("xau/usd"), SELECTION_OK);
    cr_assert_eq(sel.count, 2);
    cr_assert_eq(pick("XAUUSD sells"), SELECTION_OK);
    cr_assert_eq(sel.count, 1);
    cr_assert_eq(sel.cids[0], stage_cid(88, 1));
    cr_assert_eq(pick("XAUUSD EURUSD"), SELECTION_OK);
    cr_assert_eq(sel.count, 3);
    cr_assert_eq(pick("logic1"), SELECTION_OK);
    cr_assert_eq(sel.count, 1);
    cr_assert_eq(pick("v3"), SELECTION_OK);
    cr_assert_eq(sel.count, 3);
    cr_assert_eq(pick("v6"), SELECTION_OK);
    cr_assert_eq(sel.count, 0);
    cr_assert_eq(pick("all"), SELECTION_OK);
    cr_assert_eq(sel.count, 3);
    cr_assert_eq(pick(""), SELECTION_OK);
    cr_assert_eq(sel.count, 0, "nothing named is nothing meant");
}

Test(selection, winners_and_comparisons_leave_out_what_has_no_price)
{
    cr_assert_eq(pick("winners"), SELECTION_OK);
    cr_assert_eq(sel.count, 1);
    cr_assert_eq(sel.cids[0], stage_cid(88, 0));
    cr_assert(sel.needs_quote);
    cr_assert_eq(pick("losers"), SELECTION_OK);
    cr_assert_eq(sel.cids[0], stage_cid(88, 1));
    cr_assert_eq(pick("profit>49.99"), SELECTION_OK);
    cr_assert_eq(sel.count, 1);
    cr_assert_eq(pick("profit>50"), SELECTION_OK);
    cr_assert_eq(sel.count, 0, "equal is not more");
    cr_assert_eq(pick("profit>=50"), SELECTION_OK);
    cr_assert_eq(sel.count, 1);
    cr_assert_eq(pick("profit>=0.5%"), SELECTION_OK);
    cr_assert_eq(sel.count, 1, "of 10 000 USD");
    cr_assert_eq(pick("profit>0.5%"), SELECTION_OK);
    cr_assert_eq(sel.count, 0);
    cr_assert_eq(pick("profit<-99.99 sells"), SELECTION_OK);
    cr_assert_eq(sel.count, 1);
}

Test(selection, age_and_lots)
{
    cr_assert_eq(pick("age>=6h"), SELECTION_OK);
    cr_assert_eq(sel.count, 3);
    cr_assert_not(sel.needs_quote);
    cr_assert_eq(pick("age>6h"), SELECTION_OK);
    cr_assert_eq(sel.count, 0);
    cr_assert_eq(pick("age>359m lots>=0.1"), SELECTION_OK);
    cr_assert_eq(sel.count, 1);
    cr_assert_eq(pick("age>1d"), SELECTION_OK);
    cr_assert_eq(sel.count, 0);
}

Test(selection, what_is_not_understood_selects_nothing)
{
    static const char *const bad[] = {"fooo",      "profit>",      "profit>x", "age>6",
                                      "age>6y",    "size>1",       "profit=5", ">5",
                                      "profit>>5", "XAUUSD,EURUSD"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        cr_assert_eq(pick(bad[i]), SELECTION_E_WORD, "%s", bad[i]);
        cr_assert_eq(sel.count, 0);
    }
    cr_assert_eq(pick("77a"), SELECTION_E_GONE);
    cr_assert_str_eq(sel.word, "77a");
}

Test(selection, the_preview_names_each_and_the_yes_closes_exactly_those)
{
    stage_say(st, "close", "XAUUSD");
    cr_assert_eq(st->s->send_count, 0);
    cr_assert_not_null(strstr(st->reply.html, "Close 2 open positions?"));
    cr_assert_not_null(strstr(st->reply.html, "88a XAUUSD BUY"));
    cr_assert_not_null(strstr(st->reply.html, "88b XAUUSD SELL"));
    stage_position(st, "XAUUSD", 95, 0); /* opened while the person reads */
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_eq(st->s->send_count, 2);
    cr_assert_eq(st->s->sends[0].position_cid, stage_cid(88, 0));
    cr_assert_eq(st->s->sends[1].position_cid, stage_cid(88, 1));
}

Test(selection, what_closed_meanwhile_is_said_and_prices_do_not_change_the_set)
{
    stage_say(st, "close", "winners");
    st->quotes.items[0].quote.bid_e8 = PRICE(260000); /* a loser now */
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_eq(st->s->send_count, 1);
    stage_say(st, "close", "EURUSD 88b");
    cr_assert_eq(st->s->send_count, 0);
    stage_say(st, "close", "88b 90a");
    state_position_remove(st->s, stage_cid(90, 0));
    cr_assert_eq(stage_press(st, 0), BUTTON_OK);
    cr_assert_eq(st->s->send_count, 1);
    cr_assert_not_null(strstr(st->reply.html, "1 had closed meanwhile"));
}

Test(selection, a_word_that_is_not_understood_is_answered_with_what_there_is)
{
    stage_say(st, "close", "everything");
    cr_assert_eq(st->receipt.reason, REASON_ARGUMENT_INVALID);
    cr_assert_not_null(strstr(st->reply.html, "<code>everything</code>"));
    stage_say(st, "close", "77a");
    cr_assert_eq(st->receipt.reason, REASON_POSITION_NOT_FOUND);
    stage_say(st, "close", "v6");
    cr_assert_eq(st->receipt.reason, REASON_NOTHING_TO_CLOSE);
}
