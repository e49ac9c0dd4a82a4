/* engine/engine.c: the engine thread: queue -> apply -> journal -> out.
 *
 * One turn takes everything that waits (at most BATCH_MAX), applies it in memory while appending
 * each input with its outputs to one journal transaction, commits with one fsync, and only then
 * answers the posters, hands requests to the broker and wakes the projections. Batches form by
 * themselves under load; a lone input never waits for company. When the commit fails nothing has
 * left: posters get NOT_STORED, broker events are held for the next turn (they are facts and may
 * not be lost), and the state is rebuilt from the journal. Until a commit works again entries are
 * refused untried, and a timer row tries once a second. A full disk gives up the room kept for
 * exits (engine/reserve.h): they go on, entries wait until there is room to keep again. Between
 * turns the thread sleeps until an input comes or the state's next timer is due. */
#include "engine/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/log.h"
#include "core/mutex.h"
#include "core/thread.h"
#include "engine/ahead.h"
#include "engine/apply.h"
#include "engine/candles.h"
#include "engine/recover.h"
#include "engine/reserve.h"
#include "engine/signals.h"
#include "engine/stages.h"
#include "store/journal.h"

#define BATCH_MAX          256
#define HELD_MAX           (BATCH_MAX - 3) /* all are part of every batch; timer, prices, candles */
#define UNSENT_MAX         (2 * STATE_SENDS_MAX)
#define IDLE_WAIT_US       INT64_C(1000000)
#define RETRY_WAIT_US      INT64_C(200000)
#define PROBE_WAIT_US      INT64_C(1000000)
#define SNAPSHOT_MAX_BYTES (8 * 1024 * 1024)
#define INPUT_MAX_BYTES    (64 * 1024)
#define EXIT_STORE_LOST    70
#define EXIT_FENCED        71
#define STOP_TRIES         3

struct batch_slot {
    struct input *in;
    struct outcome outcome;
    bool applied;
};

/* Lock key: (c) constant after open, (e) engine thread only, (l) stats_lock. */
struct engine {
    struct engine_options opt;                /* (c) */
    char journal_path[512];                   /* (c) */
    struct queue *queue;                      /* (c) locks itself */
    struct thread *thread;                    /* (c) */
    struct thread_owner owner;                /* (c) */
    struct journal *journal;                  /* (e) */
    struct engine_state *state;               /* (e) */
    struct outputs out;                       /* (e) */
    struct buf in_blob, snapshot_blob;        /* (e) */
    struct batch_slot slots[BATCH_MAX];       /* (e) */
    struct decision *decisions;               /* (e) one per slot, touched only under load */
    size_t slot_count;                        /* (e) */
    struct input *held[HELD_MAX];             /* (e) broker facts to be journaled again */
    size_t held_count;                        /* (e) */
    struct broker_request unsent[UNSENT_MAX]; /* (e) committed, not yet taken by the broker */
    size_t unsent_count;                      /* (e) */
    bool failing;                             /* (e) entries halted, people told */
    bool is_scarce;                           /* (e) failing; the room kept for exits is in use */
    int64_t probe_us;                         /* (e) failing: when to try the journal again */
    int64_t now_mono_us;                      /* (e) when state->now_ms was the time */
    int64_t commit_us;                        /* (e) of the newest commit */
    uint64_t snapshot_seq;                    /* (e) */
    int64_t price_due_us;                     /* (e) when to look at quotes again */
    struct candle_maker candles;              /* (e) */
    uint64_t settings_revision;               /* (e) the one opt.rules and plugin_confs show */
    struct users_board *users;                /* (c) locks itself */
    struct stages *stages;                    /* (c) atomics */
    struct mutex stats_lock;
    struct engine_stats stats TR_GUARDED_BY(stats_lock);                /* (l) */
    int64_t bot_next_update[BOT_COUNT] TR_GUARDED_BY(stats_lock);       /* (l) */
    struct state_lang langs[STATE_LANGS_MAX] TR_GUARDED_BY(stats_lock); /* (l) */
    size_t lang_count TR_GUARDED_BY(stats_lock);                        /* (l) */
    struct settings settings TR_GUARDED_BY(stats_lock);                 /* (l) */
};

