/* Covers: who gets what: routes C, N, A and ALL over roles, the bots that carry them, single-token
 * fallback without repeats, legacy copy, events that are no messages, tests for one chat,
 * subscriptions, languages and mutes (critical is never muted), throttling with exact counters over
 * a restart, merged legs, a bot's own fall announced by another, first run over an old journal, a
 * damaged notify.db, unreadable rows, several traders, silent rules, quiet hours and digest (G98),
 * why something was not sent, bursts with exact sums, members of the directory. */
#include "notify_support.h"

#include <glob.h>

#include "notify/throttle.h"
#include "notify/unsent.h"
#include "store/db.h"

TestSuite(routing, .timeout = 30);

static void tell(struct bench *b, enum event_type type)
{
    struct event e = make_event(type);
    put_event(b, &e);
    turns_until_empty(b, 200);
}

static void expect(struct bench *b, enum bot_id bot, int64_t chat_id, size_t want)
{
    cr_assert_eq(count_sent(b, bot, chat_id), want, "%s to %lld: %zu, not %zu", bot_name(bot),
                 (long long)chat_id, count_sent(b, bot, chat_id), want);
}

Test(routing, sends_controller_news_to_traders_and_admins)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    tell(&b, EVENT_PAUSED);
    expect(&b, BOT_CONTROLLER, ADMIN_CHAT, 1);
    expect(&b, BOT_CONTROLLER, TRADER_CHAT, 1);
    cr_assert_eq(b.sink.sent_count, 2);
    bench_deinit(&b);
}

Test(routing, sends_trade_news_to_everybody_by_the_notification_bot)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    tell(&b, EVENT_ENTRY);
    cr_assert_eq(b.sink.sent_count, 4);
    expect(&b, BOT_NOTIFICATION, 0, 4);
    expect(&b, BOT_NOTIFICATION, GUEST_CHAT, 1);
    for (size_t i = 0; i < 4; i++)
        if (b.sink.log[i].chat_id == GUEST_CHAT)
            cr_assert_eq(b.sink.log[i].thread_id, 7);
    bench_deinit(&b);
}

Test(routing, sends_critical_news_on_all_bots_to_traders_and_once_to_the_rest)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    tell(&b, EVENT_EMERGENCY_STOP);
    expect(&b, BOT_UNSET, ADMIN_CHAT, 3);
    expect(&b, BOT_UNSET, TRADER_CHAT, 3);
    expect(&b, BOT_NOTIFICATION, VIEWER_CHAT, 1);
    expect(&b, BOT_NOTIFICATION, GUEST_CHAT, 1);
    cr_assert_eq(b.sink.sent_count, 8);
    bench_deinit(&b);
}

Test(routing, uses_the_fallback_bot_once_when_only_one_token_is_there)
{
    struct bench b;
    bench_init(&b);
    b.opt.bot_present[BOT_NOTIFICATION] = b.opt.bot_present[BOT_ANALYTICS] = false;
    bench_open(&b);
    tell(&b, EVENT_EMERGENCY_STOP);
    expect(&b, BOT_CONTROLLER, 0, 4);
    cr_assert_eq(b.sink.sent_count, 4);
    bench_deinit(&b);
}

Test(routing, copies_notifications_but_not_replies_to_the_legacy_bot)
{
    struct bench b;
    bench_init(&b);
    b.opt.bot_present[BOT_LEGACY] = true;
    b.opt.copy_to_legacy = true;
    bench_open(&b);
    put_reply(&b, ADMIN_CHAT, "reply");
    tell(&b, EVENT_ENTRY);
    expect(&b, BOT_LEGACY, 0, 4);
    expect(&b, BOT_CONTROLLER, ADMIN_CHAT, 1);
    cr_assert_eq(b.sink.sent_count, 9);
    bench_deinit(&b);
}

static void choose_side(struct bench *b, int64_t chat_id, const char *side)
{
    struct event e = make_event(EVENT_SUBSCRIPTION);
    e.chat_id = chat_id;
    snprintf(e.text, sizeof(e.text), "side %s", side);
    put_event(b, &e);
}

