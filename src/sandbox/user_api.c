/* The people's door: JSON over HTTP below /sandbox/, parameters by query or JSON body. `bot` is a
 * bot's name, `user` a person's id or name (default: the first), `chat` a key as GET chats gives it
 * ("controller:1001", "-100123"). bot and user together name a private chat, chat names any.
 *
 * - POST send {bot|chat, user, text, reply_to, thread_id, date, count}: a person writes
 * - POST forward {bot|chat, user, text, from}: a forwarded message
 * - POST edit {bot|chat, user, message_id, text}
 * - POST press {bot|chat, user, message_id, data, force}; force: forged data, a deleted message
 * - POST block {bot|chat, user, kind: blocked|deactivated|kicked}; POST unblock
 * - POST user {id, name, username}; POST group {id, title}; POST migrate {chat, to}
 * - POST updates {bot, updates: [...]} verbatim objects, or {bot, raw: "bytes"}
 * - POST fault {bot, method, kind, count, ...} (fault.h); GET fault; DELETE fault or POST clear
 * - POST reset; POST alert: the body goes to alert_url
 * - GET config; chats ?user=; chat ?chat= or ?bot=&user=, &limit=; commands ?chat= or ?bot=
 * - GET wait ?bot= or ?chat=, &after=seq &contains= &timeout_ms=; or ?callback=id
 * - GET log ?limit=; stats; events (server-sent); file/<n>
 *
 * Answers are {"ok":true,...} or {"ok":false,"error":"sentence"}. Requests that carry a foreign
 * Origin are refused: any web page could otherwise press buttons here. */
#include <stdarg.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "sandbox/internal.h"

void sandbox_action_error(struct sandbox_action *a, int status, const char *text)
{
    struct jsonw w;
    TR_ASSERT(status >= 400);
    buf_reset(&a->out);
    jsonw_init(&w, &a->out);
    jsonw_object_begin(&w, NULL);
    jsonw_bool(&w, "ok", false);
    jsonw_str(&w, "error", text);
    jsonw_object_end(&w);
    a->status = status;
}

struct sandbox_person *sandbox_action_person(struct sandbox_action *a)
{
    struct sandbox_world *w = &a->s->world;
    const char *who = sandbox_param_text(&a->params, "user");
    int64_t id = 0;
    struct sandbox_person *p = NULL;
    if (!who || !who[0])
        p = w->person_count ? w->people[0] : NULL;
    else if (str_to_i64(who, &id))
        p = sandbox_world_person(w, id);
    else
        p = sandbox_world_person_by_name(w, who);
    if (!p)
        sandbox_action_error(a, 404, "user is not known");
    return p;
}

struct sandbox_chat *sandbox_action_chat(struct sandbox_action *a, struct sandbox_person *p)
{
    struct sandbox_world *w = &a->s->world;
    const char *key = sandbox_param_text(&a->params, "chat");
    const char *name = sandbox_param_text(&a->params, "bot");
    struct sandbox_bot *bot = sandbox_world_bot_by_name(w, name);
    struct sandbox_chat *c = NULL;
    if (key && key[0]) {
        c = sandbox_world_chat_by_name(w, key);
        if (!c && bot && p && str_eq(key, "private"))
            c = sandbox_world_private(w, bot, p->id);
    } else if (bot && p) {
        c = sandbox_world_private(w, bot, p->id);
    }
    if (!c)
        sandbox_action_error(a, 404, "chat is not known");
    return c;
}

/* ---- views ---- */

static void view_config(struct sandbox_action *a)
{
    struct sandbox_world *world = &a->s->world;
    jsonw_array_begin(&a->w, "users");
    for (size_t i = 0; i < world->person_count && i < 100; i++) {
        jsonw_object_begin(&a->w, NULL);
        jsonw_i64(&a->w, "id", world->people[i]->id);
        jsonw_str(&a->w, "name", world->people[i]->name);
        jsonw_object_end(&a->w);
    }
    jsonw_array_end(&a->w);
    jsonw_array_begin(&a->w, "bots");
    for (size_t i = 0; i < world->bot_count; i++) {
        jsonw_object_begin(&a->w, NULL);
        jsonw_str(&a->w, "name", world->bots[i].name);
        jsonw_str(&a->w, "username", world->bots[i].username);
        jsonw_str(&a->w, "title", world->bots[i].title);
        jsonw_i64(&a->w, "id", world->bots[i].id);
        jsonw_object_end(&a->w);
    }
    jsonw_array_end(&a->w);
    jsonw_bool(&a->w, "alerts", a->s->alert_url != NULL);
    jsonw_i64(&a->w, "seq", world->seq);
}

