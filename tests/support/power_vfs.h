/* tests/support/power_vfs.h: a SQLite VFS in memory that knows what a disk has promised. Writes and
 * cuts of a file are kept until its next sync; names made and removed are kept until the next sync
 * of the directory (which SQLite asks for with a new journal or WAL, and when it deletes durably).
 * At a power cut each 512 bytes of each unsynced write reach the disk or not, in any order, and
 * each unsynced name is there or not: the "strict" model of spec reliability 2.5. After the cut
 * every call fails until power_vfs_restore(), whose files are what the disk was left with.
 *
 * One thread. Locks are not played: connections take turns. */
#ifndef TRIDENT_TESTS_SUPPORT_POWER_VFS_H
#define TRIDENT_TESTS_SUPPORT_POWER_VFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define POWER_NODES_MAX 32
#define POWER_SECTOR    512
#define POWER_SHM_MAX   16

struct power_change { /* not yet promised */
    int64_t at;
    int size; /* -1: the file was cut at `at` */
    char *data;
};

struct power_node {
    char name[400];
    bool is_linked, is_link_stable;
    char *now, *stable; /* what readers see, what is promised */
    int64_t now_size, stable_size;
    struct power_change *changes;
    int change_count, change_room;
    void *shm[POWER_SHM_MAX];
};

struct power_disk {
    struct power_node *nodes[POWER_NODES_MAX];
    uint64_t random;
    int64_t operations, cut_at; /* cut_at 0: never */
    bool is_cut;
};

static struct power_disk power_disk;

struct power_file {
    sqlite3_file base;
    struct power_node *node;
    bool syncs_directory, deletes_on_close;
};

static uint64_t power_random(uint64_t below)
{
    power_disk.random ^= power_disk.random << 13;
    power_disk.random ^= power_disk.random >> 7;
    power_disk.random ^= power_disk.random << 17;
    return power_disk.random % below;
}

static void power_resize(char **data, int64_t *size, int64_t wanted)
{
    if (wanted > *size) {
        /* In steps of 64 KiB: the room is known from the size. */
        int64_t room = (*size + 65535) / 65536, needed = (wanted + 65535) / 65536;
        if (needed > room || *data == NULL)
            *data = realloc(*data, (size_t)needed * 65536);
        memset(*data + *size, 0, (size_t)(wanted - *size));
    }
    *size = wanted;
}

static void power_apply(char **data, int64_t *size, const struct power_change *c)
{
    if (c->size < 0) {
        power_resize(data, size, c->at);
        return;
    }
    if (c->at + c->size > *size)
        power_resize(data, size, c->at + c->size);
    memcpy(*data + c->at, c->data, (size_t)c->size);
}

static void power_forget(struct power_node *n)
{
    for (int i = 0; i < n->change_count; i++)
        free(n->changes[i].data);
    n->change_count = 0;
}

static void power_free_node(struct power_node *n)
{
    power_forget(n);
    free(n->changes);
    free(n->now);
    free(n->stable);
    for (int i = 0; i < POWER_SHM_MAX; i++)
        free(n->shm[i]);
    free(n);
}

static struct power_node *power_find(const char *name)
{
    for (int i = 0; i < POWER_NODES_MAX; i++)
        if (power_disk.nodes[i] != NULL && power_disk.nodes[i]->is_linked &&
            strcmp(power_disk.nodes[i]->name, name) == 0)
            return power_disk.nodes[i];
    return NULL;
}

static struct power_node *power_make(const char *name)
{
    for (int i = 0; i < POWER_NODES_MAX; i++) {
        if (power_disk.nodes[i] != NULL)
            continue;
        struct power_node *n = calloc(1, sizeof(*n));
        (void)strncpy(n->name, name, sizeof(n->name) - 1);
        n->is_linked = true;
        power_disk.nodes[i] = n;
        return n;
    }
    return NULL;
}

/* True: the power is gone. */
static bool power_operation(void)
{
    power_disk.operations++;
    if (power_disk.cut_at > 0 && power_disk.operations >= power_disk.cut_at)
        power_disk.is_cut = true;
    return power_disk.is_cut;
}

static void power_sync_directory(void)
{
    for (int i = 0; i < POWER_NODES_MAX; i++) {
        struct power_node *n = power_disk.nodes[i];
        if (n != NULL)
            n->is_link_stable = n->is_linked; /* an unlinked one may still be open */
    }
}

static void power_note(struct power_node *n, const void *data, int size, int64_t at)
{
    if (n->change_count == n->change_room) {
        n->change_room = 2 * n->change_room + 8;
        n->changes = realloc(n->changes, (size_t)n->change_room * sizeof(*n->changes));
    }
    struct power_change *c = &n->changes[n->change_count++];
    *c = (struct power_change){.at = at, .size = size};
    if (size > 0) {
        c->data = malloc((size_t)size);
        memcpy(c->data, data, (size_t)size);
    }
    power_apply(&n->now, &n->now_size, c);
}