/* Old, new, and who did not choose. */
static void begin_sides(struct bench *b)
{
    bench_init(b);
    b->opt.bot_present[BOT_LEGACY] = true;
    b->opt.copy_to_legacy = true;
    bench_open(b);
    choose_side(b, ADMIN_CHAT, "new");
    choose_side(b, TRADER_CHAT, "old");
}

Test(routing, notifications_come_on_the_side_a_chat_chose)
{
    struct bench b;
    begin_sides(&b);
    tell(&b, EVENT_ENTRY);
    expect(&b, BOT_LEGACY, ADMIN_CHAT, 0);
    expect(&b, BOT_NOTIFICATION, ADMIN_CHAT, 1);
    expect(&b, BOT_LEGACY, TRADER_CHAT, 1);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 0);
    expect(&b, BOT_LEGACY, VIEWER_CHAT, 1);
    expect(&b, BOT_NOTIFICATION, VIEWER_CHAT, 1);
    bench_close(&b);
    bench_open(&b); /* kept over a restart */
    tell(&b, EVENT_EMERGENCY_STOP);
    expect(&b, BOT_LEGACY, TRADER_CHAT, 2);
    expect(&b, BOT_CONTROLLER, TRADER_CHAT, 0);
    expect(&b, BOT_CONTROLLER, ADMIN_CHAT, 1);
    choose_side(&b, TRADER_CHAT, "new"); /* back at any time */
    tell(&b, EVENT_EXIT);
    expect(&b, BOT_LEGACY, TRADER_CHAT, 2);
    bench_deinit(&b);
}

Test(routing, the_other_side_serves_when_the_chosen_one_does_not_reach_the_chat)
{
    struct bench b;
    begin_sides(&b);
    notify_set_suspended(b.n, BOT_LEGACY, TRADER_CHAT, true);
    notify_set_suspended(b.n, BOT_NOTIFICATION, ADMIN_CHAT, true);
    tell(&b, EVENT_ENTRY);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 1);
    expect(&b, BOT_LEGACY, TRADER_CHAT, 0);
    expect(&b, BOT_LEGACY, ADMIN_CHAT, 1);
    bench_deinit(&b);
}

Test(routing, nothing_is_said_under_a_retired_name_but_its_own_farewell)
{
    struct bench b;
    begin_sides(&b);
    tell(&b, EVENT_LEGACY_RETIRED);
    expect(&b, BOT_LEGACY, TRADER_CHAT, 1);
    tell(&b, EVENT_ENTRY);
    expect(&b, BOT_LEGACY, TRADER_CHAT, 1);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 1);
    tell(&b, EVENT_LEGACY_RESTORED);
    tell(&b, EVENT_EXIT);
    expect(&b, BOT_LEGACY, TRADER_CHAT, 2);
    bench_deinit(&b);
}

Test(routing, keeps_ledger_events_and_preferences_to_itself)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    tell(&b, EVENT_TRADE_OPENED);
    tell(&b, EVENT_TRADE_CLOSED);
    tell(&b, EVENT_DECISION);
    tell(&b, EVENT_SUBSCRIPTION);
    tell(&b, EVENT_COMMAND_MIRROR); /* no mirror configured */
    cr_assert_eq(b.sink.sent_count, 0);
    bench_deinit(&b);
}

Test(routing, sends_a_test_only_to_the_chat_that_asked)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    struct event e = make_event(EVENT_TEST);
    e.chat_id = VIEWER_CHAT;
    put_event(&b, &e);
    turns_until_empty(&b, 50);
    cr_assert_eq(b.sink.sent_count, 1);
    expect(&b, BOT_NOTIFICATION, VIEWER_CHAT, 1);
    bench_deinit(&b);
}

static void choose(struct bench *b, int64_t chat_id, const char *text)
{
    struct event e = make_event(EVENT_SUBSCRIPTION);
    e.chat_id = chat_id;
    snprintf(e.text, sizeof(e.text), "%s", text);
    put_event(b, &e);
}

