/* engine/prices.c: the list of watched levels and what a quote does to it.
 *
 * The list keeps the order in which levels were set; for each symbol and side the nearest level is
 * kept beside it, so that a quote which reaches nothing is recognised by four compares. Setting a
 * level only lowers or raises that figure; dropping one looks for it again among the levels of the
 * symbol. When levels are reached they are first taken out of the list, all of them, and then their
 * owners are told: an owner may set new ones, which wait for the next quote. */
#include "engine/prices.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"
#include "engine/exits.h"

/* One watch a position always finds room. */
#define FOR_CHAINS_MAX (PRICES_WATCHES_MAX - STATE_POSITIONS_MAX)

static bool goes_up(enum price_when when)
{
    return when == PRICE_BID_UP || when == PRICE_ASK_UP;
}

static bool is_valid(const struct price_watch *w)
{
    return w->when > PRICE_WHEN_UNSET && w->when < PRICE_WHEN_COUNT &&
           w->owner > PRICE_OWNER_UNSET && w->owner < PRICE_OWNER_COUNT && w->level_e8 > 0;
}

static void forget_nearest(struct prices *p, size_t symbol)
{
    for (int when = 0; when < PRICE_WHEN_COUNT; when++)
        p->nearest_e8[symbol][when] = goes_up((enum price_when)when) ? INT64_MAX : INT64_MIN;
    p->watched &= ~(UINT32_C(1) << symbol);
}

static void note_nearest(struct prices *p, const struct price_watch *w)
{
    TR_ASSERT(w->symbol < PRICES_SYMBOLS_MAX);
    int64_t *nearest = &p->nearest_e8[w->symbol][w->when];
    if (goes_up(w->when) ? w->level_e8 < *nearest : w->level_e8 > *nearest)
        *nearest = w->level_e8;
    p->watched |= UINT32_C(1) << w->symbol;
}

void prices_init(struct prices *p)
{
    p->count = 0;
    for (size_t i = 0; i < PRICES_SYMBOLS_MAX; i++)
        forget_nearest(p, i);
}

/* After levels of these symbols were dropped. */
static void find_nearest(struct prices *p, uint32_t symbols)
{
    for (size_t i = 0; i < PRICES_SYMBOLS_MAX; i++)
        if ((symbols >> i & 1) != 0)
            forget_nearest(p, i);
    for (size_t i = 0; i < p->count; i++)
        if ((symbols >> p->items[i].symbol & 1) != 0)
            note_nearest(p, &p->items[i]);
}

static int symbol_index(const char *name)
{
    for (size_t i = 0; i < symbol_count(); i++)
        if (strcmp(symbol_at(i)->name, name) == 0)
            return (int)i;
    return -1;
}

bool prices_watch(struct prices *p, const char *symbol, const struct price_watch *w)
{
    TR_ASSERT(is_valid(w));
    TR_ASSERT(symbol_count() <= PRICES_SYMBOLS_MAX);
    int i = symbol_index(symbol);
    size_t room = w->owner == PRICE_OWNER_POSITION ? PRICES_WATCHES_MAX : FOR_CHAINS_MAX;
    if (i < 0 || p->count >= room)
        return false;
    struct price_watch *kept = &p->items[p->count++];
    *kept = *w;
    kept->symbol = (uint8_t)i;
    note_nearest(p, kept);
    return true;
}

void prices_unwatch(struct prices *p, enum price_owner owner, uint64_t owner_id)
{
    size_t kept = 0;
    uint32_t symbols = 0;
    TR_ASSERT(p->count <= PRICES_WATCHES_MAX);
    for (size_t i = 0; i < p->count; i++) {
        const struct price_watch *w = &p->items[i];
        if (w->owner == owner && w->owner_id == owner_id)
            symbols |= UINT32_C(1) << w->symbol;
        else
            p->items[kept++] = *w;
    }
    p->count = kept;
    if (symbols != 0)
        find_nearest(p, symbols);
}

/* ---- quotes in ---- */

static void add_hits(const struct prices *p, struct broker *broker, struct input_quotes *ret)
{
    for (size_t i = 0; i < symbol_count(); i++) {
        struct quote q;
        const char *symbol = symbol_at(i)->name;
        if ((p->watched >> i & 1) == 0 || !broker->ops->quote(broker, symbol, &q))
            continue;
        if (q.bid_e8 > 0 && q.ask_e8 > 0 && prices_is_hit(p, i, q.bid_e8, q.ask_e8))
            input_quotes_add(ret, broker, symbol);
    }
}

