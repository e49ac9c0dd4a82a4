/* simulate/storm_turn.c: the turn of engine/engine.c with a journal that fails and a process that
 * dies, at places drawn before the batch begins:
 *
 *   held facts, timer, prices, some of the queue
 *     -> each: known key? -> quotes, plugins, apply() -> row   APPEND_FAILS at one of them
 *     -> commit                                     COMMIT_FAILS; DIES_BEFORE; DIES_AFTER
 *     -> requests to the venue                      DIES_SENDING between two of them
 *     -> posters are answered
 *
 * A failed write is undone as there: nothing left, the state comes back from the journal, facts of
 * the broker are held, posters hear "not stored", entries halt. What the journal could not say for
 * sure ends the process there as well: that is DIES_BEFORE or DIES_AFTER. */
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"
#include "engine/signals.h"
#include "simulate/storm_impl.h"

#define BATCH_MAX       256
#define HELD_MAX        (BATCH_MAX - 3) /* all are part of every batch, in their order */
#define BATCH_TAKE      12              /* at most, of the queue */
#define SNAPSHOT_ROWS   600
#define FATE_ONE_IN     220
#define RETRY_MS        200
#define DISK_BAD_MAX_MS 4000
#define DEAD_MIN_MS     20
#define DEAD_MAX_MS     60000
#define DEAD_LONG_MS    (6 * 3600 * 1000)
#define LONG_ONE_IN     8
#define STATE_MAX_BYTES (64 * 1024 * 1024)
#define LANE_FIRST      64
#define START_TRIES     2

enum fate {
    FATE_GOOD = 0,
    FATE_APPEND_FAILS,
    FATE_COMMIT_FAILS,
    FATE_DIES_BEFORE,
    FATE_DIES_AFTER,
    FATE_DIES_SENDING,
    FATE_COUNT
};

struct slot {
    struct input *in;
    bool is_applied;
    struct outcome outcome;
};

struct batch {
    struct slot slots[BATCH_MAX];
    size_t count, applied;
    enum fate fate;
    size_t fails_at; /* APPEND_FAILS: at this row; DIES_SENDING: after this request */
};

/* ---- lanes ---- */

void storm_lane_push(struct storm_inputs *l, struct input *in)
{
    if (l->at > 0 && l->at == l->count)
        l->at = l->count = 0;
    if (l->count == l->cap) {
        size_t cap = l->cap == 0 ? LANE_FIRST : 2 * l->cap;
        struct input **more = xcalloc(cap, sizeof(struct input *));
        if (l->count > 0)
            memcpy(more, l->items, l->count * sizeof(struct input *));
        mem_free(l->items);
        l->items = more;
        l->cap = cap;
    }
    l->items[l->count++] = in;
}

static struct input *lane_take(struct storm_inputs *l)
{
    return l->at < l->count ? l->items[l->at++] : NULL;
}

void storm_lane_clear(struct storm_inputs *l)
{
    for (struct input *in; (in = lane_take(l)) != NULL;)
        input_free(in);
    l->at = l->count = 0;
}

static size_t waiting(const struct storm_inputs *l)
{
    return l->count - l->at;
}

static bool is_empty(const struct storm_inputs *l)
{
    return waiting(l) == 0;
}

bool storm_has_work(const struct storm *s)
{
    if (s->is_failing && s->now_ms < s->retry_ms)
        return false;
    return !is_empty(&s->urgent) || !is_empty(&s->normal) || !is_empty(&s->held) ||
           s->has_new_prices || storm_engine_due_ms(s) <= s->now_ms;
}

int64_t storm_engine_due_ms(const struct storm *s)
{
    int64_t due_ms = apply_next_due_ms(s->state);
    if (s->is_failing)
        return s->retry_ms;
    if (due_ms == INT64_MAX)
        return STORM_NEVER;
    if (due_ms <= s->timer_ms)
        due_ms = s->timer_ms + 1; /* never twice at one time */
    return s->now_ms + (due_ms - storm_engine_ms(s));
}

/* ---- recovery ---- */

static void pack(struct storm *s, struct buf *out)
{
    size_t sends = s->state->send_count; /* they live until the commit, outside the snapshot */
    s->state->send_count = 0;
    buf_reset(out);
    state_pack(s->state, out);
    s->state->send_count = sends;
    TR_ASSERT(!buf_failed(out));
}

