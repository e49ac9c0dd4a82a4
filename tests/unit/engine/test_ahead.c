/* Strategies that are programs of their own, as the engine sees them: which alerts leave for the
 * program and which do not; the answer is the decision, behind the same gates; a program goes
 * before the built-in strategy and is not silently replaced by it after five failures, busy counts
 * for nothing; the old logic waits for nobody; what was never asked says so; an empty place is
 * shown nowhere; a journaled answer is applied again without asking. */
#include "engine/ahead.h"
#include "engine/input.h"
#include "unit/engine/harness.h"

static bool quote_of(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b;
    *ret = (struct quote){PRICE(265000), PRICE(265020), T0_MS};
    return strcmp(symbol, "XAUUSD") == 0;
}
static const struct broker_ops quoting = {.name = "quoting", .quote = quote_of};

struct bench {
    struct harness *h;
    struct outside_conf conf[OUTSIDE_PLUGINS];
    struct broker broker;
    struct input *left; /* the alert that left */
    char plugin[PLUGIN_ID_CAP];
    struct quote quote;
    bool refuses; /* takes nothing */
};

static bool take(void *ctx, const char *plugin, const void *conf,
                 const struct plugin_snapshot *snap, struct input *in)
{
    struct bench *b = ctx;
    cr_expect_eq(conf, &b->conf[0], "the settings in force");
    (void)str_copy(b->plugin, sizeof(b->plugin), plugin);
    b->quote = snap->quote;
    if (b->refuses)
        return false;
    cr_assert_null(b->left);
    b->left = in;
    return true;
}

static struct bench *open_bench(void)
{
    struct bench *b = xalloc(sizeof(*b));
    b->h = harness_new();
    b->broker.ops = &quoting;
    struct engine_options *o = &b->h->opt;
    o->broker = &b->broker;
    o->clock = clock_real();
    o->ask = take;
    o->ask_ctx = b;
    for (int i = 0; i < OUTSIDE_PLUGINS; i++) {
        o->plugins[o->plugin_count] = &outside_plugins[i];
        o->plugin_confs[o->plugin_count++] = &b->conf[i];
    }
    b->conf[0] = (struct outside_conf){.enabled = true, .alerts = OUTSIDE_ALERTS_V3};
    (void)str_copy(b->conf[0].path, sizeof(b->conf[0].path), "/usr/bin/strategy");
    return b;
}

static void close_bench(struct bench *b)
{
    input_free(b->left);
    harness_free(b->h);
    mem_free(b);
}

static struct input *alert(void)
{
    struct input *in = input_new(INPUT_SIGNAL);
    in->signal = (struct signal)SIGNAL_INIT;
    in->signal.format = SIGNAL_FORMAT_V3;
    in->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    in->signal.side = SIDE_BUY;
    in->signal.tf = TF_5M;
    in->signal.score = 7;
    (void)str_copy(in->signal.symbol, sizeof(in->signal.symbol), "XAUUSD");
    return in;
}

static bool leaves(struct bench *b, struct input *in)
{
    return ahead_ask(&b->h->opt, b->h->s, in, b->h->now_ms);
}

/* Consumes in. */
static void expect_stays(struct bench *b, struct input *in)
{
    cr_expect_not(leaves(b, in));
    input_free(in);
}

/* Consumes in; as the engine's turn does. */
static enum reason apply(struct bench *b, struct input *in)
{
    struct harness *h = b->h;
    const struct signals_question q = {.s = h->s,
                                       .opt = &h->opt,
                                       .quotes = &h->quotes,
                                       .sig = &in->signal,
                                       .now_ms = h->now_ms,
                                       .answer = in->answer};
    struct engine_tx tx = {.s = h->s,
                           .opt = &h->opt,
                           .out = &h->out,
                           .quotes = &h->quotes,
                           .now_ms = h->now_ms,
                           .seq = h->s->seq + 1};
    outputs_reset(&h->out);
    h->event_count = 0;
    signals_decide_both(&q, &h->decision, &in->other);
    apply_input(&tx, in, &h->decision);
    cr_assert_eq(outputs_visit(h->out.blob.data, h->out.blob.len, harness_visit, h), 0);
    h->send_count = h->s->send_count;
    h->s->send_count = 0;
    input_free(in);
    return h->receipt.reason;
}

