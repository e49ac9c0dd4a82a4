/* backup/restore.c: see restore.h. Steps: lock -> verify -> copy everything to "<data>/.restore" ->
 * check the copies -> write the mark -> for each file: what is there gets another name, the copy
 * gets its place -> remove the mark. A crash before the mark changed nothing; after it the same
 * restore goes on: files that are in place already are known by their SHA-256. */
#include "backup/restore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backup/backup.h"
#include "backup/folder.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"

#define STAGING ".restore"

struct work {
    const struct restore_options *o;
    struct restore_result *ret;
    struct manifest m;
    char *staging, *mark;
    char stamp[FOLDER_STAMP_CAP];
};

static int refuse(struct restore_result *ret, const char *path, const char *why, int r)
{
    if (ret->text[0] == '\0')
        (void)snprintf(ret->text, sizeof(ret->text), "%s: %s", path, why);
    return err_raise(r);
}

static int fail(struct restore_result *ret, const char *path, int r)
{
    return refuse(ret, path, strerrordesc_np(-r), r);
}

static void step(const struct restore_options *o, const char *what, const char *path)
{
    if (o->on_step != NULL)
        o->on_step(o->ctx, what, path);
}

static bool is_config(const struct manifest_file *f)
{
    return str_eq(f->path, BACKUP_CONFIG_NAME);
}

/* ---- verifying ---- */

static int same_bytes(const char *path, const struct manifest_file *f, bool *ret)
{
    int64_t size = 0;
    uint8_t hash[HASH_SHA256_BYTES];
    int r = manifest_hash_file(path, &size, hash);
    *ret = r == 0 && size == f->size_bytes && memcmp(hash, f->sha256, sizeof(hash)) == 0;
    return r;
}

static int check_schema(const struct restore_options *o, const struct manifest_file *f, int schema,
                        struct restore_result *ret)
{
    const char *slash = strrchr(f->path, '/');
    const char *name = slash != NULL ? slash + 1 : f->path;
    int newest = o->newest_schema != NULL ? o->newest_schema(name) : 0;
    if (newest > 0 && schema > newest)
        return refuse(ret, f->path, "written by a newer version of this program", -ENOTSUP);
    return 0;
}

static int verify_file(const char *from, const struct restore_options *o,
                       const struct manifest_file *f, struct restore_result *ret)
{
    bool is_same = false;
    struct check_finding found;
    const struct check_options full = {.depth = CHECK_FULL};
    TR_CLEANUP(mem_freep) char *path = folder_path(from, f->path);
    step(o, "verifying", f->path);
    int r = same_bytes(path, f, &is_same);
    if (r < 0)
        return fail(ret, f->path, r);
    if (!is_same)
        return refuse(ret, f->path, "its bytes are not those of the manifest", -EBADMSG);
    r = check_file(path, f->kind, &full, &found);
    if (r < 0)
        return fail(ret, f->path, r);
    if (!found.is_sound)
        return refuse(ret, f->path, found.text, -EBADMSG);
    if (f->kind == MANIFEST_JOURNAL &&
        (found.seq != f->seq || memcmp(found.chain, f->chain, sizeof(f->chain)) != 0))
        return refuse(ret, f->path, "it does not end at the row of the manifest", -EBADMSG);
    return check_schema(o, f, found.schema, ret);
}

int restore_verify(const char *from, const struct restore_options *o, struct manifest *m,
                   struct restore_result *ret)
{
    int r = manifest_read(from, m);
    if (r == MANIFEST_E_INVALID)
        return refuse(ret, from, "its " MANIFEST_NAME " is damaged", -EBADMSG);
    if (r < 0)
        return refuse(ret, from, "is no backup: it has no " MANIFEST_NAME, r);
    for (size_t i = 0; r == 0 && i < m->count; i++)
        r = verify_file(from, o, &m->files[i], ret);
    ret->files = m->count;
    ret->bytes = manifest_bytes(m);
    return r;
}

/* ---- staging ---- */

static int stage_file(struct work *w, const struct manifest_file *f)
{
    bool is_same = false;
    TR_CLEANUP(mem_freep) char *from = folder_path(w->o->from, f->path);
    TR_CLEANUP(mem_freep) char *to = folder_path(w->staging, f->path);
    step(w->o, "copying", f->path);
    int r = folder_copy_file(from, to);
    if (r == 0)
        r = same_bytes(to, f, &is_same);
    if (r < 0)
        return fail(w->ret, to, r);
    return is_same ? 0 : refuse(w->ret, to, "the copy has other bytes", -EIO);
}

static int stage(struct work *w)
{
    int64_t free_bytes = 0;
    int r = folder_remove(w->staging);
    if (r == 0)
        r = folder_free_bytes(w->o->data_dir, &free_bytes);
    if (r < 0)
        return fail(w->ret, w->o->data_dir, r);
    if (free_bytes < manifest_bytes(&w->m))
        return refuse(w->ret, w->o->data_dir, "there is not enough room for the backup", -ENOSPC);
    for (size_t i = 0; r == 0 && i < w->m.count; i++)
        r = is_config(&w->m.files[i]) ? 0 : stage_file(w, &w->m.files[i]);
    return r;
}

