/* Covers: the whole of notify against a real journal and a fake sink: delivery and order, lanes,
 * durable resume (also after kills at random moments), splitting, photo captions, callbacks,
 * superseded edits, limits on a manual clock, 429 rules, network back-off, bot down, plain
 * fallback, possibly-repeated mark, suspended chats, migration, memory window, fairness. */
#include "notify_support.h"

#include <sys/wait.h>

TestSuite(notify, .timeout = 60);

Test(notify, delivers_replies_in_order_with_everything_they_carry)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    struct reply r;
    reply_init(&r);
    r.bot = BOT_CONTROLLER;
    r.chat_id = 55;
    r.thread_id = 4;
    r.reply_to = 9;
    r.html = xstrdup("<b>one</b>");
    r.keyboard_json = xstrdup("[]");
    snprintf(r.callback_id, sizeof(r.callback_id), "cb1");
    cr_assert_eq(journal_begin(b.journal), 0);
    put_reply_row(&b, &r);
    cr_assert_eq(journal_commit(b.journal), 0);
    reply_deinit(&r);
    put_reply(&b, 55, "two");
    turns_until_empty(&b, 20);
    cr_assert_eq(b.sink.sent_count, 2);
    cr_assert_eq(b.sink.log[0].bot, BOT_CONTROLLER);
    cr_assert_eq(b.sink.log[0].thread_id, 4);
    cr_assert_eq(b.sink.log[0].reply_to, 9);
    cr_assert_str_eq(b.sink.log[0].callback, "cb1");
    cr_assert(b.sink.log[0].has_keyboard);
    cr_assert_str_eq(b.sink.log[1].html, "two");
    bench_deinit(&b);
}

Test(notify, resumes_from_its_watermark_without_telling_anything_twice)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    put_reply(&b, 55, "one");
    turns_until_empty(&b, 20);
    bench_close(&b);
    put_reply(&b, 55, "two");
    bench_open(&b);
    turns_until_empty(&b, 20);
    cr_assert_eq(b.sink.sent_count, 2);
    cr_assert_str_eq(b.sink.log[1].html, "two");
    bench_deinit(&b);
}

Test(notify, keeps_what_was_not_sent_over_a_restart)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    b.sink.hold = true;
    put_reply(&b, 55, "one");
    put_reply(&b, 55, "two");
    turns(&b, 3);
    bench_close(&b);
    b.sink.hold = false;
    b.sink.sent_count = 0;
    bench_open(&b);
    turns_until_empty(&b, 20);
    cr_assert_eq(b.sink.sent_count, 2);
    cr_assert(b.sink.log[0].maybe, "the first was in flight when the process ended");
    cr_assert_str_eq(b.sink.log[0].html, "<i>(possibly repeated)</i>\none");
    cr_assert_str_eq(b.sink.log[1].html, "two");
    bench_deinit(&b);
}

/* ---- kills ---- */

#define KILL_CHATS    5
#define KILL_MESSAGES 400

/* The child writes every message the sink took to the pipe, one write each, before it is confirmed.
 */
static int kill_pipe;
static int steps_to_live;

/* Called between the steps of routing (inside the transaction), sending and confirming. */
static void die_maybe(void)
{
    if (--steps_to_live <= 0)
        _exit(0); /* no handler, no flush: as good as a kill */
}

static char **split_or_die(const char *html, bool is_caption, size_t *ret_count)
{
    die_maybe();
    return fake_split(html, is_caption, ret_count);
}

static enum sink_result send_or_die(void *ctx, const struct notify_message *m, bool plain)
{
    die_maybe();
    return fake_send(ctx, m, plain);
}

static struct answer answer_to_pipe(struct fake_sink *s, const struct sent *m)
{
    clock_manual_advance_us(s->clock, 1000); /* a message takes a millisecond */
    char line[64];
    int n = snprintf(line, sizeof(line), "%lld %s\n", (long long)m->chat_id,
                     m->html + (m->maybe ? strlen("<i>(possibly repeated)</i>\n") : 0));
    if (write(kill_pipe, line, (size_t)n) != n)
        _exit(9);
    die_maybe();
    return (struct answer){.result = SINK_SENT};
}

static void child_run(struct bench *b, int steps)
{
    static struct sink_ops ops;
    ops = fake_ops;
    ops.split = split_or_die;
    ops.send = send_or_die;
    b->opt.sink = &ops;
    steps_to_live = steps;
    b->journal = NULL; /* the parent's; this process only reads */
    b->sink.answer = answer_to_pipe;
    b->sink.room = 3;
    b->opt.limits_off = true;
    bench_open(b);
    for (int i = 0; i < 3000; i++)
        notify_turn(b->n, 0);
    _exit(0);
}

