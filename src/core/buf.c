/* core/buf.c: text that grows by doubling, never beyond the maximum it was born with. An append
 * that would pass it changes nothing but `failed`. Until the first append data is one shared empty
 * text that nobody writes; it does not shrink and does not lock. */
#include "core/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define FIRST_CAP_BYTES 64

/* What data points to before the first append; never written. */
static char empty_text[1];

static void assert_state(const struct buf *b)
{
    TR_ASSERT(b != NULL);
    TR_ASSERT(b->len <= b->max_bytes);
    TR_ASSERT(b->cap == 0 ? b->len == 0 : b->len < b->cap);
}

void buf_init(struct buf *b, size_t max_bytes)
{
    TR_ASSERT(b != NULL);
    TR_ASSERT(max_bytes < SIZE_MAX / 4);
    *b = (struct buf){.data = empty_text, .max_bytes = max_bytes};
}

void buf_deinit(struct buf *b)
{
    if (b == NULL)
        return;
    if (b->cap > 0)
        free(b->data);
    *b = (struct buf){.data = empty_text, .max_bytes = b->max_bytes};
}

void buf_reset(struct buf *b)
{
    assert_state(b);
    b->len = 0;
    b->failed = false;
    if (b->cap > 0)
        b->data[0] = '\0';
}

static bool grow(struct buf *b, size_t more)
{
    assert_state(b);
    if (b->failed)
        return false;
    if (more > b->max_bytes - b->len) {
        b->failed = true;
        return false;
    }
    size_t need = b->len + more + 1;
    size_t cap = b->cap > 0 ? b->cap * 2 : FIRST_CAP_BYTES;
    if (cap < need)
        cap = need;
    if (cap > b->max_bytes + 1)
        cap = b->max_bytes + 1;
    char *data = realloc(b->cap > 0 ? b->data : NULL, cap);
    if (data == NULL) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

/* Room for `more` bytes and the NUL; on refusal the buffer is marked failed. The capacity never
 * passes the maximum, so what fits into it is allowed. */
static inline bool has_room(struct buf *b, size_t more)
{
    TR_ASSERT(b->len <= b->cap);
    return (more < b->cap - b->len && !b->failed) || grow(b, more);
}

void buf_reserve(struct buf *b, size_t bytes)
{
    size_t want = bytes < b->max_bytes ? bytes : b->max_bytes;
    if (want > b->len && !has_room(b, want - b->len))
        return; /* marked failed: every append is refused */
    if (b->cap > 0)
        b->data[b->len] = '\0';
}

void buf_append(struct buf *b, const void *data, size_t len)
{
    if (len == 0 || !has_room(b, len))
        return;
    memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
    if (s != NULL)
        buf_append(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
    if (!has_room(b, 1))
        return;
    b->data[b->len++] = c;
    b->data[b->len] = '\0';
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(b, fmt, ap);
    va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
    assert_state(b);
    if (b->failed)
        return;
    va_list again;
    va_copy(again, ap);
    size_t room = b->cap - b->len;
    int n = vsnprintf(room > 0 ? b->data + b->len : NULL, room, fmt, ap);
    if (n < 0) {
        b->failed = true;
    } else if ((size_t)n < room) {
        b->len += (size_t)n;
    } else if (grow(b, (size_t)n)) {
        (void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    if (b->failed && b->cap > 0)
        b->data[b->len] = '\0'; /* the refused text is not left behind */
}

bool buf_failed(const struct buf *b)
{
    assert_state(b);
    return b->failed;
}

char *buf_take(struct buf *b)
{
    assert_state(b);
    char *text = b->cap > 0 ? b->data : xstrdup("");
    *b = (struct buf){.data = empty_text, .max_bytes = b->max_bytes};
    return text;
}