Test(routing, remembers_mutes_and_never_mutes_what_is_critical)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    choose(&b, TRADER_CHAT, "mute sl_hit");
    choose(&b, VIEWER_CHAT, "mute all");
    turns(&b, 3);
    bench_close(&b);
    bench_open(&b);
    tell(&b, EVENT_SL_HIT);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 0);
    expect(&b, BOT_NOTIFICATION, VIEWER_CHAT, 0);
    expect(&b, BOT_NOTIFICATION, ADMIN_CHAT, 1);
    tell(&b, EVENT_TP_HIT);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 1);
    tell(&b, EVENT_EMERGENCY_STOP);
    expect(&b, BOT_NOTIFICATION, VIEWER_CHAT, 1);
    choose(&b, VIEWER_CHAT, "unmute v3_sl_hit");
    tell(&b, EVENT_SL_HIT);
    expect(&b, BOT_NOTIFICATION, VIEWER_CHAT, 2);
    tell(&b, EVENT_TP_HIT);
    expect(&b, BOT_NOTIFICATION, VIEWER_CHAT, 2);
    bench_deinit(&b);
}

Test(routing, adds_and_removes_subscribers_for_good)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    choose(&b, 777, "subscribe");
    choose(&b, TRADER_CHAT, "unsubscribe");
    choose(&b, GUEST_CHAT, "unsubscribe");
    turns(&b, 3);
    bench_close(&b);
    bench_open(&b);
    tell(&b, EVENT_ENTRY);
    expect(&b, BOT_NOTIFICATION, 777, 1);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 0);
    tell(&b, EVENT_EMERGENCY_STOP);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 1);
    expect(&b, BOT_NOTIFICATION, GUEST_CHAT, 0);
    bench_deinit(&b);
}

/* The newest text sent to a chat; "" when none. */
static const char *last_text(const struct bench *b, int64_t chat_id)
{
    for (size_t i = b->sink.sent_count; i > 0; i--)
        if (b->sink.log[i - 1].chat_id == chat_id)
            return b->sink.log[i - 1].html;
    return "";
}

Test(routing, speaks_the_language_each_chat_chose_for_good)
{
    struct bench b;
    bench_init(&b);
    b.targets[1].lang = LANG_HINGLISH;
    bench_open(&b);
    choose(&b, TRADER_CHAT, "language en");
    choose(&b, VIEWER_CHAT, "language hinglish");
    choose(&b, ADMIN_CHAT, "language klingon");
    turns(&b, 3);
    bench_close(&b);
    bench_open(&b);
    tell(&b, EVENT_EMERGENCY_STOP);
    cr_assert_not_null(strstr(last_text(&b, TRADER_CHAT), "No entries"));
    cr_assert_not_null(strstr(last_text(&b, VIEWER_CHAT), "Nayi entry nahi"));
    cr_assert_not_null(strstr(last_text(&b, ADMIN_CHAT), "No entries"));
    choose(&b, VIEWER_CHAT, "mute all"); /* leaves the language alone */
    choose(&b, VIEWER_CHAT, "unmute all");
    turns(&b, 3);
    bench_close(&b);
    bench_open(&b);
    tell(&b, EVENT_BROKER_UP);
    cr_assert_not_null(strstr(last_text(&b, VIEWER_CHAT), "wapas aa gaya"));
    bench_deinit(&b);
}

Test(routing, choosing_a_language_subscribes_nobody)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    choose(&b, 777, "language hinglish");
    choose(&b, TRADER_CHAT, "unsubscribe");
    choose(&b, TRADER_CHAT, "language hinglish");
    tell(&b, EVENT_ENTRY);
    expect(&b, BOT_NOTIFICATION, 777, 0);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 0);
    choose(&b, 777, "subscribe");
    tell(&b, EVENT_BROKER_UP);
    cr_assert_not_null(strstr(last_text(&b, 777), "wapas aa gaya"));
    bench_deinit(&b);
}

static void refuse(struct bench *b, const char *symbol, int times)
{
    struct event e = make_event(EVENT_SIGNAL_REFUSED);
    e.reason = REASON_SCORE_TOO_LOW;
    snprintf(e.symbol, sizeof(e.symbol), "%s", symbol);
    for (int i = 0; i < times; i++)
        put_event(b, &e);
}