static void view_chats(struct sandbox_action *a)
{
    struct sandbox_world *world = &a->s->world;
    struct sandbox_person *p = sandbox_action_person(a);
    if (!p)
        return;
    jsonw_i64(&a->w, "seq", world->seq);
    jsonw_array_begin(&a->w, "chats");
    for (size_t i = 0; i < world->bot_count; i++) {
        struct sandbox_chat *c = sandbox_world_private(world, &world->bots[i], p->id);
        if (c)
            sandbox_render_page_chat(&a->w, NULL, world, c);
    }
    for (size_t i = 0; i < world->chat_count; i++)
        if (world->chats[i]->kind != SANDBOX_CHAT_PRIVATE && !world->chats[i]->migrated_to)
            sandbox_render_page_chat(&a->w, NULL, world, world->chats[i]);
    jsonw_array_end(&a->w);
}

static void view_chat(struct sandbox_action *a)
{
    struct sandbox_person *p = sandbox_action_person(a);
    struct sandbox_chat *c = p ? sandbox_action_chat(a, p) : NULL;
    if (!c)
        return;
    int64_t limit = sandbox_param_i64(&a->params, "limit", SANDBOX_CHAT_MESSAGES_MAX);
    size_t n = limit < 1 ? 1 : (size_t)limit;
    sandbox_render_page_chat(&a->w, "chat", &a->s->world, c);
    jsonw_i64(&a->w, "seq", a->s->world.seq);
    jsonw_array_begin(&a->w, "messages");
    for (size_t i = c->count > n ? c->count - n : 0; i < c->count; i++)
        if (!sandbox_chat_at(c, i)->deleted)
            sandbox_render_page_message(&a->w, NULL, &a->s->world, c, sandbox_chat_at(c, i));
    jsonw_array_end(&a->w);
}

static void write_commands(struct sandbox_action *a, const struct sandbox_bot *b,
                           const struct sandbox_chat *c)
{
    const char *list = sandbox_commands_for(b, c, sandbox_param_text(&a->params, "lang"));
    jsonw_object_begin(&a->w, NULL);
    jsonw_str(&a->w, "bot", b->name);
    jsonw_str(&a->w, "username", b->username);
    jsonw_raw(&a->w, "commands", list ? list : "[]");
    jsonw_object_end(&a->w);
}

static void view_commands(struct sandbox_action *a)
{
    struct sandbox_person *p = sandbox_action_person(a);
    struct sandbox_chat *c = p ? sandbox_action_chat(a, p) : NULL;
    if (!c)
        return;
    jsonw_array_begin(&a->w, "bots");
    for (size_t i = 0; i < a->s->world.bot_count; i++)
        if (c->bot < 0 ? !(c->kicked & (1u << i)) : c->bot == (int)i)
            write_commands(a, &a->s->world.bots[i], c);
    jsonw_array_end(&a->w);
}

static void view_stats(struct sandbox_action *a)
{
    struct sandbox_world *world = &a->s->world;
    jsonw_u64(&a->w, "requests", a->s->requests);
    jsonw_u64(&a->w, "actions", a->s->actions);
    jsonw_u64(&a->w, "faults_struck", a->s->faults.struck);
    jsonw_u64(&a->w, "file_bytes", world->file_bytes);
    jsonw_u64(&a->w, "held", a->s->held_count);
    jsonw_u64(&a->w, "pages", a->s->listener_count);
    jsonw_array_begin(&a->w, "bots");
    for (size_t i = 0; i < world->bot_count; i++) {
        const struct sandbox_bot *b = &world->bots[i];
        jsonw_object_begin(&a->w, NULL);
        jsonw_str(&a->w, "bot", b->name);
        jsonw_u64(&a->w, "calls", b->calls);
        jsonw_u64(&a->w, "polls", b->polls);
        jsonw_bool(&a->w, "polling", b->poll != NULL);
        jsonw_u64(&a->w, "sent", b->sent);
        jsonw_u64(&a->w, "edited", b->edited);
        jsonw_u64(&a->w, "failed", b->failed);
        jsonw_u64(&a->w, "conflicts", b->conflicts);
        jsonw_u64(&a->w, "pending", b->backlog.count);
        jsonw_u64(&a->w, "delivered", b->backlog.delivered);
        jsonw_u64(&a->w, "confirmed", b->backlog.confirmed);
        jsonw_u64(&a->w, "dropped", b->backlog.dropped);
        jsonw_u64(&a->w, "expired", b->backlog.expired);
        jsonw_i64(&a->w, "next_update_id", b->backlog.next_id);
        jsonw_object_end(&a->w);
    }
    jsonw_array_end(&a->w);
}

