/* http/decide.c: one question put to the rules. decide_new() makes an engine_state with a broker
 * that is up and nothing open; decide_state() changes it as the caller supposes; decide_alert()
 * asks signals_decide(), the function the engine thread asks, and nothing is carried out. The HTTP
 * handler at the end answers from the request alone: the live state belongs to the engine thread.
 */
#include "http/decide.h"

#include <stdio.h>
#include <string.h>

#include "conf/conf_runtime.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"
#include "engine/shadow_board.h"
#include "engine/signals.h"
#include "http/api.h"
#include "http/decide_impl.h"
#include "signals/parse.h"

#define JSON_DEPTH_MAX 12

static void add_plugin(struct decide *d, const struct plugin_ops *ops, const void *conf,
                       bool *enabled)
{
    size_t i = d->options.plugin_count++;
    TR_ASSERT(i < ENGINE_PLUGINS_MAX);
    d->options.plugins[i] = ops;
    d->options.plugin_confs[i] = conf;
    d->enabled[i] = enabled;
}

struct decide *decide_new(const struct conf_trader *t, int64_t now_ms)
{
    TR_ASSERT(t != NULL && now_ms >= 0);
    struct decide *d = xalloc(sizeof(*d));
    d->trader = *t;
    d->state = state_new();
    d->state->now_ms = now_ms;
    d->state->broker_up = true;
    d->state->synced = true;
    d->state->account.balance_e8 = t->start_balance_e8;
    d->state->rules = (struct engine_rules){.start_balance_e8 = t->start_balance_e8,
                                            .daily_loss_cap_e8 = t->daily_loss_cap_e8,
                                            .lifetime_loss_cap_e8 = t->lifetime_loss_cap_e8};
    d->state->rules.risk = t->risk;
    d->state->rules.risk.leverage = t->paper.leverage;
    d->state->rules.shadow = t->shadow;
    d->state->phase.now = t->phase.first;
    add_plugin(d, &combined_v3_plugin, &d->trader.combined_v3, &d->trader.combined_v3.enabled);
    add_plugin(d, &price_action_v6_plugin, &d->trader.price_action_v6,
               &d->trader.price_action_v6.enabled);
    add_plugin(d, &legacy_v2_plugin, &d->trader.legacy_v2, &d->trader.legacy_v2.enabled);
    for (int i = 0; i < OUTSIDE_PLUGINS; i++)
        if (d->trader.outside[i].path[0] != '\0')
            add_plugin(d, &outside_plugins[i], &d->trader.outside[i],
                       &d->trader.outside[i].enabled);
    return d;
}

struct decide *decide_free(struct decide *d)
{
    if (d == NULL)
        return NULL;
    d->state = state_free(d->state);
    return mem_free(d);
}

/* ---- problems ---- */

