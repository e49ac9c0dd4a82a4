/* Covers: sessions in the engine: entries are refused with what time it is and when they may come
 * (G91, G93, both sides), G94 switched off; notice before a session (SY-3) once, also after a
 * restart; the change itself; the dead zone closes what is open, tries again, and what fills late
 * (EX-10); the figures of /session; the daily rollover of RK-11 at 03:35 local time, both sides,
 * through a night of daylight-saving elsewhere. */
#include "desk.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    (1440 * MINUTE_MS)
/* 2026-01-05 00:00 in India: 18:30 UTC the day before. */
#define MIDNIGHT_MS (INT64_C(1767571200000) - 330 * MINUTE_MS)

static struct harness *at_time(const char *clock)
{
    struct harness *h = desk_new();
    int minute = 0;
    cr_assert(sessions_parse_minute(clock, &minute));
    sessions_defaults(&h->opt.rules.sessions);
    h->opt.rules.sessions.is_on = true;
    h->now_ms = MIDNIGHT_MS + DAY_MS + minute * MINUTE_MS;
    harness_timer(h, TIMER_RULES);
    return h;
}

static void entry(struct harness *h, const char *symbol)
{
    struct input in = {.kind = INPUT_SIGNAL};
    in.signal = (struct signal)SIGNAL_INIT;
    in.signal.format = SIGNAL_FORMAT_V3;
    in.signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in.signal.side = SIDE_BUY;
    in.signal.tf = TF_5M;
    in.signal.score = 7;
    (void)str_copy(in.signal.symbol, sizeof(in.signal.symbol), symbol);
    harness_apply(h, &in);
}

Test(session_clock, G91_a_refusal_says_the_time_and_the_next_opening)
{
    struct harness *h = at_time("13:29");
    entry(h, "EURUSD");
    cr_assert_eq(h->receipt.reason, REASON_SESSION_CLOSED);
    cr_assert_eq(h->send_count, 0);
    const struct event *e = harness_event(h, EVENT_SIGNAL_REFUSED);
    cr_assert_eq(e->number_e8, 1329 * DEC_ONE);
    cr_assert_eq(e->limit_e8, 1330 * DEC_ONE);
    h->now_ms += MINUTE_MS - 1;
    entry(h, "EURUSD");
    cr_assert_eq(h->receipt.reason, REASON_SESSION_CLOSED, "the last millisecond of 13:29");
    h->now_ms += 1;
    entry(h, "EURUSD");
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    harness_free(h);
}

Test(session_clock, G93_and_G94)
{
    struct harness *h = at_time("18:30");
    entry(h, "GBPJPY");
    cr_assert_eq(h->receipt.reason, REASON_SESSION_CLOSED);
    entry(h, "XAUUSD");
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    harness_free(h);
    h = at_time("07:00");
    entry(h, "XAUUSD");
    cr_assert_eq(h->receipt.reason, REASON_SESSION_CLOSED);
    harness_free(h);
    h = at_time("04:00");
    entry(h, "EURUSD");
    cr_assert_eq(h->receipt.reason, REASON_SESSION_CLOSED);
    h->opt.rules.sessions.is_on = false;
    harness_timer(h, TIMER_RULES);
    entry(h, "EURUSD");
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    cr_assert_eq(session_clock_next_due_ms(h->s), INT64_MAX);
    harness_free(h);
}

/* Runs the timers up to now + ms; counts events of a type and keeps the last. */
static int run(struct harness *h, int64_t ms, enum event_type type, struct event *ret_last)
{
    int n = 0;
    int64_t end_ms = h->now_ms + ms;
    for (;;) {
        int64_t due_ms = apply_next_due_ms(h->s);
        if (due_ms > end_ms)
            break;
        cr_assert_geq(due_ms, h->now_ms - DAY_MS);
        h->now_ms = due_ms > h->now_ms ? due_ms : h->now_ms;
        harness_timer(h, TIMER_DUE);
        for (size_t i = 0; i < h->event_count; i++)
            if (h->events[i].type == type) {
                n++;
                *ret_last = h->events[i];
            }
    }
    h->now_ms = end_ms;
    return n;
}