/* ---- posting ---- */

static enum queue_lane lane_of(const struct engine *e, const struct input *in)
{
    if (in->kind == INPUT_BROKER)
        return QUEUE_LANE_URGENT;
    if (in->kind != INPUT_COMMAND)
        return QUEUE_LANE_NORMAL;
    const struct command_ops *ops = apply_find_command(&e->opt, in->command.name);
    return ops != NULL && ops->urgent ? QUEUE_LANE_URGENT : QUEUE_LANE_NORMAL;
}

enum engine_result engine_post(struct engine *e, struct input *in)
{
    TR_ASSERT(in->kind > INPUT_UNSET && in->kind < INPUT_KIND_COUNT);
    stages_on_post(e->stages, in, clock_mono_us(e->opt.clock));
    switch (queue_push(e->queue, lane_of(e, in), in, in->deadline_mono_us)) {
    case QUEUE_OK:
        return ENGINE_OK;
    case QUEUE_E_FULL:
        return ENGINE_E_FULL;
    case QUEUE_E_CLOSED:
        break;
    }
    return ENGINE_E_CLOSED;
}

size_t engine_post_many(struct engine *e, struct input **ins, size_t n)
{
    struct queue_item items[BATCH_MAX];
    size_t posted = 0;
    int64_t now_us = clock_mono_us(e->opt.clock);
    while (posted < n) {
        /* A run of inputs of one lane goes in under one lock. */
        enum queue_lane lane = lane_of(e, ins[posted]);
        size_t run = 0;
        while (posted + run < n && run < BATCH_MAX && lane_of(e, ins[posted + run]) == lane) {
            struct input *in = ins[posted + run];
            stages_on_post(e->stages, in, now_us);
            items[run++] = (struct queue_item){in, in->deadline_mono_us};
        }
        size_t taken = queue_push_many(e->queue, lane, items, run);
        posted += taken;
        if (taken < run)
            break;
    }
    return posted;
}

static void drop_input(void *ptr, void *ctx)
{
    struct engine *e = ctx;
    struct input *in = ptr;
    struct outcome o = {.status = OUTCOME_NOT_STORED};
    o.receipt.reason = REASON_SHUTTING_DOWN;
    TR_ASSERT(e != NULL);
    if (in->done != NULL)
        in->done(in, &o, in->done_ctx);
    input_free(in);
}

/* ---- time ---- */

/* Records never go back: after the wall clock was set back time goes on from the newest record by
 * the monotonic clock, until the wall has caught up. */
static int64_t engine_now_ms(const struct engine *e)
{
    int64_t wall_ms = clock_wall_ms(e->opt.clock);
    if (wall_ms >= e->state->now_ms)
        return wall_ms;
    int64_t since_us = clock_mono_us(e->opt.clock) - e->now_mono_us;
    return e->state->now_ms + (since_us > 0 ? since_us / 1000 : 0);
}

/* Posters know the wall only; what they say about time keeps its age. */
static void keep_age(struct input *in, int64_t ahead_ms)
{
    if (in->kind == INPUT_COMMAND && in->command.sent_ms > 0)
        in->command.sent_ms += ahead_ms;
}

/* ---- one turn ---- */

static int append_row(struct engine *e, const struct input *in, int64_t now_ms)
{
    TR_ASSERT(!buf_failed(&e->in_blob));
    TR_ASSERT(!buf_failed(&e->out.blob));
    struct journal_row row = {
        .seq = e->state->seq,
        .time_ms = now_ms,
        .kind = (int)in->kind,
        .flags = (e->out.has_messages ? JOURNAL_FLAG_MESSAGES : 0) |
                 (e->out.has_ledger ? JOURNAL_FLAG_LEDGER : 0),
        .key = in->key,
        .input = e->in_blob.data,
        .input_len = e->in_blob.len,
        .output = e->out.blob.data,
        .output_len = e->out.blob.len,
    };
    return journal_append(e->journal, &row);
}

