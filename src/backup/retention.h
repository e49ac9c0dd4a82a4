/* backup/retention.h: which backups stay. A backup is a folder named by its time with a manifest
 * in it; nothing else in the folder of backups is ever touched. Blocks for the file system. */
#ifndef TRIDENT_BACKUP_RETENTION_H
#define TRIDENT_BACKUP_RETENTION_H

#include "core/core.h"

struct retention {
    int keep;      /* this many newest stay; 0 = all */
    int keep_days; /* older ones go; 0 = none do */
};

/* Wall time of the newest backup; 0 = there is none. */
int64_t retention_newest_ms(const char *folder);
/* Removes what is not kept; the newest one always is. How many went. */
size_t retention_apply(const char *folder, const struct retention *r, int64_t now_ms);
/* Removes what a backup that was killed left. Nobody makes one meanwhile. */
void retention_sweep(const char *folder);

#endif
