/* A queue is in exactly one place:
 *
 *   IDLE --row--> READY (list of its bot and best lane) --take--> FLYING --done--> READY | WAITING
 * | IDLE ^                                                |
 *                   '-- its time came -- WAITING (heap by time) <----'-- retry: paused
 *
 * READY means the chat itself may send now; the bot's pause and pace are looked at when taking.
 * Ready lists are first come, first served and a queue goes to the end after each message, so no
 * chat starves another; bots take turns. Everything is O(log chats) a message.
 *
 * Memory: a lane keeps its lowest rows in memory and knows how many more are stored. New rows join
 * the memory part only while nothing of their lane is stored-only, so order by id holds. An idle
 * queue is freed once it has no pace or pause to remember. */
#include "notify/schedule.h"

#include <string.h>

#include "core/alloc.h"
#include "core/map.h"

#define LOAD_ROWS 8
#define SECOND_US INT64_C(1000000)
/* A queue whose rows cannot be read is left alone for this long. */
#define UNREADABLE_PAUSE_US (5 * SECOND_US)
/* A group gets this many at once; the pace keeps any 60 seconds below the limit with it. */
#define GROUP_BURST 3
/* The documented limit of a bot is 30 messages in any second. A slower bot may run ahead of its
 * pace by the difference, at most BOT_BURST_MAX; one at the limit keeps even steps, with a margin
 * for what the network shifts: 30 steps take 1.012 s. A step that came a little late is not added
 * to the next ones. A bot that had nothing to say for long has no open connections: before it says
 * much, its first message opens one, else those that wait for a handshake arrive together with
 * later ones. */
#define BOT_PER_S_LIMIT 30
#define BOT_BURST_MAX   5
#define BOT_MARGIN_US   12000
#define BOT_LATE_US     5000
#define BOT_COLD_US     (15 * SECOND_US)
#define BOT_WARM_UP_US  (3 * SECOND_US / 10)

enum place { PLACE_UNSET = 0, PLACE_IDLE, PLACE_READY, PLACE_WAITING, PLACE_FLYING, PLACE_COUNT };

struct lane_queue {
    struct outbox_row *head, *tail; /* the lowest ids, in memory */
    int64_t stored;                 /* rows only in the outbox, with ids above last_id */
    int64_t last_id;                /* highest id that ever was in memory */
};

/* Pacing: the time at which the burst is full again. One number, no refill arithmetic. */
struct pace {
    int64_t full_at_us;
};

struct schedule_chat {
    enum bot_id bot;
    int64_t chat_id;
    struct lane_queue lanes[NOTIFY_LANE_COUNT];
    struct outbox_row *flying;
    struct pace pace;
    int64_t pause_until_us;
    enum place place;
    enum notify_lane ready_lane;       /* READY: which list */
    struct schedule_chat *prev, *next; /* READY: list */
    int64_t due_us;                    /* WAITING: heap key */
    size_t heap_at;                    /* WAITING: index */
};

struct bot_state {
    struct schedule_chat *first[NOTIFY_LANE_COUNT], *last[NOTIFY_LANE_COUNT]; /* READY */
    struct schedule_chat **heap;                                              /* WAITING */
    size_t heap_count, heap_cap;
    struct pace pace;
    int64_t pause_until_us;
    size_t flying;
    bool probing;
};

struct schedule {
    struct schedule_options opt;
    struct map *chats;
    struct bot_state bots[BOT_COUNT];
    int next_bot;
    size_t loaded;
    bool left_out; /* queues exist in the outbox that are not in memory */
};

/* ---- pace ---- */

static int64_t pace_ready_us(const struct pace *p, int64_t interval_us, int64_t burst)
{
    return p->full_at_us - (burst - 1) * interval_us;
}

static void pace_take(struct pace *p, int64_t interval_us, int64_t now_us)
{
    p->full_at_us = (p->full_at_us > now_us ? p->full_at_us : now_us) + interval_us;
}

static bool is_group(const struct schedule_chat *c)
{
    return c->chat_id < 0;
}

