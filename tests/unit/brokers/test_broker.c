/* Covers: broker events survive packing unchanged, malformed bytes are refused, every kind has a
 * name. */
#include "venue.h"

Test(broker, event_comes_back_from_its_packing)
{
    struct broker_event e = {.kind = BROKER_EVENT_FILL,
                             .cid = INT64_MAX,
                             .position_cid = 7,
                             .exec_id = UINT64_C(1) << 53,
                             .purpose = ORDER_CLOSE,
                             .klass = BROKER_OK,
                             .reason = REASON_SL_HIT,
                             .side = SIDE_SELL,
                             .code = 10009,
                             .symbol = "XAUUSD",
                             .lots_e8 = e8("0.05"),
                             .price_e8 = e8("2650.37"),
                             .sl_e8 = DEC_NONE,
                             .tp_e8 = 1,
                             .profit_e8 = -5,
                             .commission_e8 = 3,
                             .swap_e8 = -1,
                             .balance_e8 = 11,
                             .equity_e8 = 12,
                             .margin_e8 = 13,
                             .terminal = true,
                             .time_ms = VENUE_START_MS,
                             .text = "filled"};
    struct buf b;
    buf_init(&b, 4096);
    broker_event_pack(&b, &e);
    struct unpack u;
    struct broker_event back;
    unpack_init(&u, b.data, b.len);
    broker_event_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    struct buf again;
    buf_init(&again, 4096);
    broker_event_pack(&again, &back);
    cr_assert_eq(again.len, b.len);
    cr_assert_arr_eq(again.data, b.data, b.len);
    cr_assert_eq(back.sl_e8, DEC_NONE);
    cr_assert_str_eq(back.symbol, "XAUUSD");
    cr_assert_eq(back.reason, REASON_SL_HIT);
    buf_deinit(&b);
    buf_deinit(&again);
}

Test(broker, cut_event_is_refused_at_every_length)
{
    struct broker_event e = {.kind = BROKER_EVENT_ACK, .cid = 5, .text = "x"};
    struct buf b;
    buf_init(&b, 4096);
    broker_event_pack(&b, &e);
    for (size_t len = 0; len < b.len; len++) {
        struct unpack u;
        struct broker_event back;
        unpack_init(&u, b.data, len);
        broker_event_unpack(&u, &back);
        cr_assert_not(unpack_done(&u), "length %zu", len);
    }
    buf_deinit(&b);
}

Test(broker, every_kind_of_event_has_its_own_name)
{
    for (int i = BROKER_EVENT_LINK_UP; i < BROKER_EVENT_COUNT; i++) {
        const char *name = broker_event_name((enum broker_event_kind)i);
        cr_assert(name && name[0]);
        for (int j = BROKER_EVENT_LINK_UP; j < i; j++) {
            cr_assert_str_neq(name, broker_event_name((enum broker_event_kind)j));
        }
    }
}
