/* bots/batch.h: posts the inputs of one getUpdates answer and waits until all of them are durable.
 * The offset may move on only when this says so. */
#ifndef TRIDENT_BOTS_BATCH_H
#define TRIDENT_BOTS_BATCH_H

#include "bots/intake.h"
#include "core/thread.h"

#define BATCH_MAX (100 + STALENESS_CHATS_MAX) /* updates of one answer and stale summaries */

enum batch_result {
    BATCH_DONE = 0,
    BATCH_E_NOT_STORED = 1, /* something is not on disk: ask for the same updates again */
    BATCH_E_STOPPED         /* stopping, or the engine takes nothing any more: as above */
};

/* The loop's interruptible wait, used while a queue is full. */
struct batch_waiting {
    int deadline_ms;
    void (*pause)(void *ctx, int wait_ms);
    bool (*should_stop)(void *ctx);
    void *ctx;
};

/* Consumes the inputs of items. Waits for room in the queue in steps and then for the commit; gives
 * up after the deadline. Blocks the calling bot thread. */
TR_MUST_USE enum batch_result batch_post(const struct bots_options *opt, struct intake_item *items,
                                         size_t n, const struct batch_waiting *waiting);

#endif
