/* engine/state.h: everything a trader's engine knows, as one value: changed only by apply(), saved
 * as the journal's snapshot, rebuilt by replaying the journal on top of it. No clock, no I/O, no
 * pointers to outside. Engine thread only (or the thread that recovers, before the engine starts).
 */
#ifndef TRIDENT_ENGINE_STATE_H
#define TRIDENT_ENGINE_STATE_H

#include "engine/candles.h"
#include "engine/chains.h"
#include "engine/dedupe.h"
#include "engine/early.h"
#include "engine/ending.h"
#include "engine/engine.h"
#include "engine/manager.h"
#include "engine/modify.h"
#include "engine/phase.h"
#include "engine/prices.h"
#include "engine/reconcile.h"
#include "engine/session_clock.h"
#include "engine/users.h"
#include "engine/picks.h"
#include "engine/settings.h"
#include "engine/trader.h"
#include "engine/transition.h"
#include "engine/risk.h"
#include "engine/routes.h"
#include "model/trends.h"

#define STATE_POSITIONS_MAX 512
#define STATE_ORDERS_MAX    1024 /* not terminal */
#define STATE_DONE_MAX      1024 /* newest terminal orders, for late fills and questions */
#define STATE_SEEN_MAX      256  /* newest accepted alerts, rule P-10 */
#define STATE_CONFIRMS_MAX  64
#define STATE_LANGS_MAX     256 /* people who chose a language; the oldest choice is forgotten */
#define STATE_SENDS_MAX     (2 * STATE_ORDERS_MAX)

struct state_confirm {
    uint64_t id; /* number of the receipt that asked; 0 = free */
    int64_t expires_ms;
    int64_t user_id, chat_id, thread_id;
    bool used;
    bool needs_second; /* the requester said yes: somebody else's is wanted */
    enum bot_id bot;
    enum lang lang;
    char user_name[USER_NAME_CAP];
    uint8_t hash[HASH_SHA256_BYTES]; /* of the exact action, once a second person is asked */
    char name[COMMAND_NAME_CAP];
    char args[COMMAND_ARGS_CAP];
};

struct state_lang {
    int64_t user_id;
    enum lang lang;
};

struct state_plugin {
    char id[PLUGIN_ID_CAP];
    int failures; /* in a row, RT-16 */
    bool disabled;
    int daily_entries; /* decisions executed today */
};

struct state_account {
    int64_t balance_e8;
    int64_t daily_profit_e8, daily_loss_e8, lifetime_loss_e8; /* RK-10: losses positive */
    int day;                                                  /* civil date of the trading day */
    int daily_trades, daily_wins, total_trades, total_wins;
};

struct state_counters {
    uint64_t signals, signals_accepted, signals_refused, commands;
    uint64_t orders_sent, orders_filled, orders_rejected, orders_unknown;
};

struct engine_state {
    uint64_t seq;   /* of the newest applied input */
    int64_t now_ms; /* its time; never goes back */
    int64_t started_ms;
    bool paused, panicked, broker_up, synced; /* synced: reconciled since the link came up */
    bool link_loss_told, daily_cap_told, lifetime_cap_told;
    int64_t paused_ms;
    char paused_by[USER_NAME_CAP];
    int64_t panic_retry_ms; /* when to try again to get flat; 0 = flat at the broker, or off */
    bool panic_is_flat;     /* its own list said so */

    struct engine_rules rules;
    struct settings settings;
    struct picks picks;
    struct trends trends;
    struct routes routes;
    struct risk_state risk; /* what the limits on entries remember */
    struct state_account account;
    struct state_counters counters;
    struct state_plugin plugins[ENGINE_PLUGINS_MAX];
    size_t plugin_count;

    struct position positions[STATE_POSITIONS_MAX]; /* oldest first */
    size_t position_count;
    struct early_closes early;   /* fills that wait for their opening */
    struct reconcile reconcile;  /* the broker's own books */
    struct modifies modifies;    /* stops being changed */
    struct prices prices;        /* levels that are waited for */
    struct chains chains;        /* re-entry and profit booking */
    struct shadow shadow;        /* who decides, who trades */
    struct phase_state phase;    /* of the take-over from the old bot */
    struct manager manager;      /* RE-14 */
    struct candles candles;      /* RE-9 */
    int64_t exits_not_before_ms; /* exits.c: the next look at how long positions are open */
    struct session_clock session_clock;
    struct order orders[STATE_ORDERS_MAX];
    size_t order_count;
    struct order done[STATE_DONE_MAX]; /* ring */
    size_t done_count, done_next;
    struct plugin_seen seen[STATE_SEEN_MAX]; /* newest first */
    size_t seen_count;
    struct state_confirm confirms[STATE_CONFIRMS_MAX];
    int64_t bot_next_update[BOT_COUNT];
    struct state_lang langs[STATE_LANGS_MAX]; /* oldest first */
    size_t lang_count;
    struct trader trader;         /* its state, errors in a row */
    struct transition transition; /* old bot and new ones side by side */
    struct users users;           /* who joined at run time; the first trader keeps them for all */
    /* Each kind forgets only its own: no flood of one lets another happen twice. */
    struct dedupe *signal_keys;         /* Idempotency-Key of webhooks */
    struct dedupe *notice_keys;         /* of refused ones: the corrected body may use it again */
    struct dedupe *fill_keys;           /* exec ids; the broker tells at most its newest again */
    struct dedupe *bot_keys[BOT_COUNT]; /* updates of each bot: one answer comes again at most */

    enum ending ending; /* a command ends the process; not part of the snapshot */
    uint64_t ending_seq;

    /* Requests decided by the inputs of this batch; leave after the commit. Not part of the
     * snapshot. */
    struct broker_request sends[STATE_SENDS_MAX];
    size_t send_count;
};

struct engine_state *state_new(void);
struct engine_state *state_free(struct engine_state *s); /* accepts NULL, returns NULL */
void state_pack(const struct engine_state *s, struct buf *out);
TR_MUST_USE int state_unpack(struct engine_state *s, const void *p, size_t len); /* -EBADMSG */

struct position *state_position(struct engine_state *s, uint64_t cid); /* NULL when not open */
struct order *state_order(struct engine_state *s, uint64_t cid);       /* not terminal */
struct order *state_done_order(struct engine_state *s,
                               uint64_t cid); /* among the newest terminal */
/* Appends; NULL when full. */
struct position *state_position_add(struct engine_state *s, const struct position *p);
void state_position_remove(struct engine_state *s, uint64_t cid);
struct order *state_order_add(struct engine_state *s, const struct order *o);
/* Moves a terminal order from orders to done. */
void state_order_finish(struct engine_state *s, uint64_t cid);
/* False: no room in this batch; an order becomes UNKNOWN at its deadline and is asked for. */
bool state_send(struct engine_state *s, const struct broker_request *r);
/* What a person chose by /language; LANG_UNSET: nothing, the configuration decides. */
enum lang state_lang(const struct state_lang *langs, size_t count, int64_t user_id);
void state_set_lang(struct engine_state *s, int64_t user_id, enum lang lang);
struct state_plugin *state_plugin(struct engine_state *s, const char *id);
/* The dedupe set an input's key belongs to. */
struct dedupe *state_keys(struct engine_state *s, const struct input *in);
/* Notes the key of an input that is applied. */
void state_note_key(struct engine_state *s, const struct input *in);
/* in's key was seen before: DUPLICATE, or IDEMPOTENCY_KEY_REUSED when it said something else then.
 */
enum reason state_repeat(struct engine_state *s, const struct input *in);

#endif
