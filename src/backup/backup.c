/* backup/backup.c: see backup.h. Order: plugin databases and notify.db, keys, then the journals,
 * then the venue's log; afterwards the plugin databases catch up from the copied journal, and
 * everything is checked and hashed. Whatever fails, the unfinished folder (".<name>.part") goes
 * again; what a crash leaves is removed by the next backup. */
#include "backup/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/check.h"
#include "backup/folder.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "engine/ledger.h"
#include "store/db.h"
#include "store/db_check.h"
#include "store/journal_copy.h"

#define NAME_TRIES_MAX  10
#define ROOM_LEFT_BYTES (INT64_C(64) * 1024 * 1024) /* what a backup leaves to everybody else */
#define VENUE_LOG       "paper.log"

struct work {
    const struct backup_options *o;
    struct backup_result *ret;
    struct manifest m;
    char *part; /* the folder while it is made */
    int64_t began_us;
};

static int fail(struct work *w, const char *what, int r)
{
    if (w->ret->text[0] == '\0')
        (void)snprintf(w->ret->text, sizeof(w->ret->text), "%s: %s", what,
                       r == -EBADMSG ? "damaged" : strerrordesc_np(-r));
    return err_trace(r);
}

static int rest(const struct work *w, int64_t took_us)
{
    return w->o->pause != NULL ? w->o->pause(w->o->ctx, took_us) : 0;
}

static int on_portion(void *ctx, int64_t took_us)
{
    return rest(ctx, took_us);
}

/* ---- copying ---- */

static int copy_journal(struct work *w, struct manifest_file *f, const char *from, const char *to)
{
    struct journal_copy_result cut = {0};
    int r = journal_copy(from, to, on_portion, w, &cut);
    if (r != 0)
        return r;
    f->seq = cut.seq;
    f->schema = cut.schema;
    memcpy(f->chain, cut.hash, sizeof(f->chain));
    return 0;
}

static int copy_database(const char *from, const char *to)
{
    struct db *d = NULL;
    int r = db_open_readonly(from, &d);
    if (r == 0)
        r = db_backup_to(d, to);
    (void)db_close(d);
    return r;
}

static int copy_one(struct work *w, struct manifest_file *f)
{
    TR_CLEANUP(mem_freep) char *from = folder_path(w->o->data_dir, f->path);
    TR_CLEANUP(mem_freep) char *to = folder_path(w->part, f->path);
    int64_t began_us = clock_mono_us(clock_real());
    if (w->o->on_file != NULL)
        w->o->on_file(w->o->ctx, f->path);
    int r = folder_make_parent(to);
    if (r == 0 && f->kind == MANIFEST_JOURNAL)
        r = copy_journal(w, f, from, to);
    else if (r == 0 && f->kind == MANIFEST_DATABASE)
        r = copy_database(from, to);
    else if (r == 0)
        r = folder_copy_file(from, to);
    if (r == 0)
        r = rest(w, clock_mono_us(clock_real()) - began_us);
    return r < 0 ? fail(w, f->path, r) : r;
}

static const char *name_of(const struct manifest_file *f)
{
    const char *slash = strrchr(f->path, '/');
    return slash != NULL ? slash + 1 : f->path;
}

/* What is copied when: a venue knows more than its journal, a plugin database less. */
static int turn_of(const struct manifest_file *f)
{
    if (f->kind == MANIFEST_JOURNAL)
        return 1;
    return str_eq(name_of(f), VENUE_LOG) ? 2 : 0;
}

static int copy_all(struct work *w)
{
    int r = 0;
    for (int turn = 0; turn < 3; turn++)
        for (size_t i = 0; r == 0 && i < w->m.count; i++)
            if (turn_of(&w->m.files[i]) == turn)
                r = copy_one(w, &w->m.files[i]);
    return r;
}

/* ---- one cut ---- */

static const struct trade_ledger_ops *ops_of(const struct work *w, const struct manifest_file *f)
{
    for (size_t i = 0; i < w->o->ledger_count; i++)
        if (str_eq(w->o->ledgers[i].name, name_of(f)))
            return w->o->ledgers[i].ops;
    return NULL;
}

