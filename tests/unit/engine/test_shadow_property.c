/* Covers, over random alerts, commands, phases, triggers, fills, refusals and link losses: every
 * opening order that leaves is its scope's owner's at that moment, one alert never opens trades of
 * both sides, a position stays with who opened it, nothing is orphaned by any change of owner (its
 * opener still closes it in every mode), and the snapshot of any moment is the same state.
 *
 * More of the same walks: TRIDENT_PROPERTY_RUNS=2000 .../unit_engine --filter "shadow_property/?*".
 */
#include "desk.h"

#include <stdlib.h>

#include "core/rng.h"
#include "engine/shadow_impl.h"

#define RUNS      60
#define STEPS     150
#define LIVES_MAX 512
#define LOGICS    3
#define EUR(x)    ((int64_t)(x) * (DEC_ONE / 10000))
#define MINUTE_MS INT64_C(60000)

static const char *const routes[LOGICS] = {"LOGIC1", "LOGIC2", "LOGIC3"};
static const enum timeframe tfs[LOGICS] = {TF_5M, TF_15M, TF_1H};

enum word { SAY_SKIP, SAY_BUY, SAY_SELL, SAY_CLOSE, SAY_FAIL, SAY_COUNT };
static enum word words[2]; /* the plugin's, the legacy handler's */

static bool accepts(const void *conf, const struct signal *s)
{
    (void)conf;
    return s->format == SIGNAL_FORMAT_V3;
}

static void route_of(const void *conf, const struct signal *s, char ret[ROUTE_CAP])
{
    (void)conf;
    for (int i = 0; i < LOGICS; i++)
        if (s->tf == tfs[i])
            (void)str_copy(ret, ROUTE_CAP, routes[i]);
}

static int say(enum word word, const struct plugin_snapshot *snap, const struct signal *s,
               struct decision *ret)
{
    route_of(NULL, s, ret->route);
    if (word == SAY_FAIL)
        return -5;
    if (word == SAY_CLOSE) {
        ret->close_reason = REASON_EXIT_SIGNAL;
        for (size_t i = 0; i < snap->position_count && ret->close_count < DECISION_CLOSES_MAX; i++)
            if (str_eq(snap->positions[i].plugin, ret->plugin))
                ret->closes[ret->close_count++] = snap->positions[i].cid;
    }
    if (word == SAY_SKIP || (word == SAY_CLOSE && ret->close_count == 0)) {
        decision_skip(ret, REASON_SCORE_TOO_LOW, DEC_NONE, DEC_NONE);
        return 0;
    }
    ret->action = word == SAY_CLOSE ? DECISION_CLOSE : DECISION_EXECUTE;
    if (word == SAY_CLOSE)
        return 0;
    struct decision_order *o = &ret->orders[ret->order_count++];
    *o = (struct decision_order){.role = ORDER_ROLE_A,
                                 .side = word == SAY_BUY ? SIDE_BUY : SIDE_SELL,
                                 .lots_e8 = LOT(1),
                                 .entry_e8 = EUR(10500),
                                 .sl_e8 = word == SAY_BUY ? EUR(10400) : EUR(10600),
                                 .tp_e8 = DEC_NONE};
    (void)str_copy(o->symbol, sizeof(o->symbol), "EURUSD");
    return 0;
}

static int new_decides(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                       struct decision *ret)
{
    (void)conf;
    return say(words[0], snap, s, ret);
}

static int old_decides(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                       struct decision *ret)
{
    (void)conf;
    return say(words[1], snap, s, ret);
}

static const struct plugin_ops new_logic = {.id = "combined_v3",
                                            .db_name = "a.db",
                                            .accepts = accepts,
                                            .route = route_of,
                                            .decide = new_decides};
static const struct plugin_ops old_logic = {
    .id = "legacy_v2", .db_name = "b.db", .accepts = accepts, .decide = old_decides};

/* args: what, and a scope's number. */
static void run_do(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    const char *route = "";
    const char *mode = strchr(c->args, ' ');
    if (c->args[0] >= '1' && c->args[0] <= '3')
        route = routes[c->args[0] - '1'];
    if (str_starts(c->args, "next"))
        (void)phase_tx_next(tx, c);
    else if (str_starts(c->args, "back"))
        (void)phase_tx_back(tx, c);
    else if (str_starts(c->args, "off"))
        (void)phase_tx_off(tx, c);
    else if (str_starts(c->args, "legacy"))
        (void)tx_legacy_enable(tx, c);
    else if (mode != NULL)
        (void)tx_shadow_move(tx, "combined_v3", route, shadow_mode_parse(mode + 1));
}

