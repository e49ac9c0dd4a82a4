/* Covers: /why on signals, commands, broker events and unreadable rows; help of one command;
 * statistics with and without trades; the chart folder's limit. */
#include <dirent.h>
#include <unistd.h>

#include "unit/bots/stage.h"

#include "bots/analytics/charts.h"
#include "bots/reports.h"
#include "bots/table.h"
#include "core/file.h"
#include "engine/input.h"

static struct buf out, packed_in, packed_out;

static int explain(const struct input *in, const struct decision *d)
{
    struct input_quotes quotes = {0};
    buf_deinit(&out);
    buf_deinit(&packed_in);
    buf_init(&out, REPORTS_MAX_BYTES);
    buf_init(&packed_in, 65536);
    input_pack(&packed_in, in, &quotes, d);
    struct journal_row row = {.seq = 88,
                              .time_ms = T0_MS,
                              .kind = in->kind,
                              .key = "",
                              .input = packed_in.data,
                              .input_len = packed_in.len,
                              .output = packed_out.data,
                              .output_len = packed_out.len};
    return report_why(&out, LANG_EN, &row, 330);
}

static bool says(const char *text)
{
    return strstr(out.data, text) != NULL;
}

Test(reports, why_tells_signal_decision_reasons_and_numbers)
{
    struct input in = {.kind = INPUT_SIGNAL, .signal = SIGNAL_INIT};
    struct decision d;
    in.signal.format = SIGNAL_FORMAT_V3;
    in.signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in.signal.side = SIDE_BUY;
    in.signal.tf = TF_5M;
    in.signal.score = 4;
    in.signal.price_e8 = PRICE(265012);
    (void)str_copy(in.signal.symbol, SYMBOL_CAP, "XAUUSD");
    decision_init(&d, "combined_v3");
    decision_skip(&d, REASON_SCORE_TOO_LOW, 4 * DEC_ONE, 5 * DEC_ONE);
    decision_number(&d, "score", 4 * DEC_ONE);
    cr_assert_eq(explain(&in, &d), 0);
    cr_assert(says("#88"));
    cr_assert(says("Momentum_Breakout"));
    cr_assert(says("XAUUSD BUY 5m"));
    cr_assert(says("2650.12"));
    cr_assert(says("skip by combined_v3"));
    cr_assert(says("SCORE_TOO_LOW"));
    cr_assert(says("It was 4, the limit is 5."));
    cr_assert(says("score = 4"));
    cr_assert_null(strchr(out.data, '{'), "%s", out.data);
}

Test(reports, why_tells_orders_with_their_rules)
{
    struct input in = {.kind = INPUT_SIGNAL, .signal = SIGNAL_INIT};
    struct decision d;
    in.signal.format = SIGNAL_FORMAT_V3;
    in.signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    decision_init(&d, "combined_v3");
    d.action = DECISION_EXECUTE;
    d.order_count = 1;
    d.orders[0] = (struct decision_order){.role = ORDER_ROLE_A,
                                          .side = SIDE_SELL,
                                          .symbol = "XAUUSD",
                                          .lots_e8 = LOT(5),
                                          .entry_e8 = PRICE(265000),
                                          .sl_e8 = PRICE(266000),
                                          .tp_e8 = DEC_NONE,
                                          .lots_rule = "RK-2",
                                          .sl_rule = "P-2"};
    cr_assert_eq(explain(&in, &d), 0);
    cr_assert(says("Order A: SELL 0.05 (RK-2) at 2650.00"), "%s", out.data);
    cr_assert(says("SL 2660.00 (P-2)"));
}

Test(reports, why_tells_commands_and_broker_events)
{
    struct input in = {.kind = INPUT_COMMAND};
    in.command.origin = ORIGIN_BOT;
    in.command.bot = BOT_CONTROLLER;
    in.command.role = ROLE_TRADER;
    (void)str_copy(in.command.name, COMMAND_NAME_CAP, "pause");
    (void)str_copy(in.command.user_name, USER_NAME_CAP, "<Asha>");
    cr_assert_eq(explain(&in, NULL), 0);
    cr_assert(says("/pause"));
    cr_assert(says("&lt;Asha&gt; (trader)"));
    in = (struct input){.kind = INPUT_BROKER};
    in.broker = (struct broker_event){.kind = BROKER_EVENT_FILL,
                                      .position_cid = stage_cid(88, 0),
                                      .lots_e8 = LOT(5),
                                      .price_e8 = PRICE(265000),
                                      .purpose = ORDER_OPEN,
                                      .reason = REASON_SL_HIT,
                                      .symbol = "XAUUSD"};
    cr_assert_eq(explain(&in, NULL), 0);
    cr_assert(says("88a"));
    cr_assert(says("SL_HIT"));
}

Test(reports, why_refuses_rows_it_cannot_read)
{
    buf_init(&out, REPORTS_MAX_BYTES);
    struct journal_row row = {.seq = 1, .kind = INPUT_SIGNAL, .input = "\xff\xff", .input_len = 2};
    cr_assert_lt(report_why(&out, LANG_EN, &row, 0), 0);
    row.kind = 77;
    cr_assert_lt(report_why(&out, LANG_EN, &row, 0), 0);
}

Test(reports, a_summary_without_trades_says_so)
{
    struct analytics_summary s = {.profit_factor_e8 = DEC_NONE};
    buf_init(&out, 4096);
    report_summary(&out, LANG_EN, &s);
    cr_assert(says("No closed trades"));
    s = (struct analytics_summary){.trades = 3,
                                   .wins = 2,
                                   .losses = 1,
                                   .profit_e8 = PRICE(1250),
                                   .profit_factor_e8 = PRICE(250),
                                   .best_e8 = PRICE(1000),
                                   .worst_e8 = PRICE(-500)};
    buf_reset(&out);
    report_summary(&out, LANG_EN, &s);
    cr_assert(says("+12.50"));
    cr_assert(says("67 %"));
    cr_assert(says("Profit factor 2.50"));
    cr_assert(says("worst -5.00"));
}

Test(reports, help_of_one_command_shows_usage_aliases_and_role)
{
    buf_init(&out, 4096);
    report_help_command(&out, LANG_EN, table_get("close"));
    cr_assert(says("/close"));
    cr_assert(says("&lt;id&gt;"));
    cr_assert(says("trader"));
}

Test(reports, full_help_fits_a_body)
{
    struct bot_status bots[BOT_COUNT] = {0};
    buf_init(&out, REPORTS_MAX_BYTES);
    report_help(&out, LANG_EN, ROLES_BIT(BOT_LEGACY), ROLE_ADMIN, bots);
    cr_assert_not(buf_failed(&out));
}

Test(reports, at_most_twenty_pictures_are_kept_the_newest)
{
    char dir[] = "/tmp/trident-charts-XXXXXX";
    char path[96];
    cr_assert_not_null(mkdtemp(dir));
    for (int i = 0; i < 25; i++) {
        cr_assert_eq(charts_make_room(dir), 0);
        (void)snprintf(path, sizeof path, "%s/charts/perf-3-%d.png", dir, i);
        cr_assert_eq(file_write_atomic(path, "x", 1, 0600), 0);
    }
    for (int i = 0; i < 25; i++) {
        (void)snprintf(path, sizeof path, "%s/charts/perf-3-%d.png", dir, i);
        cr_assert_eq(file_exists(path), i >= 5, "picture %d", i);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof path, "%s/charts", dir);
    (void)rmdir(path);
    (void)rmdir(dir);
}