/* One of another version is left as it is: it goes on from its own watermark. */
static int fill_one(struct work *w, struct manifest_file *f)
{
    struct db_check_result state;
    const struct trade_ledger_ops *ops = f->kind == MANIFEST_DATABASE ? ops_of(w, f) : NULL;
    if (ops == NULL)
        return 0;
    int dir_len = (int)(name_of(f) - f->path);
    TR_CLEANUP(mem_freep) char *path = folder_path(w->part, f->path);
    TR_CLEANUP(mem_freep)
    char *journal = xasprintf("%s/%.*sjournal.db", w->part, dir_len, f->path);
    int r = db_check(path, false, NULL, NULL, &state);
    if (r < 0 || state.schema != ops->migration_count || !file_exists(journal))
        return r;
    const struct ledger_options o = {.trader_id = "backup",
                                     .thread_prefix = "ledger",
                                     .journal_path = journal,
                                     .db_path = path,
                                     .ops = ops};
    r = ledger_fill(&o, &f->seq);
    return r == 0 ? db_to_single_file(path) : r;
}

static int fill_all(struct work *w)
{
    for (size_t i = 0; i < w->m.count; i++) {
        int r = fill_one(w, &w->m.files[i]);
        if (r < 0)
            return fail(w, w->m.files[i].path, r);
    }
    return 0;
}

/* ---- checking, hashing ---- */

static int sync_folders(const struct work *w, const char *path)
{
    TR_CLEANUP(mem_freep) char *dir = xstrdup(path);
    int r = 0;
    for (char *slash; r == 0 && (slash = strrchr(dir, '/')) != NULL;) {
        *slash = '\0';
        TR_CLEANUP(mem_freep) char *full = folder_path(w->part, dir);
        r = file_sync_dir(full);
    }
    return r;
}

static int sync_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_raise(-errno);
    int r = fsync(fd) < 0 ? err_raise(-errno) : 0;
    (void)file_close(fd);
    return r;
}

static int seal_one(struct work *w, struct manifest_file *f)
{
    TR_CLEANUP(mem_freep) char *path = folder_path(w->part, f->path);
    struct check_finding found;
    int64_t began_us = clock_mono_us(clock_real());
    int r = sync_file(path);
    if (r == 0)
        r = sync_folders(w, f->path);
    if (r == 0)
        r = check_file(path, f->kind, &(struct check_options){.depth = CHECK_QUICK}, &found);
    if (r == 0 && !found.is_sound) {
        (void)snprintf(w->ret->text, sizeof(w->ret->text), "%s: %s", f->path, found.text);
        r = err_raise(-EBADMSG);
    }
    TR_ASSERT(r != 0 || f->kind != MANIFEST_JOURNAL || found.seq >= f->seq);
    if (r == 0 && f->kind != MANIFEST_PLAIN)
        f->schema = found.schema;
    if (r == 0)
        r = manifest_hash_file(path, &f->size_bytes, f->sha256);
    if (r == 0)
        r = rest(w, clock_mono_us(clock_real()) - began_us);
    return r < 0 ? fail(w, f->path, r) : r;
}

static int seal_all(struct work *w)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < w->m.count; i++)
        r = seal_one(w, &w->m.files[i]);
    return r;
}

/* ---- the whole ---- */

static int copy_config(struct work *w)
{
    if (w->o->config_path == NULL)
        return 0;
    TR_CLEANUP(mem_freep) char *to = folder_path(w->part, BACKUP_CONFIG_NAME);
    if (manifest_add(&w->m, MANIFEST_PLAIN, BACKUP_CONFIG_NAME) == NULL)
        return fail(w, "configuration", -E2BIG);
    int r = folder_copy_file(w->o->config_path, to);
    return r < 0 ? fail(w, w->o->config_path, r) : 0;
}

