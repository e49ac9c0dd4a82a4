/* http/sources.h: what one source of requests has done lately: how often it sent alerts and how
 * often it brought a wrong secret. A source is an IPv4 address or an IPv6 /64. The table is
 * bounded: a new source takes the place of the one not heard of for longest among a few, never of
 * one that is locked out. One thread. */
#ifndef TRIDENT_HTTP_SOURCES_H
#define TRIDENT_HTTP_SOURCES_H

#include "core/core.h"

#define SOURCES_MAX           512 /* a power of two */
#define SOURCES_FAILURES_MAX  5   /* wrong secrets before the first lock-out */
#define SOURCES_FORGET_MS     INT64_C(900000)
#define SOURCES_LOCK_FIRST_MS INT64_C(60000)  /* doubles with each further wrong one */
#define SOURCES_LOCK_MAX_MS   INT64_C(900000) /* up to this */

struct sources;

struct sources *sources_new(void);
struct sources *sources_free(struct sources *s); /* accepts NULL, returns NULL */

/* Milliseconds for which nothing is taken from it; 0: not locked out. */
int64_t sources_locked_ms(struct sources *s, const char *address, int64_t now_ms);
/* A wrong secret. Returns for how long it is locked out now, 0: not yet. */
int64_t sources_failed(struct sources *s, const char *address, int64_t now_ms);
void sources_succeeded(struct sources *s, const char *address, int64_t now_ms);
/* One alert; per_s a second with a burst of twice that. False: too many. */
bool sources_may_send(struct sources *s, const char *address, int per_s, int64_t now_ms);
size_t sources_locked_count(const struct sources *s, int64_t now_ms);

#endif
