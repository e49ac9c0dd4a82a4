/* http/control.c: commands over HTTP. They take the same way as a bot's: posted to the engine as
 * INPUT_COMMAND with origin HTTP and role admin, answered with the receipt after the commit. One
 * request may concern every trader: the last engine to finish answers. Commands that ask back
 * answer with a receipt number; {"command":..., "confirm": <that number>} confirms within its time.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "http/api.h"

#define COMMAND_JSON_DEPTH 4
#define HTTP_USER_NAME     "http"

struct control_request {
    struct http_api *api;
    struct http_exchange *x;
    enum api_route route;
    bool is_list; /* every trader: an array of receipts */
    size_t count;
    atomic_size_t left; /* engines that owe an outcome; the last one (acq_rel) answers */
    struct control_slot {
        struct control_request *request;
        const char *trader;
        struct outcome outcome; /* decision is not kept */
    } slots[CONF_TRADERS_MAX];
};

static void answer(struct control_request *r)
{
    struct buf b TR_CLEANUP(buf_deinit);
    struct jsonw w;
    int status = 200;
    buf_init(&b, PAGE_MAX_BYTES);
    jsonw_init(&w, &b);
    for (size_t i = 0; i < r->count; i++)
        if (page_command_status(&r->slots[i].outcome) != 200)
            status = 503;
    if (r->is_list) {
        jsonw_object_begin(&w, NULL);
        jsonw_str(&w, "status", status == 200 ? "stopped" : "unavailable");
        jsonw_array_begin(&w, "receipts");
    }
    for (size_t i = 0; i < r->count; i++)
        page_command(&w, NULL, r->slots[i].trader, &r->slots[i].outcome);
    if (r->is_list) {
        jsonw_array_end(&w);
        jsonw_object_end(&w);
    }
    api_answer(r->api, r->x, r->route, status, &b);
    (void)mem_free(r); /* returns NULL */
}

static void slot_done(struct control_slot *slot)
{
    struct control_request *r = slot->request;
    if (atomic_fetch_sub_explicit(&r->left, 1, memory_order_acq_rel) == 1)
        answer(r);
}

static void on_command_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct control_slot *slot = ctx;
    TR_ASSERT(in->kind == INPUT_COMMAND);
    slot->outcome = *o;
    slot->outcome.decision = NULL; /* valid during this call only */
    slot_done(slot);
}

static void post(struct control_slot *slot, struct engine *e, const struct command *c)
{
    struct input *in = input_new(INPUT_COMMAND);
    in->command = *c;
    in->done = on_command_done;
    in->done_ctx = slot;
    if (engine_post(e, in) == ENGINE_OK)
        return;
    in = input_free(in);
    slot->outcome = (struct outcome){.status = OUTCOME_NOT_STORED};
    slot_done(slot);
}

static struct command command_make(const struct http_api *api, const char *name)
{
    struct command c = {.origin = ORIGIN_HTTP,
                        .role = ROLE_ADMIN,
                        .lang = LANG_EN,
                        .sent_ms = clock_wall_ms(api->opt.clock)};
    (void)str_copy(c.name, sizeof(c.name), name); /* checked or from code: fits */
    (void)str_copy(c.user_name, sizeof(c.user_name), HTTP_USER_NAME);
    return c;
}

/* trader < 0: all of them. */
static void run(struct http_api *api, struct http_exchange *x, enum api_route route,
                const struct command *c, int trader)
{
    TR_ASSERT(c->body == NULL); /* the copies below would share it */
    struct control_request *r = xalloc(sizeof(*r));
    r->api = api;
    r->x = x;
    r->route = route;
    r->is_list = trader < 0;
    r->count = trader < 0 ? api->opt.trader_count : 1;
    atomic_init(&r->left, r->count);
    size_t first = trader < 0 ? 0 : (size_t)trader;
    size_t count = r->count; /* r may be gone after the last post */
    for (size_t i = 0; i < count; i++) {
        r->slots[i].request = r;
        r->slots[i].trader = engine_trader_id(api->opt.traders[first + i].engine);
    }
    for (size_t i = 0; i < count; i++)
        post(&r->slots[i], api->opt.traders[first + i].engine, c);
}

static bool admit(struct http_api *api, struct http_exchange *x, enum api_route route)
{
    if (api_is_admin(api, x, false))
        return true;
    char client[ACCESS_ADDRESS_CAP];
    (void)api_address_allowed(api, x, client); /* only for the log */
    log_warn("http", "control_refused route=%s client=%s", api_route_name(route), client);
    api_refuse_code(api, x, route, 401, reason_code(REASON_NOT_AUTHORISED),
                    "The admin token is missing or wrong.");
    return false;
}

void control_emergency_stop(struct http_api *api, struct http_exchange *x)
{
    if (!admit(api, x, API_ROUTE_EMERGENCY_STOP))
        return;
    log_warn("http", "emergency_stop requested");
    struct command c = command_make(api, "panic");
    run(api, x, API_ROUTE_EMERGENCY_STOP, &c, -1);
}

