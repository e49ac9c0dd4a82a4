/* Covers: who is removed gets nothing of what was queued, not even after a crash, and their live
 * cards end; who is demoted gets nothing more by bots for a higher role and keeps what everybody
 * hears; other chats and configured people are left alone; rows of the same portion of the journal
 * count too; counters stay exact; the hook is told each role once. */
#include "notify_support.h"

TestSuite(leaving, .timeout = 30);

#define MEMBER INT64_C(888)

struct heard {
    int64_t id[8];
    enum role role[8];
    uint64_t seq[8];
    size_t count;
};

static void on_member(void *ctx, int64_t id, enum role role, uint64_t seq)
{
    struct heard *h = ctx;
    cr_assert_lt(h->count, 8);
    h->id[h->count] = id;
    h->role[h->count] = role;
    h->seq[h->count++] = seq;
}

static void choose(struct bench *b, int64_t chat_id, const char *text)
{
    struct event e = make_event(EVENT_SUBSCRIPTION);
    e.chat_id = chat_id;
    snprintf(e.text, sizeof(e.text), "%s", text);
    put_event(b, &e);
}

static void put(struct bench *b, enum event_type type)
{
    struct event e = make_event(type);
    put_event(b, &e);
}

static size_t waiting(struct bench *b)
{
    struct notify_stats st;
    notify_get_stats(b->n, &st);
    return st.outbox_rows;
}

static struct answer never(struct fake_sink *s, const struct sent *m)
{
    (void)s;
    (void)m;
    return (struct answer){.result = SINK_RETRY, .retry_ms = 60000};
}

/* A member for whom much is queued: replies and news of every route. */
static void begin(struct bench *b, const char *role)
{
    char text[40];
    bench_init(b);
    bench_open(b);
    snprintf(text, sizeof(text), "member %s en", role);
    choose(b, MEMBER, text);
    turns(b, 3);
    b->sink.answer = never;
    for (int i = 0; i < 5; i++)
        put_reply(b, MEMBER, "an answer");
    put(b, EVENT_PAUSED);  /* C */
    put(b, EVENT_ENTRY);   /* N */
    put(b, EVENT_RESUMED); /* C */
    turns(b, 2);
    b->sink.sent_count = 0;
}

static void go_on(struct bench *b)
{
    b->sink.answer = NULL;
    clock_manual_advance_us(b->clock, INT64_C(120000000));
    turns_until_empty(b, 400);
}

Test(leaving, who_is_removed_gets_nothing_of_what_was_queued)
{
    struct bench b;
    begin(&b, "trader");
    size_t before = waiting(&b);
    choose(&b, MEMBER, "removed");
    turns(&b, 2);
    cr_assert_eq(before - waiting(&b), 8, "five answers and three news");
    b.sink.sent_count = 0;
    go_on(&b);
    cr_assert_eq(count_sent(&b, BOT_UNSET, MEMBER), 0);
    cr_assert_gt(count_sent(&b, BOT_UNSET, TRADER_CHAT), 0, "others get theirs");
    bench_deinit(&b);
}

Test(leaving, not_even_after_a_crash)
{
    struct bench b;
    begin(&b, "trader");
    bench_close(&b);
    choose(&b, MEMBER, "removed"); /* journaled, the process died before it was routed */
    b.sink.sent_count = 0;
    b.sink.answer = NULL;
    bench_open(&b);
    notify_turn(b.n, 1000);
    size_t at_first = count_sent(&b, BOT_UNSET, MEMBER);
    turns_until_empty(&b, 400);
    cr_assert_eq(count_sent(&b, BOT_UNSET, MEMBER), at_first, "nothing once it is routed");
    cr_assert_leq(at_first, 2, "at most what each bot had on its way");
    bench_deinit(&b);
}

Test(leaving, who_is_demoted_keeps_what_everybody_hears)
{
    struct bench b;
    begin(&b, "trader");
    choose(&b, MEMBER, "member viewer en");
    turns(&b, 2);
    b.sink.sent_count = 0;
    go_on(&b);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, MEMBER), 0);
    cr_assert_eq(count_sent(&b, BOT_NOTIFICATION, MEMBER), 1, "the entry");
    bench_deinit(&b);
}

