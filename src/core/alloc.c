#include "core/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void *or_die(void *p, size_t size_bytes)
{
    if (p == NULL) {
        (void)fprintf(stderr, "out of memory: %zu bytes wanted\n", size_bytes);
        abort();
    }
    return p;
}

void *xalloc(size_t size_bytes)
{
    return or_die(calloc(1, size_bytes > 0 ? size_bytes : 1), size_bytes);
}

void *xcalloc(size_t count, size_t size_bytes)
{
    TR_ASSERT(size_bytes > 0);
    return or_die(calloc(count > 0 ? count : 1, size_bytes), size_bytes);
}

char *xstrdup(const char *s)
{
    return s != NULL ? or_die(strdup(s), strlen(s)) : NULL;
}

char *xstrndup(const char *s, size_t max_len)
{
    if (s == NULL)
        return NULL;
    /* Not strndup: the text need not end with a zero, which strict_string_checks would demand. */
    size_t len = strnlen(s, max_len);
    char *copy = xalloc(len + 1);
    memcpy(copy, s, len);
    return copy;
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = NULL;
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    return or_die(n >= 0 ? text : NULL, 0);
}

void *try_alloc(size_t size_bytes)
{
    return calloc(1, size_bytes > 0 ? size_bytes : 1);
}

void *mem_free(void *p)
{
    free(p);
    return NULL;
}

bool str_copy(char *dst, size_t cap, const char *src)
{
    TR_ASSERT(dst != NULL);
    TR_ASSERT(cap > 0);
    size_t n = src != NULL ? strnlen(src, cap) : 0;
    bool fits = n < cap;
    if (!fits)
        n = cap - 1;
    if (n > 0)
        memmove(dst, src, n);
    dst[n] = '\0';
    return fits;
}

bool str_eq(const char *a, const char *b)
{
    return a != NULL && b != NULL ? strcmp(a, b) == 0 : a == b;
}

bool str_ieq(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    /* Own folding: strcasecmp follows the locale. */
    for (;; a++, b++) {
        int x = (unsigned char)*a, y = (unsigned char)*b;
        if (x >= 'A' && x <= 'Z')
            x += 'a' - 'A';
        if (y >= 'A' && y <= 'Z')
            y += 'a' - 'A';
        if (x != y)
            return false;
        if (x == '\0')
            return true;
    }
}

bool str_starts(const char *s, const char *prefix)
{
    return s != NULL && prefix != NULL && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_to_i64(const char *s, int64_t *ret_value)
{
    if (s == NULL)
        return false;
    bool negative = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    if (*s == '\0')
        return false;
    /* Accumulates below zero, because INT64_MIN has no positive twin. */
    int64_t v = 0;
    for (; *s != '\0'; s++) {
        if (*s < '0' || *s > '9')
            return false;
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, *s - '0', &v))
            return false;
    }
    if (!negative && v == INT64_MIN)
        return false;
    *ret_value = negative ? v : -v;
    return true;
}
