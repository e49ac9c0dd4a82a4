/* engine/trends.h: who writes the store of pulses and trends (model/trends.h) in the engine's
 * state: alerts as they are applied, and people who set a trend by hand. Engine thread, inside
 * apply(). */
#ifndef TRIDENT_ENGINE_TRENDS_H
#define TRIDENT_ENGINE_TRENDS_H

#include "engine/tx.h"
#include "model/trends.h"

/* What an alert says about directions, whatever is decided about trading it: V6 pulse, state and
 * momentum; the trend of legacy bias and trend alerts; the four pillars of V3's mtf values (P-4).
 */
void trends_on_signal(struct trends *t, const struct signal *s, int64_t now_ms);

/* ---- commands ---- */
const struct trends *tx_trends(const struct engine_tx *tx);
/* A person sets the trend (side UNSET: neutral) and holds it against alerts. ARGUMENT_INVALID: no
 * such symbol or timeframe; ALREADY_DONE: held at this value. */
enum reason tx_trend_set(struct engine_tx *tx, const struct command *c, const char *symbol,
                         enum timeframe tf, enum side side);
/* Gives it back to the alerts (AUTO). ALREADY_DONE: nobody holds it. */
enum reason tx_trend_auto(struct engine_tx *tx, const struct command *c, const char *symbol,
                          enum timeframe tf);

#endif
