/* core/claim.h: a name that at most one process of this machine holds at a time. It is free again
 * as soon as the last copy of the descriptor is closed, however its holder ends; a frozen holder
 * keeps it. Any thread. */
#ifndef TRIDENT_CORE_CLAIM_H
#define TRIDENT_CORE_CLAIM_H

#include "core/core.h"

#define CLAIM_NAME_CAP 100

/* 0 and a descriptor (close-on-exec), -EADDRINUSE: somebody has it; other -errno. */
TR_MUST_USE int claim_take(const char *name, int *ret_fd);

#endif
