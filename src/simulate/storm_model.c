/* simulate/storm_model.c: the checks. Numbers are compared exactly: money is integers, and engine
 * and venue are told the same ones. */
#include "simulate/storm_model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/map.h"
#include "engine/risk.h"
#include "engine/shadow.h"
#include "simulate/storm.h"

#define THINGS_MAX (UINT64_C(1) << 22) /* orders, deals and keys of one life */

struct model_position {
    uint64_t cid;
    int64_t lots_e8, commission_e8;
};

struct model_cause { /* an input that wanted entries */
    int64_t wanted_e8, opened_e8;
};

struct model_order {
    struct model_cause *cause; /* NULL: it closes */
    uint64_t seq;              /* of its row */
    bool is_sent;
};

struct storm_model {
    struct model_position positions[STATE_POSITIONS_MAX];
    size_t position_count;
    int64_t balance_e8;
    int64_t panic_ms;   /* how long positions have been open under a panic, while linked */
    int64_t batch_ms;   /* of the newest batch of that time; 0 = it was not one */
    struct map *orders; /* by cid */
    struct map *causes; /* by journal number */
    struct map *keys, *deals;
    uint64_t order_count, fill_count;
    bool is_failed;
    char fault[STORM_TEXT_CAP];
    const struct journal_row *row; /* being taken */
};

struct storm_model *storm_model_new(int64_t balance_e8)
{
    struct storm_model *m = xalloc(sizeof(*m));
    m->balance_e8 = balance_e8;
    m->orders = map_new(THINGS_MAX);
    m->causes = map_new(THINGS_MAX);
    m->keys = map_new(THINGS_MAX);
    m->deals = map_new(THINGS_MAX);
    return m;
}

static struct map *free_all(struct map *map)
{
    size_t at = 0;
    uint64_t key;
    for (void *v; (v = map_next(map, &at, &key)) != NULL;)
        mem_free(v);
    return map_free(map);
}

struct storm_model *storm_model_free(struct storm_model *m)
{
    if (m == NULL)
        return NULL;
    free_all(m->orders);
    free_all(m->causes);
    map_free(m->keys);
    map_free(m->deals);
    return mem_free(m);
}

const char *storm_model_fault(const struct storm_model *m)
{
    return m->is_failed ? m->fault : NULL;
}

void storm_model_fail(struct storm_model *m, const char *fmt, ...)
{
    va_list ap;
    if (m->is_failed)
        return;
    m->is_failed = true;
    va_start(ap, fmt);
    int n = vsnprintf(m->fault, sizeof(m->fault), fmt, ap);
    va_end(ap);
    TR_ASSERT(n > 0); /* cut to fit is fine */
}

uint64_t storm_model_orders(const struct storm_model *m)
{
    return m->order_count;
}

uint64_t storm_model_fills(const struct storm_model *m)
{
    return m->fill_count;
}

/* True: it was not there. */
static bool note(struct map *seen, uint64_t key, void *who)
{
    if (map_get(seen, key) != NULL)
        return false;
    bool stored = map_put(seen, key, who);
    TR_ASSERT(stored);
    return true;
}

/* ---- rows ---- */

static struct model_position *position(struct storm_model *m, uint64_t cid)
{
    for (size_t i = 0; i < m->position_count; i++)
        if (m->positions[i].cid == cid)
            return &m->positions[i];
    return NULL;
}

static void opened(struct storm_model *m, const struct event *e)
{
    struct model_position *p = position(m, e->position_cid);
    if (p == NULL && m->position_count == STATE_POSITIONS_MAX) {
        storm_model_fail(m, "more positions than there is room for");
        return;
    }
    if (p == NULL) {
        p = &m->positions[m->position_count++];
        *p = (struct model_position){.cid = e->position_cid};
    }
    m->balance_e8 -= e->commission_e8 - p->commission_e8;
    p->commission_e8 = e->commission_e8;
    p->lots_e8 = e->lots_e8;
}

