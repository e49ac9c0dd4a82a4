/* http/decide_state.c: the JSON of a supposed state into an engine_state. Tables name the keys of
 * each kind of object and the function that reads one; read_members() walks an object along its
 * table, in the table's order (base_lot before the positions that default to it), and reports what
 * is missing, what is of the wrong type, and what no table knows. Nothing stops at the first
 * problem. Maps by symbol and timeframe go through each_symbol() and each_timeframe(). Numbers are
 * taken from their text, never through floating point. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "http/decide_impl.h"

#define E8(n)          ((int64_t)(n)*DEC_ONE)
#define MONEY_MAX_E8   E8(1000000000)
#define PRICE_MAX_E8   E8(10000000)
#define LEVEL_MAX      1000
#define COUNT_MAX      1000
#define PULSE_TEXT_CAP 24

#define SYMBOL_WORDS "a known symbol, e.g. XAUUSD or EURUSD"
#define SIDE_WORDS   "BUY or SELL"
#define TIME_WORDS   "a time as RFC 3339, e.g. 2026-01-05T10:00:00Z"

/* item: what the value belongs to: a position, a quote, a symbol's name; NULL at the top. */
typedef void read_fn(struct decide *d, const char *path, struct json_object *v, void *item);

struct member {
    const char *name;
    read_fn *read;
    const char *needed; /* what a value must be, where one is needed; NULL = may be absent */
};

struct members {
    const struct member *list;
    size_t count;
};

/* ---- walking ---- */

static void path_join(char out[DECIDE_PATH_CAP], const char *path, const char *name)
{
    (void)snprintf(out, DECIDE_PATH_CAP, "%s%s%s", path, path[0] != '\0' ? "." : "", name);
}

static bool is_member(const struct members *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (str_eq(m->list[i].name, name))
            return true;
    return false;
}

static void unknown_member(struct decide *d, const char *path, const struct members *m)
{
    struct buf names TR_CLEANUP(buf_deinit);
    buf_init(&names, 1024);
    buf_puts(&names, "no such key: one of");
    for (size_t i = 0; i < m->count; i++)
        buf_printf(&names, "%s %s", i > 0 ? "," : "", m->list[i].name);
    conf_problem_add(&d->problems, path, "(unknown key)", names.data);
}

static bool is_object(struct decide *d, const char *path, struct json_object *v)
{
    if (json_object_is_type(v, json_type_object))
        return true;
    decide_problem(d, path[0] != '\0' ? path : "state", v, "an object");
    return false;
}

static void read_members(struct decide *d, const char *path, struct json_object *o,
                         const struct members *m, void *item)
{
    char child[DECIDE_PATH_CAP];
    if (!is_object(d, path, o))
        return;
    for (size_t i = 0; i < m->count; i++) {
        struct json_object *v = NULL;
        (void)json_object_object_get_ex(o, m->list[i].name, &v);
        path_join(child, path, m->list[i].name);
        if (v != NULL)
            m->list[i].read(d, child, v, item);
        else if (m->list[i].needed != NULL)
            decide_problem(d, child, NULL, m->list[i].needed);
    }
    json_object_object_foreach(o, name, value)
    {
        (void)value;
        path_join(child, path, name);
        if (!is_member(m, name))
            unknown_member(d, child, m);
    }
}

static bool known_symbol(struct decide *d, const char *path, const char *raw, char out[SYMBOL_CAP])
{
    if (symbol_normalise(raw, out) && symbol_find(out) != NULL)
        return true;
    conf_problem_add(&d->problems, path, raw, SYMBOL_WORDS);
    return false;
}

/* {SYMBOL: value}: read gets the normalised name as its item. */
static void each_symbol(struct decide *d, const char *path, struct json_object *v, read_fn *read)
{
    char child[DECIDE_PATH_CAP], symbol[SYMBOL_CAP];
    if (!is_object(d, path, v))
        return;
    json_object_object_foreach(v, name, value)
    {
        path_join(child, path, name);
        if (known_symbol(d, child, name, symbol))
            read(d, child, value, symbol);
    }
}