static int64_t group_burst(const struct schedule *s)
{
    return s->opt.per_group_per_min > 2 * GROUP_BURST ? GROUP_BURST : 1;
}

static int64_t chat_interval_us(const struct schedule *s, const struct schedule_chat *c)
{
    if (!is_group(c))
        return SECOND_US / s->opt.per_chat_per_s;
    int64_t paced = s->opt.per_group_per_min - group_burst(s);
    paced = paced > 0 ? paced : 1;
    return (60 * SECOND_US + paced - 1) / paced;
}

static int64_t chat_ready_us(const struct schedule *s, const struct schedule_chat *c)
{
    int64_t ready = 0;
    if (!s->opt.limits_off)
        ready = pace_ready_us(&c->pace, chat_interval_us(s, c),
                              is_group(c) ? group_burst(s) : s->opt.per_chat_burst);
    return ready > c->pause_until_us ? ready : c->pause_until_us;
}

static int64_t bot_interval_us(const struct schedule *s)
{
    return (SECOND_US + BOT_MARGIN_US + s->opt.per_bot_per_s - 1) / s->opt.per_bot_per_s;
}

static int64_t bot_burst(const struct schedule *s)
{
    int64_t ahead = BOT_PER_S_LIMIT - s->opt.per_bot_per_s;
    return ahead < 1 ? 1 : ahead > BOT_BURST_MAX ? BOT_BURST_MAX : ahead;
}

static int64_t bot_ready_us(const struct schedule *s, const struct bot_state *b)
{
    int64_t ready = 0;
    if (!s->opt.limits_off)
        ready = pace_ready_us(&b->pace, bot_interval_us(s), bot_burst(s));
    return ready > b->pause_until_us ? ready : b->pause_until_us;
}

/* ---- ready lists ---- */

static void ready_append(struct bot_state *b, struct schedule_chat *c, enum notify_lane lane)
{
    c->place = PLACE_READY;
    c->ready_lane = lane;
    c->next = NULL;
    c->prev = b->last[lane];
    if (c->prev != NULL)
        c->prev->next = c;
    else
        b->first[lane] = c;
    b->last[lane] = c;
}

static void ready_prepend(struct bot_state *b, struct schedule_chat *c, enum notify_lane lane)
{
    c->place = PLACE_READY;
    c->ready_lane = lane;
    c->prev = NULL;
    c->next = b->first[lane];
    if (c->next != NULL)
        c->next->prev = c;
    else
        b->last[lane] = c;
    b->first[lane] = c;
}

static void ready_remove(struct bot_state *b, struct schedule_chat *c)
{
    TR_ASSERT(c->place == PLACE_READY);
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        b->first[c->ready_lane] = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    else
        b->last[c->ready_lane] = c->prev;
    c->prev = c->next = NULL;
}

/* ---- waiting heap ---- */

static void heap_set(struct bot_state *b, size_t i, struct schedule_chat *c)
{
    b->heap[i] = c;
    c->heap_at = i;
}

static void heap_up(struct bot_state *b, size_t i)
{
    struct schedule_chat *c = b->heap[i];
    for (; i > 0 && b->heap[(i - 1) / 2]->due_us > c->due_us; i = (i - 1) / 2)
        heap_set(b, i, b->heap[(i - 1) / 2]);
    heap_set(b, i, c);
}

static void heap_down(struct bot_state *b, size_t i)
{
    struct schedule_chat *c = b->heap[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= b->heap_count)
            break;
        if (child + 1 < b->heap_count && b->heap[child + 1]->due_us < b->heap[child]->due_us)
            child++;
        if (b->heap[child]->due_us >= c->due_us)
            break;
        heap_set(b, i, b->heap[child]);
        i = child;
    }
    heap_set(b, i, c);
}