static void clean_copy(char *out, size_t cap, const char *text)
{
    (void)str_copy(out, cap, text); /* cut is fine: it is shown */
    for (char *p = out; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
}

void decide_problem(struct decide *d, const char *path, struct json_object *value,
                    const char *accepted)
{
    char shown[64] = "(missing)";
    if (json_object_is_type(value, json_type_string))
        clean_copy(shown, sizeof(shown), json_object_get_string(value));
    else if (value != NULL)
        clean_copy(shown, sizeof(shown),
                   json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
    conf_problem_add(&d->problems, path, shown, accepted);
}

const struct conf_problems *decide_problems(const struct decide *d)
{
    return &d->problems;
}

void decide_error_json(const struct decide *d, struct buf *out)
{
    TR_ASSERT(d->problems.count > 0 && d->error != NULL);
    conf_problems_json(&d->problems, d->error, out);
}

/* False when there is one: the code is that of the first. */
static bool is_askable(struct decide *d, enum reason code)
{
    if (d->problems.count > 0 && d->error == NULL)
        d->error = reason_code(code);
    return d->problems.count == 0;
}

/* ---- the question ---- */

bool decide_only_plugin(struct decide *d, const char *id)
{
    for (size_t i = 0; i < d->options.plugin_count; i++) {
        if (!str_eq(d->options.plugins[i]->id, id))
            continue;
        *d->enabled[i] = true;
        /* What it would decide; whether it may trade is another question. */
        d->trader.combined_v3.shadow_mode = false;
        d->trader.price_action_v6.shadow_mode = false;
        d->trader.legacy_v2.shadow_mode = false;
        d->state->shadow.default_mode = SHADOW_PLUGIN_ONLY;
        d->state->shadow.scope_count = 0;
        d->state->phase.now = PHASE_UNSET;
        d->options.plugins[0] = d->options.plugins[i];
        d->options.plugin_confs[0] = d->options.plugin_confs[i];
        d->enabled[0] = d->enabled[i];
        d->options.plugin_count = 1;
        return true;
    }
    struct buf accepted TR_CLEANUP(buf_deinit);
    buf_init(&accepted, 1024);
    buf_puts(&accepted, "one of");
    for (size_t i = 0; i < d->options.plugin_count; i++)
        buf_printf(&accepted, "%s %s", i > 0 ? "," : "", d->options.plugins[i]->id);
    conf_problem_add(&d->problems, "plugin", id, accepted.data);
    return is_askable(d, REASON_ARGUMENT_INVALID);
}

/* One JSON value and nothing after it; NULL with the reason in *ret_why. */
static struct json_object *parse_json(const char *json, size_t len, const char **ret_why)
{
    struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH_MAX);
    TR_ASSERT(t != NULL);
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *o = json_tokener_parse_ex(t, json, (int)len);
    enum json_tokener_error e = json_tokener_get_error(t);
    size_t end = json_tokener_get_parse_end(t);
    if (e == json_tokener_success && strspn(json + end, " \t\r\n") != len - end)
        e = json_tokener_error_parse_unexpected;
    if (e != json_tokener_success) {
        (void)json_object_put(o); /* frees it */
        o = NULL;
    }
    *ret_why = e == json_tokener_success ? "null" : json_tokener_error_desc(e);
    json_tokener_free(t);
    return o;
}

bool decide_state(struct decide *d, const char *json, size_t len)
{
    const char *why = "longer than 1 MiB";
    struct json_object *o = len <= DECIDE_STATE_MAX_BYTES ? parse_json(json, len, &why) : NULL;
    if (o == NULL)
        conf_problem_add(&d->problems, "state", why, "a JSON object of at most 1 MiB");
    else
        decide_state_read(d, o);
    (void)json_object_put(o); /* frees it */
    return is_askable(d, REASON_FIELD_INVALID);
}

enum reason decide_parse(struct decide *d, const char *path, const char *body, const char *symbol,
                         struct signal *ret)
{
    struct signal_fault fault;
    char field[DECIDE_PATH_CAP];
    if (symbol == NULL && d->trader.symbol_default[0] != '\0')
        symbol = d->trader.symbol_default;
    if (signal_parse(body, strlen(body), symbol, d->state->now_ms, ret, &fault) == SIGNAL_PARSED)
        return REASON_ACCEPTED;
    (void)snprintf(field, sizeof(field), "%s%s%s", path, path[0] != '\0' ? "." : "", fault.field);
    conf_problem_add(&d->problems, field, fault.value[0] != '\0' ? fault.value : "(missing)",
                     fault.accepted);
    return fault.reason;
}

/* The supposed spread becomes a quote that leaves the entry where it is: the market's side of the
 * trade, else the alert's price. */
static void suppose_spread(struct decide *d, const struct signal *s)
{
    const struct symbol_info *info = symbol_find(s->symbol);
    struct input_quote *q = NULL;
    size_t i = 0;
    while (i < d->spread_count && !str_eq(d->spreads[i].symbol, s->symbol))
        i++;
    if (i == d->spread_count || info == NULL)
        return;
    for (size_t k = 0; k < d->quotes.count; k++)
        if (str_eq(d->quotes.items[k].symbol, s->symbol))
            q = &d->quotes.items[k];
    if (q == NULL && s->price_e8 != DEC_NONE) {
        TR_ASSERT(d->quotes.count < INPUT_QUOTES_MAX); /* more than there are symbols */
        q = &d->quotes.items[d->quotes.count++];
        (void)str_copy(q->symbol, sizeof(q->symbol), s->symbol);
        q->quote = (struct quote){s->price_e8, s->price_e8, d->state->now_ms};
    }
    int64_t spread_e8 = dec_mul(d->spreads[i].pips_e8, info->pip_size_e8, DEC_HALF_AWAY);
    if (q != NULL && s->side == SIDE_BUY && q->quote.ask_e8 > spread_e8)
        q->quote.bid_e8 = q->quote.ask_e8 - spread_e8;
    else if (q != NULL)
        q->quote.ask_e8 = q->quote.bid_e8 + spread_e8;
}

/* Positions of nobody in particular belong to the plugin that will be asked. */
static void suppose_owner(struct decide *d, const struct signal *s)
{
    const char *id = NULL;
    for (size_t i = 0; i < d->options.plugin_count && id == NULL; i++)
        if (*d->enabled[i] && d->options.plugins[i]->accepts(d->options.plugin_confs[i], s))
            id = d->options.plugins[i]->id;
    if (id == NULL)
        id = combined_v3_plugin.id; /* nobody will look at them */
    for (size_t i = 0; i < d->state->position_count; i++)
        if (d->state->positions[i].plugin[0] == '\0')
            (void)str_copy(d->state->positions[i].plugin, PLUGIN_ID_CAP, id); /* same cap */
}

/* Nobody inside trades here, but somebody watches: its word with its figures, and that it would
 * only be compared. */
static void show_watcher(const struct decision *other, struct decision *ret)
{
    if (other == NULL || ret->plugin[0] != '\0' || ret->action != DECISION_SKIP)
        return;
    bool trades = other->action == DECISION_EXECUTE || other->action == DECISION_CLOSE;
    *ret = *other;
    if (!trades)
        return;
    ret->order_count = ret->close_count = ret->reason_count = 0;
    decision_skip(ret, REASON_SHADOW_ONLY, DEC_NONE, DEC_NONE);
}

void decide_by(struct decide *d, const struct engine_state *s, const struct engine_options *opt)
{
    TR_ASSERT(s != NULL && opt != NULL);
    d->own_state = s;
    d->own_options = opt;
}

/* The quotes an alert like this one would come with. */
static void own_quotes(struct decide *d, const struct signal *s)
{
    struct input *in = input_new(INPUT_SIGNAL);
    in->signal = *s;
    input_gather_quotes(in, d->own_state, d->own_options->broker, &d->quotes);
    input_free(in);
}

bool decide_alert(struct decide *d, const char *body, size_t len, const char *symbol,
                  struct signal *ret_signal, struct decision *ret)
{
    if (d->problems.count > 0)
        return is_askable(d, REASON_FIELD_INVALID);
    enum reason why = REASON_FIELD_INVALID;
    if (strlen(body) != len)
        conf_problem_add(&d->problems, "body", "a NUL byte", "text");
    else
        why = decide_parse(d, "", body, symbol, ret_signal);
    if (!is_askable(d, why))
        return false;
    bool is_own = d->own_state != NULL;
    if (is_own) {
        own_quotes(d, ret_signal);
    } else {
        suppose_spread(d, ret_signal);
        suppose_owner(d, ret_signal);
    }
    struct decision *other TR_CLEANUP(mem_freep) = NULL;
    const struct signals_question q = {.s = is_own ? d->own_state : d->state,
                                       .opt = is_own ? d->own_options : &d->options,
                                       .quotes = &d->quotes,
                                       .sig = ret_signal,
                                       .now_ms = d->state->now_ms};
    signals_decide_both(&q, ret, &other);
    show_watcher(other, ret);
    TR_ASSERT(ret->action != DECISION_UNSET);
    return true;
}

static bool ask_wrapped(struct decide *d, struct json_object *o, const char *symbol,
                        struct signal *ret_signal, struct decision *ret)
{
    struct json_object *alert = NULL;
    json_object_object_foreach(o, name, v)
    {
        if (str_eq(name, "alert"))
            alert = v;
        else if (str_eq(name, "state"))
            decide_state_read(d, v);
        else
            conf_problem_add(&d->problems, name, "(unknown key)", "no such key: alert or state");
    }
    if (!json_object_is_type(alert, json_type_string) &&
        !json_object_is_type(alert, json_type_object)) {
        decide_problem(d, "alert", alert, "an alert: its text, or its object");
        return is_askable(d, REASON_FIELD_INVALID);
    }
    bool is_text = json_object_is_type(alert, json_type_string);
    const char *text = is_text ? json_object_get_string(alert)
                               : json_object_to_json_string_ext(alert, JSON_C_TO_STRING_PLAIN);
    size_t len = is_text ? (size_t)json_object_get_string_len(alert) : strlen(text);
    return decide_alert(d, text, len, symbol, ret_signal, ret);
}

static bool is_wrapped(struct json_object *o)
{
    return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, "alert", NULL);
}