/* {TF: value} of one symbol: read gets an alert of this symbol and timeframe as its item. */
static void each_timeframe(struct decide *d, const char *path, struct json_object *v, read_fn *read,
                           const char *symbol)
{
    struct signal row = SIGNAL_INIT;
    (void)str_copy(row.symbol, sizeof(row.symbol), symbol);
    char child[DECIDE_PATH_CAP];
    if (!is_object(d, path, v))
        return;
    json_object_object_foreach(v, name, value)
    {
        path_join(child, path, name);
        enum timeframe tf = timeframe_parse(name);
        if (tf == TF_UNSET || tf == TF_OTHER)
            conf_problem_add(&d->problems, child, name,
                             "a timeframe: 1m, 5m, 15m, 30m, 1h, 4h, 1d");
        else {
            row.tf = tf;
            read(d, child, value, &row);
        }
    }
}

/* ---- single values ---- */

static const char *text_of(struct json_object *v)
{
    if (!json_object_is_type(v, json_type_string))
        return NULL;
    const char *text = json_object_get_string(v);
    return strlen(text) == (size_t)json_object_get_string_len(v) ? text : NULL;
}

/* *ret stays as it is when the value is not acceptable. */
static void read_decimal(struct decide *d, const char *path, struct json_object *v,
                         const int64_t range_e8[2], int64_t *ret)
{
    int64_t value_e8;
    char low[DEC_TEXT_CAP], high[DEC_TEXT_CAP], accepted[160];
    bool number = json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double);
    const char *text =
        number ? json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN) : text_of(v);
    if (text != NULL && dec_parse(text, strlen(text), &value_e8) && value_e8 >= range_e8[0] &&
        value_e8 <= range_e8[1]) {
        *ret = value_e8;
        return;
    }
    (void)snprintf(accepted, sizeof(accepted), "a decimal number from %s to %s, at most 8 decimals",
                   dec_format(range_e8[0], low), dec_format(range_e8[1], high));
    decide_problem(d, path, v, accepted);
}

static const int64_t money_range_e8[2] = {0, MONEY_MAX_E8};
static const int64_t price_range_e8[2] = {1, PRICE_MAX_E8};
static const int64_t lots_range_e8[2] = {DEC_ONE / 100, E8(100)};

static void read_time(struct decide *d, const char *path, struct json_object *v, int64_t *ret)
{
    int64_t time_ms;
    const char *text = text_of(v);
    if (text != NULL && clock_parse_rfc3339(text, &time_ms) && time_ms >= 0)
        *ret = time_ms;
    else
        decide_problem(d, path, v, TIME_WORDS);
}

static void read_text(struct decide *d, const char *path, struct json_object *v, char *out,
                      size_t cap)
{
    char accepted[64];
    const char *text = text_of(v);
    if (text != NULL && text[0] != '\0' && strlen(text) < cap) {
        (void)str_copy(out, cap, text);
        return;
    }
    (void)snprintf(accepted, sizeof(accepted), "text of 1 to %zu bytes", cap - 1);
    decide_problem(d, path, v, accepted);
}

static void read_whole(struct decide *d, const char *path, struct json_object *v, int max, int *ret)
{
    char accepted[64];
    int64_t n = json_object_is_type(v, json_type_int) ? json_object_get_int64(v) : -1;
    if (n >= 0 && n <= max) {
        *ret = (int)n;
        return;
    }
    (void)snprintf(accepted, sizeof(accepted), "a whole number from 0 to %d", max);
    decide_problem(d, path, v, accepted);
}

/* ---- prices, spreads, trends ---- */

static void on_bid(struct decide *d, const char *path, struct json_object *v, void *item)
{
    read_decimal(d, path, v, price_range_e8, &((struct quote *)item)->bid_e8);
}

static void on_ask(struct decide *d, const char *path, struct json_object *v, void *item)
{
    read_decimal(d, path, v, price_range_e8, &((struct quote *)item)->ask_e8);
}