/* Applies one input and appends its row; the slot's outcome is provisional until the commit. */
static int apply_slot(struct engine *e, struct batch_slot *slot, int64_t now_ms)
{
    struct input *in = slot->in;
    struct decision *decision = in->kind == INPUT_SIGNAL ? &e->decisions[slot - e->slots] : NULL;
    int64_t began_us = clock_mono_us(e->opt.clock);
    struct input_quotes quotes;
    input_gather_quotes(in, e->state, e->opt.broker, &quotes);
    input_gather_wanted(in, &e->opt, &quotes);
    const struct signals_question q = {e->state, &e->opt, &quotes, &in->signal, now_ms, in->answer};
    if (decision != NULL)
        signals_decide_both(&q, decision, &in->other);
    buf_reset(&e->in_blob);
    input_pack(&e->in_blob, in, &quotes, decision);
    outputs_reset(&e->out);
    struct engine_tx tx = {
        .s = e->state,
        .opt = &e->opt,
        .out = &e->out,
        .quotes = &quotes,
        .now_ms = now_ms,
        .seq = e->state->seq + 1,
    };
    apply_input(&tx, in, decision);
    slot->applied = true;
    slot->outcome.status = OUTCOME_COMMITTED;
    slot->outcome.receipt = tx.receipt;
    slot->outcome.decision = decision;
    stages_note(e->stages, STAGE_DECIDE, clock_mono_us(e->opt.clock) - began_us);
    return append_row(e, in, now_ms);
}

static bool is_entry(const struct input *in)
{
    return in->kind == INPUT_SIGNAL && !signal_is_exit(in->signal.kind);
}

static bool is_settled_early(struct engine *e, struct batch_slot *slot, int64_t now_us)
{
    struct input *in = slot->in;
    if (in->deadline_mono_us != 0 && now_us > in->deadline_mono_us && in->kind != INPUT_BROKER) {
        slot->outcome.status = OUTCOME_EXPIRED;
        slot->outcome.receipt.reason = REASON_EXPIRED;
        return true;
    }
    uint64_t first = in->key[0] != '\0' ? dedupe_find(state_keys(e->state, in), in->key) : 0;
    if (first != 0) {
        slot->outcome.status = OUTCOME_DUPLICATE;
        slot->outcome.receipt = (struct receipt){first, state_repeat(e->state, in), ""};
        return true;
    }
    if (e->failing && is_entry(in)) {
        slot->outcome.status = OUTCOME_NOT_STORED;
        slot->outcome.receipt.reason = REASON_NOT_STORED;
        return true;
    }
    return false;
}

static int maybe_snapshot(struct engine *e, bool force)
{
    struct engine_state *s = e->state;
    if (!force && s->seq - e->snapshot_seq < e->opt.snapshot_every)
        return 0;
    if (!force && e->failing)
        return 0;                 /* room is for exits */
    size_t sends = s->send_count; /* they live until the commit, outside the snapshot */
    s->send_count = 0;
    buf_reset(&e->snapshot_blob);
    state_pack(s, &e->snapshot_blob);
    s->send_count = sends;
    TR_ASSERT(!buf_failed(&e->snapshot_blob));
    int r = journal_snapshot(e->journal, s->seq, e->snapshot_blob.data, e->snapshot_blob.len);
    if (r < 0)
        return err_trace(r);
    e->snapshot_seq = s->seq;
    buf_deinit(&e->snapshot_blob);
    buf_init(&e->snapshot_blob, SNAPSHOT_MAX_BYTES);
    return 0;
}

/* The input just applied changed a setting: the next one is decided under it. */
static int follow_settings(struct engine *e, int64_t now_ms)
{
    if (e->state->settings.revision == e->settings_revision)
        return 0;
    settings_lay(&e->opt, &e->state->settings);
    e->settings_revision = e->state->settings.revision;
    if (engine_rules_equal(&e->opt.rules, &e->state->rules))
        return 0;
    struct batch_slot slot = {.in = input_new_timer(&e->opt, TIMER_RULES)};
    int r = apply_slot(e, &slot, now_ms);
    input_free(slot.in);
    return r < 0 ? err_trace(r) : 0;
}

