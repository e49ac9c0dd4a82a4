/* engine/reserve.c: see reserve.h. */
#include "engine/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"

static char *path_in(const char *dir)
{
    return xasprintf("%s/reserve", dir);
}

/* The room is taken under another name: a file that is there is whole. */
static int allocate(const char *temp, const char *path)
{
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_raise(-errno);
    int r = -posix_fallocate(fd, 0, RESERVE_BYTES);
    (void)file_close(fd);
    if (r == 0 && rename(temp, path) < 0)
        r = -errno;
    if (r < 0)
        (void)unlink(temp); /* the first error is the one to report */
    return r == -EDQUOT || r == -EFBIG ? -ENOSPC : r;
}

int reserve_take(const char *dir)
{
    TR_CLEANUP(mem_freep) char *path = path_in(dir);
    TR_CLEANUP(mem_freep) char *temp = xasprintf("%s.part", path);
    struct stat st;
    if (stat(path, &st) == 0 && st.st_size >= RESERVE_BYTES)
        return 0;
    return allocate(temp, path);
}

bool reserve_give_up(const char *dir)
{
    TR_CLEANUP(mem_freep) char *path = path_in(dir);
    return unlink(path) == 0;
}
