/* brokers/feed_csv.h: recorded bars as quotes: two CSV files (bid and ask; plain or .gz) with
 * timestamp,open,high,low,close, joined by timestamp and played again and again. Streams: memory
 * does not grow with the files. One owner thread; blocks for the files. */
#ifndef TRIDENT_BROKERS_FEED_CSV_H
#define TRIDENT_BROKERS_FEED_CSV_H

#include "model/symbol.h"

#define FEED_CSV_STEPS 4 /* quotes a bar: open, one extreme, the other, close */

struct feed_csv;
/* -errno for the files; -EBADMSG when they hold no two bars in common. */
TR_MUST_USE int feed_csv_open(const char *bid_path, const char *ask_path,
                              struct feed_csv **ret_feed);
struct feed_csv *feed_csv_close(struct feed_csv *f); /* accepts NULL, returns NULL */
/* The recording goes on behind this recorded time (from the start when there is nothing behind it).
 */
TR_MUST_USE int feed_csv_seek(struct feed_csv *f, int64_t recorded_ms);
/* Next quote; starts again at the end. low_first: asked on the second quote of a bar, which extreme
 * comes first. The quote's time is the recorded one. */
TR_MUST_USE int feed_csv_next(struct feed_csv *f, bool low_first, struct quote *ret);
int64_t feed_csv_bar_ms(const struct feed_csv *f); /* length of one bar */
int64_t
feed_csv_played_ms(const struct feed_csv *f); /* recorded time of the bar being played; 0 none */

#endif
