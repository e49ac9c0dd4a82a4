/* The lines between us and a strategy's program: what a question says (decimals as texts, null for
 * what is absent, only its own positions, at most 64, one line within 64 KiB whatever is in it),
 * and how each member of an answer is judged: version, id, action, symbol, side, role, lots against
 * step, minimum and both maxima, prices against the tick, stops against side and distance, closes
 * against the positions shown, percent, numbers, reason, route; and bytes that are no answer. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "outside/line.h"

static struct line_question eurusd(void)
{
    struct line_question q = {.id = 7,
                              .plugin = "outside_1",
                              .symbol = "EURUSD",
                              .quote = {.bid_e8 = 108490000, .ask_e8 = 108500000},
                              .max_lot_e8 = DEC_ONE,
                              .own = {111, 222},
                              .own_count = 2};
    return q;
}

/* The result for {"type":"decision","id":7,<members>}. */
static enum line_result read_with(const struct line_question *q, const char *members,
                                  struct decision *ret, char why[LINE_WHY_CAP])
{
    char text[2048];
    int n = snprintf(text, sizeof(text), "{\"type\":\"decision\",\"id\":7,%s}", members);
    return line_read_decision(text, (size_t)n, q, ret, why);
}

static void expect_sound(const char *members, struct decision *ret)
{
    char why[LINE_WHY_CAP] = "";
    struct line_question q = eurusd();
    cr_assert_eq(read_with(&q, members, ret, why), LINE_OK, "%s: %s", members, why);
}

static void expect_fault(const char *members, const char *field)
{
    struct decision d;
    char why[LINE_WHY_CAP] = "";
    struct line_question q = eurusd();
    cr_assert_eq(read_with(&q, members, &d, why), LINE_E_DECISION, "%s", members);
    cr_expect_eq(d.action, DECISION_SKIP);
    cr_expect_eq(d.reasons[0], REASON_PLUGIN_ANSWER);
    cr_expect_str_eq(d.field, field, "%s", members);
    cr_expect_eq(d.order_count + d.close_count, 0);
    cr_expect(strstr(why, field) == why, "%s", why);
}

#define ORDER(more)                                                                                \
    "\"action\":\"execute\",\"orders\":[{\"side\":\"BUY\",\"lots\":\"0.05\",\"sl\":\"1.08\"" more  \
    "}]"
#define ORDER_OF(side, lots, sl, more)                                                             \
    "\"action\":\"execute\",\"orders\":[{\"side\":\"" side "\",\"lots\":" lots ",\"sl\":" sl more  \
    "}]"

Test(line, an_order_takes_its_entry_from_the_market_it_would_be_filled_at)
{
    struct decision d;
    expect_sound(ORDER_OF("BUY", "\"0.05\"", "\"1.08\"", ",\"tp\":\"1.095\",\"role\":\"B\""), &d);
    cr_assert_eq(d.action, DECISION_EXECUTE);
    cr_assert_eq(d.order_count, 1);
    cr_expect_eq(d.orders[0].entry_e8, 108500000);
    cr_expect_eq(d.orders[0].lots_e8, 5000000);
    cr_expect_eq(d.orders[0].sl_e8, 108000000);
    cr_expect_eq(d.orders[0].tp_e8, 109500000);
    cr_expect_eq(d.orders[0].role, ORDER_ROLE_B);
    cr_expect_str_eq(d.orders[0].symbol, "EURUSD");
    cr_expect_str_eq(d.plugin, "outside_1");
    expect_sound(ORDER_OF("SELL", "0.05", "1.09", ""), &d);
    cr_expect_eq(d.orders[0].entry_e8, 108490000);
    cr_expect_eq(d.orders[0].tp_e8, DEC_NONE);
    cr_expect_eq(d.orders[0].role, ORDER_ROLE_A);
}

Test(line, symbol_side_and_role_are_judged)
{
    struct decision d;
    expect_sound(ORDER(",\"symbol\":\"EURUSD\""), &d);
    expect_fault(ORDER(",\"symbol\":\"NOSUCH\""), "orders[0].symbol");
    expect_fault(ORDER(",\"symbol\":\"GBPUSD\""), "orders[0].symbol");
    expect_fault(ORDER(",\"symbol\":5"), "orders[0].symbol");
    expect_fault(ORDER_OF("buy", "\"0.05\"", "\"1.08\"", ""), "orders[0].side");
    expect_fault("\"action\":\"execute\",\"orders\":[{\"lots\":\"0.05\",\"sl\":\"1.08\"}]",
                 "orders[0].side");
    expect_fault(ORDER(",\"role\":\"C\""), "orders[0].role");
}

