/* Covers: engine/phase and its gates: every phase with both sides of each gate's figure, what
 * moving does to the modes, entries that no phase before transparent lets through, forward only one
 * at a time, back at once, the way back of a rollback, errors that begin the hours anew, the first
 * phase of a configuration, what a phase refuses of /shadow_mode, the snapshot; and enabling the
 * old logic, from every mode, twice.
 */
#include "desk.h"

#include "engine/gate.h"
#include "engine/shadow_impl.h"

#define HOUR_MS INT64_C(3600000)

static bool accepts_v3(const void *conf, const struct signal *s)
{
    (void)conf;
    return s->format == SIGNAL_FORMAT_V3;
}

static bool accepts_v6(const void *conf, const struct signal *s)
{
    (void)conf;
    return s->format == SIGNAL_FORMAT_V6;
}

static void route_of(const void *conf, const struct signal *s, char ret[ROUTE_CAP])
{
    (void)conf;
    (void)str_copy(ret, ROUTE_CAP,
                   s->tf == TF_5M    ? "LOGIC1"
                   : s->tf == TF_15M ? "LOGIC2"
                                     : "LOGIC3");
}

static bool fails;

static int buys(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                struct decision *ret)
{
    (void)snap;
    if (fails)
        return -5;
    route_of(conf, s, ret->route);
    ret->action = DECISION_EXECUTE;
    struct decision_order *o = &ret->orders[ret->order_count++];
    *o = (struct decision_order){.role = ORDER_ROLE_A,
                                 .side = SIDE_BUY,
                                 .lots_e8 = LOT(1),
                                 .entry_e8 = PRICE(265000),
                                 .sl_e8 = PRICE(264000),
                                 .tp_e8 = PRICE(267000)};
    (void)str_copy(o->symbol, sizeof(o->symbol), s->symbol);
    return 0;
}

static const struct plugin_ops v3 = {.id = "combined_v3",
                                     .db_name = "a.db",
                                     .accepts = accepts_v3,
                                     .route = route_of,
                                     .decide = buys};
static const struct plugin_ops v6 = {
    .id = "price_action_v6", .db_name = "b.db", .accepts = accepts_v6, .decide = buys};
static const struct plugin_ops old = {
    .id = "legacy_v2", .db_name = "c.db", .accepts = accepts_v3, .decide = buys};

static enum reason said;

static void run_phase(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    said = str_eq(c->args, "next")   ? phase_tx_next(tx, c)
           : str_eq(c->args, "back") ? phase_tx_back(tx, c)
           : str_eq(c->args, "off")  ? phase_tx_off(tx, c)
                                     : tx_legacy_enable(tx, c);
}

static void run_mode(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    said = tx_shadow_move(tx, "combined_v3", "", shadow_mode_parse(c->args));
}

static const struct command_ops ops_mode = {.name = "mode", .role = ROLE_TRADER, .run = run_mode};
static const struct command_ops ops_phase = {
    .name = "phase", .role = ROLE_TRADER, .run = run_phase};
static const struct command_ops *const commands[] = {&ops_mode, &ops_phase};

static struct harness *start_at(enum phase first)
{
    struct harness *h = harness_new();
    h->opt.plugins[0] = &v3;
    h->opt.plugins[1] = &v6;
    h->opt.plugins[2] = &old;
    h->opt.plugin_count = 3;
    h->opt.commands = commands;
    h->opt.command_count = TR_ARRAY_SIZE(commands);
    shadow_rules_defaults(&h->opt.rules.shadow);
    phase_rules_defaults(&h->opt.rules.phase);
    h->opt.rules.phase.first = first;
    h->opt.rules.shadow.gate_signals = 1;
    fails = false;
    harness_timer(h, TIMER_START);
    harness_link(h);
    return h;
}

static enum reason say(struct harness *h, const char *args)
{
    harness_command(h, "phase", args, false);
    return said;
}

static enum phase now_in(const struct harness *h)
{
    return h->s->phase.now;
}

