/* plugins/plugin.h: the contract of a strategy plugin.
 *
 * A plugin is a pure decision function: snapshot and signal in, decision out. No clock, no I/O, no
 * memory between calls; what it needs to remember is state the engine keeps for it (positions,
 * recent accepted alerts, trends) and shows in the snapshot, or its own database, which is a
 * projection of the journal kept by the ledger (store/). The same function answers live trading,
 * `trident decide`, shadow mode and back tests.
 * Configuration is the plugin's own namespace (traders[].plugins.<id>), parsed by conf/ into the
 * plugin's struct, which conf/ passes through as `conf`. */
#ifndef TRIDENT_PLUGINS_PLUGIN_H
#define TRIDENT_PLUGINS_PLUGIN_H

#include "model/decision.h"
#include "model/trends.h"
#include "plugins/legacy_v2/conf.h"
#include "plugins/outside/conf.h"
#include "plugins/price_action_v6/conf.h"

/* One alert accepted before (rule P-10). */
struct plugin_seen {
    enum signal_kind kind;
    enum side side;
    enum timeframe tf;
    char symbol[SYMBOL_CAP];
    int64_t price_e8; /* of the alert; DEC_NONE = it had none (TE-003) */
    int64_t accepted_ms;
};

/* What one route of one plugin did since the day began. */
struct plugin_route {
    char plugin[PLUGIN_ID_CAP];
    char route[ROUTE_CAP];
    int daily_entries;                      /* decisions executed */
    int64_t daily_profit_e8, daily_loss_e8; /* RK-10: losses positive, not reduced by profits */
};

struct plugin_snapshot {
    int64_t now_ms;
    struct quote quote;       /* of the signal's symbol; zero when none */
    int64_t usd_per_quote_e8; /* conversion of the symbol's quote currency; 0 = unknown */
    int64_t balance_e8;
    int64_t daily_loss_e8, lifetime_loss_e8; /* of the trader; positive numbers */
    int64_t plugin_daily_loss_e8;            /* of this plugin's own trades */
    int daily_trades;                        /* entries today, this plugin */
    const struct position *positions;        /* all open ones of this trader */
    size_t position_count;
    const struct plugin_seen *seen; /* newest first, bounded */
    size_t seen_count;
    const struct plugin_route *routes; /* in the order they first traded */
    size_t route_count;
    const struct trends *trends; /* before this alert is written into them */
};

struct plugin_ops {
    const char *id; /* "combined_v3" */
    const char *version;
    const char *db_name; /* "zepix_combined_v3.db" */
    /* A program of its own: it is asked ahead (engine/ahead.h) and goes before the others. */
    bool is_process;
    /* Is there anything in this place? NULL: always. One that is not is shown nowhere. Pure. */
    bool (*is_present)(const void *conf);
    /* Switched on in its configuration? NULL: always. One that is off is asked nothing. Pure. */
    bool (*is_enabled)(const void *conf);
    /* SH-7: decides but may not trade (RT-17)? Its entries become virtual trades. NULL: it may.
     * Pure. */
    bool (*is_shadow)(const void *conf);
    /* Is the signal this plugin's to decide? Pure. */
    bool (*accepts)(const void *conf, const struct signal *s);
    /* The route this alert takes, before anything is decided; "" = none. NULL: it has none. Pure.
     */
    void (*route)(const void *conf, const struct signal *s, char ret[ROUTE_CAP]);
    /* Fills ret (initialised by decision_init). Returns 0; negative = the plugin failed (counted,
     * five in a row disable it, RT-16). Engine thread; must not block. */
    int (*decide)(const void *conf, const struct plugin_snapshot *snap, const struct signal *s,
                  struct decision *ret);
};

extern const struct plugin_ops combined_v3_plugin;
extern const struct plugin_ops price_action_v6_plugin; /* its configuration: conf.h beside it */
extern const struct plugin_ops legacy_v2_plugin;       /* likewise; the old bot */
/* Each with a struct outside_conf of its own. */
extern const struct plugin_ops outside_plugins[OUTSIDE_PLUGINS];

/* Configuration of combined_v3, defaults of spec strategies 2.1, 3, 9.2; filled by conf/. */
#define COMBINED_V3_SYMBOLS_MAX 16
struct combined_v3_conf {
    bool enabled;
    bool shadow_mode;             /* decides, trades nothing (SH-7) */
    bool logic_enabled[4];        /* 1..3 */
    int64_t logic_lot_mult_e8[4]; /* 1.25 1.0 0.625 */
    int logic_routing[4];         /* enum v3_routing */
    int64_t base_lot_e8;          /* 0.05 */
    int64_t order_b_risk_e8;      /* 10 USD */
    int64_t rr_ratio_e8;          /* 1.5 when the alert has no target */
    int min_score;                /* 5 */
    int launchpad_min_score;      /* 7 */
    bool score_filter_raw;        /* score_filter_mode = raw */
    bool exit_semantics_legacy;   /* exit_semantics = legacy */
    bool mtf_gate;                /* RT-4 for entries with mtf values; default true */
    bool aggressive_reversal;     /* RT-6, default true */
    int mtf_min_aligned;          /* 3 */
    int max_open_trades;          /* 5 decisions' worth of chains */
    int max_daily_trades;         /* 10 */
    int64_t max_lot_e8;           /* 1.0 */
    int64_t daily_loss_cap_e8;    /* 500 */
    int64_t duplicate_window_ms;  /* 300 000 */
    int64_t repeat_window_ms;     /* 60 000: TE-003 */
    bool fallback_sl_by_symbol;   /* the stop of an alert without one: pips by symbol and logic */
    int64_t fallback_sl_pips_e8;  /* 50: when the alert carries no stop */
    int64_t fallback_tp_pips_e8;  /* when it carries no target; 0: by rr_ratio */
    char symbols[COMBINED_V3_SYMBOLS_MAX][SYMBOL_CAP]; /* empty list = all ten of P-9 */
    int symbol_count;
};
enum v3_routing {
    V3_ROUTING_UNSET = 0,
    V3_ROUTING_DUAL,
    V3_ROUTING_A_ONLY,
    V3_ROUTING_B_ONLY,
    V3_ROUTING_COUNT
};
void combined_v3_conf_defaults(struct combined_v3_conf *c); /* dual_orders on all three logics */

#endif
