/* Reads a getUpdates answer into struct update. The answer is parsed once; strings point into the
 * parsed tree, which the batch owns. The reading is total: an element that is not what the Bot API
 * documents becomes UPDATE_MALFORMED with its id if that is readable, so the offset always moves
 * past it. Only an answer that is no whole JSON object with an array gives TELEGRAM_E_BAD_ANSWER
 * and nothing at all.
 *
 * Nesting beyond JSON_DEPTH_MAX would refuse the whole batch for ever, so then the elements are cut
 * out of the text by a flat scanner (no recursion) and parsed one by one. */
#include "telegram/client.h"
#include "telegram/json_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "telegram/message_text.h"

/* Ids fit 52 bits; anything beyond is not one. */
#define ID_LIMIT (INT64_C(1) << 52)
/* Seconds since 1970 until the year 2242: milliseconds are beyond. */
#define DATE_LIMIT_S (INT64_C(1) << 33)
/* More elements than the server ever puts into an answer (limit 100). */
#define BATCH_MAX 4096

/* ---- fields: each returns false when the value has a wrong type ---- */

static bool read_id(json_object *o, const char *key, int64_t *ret)
{
    json_object *v = json_member(o, key);
    if (v == NULL)
        return true;
    return json_i64(v, ret) && *ret > -ID_LIMIT && *ret < ID_LIMIT;
}

static bool is_plain_ascii(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] >= 0x7f || ((unsigned char)s[i] < 0x20 && s[i] != '\n'))
            return false;
    return true;
}

/* Strings come out as valid UTF-8 without controls; a dirty one is replaced in the tree. */
static bool read_string(json_object *o, const char *key, const char **ret)
{
    json_object *v = json_member(o, key);
    if (v == NULL)
        return true;
    if (!json_object_is_type(v, json_type_string))
        return false;
    size_t len = 0;
    const char *s = json_text(v, &len);
    if (!is_plain_ascii(s, len)) {
        struct buf clean TR_CLEANUP(buf_deinit) = {0};
        buf_init(&clean, len * 3 + 1);
        text_sanitise(&clean, s, len);
        if (clean.len != len || memcmp(clean.data, s, len) != 0)
            (void)json_object_set_string_len(v, clean.data, (int)clean.len);
        s = json_object_get_string(v);
    }
    *ret = s;
    return true;
}

static bool read_flag(json_object *o, const char *key)
{
    return json_is_true(json_member(o, key));
}

static bool read_sender(json_object *from, struct update *u)
{
    u->from_is_bot = read_flag(from, "is_bot");
    return read_id(from, "id", &u->from_id) && read_string(from, "first_name", &u->first_name);
}

static bool read_chat(json_object *chat, struct update *u)
{
    int64_t id = 0;
    if (!json_i64(json_member(chat, "id"), &id) || id <= -ID_LIMIT || id >= ID_LIMIT)
        return false;
    u->chat_id = id;
    if (!read_string(chat, "type", &u->chat_type))
        return false;
    u->is_private = strcmp(u->chat_type, "private") == 0;
    return true;
}

static bool read_date(json_object *message, struct update *u)
{
    return read_id(message, "date", &u->date_s) && u->date_s >= 0 && u->date_s < DATE_LIMIT_S;
}

/* ---- kinds ---- */

static bool has_any(json_object *o, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (json_member(o, keys[i]) != NULL)
            return true;
    return false;
}

static bool read_message(json_object *m, struct update *u)
{
    static const char *const forwards[] = {"forward_origin", "forward_date", "forward_from",
                                           "forward_from_chat", "forward_sender_name"};
    if (!read_chat(json_member(m, "chat"), u) || !read_sender(json_member(m, "from"), u) ||
        !read_id(json_member(m, "sender_chat"), "id", &u->sender_chat_id) ||
        !read_id(m, "message_id", &u->message_id) || !read_date(m, u) ||
        !read_id(m, "migrate_to_chat_id", &u->migrate_to_chat_id) ||
        !read_id(m, "migrate_from_chat_id", &u->migrate_from_chat_id))
        return false;
    u->is_topic = read_flag(m, "is_topic_message");
    /* Outside topics the field names a reply thread and must not be sent back. */
    if (u->is_topic && !read_id(m, "message_thread_id", &u->thread_id))
        return false;
    u->is_forward = has_any(m, forwards, TR_ARRAY_SIZE(forwards));
    u->is_via_bot = json_member(m, "via_bot") != NULL;
    if (!read_string(m, "text", &u->text))
        return false;
    return u->text[0] != 0 || read_string(m, "caption", &u->text);
}