Test(notify, loses_nothing_and_keeps_order_when_killed_at_any_step)
{
    struct bench b;
    bench_init(&b);
    for (int i = 0; i < KILL_MESSAGES; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i / KILL_CHATS);
        put_reply(&b, 1000 + i % KILL_CHATS, text);
    }
    b.journal = journal_close(b.journal); /* SQLite handles do not cross fork */
    int fds[2];
    cr_assert_eq(pipe(fds), 0);
    kill_pipe = fds[1];
    struct rng rng;
    rng_seed(&rng, 4711);
    for (int run = 0; run < 60; run++) {
        int steps = run == 59 ? INT32_MAX : (int)rng_between(&rng, 1, run % 2 == 0 ? 40 : 400);
        pid_t pid = fork();
        if (pid == 0)
            child_run(&b, steps);
        int status = 0;
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    close(fds[1]);
    FILE *in = fdopen(fds[0], "r");
    int last[KILL_CHATS];
    int repeats = 0;
    for (int i = 0; i < KILL_CHATS; i++)
        last[i] = -1;
    long long chat = 0;
    int number = 0;
    while (fscanf(in, "%lld %d", &chat, &number) == 2) {
        int *seen = &last[chat - 1000];
        cr_assert(number <= *seen + 1, "message %d of chat %lld came after %d", number, chat,
                  *seen);
        repeats += number <= *seen;
        *seen = number > *seen ? number : *seen;
    }
    for (int i = 0; i < KILL_CHATS; i++)
        cr_assert_eq(last[i], KILL_MESSAGES / KILL_CHATS - 1);
    cr_assert_leq(repeats, 60 * 6, "%d repeats: bounded by what each kill left unconfirmed",
                  repeats);
    fclose(in);
    cr_assert_eq(journal_open(b.journal_path, &b.journal), 0);
    bench_deinit(&b);
}

/* ---- content ---- */

Test(notify, splits_long_replies_into_consecutive_messages_with_the_keyboard_last)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    struct reply r;
    reply_init(&r);
    r.bot = BOT_CONTROLLER;
    r.chat_id = 55;
    r.edit_message_id = 77;
    r.keyboard_json = xstrdup("[]");
    r.html = xalloc(251);
    memset(r.html, 'x', 250);
    cr_assert_eq(journal_begin(b.journal), 0);
    put_reply_row(&b, &r);
    cr_assert_eq(journal_commit(b.journal), 0);
    reply_deinit(&r);
    turns_until_empty(&b, 20);
    cr_assert_eq(b.sink.sent_count, 3);
    cr_assert_eq(strlen(b.sink.log[0].html), 100);
    cr_assert_eq(strlen(b.sink.log[2].html), 50);
    cr_assert_eq(b.sink.log[0].edit_id, 77, "the first piece edits");
    cr_assert_eq(b.sink.log[1].edit_id, 0);
    cr_assert(!b.sink.log[0].has_keyboard && !b.sink.log[1].has_keyboard);
    cr_assert(b.sink.log[2].has_keyboard);
    bench_deinit(&b);
}

static void put_photo(struct bench *b, const char *caption)
{
    struct reply r;
    reply_init(&r);
    r.bot = BOT_ANALYTICS;
    r.chat_id = 55;
    snprintf(r.photo_path, sizeof(r.photo_path), "charts/1.png");
    r.html = xstrdup(caption);
    cr_assert_eq(journal_begin(b->journal), 0);
    put_reply_row(b, &r);
    cr_assert_eq(journal_commit(b->journal), 0);
    reply_deinit(&r);
}

Test(notify, sends_a_photo_with_its_caption_or_the_text_after_it)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    put_photo(&b, "short");
    put_photo(&b, "a caption that is too long for one");
    turns_until_empty(&b, 20);
    cr_assert_eq(b.sink.sent_count, 3);
    cr_assert_str_eq(b.sink.log[0].photo, "charts/1.png");
    cr_assert_str_eq(b.sink.log[0].html, "short");
    cr_assert_str_eq(b.sink.log[1].photo, "charts/1.png");
    cr_assert_str_eq(b.sink.log[1].html, "");
    cr_assert_str_eq(b.sink.log[2].photo, "");
    cr_assert_str_eq(b.sink.log[2].html, "a caption that is too long for one");
    bench_deinit(&b);
}

