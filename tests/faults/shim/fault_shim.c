/* A library that is preloaded into the program under test and counts what it asks the system to
 * write: at the n-th operation it kills the process, or makes the operation fail. Controlled by the
 * environment, read once:
 *
 *   FAULT_SHIM_KIND    kill (before the operation), torn (half of a write is done, then kill), eio,
 *                      enospc, short (half of a write is done), eintr, sync (only a sync fails),
 *                      emfile (opening anything)
 *   FAULT_SHIM_AT      number of the operation, from 1; 0: only count
 *   FAULT_SHIM_LAST    the last operation that fails as well; default AT; "end": all from AT on
 *   FAULT_SHIM_EVERY   of those only every n-th; default 1
 *   FAULT_SHIM_PATH    only files whose path holds this text count; default: all, and sockets
 *   FAULT_SHIM_COUNT   file of 8 bytes that is mapped and holds the count
 *   FAULT_SHIM_SWITCH  file; while it does not exist nothing fails (kinds other than kill, torn)
 *
 * Test code: no product source knows of it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
    KIND_NONE,
    KIND_KILL,
    KIND_TORN,
    KIND_EIO,
    KIND_ENOSPC,
    KIND_SHORT,
    KIND_EINTR,
    KIND_SYNC,
    KIND_EMFILE
};

static enum kind kind;
static uint64_t first, last, every;
static const char *path_part, *switch_path;
static _Atomic uint64_t own_count;
static _Atomic uint64_t *count = &own_count;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    if (text == NULL)
        return otherwise;
    return strcmp(text, "end") == 0 ? UINT64_MAX : strtoull(text, NULL, 10);
}

__attribute__((constructor)) static void begin(void)
{
    static const char *const names[] = {"none",  "kill",  "torn", "eio",   "enospc",
                                        "short", "eintr", "sync", "emfile"};
    const char *wanted = getenv("FAULT_SHIM_KIND"), *file = getenv("FAULT_SHIM_COUNT");
    for (size_t i = 0; wanted != NULL && i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], wanted) == 0)
            kind = (enum kind)i;
    first = number("FAULT_SHIM_AT", 0);
    last = number("FAULT_SHIM_LAST", first);
    every = number("FAULT_SHIM_EVERY", 1);
    path_part = getenv("FAULT_SHIM_PATH");
    switch_path = getenv("FAULT_SHIM_SWITCH");
    int fd = file != NULL ? REAL(open)(file, O_RDWR) : -1;
    if (fd < 0)
        return;
    void *p = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p != MAP_FAILED)
        count = p;
    (void)close(fd);
}

static bool is_named(int fd)
{
    char link[64], name[512];
    static const char digits[] = "0123456789";
    char number_text[16];
    size_t n = 0;
    if (path_part == NULL)
        return true;
    unsigned v = (unsigned)fd;
    do {
        number_text[n++] = digits[v % 10];
        v /= 10;
    } while (v > 0);
    memcpy(link, "/proc/self/fd/", 14);
    for (size_t i = 0; i < n; i++)
        link[14 + i] = number_text[n - 1 - i];
    link[14 + n] = '\0';
    ssize_t len = readlink(link, name, sizeof(name) - 1);
    if (len <= 0)
        return false;
    name[len] = '\0';
    return strstr(name, path_part) != NULL;
}

/* Counts; true: this one is hit. A kill does not come back. */
static bool strikes(bool is_counted)
{
    if (kind == KIND_NONE || !is_counted)
        return false;
    uint64_t now = atomic_fetch_add(count, 1) + 1;
    if (first == 0 || now < first || now > last || now % every != 0)
        return false;
    if (kind == KIND_KILL)
        (void)kill(getpid(), SIGKILL);
    return switch_path == NULL || access(switch_path, F_OK) == 0;
}