static bool read_callback(json_object *c, struct update *u)
{
    json_object *m = json_member(c, "message");
    if (!read_string(c, "id", &u->callback_id) || u->callback_id[0] == 0 ||
        !read_string(c, "data", &u->callback_data) || !read_sender(json_member(c, "from"), u))
        return false;
    if (m == NULL)
        return true;
    if (!read_chat(json_member(m, "chat"), u) || !read_id(m, "message_id", &u->message_id) ||
        !read_date(m, u))
        return false;
    u->is_topic = read_flag(m, "is_topic_message");
    u->message_accessible = u->date_s != 0;
    return !u->is_topic || read_id(m, "message_thread_id", &u->thread_id);
}

static bool read_chat_member(json_object *m, struct update *u)
{
    return read_chat(json_member(m, "chat"), u) && read_sender(json_member(m, "from"), u) &&
           read_date(m, u) &&
           read_string(json_member(m, "new_chat_member"), "status", &u->member_status);
}

static const struct {
    const char *key;
    enum update_kind kind;
    bool (*read)(json_object *body, struct update *u);
} kinds[] = {
    {"message", UPDATE_MESSAGE, read_message},
    {"callback_query", UPDATE_CALLBACK, read_callback},
    {"edited_message", UPDATE_EDITED_MESSAGE, read_message},
    {"my_chat_member", UPDATE_MY_CHAT_MEMBER, read_chat_member},
};

static void update_init(struct update *u, enum update_kind kind, int64_t id)
{
    *u = (struct update){
        .kind = kind,
        .update_id = id,
        .text = "",
        .first_name = "",
        .callback_id = "",
        .callback_data = "",
        .chat_type = "",
        .member_status = "",
    };
}

static void read_update(json_object *o, struct update *u)
{
    json_object *id_value = json_member(o, "update_id");
    int64_t id = -1;
    bool readable = json_i64_lenient(id_value, &id) && id >= 0 && id < ID_LIMIT;
    update_init(u, UPDATE_MALFORMED, readable ? id : -1);
    if (!readable || !json_object_is_type(id_value, json_type_int))
        return;
    for (size_t i = 0; i < TR_ARRAY_SIZE(kinds); i++) {
        json_object *body = NULL;
        if (!json_object_object_get_ex(o, kinds[i].key, &body))
            continue;
        if (json_object_is_type(body, json_type_object) && kinds[i].read(body, u))
            u->kind = kinds[i].kind;
        else
            update_init(u, UPDATE_MALFORMED, id);
        return;
    }
    u->kind = UPDATE_OTHER;
}

/* ---- answers nested too deeply: cut out the elements ---- */

/* The end of the JSON value at p: past it, or NULL when it does not end before `end`. Only brackets
 * and strings matter; the value is judged by the parser later. */
static const char *skip_value(const char *p, const char *end)
{
    long depth = 0;
    bool in_string = false;
    for (; p < end; p++) {
        if (in_string) {
            if (*p == '\\')
                p++;
            else if (*p == '"')
                in_string = false;
        } else if (*p == '"') {
            in_string = true;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            if (depth == 0)
                return p;
            if (--depth == 0)
                return p + 1;
        } else if (*p == ',' && depth == 0) {
            return p;
        }
    }
    return NULL;
}

/* "update_id": N anywhere in an element that could not be parsed; the first one is its own in
 * practice. */
static int64_t find_update_id(const char *p, size_t len)
{
    static const char key[] = "\"update_id\"";
    const char *at = memmem(p, len, key, sizeof(key) - 1);
    if (at == NULL)
        return -1;
    int64_t id = 0;
    const char *end = p + len;
    int digits = 0;
    for (at += sizeof(key) - 1; at < end && (*at == ' ' || *at == ':'); at++)
        continue;
    for (; at < end && *at >= '0' && *at <= '9' && digits < 15; at++, digits++)
        id = id * 10 + (*at - '0');
    return digits > 0 && digits < 15 ? id : -1;
}

/* A tree of ours in the shape of the answer: elements nested too deeply keep only their id, as a
 * string, which makes them malformed with a readable id. NULL when the text has no complete result
 * array. */
