/* simulate/simulate.c: the engine's turn without queue and thread.
 *
 * engine/engine.c takes batches from a queue, waits and survives faults of the disk; here one input
 * at a time goes the same way: duplicate? -> quotes -> plugins -> apply() -> row -> requests to the
 * venue, whose events wait in a list until the input is done. wake_ms is the earliest time at which
 * anything may be due; until then a tick looks only at the venue's range and the watched levels. */
#include "simulate/simulate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "brokers/paper_sync.h"
#include "core/alloc.h"
#include "core/log.h"
#include "engine/apply.h"
#include "engine/candles.h"
#include "engine/signals.h"
#include "signals/parse.h"
#include "store/journal.h"

#define INPUT_MAX_BYTES (64 * 1024)
#define COMMIT_ROWS     4096
#define MINUTE_MS       INT64_C(60000)
#define ORDER_MS        5000
#define SIGNAL_AGE_MS   10000
#define EVENTS_FIRST    64

struct simulate {
    struct engine_options opt;
    struct clock *clock;
    struct paper_sync *venue;
    struct engine_state *state;
    struct decision *decision;
    struct outputs out;
    struct buf in_blob;
    struct journal *journal; /* NULL = none */
    size_t uncommitted;
    struct broker_event *events; /* of the venue, not applied yet: from event_at to event_count */
    size_t event_at, event_count, event_cap;
    int64_t start_ms, now_ms;
    int64_t tick_ms;  /* of the newest tick: it may have come without a change of now_ms */
    int64_t wake_ms;  /* nothing is due before */
    int64_t timer_ms; /* when the newest TIMER_DUE was: the next is later */
    int64_t start_balance_e8;
    bool is_link_down;
    struct candle_maker candles;
    struct simulate_totals totals;
    struct sim_outcome outcome;
};

/* ---- one input ---- */

static int append_row(struct simulate *s, const struct input *in)
{
    if (s->journal == NULL)
        return 0;
    int r = s->uncommitted == 0 ? journal_begin(s->journal) : 0;
    struct journal_row row = {
        .seq = s->state->seq,
        .time_ms = s->now_ms,
        .kind = (int)in->kind,
        .flags = (s->out.has_messages ? JOURNAL_FLAG_MESSAGES : 0) |
                 (s->out.has_ledger ? JOURNAL_FLAG_LEDGER : 0),
        .key = in->key,
        .input = s->in_blob.data,
        .input_len = s->in_blob.len,
        .output = s->out.blob.data,
        .output_len = s->out.blob.len,
    };
    if (r == 0)
        r = journal_append(s->journal, &row);
    if (r == 0 && ++s->uncommitted == COMMIT_ROWS) {
        s->uncommitted = 0;
        r = journal_commit(s->journal);
        journal_checkpoint(s->journal, false);
    }
    return r < 0 ? err_trace(r) : 0;
}

static bool is_repeat(struct simulate *s, const struct input *in)
{
    return in->key[0] != '\0' && dedupe_find(state_keys(s->state, in), in->key) != 0;
}

/* Takes over in. */
static int apply_one(struct simulate *s, struct input *in, struct receipt *ret_receipt)
{
    struct input_quotes quotes;
    struct decision *decision = in->kind == INPUT_SIGNAL ? s->decision : NULL;
    int r = 0;
    if (is_repeat(s, in)) {
        s->totals.repeats++;
    } else {
        input_gather_quotes(in, s->state, s->opt.broker, &quotes);
        input_gather_wanted(in, &s->opt, &quotes);
        const struct signals_question q = {s->state,    &s->opt,   &quotes,
                                           &in->signal, s->now_ms, in->answer};
        if (decision != NULL)
            signals_decide_both(&q, decision, &in->other);
        buf_reset(&s->in_blob);
        if (s->journal != NULL)
            input_pack(&s->in_blob, in, &quotes, decision);
        outputs_reset(&s->out);
        struct engine_tx tx = {
            .s = s->state,
            .opt = &s->opt,
            .out = &s->out,
            .quotes = &quotes,
            .now_ms = s->now_ms,
            .seq = s->state->seq + 1,
        };
        apply_input(&tx, in, decision);
        sim_outcome_take(&s->outcome, &s->out);
        r = append_row(s, in);
        if (ret_receipt != NULL)
            *ret_receipt = tx.receipt;
    }
    input_free(in);
    return r;
}