Test(line, lots_stand_on_the_step_and_within_both_limits)
{
    struct decision d;
    expect_sound(ORDER_OF("BUY", "\"0.01\"", "\"1.08\"", ""), &d);
    expect_sound(ORDER_OF("BUY", "\"1\"", "\"1.08\"", ""), &d);
    expect_fault(ORDER_OF("BUY", "\"0.013\"", "\"1.08\"", ""), "orders[0].lots");
    expect_fault(ORDER_OF("BUY", "\"1.01\"", "\"1.08\"", ""), "orders[0].lots");
    expect_fault(ORDER_OF("BUY", "\"0\"", "\"1.08\"", ""), "orders[0].lots");
    expect_fault(ORDER_OF("BUY", "\"-0.05\"", "\"1.08\"", ""), "orders[0].lots");
    expect_fault(ORDER_OF("BUY", "\"five\"", "\"1.08\"", ""), "orders[0].lots");
    expect_fault(ORDER_OF("BUY", "1e300", "\"1.08\"", ""), "orders[0].lots");
    expect_fault(ORDER_OF("BUY", "[1]", "\"1.08\"", ""), "orders[0].lots");
    struct line_question q = eurusd();
    char why[LINE_WHY_CAP];
    q.max_lot_e8 = 1000 * DEC_ONE; /* the broker's own maximum still holds */
    cr_expect_eq(read_with(&q, ORDER_OF("BUY", "\"100\"", "\"1.08\"", ""), &d, why), LINE_OK);
    cr_expect_eq(read_with(&q, ORDER_OF("BUY", "\"100.01\"", "\"1.08\"", ""), &d, why),
                 LINE_E_DECISION);
    cr_expect_eq(d.number_e8, 10001 * DEC_ONE / 100);
    cr_expect_eq(d.limit_e8, 100 * DEC_ONE);
}

Test(line, a_stop_is_needed_on_its_side_on_the_tick_and_far_enough)
{
    struct decision d;
    const struct symbol_info *info = symbol_find("EURUSD");
    char members[256], near[DEC_TEXT_CAP], nearer[DEC_TEXT_CAP];
    expect_fault("\"action\":\"execute\",\"orders\":[{\"side\":\"BUY\",\"lots\":\"0.05\"}]",
                 "orders[0].sl");
    expect_fault(ORDER_OF("BUY", "\"0.05\"", "\"1.09\"", ""), "orders[0].sl");
    expect_fault(ORDER_OF("SELL", "\"0.05\"", "\"1.08\"", ""), "orders[0].sl");
    expect_fault(ORDER_OF("BUY", "\"0.05\"", "\"1.085\"", ""), "orders[0].sl");
    expect_fault(ORDER_OF("BUY", "\"0.05\"", "\"1.080001\"", ""), "orders[0].sl");
    expect_fault(ORDER_OF("BUY", "\"0.05\"", "\"0\"", ""), "orders[0].sl");
    expect_fault(ORDER(",\"tp\":\"1.08\""), "orders[0].tp");
    expect_fault(ORDER(",\"tp\":\"1.085\""), "orders[0].tp");
    expect_fault(ORDER(",\"tp\":\"1.0900001\""), "orders[0].tp");
    (void)dec_format(108500000 - info->min_sl_dist_e8, near);
    (void)dec_format(108500000 - info->min_sl_dist_e8 + symbol_tick_e8(info), nearer);
    (void)snprintf(members, sizeof(members), ORDER_OF("BUY", "\"0.05\"", "\"%s\"", ""), near);
    expect_sound(members, &d);
    (void)snprintf(members, sizeof(members), ORDER_OF("BUY", "\"0.05\"", "\"%s\"", ""), nearer);
    expect_fault(members, "orders[0].sl");
}

#define ONE(side, role)                                                                            \
    "{\"side\":\"" side "\",\"role\":\"" role "\",\"lots\":\"0.05\",\"sl\":\"1.08\"}"

