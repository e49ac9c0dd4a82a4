/* Covers: live cards: started by an event, edited only when the text changed, not more often than
 * their interval (a group four times as rarely), pinned header, one edit under way, 429, made anew
 * when deleted, refused, stopped, kept over a restart, suspended and migrated chats; topics: made
 * when first needed, once, used from then on, made again when deleted; exits answer the message of
 * their entry, per chat, over a restart; places: forgetting, migration. */
#include "notify_support.h"

TestSuite(live, .timeout = 60);

static char card_text[64];
static int64_t next_message = 1000;
static int64_t dead_message; /* an edit of it is refused: the sender sends anew */

static bool draw(void *ctx, const struct live_want *want, struct buf *html, struct buf *keyboard)
{
    (void)ctx;
    if (strcmp(want->trader, "main") != 0)
        return false;
    buf_printf(html, "%s: %s", live_kind_name(want->kind), card_text);
    buf_puts(keyboard, "[[]]");
    return true;
}

/* As the real sender: a send tells its id; the edit of a deleted message becomes a new one. */
static struct answer answer_with_id(struct fake_sink *s, const struct sent *m)
{
    if (m->edit_id == 0 || m->edit_id == dead_message)
        notify_sent_id(s->notify, m->id, ++next_message);
    return (struct answer){.result = SINK_SENT};
}

static void live_bench(struct bench *b)
{
    bench_init(b);
    b->opt.draw = draw;
    b->sink.answer = answer_with_id;
    dead_message = -1;
    snprintf(card_text, sizeof(card_text), "one");
    bench_open(b);
}

static void ask(struct bench *b, int64_t chat_id, const char *text)
{
    struct event e = make_event(EVENT_SUBSCRIPTION);
    e.chat_id = chat_id;
    snprintf(e.text, sizeof(e.text), "%s", text);
    put_event(b, &e);
}

/* Of the chat's messages the n-th from the end. */
static const struct sent *last(const struct bench *b, int64_t chat_id, size_t n)
{
    for (size_t i = b->sink.sent_count; i-- > 0;)
        if (b->sink.log[i].chat_id == chat_id && n-- == 0)
            return &b->sink.log[i];
    cr_assert_fail("no such message");
    return NULL;
}

static void run_for(struct bench *b, int64_t us)
{
    int64_t until = clock_mono_us(b->clock) + us;
    while (clock_mono_us(b->clock) < until)
        notify_turn(b->n, 100);
}

Test(live, a_card_is_sent_once_and_then_edited_when_it_changed)
{
    struct bench b;
    live_bench(&b);
    ask(&b, TRADER_CHAT, "card positions 1 0 main");
    run_for(&b, 1000000);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, TRADER_CHAT), 1);
    cr_assert_str_eq(last(&b, TRADER_CHAT, 0)->html, "positions: one");
    cr_assert_eq(last(&b, TRADER_CHAT, 0)->edit_id, 0);
    run_for(&b, 60 * 1000000);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, TRADER_CHAT), 1, "the same text is not edited");
    snprintf(card_text, sizeof(card_text), "two");
    run_for(&b, LIVE_INTERVAL_US + 200000);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, TRADER_CHAT), 2);
    cr_assert_str_eq(last(&b, TRADER_CHAT, 0)->html, "positions: two");
    cr_assert_eq(last(&b, TRADER_CHAT, 0)->edit_id, next_message);
    bench_deinit(&b);
}

static size_t edits_in_a_minute(struct bench *b, int64_t chat_id)
{
    size_t before = count_sent(b, BOT_UNSET, chat_id);
    for (int i = 0; i < 600; i++) {
        snprintf(card_text, sizeof(card_text), "%d", i);
        run_for(b, 100000);
    }
    return count_sent(b, BOT_UNSET, chat_id) - before;
}