static void heap_push(struct bot_state *b, struct schedule_chat *c, int64_t due_us)
{
    if (b->heap_count == b->heap_cap) {
        size_t cap = b->heap_cap == 0 ? 64 : b->heap_cap * 2;
        struct schedule_chat **grown = xcalloc(cap, sizeof(struct schedule_chat *));
        if (b->heap_count > 0)
            memcpy(grown, b->heap, b->heap_count * sizeof(struct schedule_chat *));
        mem_free(b->heap);
        b->heap = grown;
        b->heap_cap = cap;
    }
    c->place = PLACE_WAITING;
    c->due_us = due_us;
    b->heap[b->heap_count] = c;
    c->heap_at = b->heap_count++;
    heap_up(b, c->heap_at);
}

static void heap_remove(struct bot_state *b, struct schedule_chat *c)
{
    TR_ASSERT(c->place == PLACE_WAITING && b->heap[c->heap_at] == c);
    size_t i = c->heap_at;
    b->heap_count--;
    if (i == b->heap_count)
        return;
    heap_set(b, i, b->heap[b->heap_count]);
    heap_up(b, i);
    heap_down(b, b->heap[i]->heap_at);
}

/* ---- queues ---- */

/* Telegram ids fit 52 bits: the shift loses nothing. */
static uint64_t chat_key(enum bot_id bot, int64_t chat_id)
{
    return ((uint64_t)chat_id << 3) | (uint64_t)bot;
}

static struct schedule_chat *find_chat(const struct schedule *s, enum bot_id bot, int64_t chat_id)
{
    return map_get(s->chats, chat_key(bot, chat_id));
}

static enum notify_lane best_lane(const struct schedule_chat *c)
{
    for (int lane = NOTIFY_LANE_UNSET + 1; lane < NOTIFY_LANE_COUNT; lane++)
        if (c->lanes[lane].head != NULL || c->lanes[lane].stored > 0)
            return (enum notify_lane)lane;
    return NOTIFY_LANE_UNSET;
}

static void unplace(struct schedule *s, struct schedule_chat *c)
{
    struct bot_state *b = &s->bots[c->bot];
    if (c->place == PLACE_READY)
        ready_remove(b, c);
    else if (c->place == PLACE_WAITING)
        heap_remove(b, c);
    c->place = PLACE_IDLE;
}

/* Puts a queue that is not in flight where it belongs; frees it when there is nothing to remember.
 */
static void place(struct schedule *s, struct schedule_chat *c, int64_t now_us)
{
    TR_ASSERT(c->flying == NULL);
    struct bot_state *b = &s->bots[c->bot];
    enum notify_lane lane = best_lane(c);
    int64_t due = chat_ready_us(s, c);
    if (c->place == PLACE_READY && lane == c->ready_lane && due <= now_us)
        return; /* it keeps its turn */
    unplace(s, c);
    if (lane != NOTIFY_LANE_UNSET) {
        if (due <= now_us)
            ready_append(b, c, lane);
        else
            heap_push(b, c, due);
        return;
    }
    int64_t forget = c->pace.full_at_us > due ? c->pace.full_at_us : due;
    if (s->opt.limits_off)
        forget = c->pause_until_us;
    if (forget > now_us) {
        heap_push(b, c, forget);
        return;
    }
    map_remove(s->chats, chat_key(c->bot, c->chat_id));
    mem_free(c);
}

/* The queue of (bot, chat), made when needed; NULL when there is no room for another. */
static struct schedule_chat *need_chat(struct schedule *s, enum bot_id bot, int64_t chat_id,
                                       bool *ret_is_new)
{
    struct schedule_chat *c = find_chat(s, bot, chat_id);
    *ret_is_new = c == NULL;
    if (c != NULL)
        return c;
    c = xalloc(sizeof(*c));
    c->bot = bot;
    c->chat_id = chat_id;
    c->place = PLACE_IDLE;
    if (map_put(s->chats, chat_key(bot, chat_id), c))
        return c;
    s->left_out = true;
    return mem_free(c);
}

static void lane_append(struct schedule *s, struct lane_queue *q, struct outbox_row *r)
{
    r->next = NULL;
    if (q->tail != NULL)
        q->tail->next = r;
    else
        q->head = r;
    q->tail = r;
    if (r->id > q->last_id)
        q->last_id = r->id;
    s->loaded++;
}

