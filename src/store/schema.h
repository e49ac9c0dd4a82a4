/* store/schema.h: the tables of a database as this program has them, and whether a file can be
 * brought up to them. A program that takes over from a running one asks before it changes anything:
 * tables of a newer version cannot be read by the one that would have to go on. Blocks. */
#ifndef TRIDENT_STORE_SCHEMA_H
#define TRIDENT_STORE_SCHEMA_H

#include "core/core.h"

struct schema {
    const char *const *migrations; /* [i] takes user_version i to i+1 */
    int count;
};

/* The file is there, and opening it would change its tables. False also when it cannot be read. */
bool schema_is_due(const char *path, const struct schema *s);
/* Makes the change and takes it back. Nobody else writes the file meanwhile. 0: it would succeed
 * (also when nothing is due). */
TR_MUST_USE int schema_rehearse(const char *path, const struct schema *s);

#endif