static enum shadow_mode mode_of(const struct harness *h, const char *plugin, const char *route)
{
    return shadow_mode_of(h->s, plugin, route);
}

static void alert(struct harness *h, enum signal_format format, enum signal_kind kind,
                  enum timeframe tf)
{
    struct input *in = input_new(INPUT_SIGNAL);
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = format;
    in->signal.kind = kind;
    in->signal.side = SIDE_BUY;
    in->signal.tf = tf;
    in->signal.received_ms = h->now_ms;
    (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "XAUUSD");
    const struct signals_question q = {
        .s = h->s, .opt = &h->opt, .quotes = &h->quotes, .sig = &in->signal, .now_ms = h->now_ms};
    signals_decide_both(&q, &h->decision, &in->other);
    struct engine_tx tx = {.s = h->s,
                           .opt = &h->opt,
                           .out = &h->out,
                           .quotes = &h->quotes,
                           .now_ms = h->now_ms,
                           .seq = h->s->seq + 1};
    outputs_reset(&h->out);
    h->event_count = 0;
    apply_input(&tx, in, &h->decision);
    cr_assert_eq(outputs_visit(h->out.blob.data, h->out.blob.len, harness_visit, h), 0);
    h->s->send_count = 0;
    h->s->order_count = 0; /* the venue is not what is tested */
    input_free(in);
}

static void v3_alert(struct harness *h, enum timeframe tf)
{
    alert(h, SIGNAL_FORMAT_V3, SIGNAL_V3_MOMENTUM_BREAKOUT, tf);
}

/* Over the gate of hours: closed a millisecond before. */
static void pass_hours(struct harness *h, int hours)
{
    h->now_ms = h->s->phase.since_ms + hours * HOUR_MS - 1;
    cr_expect_eq(say(h, "next"), REASON_GATE_CLOSED, "%s, a millisecond early",
                 phase_name(now_in(h)));
    h->now_ms++;
    cr_expect_leq(apply_next_due_ms(h->s), h->now_ms);
    harness_timer(h, TIMER_DUE);
    cr_expect_not_null(harness_event(h, EVENT_PHASE_READY), "%s", phase_name(now_in(h)));
    harness_timer(h, TIMER_DUE);
    cr_expect_null(harness_event(h, EVENT_PHASE_READY), "told once");
    cr_assert_eq(say(h, "next"), REASON_ACCEPTED, "%s", reason_code(said));
}

static void use_bots(struct harness *h)
{
    h->s->phase.seen.bots = 1u << BOT_CONTROLLER | 1u << BOT_NOTIFICATION | 1u << BOT_ANALYTICS;
}

/* From nothing to the phase, through every gate. */
static struct harness *walk_to(enum phase to)
{
    struct harness *h = start_at(PHASE_UNSET);
    while (now_in(h) != to) {
        switch (now_in(h)) {
        case PHASE_UNSET:
            cr_assert_eq(say(h, "next"), REASON_ACCEPTED);
            break;
        case PHASE_SILENT:
            pass_hours(h, 1);
            break;
        case PHASE_PARALLEL:
            use_bots(h);
            pass_hours(h, 24);
            break;
        case PHASE_TRANSPARENT:
            pass_hours(h, 48);
            break;
        case PHASE_SHADOW:
            for (int i = 0; i < 3; i++)
                v3_alert(h, (enum timeframe[]){TF_1H, TF_15M, TF_5M}[i]);
            pass_hours(h, h->s->phase.step < 3 ? 24 : 48);
            break;
        case PHASE_CUTOVER:
            h->s->phase.seen.orders_filled = 10;
            pass_hours(h, 48);
            break;
        case PHASE_NEW_LOGIC:
        case PHASE_RETIRED:
        case PHASE_COUNT:
            cr_assert(false);
        }
    }
    return h;
}

