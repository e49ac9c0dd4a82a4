/* signals/fields.c: typed fields of an alert, and refusals that name the field, what was read and
 * what would be accepted. Text that goes into a refusal or a signal is cleaned: valid UTF-8, no
 * control characters, cut to fit. */
#include "signals/fields.h"

#include <limits.h>
#include <string.h>
#include "core/alloc.h"

#define PRICE_MAX 10000000 /* distances and their multiples stay far from overflow */

/* Bytes of the UTF-8 sequence at s, 0 when it is not valid. */
static size_t utf8_len(const unsigned char *s)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : 0;
    if (n == 0 && s[0] >= 0xf0 && s[0] <= 0xf4)
        n = 4;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if (n == 3 && ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)))
        return 0;
    if (n == 4 && ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)))
        return 0;
    return n;
}

bool utf8_valid(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s, *end = p + len;
    while (p < end) {
        uint64_t eight = UINT64_MAX;
        if (end - p >= 8)
            memcpy(&eight, p, sizeof(eight));
        if ((eight & UINT64_C(0x8080808080808080)) == 0) {
            p += sizeof(eight);
            continue;
        }
        size_t n = utf8_len(p); /* stops at the terminator */
        if (n == 0)
            return false;
        p += n;
    }
    return true;
}

void text_clean(char *dst, size_t cap, const char *src)
{
    const unsigned char *s = (const unsigned char *)src;
    size_t out = 0;
    TR_ASSERT(cap > 0);
    while (*s != '\0') {
        size_t n = utf8_len(s);
        bool plain = n > 1 || (n == 1 && *s >= 0x20 && *s != 0x7f);
        if (out + (plain ? n : 1) >= cap)
            break;
        if (plain) {
            memcpy(dst + out, s, n);
            out += n;
        } else {
            dst[out++] = '?';
        }
        s += n > 0 ? n : 1;
    }
    dst[out] = '\0';
}

enum signal_result fault_set(struct signal_fault *f, enum reason r, const char *field,
                             const char *value, const char *accepted)
{
    memset(f, 0, sizeof(*f));
    f->reason = r;
    text_clean(f->field, sizeof(f->field), field);
    text_clean(f->value, sizeof(f->value), value != NULL ? value : "");
    text_clean(f->accepted, sizeof(f->accepted), accepted);
    return SIGNAL_E_REFUSED;
}

/* json_object_get_string() prints numbers and truth values into memory of their own; the parser has
 * kept the source text of a decimal, and the words are known. */
static const char *scalar_text(json_object *v)
{
    const char *source = NULL;
    if (json_object_is_type(v, json_type_boolean))
        source = json_object_get_boolean(v) ? "true" : "false";
    else if (json_object_is_type(v, json_type_double))
        source = json_object_get_userdata(v);
    return source != NULL ? source : json_object_get_string(v);
}

const char *field_text(json_object *o, const char *name)
{
    json_object *v = NULL;
    if (!json_object_object_get_ex(o, name, &v) || v == NULL)
        return NULL;
    if (json_object_is_type(v, json_type_object) || json_object_is_type(v, json_type_array))
        return NULL;
    const char *s = scalar_text(v);
    if (json_object_is_type(v, json_type_string) &&
        (size_t)json_object_get_string_len(v) != strlen(s))
        return NULL; /* a NUL inside */
    return s == NULL || s[0] == '\0' || strncmp(s, "{{", 2) == 0 ? NULL : s;
}

bool decimal_read(const char *s, int64_t *ret_e8)
{
    return dec_parse_round(s, strlen(s), DEC_HALF_AWAY, ret_e8);
}

enum signal_result field_decimal(json_object *o, const char *name, int64_t *ret_e8,
                                 struct signal_fault *f)
{
    const char *s = field_text(o, name);
    if (s == NULL || str_ieq(s, "NA") || str_ieq(s, "NaN"))
        return SIGNAL_PARSED; /* Pine writes NaN where it has no value */
    if (!decimal_read(s, ret_e8))
        return fault_set(f, REASON_FIELD_INVALID, name, s, "a decimal number");
    return SIGNAL_PARSED;
}

enum signal_result price_check(const char *field, const char *value, int64_t v_e8,
                               struct signal_fault *f)
{
    if (v_e8 == DEC_NONE || (v_e8 > 0 && v_e8 <= PRICE_MAX * DEC_ONE))
        return SIGNAL_PARSED;
    return fault_set(f, REASON_FIELD_INVALID, field, value, "a price above 0, at most 10000000");
}

enum signal_result field_price(json_object *o, const char *name, int64_t *ret_e8,
                               struct signal_fault *f)
{
    if (field_decimal(o, name, ret_e8, f))
        return SIGNAL_E_REFUSED;
    return price_check(name, field_text(o, name), *ret_e8, f);
}

enum signal_result field_int(json_object *o, const char *name, int min, int max, int *ret,
                             struct signal_fault *f)
{
    const char *s = field_text(o, name);
    int64_t v_e8 = 0;
    if (s == NULL)
        return SIGNAL_PARSED;
    if (decimal_read(s, &v_e8) && v_e8 % DEC_ONE == 0 && v_e8 / DEC_ONE >= min &&
        v_e8 / DEC_ONE <= max) {
        *ret = (int)(v_e8 / DEC_ONE);
        return SIGNAL_PARSED;
    }
    char accepted[48] = "";
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, sizeof(accepted));
    buf_printf(&b, "a whole number from %d to %d", min, max);
    (void)str_copy(accepted, sizeof(accepted), b.data);
    return fault_set(f, REASON_FIELD_INVALID, name, s, accepted);
}

enum signal_result field_bool(json_object *o, const char *name, bool *ret, struct signal_fault *f)
{
    const char *s = field_text(o, name);
    if (s == NULL)
        return SIGNAL_PARSED;
    if (!str_ieq(s, "true") && !str_ieq(s, "false"))
        return fault_set(f, REASON_FIELD_INVALID, name, s, "true or false");
    *ret = str_ieq(s, "true");
    return SIGNAL_PARSED;
}

void field_copy(json_object *o, const char *name, char *dst, size_t cap)
{
    const char *s = field_text(o, name);
    if (s != NULL)
        text_clean(dst, cap, s);
}

enum signal_result symbol_read(const char *raw, const char *hint, struct signal *ret,
                               struct signal_fault *f)
{
    const char *from = raw != NULL && symbol_normalise(raw, ret->symbol) ? raw : NULL;
    if (from == NULL && hint != NULL && symbol_normalise(hint, ret->symbol))
        from = hint;
    if (from == NULL) {
        ret->symbol[0] = '\0';
        return fault_set(f, REASON_SYMBOL_MISSING, "symbol", raw,
                         "a symbol in the alert, or ?symbol=XAUUSD in the address");
    }
    if (symbol_find(ret->symbol) != NULL)
        return SIGNAL_PARSED;
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, 256);
    for (size_t i = 0; i < symbol_count(); i++)
        buf_printf(&b, "%s%s", i > 0 ? " " : "", symbol_at(i)->name);
    return fault_set(f, REASON_SYMBOL_UNKNOWN, "symbol", from, b.data);
}

enum signal_result timeframe_read(const char *raw, const char *field, struct signal *ret,
                                  struct signal_fault *f)
{
    if (raw == NULL)
        return fault_set(f, REASON_FIELD_MISSING, field, NULL,
                         "a timeframe: 5, 15, 60, 240, 1h, 1D");
    text_clean(ret->tf_text, sizeof(ret->tf_text), raw);
    ret->tf = timeframe_parse(raw);
    return SIGNAL_PARSED;
}
