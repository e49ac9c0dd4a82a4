#include "telegram/json_read.h"

#include <string.h>

#include "core/alloc.h"

json_object *json_parse(const char *p, size_t len, bool *ret_too_deep)
{
    if (ret_too_deep != NULL)
        *ret_too_deep = false;
    if (p == NULL || len == 0 || len > INT32_MAX)
        return NULL;
    json_tokener *tok = json_tokener_new_ex(JSON_DEPTH_MAX);
    if (tok == NULL)
        return NULL;
    json_object *root = json_tokener_parse_ex(tok, p, (int)len);
    enum json_tokener_error error = json_tokener_get_error(tok);
    size_t end = json_tokener_get_parse_end(tok);
    json_tokener_free(tok);
    if (error != json_tokener_success || end < len) {
        for (; error == json_tokener_success && end < len; end++)
            if (strchr(" \t\r\n", p[end]) == NULL || p[end] == 0)
                break;
        if (error != json_tokener_success || end < len) {
            if (ret_too_deep != NULL)
                *ret_too_deep = error == json_tokener_error_depth;
            json_object_put(root);
            return NULL;
        }
    }
    return root;
}

json_object *json_member(json_object *o, const char *key)
{
    json_object *value = NULL;
    if (!json_object_is_type(o, json_type_object))
        return NULL;
    return json_object_object_get_ex(o, key, &value) ? value : NULL;
}

bool json_i64(json_object *o, int64_t *ret)
{
    if (!json_object_is_type(o, json_type_int))
        return false;
    int64_t v = json_object_get_int64(o);
    if (v == INT64_MAX || v == INT64_MIN) /* clamped by json-c */
        return false;
    *ret = v;
    return true;
}

bool json_i64_lenient(json_object *o, int64_t *ret)
{
    if (json_i64(o, ret))
        return true;
    /* A float keeps the text it was written as; only "123" and "123.000" are whole numbers. */
    if (!json_object_is_type(o, json_type_string) && !json_object_is_type(o, json_type_double))
        return false;
    char text[32];
    if (!str_copy(text, sizeof(text), json_object_get_string(o)))
        return false;
    char *dot = strchr(text, '.');
    if (dot != NULL) {
        if (dot[1] == 0 || strspn(dot + 1, "0") != strlen(dot + 1))
            return false;
        *dot = 0;
    }
    return str_to_i64(text, ret);
}

bool json_is_true(json_object *o)
{
    return json_object_is_type(o, json_type_boolean) && json_object_get_boolean(o) != 0;
}

const char *json_text(json_object *o, size_t *ret_len)
{
    if (!json_object_is_type(o, json_type_string)) {
        *ret_len = 0;
        return "";
    }
    *ret_len = (size_t)json_object_get_string_len(o);
    return json_object_get_string(o);
}
