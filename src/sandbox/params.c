/* Reading a request's parameters. Values point into the exchange or the parsed JSON body where they
 * can; query and urlencoded fields are copied. Nothing here fails on odd values, only on bodies
 * that the real server's HTTP layer refuses too. */
#include "sandbox/params.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/jsonw.h"

#define JSON_DEPTH_MAX 100

static struct sandbox_param *add(struct sandbox_params *p)
{
    if (p->count == SANDBOX_PARAMS_MAX)
        return NULL;
    struct sandbox_param *item = &p->items[p->count++];
    *item = (struct sandbox_param){0};
    return item;
}

static void on_field(const char *name, const char *value, void *ctx)
{
    struct sandbox_param *item = add(ctx);
    if (!item)
        return;
    item->name = xstrdup(name);
    item->value = xstrdup(value ? value : "");
    item->len = strlen(item->value);
    item->owned = true;
}

static void add_json(struct sandbox_params *p)
{
    struct json_object_iterator it = json_object_iter_begin(p->body);
    struct json_object_iterator end = json_object_iter_end(p->body);
    for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
        struct sandbox_param *item = add(p);
        if (!item)
            return;
        item->name = json_object_iter_peek_name(&it);
        item->object = json_object_iter_peek_value(&it);
        if (json_object_is_type(item->object, json_type_string)) {
            item->value = json_object_get_string(item->object);
            item->len = (size_t)json_object_get_string_len(item->object);
        } else {
            item->value = json_object_to_json_string_ext(
                item->object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
            item->len = strlen(item->value);
        }
    }
}

static struct json_object *parse(const char *text, size_t len)
{
    struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH_MAX);
    if (!tok)
        return NULL;
    struct json_object *o = json_tokener_parse_ex(tok, text, (int)len);
    bool whole = json_tokener_get_error(tok) == json_tokener_success;
    if (json_tokener_get_error(tok) == json_tokener_continue) { /* a bare number needs an end */
        o = json_tokener_parse_ex(tok, " ", 1);
        whole = json_tokener_get_error(tok) == json_tokener_success;
    } else if (whole) {
        for (size_t i = json_tokener_get_parse_end(tok); i < len; i++)
            whole = whole && strchr(" \t\r\n", text[i]) && text[i];
    }
    json_tokener_free(tok);
    if (!whole) {
        (void)json_object_put(o);
        return NULL;
    }
    return o;
}

static int add_body(struct sandbox_params *p, struct http_exchange *x)
{
    size_t len = 0;
    const char *body = http_body(x, &len);
    const char *type = http_header(x, "Content-Type");
    if (len == 0)
        return 0;
    if (http_header(x, "Content-Encoding") &&
        !str_ieq(http_header(x, "Content-Encoding"), "identity"))
        return 415;
    if (type && strncasecmp(type, "multipart/form-data", 19) == 0) {
        const struct http_form_part *parts = NULL;
        size_t n = http_form_parts(x, &parts);
        for (size_t i = 0; i < n; i++) {
            struct sandbox_param *item = add(p);
            if (!item)
                return 413;
            *item = (struct sandbox_param){.name = parts[i].name,
                                           .value = parts[i].data,
                                           .len = parts[i].len,
                                           .file = parts[i].file_name ? &parts[i] : NULL};
        }
        return 0;
    }
    if (len > SANDBOX_PARAMS_MAX_BODY)
        return 413;
    if (type && strncasecmp(type, "application/json", 16) == 0) {
        p->body = parse(body, len);
        if (!json_object_is_type(p->body, json_type_object))
            return 400;
        add_json(p);
    }
    return 0; /* urlencoded fields came with the query */
}

int sandbox_params_read(struct sandbox_params *p, struct http_exchange *x)
{
    TR_ASSERT(p && x);
    p->count = 0;
    p->body = NULL;
    p->parsed_count = 0;
    http_each_query(x, on_field, p);
    return add_body(p, x);
}

void sandbox_params_deinit(struct sandbox_params *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (!p->items[i].owned)
            continue;
        (void)mem_free((void *)(uintptr_t)p->items[i].name);
        (void)mem_free((void *)(uintptr_t)p->items[i].value);
    }
    for (size_t i = 0; i < p->parsed_count; i++)
        (void)json_object_put(p->parsed[i]);
    (void)json_object_put(p->body);
    p->count = p->parsed_count = 0;
    p->body = NULL;
}

const struct sandbox_param *sandbox_param(const struct sandbox_params *p, const char *name)
{
    TR_ASSERT(p && name);
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->items[i].name, name) == 0)
            return &p->items[i];
    return NULL;
}

const char *sandbox_param_text(const struct sandbox_params *p, const char *name)
{
    const struct sandbox_param *item = sandbox_param(p, name);
    return item && !item->file ? item->value : NULL;
}

int64_t sandbox_param_i64(const struct sandbox_params *p, const char *name, int64_t absent)
{
    const char *text = sandbox_param_text(p, name);
    return text ? strtoll(text, NULL, 10) : absent; /* garbage is 0, out of range is clamped */
}

bool sandbox_param_bool(const struct sandbox_params *p, const char *name)
{
    const char *text = sandbox_param_text(p, name);
    return str_ieq(text, "true") || str_ieq(text, "yes") || str_eq(text, "1");
}

struct json_object *sandbox_param_json(struct sandbox_params *p, const char *name,
                                       bool *ret_present)
{
    const struct sandbox_param *item = sandbox_param(p, name);
    bool present = item && !item->file && item->len > 0;
    if (ret_present)
        *ret_present = present;
    if (!present)
        return NULL;
    if (item->object && !json_object_is_type(item->object, json_type_string))
        return item->object;
    struct json_object *o = parse(item->value, item->len);
    if (!o || p->parsed_count == TR_ARRAY_SIZE(p->parsed)) {
        (void)json_object_put(o);
        return NULL;
    }
    p->parsed[p->parsed_count++] = o;
    return o;
}

void sandbox_params_write(const struct sandbox_params *p, struct buf *out)
{
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    for (size_t i = 0; i < p->count; i++) {
        const struct sandbox_param *item = &p->items[i];
        if (item->file) {
            jsonw_object_begin(&w, item->name);
            jsonw_str(&w, "file_name", item->file->file_name);
            jsonw_u64(&w, "size_bytes", item->len);
            jsonw_object_end(&w);
        } else if (item->object && !json_object_is_type(item->object, json_type_string)) {
            jsonw_raw(&w, item->name, item->value);
        } else {
            jsonw_strn(&w, item->name, item->value, item->len);
        }
    }
    jsonw_object_end(&w);
}