Test(routing, counts_repeats_of_one_cause_and_tells_the_number_exactly)
{
    struct bench b;
    bench_init(&b);
    b.opt.target_count = 1;
    bench_open(&b);
    refuse(&b, "XAUUSD", 300);
    refuse(&b, "EURUSD", 1);
    turns_until_empty(&b, 50);
    cr_assert_eq(b.sink.sent_count, 2, "the first of each cause");
    refuse(&b, "XAUUSD", 100);
    turns(&b, 3);
    bench_close(&b);
    bench_open(&b); /* the counter is durable */
    refuse(&b, "XAUUSD", 23);
    int64_t start = clock_mono_us(b.clock);
    while (b.sink.sent_count < 3)
        notify_turn(b.n, 1000);
    cr_assert_leq(clock_mono_us(b.clock) - start, 61 * 1000000);
    cr_assert_str_eq(b.sink.log[2].html,
                     "🔁 422 more like this (SCORE_TOO_LOW, XAUUSD) in the last 60 s");
    for (int i = 0; i < 200; i++)
        notify_turn(b.n, 1000);
    cr_assert_eq(b.sink.sent_count, 3, "quiet windows say nothing");
    refuse(&b, "XAUUSD", 1);
    turns_until_empty(&b, 50);
    cr_assert_eq(b.sink.sent_count, 4);
    struct notify_stats st;
    notify_get_stats(b.n, &st);
    cr_assert_eq(st.throttled, 422);
    bench_deinit(&b);
}

Test(routing, never_throttles_entries)
{
    struct bench b;
    bench_init(&b);
    b.opt.target_count = 1;
    bench_open(&b);
    struct event e = make_event(EVENT_ENTRY);
    for (int i = 0; i < 5; i++)
        put_event(&b, &e);
    turns_until_empty(&b, 50);
    cr_assert_eq(b.sink.sent_count, 5);
    bench_deinit(&b);
}

Test(routing, tells_both_legs_of_a_decision_on_one_card)
{
    struct bench b;
    bench_init(&b);
    b.opt.target_count = 1;
    bench_open(&b);
    struct outputs o;
    outputs_init(&o);
    struct event e = make_event(EVENT_ENTRY);
    e.side = SIDE_BUY;
    e.cause_seq = 12;
    e.role = ORDER_ROLE_A;
    outputs_add_event(&o, &e);
    e.role = ORDER_ROLE_B;
    outputs_add_event(&o, &e);
    snprintf(e.symbol, sizeof(e.symbol), "EURUSD");
    outputs_add_event(&o, &e);
    cr_assert_eq(journal_begin(b.journal), 0);
    journal_put(&b, &o);
    cr_assert_eq(journal_commit(b.journal), 0);
    outputs_deinit(&o);
    turns_until_empty(&b, 50);
    cr_assert_eq(b.sink.sent_count, 2);
    bench_deinit(&b);
}

Test(routing, lets_another_bot_announce_that_one_is_down)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    struct event e = make_event(EVENT_BOT_DOWN);
    e.bot = BOT_CONTROLLER;
    put_event(&b, &e);
    turns_until_empty(&b, 50);
    expect(&b, BOT_NOTIFICATION, ADMIN_CHAT, 1);
    expect(&b, BOT_CONTROLLER, 0, 0);
    e.bot = BOT_ANALYTICS;
    put_event(&b, &e);
    turns_until_empty(&b, 50);
    expect(&b, BOT_CONTROLLER, ADMIN_CHAT, 1);
    bench_deinit(&b);
}

