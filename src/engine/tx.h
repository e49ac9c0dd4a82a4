/* engine/tx.h: what a command may read and change while it is applied. Engine thread only, inside
 * apply(). Every change is an output of the current input and is journaled with it. */
#ifndef TRIDENT_ENGINE_TX_H
#define TRIDENT_ENGINE_TX_H

#include "engine/chains.h"
#include "engine/engine.h"
#include "engine/picks.h"

/* ---- reading ---- */
int64_t tx_now_ms(const struct engine_tx *tx);
uint64_t tx_seq(const struct engine_tx *tx); /* number of this receipt */
const char *tx_trader_id(const struct engine_tx *tx);
size_t tx_position_count(const struct engine_tx *tx);
const struct position *tx_position_at(const struct engine_tx *tx,
                                      size_t i); /* by age, oldest first */
const struct position *tx_position_find(const struct engine_tx *tx, uint64_t cid);
size_t tx_order_count(const struct engine_tx *tx); /* not terminal */
const struct order *tx_order_at(const struct engine_tx *tx, size_t i);
/* Quote journaled with this input; false when there is none for the symbol. */
bool tx_quote(const struct engine_tx *tx, const char *symbol, struct quote *ret);
int64_t tx_position_profit_e8(const struct engine_tx *tx,
                              const struct position *p); /* 0 without quote */
struct tx_account {
    int64_t balance_e8, open_profit_e8, equity_e8;
    int64_t daily_profit_e8, daily_loss_e8, lifetime_loss_e8; /* losses positive */
    int64_t daily_cap_e8, lifetime_cap_e8;                    /* in force; 0 = none */
    int64_t daily_tier_cap_e8, lifetime_tier_cap_e8;          /* what "tier" means */
    int daily_trades, daily_wins, total_trades, total_wins;   /* closed trades */
};
void tx_account(const struct engine_tx *tx, struct tx_account *ret);
struct tx_state {
    bool paused, panicked, entries_halted, broker_up;
    bool panic_is_flat; /* panicked, and the broker says that nothing is open */
    const char *mode;   /* the usual one of the shadow machine */
    int64_t paused_ms;  /* since when; 0 */
    char paused_by[USER_NAME_CAP];
    int64_t started_ms; /* of this process; enters as a journaled input */
    struct trader trader;
    uint64_t signals, signals_accepted, signals_refused, commands;
    size_t plugin_count;
    const char *plugin_ids[ENGINE_PLUGINS_MAX];
    bool plugin_active[ENGINE_PLUGINS_MAX];
};
void tx_state(const struct engine_tx *tx, struct tx_state *ret);

/* ---- changing (each returns REASON_ACCEPTED, REASON_ALREADY_DONE or why not) ---- */
enum reason tx_pause(struct engine_tx *tx, const struct command *c);
enum reason tx_resume(struct engine_tx *tx, const struct command *c);
/* Stops entries, closes every position, verifies flat; stays so across restarts until released. */
enum reason tx_panic(struct engine_tx *tx, const struct command *c);
enum reason tx_panic_release(struct engine_tx *tx, const struct command *c);
/* From the next command on this person is answered in lang, whatever the configuration says. */
enum reason tx_set_language(struct engine_tx *tx, int64_t user_id, enum lang lang);
/* Overrides of the trader's configuration (engine/settings.h): in force for the next input. */
const struct setting *tx_setting(const struct engine_tx *tx, const char *path); /* NULL = none */
const char *tx_setting_base(const struct engine_tx *tx, const char *path); /* the file's; NULL */
const char *tx_setting_text(const struct engine_tx *tx, const char *path); /* in force; NULL */
size_t tx_setting_key_count(const struct engine_tx *tx); /* of all that may be overridden */
const char *tx_setting_key_at(const struct engine_tx *tx, size_t i);
size_t tx_setting_count(const struct engine_tx *tx);
const struct setting *tx_setting_at(const struct engine_tx *tx, size_t i);
size_t tx_setting_change_count(const struct engine_tx *tx);
const struct setting_change *tx_setting_change_at(const struct engine_tx *tx,
                                                  size_t i); /* newest first */
