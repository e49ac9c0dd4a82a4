/* Covers: the whole transition table (spec brokers 3.2), terminal states, what is asserted in each
 * state, packed forms of orders and positions: round trip, every truncation, values out of range.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "core/alloc.h"
#include "model/order.h"

static struct order sample(enum order_state state)
{
    struct order o = {
        .cid = 1700000000001,
        .parent_seq = 88,
        .position_cid = 1700000000001,
        .purpose = ORDER_OPEN,
        .role = ORDER_ROLE_B,
        .state = state,
        .side = SIDE_SELL,
        .lots_e8 = 2000000,
        .want_price_e8 = 265000000000,
        .sl_e8 = 265200000000,
        .tp_e8 = DEC_NONE,
        .attempt = 1,
        .created_ms = 1767600000000,
        .deadline_ms = 1767600005000,
        .updated_ms = 1767600000001,
    };
    (void)str_copy(o.symbol, sizeof(o.symbol), "XAUUSD");
    (void)str_copy(o.plugin, sizeof(o.plugin), "combined_v3");
    (void)str_copy(o.route, sizeof(o.route), "LOGIC2");
    (void)str_copy(o.chain_id, sizeof(o.chain_id), "XAUUSD_00000058");
    return o;
}

/* Same order as enum order_state. i: may follow. */
static const char *const table[ORDER_STATE_COUNT] = {
    /*              UILSAPFCERUND */
    [ORDER_UNSET] = ".x...........",   [ORDER_INTENT] = "..x.........x",
    [ORDER_LOGGED] = "...x........x",  [ORDER_SENDING] = "....xxxxxxx..",
    [ORDER_ACKED] = ".....xxxxxx..",   [ORDER_PARTIAL] = ".....xxxx.x..",
    [ORDER_FILLED] = "......x......",  [ORDER_CANCELLED] = "......x......",
    [ORDER_EXPIRED] = "......x......", [ORDER_REJECTED] = "......x......",
    [ORDER_UNKNOWN] = "....xxxxxx.x.", [ORDER_NOT_FOUND] = "......x......",
    [ORDER_DROPPED] = "......x......",
};

Test(order, every_transition_of_the_table_and_no_other)
{
    for (int from = 0; from < ORDER_STATE_COUNT; from++)
        for (int to = 0; to < ORDER_STATE_COUNT; to++)
            cr_expect_eq(order_state_may_follow((enum order_state)from, (enum order_state)to),
                         table[from][to] == 'x', "%s -> %s",
                         order_state_name((enum order_state)from),
                         order_state_name((enum order_state)to));
    cr_expect_not(order_state_may_follow((enum order_state)99, ORDER_FILLED));
    cr_expect_not(order_state_may_follow(ORDER_SENDING, ORDER_STATE_COUNT));
}

Test(order, six_states_are_terminal)
{
    int n = 0;
    for (int s = 0; s < ORDER_STATE_COUNT; s++)
        n += order_state_is_terminal((enum order_state)s);
    cr_expect_eq(n, 6);
    cr_expect(order_state_is_terminal(ORDER_DROPPED));
    cr_expect_not(order_state_is_terminal(ORDER_UNKNOWN), "an unknown order is still ours");
    cr_expect_not(order_state_is_terminal(ORDER_PARTIAL));
}

Test(order, lives_from_intent_to_fill)
{
    struct order o = sample(ORDER_INTENT);
    order_set_state(&o, ORDER_LOGGED, 10);
    order_set_state(&o, ORDER_SENDING, 11);
    order_set_state(&o, ORDER_ACKED, 12);
    o.filled_e8 = 1000000;
    o.avg_price_e8 = 265000000000;
    order_set_state(&o, ORDER_PARTIAL, 13);
    o.filled_e8 = 2000000;
    order_set_state(&o, ORDER_FILLED, 14);
    cr_expect_eq(o.updated_ms, 14);
    cr_expect_eq(o.state, ORDER_FILLED);
}

Test(order, a_late_fill_leaves_a_terminal_state)
{
    struct order o = sample(ORDER_CANCELLED);
    o.filled_e8 = 1000000;
    o.avg_price_e8 = 265000000000;
    order_set_state(&o, ORDER_FILLED, 20);
    cr_expect_eq(o.state, ORDER_FILLED);
}

Test(order, a_jump_over_the_log_is_a_bug, .signal = SIGABRT)
{
    struct order o = sample(ORDER_INTENT);
    order_set_state(&o, ORDER_SENDING, 1);
}

