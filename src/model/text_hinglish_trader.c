/* Hinglish texts of traders: their states, errors in a row, times of sessions. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_trader[] = {
    {"button.end_earlier", "End −30"},
    {"button.end_later", "End +30"},
    {"button.session", "🕰 Sessions"},
    {"button.session_time", "🕓 {value}"},
    {"button.session_times", "🕓 Time"},
    {"button.start_earlier", "Shuru −30"},
    {"button.start_later", "Shuru +30"},
    {"event.trader_error",
     "🛑 <b>TRADER RUKA</b> {text}\nLagatar {number} errors ({reason_html}). "
     "Naye trade ruke hain, exit chalte rahenge."},
    {"event.trader_recovered", "🟢 Trader {text} phir chal raha hai"},
    {"health.trader", "🤖 {trader}: {state} {since} · errors {errors}/{all}"},
    {"help.session_time", "Session ko 30 min khiskana"},
    {"menu.do.session_time", "🕓 Time …"},
    {"panic.scope", "Sirf trader {trader}; sab ko POST /emergency_stop rokta hai."},
    {"reason.TRADER_ERROR", "Broker par lagatar bahut errors: entry rukti hai."},
    {"session_time.empty", "Phir shuru aur end ek hi hote: kuch nahi badla."},
    {"session_time.item", "🕓 {name} <b>{from}–{to}</b>"},
    {"session_time.moved", "✅ Khiska diya."},
    {"session_time.same", "Pehle se aisa hi hai."},
    {"status.trader", "🤖 {state} {since}"},
};
const size_t text_hinglish_trader_count = TR_ARRAY_SIZE(text_hinglish_trader);
