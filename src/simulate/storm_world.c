/* simulate/storm_world.c: what happens outside: prices that walk and jump, alerts and commands
 * (each asks until it is told "stored", sometimes twice at once), links that break, clocks that
 * differ. Commands are of this file's own table, over the same engine/tx.h as those of the bots;
 * what one is about is drawn before and rides in its message_id. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"
#include "engine/shadow.h"
#include "signals/parse.h"
#include "simulate/storm_impl.h"

#define MINUTE_MS    60000
#define ONE_MILLION  1000000
#define RETRY_MIN_MS 200
#define RETRY_MAX_MS 5000
#define DOWN_MAX_MS  240000
#define DOWN_LONG_MS (24 * 3600 * 1000)
#define LONG_ONE_IN  6
#define SKEW_MAX_MS  4000
#define GAP_STEPS    40
#define LOT_E8       (DEC_ONE / 100)
#define MESSAGE_MAX  (INT64_C(1) << 40)
#define TWICE_ONE_IN 15

static const struct {
    const char *symbol;
    int64_t mid_e8;
} markets[STORM_SYMBOLS] = {
    {"EURUSD", INT64_C(110000000)},
    {"GBPUSD", INT64_C(127000000)},
    {"USDJPY", INT64_C(15000000000)},
    {"XAUUSD", INT64_C(265000000000)},
};

/* ---- commands ---- */

static const struct position *meant(const struct engine_tx *tx, const struct command *c)
{
    size_t count = tx_position_count(tx);
    return count == 0 ? NULL : tx_position_at(tx, (size_t)c->message_id % count);
}

static void run_enter(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct quote q;
    uint64_t cid = 0;
    int64_t n = c->message_id;
    const char *name = markets[n % STORM_SYMBOLS].symbol;
    const struct symbol_info *info = symbol_find(name);
    struct tx_entry e = {.side = n / 4 % 2 == 0 ? SIDE_BUY : SIDE_SELL,
                         .lots_e8 = LOT_E8 * (1 + n / 8 % 6)};
    (void)ret; /* nobody reads it: the receipt tells */
    (void)str_copy(e.symbol, sizeof(e.symbol), name);
    if (!tx_quote(tx, name, &q)) {
        tx_receipt(tx, REASON_NO_QUOTE, "");
        return;
    }
    int64_t sign = e.side == SIDE_BUY ? 1 : -1;
    int64_t away_e8 = info->pip_size_e8 * (15 + n / 64 % 60);
    e.sl_e8 = q.bid_e8 - sign * away_e8;
    e.tp_e8 = n / 4096 % 4 == 0 ? DEC_NONE : q.bid_e8 + sign * away_e8 * 2;
    tx_receipt(tx, tx_enter(tx, &e, &cid), "");
}

static void run_close(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    const struct position *p = meant(tx, c);
    (void)ret;
    tx_receipt(
        tx, p == NULL ? REASON_POSITION_NOT_FOUND : tx_close(tx, p->cid, REASON_MANUAL_CLOSE), "");
}

static void run_part(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    const struct position *p = meant(tx, c);
    (void)ret;
    tx_receipt(tx,
               p == NULL ? REASON_POSITION_NOT_FOUND
                         : tx_close_partial(tx, p->cid, p->lots_e8 / 2, REASON_MANUAL_CLOSE),
               "");
}

static void run_stops(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    const struct position *p = meant(tx, c);
    (void)ret;
    if (p == NULL) {
        tx_receipt(tx, REASON_POSITION_NOT_FOUND, "");
        return;
    }
    const struct symbol_info *info = symbol_find(p->symbol);
    int64_t sign = p->side == SIDE_BUY ? 1 : -1;
    int64_t away_e8 = info->pip_size_e8 * (20 + c->message_id / 64 % 80);
    tx_receipt(tx,
               tx_modify(tx, p->cid, p->entry_e8 - sign * away_e8, p->entry_e8 + sign * away_e8,
                         REASON_MANUAL_CLOSE),
               "");
}

static void run_flatten(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)c;
    (void)ret;
    for (size_t i = 0; i < tx_position_count(tx); i++)
        (void)tx_close(tx, tx_position_at(tx, i)->cid, REASON_MANUAL_CLOSE); /* or it is closing */
}

