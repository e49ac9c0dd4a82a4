/* tests/unit/engine/shadow_desk.h: what the tests of the shadow machine share: a plugin and a
 * legacy handler that say what they are told to, alerts as the live engine takes them, commands
 * that move a scope, one that was cut over. */
#ifndef TRIDENT_TESTS_ENGINE_SHADOW_DESK_H
#define TRIDENT_TESTS_ENGINE_SHADOW_DESK_H

#include "desk.h"

#include "engine/shadow_impl.h"

#define EUR(x) ((int64_t)(x) * (DEC_ONE / 10000))

/* What both fake plugins say about the next alert. */
struct say {
    enum decision_action action;
    enum side side;
    int64_t lots_e8, sl_e8, tp_e8;
    const char *symbol;
    bool fails;
};
static struct say says[2]; /* the plugin's, the legacy handler's */

static bool both_accept(const void *conf, const struct signal *s)
{
    (void)conf;
    return s->format == SIGNAL_FORMAT_V3;
}

static void fake_route(const void *conf, const struct signal *s, char ret[ROUTE_CAP])
{
    (void)conf;
    (void)str_copy(ret, ROUTE_CAP, s->tf == TF_1H ? "LOGIC3" : "LOGIC1");
}

static int say_it(const struct say *say, const struct plugin_snapshot *snap, const struct signal *s,
                  struct decision *ret)
{
    fake_route(NULL, s, ret->route);
    if (say->fails)
        return -5;
    if (say->action == DECISION_SKIP) {
        decision_skip(ret, REASON_SCORE_TOO_LOW, DEC_NONE, DEC_NONE);
        return 0;
    }
    ret->action = say->action;
    ret->close_reason = REASON_EXIT_SIGNAL;
    for (size_t i = 0; say->action == DECISION_CLOSE && i < snap->position_count; i++)
        if (str_eq(snap->positions[i].plugin, ret->plugin))
            ret->closes[ret->close_count++] = snap->positions[i].cid;
    if (say->action == DECISION_CLOSE && ret->close_count == 0)
        decision_skip(ret, REASON_NOTHING_TO_CLOSE, DEC_NONE, DEC_NONE);
    if (say->action != DECISION_EXECUTE)
        return 0;
    struct decision_order *o = &ret->orders[ret->order_count++];
    *o = (struct decision_order){.role = ORDER_ROLE_A,
                                 .side = say->side,
                                 .lots_e8 = say->lots_e8,
                                 .entry_e8 = EUR(10500),
                                 .sl_e8 = say->sl_e8,
                                 .tp_e8 = say->tp_e8};
    (void)str_copy(o->symbol, sizeof(o->symbol), say->symbol);
    return 0;
}

static int plugin_decides(const void *conf, const struct plugin_snapshot *snap,
                          const struct signal *s, struct decision *ret)
{
    (void)conf;
    return say_it(&says[0], snap, s, ret);
}

static int legacy_decides(const void *conf, const struct plugin_snapshot *snap,
                          const struct signal *s, struct decision *ret)
{
    (void)conf;
    return say_it(&says[1], snap, s, ret);
}

static bool in_shadow[2]; /* SH-7: the plugin, the legacy handler */

static bool plugin_is_shadow(const void *conf)
{
    (void)conf;
    return in_shadow[0];
}

static bool legacy_is_shadow(const void *conf)
{
    (void)conf;
    return in_shadow[1];
}

static const struct plugin_ops new_logic = {.id = "combined_v3",
                                            .version = "1",
                                            .db_name = "a.db",
                                            .is_shadow = plugin_is_shadow,
                                            .accepts = both_accept,
                                            .route = fake_route,
                                            .decide = plugin_decides};
static const struct plugin_ops old_logic = {.id = "legacy_v2",
                                            .version = "1",
                                            .db_name = "b.db",
                                            .is_shadow = legacy_is_shadow,
                                            .accepts = both_accept,
                                            .decide = legacy_decides};

static enum reason moved; /* what "move" answered */
static const struct shadow_scope *move_closed;

/* args: a mode; of everything. */
static void run_move(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    enum shadow_mode mode = shadow_mode_parse(c->args);
    moved = tx_shadow_check(tx, "combined_v3", "LOGIC3", mode, &move_closed);
    if (moved == REASON_ACCEPTED)
        moved = tx_shadow_move(tx, "combined_v3", "LOGIC3", mode);
}

static void run_reset(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)c;
    (void)ret;
    tx_shadow_reset(tx);
}

static const struct command_ops ops_move = {.name = "move", .role = ROLE_TRADER, .run = run_move};
static const struct command_ops ops_reset = {
    .name = "reset", .role = ROLE_TRADER, .run = run_reset};