static const struct command_ops ops_do = {.name = "do", .role = ROLE_TRADER, .run = run_do};
static const struct command_ops *const commands[] = {&ops_do, &ops_pause, &ops_resume};

struct world {
    struct harness *h;
    struct rng rng;
    struct {
        uint64_t cid;
        char plugin[PLUGIN_ID_CAP];
    } lives[LIVES_MAX]; /* who opened what */
    size_t life_count;
    uint64_t exec_id;
    size_t opened, moved; /* that the walk is one */
};

/* ---- what must hold ---- */

static const char *owner_of(const struct engine_state *s, const char *route)
{
    enum shadow_mode m = shadow_mode_of(s, "combined_v3", route);
    cr_assert_neq(shadow_mode_legacy_trades(m), shadow_mode_plugin_trades(m), "one of the two");
    return shadow_mode_legacy_trades(m) ? "legacy_v2" : "combined_v3";
}

/* owners: before the input; the order was decided under them or, when it waited for the link,
 * leaves under those of now. */
static void check_sends(struct world *w, const char *const owners[LOGICS])
{
    const char *opener = NULL;
    for (size_t i = 0; i < w->h->send_count; i++) {
        const struct broker_request *q = &w->h->sends[i];
        const struct order *o = state_order(w->h->s, q->cid);
        if (q->kind != BROKER_PLACE || o == NULL)
            continue;
        int logic = o->route[5] - '1';
        cr_assert(logic >= 0 && logic < LOGICS, "%s", o->route);
        cr_assert_str_eq(o->plugin, owners[logic], "%s opens on %s", o->plugin, o->route);
        cr_assert(opener == NULL || str_eq(opener, o->plugin), "two openers in one input");
        opener = o->plugin;
        cr_assert_lt(w->life_count, LIVES_MAX);
        w->lives[w->life_count].cid = o->cid;
        (void)str_copy(w->lives[w->life_count++].plugin, PLUGIN_ID_CAP, o->plugin);
        w->opened++;
    }
}

static void check_positions(const struct world *w)
{
    const struct engine_state *s = w->h->s;
    for (size_t i = 0; i < s->position_count; i++)
        for (size_t k = 0; k < w->life_count; k++)
            cr_assert(w->lives[k].cid != s->positions[i].cid ||
                          str_eq(w->lives[k].plugin, s->positions[i].plugin),
                      "it stays with who opened it");
    for (int i = 0; i < LOGICS; i++)
        (void)owner_of(s, routes[i]);
}

