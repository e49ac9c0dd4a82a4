/* cli/backups.h: backups as the configuration wants them: for `trident backup`, and by themselves
 * in the daemon. Main thread. */
#ifndef TRIDENT_CLI_BACKUPS_H
#define TRIDENT_CLI_BACKUPS_H

#include "backup/schedule.h"
#include "conf/conf.h"
#include "engine/engine.h"

/* Strings are of c and of to; without hooks. */
void backups_options(const struct conf *c, char to[BACKUP_PATH_CAP], struct backup_options *ret);
/* The schema version this program writes of the database with this name; 0 = unknown. */
int backups_newest_schema(const char *name);
/* NULL when the configuration wants none. What comes of them is told through the engine: a notice
 * in its journal. All arguments outlive the schedule, which schedule_stop() ends. */
struct schedule *backups_start(const struct conf *c, struct engine *teller,
                               char dir[BACKUP_PATH_CAP]);

#endif