Test(line, two_orders_are_a_and_b_of_one_side)
{
    struct decision d;
    expect_sound("\"action\":\"execute\",\"orders\":[" ONE("BUY", "A") "," ONE("BUY", "B") "]", &d);
    cr_expect_eq(d.order_count, 2);
    expect_fault("\"action\":\"execute\",\"orders\":[" ONE("BUY", "A") "," ONE("BUY", "A") "]",
                 "orders");
    expect_fault("\"action\":\"execute\",\"orders\":[" ONE("BUY", "A") "," ONE("BUY", "B") "," ONE(
                     "BUY", "A") "]",
                 "orders");
    expect_fault("\"action\":\"execute\",\"orders\":[]", "orders");
    expect_fault("\"action\":\"execute\",\"orders\":{}", "orders");
    expect_fault("\"action\":\"execute\"", "orders");
    expect_fault("\"action\":\"execute\",\"orders\":[7]", "orders[0]");
}

Test(line, only_positions_it_was_shown_are_closed)
{
    struct decision d;
    expect_sound("\"action\":\"close\",\"closes\":[\"222\",111],\"close_percent\":50", &d);
    cr_assert_eq(d.close_count, 2);
    cr_expect_eq(d.closes[0], 222);
    cr_expect_eq(d.close_percent, 50);
    cr_expect_eq(d.close_reason, REASON_EXIT_SIGNAL);
    expect_sound("\"action\":\"close\",\"closes\":[\"222\"],\"close_percent\":100", &d);
    cr_expect_eq(d.close_percent, 0, "all of it");
    expect_fault("\"action\":\"close\",\"closes\":[\"333\"]", "closes[0]");
    expect_fault("\"action\":\"close\",\"closes\":[\"222\",\"222\"]", "closes[1]");
    expect_fault("\"action\":\"close\",\"closes\":[-1]", "closes[0]");
    expect_fault("\"action\":\"close\",\"closes\":[]", "closes");
    expect_fault("\"action\":\"close\"", "closes");
    expect_fault("\"action\":\"close\",\"closes\":[\"222\"],\"close_percent\":0", "close_percent");
    expect_fault("\"action\":\"close\",\"closes\":[\"222\"],\"close_percent\":101",
                 "close_percent");
    expect_sound(ORDER_OF("BUY", "\"0.05\"", "\"1.08\"", "") ",\"closes\":[\"111\"]", &d);
    cr_expect_eq(d.close_count, 1, "an entry may close what stands against it");
}

Test(line, a_reason_of_ours_is_the_reason_and_another_word_stands_beside_it)
{
    struct decision d;
    expect_sound("\"action\":\"skip\",\"reason\":\"SCORE_TOO_LOW\"", &d);
    cr_expect_eq(d.reasons[0], REASON_SCORE_TOO_LOW);
    expect_sound("\"action\":\"skip\",\"reason\":\"MOON_IS_FULL\"", &d);
    cr_expect_eq(d.reasons[0], REASON_PLUGIN_SKIPPED);
    cr_expect_str_eq(d.field, "MOON_IS_FULL");
    expect_sound("\"action\":\"skip\"", &d);
    cr_expect_eq(d.reasons[0], REASON_PLUGIN_SKIPPED);
    expect_sound("\"action\":\"skip\",\"reason\":\"ACCEPTED\"", &d);
    cr_expect_eq(d.reasons[0], REASON_PLUGIN_SKIPPED, "not its to say");
    expect_sound("\"action\":\"skip\",\"reason\":\"PLUGIN_DIED\"", &d);
    cr_expect_eq(d.reasons[0], REASON_PLUGIN_SKIPPED, "not its to say");
    expect_fault("\"action\":\"skip\",\"reason\":\"<b>bold</b>\"", "reason");
    expect_fault("\"action\":\"skip\",\"reason\":\"A_WORD_THAT_IS_MUCH_TOO_LONG\"", "reason");
}

