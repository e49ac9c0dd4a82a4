/* core/log.h: structured log, one line an event on stderr or a file:
 *   2026-11-21T01:19:23.000Z INFO engine main: order_filled cid=88 symbol=XAUUSD
 * Redaction happens at the sink: Telegram tokens (bot[0-9]+:[A-Za-z0-9_-]{30,} and the bare form)
 * and every secret registered with log_add_secret() become "[redacted]"; control characters are
 * escaped. A line about something journaled names the row at its origin, the receipt of the alert
 * or command: ref=4711 (`trident logs --id`). Any thread; one write(2) a line, no lock held across
 * it. Lines are cut at LOG_LINE_MAX_BYTES. */
#ifndef TRIDENT_CORE_LOG_H
#define TRIDENT_CORE_LOG_H

#include "core/core.h"

#define LOG_LINE_MAX_BYTES 2048

enum log_level { LOG_UNSET = 0, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_LEVEL_COUNT };

/* path NULL or "" = stderr. Reopens on log_reopen() (rotation). */
TR_MUST_USE int log_open(enum log_level level, const char *path);
void log_reopen(void);
void log_close(void);
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
bool log_level_parse(const char *name, enum log_level *ret_level);
/* The newest lines from INFO on as they were written, oldest first, cut at LOG_TAIL_CAP; returns
 * how many. ret has room for LOG_TAIL_MAX. Any thread. */
#define LOG_TAIL_MAX 32
#define LOG_TAIL_CAP 256
size_t log_tail(char ret[LOG_TAIL_MAX][LOG_TAIL_CAP]);
void log_add_secret(const char *secret); /* copied; shorter than 6 bytes is ignored */
/* Redacts in place into dst; what the sink does, exposed for messages that leave by other ways. */
void log_redact(const char *src, char *dst, size_t cap);

/* room: "engine", "bots" ...; msg: "event_name key=value key=value". */
void log_line(enum log_level level, const char *room, const char *fmt, ...) TR_PRINTF(3, 4);
#define log_debug(room, ...) log_line(LOG_DEBUG, room, __VA_ARGS__)
#define log_info(room, ...)  log_line(LOG_INFO, room, __VA_ARGS__)
#define log_warn(room, ...)  log_line(LOG_WARN, room, __VA_ARGS__)
#define log_error(room, ...) log_line(LOG_ERROR, room, __VA_ARGS__)

#endif
