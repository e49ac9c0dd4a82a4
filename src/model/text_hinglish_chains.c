/* Hinglish texts of re-entry and profit-booking chains: events and reasons. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_hinglish_chains[] = {
    {"event.chain_advanced",
     "📈 <b>PROFIT CHAIN {symbol} level {number}</b> · {route}\nHar order {lots}, "
     "book hua {profit}"},
    {"event.chain_blocked", "⚪ <b>{symbol} abhi re-entry nahi</b>\n{reason_html}{numbers_html}"},
    {"event.chain_completed", "🏆 <b>PROFIT CHAIN {symbol} poori hui</b> · {route}\n{profit}"},
    {"event.chain_state", "{symbol} {text}"},
    {"event.chain_stopped", "⏹ <b>CHAIN {symbol} ruk gayi</b> · {profit}\n{reason_html}"},
    {"event.exit_continuation",
     "↪️ <b>Exit ke baad RE-ENTRY {symbol} {lots}</b>\n{side} @ {entry}{levels_html}"},
    {"event.profit_booking", "<b>💰 BOOKED {symbol} {lots}</b> · {route}\n{result_html}"},
    {"event.recovery_failed", "❌ <b>RECOVERY FAIL {symbol}</b>\n{reason_html}"},
    {"event.recovery_success", "✅ <b>RECOVERED {symbol} {lots}</b> · {profit}\nLevel {number}"},
    {"event.recovery_timeout", "⌛ <b>RECOVERY nahi {symbol}</b>\nPrice wapas nahi aaya."},
    {"event.reverse_shield_activated",
     "🛡 <b>SHIELD {symbol}</b>\n{side} 2 × {lots} @ {entry}{levels_html}"},
    {"event.sl_hunt_activated",
     "🎣 <b>SL HUNT {symbol}</b>\n{entry} par re-entry, {number} minute ke andar."},
    {"event.sl_hunt_recovery",
     "🎣 <b>RECOVERY {symbol} {lots}</b>\n{side} @ {entry}{levels_html}"},
    {"event.tp_continuation",
     "🔁 <b>AAGE BADHA {symbol} {lots}</b> · level {number}\n{side} @ {entry}{levels_html}"},
    {"event.tp_reentry_started",
     "🔁 <b>TARGET HIT {symbol}</b>\nTrend bana raha to level {number}, {entry} par."},
    {"reason.CHAINS_FULL", "Bahut saari chains khuli hain."},
    {"reason.CHAIN_LOSS", "Chain ka ek order loss mein gaya aur wapas nahi aaya."},
    {"reason.CHAIN_MAX_LEVEL", "Chain sabse upar ke level par hai."},
    {"reason.CHAIN_NOT_FOUND", "Aisi koi chain nahi hai."},
    {"reason.CHAIN_STALE", "Chain ke orders broker ke paas nahi rahe."},
    {"reason.LEVEL_DISABLED", "Agla level band hai."},
    {"reason.PROFIT_BOOKED", "Profit book ho gaya."},
    {"reason.PROFIT_PROTECTION", "Chain ka profit bachaya gaya."},
    {"reason.RECOVERY_ATTEMPTS", "Aaj ke recovery attempts poore ho gaye."},
    {"reason.RECOVERY_CONCURRENT", "Itni recovery pehle se chal rahi hain."},
    {"reason.RECOVERY_LOSSES", "Aaj bahut recovery loss mein gayi."},
    {"reason.RECOVERY_LOST", "Recovery trade loss mein gaya."},
    {"reason.RECOVERY_TIMEOUT", "Price time par wapas nahi aaya."},
    {"reason.RECOVERY_WAIT", "Safety limit ke baad recovery ruki hai."},
    {"reason.RE_ENTRY_OFF", "Re-entry band hai."},
    {"reason.SHIELD_KILL", "Price wapas aa gaya: shield close."},
    {"reason.TREND_NOT_ALIGNED", "Trend ulta hai."},
};
/* clang-format on */
const size_t text_hinglish_chains_count = TR_ARRAY_SIZE(text_hinglish_chains);
