/* store/db_check.h: is a database whole? Every page, every index, every reference; by a read-only
 * connection of its own, beside whoever writes it. Any thread; blocks for all of it. */
#ifndef TRIDENT_STORE_DB_CHECK_H
#define TRIDENT_STORE_DB_CHECK_H

#include "core/core.h"

#define DB_CHECK_TEXT_CAP 200

/* Now and then while it works, for a sign of life; ctx is the caller's. */
typedef void (*db_check_tick_fn)(void *ctx);

struct db_check_result {
    bool is_sound;
    int schema;                   /* user_version */
    int64_t size_bytes;           /* of its pages */
    char text[DB_CHECK_TEXT_CAP]; /* not sound: the first thing found */
};

/* 0 also for a damaged file: then is_sound is false. Negative: it cannot be read at all (-ENOENT,
 * -EINVAL not one of ours ...). full: integrity_check, else quick_check. tick may be NULL. */
TR_MUST_USE int db_check(const char *path, bool full, db_check_tick_fn tick, void *ctx,
                         struct db_check_result *ret);

#endif