static void on_quote(struct decide *d, const char *path, struct json_object *v, void *item)
{
    static const struct member list[] = {{"bid", on_bid, "a price"}, {"ask", on_ask, "a price"}};
    struct quote q = {.time_ms = d->state->now_ms}, other;
    read_members(d, path, v, &(struct members){list, TR_ARRAY_SIZE(list)}, &q);
    if (q.bid_e8 <= 0 || q.ask_e8 <= 0)
        return;
    if (q.ask_e8 < q.bid_e8 || input_quotes_find(&d->quotes, item, &other)) {
        decide_problem(d, path, v, q.ask_e8 < q.bid_e8 ? "ask not below bid" : "each symbol once");
        return;
    }
    TR_ASSERT(d->quotes.count < INPUT_QUOTES_MAX); /* more than there are symbols */
    struct input_quote *slot = &d->quotes.items[d->quotes.count++];
    (void)str_copy(slot->symbol, sizeof(slot->symbol), item);
    slot->quote = q;
}

static void on_prices(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    TR_ASSERT(symbol_count() <= INPUT_QUOTES_MAX);
    each_symbol(d, path, v, on_quote);
}

static void on_spread(struct decide *d, const char *path, struct json_object *v, void *item)
{
    static const int64_t range_e8[2] = {0, E8(10000)};
    struct decide_spread spread = {.pips_e8 = DEC_NONE};
    for (size_t i = 0; i < d->spread_count; i++)
        if (str_eq(d->spreads[i].symbol, item)) {
            decide_problem(d, path, v, "each symbol once");
            return;
        }
    (void)str_copy(spread.symbol, sizeof(spread.symbol), item);
    read_decimal(d, path, v, range_e8, &spread.pips_e8);
    TR_ASSERT(d->spread_count < INPUT_QUOTES_MAX); /* more than there are symbols */
    if (spread.pips_e8 != DEC_NONE)
        d->spreads[d->spread_count++] = spread;
}

static void on_spreads(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    each_symbol(d, path, v, on_spread);
}

static void on_bull(struct decide *d, const char *path, struct json_object *v, void *item)
{
    read_whole(d, path, v, COUNT_MAX, &((struct signal *)item)->bull_count);
}

static void on_bear(struct decide *d, const char *path, struct json_object *v, void *item)
{
    read_whole(d, path, v, COUNT_MAX, &((struct signal *)item)->bear_count);
}

static void on_pulse_state(struct decide *d, const char *path, struct json_object *v, void *item)
{
    struct signal *row = item;
    read_text(d, path, v, row->state, sizeof(row->state));
}

/* As a TREND_PULSE alert tells it. */
static void on_pulse_row(struct decide *d, const char *path, struct json_object *v, void *item)
{
    static const struct member list[] = {
        {"bull", on_bull, NULL}, {"bear", on_bear, NULL}, {"state", on_pulse_state, NULL}};
    struct signal row = *(const struct signal *)item;
    read_members(d, path, v, &(struct members){list, TR_ARRAY_SIZE(list)}, &row);
    (void)trends_put_pulse(&d->state->trends, &row, d->state->now_ms); /* a known symbol */
}

static void on_pulse_symbol(struct decide *d, const char *path, struct json_object *v, void *item)
{
    each_timeframe(d, path, v, on_pulse_row, item);
}

static void on_pulse(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    each_symbol(d, path, v, on_pulse_symbol);
}

static void on_trend(struct decide *d, const char *path, struct json_object *v, void *item)
{
    const struct signal *row = item;
    for (int side = SIDE_UNSET; side < SIDE_COUNT; side++) {
        if (!str_eq(text_of(v), trends_side_name((enum side)side)))
            continue;
        (void)trends_put_auto(&d->state->trends, row->symbol, row->tf, (enum side)side,
                              d->state->now_ms); /* a known symbol, told once */
        return;
    }
    decide_problem(d, path, v, "one of BULLISH, BEARISH, NEUTRAL");
}

static void on_trend_symbol(struct decide *d, const char *path, struct json_object *v, void *item)
{
    each_timeframe(d, path, v, on_trend, item);
}

static void on_trends(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    each_symbol(d, path, v, on_trend_symbol);
}

/* ---- open positions ---- */