static void recover(struct storm *s)
{
    struct engine_state *again = NULL;
    size_t without = s->o->sabotage == STORM_FORGETS && storm_disk_rows(s->disk) > 0 ? 1 : 0;
    if (!storm_disk_recover(s->disk, &s->opt, without, &again)) {
        storm_model_fail(s->model, "the journal's rows give other outputs when applied again");
        return;
    }
    s->ret->replayed += storm_disk_rows(s->disk);
    state_free(s->state);
    s->state = again;
}

/* The state as recovered is, byte for byte, the one that was packed. */
static void check_recovered(struct storm *s)
{
    pack(s, &s->packed_again);
    s->ret->comparisons++;
    if (s->packed.len != s->packed_again.len ||
        memcmp(s->packed.data, s->packed_again.data, s->packed.len) != 0)
        storm_model_fail(s->model, "the journal's rows give another state when applied again");
    if (s->state->seq < s->acked_seq)
        storm_model_fail(s->model, "row %" PRIu64 " was acknowledged and is lost", s->acked_seq);
    size_t kept = s->acked_count < STORM_ACKED_MAX ? s->acked_count : STORM_ACKED_MAX;
    struct input *in = input_new(INPUT_COMMAND);
    for (size_t i = 0; i < kept; i++) {
        in->kind = s->acked[i].kind;
        if (in->kind == INPUT_COMMAND)
            in->command.bot = s->acked[i].command.bot;
        if (dedupe_find(state_keys(s->state, in), s->acked[i].key) == 0)
            storm_model_fail(s->model, "%s was acknowledged and is lost", s->acked[i].key);
        memset(&in->command, 0, sizeof(in->command));
    }
    in->kind = INPUT_COMMAND;
    input_free(in);
}

void storm_compare(struct storm *s)
{
    pack(s, &s->packed);
    recover(s);
    check_recovered(s);
}

static void maybe_snapshot(struct storm *s)
{
    if (storm_disk_rows(s->disk) < SNAPSHOT_ROWS)
        return;
    storm_compare(s);
    storm_disk_snapshot(s->disk, s->packed.data, s->packed.len);
}

static void die(struct storm *s)
{
    s->ret->crashes++;
    storm_disk_rollback(s->disk);
    storm_lane_clear(&s->urgent);
    storm_lane_clear(&s->normal);
    storm_lane_clear(&s->held);
    storm_world_unanswered(s);
    s->is_alive = s->is_failing = false;
    bool is_long = rng_below(&s->rng, LONG_ONE_IN) == 0;
    s->restart_ms =
        s->now_ms + rng_between(&s->rng, DEAD_MIN_MS, is_long ? DEAD_LONG_MS : DEAD_MAX_MS);
    s->well_ms = STORM_NEVER;
}

/* ---- one input ---- */

static bool is_settled_early(struct storm *s, struct slot *slot)
{
    struct input *in = slot->in;
    uint64_t first = in->key[0] != '\0' ? dedupe_find(state_keys(s->state, in), in->key) : 0;
    if (first != 0) {
        slot->outcome.status = OUTCOME_DUPLICATE;
        slot->outcome.receipt = (struct receipt){first, state_repeat(s->state, in), ""};
        return true;
    }
    if (s->is_failing && in->kind == INPUT_SIGNAL && !signal_is_exit(in->signal.kind)) {
        slot->outcome.status = OUTCOME_NOT_STORED;
        return true;
    }
    return false;
}

static void append_row(struct storm *s, const struct input *in, int64_t now_ms)
{
    struct journal_row row = {
        .seq = s->state->seq,
        .time_ms = now_ms,
        .kind = (int)in->kind,
        .flags = (s->out.has_messages ? JOURNAL_FLAG_MESSAGES : 0) |
                 (s->out.has_ledger ? JOURNAL_FLAG_LEDGER : 0),
        .key = in->key,
        .input = s->in_blob.data,
        .input_len = s->in_blob.len,
        .output = s->out.blob.data,
        .output_len = s->out.blob.len,
    };
    storm_disk_append(s->disk, &row);
}

