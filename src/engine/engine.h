/* engine/engine.h: the trading engine of one trader: one thread, one bounded queue, one journal.
 *
 * Life of an input: engine_post() -> queue -> drained in a batch (<= 512) -> key checked against
 * the dedupe set -> apply() (deterministic, in memory) -> input and outputs written to the journal,
 * one transaction and one fsync for the batch -> `done` of every input is called -> orders go to
 * the broker, wake hooks run (notify, ledger, live stream read the journal from their watermark).
 * If the commit fails nothing left the building: every `done` gets NOT_STORED, the state is rebuilt
 * from the journal, entries halt until a commit works again. */
#ifndef TRIDENT_ENGINE_ENGINE_H
#define TRIDENT_ENGINE_ENGINE_H

#include <stdatomic.h>

#include "brokers/broker.h"
#include "core/queue.h"
#include "engine/settings.h"
#include "engine/shadow.h"
#include "engine/trader.h"
#include "engine/users_board.h"
#include "engine/view.h"
#include "model/chain_conf.h"
#include "model/command.h"
#include "model/output.h"
#include "model/phase.h"
#include "model/rules/risk_rules.h"
#include "model/rules/exit_rules.h"
#include "model/rules/sessions.h"
#include "plugins/plugin.h"

struct engine;
struct candles_closed;

#define ENGINE_PLUGINS_MAX 8
#define ENGINE_WAKES_MAX   8
#define INPUT_QUOTES_MAX   16

enum input_kind {
    INPUT_UNSET = 0,
    INPUT_SIGNAL,
    INPUT_COMMAND,
    INPUT_BROKER,
    INPUT_TIMER,  /* made by the engine itself */
    INPUT_NOTICE, /* something happened outside that people must hear: a bot went down ... */
    INPUT_PRICE,  /* quotes that reach a watched level (engine/prices.h); made by the engine */
    INPUT_LEGACY, /* what the old bot decided, from outside (engine/shadow.h) */
    INPUT_KIND_COUNT
};

enum timer_kind {
    TIMER_UNSET = 0,
    TIMER_START,     /* the process came up: what was in flight is unknown now */
    TIMER_DUE,       /* something the state waits for is due */
    TIMER_STOP,      /* orderly end */
    TIMER_RULES,     /* somebody changed a setting: the rules from now on */
    TIMER_LEAVE,     /* TIMER_STOP, but another process goes on at once: nobody is told */
    TIMER_TAKE_OVER, /* TIMER_START of that process */
    TIMER_KIND_COUNT
};

/* The settings that state changes depend on. They enter with TIMER_START and TIMER_RULES, so that
 * replaying the journal gives the same state after the configuration has changed. A new field goes
 * to the end here, of engine_rules_pack() and _unpack(), and is filled by daemon_rules(). */
struct engine_rules {
    int64_t start_balance_e8;
    /* Trader-wide, RK-9; 0 = none, DEC_NONE = of the tier: ask risk_caps(). */
    int64_t daily_loss_cap_e8, lifetime_loss_cap_e8;
    int daily_reset_minute; /* minute of the day of the rollover, RK-11 [REC] */
    int utc_offset_min;
    int64_t order_deadline_ms; /* SENDING without answer -> UNKNOWN; default 5000 */
    int64_t signal_max_age_ms; /* in the queue, and for a second try of an entry; default 10 000 */
    uint64_t plugins_off; /* bit i: the i-th plugin of engine_options is switched off; bit 32 + i:
                           * its place is empty; set by the engine itself */
    struct sessions sessions;                    /* SY-1..SY-4 */
    struct exit_rules exits[ENGINE_PLUGINS_MAX]; /* by plugin name */
    struct chain_conf chains[CHAIN_PLUGINS];     /* by enum chain_plugin */
    int64_t daily_profit_cap_e8;                 /* net of the day; 0 = none */
    struct shadow_rules shadow;
    struct risk_rules risk;
    struct phase_rules phase;
    int error_limit;       /* engine/trader.h; 0 = never */
    int64_t error_wait_ms; /* > 0 with it */
};

struct input_quote {
    char symbol[SYMBOL_CAP];
    struct quote quote;
};

struct input_quotes { /* the prices an input is applied with, see engine/input.h */
    struct input_quote items[INPUT_QUOTES_MAX];
    size_t count;
};