static struct input *answered(enum reason skip)
{
    struct input *in = alert();
    in->answer = xalloc(sizeof(*in->answer));
    decision_init(in->answer, "outside_1");
    if (skip != REASON_ACCEPTED) {
        decision_skip(in->answer, skip, DEC_NONE, DEC_NONE);
        return in;
    }
    in->answer->action = DECISION_EXECUTE;
    in->answer->order_count = 1;
    in->answer->orders[0] = (struct decision_order){.role = ORDER_ROLE_A,
                                                    .side = SIDE_BUY,
                                                    .symbol = "XAUUSD",
                                                    .lots_e8 = LOT(2),
                                                    .entry_e8 = PRICE(265020),
                                                    .sl_e8 = PRICE(264000),
                                                    .tp_e8 = DEC_NONE};
    return in;
}

Test(ahead, its_alert_leaves_with_what_the_engine_knows)
{
    struct bench *b = open_bench();
    cr_assert(leaves(b, alert()));
    cr_expect_str_eq(b->plugin, "outside_1");
    cr_expect_eq(b->quote.ask_e8, PRICE(265020));
    close_bench(b);
}

Test(ahead, other_inputs_stay)
{
    struct bench *b = open_bench();
    struct input *in = alert();
    in->signal.format = SIGNAL_FORMAT_V6;
    expect_stays(b, in);
    expect_stays(b, answered(REASON_PLUGIN_SKIPPED));
    expect_stays(b, input_new(INPUT_NOTICE));
    in = alert();
    in->deadline_mono_us = clock_mono_us(clock_real()) - 1;
    expect_stays(b, in);
    in = alert();
    (void)str_copy(in->key, sizeof(in->key), "wh:7");
    dedupe_add(state_keys(b->h->s, in), in->key, 1);
    expect_stays(b, in);
    b->conf[0].enabled = false;
    expect_stays(b, alert());
    b->conf[0].enabled = true;
    b->conf[0].symbol_count = 1;
    (void)str_copy(b->conf[0].symbols[0], SYMBOL_CAP, "EURUSD");
    expect_stays(b, alert());
    b->conf[0].symbol_count = 0;
    b->h->opt.ask = NULL;
    expect_stays(b, alert());
    b->h->opt.ask = take;
    b->refuses = true;
    expect_stays(b, alert());
    close_bench(b);
}

Test(ahead, the_answer_is_the_decision_behind_the_same_gates)
{
    struct bench *b = open_bench();
    cr_assert_eq(apply(b, answered(REASON_ACCEPTED)), REASON_ACCEPTED);
    cr_assert_eq(b->h->send_count, 1);
    cr_expect_str_eq(b->h->decision.plugin, "outside_1");
    harness_command(b->h, "pause", "", false);
    cr_assert_eq(apply(b, answered(REASON_ACCEPTED)), REASON_PAUSED);
    cr_assert_eq(b->h->send_count, 0);
    close_bench(b);
}

Test(ahead, in_its_own_shadow_mode_it_decides_and_trades_nothing)
{
    struct bench *b = open_bench();
    b->conf[0].shadow_mode = true;
    cr_assert(leaves(b, alert()));
    cr_assert_eq(apply(b, answered(REASON_ACCEPTED)), REASON_SHADOW_ONLY);
    cr_assert_eq(b->h->send_count, 0);
    close_bench(b);
}

Test(ahead, never_asked_it_says_so_instead_of_another_strategy)
{
    struct bench *b = open_bench();
    cr_assert_eq(apply(b, alert()), REASON_PLUGIN_NOT_ASKED);
    b->conf[0].enabled = false;
    cr_assert_eq(apply(b, alert()), REASON_ACCEPTED, "the built-in one");
    cr_assert_str_eq(b->h->decision.plugin, "fake");
    cr_assert_eq(apply(b, answered(REASON_ACCEPTED)), REASON_ACCEPTED);
    cr_expect_str_eq(b->h->decision.plugin, "fake", "switched off while it thought");
    close_bench(b);
}