static json_object *salvage(const char *p, size_t len)
{
    static const char key[] = "\"result\":";
    const char *end = p + len;
    const char *at = memmem(p, len, key, sizeof(key) - 1);
    if (at == NULL || memmem(p, (size_t)(at - p), "true", 4) == NULL)
        return NULL;
    for (at += sizeof(key) - 1; at < end && *at == ' '; at++)
        continue;
    if (at == end || *at != '[' || skip_value(at, end) == NULL)
        return NULL;
    json_object *list = json_object_new_array();
    for (at++; at < end && *at != ']';) {
        const char *next = skip_value(at, end);
        if (next == NULL || (next == at && *at != ',')) { /* brackets do not match */
            json_object_put(list);
            return NULL;
        }
        json_object *element = json_parse(at, (size_t)(next - at), NULL);
        if (element == NULL) {
            element = json_object_new_object();
            int64_t id = find_update_id(at, (size_t)(next - at));
            if (id >= 0) {
                char text[24];
                (void)snprintf(text, sizeof(text), "%lld", (long long)id);
                json_object_object_add(element, "update_id", json_object_new_string(text));
            }
        }
        json_object_array_add(list, element);
        at = next < end && *next == ',' ? next + 1 : next;
        while (at < end && strchr(" \t\r\n", *at) != NULL && *at != 0)
            at++;
    }
    json_object *root = json_object_new_object();
    json_object_object_add(root, "result", list);
    return root;
}

/* ---- the batch ---- */

static int compare_updates(const void *a, const void *b)
{
    const struct update *x = a;
    const struct update *y = b;
    if (x->update_id != y->update_id)
        return x->update_id < y->update_id ? -1 : 1;
    /* Of repeats the readable one is kept. */
    return (x->kind == UPDATE_MALFORMED) - (y->kind == UPDATE_MALFORMED);
}

static void sort_and_unite(struct update_batch *b)
{
    bool sorted = true;
    for (size_t i = 1; i < b->count && sorted; i++)
        sorted = b->items[i - 1].update_id < b->items[i].update_id;
    if (!sorted) {
        qsort(b->items, b->count, sizeof(*b->items), compare_updates);
        size_t kept = 0;
        for (size_t i = 0; i < b->count; i++) {
            bool repeat = kept > 0 && b->items[i].update_id >= 0 &&
                          b->items[kept - 1].update_id == b->items[i].update_id;
            if (!repeat)
                b->items[kept++] = b->items[i];
        }
        b->count = kept;
    }
    b->max_update_id = b->count > 0 ? b->items[b->count - 1].update_id : -1;
}

void update_batch_deinit(struct update_batch *b)
{
    mem_free(b->items);
    json_object_put(b->owned);
    memset(b, 0, sizeof(*b));
}

static bool read_batch(json_object *root, int64_t offset, struct update_batch *ret)
{
    json_object *list = json_member(root, "result");
    if (!json_object_is_type(list, json_type_array))
        return false;
    size_t n = json_object_array_length(list);
    ret->count = n < BATCH_MAX ? n : BATCH_MAX;
    ret->items = xcalloc(ret->count + 1, sizeof(*ret->items));
    for (size_t i = 0; i < ret->count; i++)
        read_update(json_object_array_get_idx(list, i), &ret->items[i]);
    sort_and_unite(ret);
    ret->id_space_restarted =
        offset > 0 && ret->max_update_id >= 0 && ret->max_update_id < offset - 1;
    return true;
}

void telegram_read_updates(const struct http_response *r, int64_t offset, struct update_batch *ret,
                           struct telegram_reply *ret_status)
{
    memset(ret, 0, sizeof(*ret));
    ret->max_update_id = -1;
    json_object *root = NULL;
    telegram_read_envelope(r, ret_status, &root);
    if (root == NULL && r->result == HTTP_OK && r->status == 200) {
        bool too_deep = false;
        json_object_put(json_parse(r->body.data, r->body.len, &too_deep));
        if (too_deep)
            root = salvage(r->body.data, r->body.len);
        ret_status->error = root != NULL ? TELEGRAM_OK : ret_status->error;
    }
    /* getUpdates exists: a 404 means the token, not the method. */
    if (ret_status->error == TELEGRAM_E_METHOD_UNKNOWN)
        ret_status->error = TELEGRAM_E_UNAUTHORISED;
    if (root == NULL)
        return;
    ret->owned = root;
    if (!read_batch(root, offset, ret)) {
        update_batch_deinit(ret);
        ret->max_update_id = -1;
        ret_status->error = TELEGRAM_E_BAD_ANSWER;
    }
}
