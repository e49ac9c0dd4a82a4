/* analytics/days.h: closed trades by trading day, and how two symbols' days go together. Any thread
 * with its own reader. */
#ifndef TRIDENT_ANALYTICS_DAYS_H
#define TRIDENT_ANALYTICS_DAYS_H

#include "analytics/analytics.h"

#define DAYS_MAX 400

struct day {
    int64_t number; /* days since 1970 of the shifted clock */
    int64_t profit_e8;
    int trades;
};

struct days {
    int count;
    struct day items[DAYS_MAX]; /* in order; days without trades are not in it */
};

/* shift_ms: added to a time before it is cut into days (zone minus start of the trading day).
 * symbol NULL: all. The oldest days are left out when there are more than DAYS_MAX. */
TR_MUST_USE int days_read(struct ledger_reader *r, int64_t from_ms, int64_t to_ms, int64_t shift_ms,
                          const char *symbol, struct days *ret);
const struct day *days_best(const struct days *d);  /* NULL: none */
const struct day *days_worst(const struct days *d); /* NULL: none */
/* Pearson's r of the profits on days both have, 1e-8; DEC_NONE with fewer than three such days or
 * when one of them never moves. */
int64_t days_correlation_e8(const struct days *a, const struct days *b);

#endif
