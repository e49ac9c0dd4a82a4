#include "engine/session_clock.h"

#include <stdio.h>

#include "core/alloc.h"
#include "engine/apply.h"

#define MS_PER_MINUTE INT64_C(60000)
#define CLOSE_LOOP_MS 5000

static int local_minute(const struct engine_rules *r, int64_t now_ms)
{
    return clock_minute_of_day(now_ms, r->utc_offset_min);
}

enum reason session_clock_gate(const struct engine_rules *r, int64_t now_ms, const char *symbol,
                               int64_t *ret_now_e8, int64_t *ret_next_e8)
{
    int minute = local_minute(r, now_ms);
    if (sessions_allow(&r->sessions, symbol, minute))
        return REASON_ACCEPTED;
    int next = sessions_next_open(&r->sessions, symbol, minute);
    *ret_now_e8 = sessions_clock_e8(minute);
    *ret_next_e8 = next >= 0 ? sessions_clock_e8(next) : DEC_NONE;
    return REASON_SESSION_CLOSED;
}

bool session_clock_is_closing(const struct engine_rules *r, int64_t now_ms)
{
    int i = r->sessions.is_on ? sessions_at(&r->sessions, local_minute(r, now_ms)) : -1;
    return i >= 0 && r->sessions.items[i].force_close;
}

/* The beginning of the minute in which another session counts; 0 = never. */
static int64_t next_change_ms(const struct engine_rules *r, int64_t now_ms)
{
    int left = sessions_minutes_left(&r->sessions, local_minute(r, now_ms));
    return left == 0 ? 0 : now_ms - now_ms % MS_PER_MINUTE + left * MS_PER_MINUTE;
}

static void tell(struct engine_tx *tx, enum event_type type, int index, int64_t starts_ms)
{
    const struct engine_rules *r = &tx->s->rules;
    const struct session *v = index >= 0 ? &r->sessions.items[index] : NULL;
    struct event e = apply_event(tx, type);
    if (v != NULL && v->force_close)
        e.reason = REASON_SESSION;
    char at[SESSION_TIME_CAP];
    sessions_format_minute(local_minute(r, starts_ms), at);
    e.number_e8 = (starts_ms - tx->now_ms + MS_PER_MINUTE - 1) / MS_PER_MINUTE * DEC_ONE;
    (void)snprintf(e.text, sizeof(e.text), "%s %s", v != NULL ? v->name : "-", at);
    outputs_add_event(tx->out, &e);
}

/* When to look again: the notice before the next change, then the change itself. */
static void plan(struct engine_tx *tx)
{
    struct session_clock *c = &tx->s->session_clock;
    const struct engine_rules *r = &tx->s->rules;
    int64_t change_ms = r->sessions.is_on ? next_change_ms(r, tx->now_ms) : 0;
    int64_t notice_ms = change_ms - r->sessions.notice_min * MS_PER_MINUTE;
    bool is_announced = c->told_ms == change_ms || r->sessions.notice_min == 0;
    c->next_ms = change_ms == 0 || is_announced ? change_ms : notice_ms;
}

static void close_all(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    s->session_clock.closed_ms = 0;
    if (!session_clock_is_closing(&s->rules, tx->now_ms) || s->position_count == 0)
        return;
    for (size_t i = 0; i < s->position_count; i++)
        (void)orders_close_position(tx, &s->positions[i], REASON_SESSION); /* again in 5 s */
    s->session_clock.closed_ms = tx->now_ms;
}

static int current_of(const struct engine_state *s)
{
    int minute = local_minute(&s->rules, s->now_ms);
    return s->rules.sessions.is_on ? sessions_at(&s->rules.sessions, minute) + 1 : 0;
}

void session_clock_reset(struct engine_tx *tx)
{
    tx->s->session_clock.current = current_of(tx->s);
    plan(tx);
    close_all(tx);
}

void session_clock_timers(struct engine_tx *tx)
{
    struct session_clock *c = &tx->s->session_clock;
    if (tx->now_ms < session_clock_next_due_ms(tx->s))
        return;
    int current = current_of(tx->s);
    if (current != c->current) {
        c->current = current;
        tell(tx, EVENT_SESSION_CHANGED, current - 1, tx->now_ms);
    }
    plan(tx);
    if (c->next_ms != 0 && tx->now_ms >= c->next_ms) { /* the notice of the next change is due */
        c->told_ms = next_change_ms(&tx->s->rules, tx->now_ms);
        int next = sessions_at(&tx->s->rules.sessions, local_minute(&tx->s->rules, c->told_ms));
        tell(tx, EVENT_SESSION_NOTICE, next, c->told_ms);
        plan(tx);
    }
    close_all(tx);
}

int64_t session_clock_next_due_ms(const struct engine_state *s)
{
    const struct session_clock *c = &s->session_clock;
    int64_t due_ms = c->next_ms != 0 ? c->next_ms : INT64_MAX;
    int64_t again_ms = c->closed_ms != 0 ? c->closed_ms + CLOSE_LOOP_MS : INT64_MAX;
    return again_ms < due_ms ? again_ms : due_ms;
}

void session_clock_pack(const struct session_clock *c, struct buf *out)
{
    pack_i64(out, c->current);
    pack_i64(out, c->told_ms);
    pack_i64(out, c->next_ms);
    pack_i64(out, c->closed_ms);
}

void session_clock_unpack(struct session_clock *c, struct unpack *u)
{
    c->current = unpack_int(u, 0, SESSIONS_MAX);
    c->told_ms = unpack_i64(u);
    c->next_ms = unpack_i64(u);
    c->closed_ms = unpack_i64(u);
}
