/* cli/confine.c: the list is what the daemon, its libraries and the programs it starts were seen to
 * use (strace of the integration suite, a child of outside/, a voice, an upgrade), plus what C
 * libraries replace one another's calls with. docs/adr/0008 says why a refused call is an error and
 * no death, and why execve() is on it.
 *
 * MARK is a call nobody makes. Under this filter it fails with an error of its own, which tells a
 * process that it is confined: an upgrade in place must not put one filter on another for ever. */
#include "cli/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MARK       SYS_lookup_dcookie
#define MARK_ERROR EUCLEAN

#define CALL(name) SCMP_SYS(name)
static const int allowed[] = {
    /* memory; mmap and mprotect below */
    CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), CALL(mincore), CALL(msync), CALL(mlock),
    CALL(mlock2), CALL(munlock), CALL(membarrier),
    /* files */
    CALL(open), CALL(openat), CALL(openat2), CALL(close), CALL(close_range), CALL(read),
    CALL(readv), CALL(pread64), CALL(preadv), CALL(write), CALL(writev), CALL(pwrite64),
    CALL(pwritev), CALL(lseek), CALL(dup), CALL(dup2), CALL(dup3), CALL(fcntl), CALL(flock),
    CALL(fsync), CALL(fdatasync), CALL(sync_file_range), CALL(fallocate), CALL(ftruncate),
    CALL(truncate), CALL(fadvise64), CALL(stat), CALL(fstat), CALL(lstat), CALL(newfstatat),
    CALL(statx), CALL(statfs), CALL(fstatfs), CALL(access), CALL(faccessat), CALL(faccessat2),
    CALL(readlink), CALL(readlinkat), CALL(getdents64), CALL(getcwd), CALL(mkdir), CALL(mkdirat),
    CALL(rmdir), CALL(rename), CALL(renameat), CALL(renameat2), CALL(link), CALL(linkat),
    CALL(symlink), CALL(symlinkat), CALL(unlink), CALL(unlinkat), CALL(chmod), CALL(fchmod),
    CALL(fchmodat), CALL(fchown), CALL(utimensat), CALL(umask), CALL(copy_file_range),
    CALL(sendfile), CALL(splice), CALL(chdir), CALL(fchdir), CALL(inotify_init1),
    CALL(inotify_add_watch), CALL(inotify_rm_watch),
    /* waiting */
    CALL(poll), CALL(ppoll), CALL(select), CALL(pselect6), CALL(epoll_create1), CALL(epoll_create),
    CALL(epoll_ctl), CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2), CALL(eventfd2),
    CALL(timerfd_create), CALL(timerfd_settime), CALL(timerfd_gettime), CALL(signalfd4), CALL(pipe),
    CALL(pipe2), CALL(futex), CALL(futex_waitv), CALL(nanosleep), CALL(clock_nanosleep),
    CALL(restart_syscall), CALL(pause),
    /* sockets; socket() below */
    CALL(bind), CALL(listen), CALL(accept), CALL(accept4), CALL(connect), CALL(shutdown),
    CALL(getsockname), CALL(getpeername), CALL(getsockopt), CALL(setsockopt), CALL(sendto),
    CALL(sendmsg), CALL(sendmmsg), CALL(recvfrom), CALL(recvmsg), CALL(recvmmsg), CALL(socketpair),
    /* threads, itself, limits; clone() below */
    CALL(set_robust_list), CALL(get_robust_list), CALL(set_tid_address), CALL(rseq),
    CALL(arch_prctl), CALL(prctl), CALL(sched_yield), CALL(sched_getaffinity),
    CALL(sched_setaffinity), CALL(sched_getparam), CALL(sched_getscheduler),
    CALL(sched_get_priority_max), CALL(sched_get_priority_min), CALL(getpriority),
    CALL(setpriority), CALL(getrlimit), CALL(setrlimit), CALL(prlimit64), CALL(getrusage),
    CALL(getcpu), CALL(getpid), CALL(getppid), CALL(gettid), CALL(getpgid), CALL(getpgrp),
    CALL(getsid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(getgroups),
    CALL(getresuid), CALL(getresgid), CALL(capget), CALL(uname), CALL(sysinfo), CALL(times),
    CALL(getrandom),
    /* time */
    CALL(clock_gettime), CALL(clock_getres), CALL(gettimeofday), CALL(time), CALL(getitimer),
    CALL(setitimer), CALL(alarm),
    /* signals */
    CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(rt_sigsuspend),
    CALL(rt_sigpending), CALL(rt_sigtimedwait), CALL(rt_sigqueueinfo), CALL(sigaltstack),
    CALL(kill), CALL(tgkill), CALL(pidfd_open), CALL(pidfd_send_signal), CALL(pidfd_getfd),
    /* children: voices, strategies, the next version; what they may is what we may */
    CALL(vfork), CALL(fork), CALL(execve), CALL(execveat), CALL(wait4), CALL(waitid), CALL(setsid),
    CALL(setpgid), CALL(exit), CALL(exit_group), CALL(seccomp), CALL(landlock_create_ruleset),
    CALL(landlock_add_rule), CALL(landlock_restrict_self)};

