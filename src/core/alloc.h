/* core/alloc.h: memory. xalloc family: small, bounded allocations, aborts with a message when
 * memory is gone (the store is durable before anything is sent, so a crash loses nothing).
 * try_alloc: for sizes that come from the network or a file; returns NULL. Any thread, never
 * blocks. */
#ifndef TRIDENT_CORE_ALLOC_H
#define TRIDENT_CORE_ALLOC_H

#include "core/core.h"

TR_MUST_USE void *xalloc(size_t size_bytes); /* zeroed */
TR_MUST_USE void *xcalloc(size_t count, size_t size_bytes);
TR_MUST_USE char *xstrdup(const char *s); /* NULL stays NULL */
TR_MUST_USE char *xstrndup(const char *s, size_t max_len);
TR_MUST_USE char *xasprintf(const char *fmt, ...) TR_PRINTF(1, 2);
TR_MUST_USE void *try_alloc(size_t size_bytes); /* zeroed or NULL */
void *mem_free(void *p);                        /* accepts NULL, returns NULL */

static inline void mem_freep(void *pp) /* TR_CLEANUP(mem_freep) char *s = ...; */
{
    void **p = (void **)pp;
    *p = mem_free(*p);
}

/* Copies at most cap-1 bytes and terminates. Returns false when src was cut. cap > 0. */
bool str_copy(char *dst, size_t cap, const char *src);
bool str_eq(const char *a, const char *b);  /* NULL-safe */
bool str_ieq(const char *a, const char *b); /* ASCII case-insensitive, NULL-safe */
bool str_starts(const char *s, const char *prefix);
/* Strict decimal int64 (optional sign, digits only, whole string); false on anything else. */
bool str_to_i64(const char *s, int64_t *ret_value);

#endif
