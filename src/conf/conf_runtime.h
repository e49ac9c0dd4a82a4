/* conf/conf_runtime.h: a trader's keys that may be changed while it runs, by path and text: the
 * same table, the same rules as the file's (engine/settings.h keeps such overrides). Lists are one
 * text, their elements separated by commas. Pure, any thread. */
#ifndef TRIDENT_CONF_CONF_RUNTIME_H
#define TRIDENT_CONF_CONF_RUNTIME_H

#include "conf/conf_table.h"

/* The i-th such key in the order of the table; NULL past the last. */
const struct conf_key *conf_runtime_at(size_t i);
/* NULL: there is no such key, or changing it takes a restart. */
const struct conf_key *conf_runtime_find(const char *path);
/* The nearest path when this one is nearly right, or ends in the typed words; NULL. */
const struct conf_key *conf_runtime_suggest(const char *typed);
/* False: text is not acceptable, t is untouched. */
bool conf_runtime_set(struct conf_trader *t, const struct conf_key *k, const char *text);
void conf_runtime_get(const struct conf_trader *t, const struct conf_key *k, struct buf *out);
/* conf_runtime_set() without a trader; ret: what conf_runtime_get() would give then. */
bool conf_runtime_check(const struct conf_key *k, const char *text, char *ret, size_t cap);

#endif