Test(live, edits_keep_their_interval_and_a_group_has_fewer)
{
    struct bench b;
    live_bench(&b);
    ask(&b, TRADER_CHAT, "card status 1 0 main");
    ask(&b, -100500, "card status 1 0 main");
    run_for(&b, 1000000);
    size_t before = count_sent(&b, BOT_UNSET, -100500);
    size_t edits = edits_in_a_minute(&b, TRADER_CHAT);
    cr_assert(edits >= 17 && edits <= 21, "%zu", edits);
    edits = count_sent(&b, BOT_UNSET, -100500) - before;
    cr_assert(edits >= 4 && edits <= 6, "%zu in a group", edits);
    bench_deinit(&b);
}

Test(live, the_header_is_pinned_and_edited_every_thirty_seconds)
{
    struct bench b;
    live_bench(&b);
    ask(&b, TRADER_CHAT, "card header 1 0 main");
    run_for(&b, 3000000);
    cr_assert_eq(count_sent(&b, BOT_CONTROLLER, TRADER_CHAT), 2, "the message and its pin");
    cr_assert_str_empty(last(&b, TRADER_CHAT, 0)->html);
    size_t edits = edits_in_a_minute(&b, TRADER_CHAT);
    cr_assert(edits >= 1 && edits <= 2, "%zu", edits);
    bench_deinit(&b);
}

static int floods;
static struct answer flood_edits(struct fake_sink *s, const struct sent *m)
{
    if (m->edit_id != 0 && floods-- > 0)
        return (struct answer){.result = SINK_RETRY, .retry_ms = 20000};
    return answer_with_id(s, m);
}

Test(live, a_flooded_edit_waits_alone)
{
    struct bench b;
    live_bench(&b);
    floods = 1;
    b.sink.answer = flood_edits;
    ask(&b, TRADER_CHAT, "card status 1 0 main");
    run_for(&b, 1000000);
    snprintf(card_text, sizeof(card_text), "two");
    run_for(&b, 4000000);
    size_t before = count_sent(&b, BOT_UNSET, TRADER_CHAT);
    cr_assert_eq(before, 2, "sent, and the edit that was refused");
    snprintf(card_text, sizeof(card_text), "three");
    run_for(&b, 10000000);
    cr_assert_eq(count_sent(&b, BOT_UNSET, TRADER_CHAT), before, "nothing while told to wait");
    run_for(&b, 20000000);
    cr_assert_str_eq(last(&b, TRADER_CHAT, 0)->html, "status: three");
    cr_assert_leq(count_sent(&b, BOT_UNSET, TRADER_CHAT), before + 2);
    bench_deinit(&b);
}

Test(live, a_deleted_card_is_made_anew_and_edited_there)
{
    struct bench b;
    live_bench(&b);
    ask(&b, TRADER_CHAT, "card status 1 0 main");
    run_for(&b, 1000000);
    dead_message = next_message;
    snprintf(card_text, sizeof(card_text), "two");
    run_for(&b, 4000000);
    cr_assert_eq(last(&b, TRADER_CHAT, 0)->edit_id, dead_message, "the sender repairs it");
    snprintf(card_text, sizeof(card_text), "three");
    run_for(&b, 4000000);
    cr_assert_eq(last(&b, TRADER_CHAT, 0)->edit_id, next_message);
    cr_assert_neq(next_message, dead_message);
    bench_deinit(&b);
}

Test(live, stops_when_told_and_starts_elsewhere_when_asked_again)
{
    struct bench b;
    live_bench(&b);
    ask(&b, TRADER_CHAT, "card status 1 0 main");
    run_for(&b, 1000000);
    ask(&b, TRADER_CHAT, "card status 1 0 main");
    run_for(&b, 4000000);
    cr_assert_eq(count_sent(&b, BOT_UNSET, TRADER_CHAT), 2);
    cr_assert_eq(last(&b, TRADER_CHAT, 0)->edit_id, 0, "below what was said since");
    ask(&b, TRADER_CHAT, "card status off");
    snprintf(card_text, sizeof(card_text), "two");
    run_for(&b, 10000000);
    cr_assert_eq(count_sent(&b, BOT_UNSET, TRADER_CHAT), 2);
    bench_deinit(&b);
}

