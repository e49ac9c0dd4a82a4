/* What a confined process may and may not: confine_memory() and confine_calls() of the daemon, then
 * calls of both kinds, in a second thread as well and in a program started afterwards. One line a
 * surprise; exit code 0 without any. */
#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/confine.h"

static int surprises;

static void expect(const char *what, long result, int error)
{
    int got = result < 0 ? errno : 0;
    if (got == error)
        return;
    surprises++;
    (void)printf("%s: %s, expected %s\n", what, got == 0 ? "worked" : strerror(got),
                 error == 0 ? "to work" : strerror(error));
}

static long map(int prot)
{
    void *p = mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? -1 : munmap(p, 4096);
}

static long make_executable(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return 0; /* reported as working: a surprise */
    long r = mprotect(p, 4096, PROT_READ | PROT_EXEC);
    int error = errno;
    (void)munmap(p, 4096);
    errno = error;
    return r;
}

static void try_forbidden(void)
{
    union bpf_attr attr;
    memset(&attr, 0, sizeof(attr));
    expect("ptrace", syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), EPERM);
    expect("process_vm_readv", syscall(SYS_process_vm_readv, getpid(), 0, 0, 0, 0, 0), EPERM);
    expect("bpf", syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)), EPERM);
    expect("perf_event_open", syscall(SYS_perf_event_open, 0, 0, -1, -1, 0), EPERM);
    expect("userfaultfd", syscall(SYS_userfaultfd, 0), EPERM);
    expect("io_uring_setup", syscall(SYS_io_uring_setup, 1, 0), EPERM);
    expect("unshare", unshare(CLONE_NEWUSER), EPERM);
    expect("clone of a namespace", syscall(SYS_clone, CLONE_NEWUSER, 0, 0, 0, 0), EPERM);
    expect("clone3", syscall(SYS_clone3, NULL, 0), ENOSYS);
    expect("mount", syscall(SYS_mount, "a", "/nowhere", "tmpfs", 0, NULL), EPERM);
    expect("chroot", chroot("/"), EPERM);
    expect("setuid", setuid(getuid()), EPERM);
    expect("keyctl", syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM);
    expect("kexec_load", syscall(SYS_kexec_load, 0, 0, 0, 0), EPERM);
    expect("init_module", syscall(SYS_init_module, 0, 0, 0), EPERM);
    expect("clock_settime", syscall(SYS_clock_settime, 0, 0), EPERM);
    expect("personality", syscall(SYS_personality, 0xffffffff), EPERM);
    expect("an unknown call", syscall(9999), EPERM);
    expect("a packet socket", socket(AF_PACKET, SOCK_RAW, 0), EPERM);
    expect("a netlink socket", socket(AF_NETLINK, SOCK_RAW, 0), EPERM);
    expect("a file in memory, to write and run", syscall(SYS_memfd_create, "x", 0), EPERM);
    expect("memory to write and run", map(PROT_READ | PROT_WRITE | PROT_EXEC), EPERM);
    expect("written memory made to run", make_executable(), EPERM);
}

static void try_needed(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect("an internet socket", fd, 0);
    (void)close(fd);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    expect("a Unix socket", fd, 0);
    (void)close(fd);
    expect("memory", map(PROT_READ | PROT_WRITE), 0);
    expect("the mark", confine_is_on() ? 0 : -1, 0);
}

static void *in_thread(void *arg)
{
    (void)arg;
    try_forbidden();
    try_needed();
    return NULL;
}

static void try_child(void)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/bin/sh", "sh", "-c", "x=$(echo child) && [ \"$x\" = child ]", (char *)NULL);
        _exit(127);
    }
    expect("a child", pid, 0);
    expect("its end", waitpid(pid, &status, 0), 0);
    errno = EPROTO;
    expect("a program of its own", status == 0 ? 0 : -1, 0);
}

int main(void)
{
    struct rlimit core;
    pthread_t thread;
    confine_memory();
    expect("no new privileges", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : -1, 0);
    expect("no core", getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 ? 0 : -1, 0);
    errno = EPROTO;
    expect("not confined yet", confine_is_on() ? -1 : 0, 0);
    expect("confine_calls", confine_calls(), 0);
    expect("again, for nothing", confine_calls(), 0);
    try_forbidden();
    try_needed();
    expect("a thread", -pthread_create(&thread, NULL, in_thread, NULL), 0);
    expect("its end", -pthread_join(thread, NULL), 0);
    try_child();
    (void)printf("%d surprises\n", surprises);
    return surprises == 0 ? 0 : 1;
}
