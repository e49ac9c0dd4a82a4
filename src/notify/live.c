/* See live.h. A card is drawn by a callback and compared with what was last delivered; only what
 * differs becomes a row in memory (a card that waited over a restart would be old news). While its
 * row is under way a card is left alone, so a slow or flooded chat gets the newest text next and
 * never a queue of old ones. The first delivery of a card tells its message id, which every later
 * row edits; the sender turns the edit of a deleted message into a new one and tells that id. */
#include "notify/live.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "notify/notify_impl.h"

#define CARD_TEXT_MAX_BYTES 4096
#define CARD_KEYS_MAX_BYTES 2048
#define TRADER_CAP          33

struct live_card {
    enum live_kind kind; /* UNSET = free */
    enum bot_id bot;
    int64_t chat_id, thread_id, message_id; /* 0 = not sent yet */
    char trader[TRADER_CAP];
    bool is_pinned;
    char *shown, *flying; /* text and keyboard last delivered, and under way */
    int64_t row_id;       /* of the row under way; 0 = none */
    int64_t row_us, next_us;
};

/* A row that tells an entry, or an exit that will answer it. */
struct live_link {
    int64_t row_id;
    bool is_entry;
    char position[PLACES_KEY_CAP]; /* the message of this position, or else ... */
    char decision[PLACES_KEY_CAP]; /* of the decision: its legs may share a card */
};

struct live_topic {
    int64_t row_id; /* 0 = free */
    int64_t chat_id;
    char key[PLACES_KEY_CAP];
};

struct live {
    struct places *places;
    struct live_card cards[LIVE_CARDS_MAX];
    struct live_link links[LIVE_LINKS_MAX]; /* ring */
    size_t next_link;
    struct live_topic topics[LIVE_TOPICS_MAX];
};

static const char *const kind_names[LIVE_KIND_COUNT] = {[LIVE_UNSET] = "",
                                                        [LIVE_STATUS] = "status",
                                                        [LIVE_POSITIONS] = "positions",
                                                        [LIVE_HEADER] = "header"};

const char *live_kind_name(enum live_kind k)
{
    TR_ASSERT((int)k >= 0 && k < LIVE_KIND_COUNT);
    return kind_names[k];
}

bool live_kind_parse(const char *name, enum live_kind *ret)
{
    for (int k = LIVE_UNSET + 1; k < LIVE_KIND_COUNT; k++)
        if (strcmp(name, kind_names[k]) == 0) {
            *ret = (enum live_kind)k;
            return true;
        }
    return false;
}

/* ---- cards ---- */

static struct place_at card_place(const struct live_card *c)
{
    return (struct place_at){
        .kind = PLACE_CARD, .bot = c->bot, .chat_id = c->chat_id, .key = kind_names[c->kind]};
}

static void save(struct live *l, const struct live_card *c)
{
    char extra[PLACES_EXTRA_CAP];
    struct place_at at = card_place(c);
    (void)snprintf(extra, sizeof extra, "%" PRId64 " %s", c->thread_id, c->trader);
    places_set(l->places, &at, c->message_id, extra);
}

static void clear(struct live_card *c)
{
    mem_free(c->shown);
    mem_free(c->flying);
    *c = (struct live_card){0};
}

/* The chat's card of this kind, whichever bot shows it; a free place when there is none; NULL:
 * full. */
static struct live_card *card_for(struct live *l, int64_t chat_id, enum live_kind kind)
{
    struct live_card *empty = NULL;
    for (size_t i = 0; i < LIVE_CARDS_MAX; i++) {
        struct live_card *c = &l->cards[i];
        if (c->kind == kind && c->chat_id == chat_id)
            return c;
        if (c->kind == LIVE_UNSET && !empty)
            empty = c;
    }
    return empty;
}

