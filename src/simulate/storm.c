/* simulate/storm.c: a life: what is due at a time, in the order of time; the link to the venue and
 * what is lost on it; when everything is at rest engine and venue are compared. */
#include "simulate/storm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"
#include "simulate/storm_impl.h"

#define MINUTE_MS       INT64_C(60000)
#define DAY_MINUTES     1440
#define INPUT_MAX_BYTES (256 * 1024)
#define STATE_MAX_BYTES (64 * 1024 * 1024)
#define START_MS        INT64_C(1767571200000) /* 2026-01-05, a Monday */
#define ORDER_MS        5000
#define SIGNAL_AGE_MS   10000
#define RETELL_ONE_IN   40
#define LATENCY_MS      40
#define TURNS_MAX       100000 /* at one moment: more is a livelock */

/* ---- the venue ---- */

bool storm_is_linked(const struct storm *s)
{
    return s->is_alive && !s->is_net_down;
}

void storm_post_input(struct storm *s, struct input *in)
{
    bool is_urgent = in->kind == INPUT_BROKER || in->kind == INPUT_TIMER;
    storm_lane_push(is_urgent ? &s->urgent : &s->normal, in);
}

static void hear(struct storm *s, const struct broker_event *e)
{
    struct input *in = input_new(INPUT_BROKER);
    in->broker = *e;
    if (e->kind == BROKER_EVENT_FILL && e->exec_id != 0 && s->o->sabotage != STORM_BOOKS_TWICE)
        (void)snprintf(in->key, sizeof(in->key), "ex:%" PRIu64, e->exec_id);
    storm_post_input(s, in);
}

static void on_event(const struct broker_event *e, void *ctx)
{
    struct storm *s = ctx;
    storm_model_deal(s->model, e);
    if (e->kind == BROKER_EVENT_FILL)
        s->told[s->told_count++ % STORM_RETOLD_MAX] = *e;
    if (!storm_is_linked(s))
        return;
    hear(s, e);
    if (e->kind == BROKER_EVENT_FILL && rng_below(&s->rng, RETELL_ONE_IN) == 0) {
        size_t kept = s->told_count < STORM_RETOLD_MAX ? s->told_count : STORM_RETOLD_MAX;
        hear(s, &s->told[rng_below(&s->rng, kept)]); /* late, and once more */
        s->ret->retold++;
    }
}

void storm_net(struct storm *s, bool is_up)
{
    s->is_net_down = !is_up;
    s->well_ms = STORM_NEVER;
    if (!s->is_alive)
        return;
    const struct broker_event e = {.kind = is_up ? BROKER_EVENT_LINK_UP : BROKER_EVENT_LINK_DOWN,
                                   .time_ms = s->now_ms};
    hear(s, &e);
}

/* ---- time ---- */

int64_t storm_engine_ms(const struct storm *s)
{
    int64_t wall_ms = clock_wall_ms(s->clock);
    if (wall_ms >= s->state->now_ms)
        return wall_ms;
    return s->state->now_ms + (clock_mono_us(s->clock) - s->turn_us) / 1000;
}

void storm_set_skew(struct storm *s, int64_t skew_ms, int64_t venue_skew_ms)
{
    s->skew_ms = skew_ms;
    s->venue_skew_ms = venue_skew_ms;
    clock_manual_set_wall_ms(s->clock, s->now_ms + skew_ms);
    clock_manual_set_wall_ms(s->venue_clock, s->now_ms + venue_skew_ms);
}

static void set_time(struct storm *s, int64_t ms)
{
    TR_ASSERT(ms >= s->now_ms);
    clock_manual_advance_us(s->clock, (ms - s->now_ms) * 1000);
    clock_manual_advance_us(s->venue_clock, (ms - s->now_ms) * 1000);
    s->now_ms = ms;
}

