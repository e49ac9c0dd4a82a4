/* Covers: what notify does besides delivering: legacy mirror with its hour of retries, alarms from
 * memory, an outbox that cannot be written, and stopping with and without time to empty the outbox.
 */
#include "notify_support.h"

TestSuite(lifecycle, .timeout = 60);

static char mirrored[4][64], mirror_keys[4][64];
static int mirror_calls;
static bool mirror_fails;
static struct bench *mirror_bench;

static bool on_mirror(void *ctx, int64_t id, const char *key, const char *line)
{
    (void)ctx;
    (void)id;
    snprintf(mirrored[mirror_calls % 4], sizeof(mirrored[0]), "%s", line);
    snprintf(mirror_keys[mirror_calls % 4], sizeof(mirror_keys[0]), "%s", key);
    mirror_calls++;
    if (mirror_fails)
        return false;
    struct fake_sink *s = &mirror_bench->sink;
    s->log[s->sent_count] = (struct sent){.id = id};
    s->waiting[s->waiting_count++] = s->sent_count++;
    return true;
}

Test(lifecycle, mirrors_commands_and_gives_up_after_an_hour_with_an_alarm)
{
    struct bench b;
    bench_init(&b);
    mirror_bench = &b;
    mirror_calls = 0;
    mirror_fails = false;
    b.opt.mirror = on_mirror;
    bench_open(&b);
    struct event e = make_event(EVENT_COMMAND_MIRROR);
    snprintf(e.text, sizeof(e.text), "pause");
    put_event(&b, &e);
    turns_until_empty(&b, 50);
    cr_assert_eq(mirror_calls, 1);
    cr_assert_str_eq(mirrored[0], "pause");
    cr_assert(str_starts(mirror_keys[0], "main-1-"), "%s", mirror_keys[0]);
    cr_assert_eq(b.sink.sent_count, 1);
    mirror_fails = true;
    put_event(&b, &e);
    int64_t start = clock_mono_us(b.clock);
    turns_until_empty(&b, 20000);
    int64_t took = clock_mono_us(b.clock) - start;
    cr_assert(took > HOUR_US - 5 * INT64_C(1000000) && took < HOUR_US + 2 * INT64_C(1000000));
    cr_assert_geq(mirror_calls, 3590, "asked again every second at most");
    cr_assert_str_eq(mirror_keys[1], mirror_keys[2], "the same one under the same key");
    cr_assert_str_neq(mirror_keys[1], "", "");
    turns(&b, 5);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, ADMIN_CHAT), 1);
    cr_assert_not_null(strstr(b.sink.log[b.sink.sent_count - 1].html, "pause"));
    bench_deinit(&b);
}

/* Two commands of one row are two; a row that is routed again gives the same keys. */
Test(lifecycle, keys_of_mirrored_commands_come_from_the_journal)
{
    struct bench b;
    bench_init(&b);
    mirror_bench = &b;
    mirror_calls = 0;
    mirror_fails = false;
    b.opt.mirror = on_mirror;
    bench_open(&b);
    struct outputs o;
    outputs_init(&o);
    struct event e = make_event(EVENT_COMMAND_MIRROR);
    snprintf(e.text, sizeof(e.text), "pause");
    outputs_add_event(&o, &e);
    snprintf(e.text, sizeof(e.text), "shadow_mode plugin_only");
    outputs_add_event(&o, &e);
    cr_assert_eq(journal_begin(b.journal), 0);
    journal_put(&b, &o);
    cr_assert_eq(journal_commit(b.journal), 0);
    outputs_deinit(&o);
    notify_on_commit(b.n, 0);
    turns_until_empty(&b, 50);
    cr_assert_eq(mirror_calls, 2);
    cr_assert_str_eq(mirrored[1], "shadow_mode plugin_only");
    cr_assert_str_neq(mirror_keys[0], mirror_keys[1]);
    char first[64];
    snprintf(first, sizeof(first), "%s", mirror_keys[0]);
    bench_close(&b);
    cr_assert_eq(unlink(b.db), 0); /* lost: made anew from the journal */
    bench_open(&b);
    turns_until_empty(&b, 50);
    cr_assert_eq(mirror_calls, 4);
    cr_assert_str_eq(mirror_keys[2], first);
    bench_deinit(&b);
}

/* The program was down meanwhile, or the queue before it was long. */
Test(lifecycle, a_command_of_an_hour_ago_is_not_given_to_the_old_bot_any_more)
{
    struct bench b;
    bench_init(&b);
    mirror_bench = &b;
    mirror_calls = 0;
    mirror_fails = false;
    b.opt.mirror = on_mirror;
    bench_open(&b);
    struct event e = make_event(EVENT_COMMAND_MIRROR);
    snprintf(e.text, sizeof(e.text), "closeall");
    e.time_ms = WALL_MS - 3600 * 1000;
    put_event(&b, &e);
    e.time_ms = WALL_MS - 3600 * 1000 + 60000;
    put_event(&b, &e);
    turns_until_empty(&b, 50);
    turns(&b, 5);
    cr_assert_eq(mirror_calls, 1, "the younger one");
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, ADMIN_CHAT), 1, "admins hear of the other");
    bench_deinit(&b);
}

