/* The thread that keeps a strategy's program running: the table of its states; alerts come back
 * with the decision, or with a reason in time when the program hangs, dies, talks nonsense, decides
 * for an unknown symbol or off the step; it is started again and then answers; faults nobody's
 * alert is concerned by are told once, and that it works again; off it refuses; a full queue is
 * said at once; what waits at a stop is given back without an answer; a worn program is replaced
 * unnoticed. A reload: the program of the file takes over when it speaks the protocol, else the old
 * one goes on; one that is off stays off; without a valid file nothing happens. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "core/alloc.h"
#include "core/mutex.h"
#include "outside/supervisor.h"

#define PATIENCE_US INT64_C(30000000)
#define BACK_MAX    128

struct bench {
    struct outside_conf conf;
    struct outside_conf file; /* what a reload reads */
    bool has_file;
    struct supervisor *s;
    struct mutex lock;
    struct cond changed;
    struct input *back[BACK_MAX];
    size_t back_count;
    struct event notices[16];
    size_t notice_count;
};

static void on_answer(void *ctx, struct input *in)
{
    struct bench *b = ctx;
    mutex_lock(&b->lock);
    cr_assert_lt(b->back_count, BACK_MAX);
    b->back[b->back_count++] = in;
    cond_broadcast(&b->changed);
    mutex_unlock(&b->lock);
}

static void on_notice(void *ctx, const struct event *e)
{
    struct bench *b = ctx;
    mutex_lock(&b->lock);
    if (b->notice_count < TR_ARRAY_SIZE(b->notices))
        b->notices[b->notice_count++] = *e;
    cond_broadcast(&b->changed);
    mutex_unlock(&b->lock);
}

static bool read_conf(void *ctx, const char *plugin, struct outside_conf *ret)
{
    struct bench *b = ctx;
    cr_assert_str_eq(plugin, "outside_1");
    *ret = b->file;
    return b->has_file;
}

static struct bench *open_bench_with(const char *mode, int deadline_ms, int cpu_s)
{
    struct bench *b = xalloc(sizeof(*b));
    (void)signal(SIGPIPE, SIG_IGN);
    mutex_init(&b->lock);
    cond_init(&b->changed);
    b->conf = (struct outside_conf){.memory_bytes = 268435456,
                                    .cpu_s = cpu_s,
                                    .deadline_ms = deadline_ms,
                                    .max_lot_e8 = DEC_ONE,
                                    .arg_count = 1};
    (void)str_copy(b->conf.path, sizeof(b->conf.path), ROGUE_PLUGIN);
    (void)str_copy(b->conf.args[0], OUTSIDE_ARG_CAP, mode);
    b->file = b->conf;
    b->has_file = true;
    const struct supervisor_options o = {.plugin = "outside_1",
                                         .trader = "main",
                                         .conf = &b->conf,
                                         .clock = clock_real(),
                                         .on_answer = on_answer,
                                         .on_notice = on_notice,
                                         .read_conf = read_conf,
                                         .ctx = b};
    cr_assert_eq(supervisor_new(&o, &b->s), 0);
    supervisor_set_active(b->s, true);
    return b;
}

static struct bench *open_bench(const char *mode, int deadline_ms)
{
    return open_bench_with(mode, deadline_ms, 20);
}

static void close_bench(struct bench *b)
{
    supervisor_free(b->s);
    for (size_t i = 0; i < b->back_count; i++)
        input_free(b->back[i]);
    cond_deinit(&b->changed);
    mutex_deinit(&b->lock);
    mem_free(b);
}

/* Score 9 is what "fragile" and "sleepy" cannot stand. */
static bool post(struct bench *b, int score, struct input **ret)
{
    struct input *in = input_new(INPUT_SIGNAL);
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = SIGNAL_FORMAT_V3;
    in->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in->signal.side = SIDE_BUY;
    in->signal.score = score;
    (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "EURUSD");
    const struct plugin_snapshot snap = {.now_ms = 1700000000000,
                                         .quote = {108490000, 108500000, 0}};
    if (ret != NULL)
        *ret = in;
    return supervisor_ask(b->s, &b->conf, &snap, in);
}