/* A backup must never be what fills the disk of the journal. */
static int check_room(struct work *w)
{
    int64_t free_bytes = 0, need = manifest_bytes(&w->m) + ROOM_LEFT_BYTES;
    int r = folder_free_bytes(w->o->to, &free_bytes);
    if (r < 0)
        return fail(w, w->o->to, r);
    if (free_bytes >= need)
        return 0;
    (void)snprintf(w->ret->text, sizeof(w->ret->text), "%s: %lld MiB are free, %lld MiB are needed",
                   w->o->to, (long long)(free_bytes >> 20), (long long)(need >> 20));
    return err_raise(-ENOSPC);
}

static int fill_folder(struct work *w)
{
    int r = file_mkdirs(w->part, 0700);
    if (r < 0)
        return fail(w, w->part, r);
    r = copy_all(w);
    if (r == 0)
        r = copy_config(w);
    if (r == 0)
        r = fill_all(w);
    if (r == 0)
        r = seal_all(w);
    w->m.took_ms = (clock_mono_us(clock_real()) - w->began_us) / 1000;
    if (r == 0)
        r = manifest_write(&w->m, w->part);
    if (r == 0)
        r = file_rename_durable(w->part, w->ret->path);
    return r < 0 ? fail(w, w->ret->path, r) : r;
}

static void report(struct work *w)
{
    w->ret->bytes = manifest_bytes(&w->m);
    w->ret->files = w->m.count;
    w->ret->took_ms = w->m.took_ms;
    for (size_t i = w->m.count; i-- > 0;)
        if (w->m.files[i].kind == MANIFEST_JOURNAL)
            w->ret->seq = w->m.files[i].seq;
    w->ret->removed = retention_apply(w->o->to, &w->o->retention, w->m.made_ms);
}

static int make_locked(struct work *w)
{
    char stamp[FOLDER_STAMP_CAP];
    w->m.made_ms = clock_wall_ms(clock_real());
    (void)str_copy(w->m.version, sizeof(w->m.version), TRIDENT_VERSION);
    /* Two in one second: the later one takes the next second's name. */
    for (int tries = 0;; tries++, w->m.made_ms += 1000) {
        folder_stamp(w->m.made_ms, stamp);
        int n = snprintf(w->ret->path, sizeof(w->ret->path), "%s/%s", w->o->to, stamp);
        if (n < 0 || (size_t)n >= sizeof(w->ret->path))
            return fail(w, w->o->to, -ENAMETOOLONG);
        if (!file_exists(w->ret->path))
            break;
        if (tries == NAME_TRIES_MAX)
            return fail(w, w->ret->path, -EEXIST);
    }
    w->part = xasprintf("%s/.%s.part", w->o->to, stamp);
    int r = folder_list(w->o->data_dir, &w->m);
    if (r < 0)
        return fail(w, w->o->data_dir, r);
    if (w->m.count == 0)
        return fail(w, w->o->data_dir, -ENOENT);
    r = check_room(w);
    if (r == 0)
        r = fill_folder(w);
    if (r == 0)
        report(w);
    else
        (void)folder_remove(w->part); /* the first error is the one to report */
    return r;
}

int backup_make(const struct backup_options *o, struct backup_result *ret)
{
    struct work w = {.o = o, .ret = ret, .began_us = clock_mono_us(clock_real())};
    int lock_fd = -1;
    TR_ASSERT(o->data_dir != NULL && o->to != NULL);
    *ret = (struct backup_result){0};
    TR_CLEANUP(mem_freep) char *lock = folder_path(o->to, ".lock");
    int r = file_mkdirs(o->to, 0700);
    if (r == 0)
        r = file_lock(lock, &lock_fd);
    if (r == -EWOULDBLOCK) {
        (void)str_copy(ret->text, sizeof(ret->text), "another backup is being made");
        return err_raise(-EBUSY);
    }
    if (r < 0)
        return fail(&w, o->to, r);
    manifest_init(&w.m);
    retention_sweep(o->to);
    r = make_locked(&w);
    manifest_deinit(&w.m);
    mem_free(w.part);
    (void)file_close(lock_fd);
    return r;
}