static void check_snapshot(const struct world *w)
{
    struct buf a, b;
    struct engine_state *back = state_new();
    buf_init(&a, 16 << 20);
    buf_init(&b, 16 << 20);
    state_pack(w->h->s, &a);
    cr_assert_eq(state_unpack(back, a.data, a.len), 0);
    state_pack(back, &b);
    cr_assert(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
    state_free(back);
    buf_deinit(&a);
    buf_deinit(&b);
}

/* ---- one step ---- */

static void apply(struct world *w, struct input *in)
{
    struct harness *h = w->h;
    struct decision decision;
    const char *owners[LOGICS];
    for (int i = 0; i < LOGICS; i++)
        owners[i] = owner_of(h->s, routes[i]);
    enum shadow_mode before = shadow_mode_of(h->s, "combined_v3", "LOGIC1");
    struct engine_tx tx = {.s = h->s,
                           .opt = &h->opt,
                           .out = &h->out,
                           .quotes = &h->quotes,
                           .now_ms = h->now_ms,
                           .seq = h->s->seq + 1};
    outputs_reset(&h->out);
    h->event_count = 0;
    if (in->kind == INPUT_SIGNAL) {
        const struct signals_question q = {.s = h->s,
                                           .opt = &h->opt,
                                           .quotes = &h->quotes,
                                           .sig = &in->signal,
                                           .now_ms = h->now_ms};
        signals_decide_both(&q, &decision, &in->other);
    }
    apply_input(&tx, in, in->kind == INPUT_SIGNAL ? &decision : NULL);
    h->send_count = h->s->send_count;
    memcpy(h->sends, h->s->sends, h->send_count * sizeof(h->sends[0]));
    h->s->send_count = 0;
    w->moved += before != shadow_mode_of(h->s, "combined_v3", "LOGIC1");
    check_sends(w, owners);
    check_positions(w);
    input_free(in);
}

static void alert(struct world *w, int logic, enum word of_plugin, enum word of_legacy)
{
    struct input *in = input_new(INPUT_SIGNAL);
    words[0] = of_plugin;
    words[1] = of_legacy;
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = SIGNAL_FORMAT_V3;
    in->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in->signal.side = SIDE_BUY;
    in->signal.tf = tfs[logic];
    in->signal.received_ms = w->h->now_ms - (rng_below(&w->rng, 40) == 0 ? 1001 : 0);
    (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "EURUSD");
    apply(w, in);
}

static void random_alert(struct world *w)
{
    uint64_t dice = rng_below(&w->rng, 100);
    enum word a = (enum word)rng_below(&w->rng, SAY_FAIL), b = a;
    if (dice < 6)
        b = (enum word)rng_below(&w->rng, SAY_FAIL); /* they do not agree */
    if (dice >= 97)
        a = SAY_FAIL;
    alert(w, (int)rng_below(&w->rng, LOGICS), a, b);
}

static void command(struct world *w, const char *args)
{
    struct input *in = input_new(INPUT_COMMAND);
    (void)str_copy(in->command.name, sizeof(in->command.name), "do");
    (void)str_copy(in->command.args, sizeof(in->command.args), args);
    in->command.origin = ORIGIN_BOT;
    in->command.bot = (enum bot_id)(BOT_CONTROLLER + rng_below(&w->rng, 3));
    in->command.role = ROLE_TRADER;
    in->command.lang = LANG_EN;
    apply(w, in);
}

static void random_command(struct world *w)
{
    static const char *const others[] = {"next", "next", "next", "back", "off", "legacy"};
    char args[64];
    uint64_t dice = rng_below(&w->rng, 12);
    if (dice < TR_ARRAY_SIZE(others)) {
        command(w, others[dice]);
        return;
    }
    enum shadow_mode m = (enum shadow_mode)(1 + rng_below(&w->rng, SHADOW_MODE_COUNT - 1));
    (void)snprintf(args, sizeof(args), "%d %s", (int)rng_below(&w->rng, LOGICS + 1),
                   shadow_mode_name(m));
    command(w, args);
}

static void broker(struct world *w, struct broker_event e)
{
    struct input *in = input_new(INPUT_BROKER);
    in->broker = e;
    apply(w, in);
}

static void answer_order(struct world *w, bool may_refuse)
{
    const struct engine_state *s = w->h->s;
    if (s->order_count == 0)
        return;
    const struct order *o = &s->orders[rng_below(&w->rng, s->order_count)];
    struct broker_event e = {.kind = BROKER_EVENT_FILL,
                             .cid = o->cid,
                             .position_cid = o->position_cid,
                             .exec_id = ++w->exec_id,
                             .purpose = o->purpose,
                             .lots_e8 = o->lots_e8 - o->filled_e8,
                             .price_e8 = EUR(10500),
                             .symbol = "EURUSD"};
    if (o->state == ORDER_LOGGED)
        return; /* it has not left */
    if (may_refuse && rng_below(&w->rng, 8) == 0)
        e = (struct broker_event){.kind = BROKER_EVENT_REJECT,
                                  .cid = o->cid,
                                  .klass = BROKER_CLASS_UNSET,
                                  .reason = REASON_NO_MONEY,
                                  .terminal = true};
    broker(w, e);
}

static void link_up(struct world *w)
{
    broker(w, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    w->h->s->synced = true; /* what the venue lists is another test's */
}

static void wait(struct world *w, int64_t ms)
{
    w->h->now_ms += ms;
    if (apply_next_due_ms(w->h->s) > w->h->now_ms)
        return;
    struct input *in = input_new(INPUT_TIMER);
    in->timer.kind = TIMER_DUE;
    apply(w, in);
}

static void step(struct world *w)
{
    uint64_t dice = rng_below(&w->rng, 100);
    if (dice < 45)
        random_alert(w);
    else if (dice < 70)
        answer_order(w, true);
    else if (dice < 84)
        random_command(w);
    else if (dice < 86)
        broker(w, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    else if (dice < 92)
        link_up(w);
    else
        wait(w, (int64_t)rng_below(&w->rng, 30 * MINUTE_MS));
}

/* ---- the end: nothing is orphaned ---- */

static bool is_closing(const struct engine_state *s, uint64_t cid)
{
    for (size_t i = 0; i < s->order_count; i++)
        if (s->orders[i].purpose == ORDER_CLOSE && s->orders[i].position_cid == cid)
            return true;
    return false;
}

static void settle(struct world *w)
{
    for (int i = 0; i < 400 && w->h->s->order_count > 0; i++) {
        link_up(w);
        answer_order(w, false);
        wait(w, MINUTE_MS);
    }
}

static void check_nothing_orphaned(struct world *w)
{
    struct engine_state *s = w->h->s;
    settle(w);
    for (int i = 0; i < 40 && s->position_count > 0; i++) {
        size_t closing = 0;
        link_up(w);
        alert(w, i % LOGICS, SAY_CLOSE, SAY_CLOSE);
        for (size_t k = 0; k < s->position_count; k++)
            closing += is_closing(s, s->positions[k].cid);
        cr_assert_gt(closing, 0, "mode %s, phase %s: %zu positions nobody closes",
                     shadow_mode_name(shadow_mode_of(s, "combined_v3", routes[i % LOGICS])),
                     phase_name(s->phase.now), s->position_count);
        settle(w);
    }
    cr_assert_eq(s->position_count, 0);
}

static void run_walk(uint64_t seed, size_t *ret_opened, size_t *ret_moved)
{
    struct world *w = xalloc(sizeof(*w));
    rng_seed(&w->rng, seed);
    struct harness *h = w->h = harness_new();
    h->opt.plugins[0] = &new_logic;
    h->opt.plugins[1] = &old_logic;
    h->opt.plugin_count = 2;
    h->opt.commands = commands;
    h->opt.command_count = TR_ARRAY_SIZE(commands);
    shadow_rules_defaults(&h->opt.rules.shadow);
    phase_rules_defaults(&h->opt.rules.phase);
    h->opt.rules.daily_loss_cap_e8 = h->opt.rules.lifetime_loss_cap_e8 = 0;
    h->opt.rules.shadow.gate_signals = 1;
    h->opt.rules.shadow.gate_ms = 0;
    h->opt.rules.shadow.first_mode = (enum shadow_mode)(1 + seed % (SHADOW_MODE_COUNT - 1));
    h->opt.rules.phase.silent_hours = h->opt.rules.phase.parallel_hours = 0;
    h->opt.rules.phase.transparent_hours = h->opt.rules.phase.shadow_hours = 0;
    h->opt.rules.phase.shadow_all_hours = h->opt.rules.phase.cutover_hours = 0;
    h->opt.rules.phase.bots = h->opt.rules.phase.cutover_trades = 0;
    harness_timer(h, TIMER_START);
    harness_link(h);
    desk_quote(h, "EURUSD", EUR(10499), EUR(10500));
    for (int i = 0; i < STEPS; i++) {
        step(w);
        if (i % 50 == 49)
            check_snapshot(w);
    }
    check_nothing_orphaned(w);
    *ret_opened += w->opened;
    *ret_moved += w->moved;
    harness_free(h);
    mem_free(w);
}

Test(shadow_property, one_owner_at_every_moment_and_nothing_orphaned)
{
    const char *more = getenv("TRIDENT_PROPERTY_RUNS");
    int64_t runs = RUNS;
    size_t opened = 0, moved = 0;
    if (more != NULL)
        cr_assert(str_to_i64(more, &runs));
    for (int64_t seed = 1; seed <= runs; seed++)
        run_walk((uint64_t)seed, &opened, &moved);
    cr_expect_gt(opened, (size_t)runs * 5, "%zu orders opened", opened);
    cr_expect_gt(moved, (size_t)runs, "%zu moves of LOGIC1", moved);
}
