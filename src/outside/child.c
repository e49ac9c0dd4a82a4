/* outside/child.c: fork, and between fork and exec nothing but system calls: the daemon has other
 * threads that may hold any lock. What fails there is written into a pipe that exec closes, so the
 * parent knows the step. Descriptors are first moved above those that will be given out, so that no
 * move can overwrite one that is still needed. */
#include "outside/child.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "outside/filter.h"

#define STATUS_FD      3
#define ABOVE          (FILTER_EXEC_FD + 1)
#define CHILD_NICE     10
#define HEAD_MAX_BYTES 256
#define ARGV_MAX       (OUTSIDE_ARGS_MAX + 4)

/* Everything the child needs, made before the fork. */
struct plan {
    struct filter filter;
    char head[HEAD_MAX_BYTES + 1]; /* first line of a script, cut into words */
    const char *argv[ARGV_MAX];
    const char *read[FILTER_READ_MAX]; /* what it may read besides the system's files */
    size_t read_count;
    char folder[OUTSIDE_PATH_CAP], prefix[OUTSIDE_PATH_CAP];
    int exec_fd;
    int in[2], out[2], err[2], status[2]; /* pipes: [0] is read, [1] written */
    pid_t parent;
    struct rlimit memory, cpu;
};

static void close_if_open(int *fd)
{
    if (*fd >= 0)
        *fd = file_close(*fd);
}

static int steal(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

static void plan_deinit(struct plan *p)
{
    int *const pipes[] = {p->in, p->out, p->err, p->status};
    for (size_t i = 0; i < TR_ARRAY_SIZE(pipes); i++) {
        close_if_open(&pipes[i][0]);
        close_if_open(&pipes[i][1]);
    }
    close_if_open(&p->exec_fd);
    filter_deinit(&p->filter);
}

/* ---- in the child ---- */

TR_NORETURN static void give_up(int step)
{
    const int said[2] = {step, errno};
    ssize_t n = write(STATUS_FD, said, sizeof(said));
    (void)n; /* nobody is left to tell */
    _exit(127);
}

/* The order is the list of child_steps. */
enum child_step {
    STEP_UNSET = 0,
    STEP_PIPES,
    STEP_SESSION,
    STEP_LIMITS,
    STEP_FOLDER,
    STEP_FILTER,
    STEP_EXEC,
    STEP_COUNT
};
static const char *const child_steps[STEP_COUNT] = {"",       "pipes",  "session", "limits",
                                                    "folder", "filter", "exec"};

static int set_limit(int what, rlim_t value)
{
    const struct rlimit l = {.rlim_cur = value, .rlim_max = value};
    return prlimit(0, (enum __rlimit_resource)what, &l, NULL);
}

static void take_descriptors(const struct plan *p)
{
    int in = fcntl(p->in[0], F_DUPFD_CLOEXEC, ABOVE),
        out = fcntl(p->out[1], F_DUPFD_CLOEXEC, ABOVE);
    int err = fcntl(p->err[1], F_DUPFD_CLOEXEC, ABOVE);
    int status = fcntl(p->status[1], F_DUPFD_CLOEXEC, ABOVE);
    int program = fcntl(p->exec_fd, F_DUPFD_CLOEXEC, ABOVE);
    int rules =
        p->filter.landlock_fd < 0 ? 0 : fcntl(p->filter.landlock_fd, F_DUPFD_CLOEXEC, ABOVE);
    if (in < 0 || out < 0 || err < 0 || status < 0 || program < 0 || rules < 0)
        _exit(127);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
        dup3(status, STATUS_FD, O_CLOEXEC) < 0)
        _exit(127);
    if (dup3(program, FILTER_EXEC_FD, O_CLOEXEC) < 0 ||
        (rules > 0 && dup3(rules, STATUS_FD + 1, O_CLOEXEC) < 0) ||
        close_range(STATUS_FD + 2, FILTER_EXEC_FD - 1, 0) < 0 || close_range(ABOVE, ~0U, 0) < 0)
        give_up(STEP_PIPES);
}

