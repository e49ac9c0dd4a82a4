/* cli/trail.h: what one alert or command led to, from a trader's journal: the alert and its
 * decision, or the command, its orders, what the broker said of them. The lines look like those of
 * the log and carry the same ref=, so that `trident logs --id` shows the whole way without the
 * engine writing a line for every order. Blocks for reading; own read-only connection. */
#ifndef TRIDENT_CLI_TRAIL_H
#define TRIDENT_CLI_TRAIL_H

#include "core/buf.h"

#define TRAIL_MAX_BYTES (4 * 1024 * 1024) /* more is cut: an alert has a few dozen lines */

/* Appends lines in the order of the journal. path: journal.db. 0 (also when there is no such row),
 * negative when the journal cannot be read. */
TR_MUST_USE int trail_read(const char *path, const char *trader, uint64_t ref, struct buf *out);

#endif