/* An edit that waits in memory is pointless once a newer one of the same message comes; its
 * callback query still wants its answer. */
static void supersede(struct lane_queue *q, const struct outbox_row *newer)
{
    if (newer->edit_id == 0)
        return;
    for (struct outbox_row *r = q->head; r != NULL; r = r->next)
        if (r->edit_id == newer->edit_id) {
            r->html = mem_free(r->html);
            r->keyboard = mem_free(r->keyboard);
        }
}

void schedule_add(struct schedule *s, struct outbox_row *r, int64_t now_us)
{
    TR_ASSERT(r->id != 0 && r->lane > NOTIFY_LANE_UNSET && r->lane < NOTIFY_LANE_COUNT);
    bool is_new = false;
    bool stored = r->id > 0;
    struct schedule_chat *c = need_chat(s, r->bot, r->chat_id, &is_new);
    if (c == NULL) {
        outbox_row_free(r);
        return;
    }
    struct lane_queue *q = &c->lanes[r->lane];
    if (stored && is_new && s->left_out) {
        /* Older rows of this chat may wait in the outbox: count them, this one included. */
        s->opt.count(s->opt.ctx, r->bot, r->chat_id);
        outbox_row_free(r);
    } else if (!stored || (q->stored == 0 && s->loaded < SCHEDULE_ROWS_MAX)) {
        supersede(q, r);
        lane_append(s, q, r);
    } else {
        q->stored++;
        outbox_row_free(r);
    }
    if (c->flying == NULL)
        place(s, c, now_us);
}

void schedule_set_stored(struct schedule *s, enum bot_id bot, int64_t chat_id,
                         enum notify_lane lane, int64_t count, int64_t now_us)
{
    TR_ASSERT(lane > NOTIFY_LANE_UNSET && lane < NOTIFY_LANE_COUNT && count >= 0);
    bool is_new = false;
    struct schedule_chat *c = need_chat(s, bot, chat_id, &is_new);
    if (c == NULL)
        return;
    TR_ASSERT(c->lanes[lane].head == NULL);
    c->lanes[lane].stored = count;
    if (c->flying == NULL)
        place(s, c, now_us);
}

bool schedule_wants_recount(struct schedule *s)
{
    if (!s->left_out || map_count(s->chats) > SCHEDULE_CHATS_MAX / 2)
        return false;
    s->left_out = false; /* set again when there still is no room for all */
    return true;
}

bool schedule_has_chat(const struct schedule *s, enum bot_id bot, int64_t chat_id)
{
    return find_chat(s, bot, chat_id) != NULL;
}

/* Returns how many rows were in memory only. */
static size_t drop_rows(struct schedule *s, struct schedule_chat *c)
{
    size_t unstored = 0;
    for (int lane = NOTIFY_LANE_UNSET + 1; lane < NOTIFY_LANE_COUNT; lane++) {
        struct lane_queue *q = &c->lanes[lane];
        for (struct outbox_row *r = q->head; r != NULL; s->loaded--) {
            struct outbox_row *next = r->next;
            unstored += r->id < 0;
            outbox_row_free(r);
            r = next;
        }
        *q = (struct lane_queue){0};
    }
    return unstored;
}

size_t schedule_purge(struct schedule *s, enum bot_id bot, int64_t chat_id, int64_t now_us)
{
    struct schedule_chat *c = find_chat(s, bot, chat_id);
    if (c == NULL)
        return 0;
    size_t unstored = drop_rows(s, c);
    if (c->flying == NULL)
        place(s, c, now_us);
    return unstored;
}

/* ---- taking ---- */