/* ---- to the venue and back ---- */

static void on_event(const struct broker_event *e, void *ctx)
{
    struct simulate *s = ctx;
    if (s->is_link_down) {
        s->totals.lost++;
        return;
    }
    if (s->event_count == s->event_cap) {
        size_t cap = s->event_cap == 0 ? EVENTS_FIRST : 2 * s->event_cap;
        struct broker_event *more = xcalloc(cap, sizeof(*more));
        if (s->event_count > 0)
            memcpy(more, s->events, s->event_count * sizeof(*more));
        mem_free(s->events);
        s->events = more;
        s->event_cap = cap;
    }
    s->events[s->event_count++] = *e;
}

static void release_sends(struct simulate *s)
{
    struct broker *b = s->opt.broker;
    for (size_t i = 0; i < s->state->send_count; i++) {
        s->totals.requests++;
        s->totals.questions += s->state->sends[i].kind == BROKER_QUERY;
        if (s->is_link_down) {
            s->totals.lost++;
            continue;
        }
        int r = b->ops->submit(b, &s->state->sends[i]);
        TR_ASSERT(r == BROKER_ACCEPTED); /* there is no queue that could be full */
    }
    s->state->send_count = 0;
}

/* Until neither has anything to tell the other. */
static int pump(struct simulate *s)
{
    release_sends(s);
    while (s->event_at < s->event_count) {
        const struct broker_event *e = &s->events[s->event_at++];
        struct input *in = input_new(INPUT_BROKER);
        in->broker = *e;
        if (e->kind == BROKER_EVENT_FILL && e->exec_id != 0)
            (void)snprintf(in->key, sizeof(in->key), "ex:%" PRIu64, e->exec_id);
        int r = apply_one(s, in, NULL);
        if (r < 0)
            return err_trace(r);
        release_sends(s);
    }
    s->event_at = s->event_count = 0;
    return 0;
}

static int apply_and_pump(struct simulate *s, struct input *in, struct receipt *ret_receipt)
{
    int r = apply_one(s, in, ret_receipt);
    return r < 0 ? err_trace(r) : pump(s);
}

/* ---- time ---- */

static void set_time(struct simulate *s, int64_t ms)
{
    TR_ASSERT(ms >= s->now_ms);
    clock_manual_advance_us(s->clock, (ms - s->now_ms) * 1000);
    s->now_ms = ms;
}

static int64_t engine_due_ms(const struct simulate *s)
{
    int64_t due_ms = apply_next_due_ms(s->state);
    return due_ms > s->timer_ms ? due_ms : s->timer_ms + 1; /* never twice at one time */
}

static int64_t venue_due_ms(const struct simulate *s)
{
    int64_t due_us = paper_sync_next_due_us(s->venue);
    return due_us == INT64_MAX ? INT64_MAX : s->start_ms + (due_us + 999) / 1000;
}

static int64_t next_due_ms(const struct simulate *s)
{
    int64_t engine_ms = engine_due_ms(s), venue_ms = venue_due_ms(s);
    return engine_ms < venue_ms ? engine_ms : venue_ms;
}

/* Days begin on a full minute. */
static void find_wake(struct simulate *s)
{
    int64_t minute_ms = s->now_ms - s->now_ms % MINUTE_MS + MINUTE_MS;
    int64_t due_ms = next_due_ms(s);
    s->wake_ms = due_ms < minute_ms ? due_ms : minute_ms;
}

static int timer(struct simulate *s)
{
    s->timer_ms = s->now_ms;
    return apply_and_pump(s, input_new_timer(&s->opt, TIMER_DUE), NULL);
}

/* Everything that is due until then, each at its time. */
static int advance(struct simulate *s, int64_t to_ms)
{
    int r = 0;
    for (int64_t due_ms; r == 0 && (due_ms = next_due_ms(s)) <= to_ms;) {
        set_time(s, due_ms > s->now_ms ? due_ms : s->now_ms);
        if (venue_due_ms(s) <= s->now_ms) {
            paper_sync_run_due(s->venue);
            r = pump(s);
        }
        if (r == 0 && engine_due_ms(s) <= s->now_ms)
            r = timer(s);
    }
    set_time(s, to_ms > s->now_ms ? to_ms : s->now_ms);
    if (r == 0 && apply_is_new_day(s->state, s->now_ms))
        r = timer(s);
    find_wake(s);
    return r;
}