static void on_symbol(struct decide *d, const char *path, struct json_object *v, void *item)
{
    struct position *p = item;
    const char *text = text_of(v);
    if (text == NULL)
        decide_problem(d, path, v, SYMBOL_WORDS);
    else if (!known_symbol(d, path, text, p->symbol))
        p->symbol[0] = '\0';
}

static void on_side(struct decide *d, const char *path, struct json_object *v, void *item)
{
    struct position *p = item;
    const char *text = text_of(v);
    if (str_ieq(text, "BUY"))
        p->side = SIDE_BUY;
    else if (str_ieq(text, "SELL"))
        p->side = SIDE_SELL;
    else
        decide_problem(d, path, v, SIDE_WORDS);
}

static void on_lots(struct decide *d, const char *path, struct json_object *v, void *item)
{
    read_decimal(d, path, v, lots_range_e8, &((struct position *)item)->lots_e8);
}

static void on_entry(struct decide *d, const char *path, struct json_object *v, void *item)
{
    read_decimal(d, path, v, price_range_e8, &((struct position *)item)->entry_e8);
}

static void on_sl(struct decide *d, const char *path, struct json_object *v, void *item)
{
    read_decimal(d, path, v, price_range_e8, &((struct position *)item)->sl_e8);
}

static void on_tp(struct decide *d, const char *path, struct json_object *v, void *item)
{
    read_decimal(d, path, v, price_range_e8, &((struct position *)item)->tp_e8);
}

static void on_opened_at(struct decide *d, const char *path, struct json_object *v, void *item)
{
    read_time(d, path, v, &((struct position *)item)->opened_ms);
}

static void on_chain(struct decide *d, const char *path, struct json_object *v, void *item)
{
    struct position *p = item;
    read_text(d, path, v, p->chain_id, sizeof(p->chain_id));
}

static void on_level(struct decide *d, const char *path, struct json_object *v, void *item)
{
    int level;
    (void)item;
    read_whole(d, path, v, LEVEL_MAX, &level);
}

static void on_route(struct decide *d, const char *path, struct json_object *v, void *item)
{
    struct position *p = item;
    read_text(d, path, v, p->route, sizeof(p->route));
}

static void on_owner(struct decide *d, const char *path, struct json_object *v, void *item)
{
    struct position *p = item;
    read_text(d, path, v, p->plugin, sizeof(p->plugin));
}

static int64_t market_e8(const struct decide *d, const char *symbol)
{
    struct quote q;
    if (input_quotes_find(&d->quotes, symbol, &q))
        return q.bid_e8 / 2 + q.ask_e8 / 2;
    return symbol_find(symbol)->sim_price_e8;
}

static void read_position(struct decide *d, const char *path, struct json_object *v)
{
    static const struct member list[] = {
        {"symbol", on_symbol, SYMBOL_WORDS},
        {"side", on_side, SIDE_WORDS},
        {"lots", on_lots, NULL},
        {"entry", on_entry, NULL},
        {"sl", on_sl, NULL},
        {"tp", on_tp, NULL},
        {"opened_at", on_opened_at, NULL},
        {"chain", on_chain, NULL},
        {"level", on_level, NULL},
        {"plugin", on_owner, NULL},
        {"route", on_route, NULL},
    };
    struct position p = {.cid = d->state->position_count + 1,
                         .sl_e8 = DEC_NONE,
                         .tp_e8 = DEC_NONE,
                         .lots_e8 = d->trader.combined_v3.base_lot_e8,
                         .opened_ms = d->state->now_ms};
    int before = d->problems.count;
    (void)snprintf(p.chain_id, sizeof(p.chain_id), "open_%llu", (unsigned long long)p.cid);
    read_members(d, path, v, &(struct members){list, TR_ARRAY_SIZE(list)}, &p);
    if (d->problems.count > before || p.symbol[0] == '\0' || p.side == SIDE_UNSET)
        return;
    if (p.entry_e8 == 0)
        p.entry_e8 = market_e8(d, p.symbol);
    TR_ASSERT(p.lots_e8 > 0);
    struct position *added = state_position_add(d->state, &p);
    TR_ASSERT(added != NULL); /* on_open() has counted */
}

