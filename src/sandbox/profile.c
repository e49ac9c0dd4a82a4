/* Everything about a bot that is not a message: getMe, commands per scope and language,
 * descriptions, the menu button, getChat, getFile, answers to callback queries, logOut. Profile
 * data are settings of the bot: "commands:<scope>:<language>" holds a JSON array. */
#include <ctype.h>
#include <json-c/json.h>
#include <string.h>

#include "core/alloc.h"
#include "sandbox/internal.h"
#include "sandbox/markup.h"

#define COMMANDS_MAX       100
#define GET_FILE_MAX_BYTES ((size_t)20 * 1024 * 1024)
#define CALLBACK_TEXT_MAX  200
#define COMMAND_NAME_MAX   32
#define COMMAND_ABOUT_MAX  256

void sandbox_method_get_me(struct sandbox_call *c)
{
    struct jsonw *w = &c->w;
    jsonw_object_begin(w, "result");
    jsonw_i64(w, "id", c->bot->id);
    jsonw_bool(w, "is_bot", true);
    jsonw_str(w, "first_name", c->bot->title);
    jsonw_str(w, "username", c->bot->username);
    jsonw_bool(w, "can_join_groups", true);
    jsonw_bool(w, "can_read_all_group_messages", false);
    jsonw_bool(w, "supports_inline_queries", false);
    jsonw_object_end(w);
}

void sandbox_method_get_chat(struct sandbox_call *c)
{
    struct sandbox_chat *chat = sandbox_call_chat(c);
    if (chat)
        sandbox_render_chat(&c->w, "result", chat);
}

void sandbox_method_get_file(struct sandbox_call *c)
{
    const struct sandbox_file *f = sandbox_file_get(
        &c->s->world, sandbox_file_serial(sandbox_param_text(&c->params, "file_id")));
    if (!f) {
        sandbox_call_error(c, 400,
                           "Bad Request: wrong file_id or the file is temporarily unavailable");
        return;
    }
    if (f->len > GET_FILE_MAX_BYTES) {
        sandbox_call_error(c, 400, "Bad Request: file is too big");
        return;
    }
    char id[48], path[64];
    sandbox_file_id(f, id);
    (void)snprintf(path, sizeof(path), "files/%s", id);
    jsonw_object_begin(&c->w, "result");
    jsonw_str(&c->w, "file_id", id);
    jsonw_str(&c->w, "file_unique_id", id + 7);
    jsonw_u64(&c->w, "file_size", f->len);
    jsonw_str(&c->w, "file_path", path);
    jsonw_object_end(&c->w);
}

/* ---- callback queries ---- */

static void callback_event(struct sandbox_call *c, const struct sandbox_callback *cb)
{
    struct buf data TR_CLEANUP(buf_deinit);
    struct jsonw w;
    char id[24];
    buf_init(&data, 64 * 1024);
    jsonw_init(&w, &data);
    sandbox_callback_id(&c->s->world, cb, id);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "callback_id", id);
    jsonw_str(&w, "text", cb->text ? cb->text : "");
    jsonw_bool(&w, "alert", cb->alert);
    const char *url = sandbox_param_text(&c->params, "url");
    if (url)
        jsonw_str(&w, "url", url);
    jsonw_object_end(&w);
    sandbox_event(c->turn, "callback", &data);
}