static void on_stored(void *ctx, const struct place_at *at, int64_t id, const char *extra)
{
    struct live *l = ctx;
    enum live_kind kind = LIVE_UNSET;
    long long thread = 0;
    char trader[TRADER_CAP] = "";
    struct live_card *c;
    if (!live_kind_parse(at->key, &kind) || sscanf(extra, "%lld %32s", &thread, trader) != 2 ||
        !(c = card_for(l, at->chat_id, kind)))
        return;
    *c = (struct live_card){.kind = kind,
                            .bot = at->bot,
                            .chat_id = at->chat_id,
                            .thread_id = thread,
                            .message_id = id,
                            .is_pinned = id != 0};
    TR_ASSERT(str_copy(c->trader, sizeof c->trader, trader));
}

int live_open(const char *db_path, struct live **ret)
{
    const char *slash = strrchr(db_path, '/');
    int dir = slash ? (int)(slash - db_path) : 1;
    TR_CLEANUP(mem_freep) char *path = xasprintf("%.*s/places.db", dir, slash ? db_path : ".");
    struct live *l = xalloc(sizeof *l);
    int r = places_open(path, &l->places);
    if (r < 0) {
        mem_free(l);
        return err_trace(r);
    }
    places_visit(l->places, PLACE_CARD, on_stored, l);
    *ret = l;
    return 0;
}

struct live *live_close(struct live *l)
{
    if (!l)
        return NULL;
    for (size_t i = 0; i < LIVE_CARDS_MAX; i++)
        clear(&l->cards[i]);
    places_close(l->places);
    return mem_free(l);
}

static int64_t interval_us(const struct live_card *c)
{
    int64_t us = c->kind == LIVE_HEADER ? LIVE_HEADER_US : LIVE_INTERVAL_US;
    return c->chat_id < 0 ? us * LIVE_GROUP_FACTOR : us;
}

static int zone_of(const struct notify *n, int64_t chat_id)
{
    const struct target *who = targets_find(&n->targets, chat_id);
    return who != NULL && who->rules != NULL ? who->rules->utc_offset_min : RULES_ZONE_UNSET;
}

static void draw(struct notify *n, struct live_card *c, int64_t now_us)
{
    struct live_want want = {.kind = c->kind,
                             .trader = c->trader,
                             .lang = targets_lang(&n->targets, c->chat_id),
                             .chat_id = c->chat_id,
                             .utc_offset_min = zone_of(n, c->chat_id)};
    struct buf html TR_CLEANUP(buf_deinit) = {0};
    struct buf keys TR_CLEANUP(buf_deinit) = {0};
    buf_init(&html, CARD_TEXT_MAX_BYTES);
    buf_init(&keys, CARD_KEYS_MAX_BYTES);
    c->next_us = now_us + interval_us(c);
    if (!n->opt.draw(n->opt.draw_ctx, &want, &html, &keys) || buf_failed(&html) ||
        buf_failed(&keys) || html.len == 0)
        return;
    char *whole = xasprintf("%s%c%s", html.data, '\x1e', keys.len > 0 ? keys.data : "");
    if (c->message_id != 0 && str_eq(whole, c->shown)) {
        mem_free(whole);
        return;
    }
    struct outbox_row *r = xalloc(sizeof *r);
    *r = (struct outbox_row){.bot = c->bot,
                             .lane = NOTIFY_LANE_LOW,
                             .chat_id = c->chat_id,
                             .thread_id = c->thread_id,
                             .edit_id = c->message_id,
                             .html = xstrdup(html.data),
                             .keyboard = keys.len > 0 ? xstrdup(keys.data) : NULL,
                             .created_ms = clock_wall_ms(n->opt.clock)};
    int64_t id = n->alarm_id - 1; /* what the row will be called */
    mem_free(c->flying);
    c->flying = whole;
    c->row_id = id;
    c->row_us = now_us;
    if (!notify_add_memory_row(n, r))
        c->row_id = 0;
}

