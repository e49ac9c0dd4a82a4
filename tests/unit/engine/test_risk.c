/* Covers: engine/risk and risk_platform: caps by tier as trades lose (RK-9, RK-10, RK-15), the dual
 * check on a decision (RK-12), margin in one symbol with orders under way, counts over all plugins,
 * drawdown that halts and who resumes, the price breaker's window, counts of the day, the snapshot,
 * and the rules' packing. The numbered limits of the platform profile, each on both sides: the
 * integration test of `trident decide`. */
#include "harness.h"

#define USD(n) ((int64_t)(n)*DEC_ONE)

/* Rules enter with the start of the process. */
static struct harness *start(const struct risk_rules *risk, int64_t balance_e8)
{
    struct harness *h = harness_new();
    state_free(h->s);
    h->s = state_new();
    h->opt.rules.start_balance_e8 = balance_e8;
    h->opt.rules.daily_loss_cap_e8 = DEC_NONE;
    h->opt.rules.lifetime_loss_cap_e8 = DEC_NONE;
    h->opt.rules.risk = *risk;
    harness_timer(h, TIMER_START);
    harness_link(h);
    return h;
}

static void set_quote(struct harness *h, int64_t price_e8)
{
    h->quotes.count = 1;
    (void)str_copy(h->quotes.items[0].symbol, SYMBOL_CAP, "XAUUSD");
    h->quotes.items[0].quote = (struct quote){price_e8, price_e8, h->now_ms};
}

static void enter(struct harness *h)
{
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
}

static void expect_refused(struct harness *h, enum reason why, int64_t number_e8, int64_t limit_e8)
{
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_SKIP);
    cr_assert_str_eq(reason_code(h->decision.reasons[0]), reason_code(why));
    cr_assert_eq(h->decision.number_e8, number_e8);
    cr_assert_eq(h->decision.limit_e8, limit_e8);
    cr_assert_eq(h->send_count, 0);
}

static void lose(struct harness *h, int64_t exec_id, int64_t profit_e8)
{
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_close_fill(h, 0, cids[0], (uint64_t)exec_id, profit_e8);
    harness_close_fill(h, 0, cids[1], (uint64_t)exec_id + 1, DEC_ONE);
}

/* ---- caps ---- */

Test(risk, caps_are_those_of_the_tier)
{
    struct harness *h = start(&(struct risk_rules){.profile = RISK_V3}, USD(10000));
    cr_assert_eq(risk_caps(h->s).daily_e8, USD(200));
    cr_assert_eq(risk_caps(h->s).lifetime_e8, USD(1000));
    h->s->account.balance_e8 = USD(25000);
    cr_assert_eq(risk_caps(h->s).daily_e8, USD(500));
    h->s->rules.risk.tier = TIERS_100000;
    cr_assert_eq(risk_caps(h->s).daily_e8, USD(2000));
    h->s->rules.daily_loss_cap_e8 = USD(70);
    h->s->rules.lifetime_loss_cap_e8 = 0;
    cr_assert_eq(risk_caps(h->s).daily_e8, USD(70));
    cr_assert_eq(risk_caps(h->s).lifetime_e8, 0);
    harness_free(h);
}

Test(risk, a_loss_does_not_lower_the_tier_and_the_cap_is_told_at_the_cap)
{
    struct harness *h = start(&(struct risk_rules){.profile = RISK_V3}, USD(10000));
    lose(h, 901, -USD(199));
    cr_assert_lt(h->s->account.balance_e8, USD(10000));
    cr_assert_eq(risk_caps(h->s).daily_e8, USD(200));
    cr_assert_not(h->s->daily_cap_told);
    lose(h, 911, -USD(1));
    cr_assert(h->s->daily_cap_told);
    expect_refused(h, REASON_DAILY_LOSS_CAP, USD(200), USD(200));
    harness_free(h);
}

/* ---- RK-12: two orders of 0.02 gold with a stop of 1000 pips are 40 $ ---- */

