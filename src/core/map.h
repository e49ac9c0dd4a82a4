/* core/map.h: hash map from uint64 keys to pointers, open addressing, grows by doubling up to a
 * maximum. Owned by one thread. map_put returns false when the maximum is reached. */
#ifndef TRIDENT_CORE_MAP_H
#define TRIDENT_CORE_MAP_H

#include "core/core.h"

struct map;
struct map *map_new(size_t max_entries);
struct map *map_free(struct map *m); /* values are the caller's business */
void *map_get(const struct map *m, uint64_t key);
TR_MUST_USE bool map_put(struct map *m, uint64_t key, void *value); /* value not NULL; replaces */
void *map_remove(struct map *m, uint64_t key);                      /* the value or NULL */
size_t map_count(const struct map *m);
/* Iteration in table order: *pos starts at 0; NULL at the end. No changes meanwhile but map_remove
 * of the entry just returned is NOT allowed either: collect first. */
void *map_next(const struct map *m, size_t *pos, uint64_t *ret_key);

#endif