static void run_mode(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    static const enum shadow_mode modes[] = {SHADOW_PLUGIN_ONLY, SHADOW_PLUGIN_ONLY, SHADOW_SHADOW,
                                             SHADOW_PLUGIN_SHADOW, SHADOW_LEGACY_ONLY};
    size_t which = (size_t)(c->message_id / 4 % (int64_t)TR_ARRAY_SIZE(modes));
    (void)ret;
    if (tx->opt->plugin_count < 2)
        return;
    shadow_set_mode(tx, tx->opt->plugins[c->message_id % 2]->id, "", modes[which], REASON_ACCEPTED);
}

static void run_panic(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    tx_receipt(tx, tx_panic(tx, c), "");
}

static void run_release(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    tx_receipt(tx, tx_panic_release(tx, c), "");
}

static void run_pause(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    tx_receipt(tx, tx_pause(tx, c), "");
}

static void run_resume(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)ret;
    tx_receipt(tx, tx_resume(tx, c), "");
}

static void run_clear(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)c;
    (void)ret;
    tx_receipt(tx, tx_clear_loss(tx, true), "");
}

#define COMMANDS(X)                                                                                \
    X(clear)                                                                                       \
    X(close)                                                                                       \
    X(enter)                                                                                       \
    X(flatten)                                                                                     \
    X(mode)                                                                                        \
    X(panic)                                                                                       \
    X(part)                                                                                        \
    X(pause)                                                                                       \
    X(release)                                                                                     \
    X(resume)                                                                                      \
    X(stops)
#define X(word)                                                                                    \
    static const struct command_ops op_##word = {                                                  \
        .name = #word, .role = ROLE_ADMIN, .run = run_##word, .wants_quotes = true};
COMMANDS(X)
#undef X
#define X(word) &op_##word,
const struct command_ops *const storm_commands[] = {COMMANDS(X)};
#undef X
const size_t storm_command_count = TR_ARRAY_SIZE(storm_commands);

/* ---- posts ---- */

static struct storm_post *new_post(struct storm *s, enum input_kind kind)
{
    struct storm_post *p = NULL;
    for (size_t i = 0; p == NULL && i < STORM_POSTS_MAX; i++)
        if (s->posts[i].state == POST_FREE)
            p = &s->posts[i];
    if (p == NULL)
        return NULL; /* enough for one storm */
    memset(p, 0, sizeof(*p));
    p->state = POST_WAITING;
    p->kind = kind;
    p->try_ms = s->now_ms + rng_between(&s->rng, 0, MINUTE_MS - 1);
    (void)snprintf(p->key, sizeof(p->key), "%s:%" PRIu64, kind == INPUT_SIGNAL ? "wh" : "tg:1",
                   ++s->post_count);
    return p;
}

static void plan_command(struct storm *s, const char *name)
{
    struct storm_post *p = new_post(s, INPUT_COMMAND);
    if (p == NULL)
        return;
    struct command *c = &p->command;
    c->origin = ORIGIN_BOT;
    c->bot = BOT_CONTROLLER;
    c->update_id = (int64_t)s->post_count;
    c->role = ROLE_ADMIN;
    c->lang = LANG_EN;
    c->user_id = 1;
    c->message_id = rng_between(&s->rng, 0, MESSAGE_MAX);
    (void)str_copy(c->name, sizeof(c->name), name);
    (void)str_copy(c->user_name, sizeof(c->user_name), "storm");
    s->ret->commands++;
}