/* Brings the first stored rows of a lane into memory. Negative: they cannot be read now. */
static int refill(struct schedule *s, struct schedule_chat *c, enum notify_lane lane)
{
    struct lane_queue *q = &c->lanes[lane];
    struct outbox_row after = {
        .bot = c->bot, .chat_id = c->chat_id, .lane = lane, .id = q->last_id};
    int limit = s->loaded + LOAD_ROWS <= SCHEDULE_ROWS_MAX ? LOAD_ROWS : 1;
    struct outbox_row *r = NULL;
    int e = s->opt.load(s->opt.ctx, &after, limit, &r);
    if (e < 0)
        return err_trace(e);
    if (r == NULL)
        q->stored = 0;
    while (r != NULL) {
        struct outbox_row *next = r->next;
        lane_append(s, q, r);
        q->stored -= q->stored > 0;
        r = next;
    }
    return 0;
}

static struct outbox_row *pop_row(struct schedule *s, struct schedule_chat *c, int64_t now_us)
{
    enum notify_lane lane;
    while ((lane = best_lane(c)) != NOTIFY_LANE_UNSET) {
        struct lane_queue *q = &c->lanes[lane];
        if (q->head == NULL && refill(s, c, lane) < 0) {
            c->pause_until_us = now_us + UNREADABLE_PAUSE_US;
            return NULL;
        }
        struct outbox_row *r = q->head;
        if (r == NULL)
            continue;
        q->head = r->next;
        if (q->head == NULL)
            q->tail = NULL;
        r->next = NULL;
        return r;
    }
    return NULL;
}

static bool is_paced(const struct outbox_row *r)
{
    return r->bot != BOT_UNSET &&
           (r->html != NULL || r->photo != NULL); /* callback answers are not messages */
}

static void move_due(struct schedule *s, struct bot_state *b, int64_t now_us)
{
    while (b->heap_count > 0 && b->heap[0]->due_us <= now_us)
        place(s, b->heap[0], now_us);
}

static void take_bot_step(const struct schedule *s, struct bot_state *b, int64_t now_us)
{
    bool is_cold = b->pace.full_at_us + BOT_COLD_US < now_us && s->loaded >= BOT_PER_S_LIMIT;
    pace_take(&b->pace, bot_interval_us(s), now_us - BOT_LATE_US);
    if (is_cold)
        b->pace.full_at_us = now_us + BOT_WARM_UP_US + bot_burst(s) * bot_interval_us(s);
}

static struct schedule_chat *take_from_bot(struct schedule *s, struct bot_state *b, int64_t now_us,
                                           struct outbox_row **ret_row)
{
    move_due(s, b, now_us);
    if (bot_ready_us(s, b) > now_us || (b->probing && b->flying > 0))
        return NULL;
    for (int lane = NOTIFY_LANE_UNSET + 1; lane < NOTIFY_LANE_COUNT; lane++) {
        while (b->first[lane] != NULL) {
            struct schedule_chat *c = b->first[lane];
            struct outbox_row *r = pop_row(s, c, now_us);
            if (r == NULL) {
                place(s, c, now_us);
                continue;
            }
            ready_remove(b, c);
            c->place = PLACE_FLYING;
            c->flying = r;
            b->flying++;
            if (is_paced(r) && !s->opt.limits_off) {
                pace_take(&c->pace, chat_interval_us(s, c), now_us);
                take_bot_step(s, b, now_us);
            }
            *ret_row = r;
            return c;
        }
    }
    return NULL;
}

struct schedule_chat *schedule_take(struct schedule *s, int64_t now_us, struct outbox_row **ret_row)
{
    for (int i = 1; i <= BOT_COUNT; i++) {
        int bot = (s->next_bot + i) % BOT_COUNT;
        struct schedule_chat *c = take_from_bot(s, &s->bots[bot], now_us, ret_row);
        if (c != NULL) {
            s->next_bot = bot;
            return c;
        }
    }
    return NULL;
}

/* Out of flight: the row is the caller's again. */
static struct outbox_row *land(struct schedule *s, struct schedule_chat *c)
{
    TR_ASSERT(c->place == PLACE_FLYING && c->flying != NULL);
    TR_ASSERT(s->bots[c->bot].flying > 0);
    struct outbox_row *r = c->flying;
    c->flying = NULL;
    c->place = PLACE_IDLE;
    s->bots[c->bot].flying--;
    return r;
}