Test(order, a_fill_without_quantity_is_a_bug, .signal = SIGABRT)
{
    struct order o = sample(ORDER_SENDING);
    order_set_state(&o, ORDER_FILLED, 1);
}

Test(order, a_rejected_order_with_fills_is_a_bug, .signal = SIGABRT)
{
    struct order o = sample(ORDER_SENDING);
    o.filled_e8 = 1;
    o.avg_price_e8 = 1;
    order_set_state(&o, ORDER_REJECTED, 1);
}

Test(order, an_opening_order_is_its_own_position, .signal = SIGABRT)
{
    struct order o = sample(ORDER_LOGGED);
    o.position_cid = 7;
    order_assert_state(&o);
}

static void packed(struct buf *b, const struct order *o)
{
    buf_init(b, 4096);
    order_pack(b, o);
    cr_assert_not(buf_failed(b));
}

Test(order, survives_packing)
{
    struct order o = sample(ORDER_SENDING), back;
    TR_CLEANUP(buf_deinit) struct buf b, again;
    struct unpack u;
    o.reason = REASON_NO_MONEY;
    packed(&b, &o);
    unpack_init(&u, b.data, b.len);
    order_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    cr_expect_eq(back.cid, o.cid);
    cr_expect_eq(back.parent_seq, 88);
    cr_expect_eq(back.reason, REASON_NO_MONEY);
    cr_expect_eq(back.tp_e8, DEC_NONE);
    cr_expect_str_eq(back.chain_id, "XAUUSD_00000058");
    cr_expect_eq(back.updated_ms, o.updated_ms);
    packed(&again, &back);
    cr_expect_arr_eq(b.data, again.data, b.len);
}

Test(order, no_truncation_is_taken_for_an_order)
{
    struct order o = sample(ORDER_SENDING), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    packed(&b, &o);
    for (size_t n = 0; n < b.len; n++) {
        struct unpack u;
        unpack_init(&u, b.data, n);
        order_unpack(&u, &back);
        cr_expect_not(unpack_ok(&u), "%zu bytes", n);
    }
}

Test(order, any_single_changed_byte_is_read_without_harm)
{
    struct order o = sample(ORDER_SENDING), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    packed(&b, &o);
    for (size_t i = 0; i < b.len; i++)
        for (int v = 0; v < 256; v += 5) {
            char was = b.data[i];
            struct unpack u;
            b.data[i] = (char)v;
            unpack_init(&u, b.data, b.len);
            order_unpack(&u, &back);
            b.data[i] = was;
            if (unpack_ok(&u))
                order_assert_state(&back);
        }
}

Test(order, positions_survive_packing_and_truncation_does_not)
{
    struct position p = {.cid = 5,
                         .parent_seq = 4,
                         .side = SIDE_BUY,
                         .role = ORDER_ROLE_A,
                         .lots_e8 = 3000000,
                         .entry_e8 = 108500000,
                         .sl_e8 = DEC_NONE,
                         .tp_e8 = 109000000,
                         .commission_e8 = -7,
                         .swap_e8 = -216,
                         .realised_e8 = 11,
                         .opened_ms = 99,
                         .closing_cid = 6};
    struct position back;
    TR_CLEANUP(buf_deinit) struct buf b;
    struct unpack u;
    (void)str_copy(p.symbol, sizeof(p.symbol), "EURUSD");
    buf_init(&b, 4096);
    position_pack(&b, &p);
    unpack_init(&u, b.data, b.len);
    position_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    cr_expect_eq(back.entry_e8, 108500000);
    cr_expect_eq(back.swap_e8, -216);
    cr_expect_eq(back.closing_cid, 6);
    cr_expect_str_eq(back.symbol, "EURUSD");
    for (size_t n = 0; n < b.len; n++) {
        unpack_init(&u, b.data, n);
        position_unpack(&u, &back);
        cr_expect_not(unpack_ok(&u));
    }
}

Test(order, names_are_those_of_the_api)
{
    cr_expect_str_eq(order_state_name(ORDER_NOT_FOUND), "NOT_FOUND");
    cr_expect_str_eq(order_state_name(ORDER_DROPPED), "DROPPED");
    cr_expect_str_eq(order_state_name(ORDER_UNSET), "");
    cr_expect_str_eq(order_role_name(ORDER_ROLE_A), "A");
    cr_expect_str_eq(order_role_name(ORDER_ROLE_MANUAL), "M");
}
