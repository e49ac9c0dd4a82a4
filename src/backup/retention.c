/* backup/retention.c: see retention.h. */
#include "backup/retention.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "backup/folder.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"

#define BACKUPS_MAX 1024 /* looked at in one turn; the rest waits for the next */
#define DAY_MS      INT64_C(86400000)

struct listing {
    int64_t made_ms[BACKUPS_MAX]; /* newest first */
    size_t count;
};

/* "20261121T081500Z", or 0. */
static int64_t time_of(const char *name)
{
    char text[CLOCK_TEXT_CAP];
    int64_t ms = 0;
    if (strlen(name) != FOLDER_STAMP_CAP - 4 || name[8] != 'T')
        return 0;
    (void)snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", name, name + 4, name + 6,
                   name + 9, name + 11, name + 13);
    return clock_parse_rfc3339(text, &ms) ? ms : 0;
}

static void insert(struct listing *l, int64_t made_ms)
{
    size_t at = l->count;
    if (l->count == BACKUPS_MAX)
        return;
    for (; at > 0 && l->made_ms[at - 1] < made_ms; at--)
        l->made_ms[at] = l->made_ms[at - 1];
    l->made_ms[at] = made_ms;
    l->count++;
}

static void list(const char *folder, struct listing *l)
{
    DIR *d = opendir(folder);
    l->count = 0;
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        TR_CLEANUP(mem_freep)
        char *manifest = xasprintf("%s/%s/" MANIFEST_NAME, folder, e->d_name);
        int64_t made_ms = time_of(e->d_name);
        if (made_ms > 0 && file_exists(manifest))
            insert(l, made_ms);
    }
    if (d != NULL)
        (void)closedir(d);
}

int64_t retention_newest_ms(const char *folder)
{
    TR_CLEANUP(mem_freep) struct listing *l = xalloc(sizeof(*l));
    TR_ASSERT(folder != NULL);
    list(folder, l);
    return l->count > 0 ? l->made_ms[0] : 0;
}

/* Renamed first: what is left of a removal that was interrupted is no backup. */
static bool remove_backup(const char *folder, int64_t made_ms)
{
    char stamp[FOLDER_STAMP_CAP];
    folder_stamp(made_ms, stamp);
    TR_CLEANUP(mem_freep) char *path = folder_path(folder, stamp);
    TR_CLEANUP(mem_freep) char *going = xasprintf("%s/.%s.part", folder, stamp);
    int r = file_rename_durable(path, going);
    if (r == 0)
        r = folder_remove(going);
    if (r < 0)
        log_warn("backup", "not_removed path=%s code=%d", path, -r);
    return r == 0;
}

size_t retention_apply(const char *folder, const struct retention *r, int64_t now_ms)
{
    size_t removed = 0;
    TR_CLEANUP(mem_freep) struct listing *l = xalloc(sizeof(*l));
    TR_ASSERT(r->keep >= 0 && r->keep_days >= 0);
    list(folder, l);
    for (size_t i = 1; i < l->count; i++) {
        bool is_many = r->keep > 0 && i >= (size_t)r->keep;
        bool is_old = r->keep_days > 0 && now_ms - l->made_ms[i] > r->keep_days * DAY_MS;
        if ((is_many || is_old) && remove_backup(folder, l->made_ms[i]))
            removed++;
    }
    return removed;
}

void retention_sweep(const char *folder)
{
    DIR *d = opendir(folder);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (e->d_name[0] != '.' || n < 6 || strcmp(e->d_name + n - 5, ".part") != 0)
            continue;
        TR_CLEANUP(mem_freep) char *path = folder_path(folder, e->d_name);
        int r = folder_remove(path);
        if (r < 0)
            log_warn("backup", "not_swept path=%s code=%d", path, -r);
    }
    if (d != NULL)
        (void)closedir(d);
}