static void put_edit(struct bench *b, int64_t message_id, const char *html, const char *callback)
{
    struct reply r;
    reply_init(&r);
    r.bot = BOT_CONTROLLER;
    r.chat_id = 55;
    r.edit_message_id = message_id;
    r.html = html != NULL ? xstrdup(html) : NULL;
    snprintf(r.callback_id, sizeof(r.callback_id), "%s", callback);
    cr_assert_eq(journal_begin(b->journal), 0);
    put_reply_row(b, &r);
    cr_assert_eq(journal_commit(b->journal), 0);
    reply_deinit(&r);
}

Test(notify, drops_an_edit_that_a_newer_one_supersedes_but_answers_its_callback)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    put_edit(&b, 7, "old", "");
    put_edit(&b, 7, "older with button", "cb");
    put_edit(&b, 7, "new", "");
    put_edit(&b, 8, "other message", "");
    put_edit(&b, 0, NULL, "cb2");
    turns_until_empty(&b, 20);
    cr_assert_eq(b.sink.sent_count, 4);
    cr_assert_str_eq(b.sink.log[0].callback, "cb");
    cr_assert_str_eq(b.sink.log[0].html, "");
    cr_assert_str_eq(b.sink.log[1].html, "new");
    cr_assert_str_eq(b.sink.log[2].html, "other message");
    cr_assert_str_eq(b.sink.log[3].callback, "cb2");
    bench_deinit(&b);
}

/* ---- lanes and limits ---- */

Test(notify, lets_replies_overtake_notifications_and_alarms_overtake_all)
{
    struct bench b;
    bench_init(&b);
    b.opt.bot_present[BOT_NOTIFICATION] = b.opt.bot_present[BOT_ANALYTICS] = false;
    b.opt.target_count = 1;
    bench_open(&b);
    struct event low = make_event(EVENT_STATE_CHANGED);
    struct event high = make_event(EVENT_PAUSED);
    struct event critical = make_event(EVENT_EMERGENCY_STOP);
    put_event(&b, &low);
    put_event(&b, &high);
    put_reply(&b, ADMIN_CHAT, "reply");
    put_event(&b, &critical);
    turns_until_empty(&b, 40);
    cr_assert_eq(b.sink.sent_count, 4);
    static const enum notify_lane want[] = {NOTIFY_LANE_ALARM, NOTIFY_LANE_REPLY, NOTIFY_LANE_HIGH,
                                            NOTIFY_LANE_LOW};
    for (int i = 0; i < 4; i++)
        cr_assert_eq(b.sink.log[i].lane, want[i], "place %d", i);
    bench_deinit(&b);
}

Test(notify, paces_a_private_chat_to_one_a_second_with_a_burst_of_three)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    for (int i = 0; i < 6; i++)
        put_reply(&b, 55, "x");
    int64_t start = clock_mono_us(b.clock);
    turns_until_empty(&b, 100);
    static const int64_t least[] = {0, 0, 0, 1000000, 2000000, 3000000};
    for (int i = 0; i < 6; i++) {
        int64_t at = b.sink.log[i].at_us - start;
        cr_assert(at >= least[i] && at < least[i] + 300000, "message %d at %lld", i, (long long)at);
    }
    bench_deinit(&b);
}

Test(notify, sends_at_most_twenty_messages_a_minute_to_a_group)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    for (int i = 0; i < 60; i++)
        put_reply(&b, -100123, "x");
    turns_until_empty(&b, 2000);
    cr_assert_eq(b.sink.sent_count, 60);
    for (size_t i = 20; i < 60; i++)
        cr_assert_geq(b.sink.log[i].at_us - b.sink.log[i - 20].at_us, 60 * 1000000 - 1000);
    bench_deinit(&b);
}

Test(notify, sends_at_most_thirty_messages_a_second_by_one_bot)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    for (int i = 0; i < 200; i++)
        put_reply(&b, 5000 + i, "x");
    turns_until_empty(&b, 2000);
    cr_assert_eq(b.sink.sent_count, 200);
    for (size_t i = 30; i < 200; i++)
        cr_assert_geq(b.sink.log[i].at_us - b.sink.log[i - 30].at_us, 1000000 - 1000);
    cr_assert_leq(b.sink.log[199].at_us - b.sink.log[0].at_us, 9 * 1000000);
    bench_deinit(&b);
}

/* ---- 429 and failures ---- */

