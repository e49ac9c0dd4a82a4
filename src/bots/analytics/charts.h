/* bots/analytics/charts.h: the folder of pictures waiting to be sent: <data_dir>/charts. Bot
 * threads. */
#ifndef TRIDENT_BOTS_ANALYTICS_CHARTS_H
#define TRIDENT_BOTS_ANALYTICS_CHARTS_H

#include "model/command.h"

#define CHARTS_KEPT_MAX 20
#define CHARTS_NAME_CAP 96

/* "charts/perf-3-4711.png": from the command alone, so run() and prepare() agree. */
void charts_name(const struct command *c, char out[CHARTS_NAME_CAP]);
/* Makes the folder and deletes all but the newest CHARTS_KEPT_MAX - 1 pictures. Negative: -errno.
 */
TR_MUST_USE int charts_make_room(const char *data_dir);

#endif
