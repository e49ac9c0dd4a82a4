/* Covers: the queues alone: more chats than fit in memory, probing, due times, rows taken back,
 * pause of an unreadable queue, freeing of idle queues, a random run against a simple model. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/rng.h"
#include "notify/schedule.h"

static int load_error;
static struct schedule *current;
static int counted;

static int on_load(void *ctx, const struct outbox_row *after, int limit, struct outbox_row **ret)
{
    (void)ctx;
    (void)limit;
    if (load_error != 0)
        return load_error;
    struct outbox_row *r = xalloc(sizeof(*r));
    *r = (struct outbox_row){.id = after->id + 1,
                             .bot = after->bot,
                             .lane = after->lane,
                             .chat_id = after->chat_id,
                             .html = xstrdup("stored")};
    *ret = r;
    return 0;
}

static void on_count(void *ctx, enum bot_id bot, int64_t chat_id)
{
    (void)ctx;
    counted++;
    schedule_set_stored(current, bot, chat_id, NOTIFY_LANE_REPLY, 1, 0);
}

static struct schedule *make(bool limits_off)
{
    const struct schedule_options opt = {.per_chat_per_s = 1,
                                         .per_chat_burst = 3,
                                         .per_group_per_min = 20,
                                         .per_bot_per_s = 25,
                                         .limits_off = limits_off,
                                         .load = on_load,
                                         .count = on_count};
    current = schedule_new(&opt);
    return current;
}

static void add(struct schedule *s, int64_t id, int64_t chat_id)
{
    struct outbox_row *r = xalloc(sizeof(*r));
    *r = (struct outbox_row){.id = id,
                             .bot = BOT_CONTROLLER,
                             .lane = NOTIFY_LANE_REPLY,
                             .chat_id = chat_id,
                             .html = xstrdup("x")};
    schedule_add(s, r, 0);
}

Test(schedule, gives_back_what_the_sink_had_no_room_for)
{
    struct schedule *s = make(false);
    add(s, 1, 5);
    add(s, 2, 5);
    struct outbox_row *r = NULL;
    for (int i = 0; i < 20; i++) {
        struct schedule_chat *c = schedule_take(s, 10, &r);
        cr_assert_not_null(c);
        cr_assert_eq(r->id, 1);
        schedule_untake(s, c); /* costs no pace */
    }
    struct schedule_chat *c = schedule_take(s, 10, &r);
    cr_assert_null(schedule_take(s, 10, &r), "one in flight");
    schedule_done(s, c, 10);
    c = schedule_take(s, 10, &r);
    cr_assert_eq(r->id, 2);
    schedule_done(s, c, 10);
    schedule_free(s);
}

Test(schedule, sends_one_probe_at_a_time_by_a_failing_bot)
{
    struct schedule *s = make(true);
    add(s, 1, 5);
    add(s, 2, 6);
    schedule_set_probing(s, BOT_CONTROLLER, true);
    struct outbox_row *r = NULL;
    struct schedule_chat *c = schedule_take(s, 0, &r);
    cr_assert_not_null(c);
    cr_assert_null(schedule_take(s, 0, &r));
    cr_assert_eq(schedule_due_us(s, 0), INT64_MAX, "only the result can change that");
    schedule_set_probing(s, BOT_CONTROLLER, false);
    cr_assert_not_null(schedule_take(s, 0, &r));
    schedule_free(s);
}

Test(schedule, tells_when_the_next_message_is_due)
{
    struct schedule *s = make(false);
    cr_assert_eq(schedule_due_us(s, 0), INT64_MAX);
    add(s, 1, 5);
    cr_assert_leq(schedule_due_us(s, 100), 100);
    struct outbox_row *r = NULL;
    struct schedule_chat *c = schedule_take(s, 100, &r);
    schedule_retry(s, c, 5000000, 100);
    cr_assert_eq(schedule_due_us(s, 100), 5000100);
    schedule_pause_bot(s, BOT_CONTROLLER, 9000000);
    cr_assert_eq(schedule_due_us(s, 100), 9000000);
    cr_assert_null(schedule_take(s, 8999999, &r));
    cr_assert_not_null(schedule_take(s, 9000000, &r));
    schedule_free(s);
}