static void view_log(struct sandbox_action *a)
{
    sandbox_record_write_log(a->s, &a->w, sandbox_param_i64(&a->params, "limit", 0));
}

/* ---- people, groups, faults, reset ---- */

static void action_user(struct sandbox_action *a)
{
    int64_t id = sandbox_param_i64(&a->params, "id", 0);
    if (id <= 0 || id >= ((int64_t)1 << 52))
        sandbox_action_error(a, 400, "id must be a positive number of at most 52 bits");
    else if (!sandbox_world_add_person(&a->s->world, id, sandbox_param_text(&a->params, "name"),
                                       sandbox_param_text(&a->params, "username")))
        sandbox_action_error(a, 409, "too many people");
}

static void action_group(struct sandbox_action *a)
{
    int64_t id = sandbox_param_i64(&a->params, "id", 0);
    struct sandbox_chat *c = NULL;
    if (id >= 0 || id <= -((int64_t)1 << 52)) {
        sandbox_action_error(a, 400, "id must be a negative number of at most 52 bits");
        return;
    }
    c = sandbox_world_add_group(&a->s->world, id, sandbox_param_text(&a->params, "title"));
    if (!c) {
        sandbox_action_error(a, 409, "too many chats");
        return;
    }
    sandbox_event_chat(a->turn, "chat", c, NULL);
    sandbox_render_page_chat(&a->w, "chat", &a->s->world, c);
}

static void action_fault(struct sandbox_action *a)
{
    struct sandbox *s = a->s;
    struct sandbox_fault f;
    const char *wrong = sandbox_fault_read(&f, &a->params, &s->world);
    if (wrong) {
        sandbox_action_error(a, 400, wrong);
        return;
    }
    if (sandbox_fault_stage_of(f.kind) != SANDBOX_STAGE_NOW) {
        if (!sandbox_faults_arm(&s->faults, &f))
            sandbox_action_error(a, 409, "too many faults");
        return;
    }
    for (size_t i = 0; i < s->world.bot_count; i++)
        if (f.bot < 0 || f.bot == (int)i)
            sandbox_action_inject(a, &f, &s->world.bots[i]);
    s->faults.struck++;
}

static void view_faults(struct sandbox_action *a)
{
    struct buf list TR_CLEANUP(buf_deinit);
    buf_init(&list, 64 * 1024);
    sandbox_faults_write(&a->s->faults, &a->s->world, &list);
    jsonw_raw(&a->w, "faults", list.data);
}

static void action_clear_faults(struct sandbox_action *a)
{
    struct sandbox_bot *b =
        sandbox_world_bot_by_name(&a->s->world, sandbox_param_text(&a->params, "bot"));
    sandbox_faults_clear(&a->s->faults, b ? b->index : -1);
    sandbox_release_hung(a->turn);
}

static void action_reset(struct sandbox_action *a)
{
    struct buf nothing TR_CLEANUP(buf_deinit);
    buf_init(&nothing, 16);
    buf_puts(&nothing, "{}");
    sandbox_faults_clear(&a->s->faults, -1);
    sandbox_release_hung(a->turn);
    sandbox_waits_release_all(a->turn, 410);
    sandbox_poll_release_all(a->turn, 500, "Internal Server Error: restart");
    sandbox_world_reset(&a->s->world);
    sandbox_event(a->turn, "reset", &nothing);
}

/* ---- the door ---- */

