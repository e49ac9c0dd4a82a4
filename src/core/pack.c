/* The binary encoding. Every value has exactly one spelling, so that equal state means equal bytes:
 * snapshots and replays are compared with memcmp. */
#include "core/pack.h"

#include <string.h>

#include "core/alloc.h"

#define VARINT_MAX_BYTES 10

void pack_u64(struct buf *b, uint64_t v)
{
    unsigned char bytes[VARINT_MAX_BYTES];
    size_t n = 0;
    if (v < 0x80) { /* most values are small */
        buf_putc(b, (char)v);
        return;
    }
    while (v >= 0x80) {
        bytes[n++] = (unsigned char)(v | 0x80);
        v >>= 7;
    }
    bytes[n++] = (unsigned char)v;
    TR_ASSERT(n <= VARINT_MAX_BYTES);
    buf_append(b, bytes, n);
}

void pack_i64(struct buf *b, int64_t v)
{
    uint64_t sign = v < 0 ? UINT64_MAX : 0;
    pack_u64(b, ((uint64_t)v << 1) ^ sign);
}

void pack_bool(struct buf *b, bool v)
{
    pack_u64(b, v ? 1 : 0);
}

void pack_str(struct buf *b, const char *s)
{
    pack_bytes(b, s, s != NULL ? strlen(s) : 0);
}

void pack_bytes(struct buf *b, const void *p, size_t len)
{
    pack_u64(b, len);
    buf_append(b, p, len);
}

void unpack_init(struct unpack *u, const void *p, size_t len)
{
    TR_ASSERT(u != NULL);
    TR_ASSERT(p != NULL || len == 0);
    const unsigned char *bytes = p != NULL ? p : (const unsigned char *)"";
    *u = (struct unpack){.p = bytes, .end = bytes + len};
}

/* One encoding a value: a varint with a useless last byte, or past 64 bits, is malformed. */
uint64_t unpack_u64(struct unpack *u)
{
    TR_ASSERT(u->p <= u->end);
    if (u->failed)
        return 0;
    uint64_t v = 0;
    const unsigned char *p = u->p;
    for (unsigned shift = 0; shift < 64 && p < u->end; shift += 7) {
        unsigned char byte = *p++;
        if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0))
            break;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            u->p = p;
            return v;
        }
    }
    u->failed = true;
    return 0;
}

int64_t unpack_i64(struct unpack *u)
{
    uint64_t z = unpack_u64(u);
    uint64_t sign = (z & 1) != 0 ? UINT64_MAX : 0;
    return (int64_t)((z >> 1) ^ sign);
}

int unpack_int(struct unpack *u, int min, int max)
{
    TR_ASSERT(min <= max);
    int64_t v = unpack_i64(u);
    if (v < min || v > max)
        u->failed = true;
    return u->failed ? min : (int)v;
}

bool unpack_bool(struct unpack *u)
{
    uint64_t v = unpack_u64(u);
    if (v > 1)
        u->failed = true;
    return !u->failed && v == 1;
}

const void *unpack_bytes(struct unpack *u, size_t *ret_len)
{
    uint64_t len = unpack_u64(u);
    if (u->failed || len > (uint64_t)(u->end - u->p)) {
        u->failed = true;
        *ret_len = 0;
        return "";
    }
    const unsigned char *bytes = u->p;
    u->p += len;
    *ret_len = (size_t)len;
    return bytes;
}

/* Text without NULs inside, or failed and "". */
static const char *unpack_text(struct unpack *u, size_t max_len, size_t *ret_len)
{
    const char *s = unpack_bytes(u, ret_len);
    if (*ret_len > max_len || memchr(s, '\0', *ret_len) != NULL)
        u->failed = true;
    if (u->failed)
        *ret_len = 0;
    return u->failed ? "" : s;
}

void unpack_str(struct unpack *u, char *dst, size_t cap)
{
    TR_ASSERT(cap > 0);
    size_t len = 0;
    const char *s = unpack_text(u, cap - 1, &len);
    memcpy(dst, s, len);
    dst[len] = '\0';
}

char *unpack_str_dup(struct unpack *u, size_t max_len)
{
    size_t len = 0;
    const char *s = unpack_text(u, max_len, &len);
    char *copy = try_alloc(len + 1);
    if (copy == NULL) {
        u->failed = true;
        return xstrdup("");
    }
    memcpy(copy, s, len);
    return copy;
}

bool unpack_ok(const struct unpack *u)
{
    return !u->failed;
}

bool unpack_done(const struct unpack *u)
{
    TR_ASSERT(u->p <= u->end);
    return !u->failed && u->p == u->end;
}
