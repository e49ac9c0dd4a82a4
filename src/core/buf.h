/* core/buf.h: the one growing byte buffer. Born with a maximum; an append that would pass it (or
 * that finds no memory) appends nothing, sets `failed` and every later append is refused too: check
 * once at the end with buf_failed(). Content is always NUL-terminated, the NUL not counted in len.
 * Owned by one thread. */
#ifndef TRIDENT_CORE_BUF_H
#define TRIDENT_CORE_BUF_H

#include <stdarg.h>
#include "core/core.h"

struct buf {
    char *data; /* "" until the first append, never NULL after buf_init */
    size_t len;
    size_t cap;
    size_t max_bytes;
    bool failed;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_deinit(struct buf *b); /* TR_CLEANUP(buf_deinit) works; b may be zeroed */
void buf_reset(struct buf *b);  /* len 0, failed false, memory kept */
/* Room for content of that many bytes in all (the maximum if less), in one step. */
void buf_reserve(struct buf *b, size_t bytes);
void buf_append(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s); /* NULL appends nothing */
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) TR_PRINTF(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) TR_PRINTF(2, 0);
bool buf_failed(const struct buf *b);
/* The content as a heap string (caller owns, never NULL); b becomes empty. */
TR_MUST_USE char *buf_take(struct buf *b);

#endif
