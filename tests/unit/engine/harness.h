/* tests/unit/engine/harness.h: the engine's apply() without thread or journal: a plugin that always
 * enters with two orders, a broker that only records, and the events of the last input. */
#ifndef TRIDENT_TESTS_ENGINE_HARNESS_H
#define TRIDENT_TESTS_ENGINE_HARNESS_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"
#include "engine/signals.h"

#define LOT(x)      ((int64_t)(x) * (DEC_ONE / 100))
#define PRICE(x)    ((int64_t)(x) * (DEC_ONE / 100))
#define T0_MS       INT64_C(1767600000000)
#define EVENTS_KEPT 64

struct harness {
    struct engine_options opt;
    struct engine_state *s;
    struct outputs out;
    struct input_quotes quotes;
    int64_t now_ms;
    struct event events[EVENTS_KEPT];
    size_t event_count;
    struct broker_request sends[64];
    size_t send_count;
    struct receipt receipt;
    char reply_html[512];
    struct decision decision;
};

static bool fake_accepts(const void *conf, const struct signal *s)
{
    return conf == NULL && s->format == SIGNAL_FORMAT_V3;
}

static int fake_decide(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                       struct decision *ret)
{
    (void)conf;
    decision_number(ret, "positions", (int64_t)snap->position_count * DEC_ONE);
    decision_number(ret, "now_s", snap->now_ms / 1000 * DEC_ONE);
    if (s->score == 13)
        return -5;
    if (signal_is_exit(s->kind)) {
        ret->action = DECISION_CLOSE;
        ret->close_reason = REASON_EXIT_SIGNAL;
        for (size_t i = 0; i < snap->position_count; i++)
            ret->closes[ret->close_count++] = snap->positions[i].cid;
        return 0;
    }
    ret->action = DECISION_EXECUTE;
    for (int i = 0; i < 2; i++) {
        struct decision_order *o = &ret->orders[ret->order_count++];
        o->role = i == 0 ? ORDER_ROLE_A : ORDER_ROLE_B;
        o->side = s->side;
        (void)str_copy(o->symbol, sizeof(o->symbol), s->symbol);
        o->lots_e8 = LOT(2);
        o->entry_e8 = PRICE(265000);
        o->sl_e8 = PRICE(264000);
        o->tp_e8 = PRICE(267000);
    }
    return 0;
}

static const struct plugin_ops fake_plugin = {.id = "fake",
                                              .version = "1",
                                              .db_name = "fake.db",
                                              .accepts = fake_accepts,
                                              .decide = fake_decide};

static inline void run_pause(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    tx_receipt(tx, tx_pause(tx, c), "");
    ret->html = xasprintf("paused #%" PRIu64, tx_seq(tx));
}

static inline void run_resume(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    tx_receipt(tx, tx_resume(tx, c), "");
}

static inline void run_panic(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    tx_receipt(tx, strcmp(c->args, "release") == 0 ? tx_panic_release(tx, c) : tx_panic(tx, c), "");
}

/* closeall: asks back; with a confirmed press it acts. */
static inline void run_closeall(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    char args[COMMAND_ARGS_CAP] = "";
    if (!c->confirmed) {
        (void)tx_confirm_ask(tx, c, 120000);
        return;
    }
    int64_t id = 0;
    (void)str_to_i64(c->args, &id);
    enum reason r = tx_confirm_take(tx, c, (uint64_t)id, true, args);
    if (r == REASON_ACCEPTED)
        for (size_t i = 0; i < tx_position_count(tx); i++)
            (void)tx_close(tx, tx_position_at(tx, i)->cid, REASON_MANUAL_CLOSE);
    tx_receipt(tx, r, args);
}

/* args: "en" or "hinglish"; the answer names the language the command was run in. */
static inline void run_language(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    enum lang lang = LANG_UNSET;
    if (lang_parse(c->args, &lang))
        tx_receipt(tx, tx_set_language(tx, c->user_id, lang), "");
    ret->html = xstrdup(lang_name(c->lang));
}

