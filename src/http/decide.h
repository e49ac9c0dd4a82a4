/* http/decide.h: what would be decided about an alert, without trading. `trident decide`, POST
 * /api/v1/decide and /whatif share it. The way is the live one: signals/parse, then the engine's
 * signals_decide() on an engine_state built for this one question, then decision_to_json(). Nothing
 * is journaled, no engine is asked. Any thread, one question per object.
 *
 * POST /api/v1/decide (admin token) takes {"alert": text or object, "state": {...}}, or the alert
 * alone as the webhook does; ?trader= whose settings, ?plugin=, ?symbol=. It supposes what the
 * request says, and the trader's modes: its present positions belong to its engine thread. Where
 * the modes let a strategy only watch and nobody inside trades, the answer is its word with its
 * figures as a skip, SHADOW_ONLY.
 *
 * The state is a JSON object, every key optional:
 *   now            RFC 3339; the clock when absent
 *   balance, base_lot, daily_loss, lifetime_loss: decimals, as strings or numbers; paused
 *   prices         {SYMBOL: {bid, ask}}; without one the alert's own price is the market
 *   spread_pips    {SYMBOL: pips}: instead of that of prices; where the entry is stays
 *   open           [{symbol, side, lots, entry, sl, tp, opened_at, chain, level, plugin, route}];
 *                  symbol and side are needed; the n-th is number n in "closes"; lots default to
 *                  base_lot, entry to the market, plugin to the one that is asked, route to any;
 *                  each is a trade of its own unless chains are named
 *   pulse, trends  {SYMBOL: {TF: {bull, bear, state}}}, {SYMBOL: {TF: BULLISH|BEARISH|NEUTRAL}}
 *   seen           [{alert: text or object, at}], or alert objects with "at" among their fields
 *   plugins        {id: {...}}: the names of traders[].plugins.<id> in the configuration
 *   mode           who decides and who trades (engine/shadow.h): a word for everything, {plugin:
 *                  word}, or {plugin: {route: word}}; phase: a word (model/phase.h)
 * level is checked and not used. A plugin named by ?plugin= or --plugin answers even when its
 * configuration has it switched off or in shadow mode. One that is a program of its own is not
 * started here: PLUGIN_NOT_ASKED. */
#ifndef TRIDENT_HTTP_DECIDE_H
#define TRIDENT_HTTP_DECIDE_H

#include "conf/conf.h"
#include "engine/settings.h"
#include "model/decision.h"

#define DECIDE_STATE_MAX_BYTES (1024 * 1024)

struct decide;

/* Copies t: the settings in force, and the balance where the state names none. */
struct decide *decide_new(const struct conf_trader *t, int64_t now_ms);
struct decide *decide_free(struct decide *d); /* accepts NULL, returns NULL */
/* The modes and the phase in force at the trader; before a plugin is chosen or a state is read. */
struct view_board;
void decide_modes(struct decide *d, struct view_board *view);

/* Asks under this state and these options as they stand, not under what decide_new() and a state
 * suppose. Both outlive the question; the thread that owns them. */
struct engine_state;
struct engine_options;
void decide_by(struct decide *d, const struct engine_state *s, const struct engine_options *opt);

/* Each returns false when the question cannot be asked; decide_error_json() then says why. */
TR_MUST_USE bool decide_only_plugin(struct decide *d, const char *id);
TR_MUST_USE bool decide_state(struct decide *d, const char *json, size_t len); /* all at once */
/* symbol: for an alert that names none; NULL = the trader's default. ret_signal: as understood. */
TR_MUST_USE bool decide_alert(struct decide *d, const char *body, size_t len, const char *symbol,
                              struct signal *ret_signal, struct decision *ret);

/* {"alert": ..., "state": {...}}, or the alert alone as the webhook takes it. */
TR_MUST_USE bool decide_question(struct decide *d, const char *body, size_t len, const char *symbol,
                                 struct signal *ret_signal, struct decision *ret);
/* Does the text bring its own state? */
bool decide_is_stated(const char *body, size_t len);
/* A trader's settings in force: the file's with what people changed on top. */
void decide_in_force(const struct conf_trader *file, const struct settings *changed,
                     struct conf_trader *ret);

/* {"error": code, "field", "value", "accepted"} of the first problem, and "problems": all of them
 * when there are several. */
void decide_error_json(const struct decide *d, struct buf *out);
const struct conf_problems *decide_problems(const struct decide *d);

#endif