enum outcome_status {
    OUTCOME_UNSET = 0,
    OUTCOME_COMMITTED,  /* durable; receipt and decision are valid */
    OUTCOME_DUPLICATE,  /* key seen before: receipt is that of the first time (seq; text may be
                           empty) */
    OUTCOME_EXPIRED,    /* deadline passed in the queue; nothing happened */
    OUTCOME_NOT_STORED, /* the journal could not take it; nothing happened */
    OUTCOME_COUNT
};

struct outcome {
    enum outcome_status status;
    struct receipt receipt;
    const struct decision *decision; /* INPUT_SIGNAL committed: the deciding plugin's; else NULL */
};

struct input;
/* Engine thread, after the commit (or refusal); must not block; outcome is valid during the call.
 * Not called when engine_post() refused. After it the input is freed by the engine. */
typedef void (*input_done_fn)(struct input *in, const struct outcome *o, void *ctx);

#define INPUT_KEY_CAP 72

struct input {
    enum input_kind kind;
    char key[INPUT_KEY_CAP];  /* dedupe key, "" = none; namespaced: "tg:1:4711",
                                 "wh:<Idempotency-Key>" */
    int64_t deadline_mono_us; /* 0 = none */
    int64_t posted_mono_us;   /* set by engine_post, for latency */
    int64_t received_mono_us; /* the request, or the update, was there; 0 = not known */
    union {
        struct signal signal;
        struct command command;
        struct broker_event broker;
        struct event notice;
        struct input_quotes price;
        struct shadow_legacy legacy;
        struct {
            enum timer_kind kind;
            struct engine_rules rules; /* TIMER_START, TIMER_RULES */
            char *base;                /* TIMER_START: heap, may be NULL; see settings_set_base() */
        } timer;
    };
    struct candles_closed *candles; /* INPUT_PRICE: that have ended; heap, may be NULL */
    struct decision *other;  /* INPUT_SIGNAL: of the side that only compares; heap, may be NULL */
    struct decision *answer; /* INPUT_SIGNAL: of a plugin asked ahead; heap, may be NULL */
    bool was_ahead;          /* INPUT_COMMAND: ask_command had it; in memory only */
    input_done_fn done;      /* may be NULL */
    void *done_ctx;
};

struct input *input_new(enum input_kind kind);
struct input *input_free(struct input *in); /* accepts NULL, returns NULL */

/* A command's effect. Runs on the engine thread inside apply(): deterministic, no I/O, no clock;
 * may read and change engine state only through the ops of engine/tx.h. Fills the reply (html on
 * the heap). */
struct engine_tx;
struct command_ops {
    const char *name;
    enum role role; /* checked again by the engine */
    bool urgent;    /* priority lane: panic, pause, exits */
    int max_age_ms; /* older messages are refused as COMMAND_STALE; 0 = any age */
    void (*run)(struct engine_tx *tx, const struct command *c, struct reply *ret);
    bool wants_quotes; /* of all symbols, not only those of open positions */
};

struct engine_wake {
    void (*fn)(void *ctx, uint64_t committed_seq); /* engine thread, must not block */
    void *ctx;
};

struct engine_options;
struct engine_state;
/* How things stand when a command has its turn; nothing in it is the reader's to change. */
struct ahead_moment {
    const struct engine_options *opt; /* with the settings in force */
    const struct engine_state *s;
    int64_t now_ms;
};

struct engine_options {
    const char *trader_id; /* "main" */
    const char *dir;       /* the trader's directory; created by the caller; holds journal.db */
    struct clock *clock;
    struct broker *broker; /* borrowed; started and stopped by the engine's owner */
    const struct plugin_ops *plugins[ENGINE_PLUGINS_MAX];
    const void *plugin_confs[ENGINE_PLUGINS_MAX];
    size_t plugin_count;
    /* Takes over an alert for a plugin that is a process (engine/ahead.h) and posts it again with
     * in->answer; false: it did not take it. Engine thread, must not block. NULL: none is asked. */
    bool (*ask)(void *ctx, const char *plugin, const void *conf, const struct plugin_snapshot *snap,
                struct input *in);
    void *ask_ctx;
    /* Looks at a command before its turn: may put into its body what the state says, or take it
     * over because it has to wait for somebody (true); it comes back with in->was_ahead set. Engine
     * thread, must not block. NULL: nobody looks. */
    bool (*ask_command)(void *ctx, const struct ahead_moment *now, struct input *in);
    void *ask_command_ctx;
    struct engine_settings_ops settings;       /* NULLs: any text is taken and nothing follows */
    const struct command_ops *const *commands; /* sorted by name */
    size_t command_count;
    size_t queue_capacity; /* default 8192 */
    struct engine_rules rules;
    uint32_t snapshot_every; /* journal rows between state snapshots; default 20 000 */
    int price_interval_ms;   /* how often quotes are looked at while levels are watched; 200 */
    struct view_board *view; /* shows positions and orders to others; NULL = nobody looks */
    struct engine_wake wakes[ENGINE_WAKES_MAX];
    size_t wake_count;
    bool is_successor;             /* another process left for this one: TIMER_TAKE_OVER */
    const atomic_bool *is_leaving; /* looked at at the end: TIMER_LEAVE; NULL = never */
    /* The journal could not be written / works again: reaches people without the journal. Engine
     * thread. */
    void (*on_store_fault)(void *ctx, const char *what, bool failing);
    void *on_store_fault_ctx;
};

