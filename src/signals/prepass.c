#include "signals/fields.h"

#include <string.h>

#define PLACEHOLDER_MAX_BYTES 128

/* A bare {{...}} at p: its length, 0 when it does not end soon. It may hold quotes:
 * {{plot("RSI")}}. */
static size_t placeholder_len(const char *p, const char *end)
{
    if (end - p < 4 || p[0] != '{' || p[1] != '{')
        return 0;
    const char *stop = end - p > PLACEHOLDER_MAX_BYTES ? p + PLACEHOLDER_MAX_BYTES : end;
    for (const char *q = p + 2; q + 1 < stop; q++)
        if (q[0] == '}' && q[1] == '}')
            return (size_t)(q - p) + 2;
    return 0;
}

/* p is behind an opening quote: the place behind the closing one, or end. */
static const char *skip_string(const char *p, const char *end)
{
    for (; p < end; p++) {
        if (*p == '"')
            return p + 1;
        if (*p == '\\' && p + 1 < end)
            p++;
    }
    return end;
}

void prepass(const char *body, size_t len, struct buf *out, int *ret_keys)
{
    const char *p = body, *end = body + len, *run = body; /* run: not yet copied */
    int depth = 0, keys = 0;
    while (p < end) {
        char c = *p;
        size_t skip = c == '{' ? placeholder_len(p, end) : 0;
        if (skip > 0) { /* JSON itself never has "{{": an object begins with a string or "}" */
            buf_append(out, run, (size_t)(p - run));
            buf_puts(out, "null");
            run = p += skip;
            continue;
        }
        p++;
        if (c == '"')
            p = skip_string(p, end);
        else if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        else if (c == ':' && depth == 1)
            keys++;
    }
    buf_append(out, run, (size_t)(end - run));
    *ret_keys = keys;
}
