#include "store/schema.h"

#include <errno.h>

#include "core/file.h"
#include "store/db.h"

/* Negative: it cannot be told. */
static int version_of(const char *path)
{
    struct db *d = NULL;
    int version = db_open_readonly(path, &d);
    if (version < 0)
        return version;
    sqlite3_stmt *st = db_prepare(d, "PRAGMA user_version");
    version = st != NULL && sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int(st, 0)
                                                           : err_raise(-EBADMSG);
    (void)db_close(d); /* NULL */
    return version;
}

bool schema_is_due(const char *path, const struct schema *s)
{
    TR_ASSERT(s->count > 0);
    int version = file_exists(path) ? version_of(path) : -1;
    return version > 0 && version < s->count;
}

int schema_rehearse(const char *path, const struct schema *s)
{
    struct db *d = NULL;
    if (!schema_is_due(path, s))
        return 0;
    int version = version_of(path);
    if (version < 0)
        return err_trace(version);
    int r = db_open(path, DB_FULL, s->migrations, version, &d); /* as it is */
    if (r < 0)
        return err_trace(r);
    r = db_begin(d);
    for (int i = version; r == 0 && i < s->count; i++)
        r = db_exec(d, s->migrations[i]);
    db_rollback(d);
    (void)db_close(d); /* NULL */
    return err_trace(r);
}