/* Applies all slots inside one journal transaction. *ret_applied: how many rows were made. */
static int apply_batch(struct engine *e, int64_t now_us, int64_t now_ms, size_t *ret_applied)
{
    int64_t ahead_ms = now_ms - clock_wall_ms(e->opt.clock);
    int r = 0;
    e->now_mono_us = now_us;
    for (size_t i = 0; i < e->slot_count; i++) {
        struct batch_slot *slot = &e->slots[i];
        if (is_settled_early(e, slot, now_us))
            continue;
        if (*ret_applied == 0)
            r = journal_begin(e->journal);
        if (r == 0) {
            (*ret_applied)++;
            if (ahead_ms > 0)
                keep_age(slot->in, ahead_ms);
            r = apply_slot(e, slot, now_ms);
        }
        if (r == 0)
            r = follow_settings(e, now_ms);
        if (r < 0)
            return err_trace(r);
    }
    if (*ret_applied == 0)
        return 0;
    r = maybe_snapshot(e, false);
    int64_t began_us = clock_mono_us(e->opt.clock);
    if (r == 0)
        r = journal_commit(e->journal);
    e->commit_us = clock_mono_us(e->opt.clock) - began_us;
    stages_note(e->stages, STAGE_COMMIT, e->commit_us);
    return r < 0 ? err_trace(r) : 0;
}

static void store_fault(struct engine *e, bool failing, int error)
{
    if (e->failing == failing)
        return;
    e->failing = failing;
    const char *what = failing ? strerrordesc_np(-error) : "works again";
    if (failing)
        log_error("engine", "journal_failed trader=%s error=\"%s\"", e->opt.trader_id, what);
    else
        log_info("engine", "journal_works_again trader=%s", e->opt.trader_id);
    if (e->opt.on_store_fault != NULL)
        e->opt.on_store_fault(e->opt.on_store_fault_ctx, what, failing);
}

/* Takes the room for exits (again). Without it entries are halted; a file system that cannot
 * promise room is no reason for that. */
static void keep_reserve(struct engine *e)
{
    int r = reserve_take(e->opt.dir);
    e->is_scarce = r == -ENOSPC;
    if (e->is_scarce)
        store_fault(e, true, r);
    else if (r < 0)
        log_warn("engine", "no_room_kept_for_exits trader=%s error=\"%s\"", e->opt.trader_id,
                 strerrordesc_np(-r));
}

/* While exits live on it: is there room for it and more again? Then the next probe tells. */
static void watch_reserve(struct engine *e)
{
    int64_t now_us = clock_mono_us(e->opt.clock);
    if (!e->is_scarce || now_us < e->probe_us)
        return;
    e->probe_us = now_us + PROBE_WAIT_US;
    keep_reserve(e);
    if (!e->is_scarce)
        e->probe_us = now_us;
}

/* What is on disk is not known any more, and asking again may lie (a second fsync says yes without
 * having written): the supervisor restarts, recovery decides. Or another process has the claim. */
TR_NORETURN static void store_lost(const struct engine *e, int error)
{
    bool is_fenced = error == JOURNAL_FENCED;
    log_error("engine", "journal_%s trader=%s error=\"%s\" stopping=now",
              is_fenced ? "taken_over" : "lost", e->opt.trader_id, strerrordesc_np(-error));
    _exit(is_fenced ? EXIT_FENCED : EXIT_STORE_LOST);
}

/* The first of that key went with the batch. */
static bool was_first_kept(const struct engine *e, const struct batch_slot *slot)
{
    return slot->outcome.status != OUTCOME_DUPLICATE || slot->outcome.receipt.seq <= e->state->seq;
}

static bool is_settled(const struct engine *e, const struct batch_slot *slot)
{
    return (slot->outcome.status == OUTCOME_DUPLICATE || slot->outcome.status == OUTCOME_EXPIRED) &&
           was_first_kept(e, slot);
}

