/* http/control.c: commands over HTTP. They take the same way as a bot's: posted to the engine as
 * INPUT_COMMAND with origin HTTP and the role of the caller's token, answered with the receipt
 * after the commit. One request may concern every trader: the last engine to finish answers.
 * Commands that ask back answer with a receipt number; {"command":..., "confirm": <that number>}
 * confirms within its time. "origin" says who passes it on: "http" (when absent), "cli", or
 * "legacy", the old bot's process about a command it was given itself: that one is not mirrored
 * back, and counts as a use of the old side by the person "user_id", "user_name". Names of the old
 * bot are understood. An Idempotency-Key makes a repeat harmless.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "http/api.h"

#define COMMAND_JSON_DEPTH 4

struct control_request {
    struct http_api *api;
    struct http_exchange *x;
    enum api_route route;
    bool is_list;     /* every trader: an array of receipts */
    const char *word; /* is_list: status when all took it; NULL: by what they said */
    size_t count;
    atomic_size_t left; /* engines that owe an outcome; the last one (acq_rel) answers */
    struct control_slot {
        struct control_request *request;
        size_t index; /* of the trader */
        const char *trader;
        struct outcome outcome; /* decision is not kept */
    } slots[CONF_TRADERS_MAX];
};

/* Of /admin/...: what all of them together said. */
static const char *outcome_word(const struct control_request *r, int *status)
{
    bool is_changed = false;
    for (size_t i = 0; i < r->count && *status == 200; i++) {
        enum reason why = r->slots[i].outcome.receipt.reason;
        is_changed = is_changed || why == REASON_ACCEPTED;
        if (why == REASON_ARGUMENT_INVALID)
            *status = 404; /* nothing of that name */
        else if (why != REASON_ACCEPTED && why != REASON_ALREADY_DONE)
            *status = 409;
    }
    if (*status == 404 || *status == 409)
        return "refused";
    return is_changed ? "accepted" : "unchanged";
}