void live_turn(struct notify *n)
{
    int64_t now = notify_now_us(n);
    if (!n->opt.draw || notify_is_stopping(n))
        return;
    for (size_t i = 0; i < LIVE_CARDS_MAX; i++) {
        struct live_card *c = &n->live_cards->cards[i];
        bool is_lost = c->row_id != 0 && now - c->row_us > LIVE_LOST_US; /* its chat was purged */
        if (c->kind == LIVE_UNSET || now < c->next_us || (c->row_id != 0 && !is_lost))
            continue;
        if (notify_is_suspended(n, c->bot, c->chat_id))
            c->next_us = now + LIVE_FAILED_PAUSE_US;
        else
            draw(n, c, now);
    }
}

int64_t live_due_us(const struct notify *n)
{
    int64_t due = INT64_MAX;
    if (!n->opt.draw || notify_is_stopping(n))
        return due;
    for (size_t i = 0; i < LIVE_CARDS_MAX; i++) {
        const struct live_card *c = &n->live_cards->cards[i];
        if (c->kind != LIVE_UNSET && c->row_id == 0 && c->next_us < due)
            due = c->next_us;
    }
    return due;
}

static struct live_card *card_of_row(struct notify *n, int64_t row_id)
{
    for (size_t i = 0; i < LIVE_CARDS_MAX; i++)
        if (row_id < 0 && n->live_cards->cards[i].row_id == row_id)
            return &n->live_cards->cards[i];
    return NULL;
}

static void pin(struct notify *n, struct live_card *c)
{
    struct outbox_row *r = xalloc(sizeof *r);
    *r = (struct outbox_row){.bot = c->bot,
                             .lane = NOTIFY_LANE_LOW,
                             .chat_id = c->chat_id,
                             .pin_id = c->message_id,
                             .created_ms = clock_wall_ms(n->opt.clock)};
    c->is_pinned = notify_add_memory_row(n, r);
}

/* ---- results ---- */

static void on_topic_made(struct notify *n, const struct outbox_row *row, int64_t thread_id)
{
    for (size_t i = 0; i < LIVE_TOPICS_MAX; i++) {
        struct live_topic *t = &n->live_cards->topics[i];
        if (t->row_id != row->id)
            continue;
        struct place_at at = {.kind = PLACE_TOPIC, .chat_id = t->chat_id, .key = t->key};
        places_set(n->live_cards->places, &at, thread_id, "");
        log_info("notify", "topic_made chat=%" PRId64 " about=%s", t->chat_id, t->key);
    }
}

static struct live_link *link_of_row(struct notify *n, int64_t row_id)
{
    for (size_t i = 0; i < LIVE_LINKS_MAX; i++)
        if (row_id > 0 && n->live_cards->links[i].row_id == row_id)
            return &n->live_cards->links[i];
    return NULL;
}

void live_on_id(struct notify *n, const struct outbox_row *row, int64_t id)
{
    TR_ASSERT(n && row && id != 0);
    if (row->topic) {
        on_topic_made(n, row, id);
        return;
    }
    struct live_link *link = link_of_row(n, row->id);
    if (link && link->is_entry) {
        struct place_at at = {
            .kind = PLACE_ENTRY, .bot = row->bot, .chat_id = row->chat_id, .key = link->position};
        places_set(n->live_cards->places, &at, id, "");
        at.key = link->decision;
        places_set(n->live_cards->places, &at, id, "");
    }
    struct live_card *c = card_of_row(n, row->id);
    if (!c || c->message_id == id)
        return;
    c->message_id = id; /* the first one, or a new one where the old was deleted */
    save(n->live_cards, c);
    if (c->kind == LIVE_HEADER)
        pin(n, c);
}

