/* plugins/levels.h: from the alert's prices to those of an order, for every plugin alike. The
 * alert's prices belong to the chart it was made on; when that chart's price is far from the market
 * (another venue, another price scale), the distances are kept and moved to the market price. Pure,
 * any thread. */
#ifndef TRIDENT_PLUGINS_LEVELS_H
#define TRIDENT_PLUGINS_LEVELS_H

#include "plugins/plugin.h"

struct levels {
    int64_t entry_e8;          /* market (ask for buys, bid for sells), else the alert's price */
    int64_t sl_e8;             /* the alert's, moved; DEC_NONE when it has none; not rounded */
    int64_t tp_e8[3];          /* likewise TP1, TP2, TP3 */
    int64_t alert_distance_e8; /* price to stop on the alert's chart; DEC_NONE */
    bool rebased;
};

/* ACCEPTED; PRICE_MISSING: neither market nor alert tells one; STOP_WRONG_SIDE: the alert's numbers
 * contradict each other, or the market has been through the stop. ret is filled as far as it was
 * worked out. */
enum reason levels_take(const struct signal *s, const struct quote *q, struct levels *ret);

/* To the symbol's digits: a price, and a stop: away from the market (spec brokers 3.6). */
int64_t levels_round_e8(const struct symbol_info *info, int64_t v_e8);
int64_t levels_round_stop_e8(const struct symbol_info *info, int64_t v_e8, enum side side);
/* The alert's target on the symbol's digits; false unless it is on the profit side of entry. */
bool levels_target_e8(const struct symbol_info *info, int64_t tp_e8, int64_t entry_e8,
                      enum side side, int64_t *ret_e8);

#endif
