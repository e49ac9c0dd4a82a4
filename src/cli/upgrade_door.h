/* cli/upgrade_door.h: a Unix socket in the data directory (mode 0600) through which `trident
 * upgrade` asks the daemon to hand over, and hears how it goes. One asker at a time. Lines of text:
 *   upgrade <absolute path, or nothing for the same file>
 *   step <state> <ms> <text> ...
 *   done <pid> <pause ms> <version> | back <pause ms> <why> | lost <why>
 * Main thread. */
#ifndef TRIDENT_CLI_UPGRADE_DOOR_H
#define TRIDENT_CLI_UPGRADE_DOOR_H

#include "cli/succession.h"

#define DOOR_FILE     "upgrade.sock"
#define DOOR_LINE_CAP 1200
#define DOOR_PATH_CAP 512

TR_MUST_USE int door_open(const char *data_dir, int *ret_fd);
/* Somebody knocked. The connection and the program asked for ("" = the same), or -1 when it was
 * nobody who may, or nothing that can be read; blocks for a second at most. */
int door_hear(int door_fd, char ret_program[DOOR_PATH_CAP]);
/* succession_options.tell; ctx: pointer to the connection (-1: nobody listens). */
void door_tell(void *ctx, enum succession_state s, int64_t ms, const char *text);
/* The last line. */
void door_end(int fd, const struct succession_result *r);
/* The other side: -ENOENT, -ECONNREFUSED: no daemon runs. */
TR_MUST_USE int door_knock(const char *data_dir, int *ret_fd);

#endif