void live_on_result(struct notify *n, const struct outbox_row *row, enum sink_result r)
{
    bool is_over = r == SINK_SENT || r == SINK_DROP || r == SINK_CHAT_GONE;
    if (!is_over)
        return;
    for (size_t i = 0; i < LIVE_TOPICS_MAX; i++)
        if (row->topic && n->live_cards->topics[i].row_id == row->id)
            n->live_cards->topics[i] = (struct live_topic){0};
    struct live_link *link = link_of_row(n, row->id);
    if (link)
        *link = (struct live_link){0};
    struct live_card *c = card_of_row(n, row->id);
    if (!c)
        return;
    c->row_id = 0;
    mem_free(c->shown);
    c->shown = r == SINK_SENT ? TR_STEAL(c->flying) : NULL;
    if (r != SINK_SENT)
        c->next_us = notify_now_us(n) + LIVE_FAILED_PAUSE_US;
}

void live_on_thread_gone(struct notify *n, const struct outbox_row *row)
{
    places_remove_topic(n->live_cards->places, row->chat_id, row->thread_id);
    struct live_card *c = card_of_row(n, row->id);
    if (!c)
        return;
    c->thread_id = 0;
    save(n->live_cards, c);
}

void live_on_migrated(struct notify *n, int64_t from, int64_t to)
{
    struct live *l = n->live_cards;
    places_migrate(l->places, from, to);
    for (size_t i = 0; i < LIVE_CARDS_MAX; i++)
        if (l->cards[i].chat_id == from) {
            l->cards[i].chat_id = to;
            l->cards[i].message_id = 0;
            l->cards[i].row_id = 0;
        }
}

/* ---- what people ask for ---- */

static void stop_card(struct live *l, struct live_card *c)
{
    struct place_at at = card_place(c);
    places_remove(l->places, &at);
    clear(c);
}

void live_forget(struct notify *n, int64_t chat_id)
{
    for (size_t i = 0; i < LIVE_CARDS_MAX; i++)
        if (n->live_cards->cards[i].kind != LIVE_UNSET &&
            n->live_cards->cards[i].chat_id == chat_id)
            stop_card(n->live_cards, &n->live_cards->cards[i]);
}

static void start_card(struct notify *n, const struct event *e, enum live_kind kind,
                       const char *rest)
{
    struct live *l = n->live_cards;
    int64_t chat_id = targets_resolve(&n->targets, e->chat_id);
    struct live_card *c = card_for(l, chat_id, kind);
    int bot = 0;
    long long thread = 0;
    char trader[TRADER_CAP] = "";
    if (c && c->kind == kind)
        stop_card(l, c);
    if (strcmp(rest, "off") == 0)
        return;
    if (!c || sscanf(rest, "%d %lld %32s", &bot, &thread, trader) != 3 || bot <= BOT_UNSET ||
        bot >= BOT_COUNT) {
        log_warn("notify", "card_not_started chat=%" PRId64 " max=%d", chat_id, LIVE_CARDS_MAX);
        return;
    }
    *c = (struct live_card){.kind = kind,
                            .bot = notify_actual_bot(n, (enum bot_id)bot),
                            .chat_id = chat_id,
                            .thread_id = thread};
    TR_ASSERT(str_copy(c->trader, sizeof c->trader, trader));
    save(l, c);
}

static void set_topics(struct notify *n, const struct event *e, const char *mode)
{
    struct place_at at = {
        .kind = PLACE_TOPICS, .chat_id = targets_resolve(&n->targets, e->chat_id), .key = ""};
    if (strcmp(mode, "off") == 0)
        places_remove(n->live_cards->places, &at);
    else
        places_set(n->live_cards->places, &at, 1, mode);
}

bool live_apply(struct notify *n, const struct event *e)
{
    TR_ASSERT(e->type == EVENT_SUBSCRIPTION);
    enum live_kind kind = LIVE_UNSET;
    char name[16];
    if (str_starts(e->text, "topics ")) {
        set_topics(n, e, e->text + strlen("topics "));
        return true;
    }
    if (!str_starts(e->text, "card "))
        return false;
    const char *p = e->text + strlen("card ");
    size_t len = strcspn(p, " ");
    (void)snprintf(name, sizeof name, "%.*s", (int)len, p);
    if (len > 0 && live_kind_parse(name, &kind))
        start_card(n, e, kind, p + len + (p[len] == ' '));
    return true;
}