/* Nothing of the batch left the building: forget it, keep the broker's facts. */
static void undo_batch(struct engine *e, int error)
{
    if (error == JOURNAL_LOST || error == JOURNAL_FENCED || error == -EBADMSG)
        store_lost(e, error);
    journal_rollback(e->journal);
    store_fault(e, true, error);
    e->probe_us = clock_mono_us(e->opt.clock) + PROBE_WAIT_US;
    if (error == -ENOSPC && reserve_give_up(e->opt.dir)) {
        e->is_scarce = true;
        log_warn("engine", "room_for_exits_in_use trader=%s", e->opt.trader_id);
    }
    int r = recover_state(&e->opt, e->journal, e->journal_path, &e->state);
    if (r != 0)
        store_lost(e, r < 0 ? r : -EBADMSG);
    e->snapshot_seq = e->state->seq; /* the next one in its time */
    settings_lay(&e->opt, &e->state->settings);
    e->settings_revision = e->state->settings.revision;
    for (size_t i = 0; i < e->slot_count; i++) {
        struct batch_slot *slot = &e->slots[i];
        if (is_settled(e, slot))
            continue;
        if (slot->in->kind == INPUT_BROKER) {
            TR_ASSERT(e->held_count < HELD_MAX);
            e->held[e->held_count++] = slot->in;
            slot->in = NULL;
            continue;
        }
        slot->outcome = (struct outcome){.status = OUTCOME_NOT_STORED};
        slot->outcome.receipt.reason = REASON_NOT_STORED;
    }
}

static void answer_batch(struct engine *e)
{
    for (size_t i = 0; i < e->slot_count; i++) {
        struct batch_slot *slot = &e->slots[i];
        if (slot->in == NULL)
            continue;
        if (slot->in->done != NULL)
            slot->in->done(slot->in, &slot->outcome, slot->in->done_ctx);
        stages_on_answered(e->stages, slot->in, clock_mono_us(e->opt.clock));
        slot->in = input_free(slot->in);
    }
}

static void release_sends(struct engine *e)
{
    struct engine_state *s = e->state;
    int64_t now_us = clock_mono_us(e->opt.clock);
    for (size_t i = 0; i < s->send_count; i++) {
        if (e->unsent_count == UNSENT_MAX) { /* each becomes UNKNOWN in time and is asked for */
            log_error("engine", "broker_backlog_full trader=%s dropped=%zu", e->opt.trader_id,
                      s->send_count - i);
            break;
        }
        stages_on_intent(e->stages, s->sends[i].cid, now_us);
        e->unsent[e->unsent_count++] = s->sends[i];
    }
    s->send_count = 0;
    size_t sent = 0;
    struct broker *b = e->opt.broker;
    if (e->unsent_count > 0 && journal_check_claim(e->journal) == JOURNAL_FENCED)
        store_lost(e, JOURNAL_FENCED); /* this process was frozen since the commit */
    while (sent < e->unsent_count && b->ops->submit(b, &e->unsent[sent]) == BROKER_ACCEPTED)
        stages_on_sent(e->stages, e->unsent[sent++].cid, clock_mono_us(e->opt.clock));
    e->unsent_count -= sent;
    memmove(e->unsent, e->unsent + sent, e->unsent_count * sizeof(e->unsent[0]));
}

static int64_t open_profit_e8(struct engine *e)
{
    int64_t sum_e8 = 0, price_e8;
    for (size_t i = 0; i < e->state->position_count; i++)
        sum_e8 += view_profit_e8(&e->state->positions[i], e->opt.broker, &price_e8);
    return sum_e8;
}

/* Figures of the state itself; those of the batch are added by note_batch(). */
static void publish_state(struct engine *e)
{
    users_board_show(e->users, &e->state->users);
    const struct engine_state *s = e->state;
    struct queue_stats qs;
    queue_get_stats(e->queue, &qs);
    view_board_publish(e->opt.view, s);
    int64_t profit_e8 = s->position_count > 0 ? open_profit_e8(e) : 0;
    mutex_lock(&e->stats_lock);
    struct engine_stats *st = &e->stats;
    st->queue_depth = qs.depth[QUEUE_LANE_NORMAL] + qs.depth[QUEUE_LANE_URGENT];
    st->queue_peak = qs.peak_depth;
    st->open_profit_e8 = profit_e8;
    st->entries_halted = e->failing || s->paused || s->panicked || !s->broker_up || !s->synced;
    st->store_failing = e->failing;
    ahead_publish(&e->opt, s, st);
    memcpy(e->bot_next_update, s->bot_next_update, sizeof(e->bot_next_update));
    memcpy(e->langs, s->langs, s->lang_count * sizeof(s->langs[0]));
    e->lang_count = s->lang_count;
    if (e->settings.revision != s->settings.revision)
        e->settings = s->settings;
    mutex_unlock(&e->stats_lock);
}