/* False: no list, or too long a one. */
static bool is_list(struct decide *d, const char *path, struct json_object *v, size_t max)
{
    char accepted[64];
    if (json_object_is_type(v, json_type_array) && json_object_array_length(v) <= max)
        return true;
    (void)snprintf(accepted, sizeof(accepted), "a list of at most %zu", max);
    conf_problem_add(&d->problems, path,
                     json_object_is_type(v, json_type_array) ? "(too many)" : "(not a list)",
                     accepted);
    return false;
}

static void on_open(struct decide *d, const char *path, struct json_object *v, void *item)
{
    char child[DECIDE_PATH_CAP];
    (void)item;
    size_t n = is_list(d, path, v, DECISION_CLOSES_MAX) ? json_object_array_length(v) : 0;
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(child, sizeof(child), "%s[%zu]", path, i);
        read_position(d, child, json_object_array_get_idx(v, i));
    }
}

/* ---- alerts accepted before ---- */

/* Newest first, whatever the order in the file. */
static void add_seen(struct engine_state *s, const struct signal *sig, int64_t at_ms)
{
    TR_ASSERT(s->seen_count < STATE_SEEN_MAX);
    size_t i = s->seen_count++;
    for (; i > 0 && s->seen[i - 1].accepted_ms < at_ms; i--)
        s->seen[i] = s->seen[i - 1];
    s->seen[i] = (struct plugin_seen){.kind = sig->kind,
                                      .side = sig->side,
                                      .tf = sig->tf,
                                      .price_e8 = sig->price_e8,
                                      .accepted_ms = at_ms};
    (void)str_copy(s->seen[i].symbol, sizeof(s->seen[i].symbol), sig->symbol);
}

static void read_seen(struct decide *d, const char *path, struct json_object *v)
{
    char child[DECIDE_PATH_CAP];
    struct json_object *alert, *at;
    struct signal sig;
    if (!is_object(d, path, v))
        return;
    if (!json_object_object_get_ex(v, "alert", &alert))
        alert = v; /* the alert itself, "at" among its fields */
    path_join(child, path, "at");
    int64_t at_ms = -1;
    if (json_object_object_get_ex(v, "at", &at))
        read_time(d, child, at, &at_ms);
    else
        decide_problem(d, child, NULL, TIME_WORDS);
    const char *text = text_of(alert);
    if (json_object_is_type(alert, json_type_object))
        text = json_object_to_json_string_ext(alert, JSON_C_TO_STRING_PLAIN);
    if (text == NULL)
        decide_problem(d, path, alert, "an alert: its text, or its object");
    else if (decide_parse(d, path, text, NULL, &sig) == REASON_ACCEPTED && at_ms >= 0)
        add_seen(d->state, &sig, at_ms);
}

static void on_seen(struct decide *d, const char *path, struct json_object *v, void *item)
{
    char child[DECIDE_PATH_CAP];
    (void)item;
    size_t n = is_list(d, path, v, STATE_SEEN_MAX) ? json_object_array_length(v) : 0;
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(child, sizeof(child), "%s[%zu]", path, i);
        read_seen(d, child, json_object_array_get_idx(v, i));
    }
}

/* ---- the top ---- */

static void on_now(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    read_time(d, path, v, &d->state->now_ms);
}

static void on_balance(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    read_decimal(d, path, v, money_range_e8, &d->state->account.balance_e8);
    d->state->rules.start_balance_e8 = d->state->account.balance_e8; /* the tier is its */
    d->state->risk.peak_e8 = d->state->account.balance_e8;
}

static void on_base_lot(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    read_decimal(d, path, v, lots_range_e8, &d->trader.combined_v3.base_lot_e8);
}

static void on_daily_loss(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    read_decimal(d, path, v, money_range_e8, &d->state->account.daily_loss_e8);
    for (size_t i = 0; i < d->options.plugin_count; i++) /* whoever is asked has lost it */
        routes_suppose_loss(&d->state->routes, d->options.plugins[i]->id,
                            d->state->account.daily_loss_e8);
}

static void on_lifetime_loss(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    read_decimal(d, path, v, money_range_e8, &d->state->account.lifetime_loss_e8);
}

