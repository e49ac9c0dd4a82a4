/* http/live_position.h: where a live client stands: one journal number per trader, as the text of
 * an SSE event id ("main:1234", several traders joined by commas). Pure, any thread. */
#ifndef TRIDENT_HTTP_LIVE_POSITION_H
#define TRIDENT_HTTP_LIVE_POSITION_H

#include "conf/conf.h"

#define LIVE_POSITION_CAP (CONF_TRADERS_MAX * 48)

/* Changes the positions that text names; unknown names and broken numbers are passed over. */
void live_position_parse(const char *text, const char *const *ids, size_t count,
                         uint64_t *positions);
void live_position_format(const char *const *ids, size_t count, const uint64_t *positions,
                          char out[LIVE_POSITION_CAP]);

#endif
