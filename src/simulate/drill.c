/* simulate/drill.c: the script is the same for every fault:
 *
 *   quote -> order (0.02 EURUSD with a stop) -> fault -> outcome known? -> close all -> flat?
 *         -> compare positions, volumes and money of engine and venue
 *
 * Most faults are the venue's own (struct paper_conf), here with certainty instead of by chance; a
 * broken link, a gap and a panic are done to it from outside. Entering and closing are commands of
 * this file's own table: the engine knows no short cut for drills. */
#include "simulate/drill.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/state.h"
#include "engine/tx.h"
#include "model/text.h"

#define STEP_MS       200
#define PATIENCE_MS   (2 * 60 * 1000)
#define BALANCE_E8    (INT64_C(10000) * DEC_ONE)
#define LATENCY_MS    200 /* so that there is a time in which an order is under way */
#define OUTAGE_MS     30000
#define GAP_PIPS      100
#define CERTAIN       10000 /* per 10,000 */
#define SIGNAL_AGE_MS 10000
#define TIME_CAP      32

static const char *const names[DRILL_COUNT] = {[DRILL_UNSET] = "",
#define X(name, typed) [DRILL_##name] = typed,
                                               DRILL_TABLE(X)
#undef X
};

const char *drill_name(enum drill_fault f)
{
    TR_ASSERT((int)f >= 0 && f < DRILL_COUNT);
    return names[f];
}

enum drill_fault drill_parse(const char *name)
{
    for (int f = DRILL_UNSET + 1; f < DRILL_COUNT; f++)
        if (str_ieq(names[f], name))
            return (enum drill_fault)f;
    return DRILL_UNSET;
}

/* ---- what is done to the scratch trader ---- */

static void run_enter(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct quote q;
    uint64_t cid = 0;
    const struct symbol_info *s = symbol_find(DRILL_SYMBOL);
    struct tx_entry e = {.side = SIDE_BUY, .lots_e8 = DRILL_LOTS_E8, .tp_e8 = DEC_NONE};
    (void)c;
    (void)ret; /* nobody reads it: the receipt tells */
    (void)str_copy(e.symbol, sizeof(e.symbol), DRILL_SYMBOL);
    enum reason r = tx_quote(tx, DRILL_SYMBOL, &q) ? REASON_ACCEPTED : REASON_NO_QUOTE;
    if (r == REASON_ACCEPTED) {
        e.sl_e8 = q.ask_e8 - DRILL_STOP_PIP * s->pip_size_e8;
        r = tx_enter(tx, &e, &cid);
    }
    tx_receipt(tx, r, "");
}