Test(routing, does_not_tell_old_news_on_its_first_run)
{
    struct bench b;
    bench_init(&b);
    put_reply(&b, 55, "of yesterday");
    clock_manual_advance_us(b.clock, 24 * HOUR_US);
    put_reply(&b, 55, "of now");
    bench_open(&b);
    turns_until_empty(&b, 50);
    cr_assert_eq(b.sink.sent_count, 1);
    cr_assert_str_eq(b.sink.log[0].html, "of now");
    bench_close(&b);
    put_reply(&b, 55, "while stopped");
    clock_manual_advance_us(b.clock, 24 * HOUR_US);
    bench_open(&b);
    turns_until_empty(&b, 50);
    cr_assert_eq(b.sink.sent_count, 2, "but a day of standstill loses nothing");
    bench_deinit(&b);
}

/* notify.db is made anew from the journal: what people chose long ago holds, old news stay untold,
 * and admins hear what happened to the file. */
Test(routing, keeps_old_choices_when_a_damaged_notify_db_is_made_anew)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    choose(&b, VIEWER_CHAT, "mute all");
    put_reply(&b, 55, "of yesterday");
    turns_until_empty(&b, 50);
    bench_close(&b);
    clock_manual_advance_us(b.clock, 24 * HOUR_US);
    FILE *f = fopen(b.db, "r+b");
    cr_assert_not_null(f);
    cr_assert_eq(fputs("this is no database any more", f) >= 0, true);
    cr_assert_eq(fclose(f), 0);
    size_t before = b.sink.sent_count;
    bench_open(&b);
    turns(&b, 3);
    turns_until_empty(&b, 50);
    size_t alarms = 0;
    for (size_t i = before; i < b.sink.sent_count; i++) {
        cr_assert_eq(b.sink.log[i].chat_id, ADMIN_CHAT, "only the alarm is told");
        alarms += strstr(b.sink.log[i].html, "message store was damaged") != NULL;
    }
    cr_assert_eq(alarms, 3, "by each bot");
    tell(&b, EVENT_TP_HIT);
    expect(&b, BOT_NOTIFICATION, VIEWER_CHAT, 0);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 1);
    char pattern[128];
    glob_t kept;
    snprintf(pattern, sizeof(pattern), "%s_CORRUPTED_*", b.db);
    cr_assert_eq(glob(pattern, 0, NULL, &kept), 0);
    for (size_t i = 0; i < kept.gl_pathc; i++)
        cr_assert_eq(unlink(kept.gl_pathv[i]), 0);
    globfree(&kept);
    bench_deinit(&b);
}

Test(routing, passes_over_a_row_it_cannot_read)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    log_set_level(LOG_ERROR + 0);
    struct journal_row row = {.seq = 1,
                              .time_ms = WALL_MS,
                              .kind = 1,
                              .flags = JOURNAL_FLAG_MESSAGES,
                              .key = "",
                              .input = "",
                              .output = "\xff\xff\xff\xff\xff",
                              .output_len = 5};
    cr_assert_eq(journal_begin(b.journal), 0);
    cr_assert_eq(journal_append(b.journal, &row), 0);
    cr_assert_eq(journal_commit(b.journal), 0);
    put_reply(&b, 55, "after");
    turns_until_empty(&b, 50);
    cr_assert_eq(b.sink.sent_count, 1);
    struct notify_stats st;
    notify_get_stats(b.n, &st);
    cr_assert_eq(st.watermark, 2);
    bench_deinit(&b);
}

Test(routing, reads_the_journals_of_several_traders)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    char second_path[96];
    snprintf(second_path, sizeof(second_path), "%s/second.db", b.dir);
    cr_assert_eq(notify_add_journal(b.n, "second", second_path), 0);
    put_reply(&b, 55, "first");
    turns_until_empty(&b, 50);
    struct journal *first = b.journal;
    cr_assert_eq(journal_open(second_path, &b.journal), 0); /* appears later */
    put_reply(&b, 55, "second");
    b.journal = journal_close(b.journal);
    b.journal = first;
    for (int i = 0; i < 10; i++)
        notify_turn(b.n, 1000);
    cr_assert_eq(b.sink.sent_count, 2);
    cr_assert_str_eq(b.sink.log[1].html, "second");
    bench_deinit(&b);
    unlink(second_path);
    rmdir(b.dir);
}

/* ---- rules, quiet hours, digest, bursts ---- */