Test(ahead, five_failures_switch_it_off_and_nobody_takes_its_place)
{
    static const enum reason why[] = {REASON_PLUGIN_TIMEOUT, REASON_PLUGIN_DIED,
                                      REASON_PLUGIN_PROTOCOL, REASON_PLUGIN_ANSWER,
                                      REASON_PLUGIN_VERSION};
    struct bench *b = open_bench();
    for (size_t i = 0; i < TR_ARRAY_SIZE(why); i++) {
        cr_expect_eq(apply(b, answered(REASON_PLUGIN_BUSY)), REASON_PLUGIN_BUSY, "not counted");
        cr_expect_eq(apply(b, answered(why[i])), why[i]);
        bool told = false, off = false;
        for (size_t k = 0; k < b->h->event_count; k++) {
            told = told ||
                   (b->h->events[k].type == EVENT_PLUGIN_ERROR && b->h->events[k].reason == why[i]);
            off = off || b->h->events[k].type == EVENT_PLUGIN_DISABLED;
        }
        cr_expect(told);
        cr_expect_eq(off, i == 4);
    }
    cr_expect_eq(apply(b, alert()), REASON_PLUGIN_DISABLED);
    expect_stays(b, alert());
    close_bench(b);
}

Test(ahead, an_answer_of_any_other_kind_ends_a_series_of_failures)
{
    struct bench *b = open_bench();
    for (int i = 0; i < 12; i++)
        cr_expect_eq(apply(b, answered(i % 4 == 3 ? REASON_PLUGIN_SKIPPED : REASON_PLUGIN_DIED)),
                     i % 4 == 3 ? REASON_PLUGIN_SKIPPED : REASON_PLUGIN_DIED);
    cr_assert(leaves(b, alert()));
    close_bench(b);
}

Test(ahead, where_the_old_logic_trades_nobody_waits_for_a_program)
{
    static const enum shadow_mode waits[] = {SHADOW_LEGACY_ONLY, SHADOW_SHADOW};
    struct bench *b = open_bench();
    for (size_t i = 0; i < TR_ARRAY_SIZE(waits); i++) {
        b->h->s->shadow.default_mode = waits[i];
        expect_stays(b, alert());
    }
    b->h->s->shadow.default_mode = SHADOW_PLUGIN_ONLY;
    cr_assert(leaves(b, alert()));
    close_bench(b);
}

Test(ahead, an_empty_place_is_shown_nowhere)
{
    struct bench *b = open_bench();
    struct settings none = {0};
    struct engine_stats stats = {0};
    struct tx_state state;
    settings_lay(&b->h->opt, &none);
    b->h->s->rules = b->h->opt.rules;
    ahead_publish(&b->h->opt, b->h->s, &stats);
    cr_assert_eq(stats.plugin_count, 2);
    cr_expect_str_eq(stats.plugins[0].id, "fake");
    cr_expect_str_eq(stats.plugins[1].id, "outside_1");
    cr_expect(stats.plugins[1].active);
    const struct engine_tx tx = {.s = b->h->s, .opt = &b->h->opt, .quotes = &b->h->quotes};
    tx_state(&tx, &state);
    cr_assert_eq(state.plugin_count, 2);
    cr_expect_str_eq(state.plugin_ids[1], "outside_1");
    close_bench(b);
}

Test(ahead, a_journaled_answer_needs_no_program)
{
    struct bench *b = open_bench();
    struct buf packed TR_CLEANUP(buf_deinit);
    struct input *in = answered(REASON_ACCEPTED), *back = input_new(INPUT_SIGNAL);
    struct decision *d = xalloc(sizeof(*d));
    struct input_quotes quotes;
    buf_init(&packed, 1u << 20);
    input_pack(&packed, in, &b->h->quotes, in->answer);
    cr_expect_eq(input_signal_format(packed.data, packed.len), in->signal.format);
    cr_expect_eq(input_signal_format(packed.data, 1), SIGNAL_FORMAT_UNSET, "cut off");
    cr_assert_eq(input_unpack(packed.data, packed.len, back, &quotes, d), 0);
    cr_expect_eq(d->action, DECISION_EXECUTE);
    cr_expect_str_eq(d->plugin, "outside_1");
    cr_expect_null(back->answer);
    mem_free(d);
    input_free(in);
    input_free(back);
    close_bench(b);
}