void sandbox_method_answer_callback(struct sandbox_call *c)
{
    struct sandbox_callback *cb =
        sandbox_callback_get(&c->s->world, sandbox_param_text(&c->params, "callback_query_id"));
    bool late = !cb || cb->answered || cb->bot != c->bot->index ||
                sandbox_now_ms() - cb->created_ms > SANDBOX_CALLBACK_TTL_MS;
    const char *text = sandbox_param_text(&c->params, "text");
    if (late) {
        sandbox_call_error(
            c, 400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid");
        return;
    }
    if (text && (!sandbox_utf8_valid(text, strlen(text)) ||
                 sandbox_code_points(text, strlen(text)) > CALLBACK_TEXT_MAX)) {
        sandbox_call_error(c, 400, "Bad Request: MESSAGE_TOO_LONG");
        return;
    }
    cb->answered = true;
    cb->alert = sandbox_param_bool(&c->params, "show_alert");
    cb->text = xstrdup(text);
    callback_event(c, cb);
    sandbox_waits_callback(c->turn, cb);
    jsonw_bool(&c->w, "result", true);
}

/* ---- commands ---- */

/* "commands:<scope>[/chat[/user]]:<language>". False: the error is written. */
static bool commands_key(struct sandbox_call *c, char *out, size_t cap)
{
    static const char *const scopes[] = {
        "default", "all_private_chats",   "all_group_chats", "all_chat_administrators",
        "chat",    "chat_administrators", "chat_member"};
    struct json_object *scope = sandbox_param_json(&c->params, "scope", NULL), *v = NULL;
    const char *type = "default", *lang = sandbox_param_text(&c->params, "language_code");
    int64_t chat_id = 0, user_id = 0;
    if (json_object_is_type(scope, json_type_object)) {
        type = json_object_object_get_ex(scope, "type", &v) ? json_object_get_string(v) : "";
        chat_id = json_object_object_get_ex(scope, "chat_id", &v) ? json_object_get_int64(v) : 0;
        user_id = json_object_object_get_ex(scope, "user_id", &v) ? json_object_get_int64(v) : 0;
    }
    bool known = false;
    for (size_t i = 0; i < TR_ARRAY_SIZE(scopes); i++)
        known = known || str_eq(scopes[i], type);
    bool per_chat = known && (str_starts(type, "chat"));
    if (!known || (per_chat && chat_id == 0)) {
        sandbox_call_error(c, 400,
                           "Bad Request: can't parse BotCommandScope: Unsupported type specified");
        return false;
    }
    lang = lang ? lang : "";
    if (strlen(lang) != 0 && (strlen(lang) != 2 || !islower((unsigned char)lang[0]) ||
                              !islower((unsigned char)lang[1]))) {
        sandbox_call_error(c, 400, "Bad Request: invalid language code specified");
        return false;
    }
    if (per_chat)
        (void)snprintf(out, cap, "commands:%s/%lld/%lld:%s", type, (long long)chat_id,
                       (long long)user_id, lang);
    else
        (void)snprintf(out, cap, "commands:%s:%s", type, lang);
    return true;
}

static const char *member_text(struct json_object *o, const char *name)
{
    struct json_object *v = NULL;
    return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, name, &v)
               ? json_object_get_string(v)
               : NULL;
}

static bool command_name_ok(const char *name)
{
    size_t n = strlen(name);
    if (n < 1 || n > COMMAND_NAME_MAX)
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static const char *commands_write(struct json_object *list, struct buf *out)
{
    struct jsonw w;
    if (!json_object_is_type(list, json_type_array))
        return "can't parse commands: expected an Array of BotCommand";
    if (json_object_array_length(list) > COMMANDS_MAX)
        return "BOT_COMMANDS_TOO_MUCH";
    jsonw_init(&w, out);
    jsonw_array_begin(&w, NULL);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *o = json_object_array_get_idx(list, i);
        const char *name = member_text(o, "command"), *about = member_text(o, "description");
        name = name && name[0] == '/' ? name + 1 : name;
        if (!name || !command_name_ok(name))
            return "BOT_COMMAND_INVALID";
        if (!about || !about[0] || sandbox_code_points(about, strlen(about)) > COMMAND_ABOUT_MAX)
            return "BOT_COMMAND_DESCRIPTION_INVALID";
        jsonw_object_begin(&w, NULL);
        jsonw_str(&w, "command", name);
        jsonw_str(&w, "description", about);
        jsonw_object_end(&w);
    }
    jsonw_array_end(&w);
    return NULL;
}

static void commands_event(struct sandbox_call *c)
{
    struct buf data TR_CLEANUP(buf_deinit);
    buf_init(&data, 256);
    buf_printf(&data, "{\"bot\":\"%s\"}", c->bot->name);
    sandbox_event(c->turn, "commands", &data);
    c->s->world.seq++; /* the snapshot is stale */
}

void sandbox_method_set_commands(struct sandbox_call *c)
{
    char key[96];
    struct buf list TR_CLEANUP(buf_deinit);
    buf_init(&list, 256 * 1024);
    if (!commands_key(c, key, sizeof(key)))
        return;
    const char *fault = commands_write(sandbox_param_json(&c->params, "commands", NULL), &list);
    if (fault) {
        sandbox_call_error(c, 400, "Bad Request: %s", fault);
        return;
    }
    if (!sandbox_setting_set(c->bot, key, strcmp(list.data, "[]") == 0 ? NULL : list.data)) {
        sandbox_call_error(c, 400, "Bad Request: too many scopes");
        return;
    }
    commands_event(c);
    jsonw_bool(&c->w, "result", true);
}

void sandbox_method_get_commands(struct sandbox_call *c)
{
    char key[96];
    if (!commands_key(c, key, sizeof(key)))
        return;
    const char *list = sandbox_setting_get(c->bot, key);
    jsonw_raw(&c->w, "result", list ? list : "[]");
}

void sandbox_method_delete_commands(struct sandbox_call *c)
{
    char key[96];
    if (!commands_key(c, key, sizeof(key)))
        return;
    (void)sandbox_setting_set(c->bot, key, NULL); /* removing cannot fail */
    commands_event(c);
    jsonw_bool(&c->w, "result", true);
}