/* ---- in ---- */

static bool is_watched(const struct simulate *s, size_t symbol, const struct quote *q)
{
    return prices_is_hit(&s->state->prices, symbol, q->bid_e8, q->ask_e8);
}

/* RE-9, where a plugin asks for it. */
static int candle(struct simulate *s, size_t symbol, const struct quote *q)
{
    struct input *in = candles_tick(&s->candles, symbol, q->bid_e8, q->time_ms);
    if (in == NULL)
        return 0;
    set_time(s, q->time_ms);
    return apply_and_pump(s, in, NULL);
}

int simulate_tick(struct simulate *s, size_t symbol, const struct quote *q)
{
    int r = 0;
    TR_ASSERT(q->bid_e8 > 0 && q->ask_e8 >= q->bid_e8);
    s->totals.ticks++;
    s->tick_ms = q->time_ms;
    if (q->time_ms >= s->wake_ms)
        r = advance(s, q->time_ms);
    if (r == 0 && candles_wanted(&s->state->rules))
        r = candle(s, symbol, q);
    bool is_quiet = paper_sync_note(s->venue, symbol, q);
    if (r < 0 || (is_quiet && !is_watched(s, symbol, q)))
        return r;
    set_time(s, q->time_ms);
    if (!is_quiet) {
        paper_sync_tick(s->venue, symbol, q);
        r = pump(s);
    }
    if (r == 0 && is_watched(s, symbol, q))
        r = apply_and_pump(s, prices_input(s->opt.broker, symbol_at(symbol)->name), NULL);
    find_wake(s);
    return r;
}

static struct input *notice(const struct signal_fault *f, const char *hint, int64_t time_ms)
{
    struct input *in = input_new(INPUT_NOTICE);
    struct event *e = &in->notice;
    *e = (struct event)EVENT_INIT;
    e->type = EVENT_SIGNAL_REFUSED;
    e->time_ms = time_ms;
    e->reason = f->reason;
    if (hint != NULL && !symbol_normalise(hint, e->symbol))
        e->symbol[0] = '\0';
    int n = snprintf(e->text, sizeof(e->text), f->value[0] != '\0' ? "%s: %s" : "%s%s", f->field,
                     f->value);
    TR_ASSERT(n >= 0); /* cut to fit is fine */
    return in;
}

int simulate_alert(struct simulate *s, const char *body, const char *symbol_hint, int64_t time_ms)
{
    struct signal_fault why;
    int r = advance(s, time_ms);
    if (r < 0)
        return err_trace(r);
    s->totals.alerts++;
    struct input *in = input_new(INPUT_SIGNAL);
    if (signal_parse(body, strlen(body), symbol_hint, time_ms, &in->signal, &why) !=
        SIGNAL_PARSED) {
        s->totals.unreadable++;
        input_free(in);
        in = notice(&why, symbol_hint, time_ms);
    }
    uint64_t accepted = s->state->counters.signals_accepted;
    uint64_t refused = s->state->counters.signals_refused;
    r = apply_and_pump(s, in, NULL);
    s->totals.accepted += s->state->counters.signals_accepted - accepted;
    s->totals.refused += s->state->counters.signals_refused - refused;
    find_wake(s);
    return r;
}

int simulate_command(struct simulate *s, const struct command *c, int64_t time_ms,
                     struct receipt *ret_receipt)
{
    int r = advance(s, time_ms);
    if (r < 0)
        return err_trace(r);
    struct input *in = input_new(INPUT_COMMAND);
    in->command = *c;
    in->command.body = NULL;
    in->command.sent_ms = s->now_ms;
    r = apply_and_pump(s, in, ret_receipt);
    find_wake(s);
    return r;
}

int simulate_link(struct simulate *s, bool is_up, int64_t time_ms)
{
    int r = advance(s, time_ms);
    if (r < 0)
        return err_trace(r);
    struct input *in = input_new(INPUT_BROKER);
    in->broker = (struct broker_event){
        .kind = is_up ? BROKER_EVENT_LINK_UP : BROKER_EVENT_LINK_DOWN, .time_ms = s->now_ms};
    s->is_link_down = !is_up;
    r = apply_and_pump(s, in, NULL);
    find_wake(s);
    return r;
}