Test(session_clock, a_session_is_announced_once_and_then_begins)
{
    struct harness *h = at_time("12:00");
    struct event e;
    cr_assert_eq(run(h, 60 * MINUTE_MS - 1, EVENT_SESSION_NOTICE, &e), 0);
    cr_assert_eq(run(h, 1, EVENT_SESSION_NOTICE, &e), 1, "13:00");
    cr_assert_str_eq(e.text, "London 13:30");
    cr_assert_eq(e.number_e8, 30 * DEC_ONE);
    harness_timer(h, TIMER_START);
    cr_assert_eq(run(h, 30 * MINUTE_MS - 1, EVENT_SESSION_NOTICE, &e), 0, "not after a restart");
    cr_assert_eq(run(h, 1, EVENT_SESSION_CHANGED, &e), 1, "13:30");
    cr_assert_str_eq(e.text, "London 13:30");
    harness_free(h);
}

Test(session_clock, a_day_has_five_announcements_and_five_sessions)
{
    struct harness *h = at_time("12:00");
    struct event e;
    cr_assert_eq(run(h, DAY_MS, EVENT_SESSION_NOTICE, &e), 5);
    harness_free(h);
    h = at_time("12:00");
    cr_assert_eq(run(h, 3 * DAY_MS, EVENT_SESSION_CHANGED, &e), 15);
    harness_free(h);
    h = at_time("12:00");
    h->opt.rules.sessions.notice_min = 0;
    harness_timer(h, TIMER_RULES);
    cr_assert_eq(run(h, DAY_MS, EVENT_SESSION_NOTICE, &e), 0);
    harness_free(h);
    h = at_time("13:10");
    cr_assert_eq(run(h, 0, EVENT_SESSION_NOTICE, &e), 1, "started inside the notice");
    cr_assert_eq(e.number_e8, 20 * DEC_ONE);
    harness_free(h);
}

Test(session_clock, EX_10_the_dead_zone_closes_what_is_open)
{
    struct harness *h = at_time("22:40");
    uint64_t cids[2];
    struct event e;
    harness_enter(h, cids);
    (void)run(h, 290 * MINUTE_MS - 1, EVENT_SESSION_CHANGED, &e);
    cr_assert_eq(desk_position(h, cids[0])->closing_cid, 0);
    h->now_ms += 1;
    harness_timer(h, TIMER_DUE);
    e = *harness_event(h, EVENT_SESSION_CHANGED);
    cr_assert_str_eq(e.text, "Dead zone 03:30");
    cr_assert_eq(e.reason, REASON_SESSION);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 2);
    uint64_t sent[2] = {h->sends[0].cid, h->sends[1].cid};
    cr_assert_eq(state_order(h->s, sent[0])->reason, REASON_SESSION);
    harness_close_fill(h, sent[0], cids[0], 9900001, DEC_ONE);
    desk_reject(h, sent[1], BROKER_REJECT, REASON_BROKER_REJECTED);
    desk_wait(h, 4999);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 0);
    desk_wait(h, 1);
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 1, "tried again every five seconds");
    harness_close_fill(h, h->sends[0].cid, cids[1], 9900002, DEC_ONE);
    desk_wait(h, 5000);
    cr_assert_eq(session_clock_next_due_ms(h->s),
                 MIDNIGHT_MS + 2 * DAY_MS + (4 * 60 + 30) * MINUTE_MS, "the next notice");
    harness_free(h);
}

Test(session_clock, what_fills_in_the_dead_zone_is_closed_at_once)
{
    struct harness *h = at_time("03:29");
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    uint64_t cid = h->sends[0].cid;
    desk_wait(h, MINUTE_MS);
    harness_fill(h, cid, 9900001, LOT(2));
    cr_assert_eq(desk_sent(h, BROKER_CLOSE), 1);
    cr_assert_eq(state_order(h->s, h->sends[0].cid)->reason, REASON_SESSION);
    harness_free(h);
}

Test(session_clock, pages_see_the_table_the_present_and_what_follows)
{
    struct harness *h = at_time("13:00");
    (void)desk_act(h, (struct desk_order){.act = DESK_SESSIONS});
    const struct tx_sessions *v = &desk_order.sessions;
    cr_assert_str_eq(v->table->items[v->current].name, "Asian");
    cr_assert_str_eq(v->table->items[v->next].name, "London");
    cr_assert_eq(v->minute, 780);
    cr_assert_eq(v->changes_ms, h->now_ms + 30 * MINUTE_MS);
    harness_free(h);
}

/* ---- RK-11 ---- */

static void lose(struct harness *h, uint64_t exec_id)
{
    uint64_t cids[2];
    harness_enter(h, cids);
    harness_close_fill(h, 0, cids[0], exec_id, -DEC_ONE);
}

static void at(struct harness *h, int64_t ms)
{
    h->now_ms = ms;
    harness_timer(h, TIMER_DUE);
}

