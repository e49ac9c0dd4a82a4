#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child must not inherit that our threads block all signals. */
static int set_signals(posix_spawnattr_t *attr)
{
    sigset_t none;
    (void)sigemptyset(&none); /* cannot fail */
    int r = posix_spawnattr_setsigmask(attr, &none);
    return r != 0 ? r : posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK);
}

static int spawn(const char *const argv[], pid_t *ret)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    int r = posix_spawn_file_actions_init(&files);
    if (r != 0)
        return err_raise(-r);
    r = posix_spawnattr_init(&attr);
    if (r != 0) {
        (void)posix_spawn_file_actions_destroy(&files); /* cannot fail */
        return err_raise(-r);
    }
    for (int fd = 0; fd <= 2 && r == 0; fd++)
        r = posix_spawn_file_actions_addopen(&files, fd, "/dev/null", fd == 0 ? O_RDONLY : O_WRONLY,
                                             0);
    if (r == 0)
        r = set_signals(&attr);
    if (r == 0) /* the strings are not written to */
        r = posix_spawnp(ret, argv[0], &files, &attr, (char *const *)(uintptr_t)argv, environ);
    (void)posix_spawnattr_destroy(&attr);           /* cannot fail */
    (void)posix_spawn_file_actions_destroy(&files); /* cannot fail */
    return r == 0 ? 0 : err_raise(-r);
}

/* True: it has ended. */
static bool wait_for_end(pid_t pid, int timeout_ms)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return false;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int n;
    do
        n = poll(&p, 1, timeout_ms);
    while (n < 0 && errno == EINTR);
    (void)close(fd); /* nothing was written */
    return n > 0;
}

int process_run(const char *const argv[], int timeout_ms)
{
    TR_ASSERT(argv != NULL && argv[0] != NULL);
    TR_ASSERT(timeout_ms > 0);
    pid_t pid = 0;
    int status = 0;
    int r = spawn(argv, &pid);
    if (r < 0)
        return err_trace(r);
    bool ended = wait_for_end(pid, timeout_ms);
    if (!ended)
        (void)kill(pid, SIGKILL); /* it is ours and not yet waited for */
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return err_raise(-errno);
    if (!ended)
        return err_raise(-ETIMEDOUT);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
        return err_raise(WIFEXITED(status) ? -ENOENT : -EIO);
    return WEXITSTATUS(status) == 0 ? 0 : err_raise(-EIO);
}

static int64_t time_us(struct timeval t)
{
    return t.tv_sec * INT64_C(1000000) + t.tv_usec;
}

int64_t process_cpu_us(void)
{
    struct rusage used;
    (void)getrusage(RUSAGE_SELF, &used); /* cannot fail with this argument */
    return time_us(used.ru_utime) + time_us(used.ru_stime);
}
