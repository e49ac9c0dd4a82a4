/* outside/answer.c: the reading half of line.h. json-c finds out whether it is JSON at all; then
 * each member is taken by name, judged, and the first one at fault ends it. Members nobody knows
 * are passed over, so that a later version may say more. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "outside/line.h"

#define JSON_DEPTH_MAX 6
#define RULE_TAG       "outside"

/* The first fault of an answer. */
struct fault {
    char field[24];
    int64_t number_e8, limit_e8; /* DEC_NONE = none */
    const char *wanted;          /* in words, for authors */
};

struct reader {
    const struct line_question *q;
    const struct symbol_info *info;
    struct fault fault; /* field "" = none */
};

static bool refuse(struct reader *r, const char *field, const char *wanted)
{
    (void)str_copy(r->fault.field, sizeof(r->fault.field), field); /* cut is fine: it is shown */
    r->fault.wanted = wanted;
    r->fault.number_e8 = r->fault.limit_e8 = DEC_NONE;
    return false;
}

static bool refuse_number(struct reader *r, const char *field, const char *wanted,
                          int64_t number_e8, int64_t limit_e8)
{
    (void)refuse(r, field, wanted); /* false */
    r->fault.number_e8 = number_e8;
    r->fault.limit_e8 = limit_e8;
    return false;
}

/* One JSON object and nothing after it; NULL else. */
static struct json_object *parse(const char *p, size_t len)
{
    struct json_object *o = NULL;
    if (len == 0 || len > LINE_MAX_BYTES)
        return NULL;
    struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH_MAX);
    TR_ASSERT(t != NULL);
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    o = json_tokener_parse_ex(t, p, (int)len);
    size_t end = json_tokener_get_parse_end(t);
    bool is_whole = json_tokener_get_error(t) == json_tokener_success && end <= len;
    for (size_t i = end; is_whole && i < len; i++)
        is_whole = p[i] == ' ' || p[i] == '\t' || p[i] == '\r';
    json_tokener_free(t);
    if (!is_whole || !json_object_is_type(o, json_type_object)) {
        (void)json_object_put(o); /* frees it */
        return NULL;
    }
    return o;
}

/* NULL: absent or null. */
static struct json_object *member(struct json_object *o, const char *name)
{
    struct json_object *m = NULL;
    return json_object_object_get_ex(o, name, &m) ? m : NULL;
}