static void run_named(struct http_api *api, struct http_exchange *x, const char *name)
{
    if (!admit(api, x, API_ROUTE_COMMAND))
        return;
    const char *id = http_query(x, "trader");
    int trader = id != NULL ? api_trader_find(api, id) : 0;
    if (trader < 0) {
        api_refuse_code(api, x, API_ROUTE_COMMAND, 404, "TRADER_UNKNOWN",
                        "There is no trader of that name.");
        return;
    }
    struct command c = command_make(api, name);
    run(api, x, API_ROUTE_COMMAND, &c, trader);
}

void control_pause(struct http_api *api, struct http_exchange *x)
{
    run_named(api, x, "pause");
}

void control_resume(struct http_api *api, struct http_exchange *x)
{
    run_named(api, x, "resume");
}

/* -- POST /api/v1/command ---------------------------------------------------------------------- */

static void refuse_field(struct http_api *api, struct http_exchange *x, const char *field,
                         const char *accepted)
{
    api_refuse(api, x, API_ROUTE_COMMAND, 400,
               &(struct page_refusal){.code = reason_code(REASON_ARGUMENT_INVALID),
                                      .field = field,
                                      .accepted = accepted});
}

/* A string member; *ret stays as it is when absent. False: there, but no string. */
static bool string_member(struct json_object *o, const char *name, const char **ret)
{
    struct json_object *m;
    if (!json_object_object_get_ex(o, name, &m) || m == NULL)
        return true;
    if (!json_object_is_type(m, json_type_string))
        return false;
    *ret = json_object_get_string(m);
    return strlen(*ret) == (size_t)json_object_get_string_len(m); /* no NUL inside */
}

static bool is_command_name(const char *s)
{
    size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return len > 0 && len < COMMAND_NAME_CAP && s[len] == '\0';
}

static struct json_object *parse_body(const struct http_exchange *x)
{
    size_t len;
    const char *body = http_body(x, &len);
    struct json_tokener *t = json_tokener_new_ex(COMMAND_JSON_DEPTH);
    if (t == NULL)
        return NULL;
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *o = json_tokener_parse_ex(t, body, (int)len);
    json_tokener_free(t);
    if (o != NULL && !json_object_is_type(o, json_type_object)) {
        (void)json_object_put(o); /* frees it */
        o = NULL;
    }
    return o;
}

static void run_parsed(struct http_api *api, struct http_exchange *x, struct json_object *o)
{
    const char *name = "";
    const char *args = "";
    const char *trader_id = NULL;
    struct json_object *confirm = NULL;
    if (!string_member(o, "command", &name)) {
        refuse_field(api, x, "command", "a command name");
        return;
    }
    name += *name == '/';
    if (!is_command_name(name)) {
        refuse_field(api, x, "command", "1-32 of a-z, 0-9 and _");
        return;
    }
    struct command c = command_make(api, name);
    if (!string_member(o, "args", &args) || !str_copy(c.args, sizeof(c.args), args)) {
        refuse_field(api, x, "args", "text of at most 255 bytes");
        return;
    }
    if (json_object_object_get_ex(o, "confirm", &confirm) && confirm != NULL) {
        if (!json_object_is_type(confirm, json_type_int) || json_object_get_int64(confirm) <= 0) {
            refuse_field(api, x, "confirm", "the receipt number of the question");
            return;
        }
        if (api->opt.conf->security.two_person) {
            api_refuse_code(api, x, API_ROUTE_COMMAND, 403, reason_code(REASON_SECOND_NEEDED),
                            "Two persons are wanted: confirm in Telegram.");
            return;
        }
        c.confirmed = true;
        (void)snprintf(c.args, sizeof(c.args), "%lld", /* 20 characters at most */
                       (long long)json_object_get_int64(confirm));
    }
    if (!string_member(o, "trader", &trader_id)) {
        refuse_field(api, x, "trader", "a trader id");
        return;
    }
    int trader = trader_id != NULL ? api_trader_find(api, trader_id) : 0;
    if (trader < 0) {
        api_refuse_code(api, x, API_ROUTE_COMMAND, 404, "TRADER_UNKNOWN",
                        "There is no trader of that name.");
        return;
    }
    run(api, x, API_ROUTE_COMMAND, &c, trader);
}

void control_command(struct http_api *api, struct http_exchange *x)
{
    if (!admit(api, x, API_ROUTE_COMMAND))
        return;
    struct json_object *o = parse_body(x);
    if (o == NULL) {
        refuse_field(api, x, "body", "{\"command\":\"pause\",\"args\":\"\",\"trader\":\"main\"}");
        return;
    }
    run_parsed(api, x, o);
    (void)json_object_put(o); /* frees it */
}