TR_NORETURN static void become(const struct plan *p)
{
    sigset_t none;
    char *const nothing[] = {NULL};
    struct filter filter = p->filter;
    take_descriptors(p);
    if (filter.landlock_fd >= 0)
        filter.landlock_fd = STATUS_FD + 1;
    /* A parent that is gone already sends no signal any more. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != p->parent || setsid() < 0)
        give_up(STEP_SESSION);
    (void)sigemptyset(&none); /* cannot fail */
    (void)signal(SIGPIPE, SIG_DFL);
    if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
        give_up(STEP_SESSION);
    (void)setpriority(PRIO_PROCESS, 0, CHILD_NICE); /* a lower one is a courtesy */
    if (set_limit(RLIMIT_CORE, 0) < 0 || set_limit(RLIMIT_FSIZE, 0) < 0 ||
        set_limit(RLIMIT_NOFILE, FILTER_EXEC_FD) < 0 || prlimit(0, RLIMIT_CPU, &p->cpu, NULL) < 0 ||
        prlimit(0, RLIMIT_AS, &p->memory, NULL) < 0)
        give_up(STEP_LIMITS);
    if (chdir("/") < 0)
        give_up(STEP_FOLDER);
    int r = filter_put_up(&filter);
    if (r != 0) {
        errno = r;
        give_up(STEP_FILTER);
    }
    /* The strings are not written to. */
    (void)syscall(SYS_execveat, FILTER_EXEC_FD, "", (char *const *)(uintptr_t)p->argv, nothing,
                  AT_EMPTY_PATH);
    give_up(STEP_EXEC);
}

/* ---- in the parent ---- */

static int open_pipes(struct plan *p)
{
    int *const pipes[] = {p->in, p->out, p->err, p->status};
    for (size_t i = 0; i < TR_ARRAY_SIZE(pipes); i++)
        if (pipe2(pipes[i], O_CLOEXEC) < 0)
            return err_raise(-errno);
    const int ours[] = {p->in[1], p->out[0], p->err[0]};
    for (size_t i = 0; i < TR_ARRAY_SIZE(ours); i++)
        if (fcntl(ours[i], F_SETFL, O_NONBLOCK) < 0)
            return err_raise(-errno);
    return 0;
}

static void may_read(struct plan *p, const char *path)
{
    if (p->read_count < FILTER_READ_MAX)
        p->read[p->read_count++] = path;
}

/* The folder a program stands in; of one in .../bin what stands beside it too: its libraries. Never
 * everything. scratch: OUTSIDE_PATH_CAP, lives as long as p. */
static void may_read_prefix(struct plan *p, const char *program, char *scratch)
{
    (void)str_copy(scratch, OUTSIDE_PATH_CAP, program); /* same cap, or shorter */
    char *folder = dirname(scratch);
    size_t n = strlen(folder);
    if (n > 4 && str_eq(folder + n - 4, "/bin"))
        folder = dirname(folder);
    if (!str_eq(folder, "/"))
        may_read(p, folder);
}

/* "#!/usr/bin/python3 -I": the interpreter and at most one argument, as the kernel reads it. An
 * interpreter that starts another program (env) could not: -ENOEXEC. */
