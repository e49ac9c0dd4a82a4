/* analytics/analytics.h: figures from the trade ledger (read-only). Any thread with its own reader.
 */
#ifndef TRIDENT_ANALYTICS_ANALYTICS_H
#define TRIDENT_ANALYTICS_ANALYTICS_H

#include "store/ledger_reader.h"

struct analytics_summary {
    int trades, wins, losses, flat;
    int64_t profit_e8;                   /* net: profit + swap - commission */
    int64_t gross_win_e8, gross_loss_e8; /* loss as positive number */
    int64_t best_e8, worst_e8;
    int64_t win_rate_e8;      /* 0..1; 0 without trades */
    int64_t profit_factor_e8; /* DEC_NONE without losses */
    int64_t average_e8;       /* per trade; 0 without trades */
    int64_t max_drawdown_e8;  /* of the running net profit, positive */
    int64_t from_ms, to_ms;
};
struct analytics_group {
    char name[SYMBOL_CAP];
    struct analytics_summary s;
};
#define ANALYTICS_GROUPS_MAX 16
TR_MUST_USE int analytics_summarise(struct ledger_reader *r, int64_t from_ms, int64_t to_ms,
                                    struct analytics_summary *ret);
enum analytics_by {
    ANALYTICS_BY_UNSET = 0,
    ANALYTICS_BY_SYMBOL,
    ANALYTICS_BY_ROUTE,
    ANALYTICS_BY_ROLE,
    ANALYTICS_BY_REASON /* why they were closed */
};
/* Groups, best net profit first; returns count, negative on failure. */
int analytics_group_by(struct ledger_reader *r, int64_t from_ms, int64_t to_ms,
                       enum analytics_by by, struct analytics_group ret[ANALYTICS_GROUPS_MAX]);
/* Equity curve of closed trades as PNG (libpng), for sendPhoto; width x height pixels. */
TR_MUST_USE int analytics_equity_png(struct ledger_reader *r, int64_t from_ms, int64_t to_ms,
                                     int width, int height, const char *path);

#endif
