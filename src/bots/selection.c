/* bots/selection.c: words become terms, each position is held against all of them. */
#include "bots/selection.h"

#include <string.h>

#include "bots/command_line.h"
#include "bots/format.h"
#include "core/alloc.h"
#include "model/symbol.h"

#define TERMS_MAX 32

enum term_kind {
    TERM_UNSET = 0,
    TERM_ALL,
    TERM_ID,
    TERM_SYMBOL,
    TERM_SIDE,
    TERM_PLUGIN,
    TERM_ROUTE,
    TERM_ROLE,
    TERM_PROFIT, /* from here on: comparisons, each narrows down by itself */
    TERM_PERCENT,
    TERM_AGE,
    TERM_LOTS,
    TERM_KIND_COUNT
};

struct term {
    enum term_kind kind;
    uint64_t cid;
    enum side side;
    enum order_role role;
    char word[64];
    bool is_more, or_equal;
    int64_t value; /* 1e-8; AGE: ms */
};

struct terms {
    struct term items[TERMS_MAX];
    size_t count;
};

/* ---- words ---- */

static bool read_comparison(const char *word, struct term *t)
{
    static const struct {
        const char *name;
        enum term_kind kind;
    } figures[] = {{"profit", TERM_PROFIT}, {"age", TERM_AGE}, {"lots", TERM_LOTS}};
    size_t n = strcspn(word, "<>");
    if (word[n] == '\0')
        return false;
    for (size_t i = 0; i < TR_ARRAY_SIZE(figures); i++)
        if (strlen(figures[i].name) == n && strncmp(figures[i].name, word, n) == 0)
            t->kind = figures[i].kind;
    t->is_more = word[n] == '>';
    t->or_equal = word[n + 1] == '=';
    const char *value = word + n + 1 + t->or_equal;
    size_t len = strlen(value);
    if (t->kind == TERM_UNSET || len == 0)
        return false;
    if (t->kind == TERM_AGE) {
        static const char units[] = "smhd";
        static const int64_t ms[] = {1000, 60000, 3600000, 86400000};
        const char *unit = strchr(units, value[len - 1]);
        /* Whole numbers below a million of a unit: nothing overflows. */
        if (unit == NULL || len > 7 || !dec_parse(value, len - 1, &t->value) ||
            t->value % DEC_ONE != 0 || t->value < 0)
            return false;
        t->value = t->value / DEC_ONE * ms[unit - units];
        return true;
    }
    if (t->kind == TERM_PROFIT && value[len - 1] == '%') {
        t->kind = TERM_PERCENT;
        len--;
    }
    return len < 16 && dec_parse(value, len, &t->value);
}