struct condition {
    int call;
    struct scmp_arg_cmp arg;
};

#define MASKED(n, mask, value)                                                                     \
    {                                                                                              \
        n, SCMP_CMP_MASKED_EQ, mask, value                                                         \
    }
#define EQUALS(n, value)                                                                           \
    {                                                                                              \
        n, SCMP_CMP_EQ, value, 0                                                                   \
    }
#define NAMESPACES                                                                                 \
    ((unsigned)(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |      \
                CLONE_NEWPID | CLONE_NEWNET))
#define WRITE_EXEC (PROT_WRITE | PROT_EXEC)

static const struct condition conditions[] = {
    {CALL(mmap), MASKED(2, WRITE_EXEC, 0)},
    {CALL(mmap), MASKED(2, WRITE_EXEC, PROT_WRITE)},
    {CALL(mmap), MASKED(2, WRITE_EXEC, PROT_EXEC)},
    {CALL(mprotect), MASKED(2, PROT_EXEC, 0)},
    {CALL(clone), MASKED(0, NAMESPACES, 0)},
    {CALL(socket), EQUALS(0, AF_UNIX)},
    {CALL(socket), EQUALS(0, AF_INET)},
    {CALL(socket), EQUALS(0, AF_INET6)},
    {CALL(ioctl), EQUALS(1, FIONREAD)},
    {CALL(ioctl), EQUALS(1, FIONBIO)},
    {CALL(ioctl), EQUALS(1, FIOCLEX)},
    {CALL(ioctl), EQUALS(1, TCGETS)},
    {CALL(ioctl), EQUALS(1, TIOCGWINSZ)},
};

void confine_memory(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);          /* refused only where it is already zero */
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); /* since Linux 3.5, with these arguments always */
#if !defined(__SANITIZE_ADDRESS__)                /* its leak check looks at us through ptrace() */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

bool confine_is_on(void)
{
    return syscall(MARK, 0, 0, 0) < 0 && errno == MARK_ERROR;
}

static int add_rules(scmp_filter_ctx ctx)
{
    int r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_LOG, 1);
    if (r == 0)
        r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a chain */
    for (size_t i = 0; i < TR_ARRAY_SIZE(allowed) && r == 0; i++)
        r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < TR_ARRAY_SIZE(conditions) && r == 0; i++)
        r = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, conditions[i].call, 1, &conditions[i].arg);
    /* Its flags lie in memory, where no filter sees them: the C library takes clone() instead. */
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
    if (r == 0)
        r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(MARK_ERROR), MARK, 0);
    return r;
}

int confine_calls(void)
{
    if (confine_is_on())
        return 0;
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (ctx == NULL)
        return err_raise(-ENOMEM);
    int r = add_rules(ctx);
    if (r == 0)
        r = seccomp_load(ctx);
    seccomp_release(ctx);
    if (r == 0 && !confine_is_on())
        r = -ENOSYS;
    return r < 0 ? err_raise(r) : 0;
}