struct input *prices_poll(const struct prices *p, struct broker *broker)
{
    struct input_quotes quotes = {.count = 0};
    if (p->watched != 0)
        add_hits(p, broker, &quotes);
    if (quotes.count == 0)
        return NULL;
    struct input *in = input_new(INPUT_PRICE);
    in->price = quotes;
    return in;
}

struct input *prices_input(struct broker *broker, const char *symbol)
{
    struct input *in = input_new(INPUT_PRICE);
    input_quotes_add(&in->price, broker, symbol);
    return in;
}

/* ---- reached ---- */

static bool is_reached(const struct price_watch *w, const struct quote *q)
{
    switch (w->when) {
    case PRICE_BID_UP:
        return q->bid_e8 >= w->level_e8;
    case PRICE_BID_DOWN:
        return q->bid_e8 <= w->level_e8;
    case PRICE_ASK_UP:
        return q->ask_e8 >= w->level_e8;
    case PRICE_ASK_DOWN:
        return q->ask_e8 <= w->level_e8;
    case PRICE_WHEN_UNSET:
    case PRICE_WHEN_COUNT:
        break;
    }
    TR_ASSERT(false && "a known side");
    return false;
}

/* Moves what the quote reaches out of the list; returns how many. */
static size_t take_reached(struct prices *p, size_t symbol, const struct quote *q,
                           struct price_watch *ret)
{
    size_t kept = 0, taken = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct price_watch *w = &p->items[i];
        if (w->symbol == symbol && is_reached(w, q))
            ret[taken++] = *w;
        else
            p->items[kept++] = *w;
    }
    p->count = kept;
    if (taken > 0)
        find_nearest(p, UINT32_C(1) << symbol);
    return taken;
}

static void dispatch(struct engine_tx *tx, const struct price_watch *w, const struct quote *q)
{
    switch (w->owner) {
    case PRICE_OWNER_POSITION:
        exits_on_price(tx, w->owner_id, q);
        break;
    case PRICE_OWNER_CHAIN:
        chains_on_price(tx, w->owner_id, w->tag);
        break;
    case PRICE_OWNER_SHADOW: /* shadow_on_quotes() looks at all of them, with every input */
        break;
    case PRICE_OWNER_UNSET:
    case PRICE_OWNER_COUNT:
        TR_ASSERT(false && "an owner who listens");
    }
}

void prices_apply(struct engine_tx *tx, const struct input_quotes *quotes)
{
    struct prices *p = &tx->s->prices;
    for (size_t i = 0; i < quotes->count; i++) {
        const struct quote *q = &quotes->items[i].quote;
        int symbol = symbol_index(quotes->items[i].symbol);
        if (symbol < 0 || !prices_is_hit(p, (size_t)symbol, q->bid_e8, q->ask_e8))
            continue;
        struct price_watch *reached TR_CLEANUP(mem_freep) = xcalloc(p->count, sizeof(*reached));
        size_t n = take_reached(p, (size_t)symbol, q, reached);
        chains_by_priority(tx->s, reached, n);
        for (size_t k = 0; k < n; k++)
            dispatch(tx, &reached[k], q);
    }
}

/* ---- the snapshot ---- */

void prices_pack(const struct prices *p, struct buf *out)
{
    pack_u64(out, p->count);
    for (size_t i = 0; i < p->count; i++) {
        const struct price_watch *w = &p->items[i];
        TR_ASSERT(is_valid(w));
        pack_str(out, symbol_at(w->symbol)->name);
        pack_i64(out, w->when);
        pack_i64(out, w->owner);
        pack_u64(out, w->owner_id);
        pack_u64(out, w->tag);
        pack_i64(out, w->level_e8);
    }
}

void prices_unpack(struct prices *p, struct unpack *u)
{
    uint64_t count = unpack_u64(u);
    prices_init(p);
    u->failed = u->failed || count > PRICES_WATCHES_MAX;
    for (uint64_t i = 0; i < count && unpack_ok(u); i++) {
        char symbol[SYMBOL_CAP];
        struct price_watch w = {0};
        unpack_str(u, symbol, sizeof(symbol));
        w.when = (enum price_when)unpack_int(u, PRICE_WHEN_UNSET + 1, PRICE_WHEN_COUNT - 1);
        w.owner = (enum price_owner)unpack_int(u, PRICE_OWNER_UNSET + 1, PRICE_OWNER_COUNT - 1);
        w.owner_id = unpack_u64(u);
        w.tag = (uint32_t)unpack_u64(u);
        w.level_e8 = unpack_i64(u);
        u->failed = u->failed || !is_valid(&w) || !prices_watch(p, symbol, &w);
    }
}