Test(risk, rk12_reduces_and_refuses)
{
    struct harness *h =
        start(&(struct risk_rules){.profile = RISK_V3, .smart_lot = true}, USD(10000));
    h->s->account.daily_loss_e8 = USD(160);
    enter(h);
    cr_assert_eq(h->decision.orders[0].lots_e8, LOT(2));
    cr_assert_str_eq(h->decision.orders[0].lots_rule, "");
    h->s->account.daily_loss_e8 = USD(160) + 1;
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    cr_assert_eq(h->decision.orders[0].lots_e8, LOT(1));
    cr_assert_eq(h->decision.orders[1].lots_e8, LOT(1));
    cr_assert_str_eq(h->decision.orders[1].lots_rule, "RK-12");
    cr_assert_eq(h->sends[0].lots_e8, LOT(1));
    h->s->account.daily_loss_e8 = USD(180) + 1;
    expect_refused(h, REASON_DAILY_LOSS_CAP, USD(220) + 1, USD(200));
    h->s->account.daily_loss_e8 = 0;
    h->s->account.lifetime_loss_e8 = USD(960) + 1;
    expect_refused(h, REASON_LIFETIME_LOSS_CAP, USD(1000) + 1, USD(1000));
    h->s->rules.risk.smart_lot = false;
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    harness_free(h);
}

/* ---- exposure: 0.04 lots of gold at 1:100 bind 106 $ ---- */

Test(risk, margin_in_one_symbol_counts_orders_under_way)
{
    struct risk_rules r = {
        .profile = RISK_V3, .leverage = 100, .symbol_exposure_e8 = 2 * DEC_ONE / 100};
    struct harness *h = start(&r, USD(10600));
    enter(h); /* 1 % */
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    enter(h); /* 2 %: with what is under way */
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    expect_refused(h, REASON_SYMBOL_EXPOSURE, 3 * DEC_ONE / 100, 2 * DEC_ONE / 100);
    harness_free(h);
}

Test(risk, entries_of_all_plugins_together)
{
    struct risk_rules r = {.profile = RISK_V3, .max_open_trades = 2, .max_daily_trades = 3};
    struct harness *h = start(&r, USD(10000));
    lose(h, 901, -DEC_ONE); /* gone again */
    enter(h);
    enter(h);
    expect_refused(h, REASON_MAX_OPEN_TRADES, USD(2), USD(2));
    h->s->rules.risk.max_open_trades = 0;
    expect_refused(h, REASON_MAX_DAILY_TRADES, USD(3), USD(3));
    harness_free(h);
}

/* ---- platform: halt and resume ---- */

static struct risk_rules platform(void)
{
    return (struct risk_rules){.profile = RISK_PLATFORM,
                               .platform = {.daily_drawdown_e8 = 5 * DEC_ONE / 100,
                                            .weekly_drawdown_e8 = DEC_ONE / 10,
                                            .halt_drawdown_e8 = DEC_ONE / 4,
                                            .resume_drawdown_e8 = DEC_ONE / 5,
                                            .breaker_move_e8 = DEC_ONE / 10,
                                            .breaker_minutes = 60}};
}

static struct harness *start_uncapped(const struct risk_rules *r)
{
    struct harness *h = start(r, USD(10000));
    h->s->rules.daily_loss_cap_e8 = 0;
    h->s->rules.lifetime_loss_cap_e8 = 0;
    return h;
}

Test(risk, a_days_drawdown_over_its_limit_pauses)
{
    struct risk_rules r = platform();
    struct harness *h = start_uncapped(&r);
    lose(h, 901, -USD(501)); /* and a dollar won: exactly 5 % */
    cr_assert(h->s->paused, "the first of both fills was over it");
    harness_command(h, "resume", "", false);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE, "the limit itself is allowed");
    h->s->account.balance_e8 -= 1;
    expect_refused(h, REASON_DAILY_DRAWDOWN, 5 * DEC_ONE / 100 + 1, 5 * DEC_ONE / 100);
    h->now_ms += INT64_C(86400000);
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_SKIP, "decided before the day was rolled");
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE, "a new day");
    harness_free(h);
}

Test(risk, a_weeks_drawdown_lasts_over_the_day)
{
    struct risk_rules r = platform();
    struct harness *h = start_uncapped(&r);
    h->s->risk.day_start_e8 = USD(9000);
    h->s->account.balance_e8 = USD(9000);
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    h->s->risk.day_start_e8 = USD(8999);
    h->s->account.balance_e8 = USD(8999);
    expect_refused(h, REASON_WEEKLY_DRAWDOWN, DEC_ONE / 10 + DEC_ONE / 10000, DEC_ONE / 10);
    harness_free(h);
}

