/* store/projection.h: opens a database that can be made again from the journal. A damaged file is
 * never deleted and never in the way: it gets another name, and an empty one takes its place. At
 * start, one thread; blocks for the check. */
#ifndef TRIDENT_STORE_PROJECTION_H
#define TRIDENT_STORE_PROJECTION_H

#include "store/db.h"

struct projection_spec {
    const char *path;
    const char *const *migrations;
    int migration_count;
};

/* As db_open() with DB_NORMAL. *ret_set_aside: NULL, or the new name (heap, owned by the caller) of
 * the damaged file: the caller fills the empty one from the journal and tells people. A file of
 * somebody else or of a newer version is refused as by db_open(). */
TR_MUST_USE int projection_open(const struct projection_spec *spec, struct db **ret_db,
                                char **ret_set_aside);

#endif
