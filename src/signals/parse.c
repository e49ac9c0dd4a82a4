/* signals/parse.c: recognises the wire format and hands over to its parser. */
#include "signals/fields.h"

#include <string.h>
#include "core/alloc.h"
#include "core/hash.h"

#define JSON_DEPTH_MAX 8
#define JSON_KEYS_MAX  64

static void freep_tokener(struct json_tokener **t)
{
    json_tokener_free(*t);
}

static void put_object(json_object **o)
{
    json_object_put(*o);
}

static enum signal_result parse_object(json_object *o, const char *hint, struct signal *ret,
                                       struct signal_fault *f)
{
    const char *type = field_text(o, "type");
    if (type == NULL)
        return fault_set(
            f, REASON_FIELD_MISSING, "type", NULL,
            "entry_v3 exit_v3 squeeze_v3 trend_pulse_v3, or bias trend entry exit reversal");
    size_t len = strlen(type);
    if (len > 3 && strcmp(type + len - 3, "_v3") == 0)
        return parse_v3(o, type, hint, ret, f);
    return parse_legacy(o, type, hint, ret, f);
}

static enum signal_result parse_json(const char *body, size_t len, const char *hint,
                                     struct signal *ret, struct signal_fault *f)
{
    struct buf text TR_CLEANUP(buf_deinit);
    int keys = 0;
    buf_init(&text, SIGNAL_BODY_MAX_BYTES + 16);
    prepass(body, len, &text, &keys);
    if (buf_failed(&text) || keys > JSON_KEYS_MAX)
        return fault_set(f, REASON_FIELD_INVALID, "body", NULL, "at most 16 KiB and 64 fields");
    if (!utf8_valid(text.data, text.len)) /* json-c lets overlong forms and surrogates through */
        return fault_set(f, REASON_FIELD_INVALID, "body", "bytes that are no UTF-8", "UTF-8 text");
    struct json_tokener *t TR_CLEANUP(freep_tokener) = json_tokener_new_ex(JSON_DEPTH_MAX);
    if (t == NULL)
        return fault_set(f, REASON_INTERNAL, "body", NULL, "memory");
    json_tokener_set_flags(t, JSON_TOKENER_STRICT);
    json_object *o TR_CLEANUP(put_object) = json_tokener_parse_ex(t, text.data, (int)text.len);
    enum json_tokener_error error = json_tokener_get_error(t);
    if (error != json_tokener_success)
        return fault_set(f, REASON_FIELD_INVALID, "body", json_tokener_error_desc(error),
                         "one complete JSON object");
    size_t used = json_tokener_get_parse_end(t);
    if (!json_object_is_type(o, json_type_object) ||
        strspn(text.data + used, " \t\r\n") != text.len - used)
        return fault_set(f, REASON_FIELD_INVALID, "body", "text after the object",
                         "one JSON object");
    if (keys != json_object_object_length(o))
        return fault_set(f, REASON_FIELD_INVALID, "body", "a field is repeated", "each field once");
    return parse_object(o, hint, ret, f);
}

static enum signal_result parse_text(const char *body, size_t len, const char *hint,
                                     struct signal *ret, struct signal_fault *f)
{
    size_t start = 0;
    while (start < len && strchr(" \t\r\n", body[start]) != NULL && body[start] != '\0')
        start++;
    if (start == len)
        return fault_set(f, REASON_FIELD_MISSING, "body", NULL, "an alert: JSON or V6 pipe text");
    if (memchr(body, '\0', len) != NULL)
        return fault_set(f, REASON_FIELD_INVALID, "body", "a NUL byte", "text");
    if (body[start] == '{')
        return parse_json(body + start, len - start, hint, ret, f);
    if (memchr(body + start, '|', len - start) != NULL)
        return parse_v6(body + start, len - start, hint, ret, f);
    return parse_sentence(body + start, len - start, hint, ret, f);
}

enum signal_result signal_parse(const char *body, size_t len, const char *symbol_hint,
                                int64_t now_ms, struct signal *ret, struct signal_fault *ret_fault)
{
    struct signal s = SIGNAL_INIT;
    TR_ASSERT(body != NULL || len == 0);
    s.received_ms = now_ms;
    if (len > SIGNAL_BODY_MAX_BYTES)
        return fault_set(ret_fault, REASON_FIELD_INVALID, "body", "too long", "at most 16 KiB");
    enum signal_result r = parse_text(body, len, symbol_hint, &s, ret_fault);
    if (r != SIGNAL_PARSED)
        return r;
    uint8_t digest[HASH_SHA256_BYTES];
    hash_sha256(body, len, digest);
    memcpy(&s.body_hash, digest, sizeof(s.body_hash));
    *ret = s;
    return SIGNAL_PARSED;
}
