/* sandbox/backlog.h: the update queue of one bot with the rules of spec telegram 1.3: confirmation
 * by offset, negative offsets, offsets beyond the tail, retention, 100,000 updates or 128 MiB (then
 * new ones are dropped). Pure state, no threads, no clock: wall time comes in. */
#ifndef TRIDENT_SANDBOX_BACKLOG_H
#define TRIDENT_SANDBOX_BACKLOG_H

#include "core/buf.h"

#define SANDBOX_BACKLOG_MAX_COUNT   100000
#define SANDBOX_BACKLOG_MAX_BYTES   ((size_t)128 * 1024 * 1024)
#define SANDBOX_BACKLOG_ANSWER_SOFT ((size_t)4 * 1024 * 1024) /* an answer stops growing here */
#define SANDBOX_BACKLOG_TAIL_SLACK  10
#define SANDBOX_UPDATE_ID_MAX       2000000000

struct sandbox_update {
    int64_t id;
    int64_t expires_ms; /* wall */
    char *json;
    size_t len;
};

struct sandbox_backlog {
    struct sandbox_update *items; /* ring */
    size_t head, count, cap;
    size_t bytes;
    int64_t next_id;
    uint64_t dropped, delivered, confirmed, expired;
};

void sandbox_backlog_init(struct sandbox_backlog *q, int64_t next_id);
void sandbox_backlog_deinit(struct sandbox_backlog *q);
void sandbox_backlog_clear(struct sandbox_backlog *q);
/* Consumes json (heap). False: full, json was freed. next_id follows the highest id. */
bool sandbox_backlog_push(struct sandbox_backlog *q, int64_t id, int64_t expires_ms, char *json);
/* What getUpdates does: forgets what offset confirms and what has expired, then points ret at up to
 * limit updates (valid until the next change). Returns their number. */
size_t sandbox_backlog_get(struct sandbox_backlog *q, int64_t offset, size_t limit, int64_t now_ms,
                           const struct sandbox_update **ret, size_t ret_cap);

#endif