static int64_t venue_due_ms(const struct storm *s)
{
    int64_t due_us = paper_sync_next_due_us(s->venue);
    return due_us == INT64_MAX ? STORM_NEVER : s->start_ms + (due_us + 999) / 1000;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_due_ms(const struct storm *s)
{
    int64_t due_ms = venue_due_ms(s);
    due_ms = earlier(due_ms, s->is_alive ? storm_engine_due_ms(s) : s->restart_ms);
    if (s->is_net_down)
        due_ms = earlier(due_ms, s->net_up_ms);
    for (size_t i = 0; i < STORM_POSTS_MAX; i++)
        if (s->posts[i].state == POST_WAITING && s->is_alive)
            due_ms = earlier(due_ms, s->posts[i].try_ms);
    return due_ms;
}

/* ---- at a moment ---- */

static void note_well(struct storm *s)
{
    bool is_well = storm_is_linked(s) && s->state->broker_up && s->state->synced &&
                   !s->is_failing && s->now_ms >= s->disk_ok_ms;
    if (!is_well)
        s->well_ms = STORM_NEVER;
    else if (s->well_ms == STORM_NEVER)
        s->well_ms = s->now_ms;
}

static void look_at_rest(struct storm *s)
{
    if (s->well_ms == STORM_NEVER || s->state->order_count > 0 || s->state->modifies.count > 0 ||
        venue_due_ms(s) != STORM_NEVER || s->state->early.count > 0)
        return;
    s->ret->agreements++;
    storm_model_rest(s->model, s->state, paper_sync_book(s->venue));
}

static void do_due(struct storm *s)
{
    if (!s->is_alive && s->now_ms >= s->restart_ms) {
        storm_start_process(s);
        if (s->is_alive && !s->is_net_down)
            storm_net(s, true);
    }
    if (s->is_net_down && s->now_ms >= s->net_up_ms)
        storm_net(s, true);
    if (venue_due_ms(s) <= s->now_ms)
        paper_sync_run_due(s->venue);
    for (size_t i = 0; s->is_alive && i < STORM_POSTS_MAX; i++)
        if (s->posts[i].state == POST_WAITING && s->posts[i].try_ms <= s->now_ms)
            storm_world_post(s, &s->posts[i]);
    int turns = 0;
    while (s->is_alive && storm_has_work(s) && storm_model_fault(s->model) == NULL) {
        storm_turn(s);
        note_well(s);
        if (++turns == TURNS_MAX)
            storm_model_fail(s->model, "the engine never comes to rest");
    }
    note_well(s);
    look_at_rest(s);
}

static void advance(struct storm *s, int64_t to_ms)
{
    int64_t due_ms;
    while (storm_model_fault(s->model) == NULL && (due_ms = next_due_ms(s)) <= to_ms) {
        set_time(s, due_ms > s->now_ms ? due_ms : s->now_ms);
        do_due(s);
    }
    set_time(s, to_ms);
}

/* ---- a life ---- */

static void open_life(struct storm *s, uint64_t seed)
{
    struct paper_conf paper = s->o->paper;
    rng_seed(&s->rng, seed);
    paper.state_path[0] = '\0';
    paper.seed = rng_u64(&s->rng);
    paper.latency_base_ms = LATENCY_MS;
    paper.fault_lost_answer = paper.fault_late_fill = paper.fault_partial = 900;
    paper.fault_duplicate_fill = paper.fault_late_reject = 800;
    paper.fault_reject = paper.fault_swallow = 700;
    s->start_ms = s->now_ms = START_MS;
    s->clock = clock_manual_new(0, s->now_ms);
    s->venue_clock = clock_manual_new(0, s->now_ms);
    int r = paper_sync_new(&paper, s->venue_clock, &s->venue);
    TR_ASSERT(r == 0); /* in memory */
    s->opt = s->o->engine;
    s->opt.clock = s->clock;
    s->opt.broker = paper_sync_broker(s->venue);
    s->opt.settings = (struct engine_settings_ops){.check = NULL};
    s->opt.ask = NULL;
    s->opt.commands = storm_commands;
    s->opt.command_count = storm_command_count;
    s->opt.wake_count = 0;
    if (s->opt.rules.order_deadline_ms == 0)
        s->opt.rules.order_deadline_ms = ORDER_MS;
    if (s->opt.rules.signal_max_age_ms == 0)
        s->opt.rules.signal_max_age_ms = SIGNAL_AGE_MS;
    s->rules = s->opt.rules;
    s->model = storm_model_new(s->opt.rules.start_balance_e8);
    s->disk = storm_disk_new();
    s->state = state_new();
    s->decision = xalloc(sizeof(*s->decision));
    s->well_ms = STORM_NEVER;
    outputs_init(&s->out);
    buf_init(&s->in_blob, INPUT_MAX_BYTES);
    buf_init(&s->packed, STATE_MAX_BYTES);
    buf_init(&s->packed_again, STATE_MAX_BYTES);
    storm_world_init(s);
    storm_start_process(s);
    r = s->opt.broker->ops->start(s->opt.broker, on_event, s);
    TR_ASSERT(r == 0);
}

static void close_life(struct storm *s)
{
    s->ret->broker_faults += paper_sync_fault_count(s->venue);
    s->ret->orders += storm_model_orders(s->model);
    s->ret->fills += storm_model_fills(s->model);
    s->ret->unknowns += s->state->counters.orders_unknown;
    storm_lane_clear(&s->urgent);
    storm_lane_clear(&s->normal);
    storm_lane_clear(&s->held);
    mem_free(s->urgent.items);
    mem_free(s->normal.items);
    mem_free(s->held.items);
    (void)s->opt.broker->ops->free(s->opt.broker);
    state_free(s->state);
    mem_free(s->decision);
    outputs_deinit(&s->out);
    buf_deinit(&s->in_blob);
    buf_deinit(&s->packed);
    buf_deinit(&s->packed_again);
    storm_model_free(s->model);
    storm_disk_free(s->disk);
    clock_free(s->clock);
    clock_free(s->venue_clock);
}

static void chain(struct storm *s)
{
    uint8_t both[2 * HASH_SHA256_BYTES];
    memcpy(both, s->ret->digest, HASH_SHA256_BYTES);
    storm_disk_hash(s->disk, both + HASH_SHA256_BYTES);
    hash_sha256(both, sizeof(both), s->ret->digest);
}

static void live(struct storm *s, int days)
{
    for (int m = 0; m < days * DAY_MINUTES && storm_model_fault(s->model) == NULL; m++) {
        storm_world_minute(s);
        do_due(s);
        advance(s, s->start_ms + (m + 1) * MINUTE_MS);
        s->ret->days += m % DAY_MINUTES == DAY_MINUTES - 1;
    }
    if (storm_model_fault(s->model) == NULL)
        storm_compare(s);
}

bool storm_run(const struct storm_options *o, struct storm_result *ret)
{
    TR_ASSERT(o->days > 0 && o->engine.plugin_count <= ENGINE_PLUGINS_MAX);
    memset(ret, 0, sizeof(*ret));
    for (int left = o->days; left > 0 && !ret->is_violated; left -= STORM_LIFE_DAYS) {
        struct storm *s = xalloc(sizeof(*s));
        uint64_t seed = o->seed + (uint64_t)ret->lives++;
        s->o = o;
        s->ret = ret;
        open_life(s, seed);
        live(s, left < STORM_LIFE_DAYS ? left : STORM_LIFE_DAYS);
        chain(s);
        const char *fault = storm_model_fault(s->model);
        if (fault != NULL) {
            ret->is_violated = true;
            ret->seed = seed;
            ret->seq = s->state->seq;
            ret->time_ms = s->now_ms;
            (void)str_copy(ret->text, sizeof(ret->text), fault); /* the same size */
        }
        close_life(s);
        mem_free(s);
    }
    ret->broker_faults += ret->links_broken + ret->gaps + ret->skews + ret->retold;
    return !ret->is_violated;
}
