/* GET /sandbox/wait: a script waits for what a bot says. Answers the earliest change after `after`
 * (a seq) whose text contains `contains`, or the answer to a callback query; 408 when the time is
 * over. */
#include <string.h>

#include "core/alloc.h"
#include "sandbox/internal.h"

#define WAIT_DEFAULT_MS 10000
#define WAIT_MAX_MS     300000

static bool matches(const struct sandbox_message *m, int64_t after_seq, const char *contains)
{
    return !m->deleted && m->bot >= 0 && m->media != SANDBOX_MEDIA_SERVICE && m->seq > after_seq &&
           (!contains || strstr(m->text, contains) ||
            (m->keyboard && strstr(m->keyboard, contains)));
}

static void remove_wait(struct sandbox *s, size_t i)
{
    TR_ASSERT(i < s->wait_count);
    (void)mem_free(s->waits[i].contains);
    s->waits[i] = s->waits[--s->wait_count];
}

static void answer_wait(struct sandbox_turn *t, size_t i, int status, struct buf *out)
{
    (void)sandbox_turn_json(t, t->s->waits[i].x, status, out);
    remove_wait(t->s, i);
}

static void write_message(struct jsonw *w, struct sandbox *s, const struct sandbox_chat *c,
                          const struct sandbox_message *m)
{
    jsonw_i64(w, "seq", m->seq);
    sandbox_render_page_message(w, "message", &s->world, c, m);
}

static void write_callback(struct jsonw *w, const struct sandbox_callback *cb)
{
    jsonw_str(w, "text", cb->text ? cb->text : "");
    jsonw_bool(w, "alert", cb->alert);
}

static void release(struct sandbox_turn *t, size_t i, int status, const char *text)
{
    struct buf out TR_CLEANUP(buf_deinit);
    buf_init(&out, 256);
    buf_printf(&out, "{\"ok\":false,\"error\":\"%s\"}", text);
    answer_wait(t, i, status, &out);
}

void sandbox_waits_check(struct sandbox_turn *t, struct sandbox_chat *c,
                         const struct sandbox_message *m)
{
    struct sandbox *s = t->s;
    for (size_t i = s->wait_count; i-- > 0;) {
        struct sandbox_wait *wait = &s->waits[i];
        if (wait->chat != c || !matches(m, wait->after_seq, wait->contains))
            continue;
        struct buf out TR_CLEANUP(buf_deinit);
        struct jsonw w;
        buf_init(&out, SANDBOX_OUT_MAX_BYTES);
        jsonw_init(&w, &out);
        jsonw_object_begin(&w, NULL);
        jsonw_bool(&w, "ok", true);
        write_message(&w, s, c, m);
        jsonw_object_end(&w);
        answer_wait(t, i, 200, &out);
    }
}

void sandbox_waits_callback(struct sandbox_turn *t, const struct sandbox_callback *cb)
{
    struct sandbox *s = t->s;
    for (size_t i = s->wait_count; i-- > 0;) {
        if (s->waits[i].chat || s->waits[i].callback_serial != cb->serial)
            continue;
        struct buf out TR_CLEANUP(buf_deinit);
        struct jsonw w;
        buf_init(&out, 64 * 1024);
        jsonw_init(&w, &out);
        jsonw_object_begin(&w, NULL);
        jsonw_bool(&w, "ok", true);
        write_callback(&w, cb);
        jsonw_object_end(&w);
        answer_wait(t, i, 200, &out);
    }
}

void sandbox_waits_timeouts(struct sandbox_turn *t, int64_t now_us, int64_t *due_us)
{
    struct sandbox *s = t->s;
    for (size_t i = s->wait_count; i-- > 0;) {
        if (s->waits[i].deadline_us <= now_us || s->stopping)
            release(t, i, s->stopping ? 503 : 408,
                    s->stopping ? "the sandbox stops" : "nothing came in time");
        else if (s->waits[i].deadline_us < *due_us)
            *due_us = s->waits[i].deadline_us;
    }
}

void sandbox_waits_release_all(struct sandbox_turn *t, int status)
{
    while (t->s->wait_count > 0)
        release(t, t->s->wait_count - 1, status, "the sandbox was reset");
}

static void park(struct sandbox_action *a, const struct sandbox_wait *wait)
{
    struct sandbox *s = a->s;
    int64_t timeout_ms = sandbox_param_i64(&a->params, "timeout_ms", WAIT_DEFAULT_MS);
    timeout_ms = timeout_ms < 0 ? 0 : timeout_ms > WAIT_MAX_MS ? WAIT_MAX_MS : timeout_ms;
    if (s->wait_count == SANDBOX_WAITS_MAX) {
        sandbox_action_error(a, 409, "too many waits");
        return;
    }
    TR_ASSERT(!a->parked);
    struct sandbox_wait *slot = &s->waits[s->wait_count++];
    *slot = *wait;
    slot->x = a->x;
    slot->contains = xstrdup(wait->contains);
    slot->deadline_us = sandbox_now_us() + timeout_ms * 1000;
    sandbox_timer_at(s, slot->deadline_us);
    a->parked = true;
}

static void wait_callback(struct sandbox_action *a, const char *id)
{
    const struct sandbox_callback *cb = sandbox_callback_get(&a->s->world, id);
    if (!cb)
        sandbox_action_error(a, 404, "callback is not known");
    else if (cb->answered)
        write_callback(&a->w, cb);
    else
        park(a, &(struct sandbox_wait){.callback_serial = cb->serial});
}

void sandbox_action_wait(struct sandbox_action *a)
{
    const char *callback = sandbox_param_text(&a->params, "callback");
    if (callback) {
        wait_callback(a, callback);
        return;
    }
    struct sandbox_person *p = sandbox_action_person(a);
    struct sandbox_wait wait = {.chat = p ? sandbox_action_chat(a, p) : NULL};
    if (!wait.chat)
        return;
    const char *contains = sandbox_param_text(&a->params, "contains");
    wait.after_seq = sandbox_param_i64(&a->params, "after", 0);
    const struct sandbox_message *first = NULL;
    for (size_t i = 0; i < wait.chat->count; i++) {
        const struct sandbox_message *m = sandbox_chat_at(wait.chat, i);
        if (matches(m, wait.after_seq, contains) && (!first || m->seq < first->seq))
            first = m;
    }
    if (first) {
        write_message(&a->w, a->s, wait.chat, first);
        return;
    }
    wait.contains = contains ? (char *)(uintptr_t)contains : NULL; /* park copies it */
    park(a, &wait);
}