static int floods_left;
static int64_t flood_ms;
static int64_t flood_chat;
static struct answer answer_flood(struct fake_sink *s, const struct sent *m)
{
    (void)s;
    if (floods_left > 0 && (flood_chat == 0 || m->chat_id == flood_chat)) {
        floods_left--;
        return (struct answer){.result = SINK_RETRY, .retry_ms = flood_ms};
    }
    return (struct answer){.result = SINK_SENT};
}

Test(notify, obeys_retry_after_exactly_and_sends_the_same_message_once_more)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    floods_left = 1;
    flood_ms = 7000;
    flood_chat = 55;
    b.sink.answer = answer_flood;
    put_reply(&b, 55, "a");
    put_reply(&b, 55, "b");
    put_reply(&b, 56, "other");
    turns_until_empty(&b, 100);
    cr_assert_eq(count_sent(&b, BOT_UNSET, 55), 3);
    int64_t first = b.sink.log[0].at_us;
    cr_assert_str_eq(b.sink.log[1].html, "other", "another chat goes on");
    cr_assert_lt(b.sink.log[1].at_us - first, 1000000);
    cr_assert_str_eq(b.sink.log[2].html, "a");
    cr_assert_geq(b.sink.log[2].at_us - first, 7000000);
    cr_assert_lt(b.sink.log[2].at_us - first, 7100000);
    struct notify_stats st;
    notify_get_stats(b.n, &st);
    cr_assert_eq(st.flood_waits, 1);
    bench_deinit(&b);
}

Test(notify, pauses_the_whole_bot_when_two_chats_are_flooded_within_a_second)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    floods_left = 2;
    flood_ms = 30000;
    flood_chat = 0;
    b.sink.answer = answer_flood;
    b.sink.room = 2;
    put_reply(&b, 55, "a");
    put_reply(&b, 56, "b");
    turns(&b, 3);
    put_reply(&b, 57, "c");
    turns_until_empty(&b, 200);
    cr_assert_eq(b.sink.sent_count, 5);
    for (int i = 2; i < 5; i++)
        cr_assert_geq(b.sink.log[i].at_us - b.sink.log[1].at_us, 30000000 - 1000);
    bench_deinit(&b);
}

Test(notify, survives_a_day_of_429_with_bounded_memory)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    floods_left = 1;
    flood_ms = INT64_C(24) * 3600 * 1000;
    flood_chat = 55;
    b.sink.answer = answer_flood;
    cr_assert_eq(journal_begin(b.journal), 0);
    for (int i = 0; i < 3000; i++) {
        struct reply r;
        reply_init(&r);
        r.bot = BOT_CONTROLLER;
        r.chat_id = 55;
        r.html = xasprintf("%d", i);
        put_reply_row(&b, &r);
        reply_deinit(&r);
    }
    cr_assert_eq(journal_commit(b.journal), 0);
    turns(&b, 50);
    cr_assert_leq(schedule_loaded(b.n->schedule), SCHEDULE_ROWS_MAX);
    int64_t first = b.sink.log[0].at_us;
    while (b.sink.sent_count < 2)
        notify_turn(b.n, 3600 * 1000);
    cr_assert_geq(b.sink.log[1].at_us - first, flood_ms * 1000);
    turns_until_empty(&b, 20000);
    cr_assert_eq(b.sink.sent_count, 3001);
    for (int i = 0; i < 3000; i++)
        cr_assert_eq(atoi(b.sink.log[i + 1].html), i);
    bench_deinit(&b);
}

static int64_t outage_until_us;
static struct answer answer_outage(struct fake_sink *s, const struct sent *m)
{
    (void)m;
    return (struct answer){.result =
                               clock_mono_us(s->clock) < outage_until_us ? SINK_RETRY : SINK_SENT};
}

Test(notify, loses_nothing_in_an_hour_of_outage_and_does_not_storm)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    outage_until_us = clock_mono_us(b.clock) + HOUR_US;
    b.sink.answer = answer_outage;
    for (int i = 0; i < 300; i++)
        put_reply(&b, 5000 + i, "x");
    while (clock_mono_us(b.clock) < outage_until_us)
        notify_turn(b.n, 1000);
    size_t tries = b.sink.sent_count;
    cr_assert_lt(tries, 400, "one probe at a time: %zu tries", tries);
    turns_until_empty(&b, 2000);
    size_t sent = 0;
    for (size_t i = 0; i < b.sink.sent_count; i++)
        sent += b.sink.log[i].result == SINK_SENT;
    cr_assert_eq(sent, 300);
    cr_assert_lt(clock_mono_us(b.clock) - outage_until_us, 100 * INT64_C(1000000));
    bench_deinit(&b);
}

