/* Covers: sinks beside Telegram in the outbox: the webhook gets every event as JSON in order,
 * e-mail alarms and the digest; both over a restart; a sink that does not answer delays no chat and
 * is given up after a day. */
#include "notify_support.h"

TestSuite(outlet, .timeout = 60);

struct outlet {
    struct bench *bench;
    bool fails;
    size_t count;
    int64_t ids[64], chats[64];
    bool alarms[64];
    char payloads[64][400];
};

static bool on_send(void *ctx, int64_t id, int64_t chat_id, bool is_alarm, const char *payload)
{
    struct outlet *o = ctx;
    if (!o->fails && o->count < 64) {
        o->ids[o->count] = id;
        o->chats[o->count] = chat_id;
        o->alarms[o->count] = is_alarm;
        snprintf(o->payloads[o->count++], 400, "%s", payload);
    }
    notify_outlet_done(o->bench->n, id, o->fails ? SINK_RETRY : SINK_SENT);
    return true;
}

static void outlet_init(struct bench *b, struct outlet *o)
{
    bench_init(b);
    *o = (struct outlet){.bench = b};
    b->opt.outlet = on_send;
    b->opt.outlet_ctx = o;
    b->opt.has_webhook = b->opt.has_email = true;
    b->opt.target_count = 1;
    bench_open(b);
}

static void tell(struct bench *b, enum event_type type)
{
    struct event e = make_event(type);
    put_event(b, &e);
}

static size_t count_of(const struct outlet *o, int64_t chat_id)
{
    size_t n = 0;
    for (size_t i = 0; i < o->count; i++)
        n += o->chats[i] == chat_id;
    return n;
}

Test(outlet, the_webhook_hears_everything_and_email_alarms_and_the_digest)
{
    struct bench b;
    struct outlet o;
    outlet_init(&b, &o);
    tell(&b, EVENT_ENTRY);
    tell(&b, EVENT_SL_HIT);
    turns_until_empty(&b, 100);
    cr_expect_eq(count_of(&o, NOTIFY_CHAT_WEBHOOK), 2);
    cr_expect_eq(count_of(&o, NOTIFY_CHAT_EMAIL), 0);
    cr_expect(str_starts(o.payloads[0], "{\"type\":\"v3_entry\",\"priority\":\"high\""), "%s",
              o.payloads[0]);
    cr_expect_not_null(strstr(o.payloads[1], "v3_sl_hit"));
    tell(&b, EVENT_BROKER_DOWN);
    turns_until_empty(&b, 100);
    cr_expect_eq(count_of(&o, NOTIFY_CHAT_EMAIL), 1);
    cr_expect(o.alarms[o.count - 1]);
    clock_manual_advance_us(b.clock, 13 * HOUR_US);
    turns_until_empty(&b, 100);
    cr_assert_eq(count_of(&o, NOTIFY_CHAT_EMAIL), 2);
    cr_expect_not_null(strstr(o.payloads[o.count - 1], "Digest: 2"), "%s", o.payloads[o.count - 1]);
    cr_expect_eq(count_sent(&b, BOT_UNSET, 0), 2 + 3, "people are told as ever");
    bench_deinit(&b);
}

Test(outlet, a_dead_one_delays_nobody_keeps_its_order_and_ends_after_a_day)
{
    struct bench b;
    struct outlet o;
    outlet_init(&b, &o);
    o.fails = true;
    for (int i = 0; i < 5; i++)
        tell(&b, i % 2 == 0 ? EVENT_ENTRY : EVENT_EXIT);
    turns(&b, 60);
    cr_expect_eq(count_sent(&b, BOT_NOTIFICATION, ADMIN_CHAT), 5);
    bench_close(&b);
    bench_open(&b);
    o.fails = false;
    turns_until_empty(&b, 3000);
    cr_assert_eq(count_of(&o, NOTIFY_CHAT_WEBHOOK), 5);
    for (size_t i = 1; i < o.count; i++)
        cr_expect_gt(o.ids[i], o.ids[i - 1]);
    o.fails = true;
    tell(&b, EVENT_ENTRY);
    turns(&b, 10);
    clock_manual_advance_us(b.clock, 25 * HOUR_US);
    turns(&b, 200);
    o.fails = false;
    turns_until_empty(&b, 3000);
    cr_expect_eq(count_of(&o, NOTIFY_CHAT_WEBHOOK), 5, "given up");
    bench_deinit(&b);
}