static void write_entry(struct storm *s, char body[STORM_BODY_CAP])
{
    const struct storm_price *m = &s->prices[rng_below(&s->rng, STORM_SYMBOLS)];
    bool is_buy = rng_below(&s->rng, 2) == 0;
    int64_t sign = is_buy ? 1 : -1;
    int64_t away_e8 = m->step_e8 * rng_between(&s->rng, 6, 30);
    static const char *const frames[] = {"5", "15", "60"};
    const int64_t levels_e8[] = {m->mid_e8, m->mid_e8 - sign * away_e8, m->mid_e8 + sign * away_e8,
                                 m->mid_e8 + 2 * sign * away_e8};
    char text[TR_ARRAY_SIZE(levels_e8)][DEC_TEXT_CAP];
    for (size_t i = 0; i < TR_ARRAY_SIZE(levels_e8); i++)
        (void)dec_format_fixed(levels_e8[i], 5, text[i]);
    const char *frame = frames[rng_below(&s->rng, TR_ARRAY_SIZE(frames))];
    const char *symbol = symbol_at(m->symbol)->name;
    if (rng_below(&s->rng, 3) == 0) {
        (void)snprintf(
            body, STORM_BODY_CAP, "%s|%s|%s|%s|%s|HIGH|90|31.0|STRONG|%s|%s|%s|%s|%s|TL_OK|",
            is_buy ? "BULLISH_ENTRY" : "BEARISH_ENTRY", symbol, frame, text[0],
            is_buy ? "BUY" : "SELL", text[1], text[2], text[3], text[3], is_buy ? "5/1" : "1/5");
        return;
    }
    (void)snprintf(body, STORM_BODY_CAP,
                   "{\"type\":\"entry_v3\",\"signal_type\":\"%s\",\"symbol\":\"%s\","
                   "\"direction\":\"%s\",\"tf\":\"%s\",\"price\":%s,\"consensus_score\":%d,"
                   "\"sl_price\":%s,\"tp1_price\":%s,\"tp2_price\":%s,\"mtf_trends\":\"%s\","
                   "\"market_trend\":%d,\"volume_delta_ratio\":2.4,\"price_in_ob\":false,"
                   "\"position_multiplier\":0.8}",
                   is_buy ? "Institutional_Launchpad" : "Momentum_Breakout", symbol,
                   is_buy ? "buy" : "sell", frame, text[0], is_buy ? 8 : 1, text[1], text[2],
                   text[3], is_buy ? "1,1,1,1,1" : "-1,-1,-1,-1,-1", is_buy ? 1 : -1);
}

static void plan_alert(struct storm *s)
{
    struct storm_post *p = new_post(s, INPUT_SIGNAL);
    if (p == NULL)
        return;
    s->ret->alerts++;
    write_entry(s, p->body);
    if (rng_below(&s->rng, 4) != 0)
        return;
    bool is_bull = rng_below(&s->rng, 2) == 0;
    (void)snprintf(p->body, sizeof(p->body),
                   "{\"type\":\"exit_v3\",\"signal_type\":\"%s\",\"symbol\":\"%s\","
                   "\"direction\":\"%s\",\"tf\":\"15\",\"price\":1,\"consensus_score\":%d}",
                   is_bull ? "Bullish_Exit" : "Bearish_Exit",
                   markets[rng_below(&s->rng, STORM_SYMBOLS)].symbol, is_bull ? "sell" : "buy",
                   is_bull ? 1 : 8);
}

static void post(struct storm *s, struct storm_post *p, void *who)
{
    struct signal_fault why;
    struct input *in = input_new(p->kind);
    if (p->kind == INPUT_COMMAND) {
        in->command = p->command;
        in->command.sent_ms = storm_engine_ms(s);
    } else if (signal_parse(p->body, strlen(p->body), NULL, storm_engine_ms(s), &in->signal,
                            &why) != SIGNAL_PARSED) {
        storm_model_fail(s->model, "the storm's own alert is not read: %s %s", why.field,
                         why.value);
    }
    (void)str_copy(in->key, sizeof(in->key), p->key); /* the same size */
    in->done_ctx = who;
    storm_post_input(s, in);
}

void storm_world_post(struct storm *s, struct storm_post *p)
{
    TR_ASSERT(p->state == POST_WAITING);
    post(s, p, p);
    if (rng_below(&s->rng, TWICE_ONE_IN) == 0)
        post(s, p, NULL); /* and once more, for nobody */
    p->state = POST_POSTED;
}

void storm_world_answer(struct storm *s, const struct input *in, const struct outcome *o)
{
    struct storm_post *p = in->done_ctx;
    if (p == NULL)
        return;
    TR_ASSERT(p->state == POST_POSTED);
    if (o->status == OUTCOME_NOT_STORED) {
        p->state = POST_WAITING;
        p->try_ms = s->now_ms + rng_between(&s->rng, RETRY_MIN_MS, RETRY_MAX_MS);
        return;
    }
    s->ret->accepted += p->kind == INPUT_SIGNAL && o->receipt.reason == REASON_ACCEPTED;
    s->acked[s->acked_count++ % STORM_ACKED_MAX] = *p;
    if (o->receipt.seq > s->acked_seq)
        s->acked_seq = o->receipt.seq;
    p->state = POST_FREE;
}