static void closed(struct storm_model *m, const struct event *e)
{
    struct model_position *p = position(m, e->position_cid);
    if (p == NULL || e->lots_e8 <= 0 || e->lots_e8 > p->lots_e8) {
        storm_model_fail(m, "position %" PRIu64 " is closed by more than is open", e->position_cid);
        return;
    }
    int64_t share_e8 = dec_muldiv(p->commission_e8, e->lots_e8, p->lots_e8, DEC_HALF_AWAY);
    m->balance_e8 += e->profit_e8 + e->swap_e8 - (e->commission_e8 - share_e8);
    p->commission_e8 -= share_e8;
    p->lots_e8 -= e->lots_e8;
    if (p->lots_e8 == 0)
        *p = m->positions[--m->position_count];
}

static void intended(struct storm_model *m, const struct order *o)
{
    struct model_order *mine = xalloc(sizeof(*mine));
    mine->seq = m->row->seq;
    if (o->purpose == ORDER_OPEN) {
        struct model_cause *c = map_get(m->causes, o->parent_seq);
        if (c == NULL) {
            c = xalloc(sizeof(*c));
            bool is_new = note(m->causes, o->parent_seq, c);
            TR_ASSERT(is_new);
        }
        if (o->parent_seq == m->row->seq) /* else another try of the same */
            c->wanted_e8 += o->lots_e8;
        mine->cause = c;
    }
    m->order_count++;
    if (note(m->orders, o->cid, mine))
        return;
    mem_free(mine);
    storm_model_fail(m, "order %" PRIu64 " is intended twice", o->cid);
}

static int take(const struct output_view *v, void *ctx)
{
    struct storm_model *m = ctx;
    if (v->kind == OUTPUT_INTENT)
        intended(m, &v->intent);
    if (v->kind != OUTPUT_EVENT)
        return 0;
    if (v->event.type == EVENT_TRADE_OPENED)
        opened(m, &v->event);
    else if (v->event.type == EVENT_TRADE_CLOSED)
        closed(m, &v->event);
    else if (v->event.type == EVENT_POSITION_MISMATCH)
        storm_model_fail(m, "position %" PRIu64 ": %s", v->event.position_cid, v->event.text);
    return 0;
}

void storm_model_row(struct storm_model *m, const struct journal_row *row)
{
    uint8_t digest[HASH_SHA256_BYTES];
    uint64_t key;
    m->row = row;
    if (row->key[0] != '\0') {
        hash_sha256(row->key, strlen(row->key), digest);
        memcpy(&key, digest, sizeof(key));
        if (!note(m->keys, key, m))
            storm_model_fail(m, "input %s is applied twice", row->key);
    }
    int r = outputs_visit(row->output, row->output_len, take, m);
    TR_ASSERT(r == 0); /* packed a moment ago */
    m->row = NULL;
}

/* ---- requests and deals ---- */

/* RK-9 and the trader's own numbers, from the state after the row that made the entry. */
void storm_model_entry(struct storm_model *m, const struct engine_state *s,
                       const struct broker_request *r)
{
    struct caps_limits caps = risk_caps(s);
    const struct order *o = NULL;
    for (size_t i = 0; o == NULL && i < s->order_count; i++)
        if (s->orders[i].cid == r->cid)
            o = &s->orders[i];
    if (o == NULL) {
        storm_model_fail(m, "order %" PRIu64 " leaves and is not known", r->cid);
        return;
    }
    if (s->panicked || s->paused)
        storm_model_fail(m, "order %" PRIu64 " opens although entries are halted", r->cid);
    if (!shadow_may_send(s, o))
        storm_model_fail(m, "order %" PRIu64 " of %s: another one owns %s", r->cid, o->plugin,
                         o->route);
    if (caps.daily_e8 > 0 && s->account.daily_loss_e8 >= caps.daily_e8)
        storm_model_fail(m, "order %" PRIu64 " opens beyond the daily loss cap", r->cid);
    if (caps.lifetime_e8 > 0 && s->account.lifetime_loss_e8 >= caps.lifetime_e8)
        storm_model_fail(m, "order %" PRIu64 " opens beyond the lifetime loss cap", r->cid);
}