static size_t rows_of(struct bench *b, const char *sql)
{
    struct db *db = NULL;
    cr_assert_eq(db_open_readonly(b->db, &db), 0);
    sqlite3_stmt *st = db_prepare(db, sql);
    cr_assert_eq(sqlite3_step(st), SQLITE_ROW);
    size_t v = (size_t)sqlite3_column_int64(st, 0);
    db_close(db);
    return v;
}

static void trade(struct bench *b, enum event_type type, const char *symbol, int64_t profit_cent)
{
    struct event e = make_event(type);
    e.lots_e8 = 2 * (DEC_ONE / 100);
    e.profit_e8 = profit_cent * (DEC_ONE / 100);
    e.cause_seq = 77;
    snprintf(e.symbol, sizeof(e.symbol), "%s", symbol);
    put_event(b, &e);
}

Test(routing, a_silent_rule_takes_the_sound_and_nothing_else)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    choose(&b, TRADER_CHAT, "rule sl_hit silent 0");
    tell(&b, EVENT_SL_HIT);
    for (size_t i = 0; i < b.sink.sent_count; i++)
        cr_expect_eq(b.sink.log[i].silent, b.sink.log[i].chat_id == TRADER_CHAT);
    expect(&b, BOT_NOTIFICATION, TRADER_CHAT, 1);
    bench_deinit(&b);
}

/* G98: quiet hours on, 23:00: sl_hit is not sent, mt5_disconnect reaches all three bots. */
Test(routing, g98_quiet_hours_hold_back_all_but_alarms_and_the_digest_tells)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    int64_t minute = WALL_MS / 60000 % RULES_DAY_MIN;
    char quiet[64], digest[64];
    snprintf(quiet, sizeof(quiet), "quiet %d %d", (int)minute, (int)(minute + 60) % RULES_DAY_MIN);
    snprintf(digest, sizeof(digest), "digest %d", (int)(minute + 90) % RULES_DAY_MIN);
    choose(&b, TRADER_CHAT, quiet);
    choose(&b, TRADER_CHAT, digest);
    turns(&b, 3);
    for (int i = 0; i < 3; i++)
        trade(&b, EVENT_SL_HIT, i == 0 ? "EURUSD" : "XAUUSD", -1050);
    turns(&b, 5);
    expect(&b, BOT_UNSET, TRADER_CHAT, 0);
    tell(&b, EVENT_BROKER_DOWN);
    expect(&b, BOT_UNSET, TRADER_CHAT, 3);
    bench_close(&b); /* the box survives */
    bench_open(&b);
    clock_manual_advance_us(b.clock, INT64_C(89) * 60 * 1000000);
    turns(&b, 3);
    expect(&b, BOT_UNSET, TRADER_CHAT, 3);
    clock_manual_advance_us(b.clock, INT64_C(3) * 60 * 1000000);
    turns_until_empty(&b, 50);
    expect(&b, BOT_UNSET, TRADER_CHAT, 4);
    const char *card = last_text(&b, TRADER_CHAT);
    cr_expect_not_null(strstr(card, "Digest: 3"), "%s", card);
    cr_expect_not_null(strstr(card, "-31.50"), "%s", card);
    cr_expect_eq(rows_of(&b, "SELECT count(*) FROM collected"), 0);
    cr_expect_eq(rows_of(&b, "SELECT count(*) FROM unsent WHERE chat_id=102 AND verdict=4"), 3);
    bench_deinit(&b);
}

Test(routing, a_single_message_of_a_digest_is_told_as_it_was)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    choose(&b, TRADER_CHAT, "rule v3_* digest 0");
    trade(&b, EVENT_SL_HIT, "EURUSD", -1050);
    turns(&b, 5);
    expect(&b, BOT_UNSET, TRADER_CHAT, 0);
    clock_manual_advance_us(b.clock, INT64_C(13) * HOUR_US);
    turns_until_empty(&b, 50);
    cr_expect_not_null(strstr(last_text(&b, TRADER_CHAT), "STOP EURUSD 0.02"));
    bench_deinit(&b);
}

