/* Covers: every figure of a summary over costs, wins, losses and flat trades, drawdown, empty
 * periods, ranges, groups by symbol, route and role with their order and the limit of sixteen. */
#include "ledger.h"

static struct ledger ledger;

static void begin(void)
{
    ledger_begin(&ledger);
}

static void end(void)
{
    ledger_end(&ledger);
}

TestSuite(analytics, .init = begin, .fini = end, .timeout = 20);

static void add(int minute, const char *symbol, const char *profit)
{
    struct deal d = {.symbol = symbol,
                     .route = "LOGIC1",
                     .role = ORDER_ROLE_A,
                     .closed_ms = DAY0 + minute * 60000,
                     .profit_e8 = e8(profit)};
    ledger_add(&ledger, &d);
}

static struct analytics_summary summary(int64_t from_ms, int64_t to_ms)
{
    struct analytics_summary s;
    int r = analytics_summarise(ledger.reader, from_ms, to_ms, &s);
    cr_assert_eq(r, 0);
    return s;
}

Test(analytics, empty_period_has_zeros_and_no_factor)
{
    ledger_read(&ledger);
    struct analytics_summary s = summary(0, DAY0);
    cr_assert_eq(s.trades, 0);
    cr_assert_eq(s.profit_e8, 0);
    cr_assert_eq(s.win_rate_e8, 0);
    cr_assert_eq(s.average_e8, 0);
    cr_assert_eq(s.max_drawdown_e8, 0);
    cr_assert_eq(s.profit_factor_e8, DEC_NONE);
    cr_assert_eq(s.to_ms, DAY0);
}

Test(analytics, figures_are_net_of_costs_and_exact)
{
    struct deal d = {"EURUSD", "LOGIC1", ORDER_ROLE_A, DAY0, e8("8.8"), e8("0.7"), 0};
    ledger_add(&ledger, &d); /* +8.10, the vector of the paper broker */
    d = (struct deal){"XAUUSD", "LOGIC2", ORDER_ROLE_B, DAY0 + 1, e8("1"), e8("0.5"), e8("-0.5")};
    ledger_add(&ledger, &d); /* 0: profit eaten by costs */
    add(1, "EURUSD", "-20");
    add(2, "EURUSD", "-1.05");
    add(3, "EURUSD", "30");
    add(4, "EURUSD", "-0.1");
    ledger_read(&ledger);
    struct analytics_summary s = summary(0, INT64_MAX);
    cr_assert_eq(s.trades, 6);
    cr_assert_eq(s.wins, 2);
    cr_assert_eq(s.losses, 3);
    cr_assert_eq(s.flat, 1);
    cr_assert_eq(s.profit_e8, e8("16.95"));
    cr_assert_eq(s.gross_win_e8, e8("38.1"));
    cr_assert_eq(s.gross_loss_e8, e8("21.15"));
    cr_assert_eq(s.best_e8, e8("30"));
    cr_assert_eq(s.worst_e8, e8("-20"));
    cr_assert_eq(s.win_rate_e8, 33333333);
    cr_assert_eq(s.profit_factor_e8, e8("1.80141844"));
    cr_assert_eq(s.average_e8, e8("2.825"));
    cr_assert_eq(s.max_drawdown_e8, e8("21.05"));
}

Test(analytics, drawdown_counts_from_the_start_when_nothing_was_ever_won)
{
    add(1, "EURUSD", "-5");
    add(2, "EURUSD", "-7");
    add(3, "EURUSD", "2");
    ledger_read(&ledger);
    struct analytics_summary s = summary(0, INT64_MAX);
    cr_assert_eq(s.max_drawdown_e8, e8("12"));
    cr_assert_eq(s.worst_e8, e8("-7"));
    cr_assert_eq(s.best_e8, e8("2"));
}

Test(analytics, only_losses_have_a_best_that_is_a_loss)
{
    add(1, "EURUSD", "-5");
    ledger_read(&ledger);
    struct analytics_summary s = summary(0, INT64_MAX);
    cr_assert_eq(s.best_e8, e8("-5"));
    cr_assert_eq(s.profit_factor_e8, 0);
}

Test(analytics, period_includes_its_start_and_not_its_end)
{
    add(0, "EURUSD", "1");
    add(1, "EURUSD", "2");
    add(2, "EURUSD", "4");
    ledger_read(&ledger);
    cr_assert_eq(summary(DAY0, DAY0 + 120000).profit_e8, e8("3"));
    cr_assert_eq(summary(DAY0 + 1, DAY0 + 120001).profit_e8, e8("6"));
}

Test(analytics, groups_come_best_first_and_add_up)
{
    struct deal d = {"EURUSD", "LOGIC1", ORDER_ROLE_A, DAY0, e8("5"), 0, 0};
    ledger_add(&ledger, &d);
    d = (struct deal){"XAUUSD", "LOGIC2", ORDER_ROLE_B, DAY0 + 1, e8("7"), 0, 0};
    ledger_add(&ledger, &d);
    d = (struct deal){"EURUSD", "LOGIC2", ORDER_ROLE_B, DAY0 + 2, e8("-9"), 0, 0};
    ledger_add(&ledger, &d);
    ledger_read(&ledger);
    struct analytics_group g[ANALYTICS_GROUPS_MAX];
    int n = analytics_group_by(ledger.reader, 0, INT64_MAX, ANALYTICS_BY_SYMBOL, g);
    cr_assert_eq(n, 2);
    cr_assert_str_eq(g[0].name, "XAUUSD");
    cr_assert_eq(g[0].s.profit_e8, e8("7"));
    cr_assert_str_eq(g[1].name, "EURUSD");
    cr_assert_eq(g[1].s.trades, 2);
    cr_assert_eq(g[1].s.max_drawdown_e8, e8("9"));
    n = analytics_group_by(ledger.reader, 0, INT64_MAX, ANALYTICS_BY_ROUTE, g);
    cr_assert_eq(n, 2);
    cr_assert_str_eq(g[0].name, "LOGIC1");
    cr_assert_eq(g[1].s.profit_e8, e8("-2"));
    n = analytics_group_by(ledger.reader, 0, INT64_MAX, ANALYTICS_BY_ROLE, g);
    cr_assert_eq(n, 2);
    cr_assert_str_eq(g[0].name, "A");
    cr_assert_str_eq(g[1].name, "B");
}

Test(analytics, names_beyond_the_limit_are_put_together)
{
    char symbol[SYMBOL_CAP];
    for (int i = 0; i < 20; i++) {
        snprintf(symbol, sizeof(symbol), "SYM%02d", i);
        add(i, symbol, "1");
    }
    ledger_read(&ledger);
    struct analytics_group g[ANALYTICS_GROUPS_MAX];
    int n = analytics_group_by(ledger.reader, 0, INT64_MAX, ANALYTICS_BY_SYMBOL, g);
    cr_assert_eq(n, ANALYTICS_GROUPS_MAX);
    cr_assert_str_eq(g[0].name, "other");
    cr_assert_eq(g[0].s.trades, 5);
    cr_assert_str_eq(g[1].name, "SYM00", "equal ones by name");
    int trades = 0;
    for (int i = 0; i < n; i++) {
        trades += g[i].s.trades;
    }
    cr_assert_eq(trades, 20);
}