void storm_world_unanswered(struct storm *s)
{
    for (size_t i = 0; i < STORM_POSTS_MAX; i++) {
        struct storm_post *p = &s->posts[i];
        if (p->state != POST_POSTED)
            continue;
        p->state = POST_WAITING;
        p->try_ms = s->now_ms + rng_between(&s->rng, RETRY_MIN_MS, RETRY_MAX_MS);
    }
}

/* ---- prices, links, clocks ---- */

static void tick(struct storm *s, struct storm_price *m)
{
    struct quote q = {.time_ms = s->now_ms};
    int64_t steps = rng_between(&s->rng, -2, 2);
    if (rng_below(&s->rng, 3000) == 0) {
        steps = rng_below(&s->rng, 2) == 0 ? GAP_STEPS : -GAP_STEPS;
        s->ret->gaps++;
    }
    int64_t first_e8 = markets[m - s->prices].mid_e8;
    if (m->mid_e8 > first_e8 + first_e8 / 5 || m->mid_e8 < first_e8 - first_e8 / 5)
        steps = m->mid_e8 > first_e8 ? -2 : 2; /* it comes back */
    m->mid_e8 += steps * m->step_e8;
    q.bid_e8 = m->mid_e8;
    q.ask_e8 = m->mid_e8 + m->spread_e8;
    if (!paper_sync_note(s->venue, m->symbol, &q))
        paper_sync_tick(s->venue, m->symbol, &q);
    s->has_new_prices = s->is_alive;
}

void storm_world_init(struct storm *s)
{
    for (size_t i = 0; i < STORM_SYMBOLS; i++) {
        struct storm_price *m = &s->prices[i];
        while (!str_eq(symbol_at(m->symbol)->name, markets[i].symbol))
            m->symbol++;
        const struct symbol_info *info = symbol_at(m->symbol);
        m->mid_e8 = markets[i].mid_e8;
        m->step_e8 = info->pip_size_e8 * 2;
        m->spread_e8 = info->pip_size_e8;
    }
}

static void plan_trouble(struct storm *s)
{
    if (!s->is_net_down && rng_below(&s->rng, 400) == 0) {
        bool is_long = rng_below(&s->rng, LONG_ONE_IN) == 0;
        s->net_up_ms = s->now_ms + rng_between(&s->rng, 10, is_long ? DOWN_LONG_MS : DOWN_MAX_MS);
        s->ret->links_broken++;
        storm_net(s, false);
    }
    if (rng_below(&s->rng, 400) == 0) {
        s->ret->skews++;
        storm_set_skew(s, rng_between(&s->rng, -SKEW_MAX_MS, SKEW_MAX_MS),
                       rng_between(&s->rng, -SKEW_MAX_MS, SKEW_MAX_MS));
    }
}

void storm_world_minute(struct storm *s)
{
    static const struct {
        const char *name;
        uint64_t per_million; /* minutes */
    } commands[] = {
        {"enter", 90000}, {"close", 30000}, {"part", 25000}, {"stops", 35000}, {"flatten", 1500},
        {"panic", 700},   {"pause", 700},   {"mode", 1500},  {"clear", 1500},
    };
    for (size_t i = 0; i < STORM_SYMBOLS; i++)
        tick(s, &s->prices[i]);
    plan_trouble(s);
    if (rng_below(&s->rng, ONE_MILLION) < 60000)
        plan_alert(s);
    for (size_t i = 0; i < TR_ARRAY_SIZE(commands); i++)
        if (rng_below(&s->rng, ONE_MILLION) < commands[i].per_million)
            plan_command(s, commands[i].name);
    if (s->state->panicked && rng_below(&s->rng, 20) == 0)
        plan_command(s, "release");
    if (s->state->paused && rng_below(&s->rng, 20) == 0)
        plan_command(s, "resume");
}