Test(live, nonsense_starts_nothing)
{
    struct bench b;
    live_bench(&b);
    static const char *const bad[] = {"card",
                                      "card ",
                                      "card x 1 0 main",
                                      "card status",
                                      "card status 9 0 main",
                                      "card status 1",
                                      "card status 1 0 other"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++)
        ask(&b, TRADER_CHAT, bad[i]);
    run_for(&b, 10000000);
    cr_assert_eq(b.sink.sent_count, 0);
    bench_deinit(&b);
}

Test(live, goes_on_in_the_same_message_after_a_restart)
{
    struct bench b;
    live_bench(&b);
    ask(&b, TRADER_CHAT, "card status 1 0 main");
    run_for(&b, 1000000);
    bench_close(&b);
    snprintf(card_text, sizeof(card_text), "two");
    bench_open(&b);
    run_for(&b, 4000000);
    cr_assert_str_eq(last(&b, TRADER_CHAT, 0)->html, "status: two");
    cr_assert_eq(last(&b, TRADER_CHAT, 0)->edit_id, next_message);
    bench_deinit(&b);
}

static struct answer refuse_all(struct fake_sink *s, const struct sent *m)
{
    (void)s;
    (void)m;
    return (struct answer){.result = SINK_DROP};
}

Test(live, a_refused_card_is_tried_once_a_minute_and_no_storm)
{
    struct bench b;
    live_bench(&b);
    b.sink.answer = refuse_all;
    ask(&b, TRADER_CHAT, "card status 1 0 main");
    size_t tries = edits_in_a_minute(&b, TRADER_CHAT) + edits_in_a_minute(&b, TRADER_CHAT);
    cr_assert(tries >= 2 && tries <= 3, "%zu", tries);
    bench_deinit(&b);
}

Test(live, a_migrated_group_gets_its_card_in_the_new_chat)
{
    struct bench b;
    live_bench(&b);
    ask(&b, -500, "card status 1 0 main");
    run_for(&b, 1000000);
    notify_chat_migrated(b.n, -500, -100500);
    run_for(&b, 20000000);
    cr_assert_eq(last(&b, -100500, 0)->edit_id, 0);
    cr_assert_str_eq(last(&b, -100500, 0)->html, "status: one");
    bench_deinit(&b);
}

/* ---- topics ---- */

#define FORUM (-100900)

static void with_forum(struct bench *b)
{
    b->targets[b->opt.target_count++] = (struct notify_target){FORUM, 0, ROLE_NONE, LANG_EN};
}

static void entry(struct bench *b, uint64_t seq, const char *plugin)
{
    struct event e = make_event(EVENT_ENTRY);
    e.cause_seq = seq;
    e.cid = seq * 16;
    e.lots_e8 = DEC_ONE;
    e.entry_e8 = DEC_ONE;
    snprintf(e.plugin, sizeof(e.plugin), "%s", plugin);
    put_event(b, &e);
    run_for(b, 4000000);
}

static void closed(struct bench *b, uint64_t seq)
{
    struct event e = make_event(EVENT_SL_HIT);
    e.cause_seq = seq;
    e.cid = seq * 16;
    e.entry_e8 = e.exit_e8 = DEC_ONE;
    put_event(b, &e);
    run_for(b, 4000000);
}