static void apply_slot(struct storm *s, struct slot *slot, int64_t now_ms)
{
    struct input *in = slot->in;
    struct input_quotes quotes;
    struct decision *decision = in->kind == INPUT_SIGNAL ? s->decision : NULL;
    size_t sends = s->state->send_count;
    input_gather_quotes(in, s->state, s->opt.broker, &quotes);
    input_gather_wanted(in, &s->opt, &quotes);
    const struct signals_question q = {s->state, &s->opt, &quotes, &in->signal, now_ms, in->answer};
    if (decision != NULL)
        signals_decide_both(&q, decision, &in->other);
    buf_reset(&s->in_blob);
    input_pack(&s->in_blob, in, &quotes, decision);
    outputs_reset(&s->out);
    struct engine_tx tx = {.s = s->state,
                           .opt = &s->opt,
                           .out = &s->out,
                           .quotes = &quotes,
                           .now_ms = now_ms,
                           .seq = s->state->seq + 1};
    apply_input(&tx, in, decision);
    slot->is_applied = true;
    slot->outcome.status = OUTCOME_COMMITTED;
    slot->outcome.receipt = tx.receipt;
    for (size_t i = sends; i < s->state->send_count; i++)
        if (s->state->sends[i].kind == BROKER_PLACE)
            storm_model_entry(s->model, s->state, &s->state->sends[i]);
    append_row(s, in, now_ms);
}

/* ---- the batch ---- */

static void add_slot(struct batch *b, struct input *in)
{
    if (in == NULL)
        return;
    TR_ASSERT(b->count < BATCH_MAX);
    b->slots[b->count++] = (struct slot){.in = in};
}

static void collect(struct storm *s, struct batch *b, int64_t now_ms)
{
    size_t most = (size_t)rng_between(&s->rng, 1, BATCH_TAKE);
    size_t room = HELD_MAX - waiting(&s->held);
    if (most > room)
        most = room;
    while (!is_empty(&s->held))
        add_slot(b, lane_take(&s->held));
    if (s->is_failing || now_ms >= apply_next_due_ms(s->state) ||
        apply_is_new_day(s->state, now_ms)) {
        add_slot(b, input_new_timer(&s->opt, TIMER_DUE));
        s->timer_ms = now_ms;
    }
    if (s->has_new_prices && !s->is_failing) {
        s->has_new_prices = false;
        add_slot(b, prices_poll(&s->state->prices, s->opt.broker));
        add_slot(b, candles_poll(&s->candles, s->state, s->opt.broker, now_ms));
    }
    for (; most > 0 && (!is_empty(&s->urgent) || !is_empty(&s->normal)); most--)
        add_slot(b, lane_take(is_empty(&s->urgent) ? &s->normal : &s->urgent));
}

static void draw_fate(struct storm *s, struct batch *b)
{
    b->fate = FATE_GOOD;
    b->fails_at = (size_t)rng_below(&s->rng, BATCH_TAKE / 2);
    if (s->now_ms < s->disk_ok_ms)
        b->fate = FATE_COMMIT_FAILS;
    else if (rng_below(&s->rng, FATE_ONE_IN) == 0)
        b->fate = (enum fate)rng_between(&s->rng, FATE_APPEND_FAILS, FATE_COUNT - 1);
    bool is_disk = b->fate == FATE_APPEND_FAILS || b->fate == FATE_COMMIT_FAILS;
    s->ret->disk_faults += is_disk;
    if (is_disk && s->now_ms >= s->disk_ok_ms && rng_below(&s->rng, 2) == 0)
        s->disk_ok_ms = s->now_ms + rng_between(&s->rng, 1, DISK_BAD_MAX_MS);
    if (b->fate != FATE_GOOD && b->fate != FATE_DIES_AFTER && b->fate != FATE_DIES_SENDING)
        pack(s, &s->packed);
}

static void answer(struct storm *s, const struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct slot *slot = &b->slots[i];
        if (slot->in == NULL)
            continue;
        storm_world_answer(s, slot->in, &slot->outcome);
        slot->in->done_ctx = NULL; /* once */
    }
}

/* False: the row could not be appended. */
static bool apply_all(struct storm *s, struct batch *b, int64_t now_ms)
{
    for (size_t i = 0; i < b->count; i++) {
        if (is_settled_early(s, &b->slots[i]))
            continue;
        if (b->fate == FATE_APPEND_FAILS && b->applied == b->fails_at)
            return false;
        apply_slot(s, &b->slots[i], now_ms);
        b->applied++;
    }
    return true;
}