/* ---- topics and answers ---- */

static void make_topic(struct notify *n, const struct outbox_row *row, const char *key,
                       const char *name)
{
    struct live_topic *empty = NULL;
    for (size_t i = 0; i < LIVE_TOPICS_MAX; i++) {
        struct live_topic *t = &n->live_cards->topics[i];
        if (t->row_id != 0 && t->chat_id == row->chat_id && strcmp(t->key, key) == 0)
            return; /* on its way */
        if (t->row_id == 0)
            empty = t;
    }
    if (!empty || notify_is_stopping(n))
        return;
    struct outbox_row *r = xalloc(sizeof *r);
    *r = (struct outbox_row){.bot = row->bot,
                             .lane = NOTIFY_LANE_REPLY,
                             .chat_id = row->chat_id,
                             .topic = xstrdup(name),
                             .created_ms = row->created_ms};
    *empty = (struct live_topic){.row_id = n->alarm_id - 1, .chat_id = row->chat_id};
    TR_ASSERT(str_copy(empty->key, sizeof empty->key, key));
    if (!notify_add_memory_row(n, r))
        *empty = (struct live_topic){0};
}

void live_topic(struct notify *n, int64_t chat_id, const char *trader, const struct event *e,
                char ret[PLACES_KEY_CAP])
{
    char mode[PLACES_EXTRA_CAP];
    struct place_at chat = {.kind = PLACE_TOPICS, .chat_id = chat_id, .key = ""};
    ret[0] = '\0';
    if (chat_id >= 0 || !trader || !places_has(n->live_cards->places, &chat, mode))
        return;
    const char *name = strcmp(mode, "strategy") == 0 ? e->plugin : trader;
    if (name[0] != '\0') /* else about none of them */
        (void)snprintf(ret, PLACES_KEY_CAP, "%s:%s", mode, name);
}

int64_t live_thread(struct notify *n, const struct outbox_row *row, const char *topic)
{
    const char *name = strchr(topic, ':');
    struct place_at at = {.kind = PLACE_TOPIC, .chat_id = row->chat_id, .key = topic};
    if (!name)
        return 0;
    int64_t thread = places_get(n->live_cards->places, &at, NULL);
    if (thread == 0)
        make_topic(n, row, topic, name + 1);
    return thread;
}

void live_note_row(struct notify *n, const struct outbox_row *row, const char *trader,
                   const struct event *e)
{
    bool is_exit = e->exit_e8 != DEC_NONE;
    bool is_entry = !is_exit && strstr(event_info(e->type)->name, "entry") != NULL;
    if (!trader || e->cause_seq == 0 || (!is_entry && !is_exit) || row->id <= 0)
        return;
    struct live_link *link = &n->live_cards->links[n->live_cards->next_link++ % LIVE_LINKS_MAX];
    *link = (struct live_link){.row_id = row->id, .is_entry = is_entry};
    uint64_t cid = e->position_cid != 0 ? e->position_cid : e->cid;
    (void)snprintf(link->position, sizeof link->position, "%s:p%" PRIu64, trader, cid);
    (void)snprintf(link->decision, sizeof link->decision, "%s:%" PRIu64, trader, e->cause_seq);
}

int64_t live_reply_to(struct notify *n, const struct outbox_row *row)
{
    const struct live_link *link = link_of_row(n, row->id);
    if (!link || link->is_entry)
        return 0;
    struct place_at at = {
        .kind = PLACE_ENTRY, .bot = row->bot, .chat_id = row->chat_id, .key = link->position};
    int64_t id = places_get(n->live_cards->places, &at, NULL);
    at.key = link->decision;
    return id != 0 ? id : places_get(n->live_cards->places, &at, NULL);
}
