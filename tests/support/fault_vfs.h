/* tests/support/fault_vfs.h: a SQLite VFS over the default one whose n-th write, sync or truncate
 * fails. Registered as the default, so code under test needs no change. Counts over all files of
 * the process; install once, before the first database is opened. */
#ifndef TRIDENT_TESTS_SUPPORT_FAULT_VFS_H
#define TRIDENT_TESTS_SUPPORT_FAULT_VFS_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

struct fault_plan {
    atomic_int operations; /* so far */
    atomic_int fail_at;    /* number of the operation that fails; 0 = none */
    atomic_bool is_sticky; /* all later ones fail too */
    int code;              /* SQLITE_IOERR_WRITE, SQLITE_FULL ... */
};

static struct fault_plan fault_plan;
static sqlite3_vfs fault_vfs;
static sqlite3_vfs *fault_real;

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
};

static sqlite3_file *fault_real_of(sqlite3_file *f)
{
    return ((struct fault_file *)f)->real;
}

static bool fault_strikes(void)
{
    int now = atomic_fetch_add(&fault_plan.operations, 1) + 1;
    int at = atomic_load(&fault_plan.fail_at);
    return at > 0 && (now == at || (now > at && atomic_load(&fault_plan.is_sticky)));
}

/* One method of sqlite3_io_methods handed through. */
#define FAULT_PASS(name, params, ...)                                                              \
    static int fault_##name params                                                                 \
    {                                                                                              \
        sqlite3_file *r = fault_real_of(f);                                                        \
        return r->pMethods->name(r, ##__VA_ARGS__);                                                \
    }
#define FAULT_STRIKE(name, params, ...)                                                            \
    static int fault_##name params                                                                 \
    {                                                                                              \
        sqlite3_file *r = fault_real_of(f);                                                        \
        return fault_strikes() ? fault_plan.code : r->pMethods->name(r, ##__VA_ARGS__);            \
    }

FAULT_PASS(xClose, (sqlite3_file * f))
FAULT_PASS(xRead, (sqlite3_file * f, void *p, int n, sqlite3_int64 at), p, n, at)
FAULT_STRIKE(xWrite, (sqlite3_file * f, const void *p, int n, sqlite3_int64 at), p, n, at)
FAULT_STRIKE(xTruncate, (sqlite3_file * f, sqlite3_int64 size), size)
FAULT_STRIKE(xSync, (sqlite3_file * f, int flags), flags)
FAULT_PASS(xFileSize, (sqlite3_file * f, sqlite3_int64 *size), size)
FAULT_PASS(xLock, (sqlite3_file * f, int lock), lock)
FAULT_PASS(xUnlock, (sqlite3_file * f, int lock), lock)
FAULT_PASS(xCheckReservedLock, (sqlite3_file * f, int *out), out)
FAULT_PASS(xFileControl, (sqlite3_file * f, int op, void *arg), op, arg)
FAULT_PASS(xSectorSize, (sqlite3_file * f))
FAULT_PASS(xDeviceCharacteristics, (sqlite3_file * f))
FAULT_PASS(xShmMap, (sqlite3_file * f, int page, int size, int extend, void volatile **out), page,
           size, extend, out)
FAULT_PASS(xShmLock, (sqlite3_file * f, int offset, int n, int flags), offset, n, flags)
FAULT_PASS(xShmUnmap, (sqlite3_file * f, int remove), remove)

static void fault_xShmBarrier(sqlite3_file *f)
{
    fault_real_of(f)->pMethods->xShmBarrier(fault_real_of(f));
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_xClose,
    .xRead = fault_xRead,
    .xWrite = fault_xWrite,
    .xTruncate = fault_xTruncate,
    .xSync = fault_xSync,
    .xFileSize = fault_xFileSize,
    .xLock = fault_xLock,
    .xUnlock = fault_xUnlock,
    .xCheckReservedLock = fault_xCheckReservedLock,
    .xFileControl = fault_xFileControl,
    .xSectorSize = fault_xSectorSize,
    .xDeviceCharacteristics = fault_xDeviceCharacteristics,
    .xShmMap = fault_xShmMap,
    .xShmLock = fault_xShmLock,
    .xShmBarrier = fault_xShmBarrier,
    .xShmUnmap = fault_xShmUnmap,
};

static int fault_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *out_flags)
{
    (void)v;
    struct fault_file *file = (struct fault_file *)f;
    file->real = (sqlite3_file *)(file + 1);
    file->real->pMethods = NULL;
    int rc = fault_real->xOpen(fault_real, path, file->real, flags, out_flags);
    file->base.pMethods = file->real->pMethods != NULL ? &fault_methods : NULL;
    return rc;
}

static void fault_vfs_install(void)
{
    fault_real = sqlite3_vfs_find(NULL);
    fault_vfs = *fault_real;
    fault_vfs.zName = "fault";
    fault_vfs.szOsFile = (int)sizeof(struct fault_file) + fault_real->szOsFile;
    fault_vfs.xOpen = fault_open;
    (void)sqlite3_vfs_register(&fault_vfs, 1);
}

static void fault_plan_set(int fail_at, int code, bool is_sticky)
{
    fault_plan.code = code;
    atomic_store(&fault_plan.is_sticky, is_sticky);
    atomic_store(&fault_plan.operations, 0);
    atomic_store(&fault_plan.fail_at, fail_at);
}

#endif
