/* net/http_listen.c: the listening sockets: a port, or a name in the file system. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "net/http_server_impl.h"

#define BACKLOG       1024
#define LOCAL_BACKLOG 64

static int bind_and_listen(int fd, const struct sockaddr *a, socklen_t len, int backlog)
{
    return bind(fd, a, len) < 0 || listen(fd, backlog) < 0 ? err_raise(-errno) : 0;
}

int http_listen_port(const char *address, uint16_t port, int *ret_fd)
{
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } a;
    memset(&a, 0, sizeof(a));
    socklen_t len;
    if (inet_pton(AF_INET, address, &a.in.sin_addr) == 1) {
        a.in.sin_family = AF_INET;
        a.in.sin_port = htons(port);
        len = sizeof(a.in);
    } else if (inet_pton(AF_INET6, address, &a.in6.sin6_addr) == 1) {
        a.in6.sin6_family = AF_INET6;
        a.in6.sin6_port = htons(port);
        len = sizeof(a.in6);
    } else {
        return err_raise(-EINVAL);
    }
    int fd = socket(a.sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_raise(-errno);
    int one = 1;
    int r = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ? err_raise(-errno) : 0;
    if (r == 0)
        r = bind_and_listen(fd, &a.sa, len, BACKLOG);
    if (r < 0) {
        (void)file_close(fd); /* always -1 */
        return err_trace(r);
    }
    *ret_fd = fd;
    return 0;
}

/* The folder may be deeper than a socket's name is long: it is named by its descriptor. */
int http_local_name(const char *path, char out[HTTP_LOCAL_NAME_CAP], int *ret_dir_fd)
{
    TR_ASSERT(path != NULL && out != NULL);
    const char *name = strrchr(path, '/');
    char dir[4096] = ".";
    if (name != NULL && name != path && !str_copy(dir, sizeof(dir), path))
        return err_raise(-ENAMETOOLONG);
    if (name == path)
        (void)str_copy(dir, sizeof(dir), "/"); /* fits */
    else if (name != NULL)
        dir[name - path] = '\0';
    name = name != NULL ? name + 1 : path;
    int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_raise(-errno);
    int n = snprintf(out, HTTP_LOCAL_NAME_CAP, "/proc/self/fd/%d/%s", fd, name);
    if (n < 0 || n >= HTTP_LOCAL_NAME_CAP) {
        (void)file_close(fd); /* always -1 */
        return err_raise(-ENAMETOOLONG);
    }
    *ret_dir_fd = fd;
    return 0;
}

int http_listen_local(const char *path, int *ret_fd)
{
    TR_ASSERT(path != NULL && ret_fd != NULL);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    _Static_assert(sizeof(a.sun_path) == HTTP_LOCAL_NAME_CAP, "of the kernel");
    int dir_fd = -1;
    int r = http_local_name(path, a.sun_path, &dir_fd);
    if (r < 0)
        return err_trace(r);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        r = err_raise(-errno);
    else if (fchmod(fd, 0600) < 0) /* before there is a name: nobody else ever connects */
        r = err_raise(-errno);
    else if (unlink(a.sun_path) < 0 && errno != ENOENT) /* of the process before us */
        r = err_raise(-errno);
    else
        r = bind_and_listen(fd, (const struct sockaddr *)&a, sizeof(a), LOCAL_BACKLOG);
    (void)file_close(dir_fd); /* always -1 */
    if (r < 0) {
        if (fd >= 0)
            (void)file_close(fd);
        return err_trace(r);
    }
    *ret_fd = fd;
    return 0;
}

bool http_socket_is_local(int fd)
{
    int domain = 0;
    socklen_t len = sizeof(domain);
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX;
}

bool http_socket_peer_uid(int fd, unsigned *ret_uid)
{
    struct ucred who;
    socklen_t len = sizeof(who);
    if (!http_socket_is_local(fd) || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
        return false;
    *ret_uid = who.uid;
    return true;
}
