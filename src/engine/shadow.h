/* engine/shadow.h: the shadow machine of one trader: for each strategy and route (combined_v3 and
 * LOGIC3) it says whether the legacy handler or the plugin opens trades, compares what both say,
 * keeps the virtual trades of the one that may not trade, and goes back to the legacy handler by
 * itself when a trigger fires (spec strategies 10, transition).
 *
 *                              cut-over: gates passed, a person confirms
 *     LEGACY_ONLY <--> SHADOW ---------------------------> PLUGIN_SHADOW <--> PLUGIN_ONLY
 *          ^                                                     |                 |
 *          '------------------ rollback: trigger or command -----'-----------------'
 *
 * The mode of a scope has one writer, move_scope(), and always one owner of new trades. A position
 * stays with whoever opened it: after a change of owner the other one still closes what it opened
 * (its exits are carried out), so nothing is orphaned and nothing is closed by surprise.
 *
 * The legacy handler is either inside (plugin legacy_v2: decides and, in its modes, trades through
 * our broker) or outside (the running old bot: it trades by itself, we learn its decisions by
 * INPUT_LEGACY). Outside, its modes mean that this engine opens nothing.
 *
 * Part of the engine's state: changed only inside apply(), packed into the snapshot. */
#ifndef TRIDENT_ENGINE_SHADOW_H
#define TRIDENT_ENGINE_SHADOW_H

#include "engine/routes.h"
#include "model/shadow_mode.h"
#include "model/rules/caps.h"
#include "model/user.h"

#define SHADOW_SCOPES_MAX  24
#define SHADOW_RECORDS_MAX 128 /* newest mismatches */
#define SHADOW_VIRTUAL_MAX 64
#define SHADOW_CLOSED_MAX  100 /* newest virtual trades that ended (SH-6) */
#define SHADOW_PENDING_MAX 128 /* decisions of one side that wait for the other's */

/* Tables of the old bot's database that are read: entries, exits. */
enum { SHADOW_LEGACY_TRADES, SHADOW_LEGACY_EXITS, SHADOW_LEGACY_TABLES };

struct shadow_stats { /* since the scope's mode was set */
    uint64_t signals, compared, matches, mismatches;
    uint64_t legacy_executes, plugin_executes;
    uint64_t by_diff[SHADOW_VERDICT_COUNT];
    uint64_t virtual_trades;
    int64_t virtual_profit_e8; /* of the ended ones */
    uint64_t orders_filled, orders_failed;
};

struct shadow_scope {
    char plugin[PLUGIN_ID_CAP];
    char route[ROUTE_CAP]; /* "" = what no route is known of */
    enum shadow_mode mode;
    bool is_armed; /* cut over: a trigger goes back to the legacy handler */
    bool gates_told;
    int64_t since_ms;
    uint64_t since_seq;
    struct shadow_stats stats;
};

/* A mismatch. */
struct shadow_record {
    uint64_t seq; /* of the alert */
    int64_t time_ms;
    enum shadow_verdict diff;
    enum signal_kind kind;
    char symbol[SYMBOL_CAP], plugin[PLUGIN_ID_CAP], route[ROUTE_CAP];
    struct shadow_view legacy, plugins;
};

struct shadow_virtual {
    struct position p; /* cid: below any real one */
    int64_t usd_per_quote_e8;
    int64_t closed_ms, exit_e8, profit_e8; /* when ended */
    enum reason reason;
};

struct shadow_pending {
    uint64_t seq; /* of the alert; 0 = what waits is a decision of the old bot */
    int64_t time_ms;
    char symbol[SYMBOL_CAP], plugin[PLUGIN_ID_CAP], route[ROUTE_CAP];
    enum signal_kind kind;
    enum side side;
    uint64_t body_hash;
    struct shadow_view view;
};

/* Which of the newest failed. */
struct shadow_window {
    uint8_t failed[SHADOW_SAMPLES_MAX]; /* ring of 0 and 1 */
    size_t count, next;
};

struct shadow {
    enum shadow_mode default_mode; /* UNSET: rules.first_mode */
    struct shadow_scope scopes[SHADOW_SCOPES_MAX];
    size_t scope_count;
    struct shadow_record records[SHADOW_RECORDS_MAX]; /* ring */
    size_t record_count, record_next;
    struct shadow_virtual open[SHADOW_VIRTUAL_MAX];
    size_t open_count;
    struct shadow_virtual closed[SHADOW_CLOSED_MAX]; /* ring */
    size_t closed_count, closed_next;
    struct shadow_pending pending[SHADOW_PENDING_MAX];
    size_t pending_count;
    struct shadow_window alerts;
    struct shadow_window orders; /* of scopes that were cut over */
    struct routes day;           /* what virtual trades did since the day began */
    /* The newest rows of the old bot's database that were taken (store/legacy_db.h). */
    int64_t legacy_rows[SHADOW_LEGACY_TABLES];
};

/* A decision of the old bot, as posted to /legacy/decision or read from its
 * database. */
