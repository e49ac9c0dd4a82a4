/* English texts of traders: their states, errors in a row, times of sessions. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_trader[] = {
    {"button.end_earlier", "End −30"},
    {"button.end_later", "End +30"},
    {"button.session", "🕰 Sessions"},
    {"button.session_time", "🕓 {value}"},
    {"button.session_times", "🕓 Times"},
    {"button.start_earlier", "Begin −30"},
    {"button.start_later", "Begin +30"},
    {"event.trader_error", "🛑 <b>TRADER STOPPED</b> {text}\n{number} errors in a row "
                           "({reason_html}). New trades wait, exits go on."},
    {"event.trader_recovered", "🟢 Trader {text} goes on"},
    {"health.trader", "🤖 {trader}: {state} {since} · errors {errors}/{all}"},
    {"help.session_time", "Move a session by 30 min"},
    {"menu.do.session_time", "🕓 Times …"},
    {"panic.scope", "Trader {trader} alone; POST /emergency_stop stops all of them."},
    {"reason.TRADER_ERROR", "Too many errors at the broker in a row: entries wait."},
    {"session_time.empty", "Then it would begin as it ends: not changed."},
    {"session_time.item", "🕓 {name} <b>{from}–{to}</b>"},
    {"session_time.moved", "✅ Moved."},
    {"session_time.same", "It is so already."},
    {"status.trader", "🤖 {state} {since}"},
};
const size_t text_en_trader_count = TR_ARRAY_SIZE(text_en_trader);