bool decide_is_stated(const char *body, size_t len)
{
    const char *why;
    struct json_object *o = parse_json(body, len, &why);
    bool is_stated = is_wrapped(o) && json_object_object_get_ex(o, "state", NULL);
    (void)json_object_put(o); /* frees it */
    return is_stated;
}

bool decide_question(struct decide *d, const char *body, size_t len, const char *symbol,
                     struct signal *ret_signal, struct decision *ret)
{
    const char *why;
    struct json_object *o = parse_json(body, len, &why);
    bool asked = is_wrapped(o) ? ask_wrapped(d, o, symbol, ret_signal, ret)
                               : decide_alert(d, body, len, symbol, ret_signal, ret);
    (void)json_object_put(o); /* frees it */
    return asked;
}

void decide_in_force(const struct conf_trader *file, const struct settings *changed,
                     struct conf_trader *ret)
{
    *ret = *file;
    for (size_t i = 0; i < changed->count; i++) {
        const struct conf_key *key = conf_runtime_find(changed->items[i].path);
        /* One of another version is passed over, as the engine does. */
        if (key != NULL)
            (void)conf_runtime_set(ret, key, changed->items[i].text);
    }
}

/* ---- POST /api/v1/decide ---- */

static bool ask(struct decide *d, const struct http_exchange *x, struct decision *ret)
{
    struct signal sig;
    size_t len;
    const char *plugin = http_query(x, "plugin");
    const char *body = http_body(x, &len);
    if (plugin != NULL && !decide_only_plugin(d, plugin))
        return false;
    return decide_question(d, body, len, http_query(x, "symbol"), &sig, ret);
}

