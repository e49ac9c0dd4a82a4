/* engine/reserve.h: room on the disk that is kept for exits. A file of RESERVE_BYTES beside the
 * journal holds it; when the disk is full the file is given up, and what may not wait (closing,
 * panic, what the broker reports) is journaled in its place. Engine thread only; blocks for the
 * file system. */
#ifndef TRIDENT_ENGINE_RESERVE_H
#define TRIDENT_ENGINE_RESERVE_H

#include "core/core.h"

#define RESERVE_BYTES                                                                              \
    (4 * 1024 * 1024) /* about a thousand rows of the WAL, each with its batch                     \
                       */

/* Takes the room unless it is held already. -ENOSPC: there is not enough; other failures: this file
 * system cannot promise room. */
TR_MUST_USE int reserve_take(const char *dir);
/* True: it was held and the bytes are free now. */
bool reserve_give_up(const char *dir);

#endif