/* A text without control characters that fits. */
static bool text_of(struct json_object *m, char *ret, size_t cap)
{
    if (!json_object_is_type(m, json_type_string))
        return false;
    const char *s = json_object_get_string(m);
    size_t n = (size_t)json_object_get_string_len(m);
    if (n >= cap || strlen(s) != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
            return false;
    return str_copy(ret, cap, s);
}

static bool is_word(const char *s)
{
    return s[0] != '\0' && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789_") == strlen(s);
}

/* json-c keeps the digits of a number as they were written, so it never passes through double. */
static bool decimal_of(struct json_object *m, int64_t *ret_e8)
{
    enum json_type t = json_object_get_type(m);
    if (t != json_type_string && t != json_type_int && t != json_type_double)
        return false;
    const char *s = json_object_get_string(m);
    return dec_parse(s, strlen(s), ret_e8);
}

static void say_why(char *ret_why, const char *what)
{
    if (ret_why != NULL)
        (void)str_copy(ret_why, LINE_WHY_CAP, what); /* fits */
}

/* ---- hello ---- */

enum line_result line_read_hello(const char *p, size_t len, struct line_hello *ret,
                                 char ret_why[LINE_WHY_CAP])
{
    char type[16] = "";
    struct line_hello h;
    enum line_result result = LINE_OK;
    struct json_object *o = parse(p, len);
    struct json_object *version = o != NULL ? member(o, "protocol") : NULL;
    if (o == NULL || !text_of(member(o, "type"), type, sizeof(type)) || !str_eq(type, "hello")) {
        say_why(ret_why, "the first line must be {\"type\":\"hello\",\"protocol\":1,...}");
        result = LINE_E_GARBAGE;
    } else if (!json_object_is_type(version, json_type_int) ||
               json_object_get_int64(version) != LINE_PROTOCOL) {
        say_why(ret_why, "protocol: only version 1 is spoken here");
        result = LINE_E_VERSION;
    } else if (!text_of(member(o, "name"), h.name, sizeof(h.name)) || h.name[0] == '\0' ||
               !text_of(member(o, "version"), h.version, sizeof(h.version))) {
        say_why(ret_why, "name (at most 31 characters) and version (at most 23) are missing");
        result = LINE_E_GARBAGE;
    }
    (void)json_object_put(o); /* frees it; NULL is fine */
    if (result == LINE_OK)
        *ret = h;
    return result;
}

/* ---- orders ---- */

static bool read_price(struct reader *r, struct json_object *m, const char *field, int64_t *ret_e8)
{
    if (!decimal_of(m, ret_e8) || *ret_e8 <= 0)
        return refuse(r, field, "a price as text: \"1.08500\"");
    int64_t tick_e8 = symbol_tick_e8(r->info);
    if (*ret_e8 % tick_e8 != 0)
        return refuse_number(r, field, "a price on the symbol's tick", *ret_e8, tick_e8);
    return true;
}

/* Against the market it would be filled at. */
static bool check_levels(struct reader *r, struct decision_order *o, const char *path)
{
    char field[24];
    int sign = side_sign(o->side);
    int64_t risk_e8 = (o->entry_e8 - o->sl_e8) * sign;
    (void)snprintf(field, sizeof(field), "%s.sl", path);
    if (risk_e8 <= 0)
        return refuse_number(r, field, "a stop below a buy, above a sell", o->sl_e8, o->entry_e8);
    if (risk_e8 < r->info->min_sl_dist_e8)
        return refuse_number(r, field, "a stop at least stop_min away", risk_e8,
                             r->info->min_sl_dist_e8);
    (void)snprintf(field, sizeof(field), "%s.tp", path);
    if (o->tp_e8 != DEC_NONE && (o->tp_e8 - o->entry_e8) * sign <= 0)
        return refuse_number(r, field, "a target above a buy, below a sell", o->tp_e8, o->entry_e8);
    return true;
}

static bool read_lots(struct reader *r, struct json_object *m, const char *path,
                      struct decision_order *o)
{
    char field[24];
    int64_t step_e8 = r->info->volume_step_e8, most_e8 = r->info->volume_max_e8;
    (void)snprintf(field, sizeof(field), "%s.lots", path);
    if (!decimal_of(m, &o->lots_e8) || o->lots_e8 <= 0)
        return refuse(r, field, "lots as text: \"0.05\"");
    if (r->q->max_lot_e8 < most_e8)
        most_e8 = r->q->max_lot_e8;
    if (o->lots_e8 % step_e8 != 0)
        return refuse_number(r, field, "lots on lots_step", o->lots_e8, step_e8);
    if (o->lots_e8 < r->info->volume_min_e8)
        return refuse_number(r, field, "at least lots_min", o->lots_e8, r->info->volume_min_e8);
    if (o->lots_e8 > most_e8)
        return refuse_number(r, field, "at most lots_max", o->lots_e8, most_e8);
    return true;
}

static bool read_side(struct reader *r, struct json_object *m, const char *path,
                      struct decision_order *o)
{
    char field[24], text[8];
    (void)snprintf(field, sizeof(field), "%s.side", path);
    if (text_of(m, text, sizeof(text)))
        o->side = str_eq(text, "BUY") ? SIDE_BUY : str_eq(text, "SELL") ? SIDE_SELL : SIDE_UNSET;
    return o->side != SIDE_UNSET || refuse(r, field, "BUY or SELL");
}

static bool read_role(struct reader *r, struct json_object *m, const char *path,
                      struct decision_order *o)
{
    char field[24], text[4];
    (void)snprintf(field, sizeof(field), "%s.role", path);
    if (m == NULL)
        o->role = ORDER_ROLE_A;
    else if (text_of(m, text, sizeof(text)))
        o->role = str_eq(text, "A")   ? ORDER_ROLE_A
                  : str_eq(text, "B") ? ORDER_ROLE_B
                                      : ORDER_ROLE_UNSET;
    return o->role != ORDER_ROLE_UNSET || refuse(r, field, "A or B");
}

/* Another symbol than the alert's has no quote here, and another strategy's limits. */
static bool read_symbol(struct reader *r, struct json_object *m, const char *path,
                        struct decision_order *o)
{
    char field[24];
    (void)snprintf(field, sizeof(field), "%s.symbol", path);
    (void)str_copy(o->symbol, sizeof(o->symbol), r->q->symbol); /* same cap */
    if (m == NULL)
        return true;
    char symbol[SYMBOL_CAP];
    bool is_same = text_of(m, symbol, sizeof(symbol)) && str_eq(symbol, r->q->symbol);
    return is_same || refuse(r, field, "the symbol of the alert, or none");
}

static bool read_order(struct reader *r, struct json_object *m, int index, struct decision_order *o)
{
    char path[16], field[24];
    (void)snprintf(path, sizeof(path), "orders[%d]", index);
    if (!json_object_is_type(m, json_type_object))
        return refuse(r, path, "an object");
    if (!read_symbol(r, member(m, "symbol"), path, o) ||
        !read_side(r, member(m, "side"), path, o) || !read_role(r, member(m, "role"), path, o) ||
        !read_lots(r, member(m, "lots"), path, o))
        return false;
    o->entry_e8 = o->side == SIDE_BUY ? r->q->quote.ask_e8 : r->q->quote.bid_e8;
    o->tp_e8 = DEC_NONE;
    (void)snprintf(field, sizeof(field), "%s.sl", path);
    if (!read_price(r, member(m, "sl"), field, &o->sl_e8))
        return false;
    (void)snprintf(field, sizeof(field), "%s.tp", path);
    if (member(m, "tp") != NULL && !read_price(r, member(m, "tp"), field, &o->tp_e8))
        return false;
    (void)str_copy(o->lots_rule, sizeof(o->lots_rule), RULE_TAG); /* fits */
    (void)str_copy(o->sl_rule, sizeof(o->sl_rule), RULE_TAG);     /* fits */
    (void)str_copy(o->tp_rule, sizeof(o->tp_rule), RULE_TAG);     /* fits */
    return check_levels(r, o, path);
}

static bool read_orders(struct reader *r, struct json_object *list, struct decision *d)
{
    size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    if (n < 1 || n > LINE_ORDERS_MAX)
        return refuse(r, "orders", "a list of one order, or of A and B");
    for (int i = 0; i < (int)n; i++)
        if (!read_order(r, json_object_array_get_idx(list, (size_t)i), i, &d->orders[i]))
            return false;
    if (n == 2 &&
        (d->orders[0].side != d->orders[1].side || d->orders[0].role == d->orders[1].role))
        return refuse(r, "orders", "two orders of one side in the roles A and B");
    d->order_count = (int)n;
    return true;
}

/* ---- closes, numbers ---- */

static bool cid_of(struct json_object *m, uint64_t *ret)
{
    char text[24];
    int64_t v;
    if (json_object_is_type(m, json_type_int))
        v = json_object_get_int64(m);
    else if (!text_of(m, text, sizeof(text)) || !str_to_i64(text, &v))
        return false;
    *ret = (uint64_t)v;
    return v > 0;
}

static bool may_close(const struct line_question *q, uint64_t cid)
{
    for (size_t i = 0; i < q->own_count; i++)
        if (q->own[i] == cid)
            return true;
    return false;
}

static bool read_closes(struct reader *r, struct json_object *list, struct decision *d)
{
    char field[24];
    size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    if (n > LINE_POSITIONS_MAX || !json_object_is_type(list, json_type_array))
        return refuse(r, "closes", "a list of position ids");
    for (size_t i = 0; i < n; i++) {
        uint64_t cid = 0;
        (void)snprintf(field, sizeof(field), "closes[%zu]", i);
        if (!cid_of(json_object_array_get_idx(list, i), &cid) || !may_close(r->q, cid))
            return refuse(r, field, "an id among the positions of the question");
        for (int k = 0; k < d->close_count; k++)
            if (d->closes[k] == cid)
                return refuse(r, field, "each position once");
        d->closes[d->close_count++] = cid;
    }
    return true;
}

static bool read_percent(struct reader *r, struct json_object *m, struct decision *d)
{
    if (m == NULL)
        return true;
    int64_t v = json_object_is_type(m, json_type_int) ? json_object_get_int64(m) : 0;
    if (v < 1 || v > 100)
        return refuse(r, "close_percent", "a whole number from 1 to 100");
    d->close_percent = v == 100 ? 0 : (int)v;
    return true;
}

static bool read_numbers(struct reader *r, struct json_object *o, struct decision *d)
{
    if (o == NULL)
        return true;
    if (!json_object_is_type(o, json_type_object) ||
        json_object_object_length(o) > LINE_NUMBERS_MAX)
        return refuse(r, "numbers", "an object of at most 16 decimals");
    json_object_object_foreach(o, name, v)
    {
        int64_t value_e8;
        size_t n = strlen(name);
        if (n < 2 || n >= sizeof(d->numbers[0].name) || !is_word(name) || !decimal_of(v, &value_e8))
            return refuse(r, "numbers", "names of 2 to 27 letters, decimals as text");
        decision_number(d, name, value_e8);
    }
    return true;
}

/* ---- the decision ---- */

static enum decision_action action_of(struct json_object *m)
{
    char text[16];
    if (!text_of(m, text, sizeof(text)))
        return DECISION_UNSET;
    for (enum decision_action a = DECISION_EXECUTE; a < DECISION_ACTION_COUNT; a++)
        if (str_eq(decision_action_name(a), text))
            return a;
    return DECISION_UNSET;
}

/* A code of ours is the reason; any other word stands beside ours. One that says "accepted" or "it
 * failed" is not the program's to give. */
static bool read_reason(struct reader *r, struct json_object *m, struct decision *d)
{
    char word[sizeof(d->field)] = "";
    enum reason code;
    if (m != NULL && (!text_of(m, word, sizeof(word)) || !is_word(word)))
        return refuse(r, "reason", "a word of at most 23 letters: TREND_IS_FLAT");
    bool is_ours = reason_parse(word, &code) && code != REASON_ACCEPTED &&
                   code != REASON_PLUGIN_BUSY && !reason_is_plugin_failure(code);
    decision_skip(d, is_ours ? code : REASON_PLUGIN_SKIPPED, DEC_NONE, DEC_NONE);
    if (!is_ours)
        (void)str_copy(d->field, sizeof(d->field), word); /* same cap */
    return true;
}

static bool read_execute(struct reader *r, struct json_object *o, struct decision *d)
{
    struct json_object *closes = member(o, "closes");
    if (r->info == NULL || r->q->quote.bid_e8 <= 0 || r->q->quote.ask_e8 <= 0) {
        decision_skip(d, r->info == NULL ? REASON_SYMBOL_UNKNOWN : REASON_NO_QUOTE, DEC_NONE,
                      DEC_NONE);
        return true;
    }
    if (!read_orders(r, member(o, "orders"), d))
        return false;
    if (closes != NULL && !read_closes(r, closes, d))
        return false;
    d->close_reason = d->close_count > 0 ? REASON_OPPOSITE_SIGNAL : REASON_UNSET;
    decision_reason(d, REASON_ACCEPTED);
    return true;
}

static bool read_close(struct reader *r, struct json_object *o, struct decision *d)
{
    if (!read_closes(r, member(o, "closes"), d))
        return false;
    if (d->close_count == 0)
        return refuse(r, "closes", "at least one position id");
    d->close_reason = REASON_EXIT_SIGNAL;
    decision_reason(d, REASON_EXIT_SIGNAL);
    return read_percent(r, member(o, "close_percent"), d);
}

static bool read_route(struct reader *r, struct json_object *m, struct decision *d)
{
    if (m == NULL)
        return true;
    bool fits = text_of(m, d->route, sizeof(d->route)) && is_word(d->route);
    return fits || refuse(r, "route", "a word of at most 11 letters");
}

static bool read_body(struct reader *r, struct json_object *o, struct decision *d)
{
    if (!read_route(r, member(o, "route"), d) || !read_numbers(r, member(o, "numbers"), d))
        return false;
    d->action = action_of(member(o, "action"));
    switch (d->action) {
    case DECISION_EXECUTE:
        return read_execute(r, o, d);
    case DECISION_CLOSE:
        return read_close(r, o, d);
    case DECISION_SKIP:
        return read_reason(r, member(o, "reason"), d);
    case DECISION_NOTIFY:
        decision_reason(d, REASON_NOTIFICATION_ONLY);
        return true;
    case DECISION_UNSET:
    case DECISION_ACTION_COUNT:
        break;
    }
    return refuse(r, "action", "execute, close, skip or notify");
}

static void explain(const struct fault *f, char ret_why[LINE_WHY_CAP])
{
    char number[DEC_TEXT_CAP], limit[DEC_TEXT_CAP];
    if (ret_why == NULL)
        return;
    if (f->number_e8 == DEC_NONE)
        (void)snprintf(ret_why, LINE_WHY_CAP, "%s: wanted is %s", f->field, f->wanted);
    else
        (void)snprintf(ret_why, LINE_WHY_CAP, "%s: %s, against %s: wanted is %s", f->field,
                       dec_format(f->number_e8, number), dec_format(f->limit_e8, limit), f->wanted);
}

enum line_result line_read_decision(const char *p, size_t len, const struct line_question *q,
                                    struct decision *ret, char ret_why[LINE_WHY_CAP])
{
    char type[16] = "";
    struct json_object *o = parse(p, len);
    struct json_object *id = o != NULL ? member(o, "id") : NULL;
    if (o == NULL || !text_of(member(o, "type"), type, sizeof(type)) || !str_eq(type, "decision") ||
        !json_object_is_type(id, json_type_int) || json_object_get_uint64(id) != q->id) {
        say_why(ret_why, o == NULL
                             ? "not one JSON object in UTF-8"
                             : "wanted is {\"type\":\"decision\",\"id\":<the question's>,...}");
        (void)json_object_put(o); /* frees it; NULL is fine */
        return LINE_E_GARBAGE;
    }
    struct decision *d TR_CLEANUP(mem_freep) = xalloc(sizeof(*d));
    struct reader r = {.q = q, .info = symbol_find(q->symbol)};
    decision_init(d, q->plugin);
    bool is_sound = read_body(&r, o, d);
    (void)json_object_put(o); /* frees it */
    if (is_sound) {
        *ret = *d;
        return LINE_OK;
    }
    TR_ASSERT(r.fault.field[0] != '\0' && r.fault.wanted != NULL);
    explain(&r.fault, ret_why);
    decision_init(ret, q->plugin);
    decision_skip(ret, REASON_PLUGIN_ANSWER, r.fault.number_e8, r.fault.limit_e8);
    (void)str_copy(ret->field, sizeof(ret->field), r.fault.field); /* same cap */
    return LINE_E_DECISION;
}