struct why {
    size_t count;
    struct unsent first;
};

static void on_why(void *ctx, const struct unsent *u)
{
    struct why *w = ctx;
    if (w->count++ == 0)
        w->first = *u;
}

Test(routing, tells_why_something_was_not_sent)
{
    struct bench b;
    struct why w = {0};
    bench_init(&b);
    bench_open(&b);
    choose(&b, TRADER_CHAT, "mute *_hit");
    choose(&b, VIEWER_CHAT, "unsubscribe");
    turns(&b, 3);
    trade(&b, EVENT_SL_HIT, "EURUSD", -1);
    turns_until_empty(&b, 50);
    cr_assert_eq(unsent_read(b.db, TRADER_CHAT, 77, 10, on_why, &w), 0);
    cr_assert_eq(w.count, 1);
    cr_expect_eq(w.first.verdict, VERDICT_RULE);
    cr_expect_str_eq(w.first.rule, "*_hit");
    cr_expect_str_eq(w.first.symbol, "EURUSD");
    w.count = 0;
    cr_assert_eq(unsent_read(b.db, VIEWER_CHAT, 0, 10, on_why, &w), 0);
    cr_expect_eq(w.first.verdict, VERDICT_UNSUBSCRIBED);
    w.count = 0;
    cr_assert_eq(unsent_read(b.db, ADMIN_CHAT, 0, 10, on_why, &w), 0);
    cr_expect_eq(w.count, 0);
    refuse(&b, "EURUSD", 5);
    turns(&b, 3);
    cr_assert_eq(unsent_read(b.db, ADMIN_CHAT, 5, 10, on_why, &w), 0);
    cr_expect_eq(w.first.verdict, VERDICT_THROTTLED, "the fifth row is a counted repeat");
    bench_deinit(&b);
}

Test(routing, a_flood_leaves_room_for_what_was_held_back_from_a_chat)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    choose(&b, VIEWER_CHAT, "unsubscribe");
    turns(&b, 3);
    trade(&b, EVENT_SL_HIT, "EURUSD", -1);
    refuse(&b, "EURUSD", 1 + 3 * THROTTLE_NOTED_MAX);
    turns_until_empty(&b, 50);
    cr_expect_eq(rows_of(&b, "SELECT count(*) FROM unsent WHERE verdict=6"), THROTTLE_NOTED_MAX);
    cr_expect_eq(rows_of(&b, "SELECT count(*) FROM unsent WHERE chat_id<>0"), 2,
                 "the trade and the first refusal");
    bench_deinit(&b);
}

Test(routing, three_hundred_fills_a_minute_are_at_most_twenty_messages_with_exact_sums)
{
    struct bench b;
    bench_init(&b);
    b.opt.target_count = 1;
    b.opt.burst_per_min = 20;
    bench_open(&b);
    b.sink.keep_time = true;
    int64_t begin = clock_mono_us(b.clock);
    for (int i = 0; i < 300; i++) {
        trade(&b, i % 3 == 0 ? EVENT_ENTRY : EVENT_TP_HIT, i % 2 == 0 ? "EURUSD" : "XAUUSD",
              i % 3 == 0 ? 0 : 125);
        if (i == 150)
            tell(&b, EVENT_EMERGENCY_STOP);
        clock_manual_advance_us(b.clock, 200000);
        notify_turn(b.n, 0);
        if (i == 200) { /* counts are exact over a restart */
            bench_close(&b);
            bench_open(&b);
        }
    }
    cr_assert_eq(clock_mono_us(b.clock) - begin, 60000000);
    size_t in_minute = count_sent(&b, BOT_NOTIFICATION, ADMIN_CHAT);
    cr_expect_leq(in_minute, 20 + 1 + 10, "%zu with one alarm and a restart", in_minute);
    b.sink.keep_time = false;
    turns_until_empty(&b, 200);
    clock_manual_advance_us(b.clock, 60000000);
    turns_until_empty(&b, 200);
    int told = 0;
    for (size_t i = 0; i < b.sink.sent_count; i++) {
        const char *short_card = strstr(b.sink.log[i].html, "messages in short");
        int count = 1;
        if (b.sink.log[i].bot != BOT_NOTIFICATION || strstr(b.sink.log[i].html, "EMERGENCY"))
            continue;
        if (short_card != NULL)
            cr_assert_eq(sscanf(b.sink.log[i].html, "🗂 <b>%d", &count), 1);
        told += count;
    }
    cr_expect_eq(told, 300, "%d", told);
    bench_deinit(&b);
}

