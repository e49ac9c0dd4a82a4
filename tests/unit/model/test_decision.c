/* Covers: building a decision, its JSON text (the shape `trident decide` prints) and its journal
 * form. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "core/alloc.h"
#include "model/decision.h"

static struct decision sample(void)
{
    struct decision d;
    decision_init(&d, "combined_v3");
    d.action = DECISION_EXECUTE;
    (void)str_copy(d.route, sizeof(d.route), "LOGIC2");
    decision_reason(&d, REASON_ACCEPTED);
    decision_reason(&d, REASON_TIMEFRAME_ROUTING);
    decision_reason(&d, REASON_ACCEPTED);
    struct decision_order *o = &d.orders[d.order_count++];
    o->role = ORDER_ROLE_A;
    o->side = SIDE_BUY;
    (void)str_copy(o->symbol, sizeof(o->symbol), "XAUUSD");
    o->lots_e8 = 2000000;
    o->entry_e8 = 265010000000;
    o->sl_e8 = 264410000000;
    o->tp_e8 = DEC_NONE;
    (void)str_copy(o->lots_rule, sizeof(o->lots_rule), "RK-2");
    (void)str_copy(o->sl_rule, sizeof(o->sl_rule), "P-7");
    d.closes[d.close_count++] = UINT64_C(9007199254740993);
    d.close_reason = REASON_OPPOSITE_SIGNAL;
    decision_number(&d, "strength", 7 * DEC_ONE);
    decision_number(&d, "lot_total", 4250000);
    return d;
}

static char *json_of(const struct decision *d)
{
    struct buf b;
    buf_init(&b, 65536);
    decision_to_json(d, &b);
    cr_assert_not(buf_failed(&b));
    return buf_take(&b);
}

Test(decision, prints_the_shape_of_the_api)
{
    struct decision d = sample();
    TR_CLEANUP(mem_freep) char *text = json_of(&d);
    cr_expect_str_eq(
        text,
        "{\"action\":\"execute\",\"plugin\":\"combined_v3\",\"route\":\"LOGIC2\","
        "\"reasons\":[\"ACCEPTED\",\"TIMEFRAME_ROUTING\"],"
        "\"orders\":[{\"role\":\"A\",\"side\":\"BUY\",\"symbol\":\"XAUUSD\",\"lots\":\"0.02\","
        "\"entry\":\"2650.1\",\"sl\":\"2644.1\",\"tp\":null,"
        "\"rule\":{\"lots\":\"RK-2\",\"sl\":\"P-7\",\"tp\":\"\"}}],"
        "\"closes\":[\"9007199254740993\"],\"close_reason\":\"OPPOSITE_SIGNAL\","
        "\"numbers\":{\"strength\":\"7\",\"lot_total\":\"0.0425\"}}");
}

Test(decision, a_skip_drops_orders_and_keeps_both_numbers)
{
    struct decision d = sample();
    decision_skip(&d, REASON_SCORE_TOO_LOW, 4 * DEC_ONE, 5 * DEC_ONE);
    (void)str_copy(d.field, sizeof(d.field), "consensus_score");
    cr_expect_eq(d.action, DECISION_SKIP);
    cr_expect_eq(d.order_count, 0);
    cr_expect_eq(d.close_count, 0);
    TR_CLEANUP(mem_freep) char *text = json_of(&d);
    cr_expect_not_null(strstr(text, "\"orders\":[]"));
    cr_expect_not_null(strstr(text, "SCORE_TOO_LOW"));
    cr_expect_not_null(
        strstr(text, "\"field\":\"consensus_score\",\"number\":\"4\",\"limit\":\"5\"}"));
}

Test(decision, a_number_given_again_is_replaced)
{
    struct decision d = sample();
    decision_number(&d, "strength", 8 * DEC_ONE);
    cr_expect_eq(d.number_count, 2);
    cr_expect_eq(d.numbers[0].value_e8, 8 * DEC_ONE);
}

Test(decision, one_number_too_many_is_a_bug, .signal = SIGABRT)
{
    struct decision d;
    decision_init(&d, "x");
    for (int i = 0; i <= DECISION_NUMBERS_MAX; i++) {
        char name[2] = {(char)('A' + i), '\0'};
        decision_number(&d, name, i);
    }
}

Test(decision, the_largest_one_fits_its_journal_limit)
{
    struct decision d = sample();
    while (d.order_count < DECISION_ORDERS_MAX)
        d.orders[d.order_count++] = d.orders[0];
    while (d.close_count < DECISION_CLOSES_MAX)
        d.closes[d.close_count++] = INT64_MAX;
    while (d.number_count < DECISION_NUMBERS_MAX) {
        memset(d.numbers[d.number_count].name, 'a' + d.number_count % 26, 27);
        d.numbers[d.number_count++].value_e8 = -INT64_MAX;
    }
    TR_CLEANUP(mem_freep) char *text = json_of(&d);
    cr_expect_lt(strlen(text), 16384, "output.c reads back 32 KiB");
}

Test(decision, survives_packing_and_truncation_does_not)
{
    struct decision d = sample(), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    struct unpack u;
    buf_init(&b, 8192);
    decision_pack(&b, &d);
    unpack_init(&u, b.data, b.len);
    decision_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    TR_CLEANUP(mem_freep) char *before = json_of(&d);
    TR_CLEANUP(mem_freep) char *after = json_of(&back);
    cr_expect_str_eq(before, after);
    for (size_t n = 0; n < b.len; n++) {
        unpack_init(&u, b.data, n);
        decision_unpack(&u, &back);
        cr_expect_not(unpack_ok(&u));
    }
}

Test(decision, hostile_bytes_stay_inside_the_arrays)
{
    struct decision d = sample(), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 8192);
    decision_pack(&b, &d);
    for (size_t i = 0; i < b.len; i++)
        for (int v = 0; v < 256; v += 3) {
            char was = b.data[i];
            struct unpack u;
            b.data[i] = (char)v;
            unpack_init(&u, b.data, b.len);
            decision_unpack(&u, &back);
            b.data[i] = was;
            cr_assert(back.order_count >= 0 && back.order_count <= DECISION_ORDERS_MAX);
            cr_assert(back.close_count >= 0 && back.close_count <= DECISION_CLOSES_MAX);
            cr_assert(back.number_count >= 0 && back.number_count <= DECISION_NUMBERS_MAX);
            TR_CLEANUP(mem_freep) char *text = json_of(&back);
            cr_assert_not_null(text);
        }
}