static void on_paused(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    if (json_object_is_type(v, json_type_boolean))
        d->state->paused = json_object_get_boolean(v) != 0;
    else
        decide_problem(d, path, v, "true or false");
}

static void on_plugins(struct decide *d, const char *path, struct json_object *v, void *item)
{
    (void)item;
    if (!is_object(d, path, v))
        return;
    const char *text = json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN);
    conf_plugins_override(text, strlen(text), &d->trader, &d->problems);
}

/* ---- mode and phase ---- */

#define MODE_WORDS "legacy_only, shadow, plugin_shadow or plugin_only"

static void set_mode(struct decide *d, const char *path, struct json_object *v,
                     const char *const scope[2])
{
    struct shadow *sh = &d->state->shadow;
    const char *text = text_of(v);
    enum shadow_mode mode = text != NULL ? shadow_mode_parse(text) : SHADOW_MODE_UNSET;
    if (mode == SHADOW_MODE_UNSET) {
        decide_problem(d, path, v, MODE_WORDS);
        return;
    }
    if (scope[0][0] == '\0') {
        sh->default_mode = mode;
        return;
    }
    size_t i = 0;
    while (i < sh->scope_count &&
           !(str_eq(sh->scopes[i].plugin, scope[0]) && str_eq(sh->scopes[i].route, scope[1])))
        i++;
    if (i == SHADOW_SCOPES_MAX || strlen(scope[0]) >= PLUGIN_ID_CAP ||
        strlen(scope[1]) >= ROUTE_CAP) {
        decide_problem(d, path, v, "at most 24 strategies and routes");
        return;
    }
    sh->scope_count += i == sh->scope_count;
    sh->scopes[i] = (struct shadow_scope){.mode = mode, .since_ms = d->state->now_ms};
    (void)str_copy(sh->scopes[i].plugin, PLUGIN_ID_CAP, scope[0]);
    (void)str_copy(sh->scopes[i].route, ROUTE_CAP, scope[1]);
}

/* A mode for everything, or {plugin: mode}, or {plugin: {route: mode}}. */
static void on_mode(struct decide *d, const char *path, struct json_object *v, void *item)
{
    char child[DECIDE_PATH_CAP], below[DECIDE_PATH_CAP];
    (void)item;
    if (!json_object_is_type(v, json_type_object)) {
        set_mode(d, path, v, (const char *const[]){"", ""});
        return;
    }
    d->state->shadow.scope_count = 0;
    json_object_object_foreach(v, plugin, of_plugin)
    {
        path_join(child, path, plugin);
        if (!json_object_is_type(of_plugin, json_type_object)) {
            set_mode(d, child, of_plugin, (const char *const[]){plugin, ""});
            continue;
        }
        json_object_object_foreach(of_plugin, route, of_route)
        {
            path_join(below, child, route);
            set_mode(d, below, of_route, (const char *const[]){plugin, route});
        }
    }
}

static void on_phase(struct decide *d, const char *path, struct json_object *v, void *item)
{
    const char *text = text_of(v);
    (void)item;
    if (text == NULL || !phase_parse(text, &d->state->phase.now))
        decide_problem(d, path, v,
                       "none, silent, parallel, transparent, shadow, cutover, new_logic or "
                       "retired");
}

void decide_state_read(struct decide *d, struct json_object *state)
{
    static const struct member list[] = {
        {"now", on_now, NULL},
        {"balance", on_balance, NULL},
        {"base_lot", on_base_lot, NULL},
        {"daily_loss", on_daily_loss, NULL},
        {"lifetime_loss", on_lifetime_loss, NULL},
        {"paused", on_paused, NULL},
        {"mode", on_mode, NULL},
        {"phase", on_phase, NULL},
        {"plugins", on_plugins, NULL},
        {"prices", on_prices, NULL},
        {"spread_pips", on_spreads, NULL},
        {"open", on_open, NULL},
        {"pulse", on_pulse, NULL},
        {"trends", on_trends, NULL},
        {"seen", on_seen, NULL},
    };
    read_members(d, "", state, &(struct members){list, TR_ARRAY_SIZE(list)}, NULL);
}
