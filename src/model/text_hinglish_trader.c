/* Hinglish texts of traders: their states, errors in a row. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_trader[] = {
    {"event.trader_error", "🛑 <b>TRADER RUKA</b> {text}\nLagatar {number} errors ({reason}). "
                           "Naye trade ruke hain, exit chalte rahenge."},
    {"event.trader_recovered", "🟢 Trader {text} phir chal raha hai"},
    {"health.trader", "🤖 {trader}: {state} {since} · errors {errors}/{all}"},
    {"panic.scope", "Sirf trader {trader}; sab ko POST /emergency_stop rokta hai."},
    {"reason.TRADER_ERROR", "Broker par lagatar bahut errors: entry rukti hai."},
    {"status.trader", "🤖 {state} {since}"},
};
const size_t text_hinglish_trader_count = TR_ARRAY_SIZE(text_hinglish_trader);