Test(phase, before_transparent_nothing_is_opened_whoever_wants_it)
{
    for (enum phase p = PHASE_UNSET; p <= PHASE_SHADOW; p++) {
        struct harness *h = start_at(p);
        int64_t a, b;
        enum reason r = gate_entry(h->s, "XAUUSD", &a, &b);
        bool closed = p == PHASE_SILENT || p == PHASE_PARALLEL;
        cr_expect_eq(r, closed ? REASON_PHASE_NO_ENTRIES : REASON_ACCEPTED, "%s", phase_name(p));
        v3_alert(h, TF_1H);
        cr_expect_eq(h->decision.action, closed ? DECISION_SKIP : DECISION_EXECUTE);
        cr_expect_str_eq(h->decision.plugin, p == PHASE_UNSET ? "combined_v3" : "legacy_v2");
        harness_free(h);
    }
}

Test(phase, each_gate_opens_at_its_figure)
{
    struct harness *h = walk_to(PHASE_PARALLEL);
    h->now_ms += 24 * HOUR_MS;
    h->s->phase.seen.bots = 1u << BOT_CONTROLLER | 1u << BOT_ANALYTICS;
    cr_expect_eq(say(h, "next"), REASON_GATE_CLOSED, "two bots of three");
    use_bots(h);
    cr_expect_eq(say(h, "next"), REASON_ACCEPTED);
    harness_free(h);
    h = walk_to(PHASE_SHADOW);
    h->now_ms += 24 * HOUR_MS;
    cr_expect_eq(say(h, "next"), REASON_GATE_CLOSED, "nothing was compared");
    v3_alert(h, TF_15M);
    cr_expect_eq(say(h, "next"), REASON_GATE_CLOSED, "another logic than the one that is watched");
    v3_alert(h, TF_1H);
    cr_expect_eq(say(h, "next"), REASON_ACCEPTED);
    harness_free(h);
    h = walk_to(PHASE_CUTOVER);
    h->now_ms += 48 * HOUR_MS;
    h->s->phase.seen.orders_filled = 9;
    cr_expect_eq(say(h, "next"), REASON_GATE_CLOSED, "nine trades of ten");
    h->s->phase.seen.orders_filled = 10;
    cr_expect_eq(say(h, "next"), REASON_ACCEPTED);
    for (int k = SIGNAL_V6_BULLISH_ENTRY; k <= SIGNAL_V6_STATE_CHANGE; k++) {
        cr_expect_eq(say(h, "next"), REASON_GATE_CLOSED);
        alert(h, SIGNAL_FORMAT_V6, (enum signal_kind)k, TF_5M);
    }
    cr_expect_eq(say(h, "next"), REASON_GATE_CLOSED, "the old bot is still there");
    h->s->transition.is_retired = true;
    cr_expect_eq(say(h, "next"), REASON_ACCEPTED, "%s", reason_code(said));
    cr_expect_eq(now_in(h), PHASE_RETIRED);
    cr_expect_eq(say(h, "next"), REASON_ALREADY_DONE);
    harness_free(h);
}

Test(phase, transparent_may_be_a_tenth_slower_than_before)
{
    struct harness *h = walk_to(PHASE_TRANSPARENT);
    h->s->phase.before_latency_e8 = 100 * DEC_ONE;
    h->now_ms += 48 * HOUR_MS;
    h->s->phase.seen.alerts = 10;
    h->s->phase.seen.latency_sum_ms = 1101;
    cr_expect_eq(say(h, "next"), REASON_GATE_CLOSED);
    h->s->phase.seen.latency_sum_ms = 1100;
    cr_expect_eq(say(h, "next"), REASON_ACCEPTED);
    harness_free(h);
}

Test(phase, an_error_begins_the_hours_anew)
{
    struct harness *h = start_at(PHASE_SILENT);
    struct input in = {.kind = INPUT_NOTICE};
    in.notice = (struct event)EVENT_INIT;
    in.notice.type = EVENT_BOT_DOWN;
    h->now_ms += HOUR_MS / 2;
    int64_t error_ms = h->now_ms;
    harness_apply(h, &in);
    h->now_ms = error_ms + HOUR_MS - 1;
    cr_expect_eq(say(h, "next"), REASON_GATE_CLOSED);
    h->now_ms++;
    cr_expect_eq(say(h, "next"), REASON_ACCEPTED);
    harness_free(h);
}