void decide_modes(struct decide *d, struct view_board *view)
{
    if (view == NULL)
        return;
    struct shadow_report *r TR_CLEANUP(mem_freep) = xalloc(sizeof(*r));
    shadow_board_read(view_board_shadow(view), r);
    d->state->shadow.default_mode = r->default_mode;
    d->state->shadow.scope_count = r->shadow.scope_count;
    memcpy(d->state->shadow.scopes, r->shadow.scopes,
           r->shadow.scope_count * sizeof(r->shadow.scopes[0]));
    d->state->phase.now = r->phase.now;
}

/* False: no such trader. */
static bool find_trader(struct http_api *api, const char *id, struct conf_trader *ret,
                        struct view_board **ret_view)
{
    const struct conf *c = api->opt.conf;
    int i = 0;
    while (i < c->trader_count && id != NULL && !str_eq(c->traders[i].id, id))
        i++;
    if (i == c->trader_count)
        return false;
    struct settings *s TR_CLEANUP(mem_freep) = xalloc(sizeof(*s));
    engine_get_settings(api->opt.traders[i].engine, s);
    decide_in_force(&c->traders[i], s, ret);
    *ret_view = api->opt.traders[i].view;
    return true;
}

void decide_handle(struct http_api *api, struct http_exchange *x)
{
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    struct conf_trader *t TR_CLEANUP(mem_freep) = xalloc(sizeof(*t));
    struct view_board *view = NULL;
    if (!find_trader(api, http_query(x, "trader"), t, &view)) {
        api_refuse_code(api, x, API_ROUTE_DECIDE, 404, "TRADER_UNKNOWN",
                        "There is no trader of that name.");
        return;
    }
    struct decide *d = decide_new(t, clock_wall_ms(api->opt.clock));
    decide_modes(d, view);
    TR_CLEANUP(mem_freep) struct decision *decision = xalloc(sizeof(*decision));
    buf_init(&out, PAGE_MAX_BYTES);
    bool asked = ask(d, x, decision);
    if (asked)
        decision_to_json(decision, &out);
    else
        decide_error_json(d, &out);
    decide_free(d);
    api_answer(api, x, API_ROUTE_DECIDE, asked ? 200 : 400, &out);
}