static const struct command_ops *const shadow_commands[] = {&ops_move, &ops_pause, &ops_reset,
                                                            &ops_resume};

static struct say buy(void)
{
    return (struct say){.action = DECISION_EXECUTE,
                        .side = SIDE_BUY,
                        .lots_e8 = LOT(10),
                        .sl_e8 = EUR(10450),
                        .tp_e8 = EUR(10600),
                        .symbol = "EURUSD"};
}

static struct harness *start(enum shadow_source source)
{
    struct harness *h = harness_new();
    h->opt.plugins[0] = &new_logic;
    h->opt.plugins[1] = &old_logic;
    h->opt.plugin_count = 2;
    h->opt.commands = shadow_commands;
    h->opt.command_count = TR_ARRAY_SIZE(shadow_commands);
    shadow_rules_defaults(&h->opt.rules.shadow);
    h->opt.rules.shadow.source = source;
    h->opt.rules.shadow.gate_signals = 2;
    h->opt.rules.shadow.gate_ms = 3600000;
    harness_timer(h, TIMER_START);
    harness_link(h);
    says[0] = says[1] = buy();
    desk_quote(h, "EURUSD", EUR(10499), EUR(10500));
    return h;
}

/* One alert as the live engine takes it; what is journaled is read back and compared. */
static void alert_late(struct harness *h, enum timeframe tf, int64_t late_ms)
{
    struct input *in = input_new(INPUT_SIGNAL);
    struct buf b, again;
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = SIGNAL_FORMAT_V3;
    in->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in->signal.side = SIDE_BUY;
    in->signal.tf = tf;
    in->signal.score = 7;
    in->signal.received_ms = h->now_ms - late_ms;
    in->signal.body_hash = 4711;
    (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "EURUSD");
    const struct signals_question q = {h->s, &h->opt, &h->quotes, &in->signal, h->now_ms};
    signals_decide_both(&q, &h->decision, &in->other);
    buf_init(&b, 1 << 20);
    buf_init(&again, 1 << 20);
    input_pack(&b, in, &h->quotes, &h->decision);
    struct input *back = input_new(INPUT_SIGNAL);
    struct input_quotes quotes;
    struct decision *d = xalloc(sizeof(*d));
    cr_assert_eq(input_unpack(b.data, b.len, back, &quotes, d), 0);
    input_pack(&again, back, &quotes, d);
    cr_assert(b.len == again.len && memcmp(b.data, again.data, b.len) == 0);
    cr_assert_eq(back->other == NULL, in->other == NULL);
    struct engine_tx tx = {.s = h->s,
                           .opt = &h->opt,
                           .out = &h->out,
                           .quotes = &quotes,
                           .now_ms = h->now_ms,
                           .seq = h->s->seq + 1};
    outputs_reset(&h->out);
    h->event_count = 0;
    apply_input(&tx, back, d);
    cr_assert_eq(outputs_visit(h->out.blob.data, h->out.blob.len, harness_visit, h), 0);
    h->send_count = h->s->send_count;
    memcpy(h->sends, h->s->sends, h->send_count * sizeof(h->sends[0]));
    h->s->send_count = 0;
    mem_free(d);
    input_free(in);
    input_free(back);
    buf_deinit(&b);
    buf_deinit(&again);
}

static void alert(struct harness *h)
{
    alert_late(h, TF_1H, 0);
}

static enum reason move(struct harness *h, enum shadow_mode mode)
{
    harness_command(h, "move", shadow_mode_name(mode), false);
    return moved;
}

static enum shadow_mode mode_of(const struct harness *h)
{
    return shadow_mode_of(h->s, "combined_v3", "LOGIC3");
}

/* In PLUGIN_SHADOW, through the gates. */
static struct harness *cut_over(void)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    says[0].action = says[1].action = DECISION_SKIP;
    cr_assert_eq(move(h, SHADOW_SHADOW), REASON_ACCEPTED);
    alert(h);
    alert(h);
    h->now_ms += 3600000;
    cr_assert_eq(move(h, SHADOW_PLUGIN_SHADOW), REASON_ACCEPTED);
    return h;
}

/* An entry of who trades now, filled at 1.0500. */
static uint64_t enter(struct harness *h)
{
    says[0] = says[1] = buy();
    alert(h);
    cr_assert_eq(h->send_count, 1);
    uint64_t cid = h->sends[0].cid;
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                            .cid = cid,
                                            .position_cid = cid,
                                            .exec_id = cid,
                                            .purpose = ORDER_OPEN,
                                            .lots_e8 = LOT(10),
                                            .price_e8 = EUR(10500),
                                            .symbol = "EURUSD"});
    return cid;
}

#endif