Test(phase, the_modes_follow_and_none_goes_above)
{
    struct harness *h = walk_to(PHASE_SHADOW);
    cr_expect_eq(mode_of(h, "combined_v3", "LOGIC3"), SHADOW_SHADOW);
    cr_expect_eq(mode_of(h, "combined_v3", "LOGIC2"), SHADOW_LEGACY_ONLY);
    harness_command(h, "mode", "plugin_shadow", false);
    cr_expect_eq(said, REASON_PHASE_CLOSED);
    harness_command(h, "mode", "plugin_only", false);
    cr_expect_eq(said, REASON_PHASE_CLOSED);
    h->now_ms += 24 * HOUR_MS;
    v3_alert(h, TF_1H);
    cr_assert_eq(say(h, "next"), REASON_ACCEPTED);
    cr_expect_eq(h->s->phase.step, 1);
    cr_expect_eq(mode_of(h, "combined_v3", "LOGIC2"), SHADOW_SHADOW);
    cr_assert_eq(say(h, "back"), REASON_ACCEPTED);
    cr_expect_eq(mode_of(h, "combined_v3", "LOGIC2"), SHADOW_LEGACY_ONLY);
    cr_expect_eq(mode_of(h, "combined_v3", "LOGIC3"), SHADOW_SHADOW);
    harness_free(h);
    h = walk_to(PHASE_CUTOVER);
    cr_expect_eq(mode_of(h, "combined_v3", "LOGIC1"), SHADOW_PLUGIN_SHADOW);
    cr_expect_eq(mode_of(h, "price_action_v6", "5m"), SHADOW_SHADOW);
    h->s->phase.seen.orders_filled = 10;
    h->now_ms += 48 * HOUR_MS;
    cr_assert_eq(say(h, "next"), REASON_ACCEPTED);
    cr_expect_eq(mode_of(h, "price_action_v6", "5m"), SHADOW_PLUGIN_ONLY);
    cr_assert_eq(say(h, "back"), REASON_ACCEPTED);
    cr_expect_eq(mode_of(h, "price_action_v6", "5m"), SHADOW_SHADOW);
    cr_expect_eq(mode_of(h, "combined_v3", "LOGIC1"), SHADOW_PLUGIN_SHADOW, "as it was");
    harness_free(h);
}

Test(phase, back_is_at_once_and_ends_at_silent)
{
    struct harness *h = walk_to(PHASE_NEW_LOGIC);
    static const enum phase way[] = {PHASE_CUTOVER,  PHASE_SHADOW, PHASE_SHADOW,
                                     PHASE_SHADOW,   PHASE_SHADOW, PHASE_TRANSPARENT,
                                     PHASE_PARALLEL, PHASE_SILENT};
    for (size_t i = 0; i < TR_ARRAY_SIZE(way); i++) {
        cr_assert_eq(say(h, "back"), REASON_ACCEPTED);
        cr_expect_eq(now_in(h), way[i]);
        cr_expect_not_null(harness_event(h, EVENT_PHASE_CHANGED));
        bool trades = shadow_mode_plugin_trades(mode_of(h, "combined_v3", "LOGIC3"));
        cr_expect_eq(trades, way[i] == PHASE_CUTOVER);
    }
    cr_expect_eq(say(h, "back"), REASON_ALREADY_DONE, "silent: the program is stopped instead");
    cr_expect_eq(say(h, "off"), REASON_ACCEPTED);
    cr_expect_eq(mode_of(h, "combined_v3", "LOGIC3"), SHADOW_LEGACY_ONLY, "nobody begins to trade");
    harness_free(h);
}