static void note_batch(struct engine *e, int64_t began_us, int64_t committed_us)
{
    struct engine_stats add = {0};
    for (size_t i = 0; i < e->slot_count; i++) {
        const struct batch_slot *slot = &e->slots[i];
        if (slot->in == NULL)
            continue;
        add.duplicates += slot->outcome.status == OUTCOME_DUPLICATE;
        add.expired += slot->outcome.status == OUTCOME_EXPIRED;
        add.not_stored += slot->outcome.status == OUTCOME_NOT_STORED;
        add.inputs++;
        add.commands += slot->in->kind == INPUT_COMMAND;
        stages_on_taken(e->stages, slot->in, began_us);
        if (slot->in->posted_mono_us > 0)
            add.latency_sum_us += committed_us - slot->in->posted_mono_us;
    }
    mutex_lock(&e->stats_lock);
    struct engine_stats *st = &e->stats;
    st->batches++;
    st->inputs += add.inputs;
    st->commands += add.commands;
    st->duplicates += add.duplicates;
    st->expired += add.expired;
    st->not_stored += add.not_stored;
    st->latency_sum_us += add.latency_sum_us;
    st->last_batch_us = committed_us - began_us;
    st->last_commit_us = e->commit_us;
    mutex_unlock(&e->stats_lock);
}

static void run_batch(struct engine *e, int64_t now_ms)
{
    TR_ASSERT_THREAD(&e->owner);
    int64_t began_us = clock_mono_us(e->opt.clock);
    size_t applied = 0;
    int r = apply_batch(e, began_us, now_ms, &applied);
    if (r < 0) {
        undo_batch(e, r);
    } else if (applied > 0) {
        if (!e->is_scarce)
            store_fault(e, false, 0);
        release_sends(e);
    }
    note_batch(e, began_us, clock_mono_us(e->opt.clock));
    publish_state(e);
    bool is_stored = r == 0 && applied > 0;
    for (size_t i = 0; is_stored && i < e->opt.wake_count; i++)
        e->opt.wakes[i].fn(e->opt.wakes[i].ctx, e->state->seq); /* first: a person waits */
    answer_batch(e);
    if (is_stored)
        journal_checkpoint(e->journal, false);
}

/* ---- the thread ---- */

static void add_slot(struct engine *e, struct input *in)
{
    TR_ASSERT(e->slot_count < BATCH_MAX);
    struct batch_slot *slot = &e->slots[e->slot_count++];
    memset(&slot->outcome, 0, sizeof(slot->outcome));
    slot->in = in;
    slot->applied = false;
}

static int64_t wait_until_us(const struct engine *e)
{
    int64_t now_us = clock_mono_us(e->opt.clock);
    if (e->held_count > 0 || e->unsent_count > 0)
        return now_us + RETRY_WAIT_US;
    int64_t due_ms = apply_next_due_ms(e->state);
    int64_t wait_us = IDLE_WAIT_US;
    if (due_ms != INT64_MAX) {
        int64_t left_ms = due_ms - engine_now_ms(e);
        if (left_ms * 1000 < wait_us)
            wait_us = left_ms > 0 ? left_ms * 1000 : 0;
    }
    if (e->failing && e->probe_us - now_us < wait_us)
        return e->probe_us;
    if (e->state->prices.watched != 0 && e->price_due_us - now_us < wait_us)
        return e->price_due_us;
    return now_us + wait_us;
}

static void rest_until(struct engine *e, int64_t until_us)
{
    struct mutex lock;
    struct cond never; /* nobody signals */
    mutex_init(&lock);
    cond_init(&never);
    mutex_lock(&lock);
    while (!queue_is_closed(e->queue) && cond_wait_until_us(&never, &lock, until_us)) {
    }
    mutex_unlock(&lock);
    cond_deinit(&never);
    mutex_deinit(&lock);
}