Test(lifecycle, nothing_is_mirrored_to_an_old_bot_that_is_retired)
{
    struct bench b;
    bench_init(&b);
    mirror_bench = &b;
    mirror_calls = 0;
    mirror_fails = false;
    b.opt.mirror = on_mirror;
    bench_open(&b);
    notify_set_legacy_retired(b.n, true);
    struct event e = make_event(EVENT_COMMAND_MIRROR);
    snprintf(e.text, sizeof(e.text), "pause");
    put_event(&b, &e);
    turns_until_empty(&b, 50);
    cr_assert_eq(mirror_calls, 0);
    struct event back = make_event(EVENT_LEGACY_RESTORED);
    put_event(&b, &back);
    put_event(&b, &e);
    turns_until_empty(&b, 50);
    cr_assert_eq(mirror_calls, 1);
    bench_deinit(&b);
}

Test(lifecycle, sends_alarms_from_memory_to_admins_on_every_bot)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    notify_alarm(b.n, "journal <broken>");
    turns(&b, 5);
    cr_assert_eq(b.sink.sent_count, 3);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(b.sink.log[i].chat_id, ADMIN_CHAT);
        cr_assert_str_eq(b.sink.log[i].html, "🚨 journal &lt;broken&gt;");
    }
    struct notify_stats st;
    notify_get_stats(b.n, &st);
    cr_assert_eq(st.outbox_rows, 0);
    bench_deinit(&b);
}

Test(lifecycle, routes_nothing_while_the_outbox_cannot_be_written_and_catches_up)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    turns(&b, 3);
    /* Another process holds the write lock: as good as a full disk. */
    struct outbox *other = NULL;
    cr_assert_eq(outbox_open(b.db, &other), 0);
    cr_assert_eq(outbox_begin(other), 0);
    put_reply(&b, 55, "x");
    turns(&b, 2);
    cr_assert_eq(count_sent(&b, BOT_UNSET, 55), 0);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, ADMIN_CHAT), 1, "admins hear of it once");
    outbox_rollback(other);
    outbox_close(other);
    turns_until_empty(&b, 50);
    cr_assert_eq(count_sent(&b, BOT_UNSET, 55), 1);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, ADMIN_CHAT), 1);
    bench_deinit(&b);
}

Test(lifecycle, a_journal_from_a_backup_is_told_from_its_own_rows)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    for (int i = 0; i < 3; i++)
        put_reply(&b, 55, "before");
    turns_until_empty(&b, 50);
    bench_close(&b);
    b.journal = journal_close(b.journal);
    cr_assert_eq(unlink(b.journal_path), 0);
    cr_assert_eq(journal_open(b.journal_path, &b.journal), 0);
    put_reply(&b, 66, "after");
    bench_open(&b);
    turns_until_empty(&b, 50);
    cr_assert_eq(count_sent(&b, BOT_UNSET, 66), 1);
    put_reply(&b, 66, "and on");
    turns_until_empty(&b, 50);
    cr_assert_eq(count_sent(&b, BOT_UNSET, 66), 2);
    bench_deinit(&b);
}

/* The thread with the real clock. */
static struct answer answer_slow(struct fake_sink *s, const struct sent *m)
{
    (void)s;
    (void)m;
    return (struct answer){.result = SINK_SENT};
}

static void real_run(void *ctx, int wait_ms)
{
    struct timespec t = {0, (wait_ms < 2 ? wait_ms : 2) * 1000000L};
    nanosleep(&t, NULL);
    ((struct fake_sink *)ctx)->keep_time = true;
    fake_run(ctx, wait_ms);
}

Test(lifecycle, empties_the_outbox_on_stop_and_leaves_the_rest_on_disk_at_the_deadline)
{
    struct bench b;
    bench_init(&b);
    struct sink_ops ops = fake_ops;
    ops.run = real_run;
    b.opt.sink = &ops;
    clock_free(b.clock);
    b.clock = b.opt.clock = b.sink.clock = clock_real();
    b.sink.answer = answer_slow;
    bench_open(&b);
    cr_assert_eq(notify_start(b.n), 0);
    for (int i = 0; i < 50; i++)
        put_reply(&b, 55 + i, "x");
    notify_stop(b.n, 5000);
    struct notify_stats st;
    notify_get_stats(b.n, &st);
    cr_assert_lt(b.sink.sent_count, 51);
    bench_close(&b);
    b.opt.limits_off = true;
    bench_open(&b);
    cr_assert_eq(notify_start(b.n), 0);
    notify_stop(b.n, 5000);
    cr_assert_eq(b.sink.sent_count, 50);
    bench_close(&b);
    put_reply(&b, 55, "held");
    b.sink.hold = true;
    bench_open(&b);
    cr_assert_eq(notify_start(b.n), 0);
    int64_t start = clock_mono_us(b.clock);
    notify_stop(b.n, 100);
    cr_assert_lt(clock_mono_us(b.clock) - start, 1000000);
    bench_close(&b);
    b.sink.hold = false;
    bench_open(&b);
    cr_assert_eq(notify_start(b.n), 0);
    notify_stop(b.n, 5000);
    cr_assert_eq(b.sink.sent_count, 52);
    cr_assert(b.sink.log[51].maybe, "it was in flight at the deadline");
    bench_deinit(&b);
}