Test(rollover, the_day_begins_at_03_35_in_india_and_not_a_millisecond_earlier)
{
    struct harness *h = desk_new();
    int64_t reset_ms = MIDNIGHT_MS + DAY_MS + (3 * 60 + 35) * MINUTE_MS; /* 22:05 UTC */
    cr_assert_eq(reset_ms % DAY_MS, (22 * 60 + 5) * MINUTE_MS);
    h->now_ms = reset_ms - 3600000;
    lose(h, 9900001);
    cr_assert_eq(h->s->account.daily_loss_e8, DEC_ONE);
    at(h, reset_ms - 1);
    cr_assert_eq(h->s->account.daily_loss_e8, DEC_ONE);
    cr_assert_eq(h->s->account.daily_trades, 1);
    at(h, reset_ms);
    cr_assert_eq(h->s->account.daily_loss_e8, 0);
    cr_assert_eq(h->s->account.daily_trades, 0);
    cr_assert_eq(h->s->account.lifetime_loss_e8, DEC_ONE, "that one is for life");
    cr_assert_eq(h->s->plugins[0].daily_entries, 0);
    lose(h, 9900002);
    at(h, reset_ms + DAY_MS - 1);
    cr_assert_eq(h->s->account.daily_loss_e8, DEC_ONE);
    at(h, reset_ms + DAY_MS);
    cr_assert_eq(h->s->account.daily_loss_e8, 0);
    harness_free(h);
}

Test(rollover, nights_that_shift_clocks_elsewhere_do_not_shift_it)
{
    /* New York: 2026-03-08 and 2026-11-01; London: 2026-03-29 and 2026-10-25. India has none. */
    static const int64_t nights_ms[] = {INT64_C(1772928000000), INT64_C(1793491200000),
                                        INT64_C(1774742400000), INT64_C(1792886400000)};
    for (size_t i = 0; i < TR_ARRAY_SIZE(nights_ms); i++) {
        struct harness *h = desk_new();
        int64_t reset_ms = nights_ms[i] - nights_ms[i] % DAY_MS + (22 * 60 + 5) * MINUTE_MS;
        h->now_ms = reset_ms - 1000;
        lose(h, 9900001);
        at(h, reset_ms - 1);
        cr_expect_eq(h->s->account.daily_loss_e8, DEC_ONE, "night %zu", i);
        at(h, reset_ms);
        cr_expect_eq(h->s->account.daily_loss_e8, 0, "night %zu", i);
        harness_free(h);
    }
}

Test(rollover, another_minute_and_another_offset_are_followed)
{
    static const struct {
        int minute, offset_min, utc_minute;
    } cases[] = {{0, 0, 0}, {1439, 0, 1439}, {0, 330, 1110}, {215, -300, 515}, {60, 845, 655}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        struct harness *h = desk_new();
        h->opt.rules.daily_reset_minute = cases[i].minute;
        h->opt.rules.utc_offset_min = cases[i].offset_min;
        int64_t reset_ms = INT64_C(1767571200000) + DAY_MS + cases[i].utc_minute * MINUTE_MS;
        h->now_ms = reset_ms - 1000;
        harness_timer(h, TIMER_RULES);
        lose(h, 9900001);
        at(h, reset_ms - 1);
        cr_expect_eq(h->s->account.daily_loss_e8, DEC_ONE, "case %zu", i);
        at(h, reset_ms);
        cr_expect_eq(h->s->account.daily_loss_e8, 0, "case %zu", i);
        harness_free(h);
    }
}

Test(rollover, an_entry_right_after_a_quiet_night_is_not_held_to_yesterdays_losses)
{
    struct harness *h = desk_new();
    int64_t reset_ms = MIDNIGHT_MS + DAY_MS + (3 * 60 + 35) * MINUTE_MS;
    uint64_t cids[2];
    h->now_ms = reset_ms - 8 * 3600000;
    harness_timer(h, TIMER_DUE);
    harness_enter(h, cids);
    harness_close_fill(h, 0, cids[0], 990001, -250 * DEC_ONE); /* the cap is 200 */
    harness_close_fill(h, 0, cids[1], 990002, DEC_ONE);
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_DAILY_LOSS_CAP);
    cr_assert_not(apply_is_new_day(h->s, reset_ms - 1));
    cr_assert(apply_is_new_day(h->s, reset_ms), "the engine makes a timer first");
    at(h, reset_ms);
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->receipt.reason, REASON_ACCEPTED);
    harness_free(h);
}