struct shadow_legacy {
    uint64_t body_hash; /* of the alert's text; 0 = unknown: paired by symbol and
                           time */
    int64_t decided_ms;
    struct shadow_view view; /* action UNSET: rows before this one are history, no decision */
    int table;               /* read from this one's ... */
    int64_t row;             /* ... row; 0 = posted */
};
void shadow_legacy_pack(struct buf *b, const struct shadow_legacy *l);
void shadow_legacy_unpack(struct unpack *u, uint64_t version, struct shadow_legacy *ret);

struct engine_state;
struct engine_tx;
struct engine_options;

/* ---- before apply: who is asked ---- */
#define SHADOW_DRAINED "drained_closes" /* number of a decision: closes of who trades no more */
struct shadow_roles {
    int plugin, legacy; /* index in engine_options.plugins; -1 = none */
    enum shadow_mode mode;
    char route[ROUTE_CAP];
    bool is_off;     /* somebody knows the alert and is switched off */
    bool is_outside; /* the legacy handler is another process */
};
/* Which plugin and which legacy handler know this alert, and the mode of its
 * scope. */
void shadow_roles(const struct engine_state *s, const struct engine_options *opt,
                  const struct signal *sig, struct shadow_roles *ret);
/* May this strategy open trades on this route now? legacy_v2: may the legacy handler; in
 * PLUGIN_ONLY it is a plugin like any other, asked about what no other one knows. */
bool shadow_may_trade(const struct engine_state *s, const char *plugin, const char *route);
/* May this order of an entry still leave? Not one that its scope's former owner has left behind. */
bool shadow_may_send(const struct engine_state *s, const struct order *o);
/* Is there a legacy handler that can decide? */
bool shadow_has_legacy(const struct engine_state *s, const struct engine_options *opt);
/* Appends the virtual positions of this plugin; returns the new count. */
size_t shadow_positions(const struct engine_state *s, const char *plugin, struct position *list,
                        size_t count, size_t cap);
/* The day of the side that only watches, as its limits would see it: what it did for real and what
 * its virtual trades did, by route. Returns how many routes; ret has ROUTES_MAX. */
size_t shadow_day_routes(const struct engine_state *s, const char *plugin,
                         struct plugin_route *ret);
/* Entries of a plugin's virtual trades today. */
int shadow_day_entries(const struct engine_state *s, const char *plugin);
/* What the losses would be (RK-9): those counted, without what `trading` lost today, with what the
 * virtual trades of `watching` did. */
void shadow_day_book(const struct engine_state *s, const char *trading, const char *watching,
                     struct caps_book *ret);
void shadow_new_day(struct shadow *sh);

/* ---- inside apply ---- */
/* After the alert's own decision was carried out: statistics, comparison,
 * virtual trades, triggers. other: what the one that does not trade says;
 * action UNSET = nobody. */
void shadow_on_signal(struct engine_tx *tx, const struct signal *sig, const struct decision *d,
                      const struct decision *other);
void shadow_on_legacy(struct engine_tx *tx, const struct shadow_legacy *l);
/* An opening order of this strategy was filled, or failed for good. */
void shadow_on_order(struct engine_tx *tx, const char *plugin, const char *route, bool filled);
void shadow_on_broker_down(struct engine_tx *tx);
/* Quotes of this input: virtual stops and targets; gates that have opened; old
 * pairs given up. */
void shadow_on_quotes(struct engine_tx *tx);
void shadow_timers(struct engine_tx *tx);
int64_t shadow_next_due_ms(const struct engine_state *s);

/* The only writer of a scope's mode. plugin "" = everything, route "" = every
 * route of it. */
void shadow_set_mode(struct engine_tx *tx, const char *plugin, const char *route,
                     enum shadow_mode mode, enum reason why);
/* Everything that was cut over (plugin "" = all) goes back to the legacy
 * handler. Returns how many scopes moved. */
int shadow_rollback(struct engine_tx *tx, const char *plugin, enum reason why, int64_t number_e8,
                    int64_t limit_e8);

struct shadow_gate {
    const char *name; /* "hours", "signals", "mismatches" */
    int64_t have_e8, need_e8;
    bool is_open;
};
#define SHADOW_GATES 3
/* Of one scope, in SHADOW. True when all are open. */
bool shadow_gates(const struct engine_state *s, const struct shadow_scope *scope, int64_t now_ms,
                  struct shadow_gate ret[SHADOW_GATES]);
/* The same by these rules; pure, any thread. */
bool shadow_gates_of(const struct shadow_rules *r, const struct shadow_scope *scope, int64_t now_ms,
                     struct shadow_gate ret[SHADOW_GATES]);
enum shadow_mode shadow_mode_of(const struct engine_state *s, const char *plugin,
                                const char *route);

void shadow_pack(const struct shadow *sh, struct buf *b);
void shadow_unpack(struct shadow *sh, struct unpack *u);
void shadow_rules_pack(struct buf *b, const struct shadow_rules *r);
void shadow_rules_unpack(struct unpack *u, struct shadow_rules *ret);

#endif