static void die(void)
{
    (void)kill(getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

static int failure(void)
{
    errno = kind == KIND_ENOSPC   ? ENOSPC
            : kind == KIND_EINTR  ? EINTR
            : kind == KIND_EMFILE ? EMFILE
                                  : EIO;
    return -1;
}

static bool is_write_kind(void)
{
    return kind != KIND_EMFILE && kind != KIND_SYNC;
}

ssize_t write(int fd, const void *p, size_t n)
{
    if (!is_write_kind() || !strikes(is_named(fd)))
        return REAL(write)(fd, p, n);
    if (kind == KIND_TORN || kind == KIND_SHORT) {
        ssize_t r = REAL(write)(fd, p, n > 1 ? n / 2 : n);
        if (kind == KIND_TORN)
            die();
        return r;
    }
    return failure();
}

static ssize_t positioned(const char *name, int fd, const void *p, size_t n, off64_t at)
{
    ssize_t (*next)(int, const void *, size_t, off64_t) = real(name);
    if (!is_write_kind() || !strikes(is_named(fd)))
        return next(fd, p, n, at);
    if (kind == KIND_TORN || kind == KIND_SHORT) {
        ssize_t r = next(fd, p, n > 1 ? n / 2 : n, at);
        if (kind == KIND_TORN)
            die();
        return r;
    }
    return failure();
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return positioned("pwrite", fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    return positioned("pwrite64", fd, p, n, at);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
    return is_write_kind() && strikes(is_named(fd)) ? failure() : REAL(writev)(fd, v, n);
}

/* Sockets: only where every operation counts; a socket that fails is another proof. */
static bool is_socket_hit(void)
{
    return path_part == NULL && (kind == KIND_KILL || kind == KIND_TORN) && strikes(true);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
    if (!is_socket_hit())
        return REAL(send)(fd, p, n, flags);
    (void)REAL(send)(fd, p, n > 1 ? n / 2 : n, flags);
    die();
    return -1;
}

ssize_t sendto(int fd, const void *p, size_t n, int flags, __CONST_SOCKADDR_ARG to, socklen_t len)
{
    if (is_socket_hit())
        die();
    return REAL(sendto)(fd, p, n, flags, to, len);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
    if (is_socket_hit())
        die();
    return REAL(sendmsg)(fd, m, flags);
}

/* Not writes of bytes: a short one does not exist, a torn one kills before. */
static bool fails(bool is_counted)
{
    if (!is_write_kind() || !strikes(is_counted))
        return false;
    if (kind == KIND_TORN)
        die();
    return kind != KIND_SHORT && kind != KIND_EINTR;
}

/* A sync that fails is a kind of its own: what it promised before is not known any more. */
static bool sync_fails(int fd)
{
    if (kind == KIND_SYNC)
        return strikes(is_named(fd));
    return (kind == KIND_KILL || kind == KIND_TORN) && fails(is_named(fd));
}

int fsync(int fd)
{
    return sync_fails(fd) ? failure() : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    return sync_fails(fd) ? failure() : REAL(fdatasync)(fd);
}

int ftruncate(int fd, off_t n)
{
    return fails(is_named(fd)) ? failure() : REAL(ftruncate)(fd, n);
}

int ftruncate64(int fd, off64_t n)
{
    return fails(is_named(fd)) ? failure() : REAL(ftruncate64)(fd, n);
}

static bool holds(const char *path)
{
    return path_part == NULL || strstr(path, path_part) != NULL;
}

int rename(const char *from, const char *to)
{
    return fails(holds(to)) ? failure() : REAL(rename)(from, to);
}

int unlink(const char *path)
{
    return fails(holds(path)) ? failure() : REAL(unlink)(path);
}

/* ---- opening ---- */

static bool is_refused(const char *path)
{
    return kind == KIND_EMFILE && strikes(path == NULL ? path_part == NULL : holds(path));
}

static mode_t mode_of(int flags, va_list ap)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    mode_t mode = mode_of(flags, ap);
    va_end(ap);
    return is_refused(path) ? failure() : REAL(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    mode_t mode = mode_of(flags, ap);
    va_end(ap);
    return is_refused(path) ? failure() : REAL(open64)(path, flags, mode);
}

int socket(int domain, int type, int protocol)
{
    return is_refused(NULL) ? failure() : REAL(socket)(domain, type, protocol);
}

int accept4(int fd, __SOCKADDR_ARG from, socklen_t *len, int flags)
{
    return is_refused(NULL) ? failure() : REAL(accept4)(fd, from, len, flags);
}