static const struct command_ops ops_closeall = {.name = "closeall",
                                                .role = ROLE_TRADER,
                                                .urgent = true,
                                                .max_age_ms = 30000,
                                                .run = run_closeall};
static const struct command_ops ops_language = {
    .name = "language", .role = ROLE_VIEWER, .urgent = false, .max_age_ms = 0, .run = run_language};
static const struct command_ops ops_panic = {
    .name = "panic", .role = ROLE_TRADER, .urgent = true, .max_age_ms = 0, .run = run_panic};
static const struct command_ops ops_pause = {
    .name = "pause", .role = ROLE_TRADER, .urgent = true, .max_age_ms = 60000, .run = run_pause};
static const struct command_ops ops_resume = {
    .name = "resume", .role = ROLE_TRADER, .urgent = false, .max_age_ms = 60000, .run = run_resume};
static const struct command_ops *const harness_commands[] = {&ops_closeall, &ops_language,
                                                             &ops_panic, &ops_pause, &ops_resume};

static inline int harness_visit(const struct output_view *v, void *ctx)
{
    struct harness *h = ctx;
    if (v->kind == OUTPUT_EVENT) {
        cr_assert_lt(h->event_count, EVENTS_KEPT);
        h->events[h->event_count++] = v->event;
    } else if (v->kind == OUTPUT_RECEIPT) {
        h->receipt = v->receipt;
    } else if (v->kind == OUTPUT_REPLY && v->reply.html != NULL) {
        (void)str_copy(h->reply_html, sizeof(h->reply_html), v->reply.html);
    }
    return 0;
}

static inline void harness_apply(struct harness *h, const struct input *in)
{
    struct engine_tx tx = {.s = h->s,
                           .opt = &h->opt,
                           .out = &h->out,
                           .quotes = &h->quotes,
                           .now_ms = h->now_ms,
                           .seq = h->s->seq + 1};
    outputs_reset(&h->out);
    h->event_count = 0;
    if (in->kind == INPUT_SIGNAL)
        signals_decide(h->s, &h->opt, &h->quotes, &in->signal, h->now_ms, &h->decision);
    apply_input(&tx, in, in->kind == INPUT_SIGNAL ? &h->decision : NULL);
    cr_assert_eq(outputs_visit(h->out.blob.data, h->out.blob.len, harness_visit, h), 0);
    h->send_count = h->s->send_count;
    memcpy(h->sends, h->s->sends, h->send_count * sizeof(h->sends[0]));
    h->s->send_count = 0;
}

static inline void harness_timer(struct harness *h, enum timer_kind kind)
{
    struct input in = {.kind = INPUT_TIMER};
    in.timer.kind = kind;
    in.timer.rules = h->opt.rules;
    harness_apply(h, &in);
}

static inline void harness_broker(struct harness *h, struct broker_event e)
{
    struct input in = {.kind = INPUT_BROKER};
    in.broker = e;
    if (e.exec_id != 0 && e.kind == BROKER_EVENT_FILL)
        (void)snprintf(in.key, sizeof(in.key), "ex:%" PRIu64, e.exec_id);
    harness_apply(h, &in);
}

static inline void harness_link(struct harness *h)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_LINK_UP});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
}

/* It is in the broker's list under way, as harness_enter() opened it. */
static inline void harness_has(struct harness *h, uint64_t cid, int64_t lots_e8)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_POSITION,
                                            .position_cid = cid,
                                            .side = SIDE_BUY,
                                            .symbol = "XAUUSD",
                                            .lots_e8 = lots_e8,
                                            .price_e8 = PRICE(265000)});
}

/* A list without any position, until it is believed: the second of the kind. */
static inline void harness_all_gone(struct harness *h)
{
    for (int i = 0; i < 2; i++) {
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_BEGIN});
        harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_SNAPSHOT_END});
    }
}