bool simulate_low_hurts(const struct simulate *s, size_t symbol)
{
    return paper_sync_net_lots_e8(s->venue, symbol) >= 0;
}

/* ---- life ---- */

static int start(struct simulate *s)
{
    struct broker *b = s->opt.broker;
    int r = apply_and_pump(s, input_new_timer(&s->opt, TIMER_START), NULL);
    if (r == 0)
        r = b->ops->start(b, on_event, s);
    if (r == 0)
        r = pump(s);
    s->start_balance_e8 = paper_sync_balance_e8(s->venue);
    s->wake_ms = s->start_ms;
    return r;
}

int simulate_new(const struct simulate_options *o, struct simulate **ret_simulate)
{
    TR_ASSERT(o->engine.plugin_count <= ENGINE_PLUGINS_MAX && o->start_ms > 0);
    struct simulate *s = xalloc(sizeof(*s));
    struct paper_conf paper = o->paper;
    paper.state_path[0] = '\0'; /* a simulation begins with an empty account */
    s->start_ms = s->now_ms = o->start_ms;
    s->clock = clock_manual_new(0, o->start_ms);
    s->state = state_new();
    s->decision = xalloc(sizeof(*s->decision));
    outputs_init(&s->out);
    buf_init(&s->in_blob, INPUT_MAX_BYTES);
    int r = paper_sync_new(&paper, s->clock, &s->venue);
    if (r == 0 && o->journal_path != NULL)
        r = journal_open(o->journal_path, &s->journal);
    if (r == 0) {
        s->opt = o->engine;
        s->opt.clock = s->clock;
        s->opt.broker = paper_sync_broker(s->venue);
        s->opt.settings = (struct engine_settings_ops){.check = NULL};
        s->opt.wake_count = 0;
        if (s->opt.rules.order_deadline_ms == 0)
            s->opt.rules.order_deadline_ms = ORDER_MS;
        if (s->opt.rules.signal_max_age_ms == 0)
            s->opt.rules.signal_max_age_ms = SIGNAL_AGE_MS;
        r = start(s);
    }
    *ret_simulate = r < 0 ? simulate_free(s) : s;
    return r < 0 ? err_trace(r) : 0;
}

int simulate_finish(struct simulate *s)
{
    int r = advance(s, s->tick_ms > s->now_ms ? s->tick_ms : s->now_ms);
    if (r == 0)
        r = apply_and_pump(s, input_new_timer(&s->opt, TIMER_STOP), NULL);
    if (r == 0 && s->uncommitted > 0) {
        s->uncommitted = 0;
        r = journal_commit(s->journal);
    }
    sim_outcome_finish(&s->outcome);
    return r < 0 ? err_trace(r) : 0;
}

struct simulate *simulate_free(struct simulate *s)
{
    if (s == NULL)
        return NULL;
    if (s->journal != NULL && s->uncommitted > 0)
        journal_rollback(s->journal);
    s->journal = journal_close(s->journal);
    if (s->venue != NULL) {
        struct broker *b = paper_sync_broker(s->venue);
        b->ops->free(b);
    }
    s->state = state_free(s->state);
    s->clock = clock_free(s->clock);
    mem_free(s->decision);
    mem_free(s->events);
    outputs_deinit(&s->out);
    buf_deinit(&s->in_blob);
    sim_outcome_deinit(&s->outcome);
    mem_free(s);
    return NULL;
}

void simulate_get_totals(struct simulate *s, struct simulate_totals *ret)
{
    *ret = s->totals;
    ret->rows = s->state->seq;
    ret->now_ms = s->now_ms;
    ret->start_balance_e8 = s->start_balance_e8;
    ret->balance_e8 = s->state->account.balance_e8;
    ret->broker_balance_e8 = paper_sync_balance_e8(s->venue);
    ret->equity_e8 = paper_sync_equity_e8(s->venue);
    ret->open_positions = s->state->position_count;
    ret->open_chains = s->state->chains.reentry_count + s->state->chains.profit_count;
}

const struct sim_outcome *simulate_outcome(const struct simulate *s)
{
    return &s->outcome;
}

const struct engine_state *simulate_state(const struct simulate *s)
{
    return s->state;
}

int64_t simulate_venue_lots_e8(const struct simulate *s, size_t symbol)
{
    return paper_sync_net_lots_e8(s->venue, symbol);
}