Test(schedule, leaves_a_queue_alone_that_cannot_be_read)
{
    struct schedule *s = make(true);
    schedule_set_stored(s, BOT_CONTROLLER, 5, NOTIFY_LANE_LOW, 1, 0);
    struct outbox_row *r = NULL;
    load_error = -EIO;
    cr_assert_null(schedule_take(s, 0, &r));
    load_error = 0;
    cr_assert_null(schedule_take(s, 1000000, &r));
    cr_assert_not_null(schedule_take(s, 6000000, &r));
    cr_assert_str_eq(r->html, "stored");
    schedule_free(s);
}

Test(schedule, leaves_chats_in_the_outbox_when_there_is_no_room)
{
    struct schedule *s = make(true);
    for (int64_t i = 1; i <= SCHEDULE_CHATS_MAX + 100; i++)
        add(s, i, 10000 + i);
    cr_assert(!schedule_wants_recount(s));
    struct outbox_row *r = NULL;
    struct schedule_chat *c = NULL;
    size_t taken = 0;
    while ((c = schedule_take(s, 0, &r)) != NULL) {
        schedule_done(s, c, 0);
        taken++;
    }
    cr_assert_eq(taken, SCHEDULE_CHATS_MAX);
    /* A new row of a chat that was left out: its older rows are counted first. */
    add(s, 99999, 10000 + SCHEDULE_CHATS_MAX + 50);
    cr_assert_eq(counted, 1);
    cr_assert(schedule_wants_recount(s));
    cr_assert(!schedule_wants_recount(s), "asked once");
    c = schedule_take(s, 0, &r);
    cr_assert_str_eq(r->html, "stored");
    schedule_done(s, c, 0);
    cr_assert(!schedule_has_chat(s, BOT_CONTROLLER, 10000 + SCHEDULE_CHATS_MAX + 50));
    schedule_free(s);
}

Test(schedule, keeps_order_and_one_flight_per_chat_in_a_random_run)
{
    enum { CHATS = 40, ROWS = 4000 };
    struct schedule *s = make(false);
    struct rng rng;
    rng_seed(&rng, 7);
    int64_t last[CHATS] = {0};
    struct schedule_chat *flying[CHATS] = {NULL};
    int64_t now = 0;
    int added = 0;
    int sent = 0;
    struct outbox_row *r = NULL;
    while (sent < ROWS && now < INT64_C(4000000000000)) {
        if (added < ROWS && rng_below(&rng, 3) == 0) {
            added++;
            struct outbox_row *n = xalloc(sizeof(*n));
            *n = (struct outbox_row){.id = -added, /* memory only: the window does not matter */
                                     .bot = (enum bot_id)(1 + rng_below(&rng, 4)),
                                     .lane = NOTIFY_LANE_HIGH,
                                     .html = xstrdup("x")};
            n->chat_id = (int64_t)rng_below(&rng, CHATS / 4) * 4 + n->bot;
            schedule_add(s, n, now);
        }
        struct schedule_chat *c = schedule_take(s, now, &r);
        if (c != NULL) {
            size_t i = (size_t)(r->chat_id - 1) % CHATS;
            cr_assert_null(flying[i]);
            flying[i] = c;
            cr_assert_lt(r->id, last[i], "in order");
        }
        size_t i = rng_below(&rng, CHATS);
        if (flying[i] != NULL) {
            if (rng_below(&rng, 4) == 0) {
                schedule_retry(s, flying[i], rng_between(&rng, 0, 3000000), now);
            } else {
                last[i] = schedule_flying(flying[i])->id;
                schedule_done(s, flying[i], now);
                sent++;
            }
            flying[i] = NULL;
        }
        now += rng_between(&rng, 0, 20000);
    }
    cr_assert_eq(sent, ROWS);
    cr_assert_eq(schedule_loaded(s), 0);
    schedule_free(s);
}