static void wait_back(struct bench *b, size_t n)
{
    int64_t until_us = clock_mono_us(clock_real()) + PATIENCE_US;
    mutex_lock(&b->lock);
    while (b->back_count < n && cond_wait_until_us(&b->changed, &b->lock, until_us)) {
    }
    cr_assert_geq(b->back_count, n);
    mutex_unlock(&b->lock);
}

static void wait_notices(struct bench *b, size_t n)
{
    int64_t until_us = clock_mono_us(clock_real()) + PATIENCE_US;
    mutex_lock(&b->lock);
    while (b->notice_count < n && cond_wait_until_us(&b->changed, &b->lock, until_us)) {
    }
    cr_assert_geq(b->notice_count, n);
    mutex_unlock(&b->lock);
}

/* Asks and waits; the first reason of the answer. */
static enum reason asked(struct bench *b, int score)
{
    size_t n = b->back_count;
    cr_assert(post(b, score, NULL));
    wait_back(b, n + 1);
    const struct decision *d = b->back[n]->answer;
    cr_assert(d != NULL);
    cr_assert_eq(d->action, DECISION_SKIP);
    cr_expect_str_eq(d->plugin, "outside_1");
    return d->reasons[0];
}

static void expect_reason(const char *mode, int deadline_ms, enum reason want)
{
    struct bench *b = open_bench(mode, deadline_ms);
    int64_t began_us = clock_mono_us(clock_real());
    enum reason r = asked(b, 8);
    cr_expect_eq(r, want, "%s: %s", mode, reason_code(r));
    cr_expect_lt(clock_mono_us(clock_real()) - began_us, PATIENCE_US);
    close_bench(b);
}

Test(supervisor, its_states_follow_the_diagram)
{
    static const enum supervisor_state allowed[][2] = {
        {SUPERVISOR_OFF, SUPERVISOR_WAITING}, {SUPERVISOR_WAITING, SUPERVISOR_RUNNING},
        {SUPERVISOR_WAITING, SUPERVISOR_OFF}, {SUPERVISOR_RUNNING, SUPERVISOR_WAITING},
        {SUPERVISOR_RUNNING, SUPERVISOR_OFF},
    };
    size_t found = 0;
    for (enum supervisor_state a = SUPERVISOR_OFF; a < SUPERVISOR_STATE_COUNT; a++)
        for (enum supervisor_state z = SUPERVISOR_OFF; z < SUPERVISOR_STATE_COUNT; z++)
            found += supervisor_state_may_follow(a, z);
    for (size_t i = 0; i < TR_ARRAY_SIZE(allowed); i++)
        cr_expect(supervisor_state_may_follow(allowed[i][0], allowed[i][1]));
    cr_expect_eq(found, TR_ARRAY_SIZE(allowed));
}

Test(supervisor, an_alert_comes_back_with_the_decision)
{
    expect_reason("good", 5000, REASON_PLUGIN_SKIPPED);
}

Test(supervisor, whatever_it_does_the_alert_comes_back_with_a_reason)
{
    expect_reason("hang", 300, REASON_PLUGIN_TIMEOUT);
    expect_reason("crash", 5000, REASON_PLUGIN_DIED);
    expect_reason("garbage", 5000, REASON_PLUGIN_PROTOCOL);
    expect_reason("wrong_id", 5000, REASON_PLUGIN_PROTOCOL);
    expect_reason("two_lines", 5000, REASON_PLUGIN_PROTOCOL);
    expect_reason("long_line", 5000, REASON_PLUGIN_PROTOCOL);
    expect_reason("unknown_symbol", 5000, REASON_PLUGIN_ANSWER);
    expect_reason("off_step", 5000, REASON_PLUGIN_ANSWER);
}

