/* Covers: the event table (unique wire names of spec strategies 8.5, both ways), packing, hostile
 * bytes. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "model/event.h"

Test(event, names_are_unique_and_read_back)
{
    for (int t = 1; t < EVENT_TYPE_COUNT; t++) {
        const struct event_info *info = event_info((enum event_type)t);
        enum event_type back = EVENT_UNSET;
        cr_assert(event_parse_name(info->name, &back), "%s", info->name);
        cr_expect_eq(back, t, "%s is given twice", info->name);
        cr_expect(info->priority > PRIORITY_UNSET && info->priority < PRIORITY_COUNT);
        cr_expect(info->target > ROUTE_UNSET && info->target < ROUTE_COUNT);
    }
    enum event_type t = EVENT_UNSET;
    cr_expect_not(event_parse_name("", &t));
    cr_expect_not(event_parse_name("Bot_Started", &t));
}

Test(event, critical_ones_go_everywhere)
{
    cr_expect_eq(event_info(EVENT_EMERGENCY_STOP)->priority, PRIORITY_CRITICAL);
    cr_expect_eq(event_info(EVENT_EMERGENCY_STOP)->target, ROUTE_ALL);
    cr_expect_eq(event_info(EVENT_SL_HIT)->target, ROUTE_N);
    cr_expect(event_info(EVENT_ENTRY)->voice);
    cr_expect_str_eq(event_info(EVENT_BROKER_DOWN)->name, "mt5_disconnect");
    cr_expect_str_eq(priority_name(PRIORITY_CRITICAL), "critical");
}

static struct event sample(void)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_SL_HIT;
    e.time_ms = 1767600000000;
    e.seq = 12;
    e.reason = REASON_SL_HIT;
    e.side = SIDE_SELL;
    e.role = ORDER_ROLE_B;
    e.cid = UINT64_MAX >> 1;
    e.score = 7;
    e.exit_e8 = 264512000000;
    e.profit_e8 = -1000000000;
    e.chat_id = INT64_C(-1001234567890);
    e.bot = BOT_NOTIFICATION;
    e.mtf_bypass = true;
    (void)str_copy(e.symbol, sizeof(e.symbol), "XAUUSD");
    (void)str_copy(e.text, sizeof(e.text), "consensus_score");
    return e;
}

Test(event, survives_packing)
{
    struct event e = sample(), back;
    TR_CLEANUP(buf_deinit) struct buf b, again;
    struct unpack u;
    buf_init(&b, 4096);
    buf_init(&again, 4096);
    event_pack(&b, &e);
    unpack_init(&u, b.data, b.len);
    event_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    cr_expect_eq(back.type, EVENT_SL_HIT);
    cr_expect_eq(back.profit_e8, -1000000000);
    cr_expect_eq(back.entry_e8, DEC_NONE);
    cr_expect_eq(back.cid, e.cid);
    cr_expect_str_eq(back.text, "consensus_score");
    event_pack(&again, &back);
    cr_assert_eq(again.len, b.len);
    cr_expect_arr_eq(again.data, b.data, b.len);
}

Test(event, hostile_bytes_give_no_type_out_of_range)
{
    struct event e = sample(), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 4096);
    event_pack(&b, &e);
    for (size_t i = 0; i < b.len; i++)
        for (int v = 0; v < 256; v += 3) {
            char was = b.data[i];
            struct unpack u;
            b.data[i] = (char)v;
            unpack_init(&u, b.data, b.len);
            event_unpack(&u, &back);
            b.data[i] = was;
            cr_assert(back.type > EVENT_UNSET && back.type < EVENT_TYPE_COUNT);
            cr_assert(back.reason >= 0 && back.reason < REASON_COUNT);
        }
    for (size_t n = 0; n < b.len; n++) {
        struct unpack u;
        unpack_init(&u, b.data, n);
        event_unpack(&u, &back);
        cr_expect_not(unpack_ok(&u));
    }
}