static struct answer answer_maybe(struct fake_sink *s, const struct sent *m)
{
    (void)s;
    return (struct answer){.result = m->attempts == 0 ? SINK_RETRY_MAYBE : SINK_SENT};
}

Test(notify, marks_a_message_that_may_have_arrived_before)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    b.sink.answer = answer_maybe;
    put_reply(&b, 55, "filled");
    turns_until_empty(&b, 100);
    cr_assert_eq(b.sink.sent_count, 2);
    cr_assert_str_eq(b.sink.log[0].html, "filled");
    cr_assert_str_eq(b.sink.log[1].html, "<i>(possibly repeated)</i>\nfilled");
    bench_deinit(&b);
}

static struct answer answer_plain(struct fake_sink *s, const struct sent *m)
{
    (void)s;
    bool hopeless = strcmp(m->html, "hopeless") == 0;
    return (struct answer){.result = m->plain && !hopeless ? SINK_SENT : SINK_PLAIN};
}

Test(notify, falls_back_to_plain_text_once)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    b.sink.answer = answer_plain;
    put_reply(&b, 55, "<b>broken");
    put_reply(&b, 56, "hopeless");
    turns_until_empty(&b, 100);
    cr_assert_eq(count_sent(&b, BOT_UNSET, 55), 2);
    cr_assert_eq(count_sent(&b, BOT_UNSET, 56), 2);
    struct notify_stats st;
    notify_get_stats(b.n, &st);
    cr_assert_eq(st.dropped, 1);
    cr_assert_eq(st.sent, 1);
    bench_deinit(&b);
}

static struct answer answer_bot_down(struct fake_sink *s, const struct sent *m)
{
    bool down = m->bot == BOT_CONTROLLER && clock_mono_us(s->clock) < outage_until_us;
    return (struct answer){.result = down ? SINK_BOT_DOWN : SINK_SENT, .retry_ms = 60000};
}

Test(notify, keeps_the_queue_of_a_bot_that_is_down_while_the_others_go_on)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    outage_until_us = clock_mono_us(b.clock) + HOUR_US;
    b.sink.answer = answer_bot_down;
    put_reply(&b, 55, "reply");
    struct event e = make_event(EVENT_ENTRY);
    put_event(&b, &e);
    turns(&b, 10);
    cr_assert_eq(count_sent(&b, BOT_NOTIFICATION, 0), 4);
    turns_until_empty(&b, 8000);
    size_t tries = count_sent(&b, BOT_CONTROLLER, 55);
    cr_assert(tries >= 60 && tries <= 62, "one try a minute, not %zu an hour", tries);
    bench_deinit(&b);
}

/* ---- chats ---- */

static int64_t gone_chat;
static struct answer answer_gone(struct fake_sink *s, const struct sent *m)
{
    (void)s;
    return (struct answer){.result = m->chat_id == gone_chat ? SINK_CHAT_GONE : SINK_SENT};
}

Test(notify, suspends_a_chat_that_is_gone_until_it_is_alive_again)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    gone_chat = 55;
    b.sink.answer = answer_gone;
    for (int i = 0; i < 20; i++)
        put_reply(&b, 55, "x");
    put_reply(&b, 56, "other");
    turns_until_empty(&b, 100);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, 55), 1, "no retries");
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, 56), 1);
    cr_assert_eq(count_sent(&b, BOT_NOTIFICATION, ADMIN_CHAT), 1, "the operator is told");
    struct notify_stats st;
    notify_get_stats(b.n, &st);
    cr_assert_eq(st.suspended_chats, 1);
    cr_assert_eq(st.dropped, 20);
    bench_close(&b);
    bench_open(&b); /* the suspension is durable */
    put_reply(&b, 55, "still gone");
    turns(&b, 5);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, 55), 1);
    gone_chat = 0;
    notify_chat_alive(b.n, BOT_CONTROLLER, 55);
    turns(&b, 3);
    put_reply(&b, 55, "back");
    turns_until_empty(&b, 100);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, 55), 2);
    bench_deinit(&b);
}

#define OLD_GROUP (-4000)
#define NEW_GROUP INT64_C(-1001234567890)
static struct answer answer_migrated(struct fake_sink *s, const struct sent *m)
{
    (void)s;
    if (m->chat_id == OLD_GROUP)
        return (struct answer){.result = SINK_MIGRATED, .migrate_to = NEW_GROUP};
    return (struct answer){.result = SINK_SENT};
}

