/* unit/store/scratch.h: a temporary folder for one test (each runs in its own process) and paths in
 * it. */
#ifndef TRIDENT_TESTS_UNIT_STORE_SCRATCH_H
#define TRIDENT_TESTS_UNIT_STORE_SCRATCH_H

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch_dir[64];

/* Good until the eighth later call. */
static inline const char *scratch_path(const char *name)
{
    static char paths[8][384];
    static int next;
    char *p = paths[next++ % 8];
    (void)snprintf(p, sizeof(paths[0]), "%s/%s", scratch_dir, name);
    return p;
}

static inline void scratch_make(void)
{
    (void)snprintf(scratch_dir, sizeof(scratch_dir), "/tmp/trident-store-XXXXXX");
    cr_assert_not_null(mkdtemp(scratch_dir));
}

static inline void scratch_remove(void)
{
    DIR *d = opendir(scratch_dir);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
        (void)unlink(scratch_path(e->d_name));
    if (d != NULL)
        (void)closedir(d);
    (void)rmdir(scratch_dir);
}

#endif