static void answer(struct control_request *r)
{
    struct buf b TR_CLEANUP(buf_deinit);
    struct jsonw w;
    int status = 200;
    buf_init(&b, PAGE_MAX_BYTES);
    jsonw_init(&w, &b);
    for (size_t i = 0; i < r->count && status != 503; i++)
        if (page_command_status(&r->slots[i].outcome) != 200)
            status = page_command_status(&r->slots[i].outcome);
    if (r->is_list) {
        const char *word = r->word != NULL ? r->word : outcome_word(r, &status);
        jsonw_object_begin(&w, NULL);
        jsonw_str(&w, "status", status == 503 ? "unavailable" : word);
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
    const char *key = http_header(slot->request->x, "Idempotency-Key");
    in->command = *c;
    if (slot->request->api->opt.prepare != NULL && c->role >= ROLE_ADMIN)
        slot->request->api->opt.prepare(slot->request->api->opt.prepare_ctx, &in->command,
                                        slot->index);
    if (key != NULL && *key != '\0')
        access_idempotency_key(key, in->key, sizeof(in->key));
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
    static const enum role roles[TOKEN_SCOPE_COUNT] = {
        [TOKEN_READ] = ROLE_VIEWER, [TOKEN_TRADE] = ROLE_TRADER, [TOKEN_ADMIN] = ROLE_ADMIN};
    TR_ASSERT(api->caller.scope != TOKEN_SCOPE_UNSET);
    struct command c = {.origin = ORIGIN_HTTP,
                        .role = roles[api->caller.scope],
                        .lang = LANG_EN,
                        .sent_ms = clock_wall_ms(api->opt.clock)};
    (void)str_copy(c.name, sizeof(c.name), name); /* checked or from code: fits */
    (void)str_copy(c.user_name, sizeof(c.user_name), api->caller.name); /* the same cap */
    return c;
}

/* trader < 0: all of them; word: see control_request. */
static void run_as(struct http_api *api, struct http_exchange *x, const struct command *c,
                   int trader, const char *word)
{
    enum api_route route = word != NULL ? API_ROUTE_EMERGENCY_STOP : API_ROUTE_COMMAND;
    TR_ASSERT(c->body == NULL); /* copies would share it */
    struct control_request *r = xalloc(sizeof(*r));
    r->api = api;
    r->x = x;
    r->route = route;
    r->is_list = trader < 0;
    r->word = word;
    r->count = trader < 0 ? api->opt.trader_count : 1;
    atomic_init(&r->left, r->count);
    size_t first = trader < 0 ? 0 : (size_t)trader;
    size_t count = r->count; /* r may be gone after the last post */
    for (size_t i = 0; i < count; i++) {
        r->slots[i].request = r;
        r->slots[i].index = first + i;
        r->slots[i].trader = engine_trader_id(api->opt.traders[first + i].engine);
    }
    for (size_t i = 0; i < count; i++)
        post(&r->slots[i], api->opt.traders[first + i].engine, c);
}

static void run(struct http_api *api, struct http_exchange *x, enum api_route route,
                const struct command *c, int trader)
{
    TR_ASSERT(route == API_ROUTE_COMMAND && trader >= 0);
    run_as(api, x, c, trader, NULL);
}

void control_emergency_stop(struct http_api *api, struct http_exchange *x)
{
    log_warn("http", "emergency_stop requested by=%s", api->caller.name);
    struct command c = command_make(api, "panic");
    run_as(api, x, &c, -1, "stopped");
}

static void run_named(struct http_api *api, struct http_exchange *x, const char *name)
{
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

/* -- POST /admin/... -------------------------------------------------------------------------- */

/* Of every trader, or of ?trader=. At once, like the emergency stop. */
static void run_admin(struct http_api *api, struct http_exchange *x, const char *name,
                      const char *args)
{
    const char *id = http_query(x, "trader");
    int trader = id != NULL ? api_trader_find(api, id) : -1;
    if (id != NULL && trader < 0) {
        api_refuse_code(api, x, API_ROUTE_COMMAND, 404, "TRADER_UNKNOWN",
                        "There is no trader of that name.");
        return;
    }
    struct command c = command_make(api, name);
    if (!str_copy(c.args, sizeof(c.args), args)) {
        api_refuse_code(api, x, API_ROUTE_COMMAND, 404, reason_code(REASON_NO_PLUGIN), NULL);
        return;
    }
    log_warn("http", "admin_requested command=%s by=%s", name, api->caller.name);
    if (trader >= 0)
        run(api, x, API_ROUTE_COMMAND, &c, trader);
    else
        run_as(api, x, &c, -1, NULL);
}

void control_disable_plugin(struct http_api *api, struct http_exchange *x)
{
    run_admin(api, x, "disable", strrchr(http_path(x), '/') + 1);
}

void control_enable_plugin(struct http_api *api, struct http_exchange *x)
{
    run_admin(api, x, "enable", strrchr(http_path(x), '/') + 1);
}

void control_reload_plugin(struct http_api *api, struct http_exchange *x)
{
    run_admin(api, x, "reload", strrchr(http_path(x), '/') + 1);
}

void control_enable_legacy(struct http_api *api, struct http_exchange *x)
{
    run_admin(api, x, "enable_legacy", "");
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

/* Who passes it on, and for whom. False: answered. */
static bool read_origin(struct http_api *api, struct http_exchange *x, struct json_object *o,
                        struct command *c)
{
    const char *origin = "http";
    const char *name = c->user_name;
    struct json_object *id = NULL;
    if (!string_member(o, "origin", &origin) ||
        (!str_eq(origin, "http") && !str_eq(origin, "cli") && !str_eq(origin, "legacy"))) {
        refuse_field(api, x, "origin", "http, cli or legacy");
        return false;
    }
    if (!str_eq(origin, "http")) {
        c->origin = str_eq(origin, "cli") ? ORIGIN_CLI : ORIGIN_LEGACY;
        name = origin;
    }
    if (!string_member(o, "user_name", &name) || name[0] == '\0' ||
        !str_copy(c->user_name, sizeof(c->user_name), name)) {
        refuse_field(api, x, "user_name", "text of 1 to 31 bytes");
        return false;
    }
    if (!json_object_object_get_ex(o, "user_id", &id) || id == NULL)
        return true;
    if (!json_object_is_type(id, json_type_int) || json_object_get_int64(id) <= 0) {
        refuse_field(api, x, "user_id", "the person's Telegram number");
        return false;
    }
    c->user_id = json_object_get_int64(id);
    return true;
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
    if (!string_member(o, "args", &args) || strlen(args) >= sizeof(c.args)) {
        refuse_field(api, x, "args", "text of at most 255 bytes");
        return;
    }
    log_redact(args, c.args, sizeof(c.args)); /* as the bots do */
    if (!read_origin(api, x, o, &c))
        return;
    if (api->opt.translate != NULL)
        api->opt.translate(&c);
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
    struct json_object *o = parse_body(x);
    if (o == NULL) {
        refuse_field(api, x, "body", "{\"command\":\"pause\",\"args\":\"\",\"trader\":\"main\"}");
        return;
    }
    run_parsed(api, x, o);
    (void)json_object_put(o); /* frees it */
}