/* Prices that reach a watched level are an input; the others are none of the engine's business. */
static void look_at_prices(struct engine *e)
{
    int64_t now_us = clock_mono_us(e->opt.clock);
    if (now_us < e->price_due_us || (e->failing && !e->is_scarce))
        return;
    e->price_due_us = now_us + e->opt.price_interval_ms * INT64_C(1000);
    struct input *in = prices_poll(&e->state->prices, e->opt.broker);
    if (in != NULL)
        add_slot(e, in);
    in = candles_poll(&e->candles, e->state, e->opt.broker, engine_now_ms(e));
    if (in != NULL)
        add_slot(e, in);
}

/* Held facts, a due timer, prices, then the queue. Returns the turn's time: one trading day. */
static int64_t collect(struct engine *e)
{
    struct queue_item items[BATCH_MAX];
    int64_t until_us = wait_until_us(e);
    size_t taken = 0;
    e->slot_count = 0;
    if (e->held_count < HELD_MAX)
        taken = queue_take_many(e->queue, items, HELD_MAX - e->held_count, until_us);
    else
        rest_until(e, until_us); /* only facts fit: at the pace of the retries */
    for (size_t i = 0; i < e->held_count; i++)
        add_slot(e, e->held[i]);
    e->held_count = 0;
    bool is_probe = e->failing && !e->is_scarce && clock_mono_us(e->opt.clock) >= e->probe_us;
    int64_t now_ms = engine_now_ms(e);
    if (is_probe || now_ms >= apply_next_due_ms(e->state) || apply_is_new_day(e->state, now_ms))
        add_slot(e, input_new_timer(&e->opt, TIMER_DUE));
    look_at_prices(e);
    for (size_t i = 0; i < taken; i++)
        if (!ahead_ask(&e->opt, e->state, items[i].ptr, now_ms))
            add_slot(e, items[i].ptr);
    return now_ms;
}

static void engine_main(struct thread *self, void *arg)
{
    struct engine *e = arg;
    (void)self; /* the closed queue is the stop signal: it is drained first */
    thread_owner_claim(&e->owner);
    /* At the end facts that cannot be stored are left to the next start, which asks the broker. */
    for (int tries = 0; tries < STOP_TRIES;) {
        bool is_last = queue_is_closed(e->queue); /* before: what came until then is collected */
        watch_reserve(e);
        int64_t now_ms = collect(e);
        if (e->slot_count > 0) {
            run_batch(e, now_ms);
            tries += is_last && e->failing;
            continue;
        }
        if (is_last)
            break;
        release_sends(e);
        publish_state(e);
        journal_checkpoint(e->journal, true);
    }
    e->slot_count = 0;
    bool is_leaving = e->opt.is_leaving != NULL && atomic_load(e->opt.is_leaving);
    add_slot(e, input_new_timer(&e->opt, is_leaving ? TIMER_LEAVE : TIMER_STOP));
    run_batch(e, engine_now_ms(e));
    if (journal_begin(e->journal) < 0 || maybe_snapshot(e, true) < 0 ||
        journal_commit(e->journal) < 0)
        journal_rollback(e->journal);
}

static void engine_wake_queue(void *arg)
{
    queue_wake(((struct engine *)arg)->queue);
}

/* ---- life ---- */

static void fill_defaults(struct engine_options *o)
{
    if (o->queue_capacity == 0)
        o->queue_capacity = 8192;
    if (o->snapshot_every == 0)
        o->snapshot_every = 20000;
    if (o->price_interval_ms == 0)
        o->price_interval_ms = 200;
    if (o->rules.order_deadline_ms == 0)
        o->rules.order_deadline_ms = 5000;
    if (o->rules.signal_max_age_ms == 0)
        o->rules.signal_max_age_ms = 10000;
}

