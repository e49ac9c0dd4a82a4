/* JSON text straight into the caller's buffer: no tree, no allocation of its own. Strings are
 * copied in runs of clean bytes. */
#include "core/jsonw.h"

#include <string.h>

void jsonw_init(struct jsonw *w, struct buf *out)
{
    TR_ASSERT(w != NULL);
    TR_ASSERT(out != NULL);
    *w = (struct jsonw){.out = out, .first = {true}};
}

/* Length of the well-formed UTF-8 sequence at p, 0 when there is none (RFC 3629: no surrogates,
 * no overlong forms, nothing past U+10FFFF). */
static size_t utf8_len(const unsigned char *p, size_t left)
{
    unsigned char c = p[0];
    if (c < 0x80)
        return 1;
    size_t n = c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    bool bad = (c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ||
               (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : n;
}

static void put_control(struct buf *out, unsigned char c)
{
    switch (c) {
    case '"':
        buf_puts(out, "\\\"");
        break;
    case '\\':
        buf_puts(out, "\\\\");
        break;
    case '\n':
        buf_puts(out, "\\n");
        break;
    case '\r':
        buf_puts(out, "\\r");
        break;
    case '\t':
        buf_puts(out, "\\t");
        break;
    default:
        buf_printf(out, "\\u%04x", (unsigned)c);
        break;
    }
}

static void put_string(struct buf *out, const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    buf_putc(out, '"');
    size_t run = 0; /* start of the bytes that can be copied as they are */
    size_t i = 0;
    while (i < len) {
        bool plain = p[i] >= 0x20 && p[i] != '"' && p[i] != '\\' && p[i] != 0x7f;
        size_t n = p[i] < 0x80 ? 1 : utf8_len(p + i, len - i);
        if (plain && n > 0) {
            i += n;
            continue;
        }
        buf_append(out, s + run, i - run);
        if (n == 0)
            buf_puts(out, "\xef\xbf\xbd");
        else
            put_control(out, p[i]);
        run = ++i;
    }
    buf_append(out, s + run, len - run);
    buf_putc(out, '"');
}

static void put_digits(struct buf *out, uint64_t value)
{
    char digits[20]; /* 2^64 - 1 */
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_append(out, digits + at, sizeof(digits) - at);
}

/* Comma and key of the next value; only the outermost value and array members have no key. */
static void lead(struct jsonw *w, const char *key)
{
    TR_ASSERT(w->depth >= 0);
    TR_ASSERT(w->depth < JSONW_DEPTH_MAX);
    TR_ASSERT(key == NULL || w->depth > 0);
    if (!w->first[w->depth])
        buf_putc(w->out, ',');
    w->first[w->depth] = false;
    if (key != NULL) {
        put_string(w->out, key, strlen(key));
        buf_putc(w->out, ':');
    }
}

static void open_level(struct jsonw *w, const char *key, char bracket)
{
    lead(w, key);
    buf_putc(w->out, bracket);
    w->depth++;
    TR_ASSERT(w->depth < JSONW_DEPTH_MAX);
    w->first[w->depth] = true;
}

static void close_level(struct jsonw *w, char bracket)
{
    TR_ASSERT(w->depth > 0);
    w->depth--;
    buf_putc(w->out, bracket);
}

void jsonw_object_begin(struct jsonw *w, const char *key)
{
    open_level(w, key, '{');
}

void jsonw_object_end(struct jsonw *w)
{
    close_level(w, '}');
}

void jsonw_array_begin(struct jsonw *w, const char *key)
{
    open_level(w, key, '[');
}

void jsonw_array_end(struct jsonw *w)
{
    close_level(w, ']');
}

void jsonw_str(struct jsonw *w, const char *key, const char *value)
{
    if (value == NULL)
        jsonw_null(w, key);
    else
        jsonw_strn(w, key, value, strlen(value));
}

void jsonw_strn(struct jsonw *w, const char *key, const char *value, size_t len)
{
    TR_ASSERT(value != NULL || len == 0);
    lead(w, key);
    put_string(w->out, value != NULL ? value : "", len);
}

void jsonw_i64(struct jsonw *w, const char *key, int64_t value)
{
    lead(w, key);
    if (value < 0)
        buf_putc(w->out, '-');
    put_digits(w->out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void jsonw_u64(struct jsonw *w, const char *key, uint64_t value)
{
    lead(w, key);
    put_digits(w->out, value);
}

void jsonw_bool(struct jsonw *w, const char *key, bool value)
{
    jsonw_raw(w, key, value ? "true" : "false");
}

void jsonw_null(struct jsonw *w, const char *key)
{
    jsonw_raw(w, key, "null");
}

void jsonw_raw(struct jsonw *w, const char *key, const char *json_text)
{
    TR_ASSERT(json_text != NULL);
    lead(w, key);
    buf_puts(w->out, json_text);
}
