/* backup/folder.c: see folder.h. A new database needs no line here to be part of every backup:
 * everything is state that is not known to be something else. */
#include "backup/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"

#define DEPTH_MAX   4
#define CHUNK_BYTES (256 * 1024)
#define WALK_FDS    8

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), k = strlen(end);
    return n >= k && strcmp(s + n - k, end) == 0;
}

static bool is_passing_folder(const char *name)
{
    static const char *const names[] = {FOLDER_BACKUPS, "charts", "csv", "voice"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

static bool is_state_file(const char *name)
{
    static const char *const endings[] = {"-wal",  "-shm",     "-journal", ".part",      ".lock",
                                          ".sock", ".damaged", ".backup",  ".rolledback"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(endings); i++)
        if (ends_with(name, endings[i]))
            return false;
    if (ends_with(name, ".log") && !str_eq(name, "paper.log"))
        return false;
    return !str_eq(name, "reserve") && !str_eq(name, FOLDER_RESTORE_PENDING) &&
           strstr(name, "_CORRUPTED_") == NULL && strstr(name, "_REPLACED_") == NULL;
}

static enum manifest_kind kind_of(const char *name)
{
    if (str_eq(name, "journal.db"))
        return MANIFEST_JOURNAL;
    return ends_with(name, ".db") ? MANIFEST_DATABASE : MANIFEST_PLAIN;
}

char *folder_path(const char *folder, const char *name)
{
    TR_ASSERT(folder != NULL && name != NULL);
    return xasprintf("%s/%s", folder, name);
}

struct walk {
    const char *root;
    struct manifest *m;
};

static int walk_folder(const struct walk *w, const char *below, int depth);

static int walk_entry(const struct walk *w, const char *below, const char *name, int depth)
{
    struct stat st;
    TR_CLEANUP(mem_freep)
    char *inner = below[0] != '\0' ? folder_path(below, name) : xstrdup(name);
    TR_CLEANUP(mem_freep) char *path = folder_path(w->root, inner);
    if (name[0] == '.')
        return 0;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : err_raise(-errno); /* gone meanwhile */
    if (S_ISDIR(st.st_mode))
        return is_passing_folder(name) || depth == DEPTH_MAX ? 0 : walk_folder(w, inner, depth + 1);
    if (!S_ISREG(st.st_mode) || !is_state_file(name))
        return 0;
    struct manifest_file *f = manifest_add(w->m, kind_of(name), inner);
    if (f == NULL)
        return err_raise(-E2BIG);
    f->size_bytes = st.st_size;
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names are sorted, so that the same folder gives the same manifest. */
static int walk_folder(const struct walk *w, const char *below, int depth)
{
    char *names[MANIFEST_FILES_MAX];
    size_t n = 0;
    TR_CLEANUP(mem_freep) char *path = folder_path(w->root, below);
    DIR *d = opendir(path);
    if (d == NULL)
        return err_raise(-errno);
    int r = 0;
    for (struct dirent *e; r == 0 && (e = readdir(d)) != NULL;) {
        if (n == TR_ARRAY_SIZE(names))
            r = err_raise(-E2BIG);
        else
            names[n++] = xstrdup(e->d_name);
    }
    (void)closedir(d);
    qsort(names, n, sizeof(names[0]), by_name);
    for (size_t i = 0; i < n; i++) {
        if (r == 0)
            r = walk_entry(w, below, names[i], depth);
        mem_free(names[i]);
    }
    return r;
}

int folder_list(const char *data_dir, struct manifest *m)
{
    const struct walk w = {data_dir, m};
    TR_ASSERT(data_dir != NULL);
    TR_ASSERT(m->files != NULL);
    m->count = 0;
    return err_trace(walk_folder(&w, "", 0));
}

static int write_all(int fd, const char *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_raise(-errno);
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static int copy_bytes(int from, int to)
{
    ssize_t n;
    int r = 0;
    TR_CLEANUP(mem_freep) char *chunk = xalloc(CHUNK_BYTES);
    while (r == 0 && ((n = read(from, chunk, CHUNK_BYTES)) > 0 || (n < 0 && errno == EINTR)))
        r = n > 0 ? write_all(to, chunk, (size_t)n) : 0;
    if (r == 0 && n < 0)
        r = err_raise(-errno);
    return r == 0 && fsync(to) < 0 ? err_raise(-errno) : r;
}

int folder_make_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return 0;
    TR_CLEANUP(mem_freep) char *dir = xstrndup(path, (size_t)(slash - path));
    return err_trace(file_mkdirs(dir, 0700));
}

int folder_copy_file(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return err_raise(-errno);
    int out = -1;
    int r = folder_make_parent(to);
    if (r == 0 && unlink(to) < 0 && errno != ENOENT)
        r = err_raise(-errno);
    if (r == 0)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (r == 0)
        r = out < 0 ? err_raise(-errno) : file_give(out, to);
    if (r == 0)
        r = copy_bytes(in, out);
    (void)file_close(in);
    (void)file_close(out);
    return r;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path) < 0 && errno != ENOENT ? -errno : 0;
}

int folder_remove(const char *path)
{
    if (!file_exists(path))
        return 0;
    int r = nftw(path, remove_one, WALK_FDS, FTW_DEPTH | FTW_PHYS);
    return r == 0 ? 0 : err_raise(r < -1 ? r : -errno);
}

int folder_free_bytes(const char *path, int64_t *ret_bytes)
{
    struct statvfs st;
    if (statvfs(path, &st) < 0)
        return err_raise(-errno);
    *ret_bytes = (int64_t)st.f_bavail * (int64_t)st.f_frsize;
    return 0;
}

void folder_stamp(int64_t wall_ms, char out[FOLDER_STAMP_CAP])
{
    char when[CLOCK_TEXT_CAP]; /* 2026-11-21T08:15:00.123Z */
    size_t n = 0;
    clock_format_rfc3339(wall_ms, when);
    for (const char *p = when; *p != '\0' && *p != '.' && n < FOLDER_STAMP_CAP - 2; p++)
        if (*p != '-' && *p != ':' && *p != 'Z')
            out[n++] = *p;
    out[n++] = 'Z';
    out[n] = '\0';
}