Test(risk, a_halt_is_resumed_by_a_person_below_a_fifth)
{
    struct risk_rules r = platform();
    r.platform.daily_drawdown_e8 = 0;
    r.platform.weekly_drawdown_e8 = 0;
    struct harness *h = start_uncapped(&r);
    lose(h, 901, -USD(2500));
    cr_assert(h->s->paused);
    harness_command(h, "resume", "", false);
    cr_assert_eq(h->receipt.reason, REASON_RISK_HALTED);
    cr_assert(h->s->paused);
    h->s->account.balance_e8 = USD(8000);
    harness_command(h, "resume", "", false);
    cr_assert_eq(h->receipt.reason, REASON_RISK_HALTED, "a fifth itself is not below");
    h->s->account.balance_e8 = USD(8000) + 10000; /* 1e-8 of 10,000 $ */
    harness_command(h, "resume", "", false);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    h->s->account.balance_e8 = USD(7500);
    expect_refused(h, REASON_RISK_HALTED, DEC_ONE / 4, DEC_ONE / 4);
    harness_free(h);
}

Test(risk, the_peak_follows_the_balance_up)
{
    struct risk_rules r = platform();
    struct harness *h = start_uncapped(&r);
    lose(h, 901, USD(500));
    cr_assert_eq(h->s->risk.peak_e8, USD(10501));
    lose(h, 911, -USD(100));
    cr_assert_eq(h->s->risk.peak_e8, USD(10501));
    harness_free(h);
}

/* ---- platform: the breaker ---- */

Test(risk, a_tenth_within_the_hour_stops_the_symbol_for_an_hour)
{
    struct risk_rules r = platform();
    struct harness *h = start_uncapped(&r);
    set_quote(h, USD(2000));
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    h->now_ms += 3600000;
    set_quote(h, USD(2199));
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    set_quote(h, USD(2200));
    expect_refused(h, REASON_PRICE_BREAKER, DEC_ONE / 10, DEC_ONE / 10);
    set_quote(h, USD(2150)); /* back, but it has tripped */
    expect_refused(h, REASON_PRICE_BREAKER, USD(60), USD(60));
    h->now_ms += 3599000;
    expect_refused(h, REASON_PRICE_BREAKER, dec_div(1, 60, DEC_UP), USD(60));
    h->now_ms += 1000;
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    harness_free(h);
}

Test(risk, a_slow_move_is_none)
{
    struct risk_rules r = platform();
    struct harness *h = start_uncapped(&r);
    set_quote(h, USD(2000));
    enter(h);
    h->now_ms += 3600001; /* the window is over: a new one begins here */
    set_quote(h, USD(2300));
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    harness_free(h);
}

Test(risk, entries_of_a_day_in_one_symbol)
{
    struct risk_rules r = platform();
    r.platform.symbol_daily_trades = 2;
    struct harness *h = start_uncapped(&r);
    lose(h, 901, DEC_ONE);
    lose(h, 911, DEC_ONE);
    expect_refused(h, REASON_MAX_DAILY_TRADES, USD(3), USD(2));
    h->now_ms += INT64_C(86400000);
    harness_timer(h, TIMER_DUE);
    enter(h);
    cr_assert_eq(h->decision.action, DECISION_EXECUTE);
    harness_free(h);
}

/* ---- what survives ---- */

Test(risk, the_snapshot_and_the_rules_keep_everything)
{
    struct risk_rules r = platform();
    r.tier = TIERS_25000;
    r.platform.max_positions = 5;
    struct harness *h = start_uncapped(&r);
    struct buf a TR_CLEANUP(buf_deinit) = {0};
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    set_quote(h, USD(2000));
    enter(h);
    set_quote(h, USD(2300));
    enter(h); /* tripped */
    buf_init(&a, 8 * 1024 * 1024);
    buf_init(&b, 8 * 1024 * 1024);
    state_pack(h->s, &a);
    struct engine_state *copy = state_new();
    cr_assert_eq(state_unpack(copy, a.data, a.len), 0);
    cr_assert_eq(copy->risk.symbols[0].blocked_until_ms, h->now_ms + 3600000);
    cr_assert_eq(copy->rules.risk.platform.halt_drawdown_e8, DEC_ONE / 4);
    cr_assert_eq(copy->rules.risk.tier, TIERS_25000);
    state_pack(copy, &b);
    cr_assert_eq(a.len, b.len);
    cr_assert_arr_eq(a.data, b.data, a.len);
    state_free(copy);
    harness_free(h);
}