/* ---- replacing ---- */

static int move_aside(struct work *w, const char *path, const char *suffix)
{
    TR_CLEANUP(mem_freep) char *from = xasprintf("%s%s", path, suffix);
    TR_CLEANUP(mem_freep) char *to = xasprintf("%s_REPLACED_%s%s", path, w->stamp, suffix);
    if (!file_exists(from))
        return 0;
    return file_rename_durable(from, to);
}

/* The WAL belongs to the file: it goes along, and the new file must not find it. */
static int put_aside(struct work *w, const char *path)
{
    int r = move_aside(w, path, "-wal");
    if (r == 0)
        r = move_aside(w, path, "-shm");
    if (r == 0)
        r = move_aside(w, path, "");
    if (r < 0)
        return fail(w->ret, path, r);
    w->ret->replaced++;
    return 0;
}

static bool has_wal(const char *path)
{
    TR_CLEANUP(mem_freep) char *wal = xasprintf("%s-wal", path);
    return file_exists(wal);
}

static int replace_file(struct work *w, const struct manifest_file *f)
{
    bool is_there = false;
    TR_CLEANUP(mem_freep) char *staged = folder_path(w->staging, f->path);
    TR_CLEANUP(mem_freep) char *path = folder_path(w->o->data_dir, f->path);
    int r = 0;
    step(w->o, "replacing", f->path);
    if (file_exists(path) && !has_wal(path))
        r = same_bytes(path, f, &is_there);
    if (r < 0)
        return fail(w->ret, path, r);
    if (is_there)
        return 0;
    if (file_exists(path) || has_wal(path))
        r = put_aside(w, path);
    if (r == 0)
        r = folder_make_parent(path);
    if (r == 0)
        r = file_rename_durable(staged, path);
    return r < 0 ? fail(w->ret, path, r) : 0;
}

/* A database the backup does not know is of another time. */
static int put_strangers_aside(struct work *w)
{
    struct manifest there TR_CLEANUP(manifest_deinit);
    manifest_init(&there);
    int r = folder_list(w->o->data_dir, &there);
    if (r < 0)
        return fail(w->ret, w->o->data_dir, r);
    for (size_t i = 0; r == 0 && i < there.count; i++) {
        if (manifest_find(&w->m, there.files[i].path) != NULL)
            continue;
        TR_CLEANUP(mem_freep) char *path = folder_path(w->o->data_dir, there.files[i].path);
        r = put_aside(w, path);
    }
    return r;
}

static int replace_all(struct work *w)
{
    int r = file_write_atomic(w->mark, w->o->from, strlen(w->o->from), 0600);
    if (r < 0)
        return fail(w->ret, w->mark, r);
    r = put_strangers_aside(w);
    for (size_t i = 0; r == 0 && i < w->m.count; i++)
        r = is_config(&w->m.files[i]) ? 0 : replace_file(w, &w->m.files[i]);
    if (r < 0)
        return r;
    if (unlink(w->mark) < 0)
        return fail(w->ret, w->mark, -errno);
    r = file_sync_dir(w->o->data_dir);
    return r < 0 ? fail(w->ret, w->o->data_dir, r) : 0;
}

static int run_locked(struct work *w)
{
    int r = restore_verify(w->o->from, w->o, &w->m, w->ret);
    if (r == 0)
        r = stage(w);
    if (r == 0)
        r = replace_all(w);
    (void)folder_remove(w->staging); /* what is left of it is made anew by the next one */
    return r;
}

int restore_run(const struct restore_options *o, struct restore_result *ret)
{
    struct work w = {.o = o, .ret = ret};
    int lock_fd = -1;
    TR_ASSERT(o->from != NULL && o->data_dir != NULL);
    *ret = (struct restore_result){0};
    TR_CLEANUP(mem_freep) char *lock = folder_path(o->data_dir, "trident.lock");
    int r = file_mkdirs(o->data_dir, 0700);
    if (r == 0)
        r = file_lock(lock, &lock_fd);
    if (r == -EWOULDBLOCK)
        return refuse(ret, o->data_dir, "a daemon runs on it; stop it first", -EBUSY);
    if (r < 0)
        return fail(ret, o->data_dir, r);
    manifest_init(&w.m);
    folder_stamp(clock_wall_ms(clock_real()), w.stamp);
    w.staging = folder_path(o->data_dir, STAGING);
    w.mark = folder_path(o->data_dir, FOLDER_RESTORE_PENDING);
    r = run_locked(&w);
    manifest_deinit(&w.m);
    mem_free(w.staging);
    mem_free(w.mark);
    (void)file_close(lock_fd);
    return r;
}
