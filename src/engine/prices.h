/* engine/prices.h: which market prices the engine reacts to. The state says which levels are
 * watched, by whom; a quote that reaches one of them becomes a journaled input (INPUT_PRICE, with
 * the quotes in it), and applying that input tells the owners. Nothing else about prices enters the
 * state: quotes that cross no level cost no row and leave no trace.
 *
 *   live:      prices_poll() at an interval, from the broker's quotes -> INPUT_PRICE -> apply
 *   back test: every tick through prices_is_hit() (a few compares) -> INPUT_PRICE -> apply
 *
 * Contract for owners (position rules: exits.c; chains: chains.c):
 * - prices_watch() asks to be told once when the quote reaches the level. It is told also when the
 *   level is already behind the present quote, with the next quote that is looked at.
 * - Being told removes the watch. Who wants to go on watches again, from inside the callback too;
 *   levels set there are looked at with the next quote, not this one.
 * - owner is a kind and an id (position cid, chain number ...); tag is the owner's own word for the
 *   level, e.g. which rule. prices_unwatch() drops all of one owner.
 * - An owner may be told of a level it has just dropped (two of its levels reached at once), and of
 *   one whose id it does not know any more: it must bear that.
 * - Callbacks come in the order in which the levels were set, but recoveries of chains by their
 *   priority (chains_by_priority()), see dispatch() in prices.c: one case
 *   a kind of owner.
 * Deterministic, no clock, no I/O but prices_poll(). Engine thread only. */
#ifndef TRIDENT_ENGINE_PRICES_H
#define TRIDENT_ENGINE_PRICES_H

#include "engine/engine.h"

#define PRICES_WATCHES_MAX 4096
#define PRICES_SYMBOLS_MAX 32

struct engine_state;
struct engine_tx;

/* Which side of the quote reaches the level, from where. What closes a buy is the bid. */
enum price_when {
    PRICE_WHEN_UNSET = 0,
    PRICE_BID_UP,   /* bid >= level */
    PRICE_BID_DOWN, /* bid <= level */
    PRICE_ASK_UP,   /* ask >= level */
    PRICE_ASK_DOWN, /* ask <= level */
    PRICE_WHEN_COUNT
};

enum price_owner {
    PRICE_OWNER_UNSET = 0,
    PRICE_OWNER_POSITION, /* exits.c; id: position cid */
    PRICE_OWNER_CHAIN,    /* chains.c; id: theirs */
    PRICE_OWNER_SHADOW,   /* shadow_virtual.c; id: cid of a virtual position */
    PRICE_OWNER_COUNT
};

struct price_watch {
    enum price_when when;
    enum price_owner owner;
    uint64_t owner_id;
    uint32_t tag;
    uint8_t symbol; /* index into the model's table */
    int64_t level_e8;
};

struct prices {
    struct price_watch items[PRICES_WATCHES_MAX]; /* in the order they were set */
    size_t count;
    /* Of each symbol the level nearest to the quote, for each enum price_when: follows from items.
     * No watch: a level no quote reaches. */
    int64_t nearest_e8[PRICES_SYMBOLS_MAX][PRICE_WHEN_COUNT];
    uint32_t watched; /* bit i: symbol i has a level */
};

void prices_init(struct prices *p);
/* False: unknown symbol, or no room (the owner must live without; counted by nobody). */
TR_MUST_USE bool prices_watch(struct prices *p, const char *symbol, const struct price_watch *w);
void prices_unwatch(struct prices *p, enum price_owner owner, uint64_t owner_id);
/* Does this quote reach a level of symbol number i (symbol_at)? The whole cost of a tick. */
static inline bool prices_is_hit(const struct prices *p, size_t i, int64_t bid_e8, int64_t ask_e8)
{
    const int64_t *level = p->nearest_e8[i];
    return bid_e8 >= level[PRICE_BID_UP] || bid_e8 <= level[PRICE_BID_DOWN] ||
           ask_e8 >= level[PRICE_ASK_UP] || ask_e8 <= level[PRICE_ASK_DOWN];
}

/* An INPUT_PRICE when a watched level is reached at the broker's quotes; NULL otherwise. */
struct input *prices_poll(const struct prices *p, struct broker *broker);
/* An INPUT_PRICE of the symbol's present quote, for back tests that have found it to be a hit. */
struct input *prices_input(struct broker *broker, const char *symbol);
/* Applies one: tells the owners of every level its quotes reach. */
void prices_apply(struct engine_tx *tx, const struct input_quotes *quotes);

void prices_pack(const struct prices *p, struct buf *out);
void prices_unpack(struct prices *p, struct unpack *u);

#endif