static void put_back(struct schedule_chat *c, struct outbox_row *r)
{
    struct lane_queue *q = &c->lanes[r->lane];
    r->next = q->head;
    q->head = r;
    if (q->tail == NULL)
        q->tail = r;
}

static void pace_give_back(struct pace *p, int64_t interval_us)
{
    p->full_at_us -= interval_us;
}

void schedule_untake(struct schedule *s, struct schedule_chat *c)
{
    struct bot_state *b = &s->bots[c->bot];
    struct outbox_row *r = land(s, c);
    if (is_paced(r) && !s->opt.limits_off) {
        pace_give_back(&c->pace, chat_interval_us(s, c));
        pace_give_back(&b->pace, bot_interval_us(s));
    }
    put_back(c, r);
    ready_prepend(b, c, best_lane(c));
}

void schedule_done(struct schedule *s, struct schedule_chat *c, int64_t now_us)
{
    struct outbox_row *r = land(s, c);
    outbox_row_free(r);
    TR_ASSERT(s->loaded > 0);
    s->loaded--;
    place(s, c, now_us);
}

void schedule_retry(struct schedule *s, struct schedule_chat *c, int64_t pause_us, int64_t now_us)
{
    put_back(c, land(s, c));
    if (now_us + pause_us > c->pause_until_us)
        c->pause_until_us = now_us + pause_us;
    place(s, c, now_us);
}

struct outbox_row *schedule_flying(const struct schedule_chat *c)
{
    return c->flying;
}

bool schedule_is_flying(const struct schedule *s, enum bot_id bot, int64_t chat_id)
{
    const struct schedule_chat *c = find_chat(s, bot, chat_id);
    return c != NULL && c->flying != NULL;
}

void schedule_pause_bot(struct schedule *s, enum bot_id bot, int64_t until_us)
{
    struct bot_state *b = &s->bots[bot];
    if (until_us > b->pause_until_us)
        b->pause_until_us = until_us;
}

void schedule_set_probing(struct schedule *s, enum bot_id bot, bool probing)
{
    s->bots[bot].probing = probing;
}

int64_t schedule_due_us(const struct schedule *s, int64_t now_us)
{
    int64_t due = INT64_MAX;
    for (int i = BOT_UNSET; i < BOT_COUNT; i++) {
        const struct bot_state *b = &s->bots[i];
        int64_t chat_due = b->heap_count > 0 ? b->heap[0]->due_us : INT64_MAX;
        for (int lane = NOTIFY_LANE_UNSET + 1; lane < NOTIFY_LANE_COUNT; lane++)
            if (b->first[lane] != NULL)
                chat_due = now_us;
        if (chat_due == INT64_MAX || (b->probing && b->flying > 0))
            continue;
        int64_t ready = bot_ready_us(s, b);
        int64_t both = chat_due > ready ? chat_due : ready;
        due = both < due ? both : due;
    }
    return due;
}

size_t schedule_loaded(const struct schedule *s)
{
    return s->loaded;
}

/* ---- life ---- */

struct schedule *schedule_new(const struct schedule_options *opt)
{
    TR_ASSERT(opt->load != NULL && opt->count != NULL);
    TR_ASSERT(opt->per_chat_per_s > 0 && opt->per_chat_burst > 0 && opt->per_bot_per_s > 0);
    TR_ASSERT(opt->per_group_per_min > 0);
    struct schedule *s = xalloc(sizeof(*s));
    s->opt = *opt;
    s->chats = map_new(SCHEDULE_CHATS_MAX);
    return s;
}

struct schedule *schedule_free(struct schedule *s)
{
    if (s == NULL)
        return NULL;
    size_t pos = 0;
    uint64_t key = 0;
    for (struct schedule_chat *c; (c = map_next(s->chats, &pos, &key)) != NULL;) {
        (void)drop_rows(s, c); /* all of it goes */
        outbox_row_free(c->flying);
        mem_free(c);
    }
    map_free(s->chats);
    for (int i = 0; i < BOT_COUNT; i++)
        mem_free(s->bots[i].heap);
    return mem_free(s);
}