Test(supervisor, a_program_that_never_comes_up_is_named_in_time)
{
    expect_reason("version", 1500, REASON_PLUGIN_VERSION);
    expect_reason("dies_at_hello", 1500, REASON_PLUGIN_DIED);
    expect_reason("garbage_hello", 1500, REASON_PLUGIN_PROTOCOL);
}

Test(supervisor, after_a_crash_it_is_started_again_and_answers)
{
    struct bench *b = open_bench("fragile", 5000);
    cr_expect_eq(asked(b, 9), REASON_PLUGIN_DIED);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    cr_expect_eq(asked(b, 9), REASON_PLUGIN_DIED);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    cr_expect_eq(b->notices[0].type, EVENT_PLUGIN_LOADED);
    cr_expect_str_eq(b->notices[0].text, "rogue 1.0");
    cr_expect_eq(b->notices[1].type, EVENT_PLUGIN_RELOADED);
    close_bench(b);
}

Test(supervisor, alerts_behind_a_hang_are_refused_as_their_time_is_over)
{
    struct bench *b = open_bench("sleepy", 400);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    cr_assert(post(b, 9, NULL));
    cr_assert(post(b, 8, NULL));
    wait_back(b, 3);
    cr_expect_eq(b->back[1]->answer->reasons[0], REASON_PLUGIN_TIMEOUT);
    cr_expect_eq(b->back[2]->answer->reasons[0], REASON_PLUGIN_BUSY);
    close_bench(b);
}

Test(supervisor, a_fault_without_an_alert_is_told_once)
{
    struct bench *b = open_bench("dies_at_hello", 300);
    wait_notices(b, 1);
    cr_expect_eq(b->notices[0].type, EVENT_PLUGIN_ERROR);
    cr_expect_eq(b->notices[0].reason, REASON_PLUGIN_DIED);
    cr_expect_str_eq(b->notices[0].text, "ended with status 3");
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_DIED, "it was tried again meanwhile");
    cr_expect_eq(b->notice_count, 1);
    close_bench(b);
}

Test(supervisor, off_it_refuses_and_on_it_answers_again)
{
    struct bench *b = open_bench("good", 5000);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    supervisor_set_active(b->s, false);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_DISABLED);
    supervisor_set_active(b->s, true);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    cr_expect_eq(b->notices[1].type, EVENT_PLUGIN_RELOADED);
    close_bench(b);
}

Test(supervisor, a_full_queue_is_said_at_once_and_a_stop_gives_back_the_rest)
{
    struct bench *b = open_bench("hang", 5000);
    struct input *in = NULL;
    int taken = 0;
    while (post(b, 8, &in))
        taken++;
    cr_expect_geq(taken, SUPERVISOR_QUEUE_MAX);
    cr_expect_eq(in->answer->reasons[0], REASON_PLUGIN_BUSY);
    input_free(in);
    supervisor_stop(b->s);
    cr_assert_eq(b->back_count, (size_t)taken);
    for (size_t i = 0; i < b->back_count; i++)
        cr_expect(b->back[i]->answer == NULL, "nobody was told anything");
    cr_expect_not(post(b, 8, &in));
    cr_expect_eq(in->answer->reasons[0], REASON_SHUTTING_DOWN);
    input_free(in);
    close_bench(b);
}

Test(supervisor, a_worn_program_is_replaced_between_two_alerts)
{
    struct bench *b = open_bench_with("busy", 5000, 1); /* each answer takes 0.6 of it */
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    cr_expect_eq(b->notice_count, 1, "nobody hears of it");
    close_bench(b);
}