static bool read_name(const char *word, struct term *t)
{
    static const struct {
        const char *name;
        struct term term;
    } names[] = {
        {"all", {.kind = TERM_ALL}},
        {"winners", {.kind = TERM_PROFIT, .is_more = true}},
        {"losers", {.kind = TERM_PROFIT, .is_more = false}},
        {"buys", {.kind = TERM_SIDE, .side = SIDE_BUY}},
        {"buy", {.kind = TERM_SIDE, .side = SIDE_BUY}},
        {"longs", {.kind = TERM_SIDE, .side = SIDE_BUY}},
        {"sells", {.kind = TERM_SIDE, .side = SIDE_SELL}},
        {"sell", {.kind = TERM_SIDE, .side = SIDE_SELL}},
        {"shorts", {.kind = TERM_SIDE, .side = SIDE_SELL}},
        {"v3", {.kind = TERM_PLUGIN, .word = "combined_v3"}},
        {"v6", {.kind = TERM_PLUGIN, .word = "price_action_v6"}},
        {"v2", {.kind = TERM_PLUGIN, .word = "legacy_v2"}},
        {"manual", {.kind = TERM_ROLE, .role = ORDER_ROLE_MANUAL}},
        {"order_a", {.kind = TERM_ROLE, .role = ORDER_ROLE_A}},
        {"order_b", {.kind = TERM_ROLE, .role = ORDER_ROLE_B}},
    };
    static const char *const routes[] = {"logic1", "logic2", "logic3", "1m",
                                         "5m",     "15m",    "1h",     "4h"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        if (str_ieq(names[i].name, word)) {
            *t = names[i].term;
            return true;
        }
    for (size_t i = 0; i < TR_ARRAY_SIZE(routes); i++)
        if (str_ieq(routes[i], word)) {
            t->kind = TERM_ROUTE;
            return str_copy(t->word, sizeof t->word, routes[i]);
        }
    return false;
}

static bool looks_like_id(const char *word)
{
    word += *word == '#';
    size_t n = strspn(word, "0123456789");
    return n > 0 && (word[n] == '\0' || word[n + 1] == '\0');
}

static enum selection_result read_term(const struct engine_tx *tx, const char *word, struct term *t)
{
    char symbol[SYMBOL_CAP];
    *t = (struct term){0};
    for (size_t i = 0; i < tx_position_count(tx); i++)
        if (format_ref_matches(word, tx_position_at(tx, i)->cid)) {
            t->kind = TERM_ID;
            t->cid = tx_position_at(tx, i)->cid;
            return SELECTION_OK;
        }
    if (read_name(word, t) || read_comparison(word, t))
        return SELECTION_OK;
    if (looks_like_id(word))
        return SELECTION_E_GONE;
    if (!symbol_normalise(word, symbol) || symbol_find(symbol) == NULL)
        return SELECTION_E_WORD;
    t->kind = TERM_SYMBOL;
    (void)str_copy(t->word, sizeof t->word, symbol); /* fits */
    return SELECTION_OK;
}

/* ---- positions ---- */

static bool holds(const struct term *t, int64_t number)
{
    if (number == t->value)
        return t->or_equal;
    return (number > t->value) == t->is_more;
}

/* Percent of the balance, 1e-8. */
static int64_t percent_e8(const struct engine_tx *tx, int64_t profit_e8)
{
    struct tx_account account;
    tx_account(tx, &account);
    if (account.balance_e8 <= 0)
        return 0;
    return dec_muldiv(profit_e8, 100 * DEC_ONE, account.balance_e8, DEC_HALF_AWAY);
}

static bool matches(const struct engine_tx *tx, const struct term *t, const struct position *p)
{
    switch (t->kind) {
    case TERM_ALL:
        return true;
    case TERM_ID:
        return p->cid == t->cid;
    case TERM_SYMBOL:
        return strcmp(p->symbol, t->word) == 0;
    case TERM_SIDE:
        return p->side == t->side;
    case TERM_PLUGIN:
        return strcmp(p->plugin, t->word) == 0;
    case TERM_ROUTE:
        return str_ieq(p->route, t->word);
    case TERM_ROLE:
        return p->role == t->role;
    case TERM_PROFIT:
        return holds(t, tx_position_profit_e8(tx, p));
    case TERM_PERCENT:
        return holds(t, percent_e8(tx, tx_position_profit_e8(tx, p)));
    case TERM_AGE:
        return holds(t, tx_now_ms(tx) - p->opened_ms);
    case TERM_LOTS:
        return holds(t, p->lots_e8);
    case TERM_UNSET:
    case TERM_KIND_COUNT:
        break;
    }
    TR_ASSERT(false && "a known term");
    return false;
}

static bool is_comparison(enum term_kind k)
{
    return k >= TERM_PROFIT;
}

/* Each kind that occurs has to be met by one of its words; each comparison by itself. */
static bool is_selected(const struct engine_tx *tx, const struct terms *terms,
                        const struct position *p)
{
    bool occurs[TERM_KIND_COUNT] = {false}, met[TERM_KIND_COUNT] = {false};
    for (size_t i = 0; i < terms->count; i++) {
        const struct term *t = &terms->items[i];
        bool is_met = matches(tx, t, p);
        if (is_comparison(t->kind) && !is_met)
            return false;
        occurs[t->kind] = true;
        met[t->kind] = met[t->kind] || is_met;
    }
    for (int k = 0; k < TERM_KIND_COUNT; k++)
        if (occurs[k] && !met[k])
            return false;
    return terms->count > 0;
}

static bool asks_for_profit(const struct terms *terms)
{
    for (size_t i = 0; i < terms->count; i++)
        if (terms->items[i].kind == TERM_PROFIT || terms->items[i].kind == TERM_PERCENT)
            return true;
    return false;
}

enum selection_result selection_make(const struct engine_tx *tx, const char *text,
                                     struct selection *ret)
{
    struct terms terms = {.count = 0};
    struct quote q;
    *ret = (struct selection){0};
    while (command_line_word(&text, ret->word, sizeof ret->word)) {
        if (terms.count == TERMS_MAX)
            return SELECTION_E_WORD;
        enum selection_result r = read_term(tx, ret->word, &terms.items[terms.count++]);
        if (r != SELECTION_OK)
            return r;
    }
    ret->is_one = terms.count == 1 && terms.items[0].kind == TERM_ID;
    bool by_profit = asks_for_profit(&terms);
    for (size_t i = 0; i < tx_position_count(tx); i++) {
        const struct position *p = tx_position_at(tx, i);
        if (by_profit && !tx_quote(tx, p->symbol, &q)) {
            ret->needs_quote = true; /* not known to have won or lost */
            continue;
        }
        TR_ASSERT(ret->count < PICKS_CIDS_MAX);
        if (is_selected(tx, &terms, p))
            ret->cids[ret->count++] = p->cid;
    }
    return SELECTION_OK;
}