Test(line, action_route_and_numbers_are_judged)
{
    struct decision d;
    expect_sound("\"action\":\"notify\",\"route\":\"FAST\",\"numbers\":{\"ema_20\":\"1.25\"}", &d);
    cr_expect_str_eq(d.route, "FAST");
    cr_expect_eq(d.numbers[0].value_e8, 125000000);
    expect_fault("\"action\":\"buy\"", "action");
    expect_fault("\"route\":\"FAST\"", "action");
    expect_fault("\"action\":\"skip\",\"route\":\"FAR_TOO_LONG\"", "route");
    expect_fault("\"action\":\"skip\",\"route\":\"a b\"", "route");
    expect_fault("\"action\":\"skip\",\"numbers\":[1]", "numbers");
    expect_fault("\"action\":\"skip\",\"numbers\":{\"a\":1}", "numbers");
    expect_fault("\"action\":\"skip\",\"numbers\":{\"ab\":\"x\"}", "numbers");
    char many[1024] = "\"action\":\"skip\",\"numbers\":{";
    for (int i = 0; i < 17; i++)
        (void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "%s\"n%d\":1",
                       i > 0 ? "," : "", i);
    (void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "}");
    expect_fault(many, "numbers");
}

Test(line, without_a_quote_there_is_no_entry)
{
    struct decision d;
    char why[LINE_WHY_CAP];
    struct line_question q = eurusd();
    q.quote = (struct quote){0};
    cr_assert_eq(read_with(&q, ORDER(""), &d, why), LINE_OK);
    cr_expect_eq(d.action, DECISION_SKIP);
    cr_expect_eq(d.reasons[0], REASON_NO_QUOTE);
}

Test(line, what_is_no_answer_is_garbage)
{
    static const char *const lines[] = {
        "",
        "hello",
        "[]",
        "{",
        "null",
        "{\"type\":\"decision\",\"id\":8,\"action\":\"skip\"}",
        "{\"type\":\"decision\",\"id\":\"7\",\"action\":\"skip\"}",
        "{\"type\":\"decision\",\"action\":\"skip\"}",
        "{\"type\":\"hello\",\"id\":7,\"action\":\"skip\"}",
        "{\"type\":\"decision\",\"id\":7,\"action\":\"skip\"} {}",
        "{\"type\":\"decision\",\"id\":7,\"action\":\"skip\",\"x\":\"\xff\"}",
        "{\"type\":\"decision\",\"id\":7,\"a\":[[[[[[[[[[1]]]]]]]]]]}",
        "{'type':'decision','id':7}",
    };
    struct decision d;
    char why[LINE_WHY_CAP];
    struct line_question q = eurusd();
    for (size_t i = 0; i < TR_ARRAY_SIZE(lines); i++)
        cr_expect_eq(line_read_decision(lines[i], strlen(lines[i]), &q, &d, why), LINE_E_GARBAGE,
                     "%s", lines[i]);
    static const char windows[] = "{\"type\":\"decision\",\"id\":7,\"action\":\"skip\"}\r";
    cr_expect_eq(line_read_decision(windows, strlen(windows), &q, &d, why), LINE_OK);
}

static enum line_result hello(const char *text, struct line_hello *ret)
{
    char why[LINE_WHY_CAP];
    return line_read_hello(text, strlen(text), ret, why);
}

Test(line, hello_names_program_and_version_and_speaks_version_1)
{
    struct line_hello h;
    cr_assert_eq(
        hello("{\"type\":\"hello\",\"protocol\":1,\"name\":\"ema\",\"version\":\"2.1\"}", &h),
        LINE_OK);
    cr_expect_str_eq(h.name, "ema");
    cr_expect_str_eq(h.version, "2.1");
    cr_expect_eq(
        hello("{\"type\":\"hello\",\"protocol\":2,\"name\":\"ema\",\"version\":\"2.1\"}", &h),
        LINE_E_VERSION);
    cr_expect_eq(hello("{\"type\":\"hello\",\"name\":\"ema\",\"version\":\"2.1\"}", &h),
                 LINE_E_VERSION);
    cr_expect_eq(
        hello("{\"type\":\"hello\",\"protocol\":1,\"name\":\"a\\u001bb\",\"version\":\"2\"}", &h),
        LINE_E_GARBAGE, "no control characters");
    cr_expect_eq(hello("{\"type\":\"hello\",\"protocol\":1,\"version\":\"2\"}", &h),
                 LINE_E_GARBAGE);
    cr_expect_eq(hello("HELLO", &h), LINE_E_GARBAGE);
}

/* ---- questions ---- */

