/* A name without a file (unix(7), abstract): the kernel keeps it exclusive and cleans up. */
#include "core/claim.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "core/file.h"

int claim_take(const char *name, int *ret_fd)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    _Static_assert(CLAIM_NAME_CAP < sizeof(a.sun_path), "the name fits behind its zero byte");
    size_t len = strlen(name);
    TR_ASSERT(len > 0 && len < CLAIM_NAME_CAP);
    memcpy(a.sun_path + 1, name, len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_raise(-errno);
    if (bind(fd, (const struct sockaddr *)&a,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len)) < 0) {
        int r = -errno;
        (void)file_close(fd); /* always -1 */
        return r;
    }
    *ret_fd = fd;
    return 0;
}