Test(leaving, a_promotion_or_a_language_takes_nothing_away)
{
    struct bench b;
    begin(&b, "trader");
    size_t before = waiting(&b);
    choose(&b, MEMBER, "member admin en");
    choose(&b, MEMBER, "member admin hinglish");
    turns(&b, 2);
    cr_assert_eq(waiting(&b), before);
    bench_deinit(&b);
}

Test(leaving, people_of_the_configuration_are_left_alone)
{
    struct bench b;
    bench_init(&b);
    bench_open(&b);
    b.sink.answer = never;
    put_reply(&b, TRADER_CHAT, "an answer");
    turns(&b, 2);
    choose(&b, TRADER_CHAT, "member viewer en");
    choose(&b, TRADER_CHAT, "removed");
    turns(&b, 2);
    cr_assert_eq(waiting(&b), 1);
    bench_deinit(&b);
}

Test(leaving, rows_of_the_same_portion_count_too)
{
    struct bench b;
    begin(&b, "trader");
    b.sink.answer = NULL;
    clock_manual_advance_us(b.clock, INT64_C(120000000));
    turns_until_empty(&b, 400);
    b.sink.sent_count = 0;
    b.n->feeds[0].is_dirty = false;
    put_reply(&b, MEMBER, "never seen");
    choose(&b, MEMBER, "removed");
    put_reply(&b, TRADER_CHAT, "seen");
    turns_until_empty(&b, 400);
    cr_assert_eq(count_sent(&b, BOT_UNSET, MEMBER), 0);
    cr_assert_eq(count_sent(&b, BOT_UNSET, TRADER_CHAT), 1);
    bench_deinit(&b);
}

static bool draw(void *ctx, const struct live_want *want, struct buf *html, struct buf *keys)
{
    (void)keys;
    buf_printf(html, "card %s %d", want->trader, ++*(int *)ctx);
    return true;
}

static struct answer with_id(struct fake_sink *s, const struct sent *m)
{
    notify_sent_id(s->notify, m->id, 5000);
    return (struct answer){.result = SINK_SENT};
}

Test(leaving, live_cards_of_a_removed_person_end)
{
    struct bench b;
    int drawn = 0;
    bench_init(&b);
    b.opt.draw = draw;
    b.opt.draw_ctx = &drawn;
    b.sink.answer = with_id;
    bench_open(&b);
    choose(&b, MEMBER, "member viewer en");
    choose(&b, MEMBER, "card status 1 0 main");
    turns(&b, 30);
    cr_assert_gt(count_sent(&b, BOT_UNSET, MEMBER), 1, "it is edited");
    choose(&b, MEMBER, "removed");
    turns(&b, 3);
    size_t before = b.sink.sent_count;
    turns(&b, 60);
    cr_assert_eq(b.sink.sent_count, before);
    bench_deinit(&b);
}

Test(leaving, who_wants_to_know_is_told_each_role_with_its_row)
{
    struct bench b;
    struct heard h = {.count = 0};
    bench_init(&b);
    b.opt.on_member = on_member;
    b.opt.on_member_ctx = &h;
    bench_open(&b);
    choose(&b, MEMBER, "member trader en");
    choose(&b, MEMBER, "mute v3_exit");
    choose(&b, MEMBER, "member viewer en");
    choose(&b, MEMBER, "removed");
    choose(&b, TRADER_CHAT, "removed"); /* of the configuration */
    turns(&b, 3);
    cr_assert_eq(h.count, 3);
    cr_assert_eq(h.role[0], ROLE_TRADER);
    cr_assert_eq(h.role[1], ROLE_VIEWER);
    cr_assert_eq(h.role[2], ROLE_NONE);
    cr_assert_eq(h.id[2], MEMBER);
    cr_assert_lt(h.seq[0], h.seq[2]);
    bench_deinit(&b);
}
