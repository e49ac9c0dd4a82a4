#include "cli/inheritance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"

#define CLAIM_PREFIX "claim:"

static int copy_fd(int fd, int *ret)
{
    if (fd < 0)
        return 0;
    *ret = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return *ret < 0 ? err_raise(-errno) : 0;
}

int inheritance_copy(const struct inheritance *from, struct inheritance *ret)
{
    struct inheritance h = INHERITANCE_NONE;
    int r = copy_fd(from->lock_fd, &h.lock_fd);
    if (r == 0)
        r = copy_fd(from->listen_fd, &h.listen_fd);
    if (r == 0)
        r = copy_fd(from->local_fd, &h.local_fd);
    for (size_t i = 0; r == 0 && i < from->claim_count; i++) {
        h.claims[i] = from->claims[i];
        h.claims[i].fd = -1;
        h.claim_count++;
        r = copy_fd(from->claims[i].fd, &h.claims[i].fd);
    }
    if (r < 0) {
        inheritance_close(&h);
        return r;
    }
    *ret = h;
    return 0;
}

void inheritance_close(struct inheritance *h)
{
    (void)file_close(h->lock_fd); /* always -1 */
    (void)file_close(h->listen_fd);
    (void)file_close(h->local_fd);
    for (size_t i = 0; i < h->claim_count; i++)
        (void)file_close(h->claims[i].fd);
    *h = INHERITANCE_NONE;
}

int inheritance_take_claim(struct inheritance *h, const char *trader)
{
    for (size_t i = 0; i < h->claim_count; i++)
        if (str_eq(h->claims[i].trader, trader)) {
            int fd = h->claims[i].fd;
            h->claims[i].fd = -1;
            return fd;
        }
    return -1;
}

static void add(struct channel_message *m, const char *prefix, const char *name, int fd)
{
    size_t len = strlen(m->text);
    if (fd < 0)
        return;
    TR_ASSERT(m->fd_count < CHANNEL_FDS_MAX);
    int n = snprintf(m->text + len, sizeof(m->text) - len, "%s%s ", prefix, name);
    TR_ASSERT(n > 0 && (size_t)n < sizeof(m->text) - len);
    m->fds[m->fd_count++] = fd;
}

void inheritance_pack(const struct inheritance *h, struct channel_message *ret)
{
    *ret = (struct channel_message){.word = CHANNEL_SOCKETS};
    add(ret, "", "lock", h->lock_fd);
    add(ret, "", "listen", h->listen_fd);
    add(ret, "", "local", h->local_fd);
    for (size_t i = 0; i < h->claim_count; i++)
        add(ret, CLAIM_PREFIX, h->claims[i].trader, h->claims[i].fd);
}

static bool put(struct inheritance *h, const char *name, int fd)
{
    int *place = str_eq(name, "lock")     ? &h->lock_fd
                 : str_eq(name, "listen") ? &h->listen_fd
                 : str_eq(name, "local")  ? &h->local_fd
                                          : NULL;
    if (place != NULL) {
        *place = fd;
        return true;
    }
    struct inherited_claim *c = &h->claims[h->claim_count];
    if (!str_starts(name, CLAIM_PREFIX) || h->claim_count == CONF_TRADERS_MAX ||
        !str_copy(c->trader, sizeof(c->trader), name + strlen(CLAIM_PREFIX)))
        return false;
    c->fd = fd;
    h->claim_count++;
    return true;
}

int inheritance_unpack(struct channel_message *m, struct inheritance *ret)
{
    char text[CHANNEL_TEXT_CAP];
    char *rest = text, *name;
    size_t n = 0;
    *ret = INHERITANCE_NONE;
    (void)str_copy(text, sizeof(text), m->text); /* same cap */
    while (n < m->fd_count && (name = strsep(&rest, " ")) != NULL && put(ret, name, m->fds[n]))
        n++;
    if (m->word == CHANNEL_SOCKETS && n == m->fd_count && ret->lock_fd >= 0) {
        m->fd_count = 0;
        return 0;
    }
    inheritance_close(ret);
    return err_raise(-EPROTO);
}
