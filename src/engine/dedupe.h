/* engine/dedupe.h: a bounded set of input keys with the journal number of their first appearance.
 * Keys are kept as 128 bits of SHA-256; the oldest leaves when the set is full. Owner thread only.
 */
#ifndef TRIDENT_ENGINE_DEDUPE_H
#define TRIDENT_ENGINE_DEDUPE_H

#include "core/pack.h"

struct dedupe;
struct dedupe *dedupe_new(size_t capacity);
struct dedupe *dedupe_free(struct dedupe *d);
void dedupe_clear(struct dedupe *d);
uint64_t dedupe_find(const struct dedupe *d, const char *key);    /* 0 = never seen */
void dedupe_add(struct dedupe *d, const char *key, uint64_t seq); /* key must be new */
/* With a mark of what was said under the key; 0 = none. */
void dedupe_add_mark(struct dedupe *d, const char *key, uint64_t mark, uint64_t seq);
uint64_t dedupe_mark(const struct dedupe *d, const char *key); /* 0: none, or never seen */
size_t dedupe_count(const struct dedupe *d);
void dedupe_pack(const struct dedupe *d, struct buf *out); /* oldest first */
TR_MUST_USE int dedupe_unpack(struct dedupe *d, struct unpack *u);

#endif