int engine_open(const struct engine_options *opt, struct engine **ret_engine)
{
    TR_ASSERT(opt->broker != NULL && opt->clock != NULL && opt->dir != NULL);
    TR_ASSERT(opt->plugin_count <= ENGINE_PLUGINS_MAX && opt->wake_count <= ENGINE_WAKES_MAX);
    struct engine *e = xalloc(sizeof(*e));
    e->opt = *opt;
    fill_defaults(&e->opt);
    mutex_init(&e->stats_lock);
    e->users = users_board_new();
    e->stages = stages_new();
    e->queue = queue_new(e->opt.queue_capacity, drop_input, e);
    e->decisions = xcalloc(BATCH_MAX, sizeof(*e->decisions));
    outputs_init(&e->out);
    buf_init(&e->in_blob, INPUT_MAX_BYTES);
    buf_init(&e->snapshot_blob, SNAPSHOT_MAX_BYTES);
    (void)snprintf(e->journal_path, sizeof(e->journal_path), "%s/journal.db", opt->dir);
    int r = journal_open(e->journal_path, &e->journal);
    if (r == -ENOSPC && reserve_give_up(opt->dir)) /* its claim needs a page */
        r = journal_open(e->journal_path, &e->journal);
    if (r == 0)
        r = recover_state(&e->opt, e->journal, e->journal_path, &e->state);
    if (r != 0) {
        engine_free(e);
        return r < 0 ? err_trace(r) : err_raise(-EBADMSG);
    }
    e->snapshot_seq = e->state->seq;
    e->now_mono_us = clock_mono_us(e->opt.clock);
    settings_lay(&e->opt, &e->state->settings);
    e->settings_revision = e->state->settings.revision;
    publish_state(e);
    *ret_engine = e;
    return 0;
}

int engine_start(struct engine *e)
{
    TR_ASSERT(e->thread == NULL);
    thread_owner_claim(&e->owner);
    keep_reserve(e);
    uint64_t seq = e->state->seq;
    /* The second try may live on the reserve. */
    for (int tries = 0; tries < 2 && e->state->seq == seq; tries++) {
        add_slot(e, input_new_timer(&e->opt, e->opt.is_successor ? TIMER_TAKE_OVER : TIMER_START));
        run_batch(e, engine_now_ms(e));
        e->slot_count = 0;
    }
    if (e->state->seq == seq)
        return err_raise(-EIO);
    char name[16];
    (void)snprintf(name, sizeof(name), "engine-%.8s", e->opt.trader_id);
    e->thread = thread_start(name, engine_main, engine_wake_queue, e);
    return 0;
}

void engine_stop(struct engine *e)
{
    queue_close(e->queue);
    e->thread = thread_join(e->thread);
}

struct engine *engine_free(struct engine *e)
{
    if (e == NULL)
        return NULL;
    TR_ASSERT(e->thread == NULL);
    e->queue = queue_free(e->queue);
    for (size_t i = 0; i < e->held_count; i++)
        drop_input(e->held[i], e);
    e->journal = journal_close(e->journal);
    e->state = state_free(e->state);
    e->users = users_board_free(e->users);
    e->stages = stages_free(e->stages);
    mem_free(e->decisions);
    outputs_deinit(&e->out);
    buf_deinit(&e->in_blob);
    buf_deinit(&e->snapshot_blob);
    mutex_deinit(&e->stats_lock);
    return mem_free(e);
}

const char *engine_trader_id(const struct engine *e)
{
    return e->opt.trader_id;
}

int64_t engine_bot_offset(struct engine *e, enum bot_id bot)
{
    TR_ASSERT(bot > BOT_UNSET && bot < BOT_COUNT);
    mutex_lock(&e->stats_lock);
    int64_t next = e->bot_next_update[bot];
    mutex_unlock(&e->stats_lock);
    return next;
}

struct users_board *engine_users(struct engine *e)
{
    return e->users;
}

struct stages *engine_stages(struct engine *e)
{
    return e->stages;
}

enum lang engine_user_lang(struct engine *e, int64_t user_id)
{
    mutex_lock(&e->stats_lock);
    enum lang lang = state_lang(e->langs, e->lang_count, user_id);
    mutex_unlock(&e->stats_lock);
    return lang;
}

void engine_get_settings(struct engine *e, struct settings *ret)
{
    mutex_lock(&e->stats_lock);
    *ret = e->settings;
    mutex_unlock(&e->stats_lock);
}

void engine_get_stats(struct engine *e, struct engine_stats *ret)
{
    mutex_lock(&e->stats_lock);
    *ret = e->stats;
    mutex_unlock(&e->stats_lock);
}
