/* engine/chains_impl.h: between the files of chains.h: chains.c (frame, encoding), chains_place.c
 * (gates and orders), chains_reentry.c, chains_profit.c (the two machines). Engine thread only. */
#ifndef TRIDENT_ENGINE_CHAINS_IMPL_H
#define TRIDENT_ENGINE_CHAINS_IMPL_H

#include "engine/apply.h"

#define CHAINS_RETRY_MS INT64_C(5000)  /* refused for now: looked at again */
#define CHAINS_CHECK_MS INT64_C(60000) /* between two checks of what is missing */
#define CHAINS_CHECKS   3              /* then it is gone */

/* What a price level of a chain is for. */
enum chain_tag {
    CHAIN_TAG_ENTER = 1,
    CHAIN_TAG_SHIELD_OPEN,
    CHAIN_TAG_SHIELD_KILL,
    CHAIN_TAG_ADVANCE,
    CHAIN_TAG_ORDER = 16, /* + index of the profit chain's order: booking, or its recovery */
};

/* ---- chains_place.c ---- */

/* NULL: the plugin has no chains. */
const struct chain_conf *chains_conf(const struct engine_state *s, const char *plugin);
struct chain_day *chains_day(struct engine_state *s, const char *plugin);
/* RT-3, RT-8, RT-12: is the trend with this side? What nothing is known of agrees. By candles
 * (RE-9) it has to be clear. */
bool chains_trend_agrees(const struct engine_state *s, const struct chain_base *b, enum side side);
/* The price a trade on this side is closed at, from the quotes of this input. */
bool chains_price(const struct engine_tx *tx, const char *symbol, enum side side,
                  int64_t *ret_price_e8);
/* Tells the chain once when a trade on `side` could be closed at level_e8 or better. */
void chains_watch(struct engine_tx *tx, const struct chain_base *b, enum side side,
                  int64_t level_e8, uint32_t tag);
/* Tells the chain with the next quote of its symbol. */
void chains_watch_next(struct engine_tx *tx, const struct chain_base *b, uint32_t tag);

struct chains_want {
    const struct chain_base *base;
    const char *also_id; /* another chain of the same trade; NULL = none */
    enum order_role role;
    enum side side;
    int64_t lots_e8;
    int64_t sl_pips_e8; /* from the market, with rr_e8; or absolute: */
    int64_t rr_e8;
    int64_t sl_e8, tp_e8; /* DEC_NONE = by pips and rr */
    bool is_same_trade;   /* a level of the same trade: does not count against entries a day */
};
struct chains_answer {
    enum reason reason;          /* ACCEPTED or why not */
    int64_t number_e8, limit_e8; /* of a limit; DEC_NONE else */
    uint64_t cid;
    int64_t lots_e8, entry_e8, sl_e8, tp_e8;
};
/* Through every gate to the order manager. */
struct chains_answer chains_place(struct engine_tx *tx, const struct chains_want *w);
/* May be allowed in a minute: paused, link, limits, no quote. */
bool chains_is_for_now(enum reason r);
/* RE-15 at the beginning of a recovery (concurrent: of all chains of the plugin) and at its order;
 * a limit that is reached begins the wait. */
struct chains_answer chains_limits(struct engine_tx *tx, const char *plugin, int concurrent);
int chains_concurrent(const struct engine_state *s, const char *plugin);

/* ---- chains.c ---- */

struct event chains_event(const struct engine_tx *tx, const struct chain_base *b,
                          enum event_type type);
/* An order of the chain was refused for now: people hear each reason once. */
void chains_tell_blocked(struct engine_tx *tx, struct chain_base *b, const struct chains_answer *a);
/* The one writer of a chain's state. */
void chain_set_state(struct engine_tx *tx, struct chain_base *b, enum chain_state to);
bool chain_state_is_terminal(enum chain_state s);

/* ---- chains_reentry.c ---- */

void chains_reentry_begin(struct engine_tx *tx, const struct position *p);
void chains_reentry_on_open(struct engine_tx *tx, struct chain *c, const struct position *p);
/* p is of the chain's trade, or of its shield. */
void chains_reentry_on_close(struct engine_tx *tx, struct chain *c, const struct chains_close *x);
void chains_reentry_on_failed(struct engine_tx *tx, struct chain *c, const struct order *o);
void chains_reentry_on_price(struct engine_tx *tx, struct chain *c, uint32_t tag);
void chains_reentry_timer(struct engine_tx *tx, struct chain *c);
void chains_reentry_check(struct engine_tx *tx, struct chain *c);
void chains_reentry_stop(struct engine_tx *tx, struct chain *c, enum reason why);

/* ---- chains_profit.c ---- */

void chains_profit_begin(struct engine_tx *tx, const struct position *p);
void chains_profit_on_open(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o,
                           const struct position *p);
void chains_profit_on_close(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o,
                            const struct chains_close *x);
void chains_profit_on_failed(struct engine_tx *tx, struct profit_chain *c, struct profit_order *o,
                             const struct order *failed);
void chains_profit_on_price(struct engine_tx *tx, struct profit_chain *c, uint32_t tag);
void chains_profit_timer(struct engine_tx *tx, struct profit_chain *c);
int64_t chains_profit_due_ms(const struct profit_chain *c);
void chains_profit_check(struct engine_tx *tx, struct profit_chain *c);
void chains_profit_stop(struct engine_tx *tx, struct profit_chain *c, enum reason why);
void profit_set_state(struct profit_order *o, enum profit_order_state to);
void chains_profit_state_event(struct engine_tx *tx, const struct profit_chain *c);
void chains_reentry_state_event(struct engine_tx *tx, const struct chain *c);

#endif
