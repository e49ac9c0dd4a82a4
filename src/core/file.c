/* Whole files through plain system calls; what must survive power loss is fsynced, the directory
 * too. */
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"

int file_close(int fd)
{
    if (fd >= 0)
        (void)close(fd); /* after fsync where it matters; EINTR still closes on Linux */
    return -1;
}

int file_read(const char *path, struct buf *ret)
{
    TR_ASSERT(path != NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = 0;
    char chunk[16384];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            r = n < 0 ? -errno : 0;
            break;
        }
        buf_append(ret, chunk, (size_t)n);
        if (buf_failed(ret)) {
            r = -EFBIG;
            break;
        }
    }
    (void)file_close(fd);
    return err_trace(r);
}

static int write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_raise(-errno);
        TR_ASSERT((size_t)n <= len);
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int file_sync_dir(const char *dir)
{
    TR_ASSERT(dir != NULL);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_raise(-errno);
    int r = fsync(fd) < 0 ? err_raise(-errno) : 0;
    (void)file_close(fd);
    return r;
}

static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash != NULL && slash != path ? (size_t)(slash - path) : 1;
    return xstrndup(slash != NULL ? path : ".", len);
}

/* The rename is durable only when its directory is. */
static int sync_parent(const char *path)
{
    TR_CLEANUP(mem_freep) char *dir = parent_of(path);
    return err_trace(file_sync_dir(dir));
}

/* By descriptor: the owner of the directory may put another thing under the name meanwhile. */
int file_give(int fd, const char *path)
{
    struct stat dir, made;
    TR_ASSERT(fd >= 0 && path != NULL);
    if (geteuid() != 0)
        return 0;
    TR_CLEANUP(mem_freep) char *parent = parent_of(path);
    if (stat(parent, &dir) < 0 || fstat(fd, &made) < 0)
        return err_raise(-errno);
    if (dir.st_uid == made.st_uid)
        return 0;
    return fchown(fd, dir.st_uid, dir.st_gid) < 0 ? err_raise(-errno) : 0;
}

int file_rename_durable(const char *from, const char *to)
{
    TR_ASSERT(from != NULL && to != NULL);
    if (rename(from, to) < 0)
        return err_raise(-errno);
    return err_trace(sync_parent(to));
}

int file_write_atomic(const char *path, const void *data, size_t len, int mode)
{
    TR_ASSERT(path != NULL);
    TR_ASSERT(data != NULL || len == 0);
    TR_CLEANUP(mem_freep) char *temp = xasprintf("%s.XXXXXX", path);
    int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return err_raise(-errno);
    int r = file_give(fd, path);
    if (r == 0)
        r = write_all(fd, data, len);
    if (r == 0 && (fchmod(fd, (mode_t)mode) < 0 || fsync(fd) < 0))
        r = err_raise(-errno);
    (void)file_close(fd);
    if (r == 0)
        r = file_rename_durable(temp, path);
    if (r < 0)
        (void)unlink(
            temp); /* gone already after the rename; the first error is the one to report */
    return err_trace(r);
}

static int give_dir(const char *path)
{
    if (geteuid() != 0)
        return 0;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_raise(-errno);
    int r = file_give(fd, path);
    (void)file_close(fd);
    return err_trace(r);
}

static int make_dir(const char *path, int mode)
{
    if (mkdir(path, (mode_t)mode) == 0)
        return err_trace(give_dir(path));
    int error = errno;
    struct stat st;
    if (error == EEXIST && stat(path, &st) == 0)
        return S_ISDIR(st.st_mode) ? 0 : err_raise(-ENOTDIR);
    return err_raise(-error);
}

int file_mkdirs(const char *path, int mode)
{
    TR_ASSERT(path != NULL);
    TR_CLEANUP(mem_freep) char *copy = xstrdup(path);
    if (copy[0] == '\0')
        return err_raise(-EINVAL);
    for (char *p = copy + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        int r = make_dir(copy, mode);
        *p = '/';
        if (r < 0)
            return err_trace(r);
    }
    return err_trace(make_dir(copy, mode));
}

bool file_exists(const char *path)
{
    return path != NULL && access(path, F_OK) == 0;
}

int file_lock(const char *path, int *ret_fd)
{
    TR_ASSERT(path != NULL);
    int r = 0;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        r = file_give(fd, path);
    else if (errno == EEXIST)
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_raise(-errno);
    if (r < 0) {
        (void)file_close(fd);
        return err_trace(r);
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        r = -errno;
        (void)file_close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}

int64_t process_rss_bytes(void)
{
    char text[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof(text) - 1);
    (void)file_close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *second = strchr(text, ' ');
    return second != NULL ? strtoll(second, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}