/* ALREADY_DONE: it is so by an earlier override; ARGUMENT_INVALID: no such key or not its value;
 * SETTINGS_FULL: all SETTINGS_MAX overrides are in use. */
enum reason tx_setting_set(struct engine_tx *tx, const struct command *c, const char *path,
                           const char *text);
/* Back to what the file says. */
/* What the file says now (SETTINGS_BY_FILE): an override unless it is the base; one that a person
 * laid stays. Told by the caller. ALREADY_DONE: nothing changes; or as tx_setting_set(). */
enum reason tx_setting_from_file(struct engine_tx *tx, const struct command *c, const char *path,
                                 const char *text);
/* The others hear which keys a reload of the file changed. */
void tx_tell_reload(struct engine_tx *tx, const struct command *c, const char *names);
enum reason tx_setting_reset(struct engine_tx *tx, const struct command *c, const char *path);
/* A plugin that was switched off after failures may decide again. */
enum reason tx_plugin_forgive(struct engine_tx *tx, const char *plugin);
enum reason tx_close(struct engine_tx *tx, uint64_t position_cid, enum reason why);
/* Positions a question is about, under the number of its confirmation. */
void tx_pick_keep(struct engine_tx *tx, uint64_t confirm_id, const uint64_t *cids, size_t count);
const struct pick *tx_pick(const struct engine_tx *tx, uint64_t confirm_id); /* NULL: forgotten */
/* A market order by hand. Its stops are prices; DEC_NONE = none. */
struct tx_entry {
    char symbol[SYMBOL_CAP];
    enum side side;
    int64_t lots_e8, sl_e8, tp_e8;
};
/* ACCEPTED, or why not: the gates every entry has to pass, the volume, stops on the wrong side or
 * too near, no quote (the command has to want_quotes). */
enum reason tx_enter_check(const struct engine_tx *tx, const struct tx_entry *e);
enum reason tx_enter(struct engine_tx *tx, const struct tx_entry *e, uint64_t *ret_cid);
/* The losses counted towards the caps start at 0 again. ALREADY_DONE: they are. */
enum reason tx_clear_loss(struct engine_tx *tx, bool lifetime_too);
/* Part of a position, rounded down to whole steps of volume; when less than the smallest volume
 * would stay open, all of it. ACCEPTED, ALREADY_DONE (a close is under way), POSITION_NOT_FOUND,
 * LOT_BELOW_MIN (the part is too small), ARGUMENT_INVALID, ENTRIES_HALTED (no room). */
enum reason tx_close_partial(struct engine_tx *tx, uint64_t position_cid, int64_t lots_e8,
                             enum reason why);
enum reason tx_close_percent(struct engine_tx *tx, uint64_t position_cid, int64_t percent_e8,
                             enum reason why);
/* Stop and target of a position, both as they shall be (DEC_NONE = none): see modify_position(). */
enum reason tx_modify(struct engine_tx *tx, uint64_t position_cid, int64_t sl_e8, int64_t tp_e8,
                      enum reason why);
/* What it has, or will have once the change under way is done. */
void tx_stops(const struct engine_tx *tx, const struct position *p, int64_t *ret_sl_e8,
              int64_t *ret_tp_e8);
/* The shadow machine. plugin "" = everything, route "" = every route of it. */
const struct shadow *tx_shadow(const struct engine_tx *tx);
enum shadow_mode tx_shadow_mode(const struct engine_tx *tx, const char *plugin, const char *route);
/* What a cut-over of this scope waits for; true: nothing. */
bool tx_shadow_gates(const struct engine_tx *tx, const struct shadow_scope *scope,
                     struct shadow_gate ret[SHADOW_GATES]);