Test(phase, a_rollback_ends_the_cut_over)
{
    struct harness *h = walk_to(PHASE_CUTOVER);
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_DOWN});
    cr_expect_not_null(harness_event(h, EVENT_ROLLBACK));
    cr_expect_eq(now_in(h), PHASE_TRANSPARENT);
    cr_expect_eq(mode_of(h, "combined_v3", "LOGIC1"), SHADOW_LEGACY_ONLY);
    harness_free(h);
    h = walk_to(PHASE_CUTOVER);
    harness_command(h, "mode", "legacy_only", false);
    cr_expect_eq(said, REASON_ACCEPTED);
    cr_expect_eq(now_in(h), PHASE_TRANSPARENT);
    harness_free(h);
}

Test(phase, the_first_one_of_the_configuration_counts_once)
{
    struct harness *h = start_at(PHASE_SILENT);
    cr_expect_eq(now_in(h), PHASE_SILENT);
    cr_assert_eq(say(h, "off"), REASON_ACCEPTED);
    harness_timer(h, TIMER_START);
    cr_expect_eq(now_in(h), PHASE_UNSET, "a person has ended it");
    harness_free(h);
}

Test(phase, the_snapshot_keeps_it)
{
    struct harness *h = walk_to(PHASE_SHADOW);
    v3_alert(h, TF_1H);
    struct buf a, b;
    struct engine_state *back = state_new();
    buf_init(&a, 16 << 20);
    buf_init(&b, 16 << 20);
    state_pack(h->s, &a);
    cr_assert_eq(state_unpack(back, a.data, a.len), 0);
    state_pack(back, &b);
    cr_expect(a.len == b.len && memcmp(a.data, b.data, a.len) == 0);
    cr_expect_eq(back->phase.now, PHASE_SHADOW);
    cr_expect_eq(back->phase.seen.alerts, 1);
    state_free(back);
    buf_deinit(&a);
    buf_deinit(&b);
    harness_free(h);
}

/* ---- enabling the old logic ---- */

Test(phase, enabling_the_old_logic_works_from_every_mode_and_says_when_it_is_so)
{
    for (enum shadow_mode m = SHADOW_LEGACY_ONLY; m < SHADOW_MODE_COUNT; m++) {
        struct harness *h = start_at(PHASE_UNSET);
        h->opt.rules.shadow.first_mode = m;
        harness_timer(h, TIMER_RULES);
        v3_alert(h, TF_1H);
        enum reason wanted = m == SHADOW_LEGACY_ONLY ? REASON_ALREADY_DONE : REASON_ACCEPTED;
        cr_expect_eq(say(h, "legacy"), wanted, "%s", shadow_mode_name(m));
        cr_expect_eq(harness_event(h, EVENT_ROLLBACK) != NULL, wanted == REASON_ACCEPTED);
        cr_expect_eq(say(h, "legacy"), REASON_ALREADY_DONE);
        cr_expect_null(harness_event(h, EVENT_ROLLBACK));
        v3_alert(h, TF_1H);
        cr_expect_str_eq(h->decision.plugin, "legacy_v2");
        cr_expect_eq(h->decision.action, DECISION_EXECUTE);
        cr_expect_eq(mode_of(h, "price_action_v6", "5m"), m, "nothing of the old bot beside it");
        harness_free(h);
    }
}

Test(phase, enabling_the_old_logic_ends_a_cut_over_and_needs_one)
{
    struct harness *h = walk_to(PHASE_CUTOVER);
    cr_expect_eq(say(h, "legacy"), REASON_ACCEPTED);
    cr_expect_eq(now_in(h), PHASE_TRANSPARENT);
    harness_free(h);
    h = start_at(PHASE_UNSET);
    h->opt.plugin_count = 2;
    cr_expect_eq(say(h, "legacy"), REASON_LEGACY_NOT_INSTALLED);
    v3_alert(h, TF_1H);
    cr_expect_str_eq(h->decision.plugin, "combined_v3");
    harness_free(h);
}