Test(live, a_topic_is_made_when_first_needed_and_used_from_then_on)
{
    struct bench b;
    bench_init(&b);
    with_forum(&b);
    b.sink.answer = answer_with_id;
    bench_open(&b);
    ask(&b, FORUM, "topics strategy");
    entry(&b, 9, "combined_v3");
    cr_assert_eq(count_sent(&b, BOT_UNSET, FORUM), 2, "the message and the topic");
    entry(&b, 10, "combined_v3");
    int64_t thread = last(&b, FORUM, 0)->thread_id;
    cr_assert_gt(thread, 1);
    entry(&b, 11, "price_action_v6");
    entry(&b, 12, "price_action_v6");
    cr_assert_gt(last(&b, FORUM, 0)->thread_id, thread, "the other strategy has its own");
    ask(&b, FORUM, "topics off");
    entry(&b, 13, "combined_v3");
    cr_assert_eq(last(&b, FORUM, 0)->thread_id, 0);
    cr_assert_eq(count_sent(&b, BOT_UNSET, FORUM), 5 + 2);
    bench_deinit(&b);
}

static struct answer thread_is_gone(struct fake_sink *s, const struct sent *m)
{
    if (m->thread_id != 0)
        notify_thread_gone(s->notify, m->id);
    return answer_with_id(s, m);
}

Test(live, a_deleted_topic_is_made_again)
{
    struct bench b;
    bench_init(&b);
    with_forum(&b);
    b.sink.answer = answer_with_id;
    bench_open(&b);
    ask(&b, FORUM, "topics trader");
    entry(&b, 9, "combined_v3");
    entry(&b, 10, "combined_v3");
    int64_t thread = last(&b, FORUM, 0)->thread_id;
    b.sink.answer = thread_is_gone;
    entry(&b, 11, "combined_v3");
    b.sink.answer = answer_with_id;
    entry(&b, 12, "combined_v3");
    entry(&b, 13, "combined_v3");
    cr_assert_neq(last(&b, FORUM, 0)->thread_id, thread);
    cr_assert_neq(last(&b, FORUM, 0)->thread_id, 0);
    bench_deinit(&b);
}

static void traded(struct bench *b, const char *plugin)
{
    struct event e = make_event(EVENT_TP_HIT);
    e.cause_seq = 77;
    snprintf(e.plugin, sizeof(e.plugin), "%s", plugin);
    put_event(b, &e);
}

/* The thread of the card that tells so many in short; -1: there is none. */
static int64_t thread_of_card(const struct bench *b, const char *part)
{
    int64_t thread = -1;
    for (size_t i = 0; i < b->sink.sent_count; i++)
        if (b->sink.log[i].chat_id == FORUM && strstr(b->sink.log[i].html, part) != NULL)
            thread = b->sink.log[i].thread_id;
    return thread;
}

Test(live, a_burst_is_told_in_the_topic_of_each_strategy)
{
    struct bench b;
    bench_init(&b);
    with_forum(&b);
    b.opt.burst_per_min = 4;
    b.sink.answer = answer_with_id;
    bench_open(&b);
    ask(&b, FORUM, "topics strategy");
    entry(&b, 9, "combined_v3"); /* makes the topics; both take the pace's first cards */
    entry(&b, 10, "price_action_v6");
    b.sink.sent_count = 0;
    for (int i = 0; i < 7; i++)
        traded(&b, "combined_v3");
    for (int i = 0; i < 5; i++)
        traded(&b, "price_action_v6");
    run_for(&b, 120000000);
    cr_assert_gt(thread_of_card(&b, "v3_tp_hit"), 1);
    cr_assert_gt(thread_of_card(&b, "v6_tp_hit"), thread_of_card(&b, "v3_tp_hit"));
    cr_assert_eq(thread_of_card(&b, "<b>7 messages"), thread_of_card(&b, "v3_tp_hit"));
    cr_assert_eq(thread_of_card(&b, "<b>5 messages"), thread_of_card(&b, "v6_tp_hit"));
    bench_deinit(&b);
}