static const struct {
    const char *verb, *path;
    void (*run)(struct sandbox_action *a);
} routes[] = {
    {"GET", "config", view_config},
    {"GET", "chats", view_chats},
    {"GET", "chat", view_chat},
    {"GET", "commands", view_commands},
    {"GET", "stats", view_stats},
    {"GET", "log", view_log},
    {"GET", "fault", view_faults},
    {"GET", "wait", sandbox_action_wait},
    {"POST", "send", sandbox_action_send},
    {"POST", "forward", sandbox_action_forward},
    {"POST", "edit", sandbox_action_edit},
    {"POST", "press", sandbox_action_press},
    {"POST", "block", sandbox_action_block},
    {"POST", "unblock", sandbox_action_unblock},
    {"POST", "user", action_user},
    {"POST", "group", action_group},
    {"POST", "migrate", sandbox_action_migrate},
    {"POST", "updates", sandbox_action_updates},
    {"POST", "fault", action_fault},
    {"DELETE", "fault", action_clear_faults},
    {"POST", "clear", action_clear_faults}, /* for clients without DELETE */
    {"POST", "reset", action_reset},
};

static bool origin_is_ours(const struct http_exchange *x)
{
    const char *origin = http_header(x, "Origin"), *host = http_header(x, "Host");
    const char *after = origin ? strstr(origin, "://") : NULL;
    return !origin || (after && host && str_ieq(after + 3, host));
}

static void serve_file(struct sandbox_turn *t, struct http_exchange *x, const char *serial)
{
    int64_t n = 0;
    const struct sandbox_file *f =
        str_to_i64(serial, &n) && n > 0 ? sandbox_file_get(&t->s->world, (uint64_t)n) : NULL;
    struct buf body TR_CLEANUP(buf_deinit);
    buf_init(&body, SANDBOX_FILES_MAX_BYTES);
    if (!f) {
        (void)sandbox_turn_answer(t, x, 404, NULL, NULL);
        return;
    }
    buf_append(&body, f->data, f->len);
    bool photo = f->kind == SANDBOX_MEDIA_PHOTO;
    bool png = f->len > 4 && f->data[0] == 0x89;
    const char *type = !photo               ? "application/octet-stream"
                       : png                ? "image/png"
                       : f->data[0] == 0xff ? "image/jpeg"
                                            : "image/webp";
    struct sandbox_answer *a = sandbox_turn_answer(t, x, 200, type, &body);
    a->header = photo ? "Cache-Control: max-age=3600" : "Content-Disposition: attachment";
}

static void run(struct sandbox_action *a, size_t route)
{
    int refused = sandbox_params_read(&a->params, a->x);
    buf_init(&a->out, SANDBOX_OUT_MAX_BYTES);
    jsonw_init(&a->w, &a->out);
    jsonw_object_begin(&a->w, NULL);
    jsonw_bool(&a->w, "ok", true);
    a->status = 200;
    a->s->actions++;
    if (refused)
        sandbox_action_error(a, refused, "the body is not a JSON object");
    else
        routes[route].run(a);
    if (!a->parked) {
        if (a->status == 200)
            jsonw_object_end(&a->w);
        if (buf_failed(&a->out))
            sandbox_action_error(a, 500, "the answer is too big");
        (void)sandbox_turn_json(a->turn, a->x, a->status, &a->out);
    }
    buf_deinit(&a->out);
    sandbox_params_deinit(&a->params);
}

void sandbox_user_request(struct sandbox_turn *t, struct http_exchange *x, const char *path)
{
    struct sandbox_action a = {.s = t->s, .turn = t, .x = x};
    const char *verb = http_method(x);
    if (!origin_is_ours(x)) {
        (void)sandbox_turn_answer(t, x, 403, NULL, NULL);
        return;
    }
    if (str_starts(path, "file/")) {
        serve_file(t, x, path + 5);
        return;
    }
    if (str_eq(path, "alert") && str_eq(verb, "POST")) {
        sandbox_alert_submit(t, x);
        return;
    }
    for (size_t i = 0; i < TR_ARRAY_SIZE(routes); i++)
        if (str_eq(routes[i].path, path) && str_eq(routes[i].verb, verb)) {
            run(&a, i);
            return;
        }
    (void)sandbox_turn_answer(t, x, 404, NULL, NULL);
}
