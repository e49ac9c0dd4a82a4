/* simulate/outcome.h: what a simulation led to: trades, chains and the ledger, gathered from the
 * events of the engine as the trade ledgers gather them from the journal. One owner thread. */
#ifndef TRIDENT_SIMULATE_OUTCOME_H
#define TRIDENT_SIMULATE_OUTCOME_H

#include "model/output.h"

struct sim_trade { /* a position */
    uint64_t position_cid;
    char plugin[PLUGIN_ID_CAP], route[ROUTE_CAP], symbol[SYMBOL_CAP], chain_id[CHAIN_ID_CAP];
    enum side side;
    enum order_role role;
    enum reason reason; /* of the newest close */
    int64_t lots_e8;    /* opened */
    int64_t closed_e8;
    int64_t entry_e8, exit_e8;                 /* exit: of the newest close; DEC_NONE = open */
    int64_t profit_e8, commission_e8, swap_e8; /* of what is closed; an open one's commission too */
    int64_t opened_ms, closed_ms;              /* closed_ms 0: still open */
    int fills;                                 /* deals, opening and closing */
};

struct sim_chain { /* its newest state */
    char id[CHAIN_ID_CAP], plugin[PLUGIN_ID_CAP], route[ROUTE_CAP], symbol[SYMBOL_CAP];
    enum side side;
    enum reason stop_reason;
    char state[24], kind[24]; /* "PROFIT", or the newest re-entry's kind, "-" = none */
    int level, entries;
    int64_t profit_e8, loss_e8;
    int64_t opened_ms, updated_ms;
};

struct sim_figures {
    int trades, wins, losses;
    int64_t net_e8; /* profit + swap - commission */
    int64_t win_rate_e8;
    int64_t max_drawdown_e8, peak_e8; /* of the running net, positive */
};

#define SIM_GROUPS_MAX 32

struct sim_group {
    char plugin[PLUGIN_ID_CAP], route[ROUTE_CAP];
    struct sim_figures f;
};

struct sim_outcome {
    struct sim_trade *trades; /* by the time of opening */
    size_t trade_count, trade_cap;
    struct sim_chain *chains; /* by the time of opening */
    size_t chain_count, chain_cap;
    struct sim_group groups[SIM_GROUPS_MAX]; /* by name after sim_outcome_finish() */
    size_t group_count;
    struct sim_figures all;
    uint64_t fills, unknown_orders, failed_orders;
};

void sim_outcome_deinit(struct sim_outcome *o);
/* All events of one input's outputs. */
void sim_outcome_take(struct sim_outcome *o, const struct outputs *out);
void sim_outcome_finish(struct sim_outcome *o);

#endif