Test(notify, follows_a_group_that_became_a_supergroup)
{
    struct bench b;
    bench_init(&b);
    b.targets[3].chat_id = OLD_GROUP;
    b.opt.limits_off = true;
    bench_open(&b);
    b.sink.answer = answer_migrated;
    for (int i = 0; i < 20; i++) {
        char text[8];
        snprintf(text, sizeof(text), "%d", i);
        put_reply(&b, OLD_GROUP, text);
    }
    turns_until_empty(&b, 200);
    cr_assert_eq(count_sent(&b, BOT_UNSET, OLD_GROUP), 1);
    cr_assert_eq(count_sent(&b, BOT_UNSET, NEW_GROUP), 20);
    for (size_t i = 0; i < 20; i++)
        cr_assert_eq(atoi(b.sink.log[i + 1].html), (int)i, "in order, none doubled");
    bench_close(&b);
    bench_open(&b); /* configuration still names the old id */
    put_reply(&b, OLD_GROUP, "reply");
    struct event e = make_event(EVENT_ENTRY);
    put_event(&b, &e);
    turns_until_empty(&b, 50);
    cr_assert_eq(count_sent(&b, BOT_UNSET, OLD_GROUP), 1);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, NEW_GROUP), 21);
    cr_assert_eq(count_sent(&b, BOT_NOTIFICATION, NEW_GROUP), 1);
    bench_deinit(&b);
}

Test(notify, migrates_by_a_service_message_while_rows_wait_on_disk)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    for (int i = 0; i < 30; i++)
        put_reply(&b, OLD_GROUP, "x");
    turns(&b, 2);
    size_t before = count_sent(&b, BOT_UNSET, OLD_GROUP);
    notify_chat_migrated(b.n, OLD_GROUP, NEW_GROUP);
    turns_until_empty(&b, 500);
    cr_assert_eq(count_sent(&b, BOT_UNSET, OLD_GROUP), before);
    cr_assert_eq(count_sent(&b, BOT_UNSET, NEW_GROUP), 30 - before);
    bench_deinit(&b);
}

/* ---- memory and fairness ---- */

Test(notify, keeps_a_bounded_window_of_twenty_thousand_rows_in_memory)
{
    struct bench b;
    bench_init(&b);
    b.opt.limits_off = true;
    bench_open(&b);
    b.sink.hold = true;
    cr_assert_eq(journal_begin(b.journal), 0);
    for (int i = 0; i < 20000; i++) {
        struct reply r;
        reply_init(&r);
        r.bot = BOT_CONTROLLER;
        r.chat_id = 1 + i % 100;
        r.html = xasprintf("%d", i / 100);
        put_reply_row(&b, &r);
        reply_deinit(&r);
    }
    cr_assert_eq(journal_commit(b.journal), 0);
    for (int i = 0; i < 120; i++) {
        notify_turn(b.n, 1000);
        cr_assert_leq(schedule_loaded(b.n->schedule), SCHEDULE_ROWS_MAX + b.opt.max_in_flight);
    }
    struct notify_stats st;
    notify_get_stats(b.n, &st);
    cr_assert_eq(st.outbox_rows, 20000);
    b.sink.hold = false;
    turns_until_empty(&b, 5000);
    cr_assert_eq(b.sink.sent_count, 20000);
    int next[101] = {0};
    for (size_t i = 0; i < b.sink.sent_count; i++)
        cr_assert_eq(atoi(b.sink.log[i].html), next[b.sink.log[i].chat_id]++,
                     "order within a chat");
    bench_deinit(&b);
}

Test(notify, serves_ten_thousand_chats_without_starving_one)
{
    struct bench b;
    bench_init(&b);
    b.opt.limits_off = true;
    bench_open(&b);
    for (int round = 0; round < 2; round++) {
        cr_assert_eq(journal_begin(b.journal), 0);
        for (int i = 0; i < 10000; i++) {
            struct reply r;
            reply_init(&r);
            r.bot = BOT_CONTROLLER;
            r.chat_id = 1 + i;
            r.html = xstrdup("x");
            put_reply_row(&b, &r);
            reply_deinit(&r);
        }
        cr_assert_eq(journal_commit(b.journal), 0);
    }
    notify_on_commit(b.n, 0);
    turns_until_empty(&b, 5000);
    cr_assert_eq(b.sink.sent_count, 20000);
    cr_assert_leq(b.sink.most_waiting, 32);
    bench_deinit(&b);
}