static inline struct harness *harness_new(void)
{
    struct harness *h = xalloc(sizeof(*h));
    h->opt.trader_id = "main";
    h->opt.plugins[0] = &fake_plugin;
    h->opt.plugin_count = 1;
    h->opt.commands = harness_commands;
    h->opt.command_count = TR_ARRAY_SIZE(harness_commands);
    h->opt.rules = (struct engine_rules){.start_balance_e8 = 10000 * DEC_ONE,
                                         .daily_loss_cap_e8 = 200 * DEC_ONE,
                                         .lifetime_loss_cap_e8 = 1000 * DEC_ONE,
                                         .daily_reset_minute = 215,
                                         .utc_offset_min = 330,
                                         .order_deadline_ms = 5000,
                                         .signal_max_age_ms = 10000};
    h->s = state_new();
    h->now_ms = T0_MS;
    outputs_init(&h->out);
    harness_timer(h, TIMER_START);
    harness_link(h);
    return h;
}

static inline void harness_free(struct harness *h)
{
    state_free(h->s);
    outputs_deinit(&h->out);
    mem_free(h);
}

static inline void harness_signal(struct harness *h, enum signal_kind kind, enum side side)
{
    struct input in = {.kind = INPUT_SIGNAL};
    in.signal = (struct signal)SIGNAL_INIT;
    in.signal.format = SIGNAL_FORMAT_V3;
    in.signal.kind = kind;
    in.signal.side = side;
    in.signal.tf = TF_5M;
    in.signal.score = 7;
    (void)str_copy(in.signal.symbol, sizeof(in.signal.symbol), "XAUUSD");
    harness_apply(h, &in);
}

static inline void harness_command(struct harness *h, const char *name, const char *args,
                                   bool confirmed)
{
    struct input in = {.kind = INPUT_COMMAND};
    (void)str_copy(in.command.name, sizeof(in.command.name), name);
    (void)str_copy(in.command.args, sizeof(in.command.args), args);
    (void)str_copy(in.command.user_name, sizeof(in.command.user_name), "asha");
    in.command.origin = ORIGIN_BOT;
    in.command.bot = BOT_CONTROLLER;
    in.command.role = ROLE_TRADER;
    in.command.lang = LANG_EN;
    in.command.user_id = 7;
    in.command.chat_id = 7;
    in.command.update_id = 100 + (int64_t)h->s->seq;
    in.command.confirmed = confirmed;
    harness_apply(h, &in);
}

static inline void harness_fill(struct harness *h, uint64_t cid, uint64_t exec_id, int64_t lots_e8)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                            .cid = cid,
                                            .position_cid = cid,
                                            .exec_id = exec_id,
                                            .purpose = ORDER_OPEN,
                                            .lots_e8 = lots_e8,
                                            .price_e8 = PRICE(265010),
                                            .symbol = "XAUUSD"});
}

static inline void harness_close_fill(struct harness *h, uint64_t cid, uint64_t position_cid,
                                      uint64_t exec_id, int64_t profit_e8)
{
    harness_broker(h, (struct broker_event){.kind = BROKER_EVENT_FILL,
                                            .cid = cid,
                                            .position_cid = position_cid,
                                            .exec_id = exec_id,
                                            .purpose = ORDER_CLOSE,
                                            .reason = cid == 0 ? REASON_SL_HIT : REASON_UNSET,
                                            .lots_e8 = LOT(2),
                                            .price_e8 = PRICE(264000),
                                            .profit_e8 = profit_e8,
                                            .symbol = "XAUUSD"});
}

/* Enters and fills both orders; returns the cids. */
static inline void harness_enter(struct harness *h, uint64_t ret_cids[2])
{
    harness_signal(h, SIGNAL_V3_MOMENTUM_BREAKOUT, SIDE_BUY);
    cr_assert_eq(h->send_count, 2);
    ret_cids[0] = h->sends[0].cid;
    ret_cids[1] = h->sends[1].cid;
    uint64_t base = h->s->seq * 1000;
    harness_fill(h, ret_cids[0], base + 1, LOT(2));
    harness_fill(h, ret_cids[1], base + 2, LOT(2));
}

static inline const struct event *harness_event(const struct harness *h, enum event_type type)
{
    for (size_t i = 0; i < h->event_count; i++)
        if (h->events[i].type == type)
            return &h->events[i];
    return NULL;
}

#endif
