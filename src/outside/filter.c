/* outside/filter.c: the list was measured with strace on both examples of docs/plugins and on a
 * Python that imports what strategies import (json, decimal, datetime, statistics, threading), then
 * cut down by hand. libseccomp writes the kernel's little program in the parent, because after a
 * fork() in a program with threads nothing but system calls is safe. */
#include "outside/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"

#define CODE_MAX_BYTES 4096 /* a page: the least a pipe holds */
#define WRITING_FLAGS  (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))

/* ---- system calls ---- */

static const int allowed[] = {
    /* memory */
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(brk),
    SCMP_SYS(madvise),
    /* what is open */
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(select), SCMP_SYS(pselect6),
    /* looking at files */
    SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(getcwd),
    /* itself */
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(set_tid_address), SCMP_SYS(rseq),
    SCMP_SYS(arch_prctl), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getpid),
    SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(getrlimit), SCMP_SYS(getrusage), SCMP_SYS(uname), SCMP_SYS(sysinfo),
    SCMP_SYS(getrandom), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
    /* time */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times)};

struct condition {
    int call;
    unsigned count;
    struct scmp_arg_cmp args[2];
};

#define FLAGS_ARE(arg, mask, value)                                                                \
    {                                                                                              \
        arg, SCMP_CMP_MASKED_EQ, mask, value                                                       \
    }
#define IS(arg, value)                                                                             \
    {                                                                                              \
        arg, SCMP_CMP_EQ, value, 0                                                                 \
    }

static const struct condition conditions[] = {
    {SCMP_SYS(open), 1, {FLAGS_ARE(1, WRITING_FLAGS, O_RDONLY)}},
    {SCMP_SYS(openat), 1, {FLAGS_ARE(2, WRITING_FLAGS, O_RDONLY)}},
    {SCMP_SYS(clone), 1, {FLAGS_ARE(0, CLONE_THREAD, CLONE_THREAD)}}, /* threads, no processes */
    {SCMP_SYS(prlimit64), 1, {IS(2, 0)}},                             /* asking, not changing */
    {SCMP_SYS(ioctl), 1, {IS(1, TCGETS)}},
    {SCMP_SYS(ioctl), 1, {IS(1, FIOCLEX)}},
    {SCMP_SYS(fcntl), 1, {IS(1, F_GETFD)}},
    {SCMP_SYS(fcntl), 1, {IS(1, F_SETFD)}},
    {SCMP_SYS(fcntl), 1, {IS(1, F_GETFL)}},
    {SCMP_SYS(fcntl), 1, {IS(1, F_DUPFD_CLOEXEC)}},
    {SCMP_SYS(execveat), 2, {IS(0, FILTER_EXEC_FD), IS(4, AT_EMPTY_PATH)}},
};

static int add_rules(scmp_filter_ctx ctx)
{
    int r = 0;
    for (size_t i = 0; i < TR_ARRAY_SIZE(allowed) && r == 0; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < TR_ARRAY_SIZE(conditions) && r == 0; i++)
        r = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, conditions[i].call, conditions[i].count,
                                   conditions[i].args);
    /* Its flags cannot be seen: the C library falls back to the older calls. */
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
    return r;
}

/* Takes the finished code out of a pipe. */
static int take_code(int fd, struct filter *f)
{
    char code[CODE_MAX_BYTES];
    ssize_t n = read(fd, code, sizeof(code)); /* all was written before */
    if (n <= 0)
        return err_raise(n < 0 ? -errno : -EIO);
    size_t size = (size_t)n;
    TR_ASSERT(size < sizeof(code) && size % sizeof(*f->code) == 0);
    f->code = xcalloc(size / sizeof(*f->code), sizeof(*f->code));
    f->len = (unsigned short)(size / sizeof(*f->code));
    memcpy(f->code, code, size);
    return 0;
}

/* Through a pipe: a file in memory could be written and then run, so the daemon's own filter lets
 * nobody make one. */
static int make_code(struct filter *f)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int ends[2] = {-1, -1};
    if (ctx == NULL)
        return err_raise(-ENOMEM);
    int r = pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : add_rules(ctx);
    if (r == 0)
        r = seccomp_export_bpf(ctx, ends[1]);
    if (r == 0)
        r = take_code(ends[0], f);
    seccomp_release(ctx);
    for (size_t i = 0; i < TR_ARRAY_SIZE(ends); i++)
        if (ends[i] >= 0)
            (void)file_close(ends[i]); /* returns -1 */
    return r == 0 ? 0 : err_trace(r);
}

/* ---- files ---- */

#define LOOKING              (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define STARTING             (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE)
#define ALL_OF_FIRST_VERSION ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static int let_read(int ruleset, const char *path)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == EACCES ? 0 : err_raise(-errno);
    struct landlock_path_beneath_attr rule = {.parent_fd = fd, .allowed_access = STARTING};
    int r = fstat(fd, &st) < 0 ? -errno : 0;
    if (r == 0 && S_ISDIR(st.st_mode))
        rule.allowed_access |= LOOKING;
    if (r == 0 && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        r = -errno;
    (void)file_close(fd); /* returns -1 */
    return r == 0 ? 0 : err_raise(r);
}

static int make_ruleset(const char *const *read, size_t count, struct filter *f)
{
    static const char *const system[] = {
        "/usr",           "/lib",      "/lib64",      "/etc/ld.so.cache",
        "/etc/localtime", "/dev/null", "/dev/urandom"};
    const struct landlock_ruleset_attr attr = {.handled_access_fs = ALL_OF_FIRST_VERSION};
    long fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
    if (fd < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM ? 0 : err_raise(-errno);
    f->landlock_fd = (int)fd;
    int r = 0;
    for (size_t i = 0; i < TR_ARRAY_SIZE(system) && r == 0; i++)
        r = let_read(f->landlock_fd, system[i]);
    for (size_t i = 0; i < count && r == 0; i++)
        r = let_read(f->landlock_fd, read[i]);
    return r == 0 ? 0 : err_trace(r);
}

int filter_make(const char *const *read, size_t count, struct filter *ret)
{
    struct filter f = {.landlock_fd = -1};
    TR_ASSERT(count <= FILTER_READ_MAX);
    int r = make_code(&f);
    if (r == 0)
        r = make_ruleset(read, count, &f);
    if (r != 0) {
        filter_deinit(&f);
        return err_trace(r);
    }
    *ret = f;
    return 0;
}

void filter_deinit(struct filter *f)
{
    f->code = mem_free(f->code);
    if (f->landlock_fd >= 0)
        f->landlock_fd = file_close(f->landlock_fd);
}

int filter_put_up(const struct filter *f)
{
    struct sock_fprog program = {.len = f->len, .filter = f->code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return errno;
    if (f->landlock_fd >= 0 && syscall(SYS_landlock_restrict_self, f->landlock_fd, 0) < 0)
        return errno;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
        return errno;
    return 0;
}