static int read_head(struct plan *p, size_t *argc)
{
    ssize_t n = pread(p->exec_fd, p->head, HEAD_MAX_BYTES, 0);
    if (n < 0)
        return err_raise(-errno);
    p->head[n] = '\0';
    if (p->head[0] != '#' || p->head[1] != '!')
        return 0;
    p->head[strcspn(p->head, "\n")] = '\0';
    char *interpreter = p->head + 2 + strspn(p->head + 2, " \t");
    char *rest = interpreter + strcspn(interpreter, " \t");
    if (*rest != '\0')
        *rest++ = '\0';
    rest += strspn(rest, " \t");
    const char *name = strrchr(interpreter, '/');
    if (name == NULL || str_eq(name, "/env"))
        return err_raise(-ENOEXEC);
    int fd = open(interpreter, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_raise(-errno);
    close_if_open(&p->exec_fd);
    p->exec_fd = fd;
    may_read(p, interpreter);
    may_read_prefix(p, interpreter, p->prefix);
    p->argv[(*argc)++] = interpreter;
    if (*rest != '\0')
        p->argv[(*argc)++] = rest;
    return 0;
}

/* Files among the arguments are its own too: data, or the script of an interpreter. */
static int open_program(const struct outside_conf *c, struct plan *p)
{
    size_t argc = 0;
    p->exec_fd = open(c->path, O_RDONLY | O_CLOEXEC);
    if (p->exec_fd < 0)
        return err_raise(-errno);
    if (access(c->path, X_OK) < 0)
        return err_raise(-errno);
    may_read(p, c->path);
    may_read_prefix(p, c->path, p->folder);
    int r = read_head(p, &argc);
    if (r < 0)
        return r;
    p->argv[argc++] = c->path;
    for (int i = 0; i < c->arg_count; i++) {
        p->argv[argc++] = c->args[i];
        if (c->args[i][0] == '/' && !str_eq(c->args[i], "/"))
            may_read(p, c->args[i]);
    }
    TR_ASSERT(argc < ARGV_MAX);
    return 0;
}

/* 0: the program runs. */
static int hear_status(const struct plan *p, const char **ret_step)
{
    int said[2] = {STEP_UNSET, 0};
    ssize_t n;
    do
        n = read(p->status[0], said, sizeof(said));
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return 0;
    bool is_whole = n == (ssize_t)sizeof(said) && said[0] > STEP_UNSET && said[0] < STEP_COUNT;
    *ret_step = child_steps[is_whole ? said[0] : STEP_PIPES];
    return err_raise(is_whole && said[1] > 0 ? -said[1] : -EIO);
}

static int prepare(const struct outside_conf *c, struct plan *p, const char **ret_step)
{
    *ret_step = "program";
    int r = open_program(c, p);
    if (r < 0)
        return r;
    *ret_step = "filter";
    r = filter_make(p->read, p->read_count, &p->filter);
    if (r < 0)
        return r;
    *ret_step = "pipes";
    p->parent = getpid();
    p->memory.rlim_cur = p->memory.rlim_max = (rlim_t)c->memory_bytes;
    p->cpu.rlim_cur = (rlim_t)c->cpu_s;
    p->cpu.rlim_max = (rlim_t)c->cpu_s + 1; /* what does not hear SIGXCPU is killed */
    return open_pipes(p);
}

int child_start(const struct outside_conf *c, struct child *ret, const char **ret_step)
{
    TR_ASSERT(c->path[0] != '\0' && c->memory_bytes > 0 && c->cpu_s > 0);
    TR_ASSERT(c->arg_count >= 0 && c->arg_count <= OUTSIDE_ARGS_MAX);
    struct plan p = {.filter = {.landlock_fd = -1}, .exec_fd = -1, .in = {-1, -1}, .out = {-1, -1}};
    p.err[0] = p.err[1] = p.status[0] = p.status[1] = -1;
    int r = prepare(c, &p, ret_step);
    pid_t pid = r < 0 ? -1 : fork();
    if (pid == 0)
        become(&p);
    if (r == 0 && pid < 0) {
        *ret_step = "fork";
        r = err_raise(-errno);
    }
    if (r == 0) {
        close_if_open(&p.status[1]);
        *ret = (struct child){.pid = pid, .in_fd = -1, .out_fd = -1, .err_fd = -1};
        r = hear_status(&p, ret_step);
        if (r < 0)
            child_end(ret, p.head); /* how it ended is known better */
    }
    if (r == 0) {
        ret->in_fd = steal(&p.in[1]);
        ret->out_fd = steal(&p.out[0]);
        ret->err_fd = steal(&p.err[0]);
        ret->hides_files = p.filter.landlock_fd >= 0;
    }
    plan_deinit(&p);
    return r;
}

/* ---- the end ---- */

static void tell_end(int status, char ret_how[CHILD_END_CAP])
{
    if (WIFEXITED(status))
        (void)snprintf(ret_how, CHILD_END_CAP, "ended with status %d", WEXITSTATUS(status));
    else
        (void)snprintf(ret_how, CHILD_END_CAP, "killed by signal %d (%.30s)", WTERMSIG(status),
                       sigdescr_np(WTERMSIG(status)));
}

void child_end(struct child *c, char ret_how[CHILD_END_CAP])
{
    int status = 0;
    (void)str_copy(ret_how, CHILD_END_CAP, "is not running");
    close_if_open(&c->in_fd);
    close_if_open(&c->out_fd);
    close_if_open(&c->err_fd);
    if (c->pid <= 0)
        return;
    (void)kill(-c->pid, SIGKILL); /* the group it leads; before setsid() it has none */
    (void)kill(c->pid, SIGKILL);  /* it is ours and not yet waited for */
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR) {
    }
    tell_end(status, ret_how);
    c->pid = 0;
}

void child_leave(struct child *c, int wait_ms)
{
    char how[CHILD_END_CAP];
    close_if_open(&c->in_fd);
    int fd = c->pid > 0 ? (int)syscall(SYS_pidfd_open, c->pid, 0) : -1;
    if (fd >= 0) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        (void)poll(&p, 1, wait_ms); /* whatever it says: the end comes */
        (void)file_close(fd);       /* returns -1 */
    }
    child_end(c, how);
}

int64_t child_cpu_ms(const struct child *c)
{
    return c->pid > 0 ? clock_process_cpu_ms(c->pid) : 0;
}