struct asked {
    struct plugin_snapshot snap;
    struct position positions[200];
    struct outside_conf conf;
    struct signal alert;
};

static void fill(struct asked *a, size_t own)
{
    a->alert = (struct signal)SIGNAL_INIT;
    a->alert.format = SIGNAL_FORMAT_V3;
    a->alert.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    a->alert.side = SIDE_BUY;
    a->alert.tf = TF_15M;
    a->alert.sl_e8 = 108000000;
    (void)str_copy(a->alert.symbol, sizeof(a->alert.symbol), "EURUSD");
    (void)str_copy(a->alert.text, sizeof(a->alert.text), "a \"quoted\"\nline");
    a->conf.max_lot_e8 = DEC_ONE / 2;
    for (size_t i = 0; i < own; i++) {
        struct position *p = &a->positions[i];
        *p = (struct position){.cid = UINT64_C(9000000000000000000) + i,
                               .side = SIDE_BUY,
                               .role = ORDER_ROLE_A,
                               .lots_e8 = 5000000,
                               .entry_e8 = 108500000,
                               .sl_e8 = 108000000,
                               .tp_e8 = DEC_NONE};
        (void)str_copy(p->symbol, sizeof(p->symbol), "EURUSD");
        (void)str_copy(p->plugin, sizeof(p->plugin), "outside_1");
    }
    a->snap = (struct plugin_snapshot){.now_ms = 1700000000000,
                                       .quote = {108490000, 108500000, 0},
                                       .balance_e8 = 10000 * DEC_ONE,
                                       .positions = a->positions,
                                       .position_count = own};
}

static void write_question(const struct asked *a, struct line_question *q, struct buf *out)
{
    line_question_make(q, "outside_1", 7, &a->conf, &a->snap, &a->alert);
    buf_init(out, LINE_MAX_BYTES);
    line_write_signal(out, q, &a->snap, &a->alert);
    cr_assert_not(buf_failed(out));
    cr_assert_eq(strchr(out->data, '\n'), out->data + out->len - 1, "one line");
}

Test(line, a_question_says_decimals_as_text_and_null_for_what_is_absent)
{
    struct asked *a = xalloc(sizeof(*a));
    struct line_question q;
    struct buf out TR_CLEANUP(buf_deinit);
    fill(a, 0);
    write_question(a, &q, &out);
    static const char *const parts[] = {
        "{\"type\":\"signal\",\"id\":7,\"time\":\"2023-11-14T22:13:20.000Z\",\"signal\":{",
        "\"kind\":\"Momentum_Breakout\",\"side\":\"BUY\",\"tf\":\"15m\",\"symbol\":\"EURUSD\"",
        "\"price\":null,\"sl\":\"1.08\",\"tp1\":null",
        "\"score\":null",
        "\"quote\":{\"bid\":\"1.0849\",\"ask\":\"1.085\"}",
        "\"lots_step\":\"0.01\",\"lots_max\":\"0.5\"",
        "\"balance\":\"10000\"",
        "\"positions\":[],\"positions_left_out\":0",
        "a \\\"quoted\\\"\\nline",
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(parts); i++)
        cr_expect(strstr(out.data, parts[i]) != NULL, "%s is not in %s", parts[i], out.data);
    mem_free(a);
}

Test(line, a_question_shows_the_newest_of_its_own_positions_and_no_others)
{
    struct asked *a = xalloc(sizeof(*a));
    struct line_question q;
    struct buf out TR_CLEANUP(buf_deinit);
    fill(a, 70);
    (void)str_copy(a->positions[69].plugin, PLUGIN_ID_CAP, "combined_v3");
    (void)str_copy(a->positions[68].symbol, SYMBOL_CAP, "GBPUSD");
    write_question(a, &q, &out);
    cr_assert_eq(q.own_count, 64);
    cr_expect_eq(q.own[0], UINT64_C(9000000000000000067));
    cr_expect(strstr(out.data, "\"id\":\"9000000000000000067\"") != NULL);
    cr_expect(strstr(out.data, "9000000000000000068") == NULL, "another symbol");
    cr_expect(strstr(out.data, "9000000000000000069") == NULL, "another strategy");
    cr_expect(strstr(out.data, "\"positions_left_out\":4") != NULL, "%s", out.data);
    mem_free(a);
}