Test(supervisor, the_time_in_the_queue_is_not_counted_twice)
{
    struct bench *b = open_bench("good", 5000);
    struct input *in = input_new(INPUT_SIGNAL);
    const struct plugin_snapshot snap = {.now_ms = 1700000000000};
    int64_t before_us = clock_mono_us(clock_real());
    in->signal = (struct signal)SIGNAL_INIT;
    in->deadline_mono_us = before_us + 1000;
    cr_assert(supervisor_ask(b->s, &b->conf, &snap, in));
    wait_back(b, 1);
    cr_expect_gt(b->back[0]->deadline_mono_us, before_us + 1000);
    cr_expect_leq(b->back[0]->deadline_mono_us, clock_mono_us(clock_real()) + 1000);
    close_bench(b);
}

/* What the command knows when it is back. */
static const char *reloaded(struct bench *b, const char *mode)
{
    struct input *in = input_new(INPUT_COMMAND);
    size_t n = b->back_count;
    (void)str_copy(b->file.args[0], OUTSIDE_ARG_CAP, mode);
    in->command.body = xstrdup("ok\n");
    cr_assert(supervisor_reload(b->s, in));
    wait_back(b, n + 1);
    cr_assert_eq(b->back[n], in);
    cr_expect(in->was_ahead);
    cr_expect(str_starts(in->command.body, "ok\n"));
    return in->command.body + 3;
}

Test(supervisor, a_reload_exchanges_the_program_between_two_alerts)
{
    struct bench *b = open_bench("good", 5000);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    cr_expect_str_eq(reloaded(b, "off_step"), "T\trogue 1.0\trogue 1.0\n");
    wait_notices(b, 2);
    cr_expect_eq(b->notices[1].type, EVENT_PLUGIN_RELOADED);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_ANSWER, "the new arguments count");
    b->file.deadline_ms = 300;
    cr_expect_str_eq(reloaded(b, "hang"), "T\trogue 1.0\trogue 1.0\n");
    int64_t began_us = clock_mono_us(clock_real());
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_TIMEOUT);
    cr_expect_lt(clock_mono_us(clock_real()) - began_us, 4000000, "and the new deadline");
    close_bench(b);
}

Test(supervisor, a_reload_of_what_does_not_speak_changes_nothing)
{
    struct bench *b = open_bench("good", 5000);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    cr_expect(str_starts(reloaded(b, "version"), "X\tPLUGIN_VERSION\t"));
    cr_expect(str_starts(reloaded(b, "dies_at_hello"), "X\tPLUGIN_DIED\tended with status 3"));
    cr_expect(str_starts(reloaded(b, "garbage_hello"), "X\tPLUGIN_PROTOCOL\t"));
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED, "the old one goes on");
    b->file.path[0] = '\0';
    cr_expect_str_eq(reloaded(b, "good"), "X\tNO_PLUGIN\tpath\n");
    b->has_file = false;
    cr_expect_str_eq(reloaded(b, "good"), "", "the file is not valid: the command says so");
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    cr_expect_eq(b->notice_count, 1, "nobody else hears of it");
    close_bench(b);
}

Test(supervisor, a_reload_does_not_switch_on_what_is_off)
{
    struct bench *b = open_bench("good", 5000);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_SKIPPED);
    supervisor_set_active(b->s, false);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_DISABLED);
    cr_expect_str_eq(reloaded(b, "off_step"), "T\trogue 1.0\t\n");
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_DISABLED);
    supervisor_set_active(b->s, true);
    cr_expect_eq(asked(b, 8), REASON_PLUGIN_ANSWER);
    close_bench(b);
}

Test(supervisor, a_reload_that_meets_the_stop_is_given_back)
{
    struct bench *b = open_bench("hang", 5000);
    struct input *in = input_new(INPUT_COMMAND);
    cr_assert(post(b, 8, NULL));
    cr_assert(supervisor_reload(b->s, in));
    supervisor_stop(b->s);
    cr_assert_eq(b->back_count, 2);
    cr_expect_not(b->back[1]->was_ahead);
    in = input_new(INPUT_COMMAND);
    cr_expect_not(supervisor_reload(b->s, in));
    input_free(in);
    close_bench(b);
}
