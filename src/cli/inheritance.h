/* cli/inheritance.h: what a daemon leaves to its successor besides its clients' connections: locks,
 * claims and listening sockets. Main thread. */
#ifndef TRIDENT_CLI_INHERITANCE_H
#define TRIDENT_CLI_INHERITANCE_H

#include "cli/channel.h"
#include "conf/conf.h"

struct inheritance {
    int lock_fd;   /* of the data directory */
    int listen_fd; /* -1: none */
    int local_fd;  /* -1: none */
    struct inherited_claim {
        char trader[64];
        int fd;
    } claims[CONF_TRADERS_MAX];
    size_t claim_count;
};
#define INHERITANCE_NONE ((struct inheritance){.lock_fd = -1, .listen_fd = -1, .local_fd = -1})

/* Descriptors of their own for the same things; -1 for what there is none of. */
TR_MUST_USE int inheritance_copy(const struct inheritance *from, struct inheritance *ret);
/* What is still there; take what is used out of it before. Leaves INHERITANCE_NONE. */
void inheritance_close(struct inheritance *h);
/* The trader's claim, out of h; -1: none. */
int inheritance_take_claim(struct inheritance *h, const char *trader);
void inheritance_pack(const struct inheritance *h, struct channel_message *ret);
/* Takes the descriptors of m. -EPROTO: not understood. */
TR_MUST_USE int inheritance_unpack(struct channel_message *m, struct inheritance *ret);

#endif