static void run_flatten(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    (void)c;
    (void)ret;
    for (size_t i = 0; i < tx_position_count(tx); i++)
        (void)tx_close(tx, tx_position_at(tx, i)->cid,
                       REASON_MANUAL_CLOSE); /* seen by what is open */
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

static const struct command_ops enter = {
    .name = "enter", .role = ROLE_ADMIN, .run = run_enter, .wants_quotes = true};
static const struct command_ops flatten = {
    .name = "flatten", .role = ROLE_ADMIN, .run = run_flatten, .wants_quotes = true};
static const struct command_ops panic = {.name = "panic", .role = ROLE_ADMIN, .run = run_panic};
static const struct command_ops release = {
    .name = "release", .role = ROLE_ADMIN, .run = run_release};
static const struct command_ops *const commands[] = {&enter, &flatten, &panic, &release};

struct drill {
    struct simulate *sim;
    struct quote quote;
    int64_t now_ms;
    size_t symbol; /* its number */
    size_t wanted; /* positions that should have been opened */
    bool was_taken_in_panic;
};

static bool say(struct drill *d, const char *name, enum reason *ret)
{
    struct receipt receipt = {.reason = REASON_ACCEPTED};
    struct command c = {.origin = ORIGIN_CLI, .role = ROLE_ADMIN, .lang = LANG_EN};
    (void)str_copy(c.name, sizeof(c.name), name);
    (void)str_copy(c.user_name, sizeof(c.user_name), "drill");
    int r = simulate_command(d->sim, &c, d->now_ms, &receipt);
    TR_ASSERT(r == 0); /* only a journal could fail, and there is none */
    if (ret != NULL)
        *ret = receipt.reason;
    return receipt.reason == REASON_ACCEPTED;
}

static void tick(struct drill *d, int64_t after_ms)
{
    d->now_ms += after_ms;
    d->quote.time_ms = d->now_ms;
    int r = simulate_tick(d->sim, d->symbol, &d->quote);
    TR_ASSERT(r == 0);
}

static void pass_ms(struct drill *d, int64_t ms)
{
    for (int64_t end_ms = d->now_ms + ms; d->now_ms < end_ms;)
        tick(d, STEP_MS);
}

static bool is_settled(const struct drill *d)
{
    return simulate_state(d->sim)->order_count == 0;
}

static bool is_flat(const struct drill *d)
{
    const struct engine_state *s = simulate_state(d->sim);
    return s->order_count == 0 && s->position_count == 0 &&
           simulate_venue_lots_e8(d->sim, d->symbol) == 0 && (!s->panicked || s->panic_is_flat);
}

/* How long it took; -1: not within the patience. */
static int64_t wait_for(struct drill *d, bool (*is_so)(const struct drill *))
{
    int64_t begun_ms = d->now_ms;
    while (!is_so(d)) {
        if (d->now_ms - begun_ms >= PATIENCE_MS)
            return -1;
        tick(d, STEP_MS);
    }
    return d->now_ms - begun_ms;
}

/* ---- the faults ---- */

static void set_faults(struct paper_conf *p, enum drill_fault fault)
{
    p->latency_base_ms = LATENCY_MS;
    p->balance_e8 = BALANCE_E8;
    p->fault_lost_answer = fault == DRILL_TIMEOUT ? CERTAIN : 0;
    p->fault_swallow = fault == DRILL_LOST ? CERTAIN : 0;
    p->fault_reject = fault == DRILL_REJECT ? CERTAIN : 0;
    p->fault_partial = fault == DRILL_PARTIAL ? CERTAIN : 0;
    p->fault_late_fill = fault == DRILL_LATE ? CERTAIN : 0;
    p->fault_duplicate_fill = fault == DRILL_DUPLICATE ? CERTAIN : 0;
}

/* Caps, sessions and strategies are left out: the order of a drill is not to be refused by them. */
static void open_trader(const struct drill_options *o, enum drill_fault fault, struct drill *d)
{
    struct simulate_options so = {.paper = o->paper, .start_ms = o->start_ms};
    set_faults(&so.paper, fault);
    so.engine = (struct engine_options){
        .trader_id = o->trader_id, .commands = commands, .command_count = TR_ARRAY_SIZE(commands)};
    so.engine.rules = (struct engine_rules){.start_balance_e8 = BALANCE_E8,
                                            .order_deadline_ms = o->order_deadline_ms,
                                            .signal_max_age_ms = SIGNAL_AGE_MS};
    *d = (struct drill){.quote = o->quote, .now_ms = o->start_ms};
    while (!str_eq(symbol_at(d->symbol)->name, DRILL_SYMBOL))
        d->symbol++;
    int r = simulate_new(&so, &d->sim);
    TR_ASSERT(r == 0); /* no file is opened */
    pass_ms(d, 1000);
}

static void break_link(struct drill *d)
{
    int r = simulate_link(d->sim, false, d->now_ms);
    TR_ASSERT(r == 0);
    pass_ms(d, OUTAGE_MS);
    r = simulate_link(d->sim, true, d->now_ms);
    TR_ASSERT(r == 0);
}

static void jump(struct drill *d)
{
    int64_t gap_e8 = GAP_PIPS * symbol_at(d->symbol)->pip_size_e8;
    d->quote.bid_e8 -= gap_e8;
    d->quote.ask_e8 -= gap_e8;
    tick(d, STEP_MS);
}

/* ---- the script ---- */

static void order(struct drill *d, enum drill_fault fault, struct drill_result *ret)
{
    bool is_taken = say(d, "enter", NULL);
    TR_ASSERT(is_taken);
    d->wanted = fault == DRILL_LOST || fault == DRILL_REJECT ? 0 : 1;
    if (fault == DRILL_DISCONNECT)
        break_link(d);
    int64_t begun_ms = d->now_ms;
    int64_t took_ms = wait_for(d, is_settled);
    ret->settled_ms = took_ms < 0 ? -1 : took_ms;
    if (fault == DRILL_DISCONNECT && took_ms >= 0)
        ret->settled_ms = d->now_ms - begun_ms + OUTAGE_MS;
}

static void get_flat(struct drill *d, enum drill_fault fault, struct drill_result *ret)
{
    const struct symbol_info *s = symbol_at(d->symbol);
    enum reason r = REASON_UNSET;
    if (fault == DRILL_GAP) {
        ret->planned_loss_e8 =
            -symbol_profit_e8(s, 1, d->quote.ask_e8,
                              d->quote.ask_e8 - DRILL_STOP_PIP * s->pip_size_e8, DRILL_LOTS_E8, 0);
        jump(d);
    } else
        (void)say(d, fault == DRILL_PANIC ? "panic" : "flatten",
                  NULL); /* flat is what is checked */
    ret->flat_ms = wait_for(d, is_flat);
    if (fault != DRILL_PANIC)
        return;
    d->was_taken_in_panic = say(d, "enter", &r) || r != REASON_PANIC;
    pass_ms(d, OUTAGE_MS);
    d->was_taken_in_panic = d->was_taken_in_panic || !is_flat(d) || !say(d, "release", NULL);
}

static bool has_happened(const struct drill_result *r, const struct sim_outcome *o)
{
    switch (r->fault) {
    case DRILL_TIMEOUT:
    case DRILL_LOST:
        return o->unknown_orders > 0 && r->questions > 0;
    case DRILL_REJECT:
        return o->failed_orders > 0;
    case DRILL_PARTIAL:
        return r->fills > 2; /* one to open and one to close */
    case DRILL_LATE:
        return r->settled_ms >= 2 * LATENCY_MS;
    case DRILL_DUPLICATE:
        return r->repeats > 0;
    case DRILL_DISCONNECT:
        return r->lost > 0;
    case DRILL_GAP:
        return -r->profit_e8 > r->planned_loss_e8;
    case DRILL_PANIC:
        return r->flat_ms > 0;
    case DRILL_UNSET:
    case DRILL_COUNT:
        break;
    }
    TR_ASSERT(false && "a fault of the table");
    return false;
}

static enum drill_verdict judge(const struct drill *d, const struct drill_result *r)
{
    if (r->settled_ms < 0)
        return DRILL_UNSETTLED;
    if (r->opened != d->wanted)
        return DRILL_WRONG_TRADES;
    if (r->flat_ms < 0)
        return DRILL_NOT_FLAT;
    if (r->balance_e8 != r->venue_balance_e8 || r->balance_e8 - BALANCE_E8 != r->profit_e8)
        return DRILL_WRONG_MONEY;
    if (d->was_taken_in_panic)
        return DRILL_NOT_HELD;
    return has_happened(r, simulate_outcome(d->sim)) ? DRILL_PASSED : DRILL_NO_FAULT;
}

void drill_run(const struct drill_options *o, enum drill_fault fault, struct drill_result *ret)
{
    TR_ASSERT(fault > DRILL_UNSET && fault < DRILL_COUNT && o->quote.bid_e8 > 0);
    struct drill d;
    struct simulate_totals t;
    *ret = (struct drill_result){.fault = fault};
    open_trader(o, fault, &d);
    order(&d, fault, ret);
    get_flat(&d, fault, ret);
    int r = simulate_finish(d.sim);
    TR_ASSERT(r == 0);
    const struct sim_outcome *end = simulate_outcome(d.sim);
    simulate_get_totals(d.sim, &t);
    ret->requests = t.requests;
    ret->questions = t.questions;
    ret->repeats = t.repeats;
    ret->lost = t.lost;
    ret->fills = end->fills;
    ret->opened = end->trade_count;
    ret->profit_e8 = end->all.net_e8;
    ret->balance_e8 = t.balance_e8;
    ret->venue_balance_e8 = t.broker_balance_e8;
    ret->verdict = judge(&d, ret);
    d.sim = simulate_free(d.sim);
}

/* ---- in words ---- */

#define ARGS(...) ((const struct text_arg[]){__VA_ARGS__, {NULL, NULL}})

static char *seconds(int64_t ms, char out[TIME_CAP])
{
    if (ms < 0)
        (void)snprintf(out, TIME_CAP, "> %d s", PATIENCE_MS / 1000);
    else
        (void)snprintf(out, TIME_CAP, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
    return out;
}

static char *count(uint64_t n, char out[TIME_CAP])
{
    (void)snprintf(out, TIME_CAP, "%" PRIu64, n);
    return out;
}

static char *money(int64_t v_e8, char out[DEC_TEXT_CAP])
{
    const int64_t cent_e8 = DEC_ONE / 100;
    return dec_format(dec_to_step(v_e8, cent_e8, DEC_HALF_AWAY), out);
}

static void line(struct buf *out, enum lang lang, const char *key, const struct text_arg *args)
{
    text_render(out, lang, key, args);
    buf_putc(out, '\n');
}

static void verdict(struct buf *out, enum lang lang, const struct drill_result *r)
{
    static const char *const keys[DRILL_VERDICT_COUNT] = {
        [DRILL_VERDICT_UNSET] = "",
        [DRILL_PASSED] = "drill.passed",
        [DRILL_NO_FAULT] = "drill.no_fault",
        [DRILL_UNSETTLED] = "drill.unsettled",
        [DRILL_WRONG_TRADES] = "drill.wrong_trades",
        [DRILL_NOT_FLAT] = "drill.not_flat",
        [DRILL_WRONG_MONEY] = "drill.wrong_money",
        [DRILL_NOT_HELD] = "drill.not_held",
    };
    line(out, lang, keys[r->verdict], NULL);
}

static void details(struct buf *out, enum lang lang, const struct drill_result *r)
{
    char a[TIME_CAP], b[TIME_CAP], m[DEC_TEXT_CAP], n[DEC_TEXT_CAP];
    char key[48];
    (void)snprintf(key, sizeof(key), "drill.what.%s", drill_name(r->fault));
    line(out, lang, key, NULL);
    verdict(out, lang, r);
    line(out, lang, "drill.settled", ARGS({"time", seconds(r->settled_ms, a)}));
    line(out, lang, "drill.flat", ARGS({"time", seconds(r->flat_ms, b)}));
    line(out, lang, "drill.requests",
         ARGS({"requests", count(r->requests, a)}, {"questions", count(r->questions, b)}));
    line(out, lang, "drill.fills",
         ARGS({"fills", count(r->fills, a)}, {"repeats", count(r->repeats, b)}));
    if (r->lost > 0)
        line(out, lang, "drill.lost", ARGS({"lost", count(r->lost, a)}));
    line(out, lang, "drill.profit", ARGS({"profit", money(r->profit_e8, m)}));
    if (r->planned_loss_e8 > 0)
        line(out, lang, "drill.planned", ARGS({"loss", money(-r->planned_loss_e8, m)}));
    line(out, lang, "drill.balance", ARGS({"engine", money(r->balance_e8, m)}));
    line(out, lang, "drill.venue", ARGS({"broker", money(r->venue_balance_e8, n)}));
}

static void one_line(struct buf *out, enum lang lang, const struct drill_result *r)
{
    char a[TIME_CAP], b[TIME_CAP];
    line(out, lang, r->verdict == DRILL_PASSED ? "drill.item_passed" : "drill.item_failed",
         ARGS({"name", drill_name(r->fault)}, {"time", seconds(r->settled_ms, a)},
              {"fills", count(r->fills, b)}));
}

void drill_report(const struct drill_options *o, const char *what, enum lang lang, struct buf *html)
{
    struct drill_result r;
    enum drill_fault fault = drill_parse(what);
    line(
        html, lang, "drill.title",
        ARGS({"name", fault == DRILL_UNSET ? "all" : drill_name(fault)}, {"trader", o->trader_id}));
    if (fault != DRILL_UNSET) {
        drill_run(o, fault, &r);
        details(html, lang, &r);
    } else
        for (int f = DRILL_UNSET + 1; f < DRILL_COUNT; f++) {
            drill_run(o, (enum drill_fault)f, &r);
            one_line(html, lang, &r);
            if (r.verdict != DRILL_PASSED)
                verdict(html, lang, &r);
        }
    line(html, lang, "drill.scratch", NULL);
}
