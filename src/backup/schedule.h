/* backup/schedule.h: makes backups at intervals, in a thread of its own with low priority, which
 * rests as long as it works so that the disk is mostly everybody else's. What came of it is told
 * through the hook: each success, and the first of a run of failures. A backup that is there from
 * an earlier run counts: the next one is due an interval after it. */
#ifndef TRIDENT_BACKUP_SCHEDULE_H
#define TRIDENT_BACKUP_SCHEDULE_H

#include "backup/backup.h"

struct schedule_options {
    struct backup_options backup; /* strings are borrowed until schedule_stop(); no hooks */
    int64_t interval_ms;          /* from one backup to the next; > 0 */
    /* The schedule's thread; must not block for long. failed: ret->text says why. */
    void (*tell)(void *ctx, const struct backup_result *ret, bool failed);
    void *ctx;
};

struct schedule;
struct schedule *schedule_start(const struct schedule_options *o); /* never NULL */
/* Gives up a backup that is under way. Accepts NULL, returns NULL. */
struct schedule *schedule_stop(struct schedule *s);

#endif
