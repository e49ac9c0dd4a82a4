/* http/legacy.c: POST /legacy/decision: the old bot, a process of its own, says what it decided
 * about an alert; the shadow machine compares it with the plugin's decision (engine/shadow.h). */
#include <json-c/json.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "http/api.h"

#define LEGACY_JSON_DEPTH 4

struct legacy_request {
    struct http_api *api;
    struct http_exchange *x;
    const char *trader;
};

static void on_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct legacy_request *r = ctx;
    struct buf b TR_CLEANUP(buf_deinit);
    struct jsonw w;
    TR_ASSERT(in->kind == INPUT_LEGACY);
    buf_init(&b, PAGE_MAX_BYTES);
    jsonw_init(&w, &b);
    page_command(&w, NULL, r->trader, o);
    api_answer(r->api, r->x, API_ROUTE_COMMAND, page_command_status(o), &b);
    (void)mem_free(r); /* returns NULL */
}

/* A member as text; "" when it is absent or null. */
static const char *text_of(struct json_object *o, const char *name)
{
    struct json_object *m = NULL;
    if (!json_object_object_get_ex(o, name, &m) || m == NULL)
        return "";
    return json_object_get_string(m);
}

/* DEC_NONE when absent. */
static bool decimal_of(struct json_object *o, const char *name, int64_t *ret_e8)
{
    const char *s = text_of(o, name);
    *ret_e8 = DEC_NONE;
    return s[0] == '\0' || (dec_parse(s, strlen(s), ret_e8) && *ret_e8 >= 0);
}

/* NULL, or the field at fault. */
static const char *read_decision(struct json_object *o, struct shadow_legacy *ret)
{
    struct shadow_decision *w = &ret->view.what;
    const char *alert = text_of(o, "alert");
    if (alert[0] != '\0') {
        uint8_t digest[HASH_SHA256_BYTES];
        hash_sha256(alert, strlen(alert), digest);
        memcpy(&ret->body_hash, digest, sizeof(ret->body_hash)); /* as of an alert that came in */
    }
    w->action = shadow_action_parse(text_of(o, "action"));
    if (w->action == SHADOW_ACTION_UNSET)
        return "action";
    if (!symbol_normalise(text_of(o, "symbol"), w->symbol))
        return "symbol";
    const char *side = text_of(o, "direction");
    if (str_ieq(side, "BUY"))
        w->side = SIDE_BUY;
    else if (str_ieq(side, "SELL"))
        w->side = SIDE_SELL;
    else if (w->action == SHADOW_EXECUTE && side[0] != '\0')
        return "direction";
    if (!decimal_of(o, "lot_size", &w->lots_e8))
        return "lot_size";
    if (!decimal_of(o, "sl_pips", &w->sl_pips_e8))
        return "sl_pips";
    if (!decimal_of(o, "tp_pips", &w->tp_pips_e8))
        return "tp_pips";
    w->has_params = w->action == SHADOW_EXECUTE && w->side != SIDE_UNSET && w->lots_e8 != DEC_NONE;
    if (!w->has_params)
        w->lots_e8 = 0; /* an exit: nothing is opened */
    if (!reason_parse(text_of(o, "reason"), &ret->view.reason))
        ret->view.reason = REASON_UNSET; /* words of its own */
    return NULL;
}

static struct json_object *parse_body(const struct http_exchange *x)
{
    size_t len;
    const char *body = http_body(x, &len);
    struct json_tokener *t = json_tokener_new_ex(LEGACY_JSON_DEPTH);
    TR_ASSERT(t != NULL);
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *o = json_tokener_parse_ex(t, body, (int)len);
    json_tokener_free(t);
    if (o != NULL && !json_object_is_type(o, json_type_object)) {
        (void)json_object_put(o); /* frees it */
        o = NULL;
    }
    return o;
}

static void post(struct http_api *api, struct http_exchange *x, struct input *in, int trader)
{
    struct engine *e = api->opt.traders[trader].engine;
    struct legacy_request *r = xalloc(sizeof(*r));
    *r = (struct legacy_request){api, x, engine_trader_id(e)};
    in->done = on_done;
    in->done_ctx = r;
    if (engine_post(e, in) == ENGINE_OK)
        return;
    struct outcome lost = {.status = OUTCOME_NOT_STORED};
    on_done(in, &lost, r);
    in = input_free(in);
}

void legacy_decision(struct http_api *api, struct http_exchange *x)
{
    const char *id = http_query(x, "trader");
    int trader = id != NULL ? api_trader_find(api, id) : 0;
    if (trader < 0) {
        api_refuse_code(api, x, API_ROUTE_COMMAND, 404, "TRADER_UNKNOWN",
                        "There is no trader of that name.");
        return;
    }
    struct json_object *o = parse_body(x);
    struct input *in = input_new(INPUT_LEGACY);
    in->legacy.decided_ms = clock_wall_ms(api->opt.clock);
    const char *fault = o != NULL ? read_decision(o, &in->legacy) : "body";
    (void)json_object_put(o); /* frees it; NULL is fine */
    if (fault == NULL) {
        post(api, x, in, trader);
        return;
    }
    in = input_free(in);
    api_refuse(api, x, API_ROUTE_COMMAND, 400,
               &(struct page_refusal){
                   .code = reason_code(REASON_ARGUMENT_INVALID),
                   .field = fault,
                   .accepted = "{\"alert\":\"...\",\"symbol\":\"EURUSD\",\"action\":\"execute\","
                               "\"direction\":\"BUY\",\"lot_size\":\"0.1\"}"});
}
