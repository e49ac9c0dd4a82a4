/* engine/tx.h: what a command may read and change while it is applied. Engine thread only, inside
 * apply(). Every change is an output of the current input and is journaled with it. */
#ifndef TRIDENT_ENGINE_TX_H
#define TRIDENT_ENGINE_TX_H

#include "engine/engine.h"

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
    int64_t daily_cap_e8, lifetime_cap_e8;                    /* 0 = none */
    int daily_trades, daily_wins, total_trades, total_wins;   /* closed trades */
};
void tx_account(const struct engine_tx *tx, struct tx_account *ret);
struct tx_state {
    bool paused, panicked, entries_halted, broker_up;
    const char *mode;  /* shadow machine: "plugin_only" until issue C */
    int64_t paused_ms; /* since when; 0 */
    char paused_by[USER_NAME_CAP];
    int64_t started_ms; /* of this process; enters as a journaled input */
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
enum reason tx_setting_reset(struct engine_tx *tx, const struct command *c, const char *path);
/* A plugin that was switched off after failures may decide again. */
enum reason tx_plugin_forgive(struct engine_tx *tx, const char *plugin);
enum reason tx_close(struct engine_tx *tx, uint64_t position_cid, enum reason why);
/* Danger commands ask back: remembers (action, args, user, chat) under the receipt's number for
 * ttl_ms and gives the confirmation id that the button carries. Single use, survives restarts. */
uint64_t tx_confirm_ask(struct engine_tx *tx, const struct command *c, int64_t ttl_ms);
/* A press: REASON_ACCEPTED and the remembered command's args (to act now), or CONFIRM_EXPIRED,
 * _USED, _FOREIGN. yes=false withdraws it. */
enum reason tx_confirm_take(struct engine_tx *tx, const struct command *c, uint64_t confirm_id,
                            bool yes, char ret_args[COMMAND_ARGS_CAP]);
void tx_event(struct engine_tx *tx, const struct event *e); /* time, cause are filled in */
void tx_receipt(struct engine_tx *tx, enum reason r, const char *text); /* default: ACCEPTED "" */
/* A state command given here is mirrored to the legacy process (event COMMAND_MIRROR). */
void tx_mirror(struct engine_tx *tx, const struct command *c);

#endif
