/* English texts of traders: their states, errors in a row. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_trader[] = {
    {"event.trader_error", "🛑 <b>TRADER STOPPED</b> {text}\n{number} errors in a row "
                           "({reason}). New trades wait, exits go on."},
    {"event.trader_recovered", "🟢 Trader {text} goes on"},
    {"health.trader", "🤖 {trader}: {state} {since} · errors {errors}/{all}"},
    {"panic.scope", "Trader {trader} alone; POST /emergency_stop stops all of them."},
    {"reason.TRADER_ERROR", "Too many errors at the broker in a row: entries wait."},
    {"status.trader", "🤖 {state} {since}"},
};
const size_t text_en_trader_count = TR_ARRAY_SIZE(text_en_trader);