void storm_model_request(struct storm_model *m, const struct broker_request *r,
                         uint64_t durable_seq)
{
    if (r->kind == BROKER_MODIFY) {
        if (!note(m->deals, r->cid, m)) /* cids and exec ids do not meet: these have 60 bits */
            storm_model_fail(m, "change %" PRIu64 " is sent twice", r->cid);
        return;
    }
    if (r->kind != BROKER_PLACE && r->kind != BROKER_CLOSE)
        return;
    struct model_order *o = map_get(m->orders, r->cid);
    if (o == NULL || o->seq > durable_seq) {
        storm_model_fail(m, "order %" PRIu64 " leaves before it is durable", r->cid);
        return;
    }
    if (o->is_sent)
        storm_model_fail(m, "order %" PRIu64 " is sent twice", r->cid);
    o->is_sent = true;
}

void storm_model_deal(struct storm_model *m, const struct broker_event *fill)
{
    if (fill->kind != BROKER_EVENT_FILL || !note(m->deals, fill->exec_id, m))
        return;
    m->fill_count++;
    if (fill->purpose != ORDER_OPEN)
        return;
    struct model_order *o = map_get(m->orders, fill->cid);
    if (o == NULL || o->cause == NULL) {
        storm_model_fail(m, "deal %" PRIu64 " opens what nobody ordered", fill->exec_id);
        return;
    }
    o->cause->opened_e8 += fill->lots_e8;
    if (o->cause->opened_e8 > o->cause->wanted_e8)
        storm_model_fail(m, "order %" PRIu64 " opens more than its cause wanted", fill->cid);
}

/* ---- the state ---- */

static void panicking(struct storm_model *m, const struct engine_state *s, bool is_linked)
{
    bool is_closing = s->panicked && s->position_count > 0;
    if (!is_closing)
        m->panic_ms = 0;
    else if (is_linked && m->batch_ms != 0)
        m->panic_ms += s->now_ms - m->batch_ms;
    m->batch_ms = is_closing && is_linked ? s->now_ms : 0;
    if (m->panic_ms > STORM_PANIC_MS)
        storm_model_fail(m, "%zu positions stay open under a panic", s->position_count);
}

void storm_model_batch(struct storm_model *m, const struct engine_state *s, bool is_linked,
                       int64_t well_ms)
{
    if (s->account.balance_e8 != m->balance_e8)
        storm_model_fail(m, "balance %" PRId64 " is not the sum of the fills, %" PRId64,
                         s->account.balance_e8, m->balance_e8);
    if (s->position_count != m->position_count)
        storm_model_fail(m, "%zu positions, by the fills %zu", s->position_count,
                         m->position_count);
    for (size_t i = 0; i < s->position_count; i++) {
        const struct model_position *p = position(m, s->positions[i].cid);
        if (p == NULL || p->lots_e8 != s->positions[i].lots_e8)
            storm_model_fail(m, "position %" PRIu64 " has other lots than its fills",
                             s->positions[i].cid);
    }
    panicking(m, s, is_linked);
    if (well_ms == INT64_MAX)
        return;
    for (size_t i = 0; i < s->order_count; i++) {
        const struct order *o = &s->orders[i];
        int64_t since_ms = o->created_ms > well_ms ? o->created_ms : well_ms;
        bool waits = o->state == ORDER_LOGGED && o->deadline_ms > s->now_ms;
        if (!waits && s->now_ms - since_ms > STORM_PATIENCE_MS)
            storm_model_fail(m, "order %" PRIu64 " stays %s", o->cid, order_state_name(o->state));
    }
}

void storm_model_rest(struct storm_model *m, const struct engine_state *s,
                      const struct paper_book *venue)
{
    int64_t venue_e8 = paper_book_account(venue).balance_e8;
    if (s->account.balance_e8 != venue_e8)
        storm_model_fail(m, "balance %" PRId64 ", at the venue %" PRId64, s->account.balance_e8,
                         venue_e8);
    if (s->position_count != paper_book_position_count(venue))
        storm_model_fail(m, "%zu positions, at the venue %zu", s->position_count,
                         paper_book_position_count(venue));
    for (size_t i = 0; i < s->position_count; i++) {
        const struct position *p = &s->positions[i];
        const struct paper_position *v = paper_book_position(venue, p->cid);
        if (v == NULL || v->lots_e8 != p->lots_e8 || v->side != p->side)
            storm_model_fail(m, "position %" PRIu64 " is another one at the venue", p->cid);
        else if (v->sl_e8 != p->sl_e8 || v->tp_e8 != p->tp_e8)
            storm_model_fail(m, "position %" PRIu64 " has other stops at the venue", p->cid);
    }
}
