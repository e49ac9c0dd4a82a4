/* A small table of causes, searched in order. A cause lives from its first event until a whole
 * window passed without a repeat. The window runs on the monotonic clock and starts anew after a
 * restart; the count does not. */
#include "notify/throttle.h"

#include <string.h>

#include "core/alloc.h"

/* Causes watched at once; with more of them at the same time the surplus passes unthrottled. */
#define CAUSES_MAX 128

enum cause_state { CAUSE_FREE = 0, CAUSE_CLEAN, CAUSE_DIRTY, CAUSE_GONE /* to be deleted */ };

struct cause {
    struct outbox_throttle key; /* with the counter */
    int64_t until_us;
    enum cause_state state;
};

struct throttle {
    int64_t window_us;
    struct cause causes[CAUSES_MAX];
    bool is_dirty;
};

struct throttle *throttle_new(int window_ms)
{
    TR_ASSERT(window_ms >= 0);
    struct throttle *t = xalloc(sizeof(*t));
    t->window_us = (int64_t)window_ms * 1000;
    return t;
}

struct throttle *throttle_free(struct throttle *t)
{
    return mem_free(t);
}

static void set_state(struct throttle *t, struct cause *c, enum cause_state state)
{
    c->state = state;
    t->is_dirty = true;
}

static bool is_same(const struct cause *c, const struct event *e)
{
    return c->key.type == (int)e->type && c->key.reason == (int)e->reason &&
           strcmp(c->key.symbol, e->symbol) == 0;
}

/* Fills, entries, exits and everything critical always pass. */
bool throttle_is_watched(enum event_type type)
{
    return type == EVENT_SIGNAL_REFUSED || type == EVENT_SIGNAL_NOTICE ||
           type == EVENT_ORDER_FAILED || type == EVENT_PLUGIN_ERROR || type == EVENT_ALERT_ERROR;
}

int64_t throttle_count(struct throttle *t, const struct event *e, int64_t now_us)
{
    if (t->window_us == 0 || !throttle_is_watched(e->type))
        return 0;
    struct cause *unused = NULL;
    struct cause *found = NULL;
    for (size_t i = 0; i < CAUSES_MAX && found == NULL; i++) {
        struct cause *c = &t->causes[i];
        if (c->state != CAUSE_FREE && is_same(c, e))
            found = c;
        else if (c->state == CAUSE_FREE && unused == NULL)
            unused = c;
    }
    if (found != NULL && found->state != CAUSE_GONE) {
        found->key.count++;
        set_state(t, found, CAUSE_DIRTY);
        return found->key.count;
    }
    struct cause *c = found != NULL ? found : unused;
    if (c == NULL)
        return 0;
    c->key = (struct outbox_throttle){
        .type = (int)e->type, .reason = (int)e->reason, .since_ms = e->time_ms};
    (void)str_copy(c->key.symbol, sizeof(c->key.symbol), e->symbol);
    c->until_us = now_us + t->window_us;
    set_state(t, c, CAUSE_DIRTY);
    return 0;
}

bool throttle_take_due(struct throttle *t, int64_t now_us, struct outbox_throttle *ret)
{
    for (size_t i = 0; i < CAUSES_MAX; i++) {
        struct cause *c = &t->causes[i];
        bool watched = c->state == CAUSE_CLEAN || c->state == CAUSE_DIRTY;
        if (!watched || c->until_us > now_us)
            continue;
        if (c->key.count == 0) {
            set_state(t, c, CAUSE_GONE);
            continue;
        }
        *ret = c->key;
        c->key.count = 0;
        c->until_us = now_us + t->window_us;
        set_state(t, c, CAUSE_DIRTY);
        return true;
    }
    return false;
}

int64_t throttle_due_us(const struct throttle *t)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < CAUSES_MAX; i++) {
        const struct cause *c = &t->causes[i];
        if ((c->state == CAUSE_CLEAN || c->state == CAUSE_DIRTY) && c->until_us < due)
            due = c->until_us;
    }
    return due;
}

int throttle_save(struct throttle *t, struct outbox *o)
{
    for (size_t i = 0; i < CAUSES_MAX && t->is_dirty; i++) {
        struct cause *c = &t->causes[i];
        int r = 0;
        if (c->state == CAUSE_DIRTY)
            r = outbox_save_throttle(o, &c->key);
        else if (c->state == CAUSE_GONE)
            r = outbox_drop_throttle(o, &c->key);
        if (r < 0)
            return err_trace(r);
        if (c->state == CAUSE_DIRTY)
            c->state = CAUSE_CLEAN;
        else if (c->state == CAUSE_GONE)
            c->state = CAUSE_FREE;
    }
    t->is_dirty = false;
    return 0;
}

bool throttle_is_dirty(const struct throttle *t)
{
    return t->is_dirty;
}

struct load_ctx {
    struct throttle *throttle;
    size_t count;
    int64_t now_us;
};

static void on_throttle(void *ctx, const struct outbox_throttle *stored)
{
    struct load_ctx *load = ctx;
    if (load->count == CAUSES_MAX)
        return;
    struct cause *c = &load->throttle->causes[load->count++];
    c->key = *stored;
    c->until_us = load->now_us + load->throttle->window_us;
    c->state = CAUSE_CLEAN;
}

int throttle_load(struct throttle *t, struct outbox *o, int64_t now_us)
{
    memset(t->causes, 0, sizeof(t->causes));
    t->is_dirty = false;
    struct load_ctx load = {t, 0, now_us};
    const struct outbox_visitor visitor = {.ctx = &load, .throttle = on_throttle};
    return err_trace(outbox_visit_state(o, &visitor));
}