Test(live, a_digest_is_told_in_the_topic_of_each_strategy_after_a_restart_too)
{
    struct bench b;
    char digest[64];
    bench_init(&b);
    with_forum(&b);
    b.sink.answer = answer_with_id;
    bench_open(&b);
    int64_t minute = (WALL_MS / 60000) % RULES_DAY_MIN;
    ask(&b, FORUM, "topics strategy");
    entry(&b, 9, "combined_v3");
    entry(&b, 10, "combined_v3");
    int64_t v3 = last(&b, FORUM, 0)->thread_id;
    snprintf(digest, sizeof(digest), "digest %d", (int)(minute + 60) % RULES_DAY_MIN);
    ask(&b, FORUM, digest);
    ask(&b, FORUM, "rule * digest 0");
    for (int i = 0; i < 7; i++)
        traded(&b, "combined_v3");
    struct event e = make_event(EVENT_SL_HIT); /* about no strategy: the general topic */
    put_event(&b, &e);
    put_event(&b, &e);
    run_for(&b, 1000000);
    bench_close(&b);
    b.sink.sent_count = 0;
    bench_open(&b);
    run_for(&b, 2 * HOUR_US);
    cr_assert_eq(thread_of_card(&b, "7"), v3);
    cr_assert_eq(thread_of_card(&b, "sl_hit"), 0);
    bench_deinit(&b);
}

/* ---- exits answer their entries ---- */

Test(live, an_exit_answers_the_message_of_its_entry_in_every_chat)
{
    struct bench b;
    bench_init(&b);
    b.sink.answer = answer_with_id;
    bench_open(&b);
    next_message = 5000;
    entry(&b, 9, "combined_v3");
    size_t chats = b.sink.sent_count;
    cr_assert_gt(chats, 1);
    entry(&b, 10, "combined_v3");
    closed(&b, 9);
    for (size_t i = 0; i < chats; i++) {
        const struct sent *exit = &b.sink.log[2 * chats + i];
        cr_assert_eq(exit->reply_to, 5001 + (int64_t)i, "chat %lld", (long long)exit->chat_id);
        cr_assert_eq(exit->chat_id, b.sink.log[i].chat_id);
    }
    closed(&b, 77);
    cr_assert_eq(b.sink.log[b.sink.sent_count - 1].reply_to, 0, "its entry was never told");
    bench_deinit(&b);
}

Test(live, an_entry_is_known_over_a_restart)
{
    struct bench b;
    bench_init(&b);
    b.sink.answer = answer_with_id;
    bench_open(&b);
    entry(&b, 9, "combined_v3");
    bench_close(&b);
    bench_open(&b);
    b.sink.sent_count = 0;
    closed(&b, 9);
    cr_assert_gt(b.sink.log[0].reply_to, 0);
    bench_deinit(&b);
}

/* ---- places ---- */

Test(live, places_keep_forget_and_move)
{
    struct bench b;
    struct places *p = NULL;
    char path[96], extra[PLACES_EXTRA_CAP];
    bench_init(&b);
    snprintf(path, sizeof(path), "%s/places.db", b.dir);
    cr_assert_eq(places_open(path, &p), 0);
    struct place_at card = {PLACE_CARD, BOT_CONTROLLER, -5, "status"};
    struct place_at one = {PLACE_ENTRY, BOT_NOTIFICATION, -5, "main:1"};
    cr_assert_eq(places_get(p, &card, extra), 0);
    places_set(p, &card, 7, "0 main");
    places_set(p, &one, 8, "");
    cr_assert_eq(places_get(p, &card, extra), 7);
    cr_assert_str_eq(extra, "0 main");
    places_migrate(p, -5, -1005);
    cr_assert_eq(places_get(p, &one, NULL), 0, "message ids begin anew");
    card.chat_id = -1005;
    cr_assert(places_has(p, &card, NULL));
    cr_assert_eq(places_get(p, &card, NULL), 0);
    places_remove(p, &card);
    cr_assert_not(places_has(p, &card, NULL));
    places_close(p);
    bench_deinit(&b);
}