static void undo(struct storm *s, struct batch *b)
{
    storm_disk_rollback(s->disk);
    recover(s);
    check_recovered(s);
    s->is_failing = true;
    s->retry_ms = s->now_ms + RETRY_MS;
    for (size_t i = 0; i < b->count; i++) {
        struct slot *slot = &b->slots[i];
        bool was_there =
            slot->outcome.status == OUTCOME_DUPLICATE && slot->outcome.receipt.seq <= s->state->seq;
        if (was_there)
            continue;
        if (slot->in->kind == INPUT_BROKER) {
            TR_ASSERT(waiting(&s->held) < HELD_MAX);
            storm_lane_push(&s->held, slot->in);
            slot->in = NULL;
            continue;
        }
        slot->outcome = (struct outcome){.status = OUTCOME_NOT_STORED};
    }
}

/* False: it died meanwhile. */
static bool send_all(struct storm *s, const struct batch *b)
{
    struct broker *broker = s->opt.broker;
    for (size_t i = 0; i < s->state->send_count; i++) {
        const struct broker_request *r = &s->state->sends[i];
        if (b->fate == FATE_DIES_SENDING && i == b->fails_at)
            return false;
        storm_model_request(s->model, r, storm_disk_last_seq(s->disk));
        if (!storm_is_linked(s))
            continue;
        int result = broker->ops->submit(broker, r);
        TR_ASSERT(result == BROKER_ACCEPTED); /* there is no queue that could be full */
    }
    s->state->send_count = 0;
    return b->fate != FATE_DIES_SENDING;
}

static void take_rows(struct storm *s, size_t from)
{
    struct journal_row row;
    for (size_t i = from; i < storm_disk_rows(s->disk); i++) {
        storm_disk_row(s->disk, i, &row);
        storm_model_row(s->model, &row);
        s->ret->rows++;
    }
}

/* The rows are applied and in the open transaction. False: it died. */
static bool commit(struct storm *s, const struct batch *b)
{
    size_t rows = storm_disk_rows(s->disk);
    if (b->fate == FATE_DIES_BEFORE)
        return false;
    storm_disk_commit(s->disk);
    s->is_failing = false;
    take_rows(s, rows);
    if (b->fate == FATE_DIES_AFTER || !send_all(s, b)) {
        pack(s, &s->packed);
        return false;
    }
    return true;
}

static void run(struct storm *s, struct batch *b, int64_t now_ms)
{
    bool is_stored = apply_all(s, b, now_ms) && b->fate != FATE_COMMIT_FAILS;
    if (s->o->sabotage == STORM_SENDS_EARLY)
        (void)send_all(s, b); /* that it may die meanwhile is not the point */
    if (s->o->sabotage == STORM_ANSWERS_EARLY)
        answer(s, b);
    if (!is_stored) {
        undo(s, b);
    } else if (b->applied > 0 && !commit(s, b)) {
        die(s);
        recover(s);
        check_recovered(s);
    }
}

static void carry_out(struct storm *s, struct batch *b, int64_t now_ms)
{
    draw_fate(s, b);
    s->turn_us = clock_mono_us(s->clock);
    s->ret->batches++;
    run(s, b, now_ms);
    if (s->is_alive)
        answer(s, b);
    for (size_t i = 0; i < b->count; i++)
        b->slots[i].in = input_free(b->slots[i].in);
}

void storm_start_process(struct storm *s)
{
    uint64_t seq = s->state->seq;
    s->is_alive = true;
    s->timer_ms = 0;
    memset(&s->candles, 0, sizeof(s->candles));
    s->opt.rules = s->rules;
    for (int tries = 0; s->is_alive && s->state->seq == seq && tries < START_TRIES; tries++) {
        struct batch b = {.count = 0};
        add_slot(&b, input_new_timer(&s->opt, TIMER_START));
        carry_out(s, &b, storm_engine_ms(s));
    }
    if (s->is_alive && s->state->seq == seq)
        die(s); /* it cannot write: it does not come up */
    if (s->o->sabotage == STORM_SENDS_AGAIN)
        for (size_t i = 0; i < s->state->order_count; i++)
            if (s->state->orders[i].state == ORDER_UNKNOWN)
                storm_model_request(
                    s->model,
                    &(struct broker_request){.kind = BROKER_PLACE, .cid = s->state->orders[i].cid},
                    s->state->seq);
}

void storm_turn(struct storm *s)
{
    struct batch b = {.count = 0};
    int64_t now_ms = storm_engine_ms(s);
    collect(s, &b, now_ms);
    if (b.count == 0)
        return;
    carry_out(s, &b, now_ms);
    bool is_linked = storm_is_linked(s) && s->state->broker_up && !s->is_failing;
    storm_model_batch(s->model, s->state, is_linked, s->well_ms);
    if (s->is_alive && !s->is_failing)
        maybe_snapshot(s);
}
