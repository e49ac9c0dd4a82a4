/* Covers: the figures of notifications, in virtual time against a server that enforces its limits:
 * a broadcast to 10,000 subscribers at 98 % of 30 messages a second without one refusal; an hour of
 * black-holed network, after which everything arrives, alarms first. */
#include "notify_support.h"

TestSuite(figures, .timeout = 120);

#define SUBSCRIBERS 10000
#define FIRST_CHAT  500000
#define SERVER_RATE 30

/* A sliding second, as strict as a server can be. Arrivals come up to JITTER_US late. */
#define JITTER_US 6000
static int64_t accepted[SERVER_RATE];
static size_t accepted_next;
static int refused;
static struct rng jitter;

static struct answer answer_limited(struct fake_sink *s, const struct sent *m)
{
    (void)s;
    int64_t at = m->at_us + rng_between(&jitter, 0, JITTER_US);
    int64_t oldest = accepted[accepted_next];
    if (oldest != 0 && at - oldest < 1000000) {
        refused++;
        return (struct answer){.result = SINK_RETRY, .retry_ms = 1000};
    }
    accepted[accepted_next] = at;
    accepted_next = (accepted_next + 1) % SERVER_RATE;
    return (struct answer){.result = SINK_SENT};
}

Test(figures, a_broadcast_to_ten_thousand_uses_98_percent_of_the_rate_without_a_429)
{
    struct bench b;
    bench_init(&b);
    b.opt.target_count = 0;
    b.opt.per_bot_per_s = SERVER_RATE;
    bench_open(&b);
    rng_seed(&jitter, 1);
    b.sink.answer = answer_limited;
    struct outputs o;
    outputs_init(&o);
    cr_assert_eq(journal_begin(b.journal), 0);
    for (int i = 0; i < SUBSCRIBERS; i++) {
        struct event e = make_event(EVENT_SUBSCRIPTION);
        e.chat_id = FIRST_CHAT + i;
        snprintf(e.text, sizeof(e.text), "member none en");
        outputs_add_event(&o, &e);
        if (i % 500 == 499) {
            journal_put(&b, &o);
            outputs_reset(&o);
        }
    }
    cr_assert_eq(journal_commit(b.journal), 0);
    outputs_deinit(&o);
    notify_on_commit(b.n, 0);
    turns(&b, 60);
    int64_t begin = clock_mono_us(b.clock);
    struct event e = make_event(EVENT_ENTRY);
    put_event(&b, &e);
    turns_until_empty(&b, 200000);
    int64_t took_us = clock_mono_us(b.clock) - begin;
    cr_assert_eq(b.sink.sent_count, SUBSCRIBERS, "each once: %zu", b.sink.sent_count);
    cr_expect_eq(refused, 0, "%d times 429", refused);
    int64_t possible_us = INT64_C(1000000) * SUBSCRIBERS / SERVER_RATE;
    fprintf(stderr, "broadcast: %d in %.1f s, %.2f %% of the possible rate, %d x 429\n",
            SUBSCRIBERS, (double)took_us / 1e6, 100.0 * (double)possible_us / (double)took_us,
            refused);
    cr_expect_geq(possible_us * 100, took_us * 98, "%lld us", (long long)took_us);
    bench_deinit(&b);
}

static int64_t dark_until_us;

/* Nothing answers: each try ends in a time-out whose outcome nobody knows. */
static struct answer answer_black_hole(struct fake_sink *s, const struct sent *m)
{
    (void)m;
    if (clock_mono_us(s->clock) >= dark_until_us)
        return (struct answer){.result = SINK_SENT};
    clock_manual_advance_us(s->clock, 15 * 1000000);
    return (struct answer){.result = SINK_RETRY_MAYBE};
}

Test(figures, after_an_hour_in_a_black_hole_everything_arrives_alarms_first)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    b.sink.answer = answer_black_hole;
    int64_t begin = clock_mono_us(b.clock);
    dark_until_us = begin + HOUR_US;
    size_t trades = 0, alarms = 0;
    for (int64_t next_us = begin; clock_mono_us(b.clock) < dark_until_us;) {
        if (clock_mono_us(b.clock) >= next_us) {
            struct event e = make_event(alarms * 10 < trades ? EVENT_BROKER_DOWN : EVENT_ENTRY);
            e.cause_seq = ++trades;
            alarms += e.type == EVENT_BROKER_DOWN;
            put_event(&b, &e); /* trading goes on: nothing waits for notify */
            next_us += INT64_C(20) * 1000000;
        }
        notify_turn(b.n, 1000);
    }
    turns_until_empty(&b, 20000);
    size_t sent = 0, before = 0, done = 0;
    bool calm = false;
    for (size_t i = 0; i < b.sink.sent_count; i++) {
        const struct sent *m = &b.sink.log[i];
        if (m->result != SINK_SENT || m->chat_id != ADMIN_CHAT || m->bot != BOT_NOTIFICATION)
            continue;
        sent++;
        done += m->lane == NOTIFY_LANE_ALARM;
        before += calm && m->lane == NOTIFY_LANE_ALARM;
        calm = calm || m->lane != NOTIFY_LANE_ALARM;
    }
    cr_expect_eq(sent, trades, "%zu of %zu", sent, trades);
    cr_expect_eq(done, alarms);
    cr_expect_eq(before, 0, "%zu alarms came after something else", before);
    cr_expect_gt(alarms, 5);
    bench_deinit(&b);
}