Test(routing, without_a_restart_no_minute_has_more_than_twenty_cards)
{
    struct bench b;
    int64_t at[512];
    size_t count = 0;
    bench_init(&b);
    b.opt.target_count = 1;
    b.opt.burst_per_min = 20;
    b.opt.limits_off = true;
    bench_open(&b);
    b.sink.keep_time = true;
    for (int i = 0; i < 900; i++) {
        trade(&b, EVENT_ENTRY, "EURUSD", 0);
        clock_manual_advance_us(b.clock, 200000);
        notify_turn(b.n, 0);
    }
    for (size_t i = 0; i < b.sink.sent_count && count < 512; i++)
        at[count++] = b.sink.log[i].at_us;
    cr_assert_gt(count, 30, "%zu", count);
    for (size_t i = 0; i + 20 < count; i++)
        cr_expect_gt(at[i + 20] - at[i], 59000000, "21 cards within a minute");
    bench_deinit(&b);
}

Test(routing, failures_and_alarms_are_never_collected)
{
    struct bench b;
    bench_init(&b);
    b.opt.target_count = 1;
    b.opt.burst_per_min = 20;
    bench_open(&b);
    b.sink.keep_time = true;
    for (int i = 0; i < 40; i++)
        trade(&b, EVENT_ENTRY, "EURUSD", 0);
    struct event e = make_event(EVENT_ORDER_FAILED);
    e.reason = REASON_SCORE_TOO_LOW;
    put_event(&b, &e);
    e = make_event(EVENT_BROKER_DOWN);
    put_event(&b, &e);
    b.sink.keep_time = false;
    turns_until_empty(&b, 300);
    size_t failed = 0, alarms = 0;
    for (size_t i = 0; i < b.sink.sent_count; i++) {
        failed += strstr(b.sink.log[i].html, "ORDER FAILED") != NULL;
        alarms += b.sink.log[i].lane == NOTIFY_LANE_ALARM;
    }
    cr_expect_eq(failed, 1);
    cr_expect_eq(alarms, 3, "on every bot");
    cr_expect_eq(b.sink.log[0].lane, NOTIFY_LANE_ALARM, "alarms overtake");
    bench_deinit(&b);
}

Test(routing, members_of_the_directory_come_and_go)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    choose(&b, 888, "member trader hinglish");
    choose(&b, 889, "member none en");
    choose(&b, ADMIN_CHAT, "member viewer en"); /* the configuration comes before */
    choose(&b, 888, "mute v3_exit");
    turns(&b, 3);
    bench_close(&b);
    bench_open(&b);
    tell(&b, EVENT_PAUSED);
    expect(&b, BOT_CONTROLLER, 888, 1);
    expect(&b, BOT_CONTROLLER, 889, 0);
    expect(&b, BOT_CONTROLLER, ADMIN_CHAT, 1);
    tell(&b, EVENT_EXIT);
    expect(&b, BOT_NOTIFICATION, 888, 0);
    expect(&b, BOT_NOTIFICATION, 889, 1);
    choose(&b, 888, "removed");
    choose(&b, ADMIN_CHAT, "removed");
    turns(&b, 3);
    bench_close(&b);
    bench_open(&b);
    tell(&b, EVENT_EMERGENCY_STOP);
    expect(&b, BOT_UNSET, 888, 1);
    expect(&b, BOT_ANALYTICS, ADMIN_CHAT, 1);
    choose(&b, 888, "member viewer en");
    turns(&b, 3);
    tell(&b, EVENT_EXIT);
    expect(&b, BOT_NOTIFICATION, 888, 1);
    bench_deinit(&b);
}