/* ACCEPTED, ALREADY_DONE, NO_PLUGIN, LEGACY_NOT_INSTALLED (nobody would decide or be compared
 * with), or GATE_CLOSED: then the first scope that is not ready, NULL when nothing has been
 * compared yet. */
enum reason tx_shadow_check(const struct engine_tx *tx, const char *plugin, const char *route,
                            enum shadow_mode mode, const struct shadow_scope **ret_closed);
enum reason tx_shadow_move(struct engine_tx *tx, const char *plugin, const char *route,
                           enum shadow_mode mode);
/* The old logic owns all orders of its alerts again, whatever mode or phase there is; inside, it is
 * switched on. ACCEPTED, ALREADY_DONE, LEGACY_NOT_INSTALLED. */
enum reason tx_legacy_enable(struct engine_tx *tx, const struct command *c);
void tx_shadow_reset(struct engine_tx *tx); /* counts, records and the gates' hours begin anew */
/* The sessions (model/rules/sessions.h) now, for /session and its page. */
struct tx_sessions {
    const struct sessions *table;
    int minute;         /* local */
    int current;        /* index; -1 none */
    int next;           /* which follows; -1 none */
    int64_t changes_ms; /* when; 0 never */
};
void tx_sessions(const struct engine_tx *tx, struct tx_sessions *ret);
/* Danger commands ask back: remembers (action, args, user, chat) under the receipt's number for
 * ttl_ms and gives the confirmation id that the button carries. Single use, survives restarts. */
uint64_t tx_confirm_ask(struct engine_tx *tx, const struct command *c, int64_t ttl_ms);
/* A press: REASON_ACCEPTED and the remembered command's args (to act now), or CONFIRM_EXPIRED,
 * _USED, _FOREIGN. yes=false withdraws it. SECOND_NEEDED: another person has to press. */
enum reason tx_confirm_take(struct engine_tx *tx, const struct command *c, uint64_t confirm_id,
                            bool yes, char ret_args[COMMAND_ARGS_CAP]);
/* Could c's sender take it now? Changes nothing. */
enum reason tx_confirm_check(const struct engine_tx *tx, const struct command *c,
                             uint64_t confirm_id);

/* Questions of this person that lead to more than the role may do are used up; how many. */
int tx_disown(struct engine_tx *tx, int64_t user_id, enum role role);

/* Two-person approval. What was asked, as the second person and the requester are told it. */
#define TX_ACTION_TAG_CAP 5
struct tx_action {
    char name[COMMAND_NAME_CAP];
    char args[COMMAND_ARGS_CAP];
    char tag[TX_ACTION_TAG_CAP]; /* the first 16 bits of the hash over the exact action, hex */
    int64_t user_id, chat_id, thread_id; /* of the requester; 0: not from a chat */
    enum bot_id bot;
    enum lang lang;
    char user_name[USER_NAME_CAP];
};
/* The requester's yes: from now on for ttl_ms somebody else's is wanted. SECOND_NEEDED: so it is
 * already; else as tx_confirm_take(). */
enum reason tx_confirm_second(struct engine_tx *tx, const struct command *c, uint64_t confirm_id,
                              int64_t ttl_ms, struct tx_action *ret);
/* Somebody's yes or no under that: the question is used with it. Only a press of another person
 * than the requester, on exactly the action with this tag, is ACCEPTED. */
enum reason tx_confirm_approve(struct engine_tx *tx, const struct command *c, uint64_t confirm_id,
                               const char *tag, struct tx_action *ret);
/* One more message, beside the reply of the command. */
void tx_reply(struct engine_tx *tx, const struct reply *r);
void tx_event(struct engine_tx *tx, const struct event *e); /* time, cause are filled in */
void tx_receipt(struct engine_tx *tx, enum reason r, const char *text); /* default: ACCEPTED "" */
/* A state command given here is mirrored to the legacy process (event COMMAND_MIRROR), unless it
 * came from there. */
void tx_mirror(struct engine_tx *tx, const struct command *c);

#endif
