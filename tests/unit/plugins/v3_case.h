/* What the tests of combined_v3 share: one alert that is accepted with default configuration, so
 * that each test changes the one thing it is about. XAUUSD buy at 2650.00, tick 0.01, spread 0.25
 * (bid 2650.00, ask 2650.25), score 7, LOGIC2. */
#ifndef TRIDENT_TESTS_UNIT_PLUGINS_V3_CASE_H
#define TRIDENT_TESTS_UNIT_PLUGINS_V3_CASE_H

#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "plugins/combined_v3/rules.h"

#define NOW_MS INT64_C(1767600000000)

struct v3_case {
    struct combined_v3_conf conf;
    struct plugin_snapshot snap;
    struct signal signal;
    struct position positions[8];
    struct plugin_seen seen[4];
    struct decision d;
};

static inline int64_t e8(const char *s)
{
    int64_t v = 0;
    cr_assert(dec_parse(s, strlen(s), &v), "%s", s);
    return v;
}

static inline void case_symbol(struct v3_case *c, const char *symbol, const char *bid,
                               const char *ask)
{
    (void)str_copy(c->signal.symbol, sizeof(c->signal.symbol), symbol);
    c->snap.quote.bid_e8 = bid != NULL ? e8(bid) : 0;
    c->snap.quote.ask_e8 = ask != NULL ? e8(ask) : 0;
}

static inline void case_prices(struct v3_case *c, const char *price, const char *sl,
                               const char *tp1, const char *tp2)
{
    c->signal.price_e8 = price != NULL ? e8(price) : DEC_NONE;
    c->signal.sl_e8 = sl != NULL ? e8(sl) : DEC_NONE;
    c->signal.tp1_e8 = tp1 != NULL ? e8(tp1) : DEC_NONE;
    c->signal.tp2_e8 = tp2 != NULL ? e8(tp2) : DEC_NONE;
}

static inline void case_mtf(struct v3_case *c, int count, const int *values)
{
    c->signal.mtf_count = count;
    for (int i = 0; i < count; i++)
        c->signal.mtf[i] = (int8_t)values[i];
}

static inline void case_position(struct v3_case *c, uint64_t cid, enum side side,
                                 const char *chain_id)
{
    struct position *p = &c->positions[c->snap.position_count++];
    *p =
        (struct position){.cid = cid, .side = side, .role = ORDER_ROLE_A, .lots_e8 = DEC_ONE / 100};
    (void)str_copy(p->symbol, sizeof(p->symbol), c->signal.symbol);
    (void)str_copy(p->plugin, sizeof(p->plugin), "combined_v3");
    (void)str_copy(p->chain_id, sizeof(p->chain_id), chain_id);
}

static inline void case_init(struct v3_case *c)
{
    memset(c, 0, sizeof(*c));
    combined_v3_conf_defaults(&c->conf);
    c->signal = (struct signal)SIGNAL_INIT;
    c->signal.format = SIGNAL_FORMAT_V3;
    c->signal.kind = SIGNAL_V3_MOMENTUM_BREAKOUT;
    c->signal.side = SIDE_BUY;
    c->signal.tf = TF_15M;
    c->signal.score = 7;
    c->signal.received_ms = NOW_MS;
    case_symbol(c, "XAUUSD", "2650.00", "2650.25");
    case_prices(c, "2650.10", "2644.10", "2659.10", "2668.10");
    c->snap.now_ms = NOW_MS;
    c->snap.balance_e8 = 10000 * DEC_ONE;
    c->snap.positions = c->positions;
    c->snap.seen = c->seen;
}

static inline void case_sell(struct v3_case *c)
{
    c->signal.side = SIDE_SELL;
    c->signal.score = 2;
    case_prices(c, "2650.10", "2656.10", "2641.10", "2632.10");
}

static inline const struct decision *case_decide(struct v3_case *c)
{
    decision_init(&c->d, combined_v3_plugin.id);
    cr_assert_eq(combined_v3_plugin.decide(&c->conf, &c->snap, &c->signal, &c->d), 0);
    cr_assert(c->d.action != DECISION_SKIP || c->d.order_count == 0, "never orders with a SKIP");
    cr_assert(c->d.action != DECISION_SKIP || c->d.close_count == 0, "never closes with a SKIP");
    cr_assert_gt(c->d.reason_count, 0);
    return &c->d;
}

static inline void expect_execute(struct v3_case *c)
{
    const struct decision *d = case_decide(c);
    cr_assert_eq(d->action, DECISION_EXECUTE, "%s: %s", decision_action_name(d->action),
                 reason_code(d->reasons[0]));
    cr_assert_eq(d->reasons[0], REASON_ACCEPTED);
}

static inline void expect_skip(struct v3_case *c, enum reason why)
{
    const struct decision *d = case_decide(c);
    cr_assert_eq(d->action, DECISION_SKIP, "%s", decision_action_name(d->action));
    cr_assert_eq(d->reasons[0], why, "%s, not %s", reason_code(d->reasons[0]), reason_code(why));
}

static inline void expect_e8(int64_t got_e8, const char *want)
{
    char text[DEC_TEXT_CAP] = "none";
    if (got_e8 != DEC_NONE)
        (void)dec_format(got_e8, text);
    cr_assert_str_eq(text, want, "%s, not %s", text, want);
}

static inline int64_t number_of(const struct decision *d, const char *name)
{
    for (int i = 0; i < d->number_count; i++)
        if (strcmp(d->numbers[i].name, name) == 0)
            return d->numbers[i].value_e8;
    return DEC_NONE;
}

#endif