enum engine_result { ENGINE_OK = 0, ENGINE_E_FULL = 1, ENGINE_E_CLOSED = 2 };

/* Opens journal and state (creates them), recovers: snapshot + replay. No thread yet. */
TR_MUST_USE int engine_open(const struct engine_options *opt, struct engine **ret_engine);
TR_MUST_USE int engine_start(struct engine *e);
/* Closes the queue, drains and commits what is in it, writes a snapshot, joins. Any thread but its
 * own. */
void engine_stop(struct engine *e);
struct engine *engine_free(struct engine *e);

/* Takes ownership of in on ENGINE_OK. Lane: signals and notices normal; broker events and urgent
 * commands priority. Any thread; blocks only for the queue lock. */
TR_MUST_USE enum engine_result engine_post(struct engine *e, struct input *in);
/* Several at once, in order, one lock; returns how many were taken (ownership of those moved). */
size_t engine_post_many(struct engine *e, struct input **ins, size_t n);

const char *engine_trader_id(const struct engine *e);
/* Bot offsets ride in the journal: the next update_id to ask for, 0 = none seen. Any thread. */
int64_t engine_bot_offset(struct engine *e, enum bot_id bot);
/* The language this person chose by /language; LANG_UNSET when none. Any thread. */
enum lang engine_user_lang(struct engine *e, int64_t user_id);
/* Who joined at run time, as of the newest batch; lives as long as the engine. Any thread. */
struct users_board *engine_users(struct engine *e);
/* Where the time goes (engine/stages.h). Lives as long as the engine. Any thread. */
struct stages;
struct stages *engine_stages(struct engine *e);
/* The overrides in force, as of the newest batch. Any thread, short lock. ret is big: heap. */
void engine_get_settings(struct engine *e, struct settings *ret);

/* A consistent copy of the figures, refreshed after each batch. Any thread, short lock. */
struct engine_stats {
    uint64_t committed_seq;
    uint64_t batches, inputs, signals, commands, duplicates, expired, not_stored;
    uint64_t orders_sent, orders_filled, orders_rejected, orders_unknown;
    uint64_t signals_accepted, signals_refused;
    size_t queue_depth, queue_peak;
    size_t open_positions, open_orders;
    int64_t balance_e8, open_profit_e8, daily_profit_e8, daily_loss_e8;
    bool paused, panicked, entries_halted, broker_up;
    bool is_synced;     /* orders and positions agree with the broker since the link came up */
    bool store_failing; /* the journal refuses writes */
    int64_t last_batch_us, last_commit_us; /* monotonic durations of the newest batch */
    int64_t latency_sum_us; /* post -> commit over all inputs, with `inputs` the mean */
    int64_t started_ms;
    struct trader trader; /* shown by trader_shown() */
    size_t plugin_count;
    struct {
        char id[PLUGIN_ID_CAP];
        bool active;
    } plugins[ENGINE_PLUGINS_MAX];
};
void engine_get_stats(struct engine *e, struct engine_stats *ret);

/* Can this program go on from the journal in opt->dir, which another process writes meanwhile?
 * Reads only: schema, snapshot, the rows after it. False: why says in words what it cannot. */
#define ENGINE_WHY_CAP 120
TR_MUST_USE bool engine_check(const struct engine_options *opt, char why[ENGINE_WHY_CAP]);

/* Re-applies the journal of a stopped trader from its first row and compares every output byte.
 * Plugins are not asked again: their decisions are part of the journaled input. ret_rows: rows
 * checked. Returns 0, JOURNAL_E_MISMATCH with the first bad seq, or a failure. */
TR_MUST_USE int engine_replay_verify(const struct engine_options *opt, uint64_t *ret_rows,
                                     uint64_t *ret_bad_seq);

#endif
