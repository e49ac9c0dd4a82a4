/* What the tests of price_action_v6 share: one alert that is accepted with default configuration,
 * so that each test changes the one thing it is about. EURUSD buy at 1.10000 on 5m, stop 20 pips,
 * TP1 to TP3 one to three R, ADX 25, score 70; quote without spread; nothing stored about trends.
 */
#ifndef TRIDENT_TESTS_UNIT_PLUGINS_V6_CASE_H
#define TRIDENT_TESTS_UNIT_PLUGINS_V6_CASE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "plugins/plugin.h"
#include "plugins/price_action_v6/rules.h"

#define NOW_MS INT64_C(1767600000000)

struct v6_case {
    struct price_action_v6_conf conf;
    struct plugin_snapshot snap;
    struct signal signal;
    struct position positions[12];
    struct plugin_seen seen[4];
    struct plugin_route routes[4];
    struct trends trends;
    struct decision d;
};

static inline int64_t e8(const char *s)
{
    int64_t v = 0;
    cr_assert(dec_parse(s, strlen(s), &v), "%s", s);
    return v;
}

static inline void case_quote(struct v6_case *c, const char *bid, const char *ask)
{
    c->snap.quote.bid_e8 = bid != NULL ? e8(bid) : 0;
    c->snap.quote.ask_e8 = ask != NULL ? e8(ask) : 0;
}

static inline void case_prices(struct v6_case *c, const char *price, const char *sl,
                               const char *tp1, const char *tp2, const char *tp3)
{
    c->signal.price_e8 = price != NULL ? e8(price) : DEC_NONE;
    c->signal.sl_e8 = sl != NULL ? e8(sl) : DEC_NONE;
    c->signal.tp1_e8 = tp1 != NULL ? e8(tp1) : DEC_NONE;
    c->signal.tp2_e8 = tp2 != NULL ? e8(tp2) : DEC_NONE;
    c->signal.tp3_e8 = tp3 != NULL ? e8(tp3) : DEC_NONE;
}

static inline void case_pulse(struct v6_case *c, enum timeframe tf, int bull, int bear,
                              const char *state)
{
    struct signal s = SIGNAL_INIT;
    (void)str_copy(s.symbol, sizeof(s.symbol), c->signal.symbol);
    s.tf = tf;
    s.bull_count = bull;
    s.bear_count = bear;
    (void)str_copy(s.state, sizeof(s.state), state);
    cr_assert(trends_put_pulse(&c->trends, &s, NOW_MS - 1000));
}

static inline void case_momentum(struct v6_case *c, enum timeframe tf, const char *way)
{
    struct signal s = SIGNAL_INIT;
    (void)str_copy(s.symbol, sizeof(s.symbol), c->signal.symbol);
    s.tf = tf;
    s.adx_e8 = 26 * DEC_ONE;
    (void)str_copy(s.text, sizeof(s.text), way);
    cr_assert(trends_put_momentum(&c->trends, &s, NOW_MS - 1000));
}

static inline void case_position(struct v6_case *c, enum side side, const char *route,
                                 const char *chain_id)
{
    cr_assert_lt(c->snap.position_count, TR_ARRAY_SIZE(c->positions));
    struct position *p = &c->positions[c->snap.position_count++];
    *p = (struct position){
        .cid = c->snap.position_count, .side = side, .role = ORDER_ROLE_A, .lots_e8 = DEC_ONE / 10};
    (void)str_copy(p->symbol, sizeof(p->symbol), c->signal.symbol);
    (void)str_copy(p->plugin, sizeof(p->plugin), "price_action_v6");
    (void)str_copy(p->route, sizeof(p->route), route);
    (void)str_copy(p->chain_id, sizeof(p->chain_id), chain_id);
}

static inline void case_init(struct v6_case *c)
{
    memset(c, 0, sizeof(*c));
    price_action_v6_conf_defaults(&c->conf);
    c->conf.enabled = true;
    c->signal = (struct signal)SIGNAL_INIT;
    c->signal.format = SIGNAL_FORMAT_V6;
    c->signal.kind = SIGNAL_V6_BULLISH_ENTRY;
    c->signal.side = SIDE_BUY;
    c->signal.tf = TF_5M;
    c->signal.score = 70;
    c->signal.adx_e8 = 25 * DEC_ONE;
    (void)str_copy(c->signal.symbol, sizeof(c->signal.symbol), "EURUSD");
    case_prices(c, "1.10000", "1.09800", "1.10200", "1.10400", "1.10600");
    case_quote(c, "1.10000", "1.10000");
    c->snap.now_ms = NOW_MS;
    c->snap.balance_e8 = 10000 * DEC_ONE;
    c->snap.positions = c->positions;
    c->snap.seen = c->seen;
    c->snap.routes = c->routes;
    c->snap.trends = &c->trends;
}

static inline void case_sell(struct v6_case *c)
{
    c->signal.kind = SIGNAL_V6_BEARISH_ENTRY;
    c->signal.side = SIDE_SELL;
    case_prices(c, "1.10000", "1.10200", "1.09800", "1.09600", "1.09400");
}

/* An alert with the least that its timeframe's strategy accepts. */
static inline void case_tf(struct v6_case *c, enum timeframe tf, const char *adx, int score)
{
    c->signal.tf = tf;
    c->signal.adx_e8 = adx != NULL ? e8(adx) : DEC_NONE;
    c->signal.score = score;
}

static inline const struct decision *case_decide(struct v6_case *c)
{
    decision_init(&c->d, price_action_v6_plugin.id);
    cr_assert_eq(price_action_v6_plugin.decide(&c->conf, &c->snap, &c->signal, &c->d), 0);
    cr_assert(c->d.action != DECISION_SKIP || c->d.order_count == 0, "never orders with a SKIP");
    cr_assert(c->d.action != DECISION_SKIP || c->d.close_count == 0, "never closes with a SKIP");
    cr_assert_gt(c->d.reason_count, 0);
    return &c->d;
}

static inline void expect_execute(struct v6_case *c)
{
    const struct decision *d = case_decide(c);
    cr_assert_eq(d->action, DECISION_EXECUTE, "%s: %s", decision_action_name(d->action),
                 reason_code(d->reasons[0]));
    cr_assert_eq(d->reasons[0], REASON_ACCEPTED);
}

static inline void expect_skip(struct v6_case *c, enum reason why)
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

static inline void expect_refused(struct v6_case *c, enum reason why, const char *number,
                                  const char *limit)
{
    expect_skip(c, why);
    expect_e8(c->d.number_e8, number);
    expect_e8(c->d.limit_e8, limit);
}

static inline int64_t number_of(const struct decision *d, const char *name)
{
    for (int i = 0; i < d->number_count; i++)
        if (strcmp(d->numbers[i].name, name) == 0)
            return d->numbers[i].value_e8;
    return DEC_NONE;
}

#endif
