#include "cli/upgrade_door.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"
#include "net/http_server.h"

#define HEAR_US INT64_C(1000000)
#define WORD    "upgrade "

int door_open(const char *data_dir, int *ret_fd)
{
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/" DOOR_FILE, data_dir);
    return err_trace(http_listen_local(path, ret_fd));
}

static bool may_ask(int fd)
{
    struct ucred who;
    socklen_t len = sizeof(who);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}

static bool read_line(int fd, char line[DOOR_LINE_CAP])
{
    size_t len = 0;
    int64_t until_us = clock_mono_us(clock_real()) + HEAR_US;
    while (len + 1 < DOOR_LINE_CAP) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left_us = until_us - clock_mono_us(clock_real());
        if (left_us <= 0 || poll(&p, 1, (int)(left_us / 1000) + 1) <= 0)
            return false;
        ssize_t n = recv(fd, line + len, DOOR_LINE_CAP - 1 - len, MSG_DONTWAIT);
        if (n <= 0)
            return false;
        len += (size_t)n;
        line[len] = '\0';
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
            return true;
        }
    }
    return false;
}

int door_hear(int door_fd, char ret_program[DOOR_PATH_CAP])
{
    char line[DOOR_LINE_CAP];
    int fd = accept4(door_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return -1;
    bool good = may_ask(fd) && read_line(fd, line) && str_starts(line, WORD) &&
                str_copy(ret_program, DOOR_PATH_CAP, line + strlen(WORD)) &&
                (ret_program[0] == '\0' || ret_program[0] == '/');
    if (good)
        return fd;
    log_warn("main", "upgrade_question_refused");
    return file_close(fd);
}

/* Best effort: who asked may have left. */
static void say(int fd, const char *fmt, ...) TR_PRINTF(2, 3);
static void say(int fd, const char *fmt, ...)
{
    char line[DOOR_LINE_CAP];
    va_list ap;
    if (fd < 0)
        return;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    size_t len = n < (int)sizeof(line) - 1 ? (size_t)n : sizeof(line) - 2;
    line[len++] = '\n';
    (void)send(fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void door_tell(void *ctx, enum succession_state s, int64_t ms, const char *text)
{
    const int *fd = ctx;
    say(*fd, "step %s %lld %s", succession_state_name(s), (long long)ms, text);
}

void door_end(int fd, const struct succession_result *r)
{
    if (r->state == SUCCESSION_GONE)
        say(fd, "done %d %lld %s", r->pid, (long long)r->pause_ms, r->text);
    else if (r->state == SUCCESSION_RUNNING)
        say(fd, "back %lld %s", (long long)r->pause_ms, r->text);
    else
        say(fd, "lost %s", r->text);
}

int door_knock(const char *data_dir, int *ret_fd)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int dir = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return err_raise(-errno);
    (void)snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/" DOOR_FILE, dir); /* fits */
    int r = 0;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
        r = -errno;
    (void)file_close(dir); /* always -1 */
    if (r < 0) {
        (void)file_close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}