/* ---- files ---- */

static int power_xClose(sqlite3_file *f)
{
    struct power_file *file = (struct power_file *)f;
    if (file->deletes_on_close)
        file->node->is_linked = file->node->is_link_stable = false;
    return SQLITE_OK;
}

static int power_xRead(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    const struct power_node *node = ((struct power_file *)f)->node;
    int64_t have = node->now_size > at ? node->now_size - at : 0;
    if (power_disk.is_cut)
        return SQLITE_IOERR_READ;
    if (have >= n) {
        memcpy(p, node->now + at, (size_t)n);
        return SQLITE_OK;
    }
    memset(p, 0, (size_t)n);
    if (have > 0)
        memcpy(p, node->now + at, (size_t)have);
    return SQLITE_IOERR_SHORT_READ;
}

static int power_xWrite(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    if (power_disk.is_cut)
        return SQLITE_IOERR_WRITE;
    power_note(((struct power_file *)f)->node, p, n, at); /* under way when the power goes */
    return power_operation() ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int power_xTruncate(sqlite3_file *f, sqlite3_int64 size)
{
    if (power_disk.is_cut)
        return SQLITE_IOERR_TRUNCATE;
    power_note(((struct power_file *)f)->node, NULL, -1, size);
    return power_operation() ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int power_xSync(sqlite3_file *f, int flags)
{
    struct power_file *file = (struct power_file *)f;
    struct power_node *n = file->node;
    (void)flags;
    if (power_operation())
        return SQLITE_IOERR_FSYNC;
    for (int i = 0; i < n->change_count; i++)
        power_apply(&n->stable, &n->stable_size, &n->changes[i]);
    power_forget(n);
    if (file->syncs_directory)
        power_sync_directory();
    file->syncs_directory = false;
    return SQLITE_OK;
}

static int power_xFileSize(sqlite3_file *f, sqlite3_int64 *size)
{
    *size = ((struct power_file *)f)->node->now_size;
    return power_disk.is_cut ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int power_xLock(sqlite3_file *f, int lock)
{
    (void)f;
    (void)lock;
    return SQLITE_OK;
}

static int power_xCheckReservedLock(sqlite3_file *f, int *out)
{
    (void)f;
    *out = 0;
    return SQLITE_OK;
}

static int power_xFileControl(sqlite3_file *f, int op, void *arg)
{
    (void)f;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int power_xSectorSize(sqlite3_file *f)
{
    (void)f;
    return POWER_SECTOR;
}

static int power_xDeviceCharacteristics(sqlite3_file *f)
{
    (void)f;
    return 0; /* nothing is promised, not even that what lies beside a write stays */
}

static int power_xShmMap(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    struct power_node *n = ((struct power_file *)f)->node;
    if (page >= POWER_SHM_MAX)
        return SQLITE_NOMEM;
    if (n->shm[page] == NULL && extend)
        n->shm[page] = calloc(1, (size_t)size);
    *out = n->shm[page];
    return SQLITE_OK;
}

static int power_xShmLock(sqlite3_file *f, int offset, int n, int flags)
{
    (void)f;
    (void)offset;
    (void)n;
    (void)flags;
    return SQLITE_OK;
}

static void power_xShmBarrier(sqlite3_file *f)
{
    (void)f;
}

static int power_xShmUnmap(sqlite3_file *f, int is_delete)
{
    struct power_node *n = ((struct power_file *)f)->node;
    for (int i = 0; is_delete && i < POWER_SHM_MAX; i++) {
        free(n->shm[i]);
        n->shm[i] = NULL;
    }
    return SQLITE_OK;
}

static const sqlite3_io_methods power_methods = {
    .iVersion = 2,
    .xClose = power_xClose,
    .xRead = power_xRead,
    .xWrite = power_xWrite,
    .xTruncate = power_xTruncate,
    .xSync = power_xSync,
    .xFileSize = power_xFileSize,
    .xLock = power_xLock,
    .xUnlock = power_xLock,
    .xCheckReservedLock = power_xCheckReservedLock,
    .xFileControl = power_xFileControl,
    .xSectorSize = power_xSectorSize,
    .xDeviceCharacteristics = power_xDeviceCharacteristics,
    .xShmMap = power_xShmMap,
    .xShmLock = power_xShmLock,
    .xShmBarrier = power_xShmBarrier,
    .xShmUnmap = power_xShmUnmap,
};

/* ---- names ---- */

static int power_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *out_flags)
{
    struct power_file *file = (struct power_file *)f;
    const int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    const char *name = path != NULL ? path : "(temporary)";
    (void)v;
    memset(file, 0, sizeof(*file));
    if (power_disk.is_cut)
        return SQLITE_CANTOPEN;
    file->node = path != NULL ? power_find(name) : NULL;
    if (file->node == NULL && (flags & SQLITE_OPEN_CREATE) == 0)
        return SQLITE_CANTOPEN;
    if (file->node == NULL) {
        file->node = power_make(name);
        file->syncs_directory = (flags & journals) != 0;
    }
    if (file->node == NULL)
        return SQLITE_NOMEM;
    file->deletes_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    file->base.pMethods = &power_methods;
    if (out_flags != NULL)
        *out_flags = flags;
    return SQLITE_OK;
}

static int power_delete(sqlite3_vfs *v, const char *path, int sync_directory)
{
    struct power_node *n = power_find(path);
    (void)v;
    if (power_disk.is_cut)
        return SQLITE_IOERR_DELETE;
    if (n == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    n->is_linked = false;
    if (power_operation())
        return SQLITE_IOERR_DELETE;
    if (sync_directory)
        power_sync_directory();
    return SQLITE_OK;
}

static int power_access(sqlite3_vfs *v, const char *path, int flags, int *out)
{
    (void)v;
    (void)flags;
    const struct power_node *n = power_find(path);
    *out = n != NULL && (flags != SQLITE_ACCESS_EXISTS || n->now_size > 0);
    return power_disk.is_cut ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static sqlite3_vfs power_vfs;

static void power_vfs_install(void)
{
    power_vfs = *sqlite3_vfs_find(NULL);
    power_vfs.zName = "power";
    power_vfs.szOsFile = (int)sizeof(struct power_file);
    power_vfs.xOpen = power_open;
    power_vfs.xDelete = power_delete;
    power_vfs.xAccess = power_access;
    (void)sqlite3_vfs_register(&power_vfs, 1);
}

/* ---- cuts ---- */

/* An empty disk whose power goes with operation cut_at (0: never). */
static void power_vfs_begin(uint64_t seed, int64_t cut_at)
{
    for (int i = 0; i < POWER_NODES_MAX; i++) {
        if (power_disk.nodes[i] != NULL)
            power_free_node(power_disk.nodes[i]);
        power_disk.nodes[i] = NULL;
    }
    power_disk =
        (struct power_disk){.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1, .cut_at = cut_at};
}

/* What reached the disk: whole changes, sectors of them, none; chance: of 100. */
static void power_survive(struct power_node *n, unsigned chance)
{
    for (int i = n->change_count - 1; i > 0; i--) { /* in any order */
        int k = (int)power_random((uint64_t)i + 1);
        struct power_change c = n->changes[i];
        n->changes[i] = n->changes[k];
        n->changes[k] = c;
    }
    for (int i = 0; i < n->change_count; i++) {
        const struct power_change *c = &n->changes[i];
        if (c->size < 0) {
            if (power_random(100) < chance)
                power_apply(&n->stable, &n->stable_size, c);
            continue;
        }
        for (int at = 0; at < c->size; at += POWER_SECTOR) {
            int left = c->size - at;
            struct power_change part = {.at = c->at + at,
                                        .size = left < POWER_SECTOR ? left : POWER_SECTOR,
                                        .data = c->data + at};
            if (power_random(100) < chance)
                power_apply(&n->stable, &n->stable_size, &part);
        }
    }
    power_forget(n);
    free(n->now);
    n->now = malloc(((size_t)n->stable_size + 65535) / 65536 * 65536);
    if (n->stable_size > 0)
        memcpy(n->now, n->stable, (size_t)n->stable_size);
    n->now_size = n->stable_size;
    for (int i = 0; i < POWER_SHM_MAX; i++) {
        free(n->shm[i]);
        n->shm[i] = NULL;
    }
}

/* The machine comes up again. Every connection is closed. */
static void power_vfs_restore(void)
{
    static const unsigned chances[] = {0, 10, 50, 90, 100};
    unsigned chance = chances[power_random(5)];
    for (int i = 0; i < POWER_NODES_MAX; i++) {
        struct power_node *n = power_disk.nodes[i];
        if (n == NULL)
            continue;
        if (n->is_linked != n->is_link_stable)
            n->is_linked = power_random(2) == 0;
        /* Made anew under the name of one whose end was not promised: one of both. */
        for (int k = 0; n->is_linked && k < i; k++)
            if (power_disk.nodes[k] != NULL && power_disk.nodes[k]->is_linked &&
                strcmp(power_disk.nodes[k]->name, n->name) == 0)
                n->is_linked = false;
        n->is_link_stable = n->is_linked;
        if (n->is_linked) {
            power_survive(n, chance);
        } else {
            power_free_node(n);
            power_disk.nodes[i] = NULL;
        }
    }
    power_disk.is_cut = false;
    power_disk.cut_at = 0;
}

#endif