const char *sandbox_commands_for(const struct sandbox_bot *b, const struct sandbox_chat *c,
                                 const char *lang)
{
    char scopes[3][64], key[96];
    (void)snprintf(scopes[0], sizeof(scopes[0]), "chat/%lld/0", (long long)c->id);
    (void)str_copy(scopes[1], sizeof(scopes[1]),
                   c->kind == SANDBOX_CHAT_PRIVATE ? "all_private_chats" : "all_group_chats");
    (void)str_copy(scopes[2], sizeof(scopes[2]), "default");
    for (size_t i = 0; i < TR_ARRAY_SIZE(scopes); i++) {
        (void)snprintf(key, sizeof(key), "commands:%s:%.2s", scopes[i], lang ? lang : "");
        const char *list = sandbox_setting_get(b, key);
        if (!list) {
            (void)snprintf(key, sizeof(key), "commands:%s:", scopes[i]);
            list = sandbox_setting_get(b, key);
        }
        if (list)
            return list;
    }
    return NULL;
}

/* ---- names and descriptions: setMyX / getMyX ---- */

static const struct {
    const char *method; /* after "setMy" and "getMy" */
    const char *field;
    size_t max;
} texts[] = {{"Name", "name", 64},
             {"Description", "description", 512},
             {"ShortDescription", "short_description", 120}};

static size_t text_of(const struct sandbox_call *c)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(texts); i++)
        if (strcmp(c->method->name + strlen("setMy"), texts[i].method) == 0)
            return i;
    core_assert_failed("a method of the table", __FILE__, __LINE__, __func__);
}

static void text_key(const struct sandbox_call *c, size_t i, char out[96])
{
    const char *lang = sandbox_param_text(&c->params, "language_code");
    (void)snprintf(out, 96, "%s:%.2s", texts[i].field, lang ? lang : "");
}

void sandbox_method_set_text(struct sandbox_call *c)
{
    char key[96];
    size_t i = text_of(c);
    const char *value = sandbox_param_text(&c->params, texts[i].field);
    if (value && sandbox_code_points(value, strlen(value)) > texts[i].max) {
        sandbox_call_error(c, 400, "Bad Request: bot %s is too long", texts[i].field);
        return;
    }
    text_key(c, i, key);
    if (!sandbox_setting_set(c->bot, key, value && value[0] ? value : NULL)) {
        sandbox_call_error(c, 400, "Bad Request: too many languages");
        return;
    }
    c->s->world.seq++;
    jsonw_bool(&c->w, "result", true);
}

void sandbox_method_get_text(struct sandbox_call *c)
{
    char key[96];
    size_t i = text_of(c);
    text_key(c, i, key);
    const char *value = sandbox_setting_get(c->bot, key);
    jsonw_object_begin(&c->w, "result");
    jsonw_str(&c->w, texts[i].field, value ? value : i == 0 ? c->bot->title : "");
    jsonw_object_end(&c->w);
}

static void menu_key(const struct sandbox_call *c, char out[96])
{
    (void)snprintf(out, 96, "menu_button:%lld",
                   (long long)sandbox_param_i64(&c->params, "chat_id", 0));
}

void sandbox_method_set_menu_button(struct sandbox_call *c)
{
    char key[96];
    struct json_object *o = sandbox_param_json(&c->params, "menu_button", NULL);
    const char *type = member_text(o, "type");
    bool known =
        !o || str_eq(type, "commands") || str_eq(type, "default") || str_eq(type, "web_app");
    if (!known) {
        sandbox_call_error(c, 400,
                           "Bad Request: can't parse menu button: MenuButton has unsupported type");
        return;
    }
    menu_key(c, key);
    if (!sandbox_setting_set(
            c->bot, key, o ? json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN) : NULL)) {
        sandbox_call_error(c, 400, "Bad Request: too many menu buttons");
        return;
    }
    jsonw_bool(&c->w, "result", true);
}

void sandbox_method_get_menu_button(struct sandbox_call *c)
{
    char key[96];
    menu_key(c, key);
    const char *value = sandbox_setting_get(c->bot, key);
    if (!value)
        value = sandbox_setting_get(c->bot, "menu_button:0");
    jsonw_raw(&c->w, "result", value ? value : "{\"type\":\"default\"}");
}

void sandbox_method_log_out(struct sandbox_call *c)
{
    c->bot->logged_out = true;
    jsonw_bool(&c->w, "result", true);
}

void sandbox_method_close(struct sandbox_call *c)
{
    int64_t minutes_us = 600000000;
    if (sandbox_now_us() - c->s->started_us < minutes_us) {
        sandbox_call_flood(c, (minutes_us - (sandbox_now_us() - c->s->started_us)) / 1000000 + 1);
        return;
    }
    jsonw_bool(&c->w, "result", true);
}
