/* store/projection.c: see projection.h. The pages are checked when the machine was started anew
 * since the last process wrote and did not close the file (its WAL is still there), or when it is
 * small enough to be checked every time. The death of a process alone tears no page: the kernel
 * has them all; and a check of a big file would hold up the start after it. */
#include "store/projection.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"

#define ALWAYS_CHECKED_BYTES (8 * 1024 * 1024)
#define BOOT_SLACK_MS        60000 /* the wall clock may have been set right since */

static bool wants_check(const char *path)
{
    TR_CLEANUP(mem_freep) char *wal = xasprintf("%s-wal", path);
    struct stat file, log;
    if (stat(path, &file) < 0 || file.st_size <= ALWAYS_CHECKED_BYTES)
        return true;
    return stat(wal, &log) == 0 && log.st_size > 0 &&
           (int64_t)log.st_mtim.tv_sec * 1000 < clock_boot_ms() + BOOT_SLACK_MS;
}

static int open_checked(const struct projection_spec *spec, struct db **ret_db)
{
    bool is_check_wanted = wants_check(spec->path); /* opening empties the WAL */
    int r = db_open(spec->path, DB_NORMAL, spec->migrations, spec->migration_count, ret_db);
    if (r < 0 || !is_check_wanted)
        return r;
    r = db_quick_check(*ret_db);
    if (r < 0)
        *ret_db = db_close(*ret_db);
    return r;
}

static int move(const char *from, const char *to, const char *suffix)
{
    TR_CLEANUP(mem_freep) char *a = xasprintf("%s%s", from, suffix);
    TR_CLEANUP(mem_freep) char *b = xasprintf("%s%s", to, suffix);
    return file_exists(a) ? file_rename_durable(a, b) : 0;
}

/* The WAL goes along: whoever repairs the old file needs it, and the new file must not find it. */
static int set_aside(const char *path, char **ret_name)
{
    char when[CLOCK_TEXT_CAP];
    clock_format_rfc3339(clock_wall_ms(clock_real()), when);
    for (char *p = when; *p != '\0'; p++)
        *p = *p == ':' ? '-' : *p;
    TR_CLEANUP(mem_freep) char *name = xasprintf("%s_CORRUPTED_%s", path, when);
    int r = move(path, name, "-wal");
    if (r == 0)
        r = move(path, name, "-shm");
    if (r == 0)
        r = move(path, name, "");
    if (r < 0)
        return err_trace(r);
    *ret_name = TR_STEAL(name);
    return 0;
}

int projection_open(const struct projection_spec *spec, struct db **ret_db, char **ret_set_aside)
{
    TR_ASSERT(spec->path != NULL);
    TR_ASSERT(ret_db != NULL && ret_set_aside != NULL);
    *ret_set_aside = NULL;
    int r = open_checked(spec, ret_db);
    if (r != -EBADMSG)
        return err_trace(r);
    r = set_aside(spec->path, ret_set_aside);
    if (r < 0)
        return err_trace(r);
    log_error("store", "damaged file=%s kept_as=%s", spec->path, *ret_set_aside);
    r = db_open(spec->path, DB_NORMAL, spec->migrations, spec->migration_count, ret_db);
    if (r < 0)
        *ret_set_aside = mem_free(*ret_set_aside);
    return err_trace(r);
}
