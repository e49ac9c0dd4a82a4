#include "bots/analytics/charts.h"

#include <dirent.h>
#include <fcntl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"

#define FILES_SEEN_MAX 256

struct chart_file {
    int64_t changed_ns;
    char name[64];
};

void charts_name(const struct command *c, char out[CHARTS_NAME_CAP])
{
    int n =
        snprintf(out, CHARTS_NAME_CAP, "charts/perf-%d-%" PRId64 ".png", (int)c->bot, c->update_id);
    TR_ASSERT(n > 0 && n < CHARTS_NAME_CAP);
}

static size_t list_files(DIR *dir, struct chart_file *files)
{
    size_t n = 0;
    const struct dirent *entry;
    while (n < FILES_SEEN_MAX && (entry = readdir(dir)) != NULL) {
        struct stat st;
        if (!str_starts(entry->d_name, "perf-") || strlen(entry->d_name) >= sizeof files[n].name)
            continue;
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode))
            continue;
        (void)str_copy(files[n].name, sizeof files[n].name,
                       entry->d_name); /* fits: checked above */
        files[n].changed_ns = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
        n++;
    }
    return n;
}

int charts_make_room(const char *data_dir)
{
    TR_ASSERT(data_dir);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/charts", data_dir);
    int r = file_mkdirs(path, 0700);
    if (r < 0)
        return err_trace(r);
    DIR *dir = opendir(path);
    if (!dir)
        return err_raise(-errno);
    struct chart_file *files = xcalloc(FILES_SEEN_MAX, sizeof *files);
    size_t n = list_files(dir, files);
    while (n >= CHARTS_KEPT_MAX) {
        size_t oldest = 0;
        for (size_t i = 1; i < n; i++)
            if (files[i].changed_ns < files[oldest].changed_ns)
                oldest = i;
        (void)unlinkat(dirfd(dir), files[oldest].name, 0); /* gone already is as good */
        files[oldest] = files[--n];
    }
    mem_free(files);
    closedir(dir);
    return 0;
}
