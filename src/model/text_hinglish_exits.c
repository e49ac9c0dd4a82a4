/* Hinglish texts of stops that move, closes by rule, and trading sessions. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_hinglish_exits[] = {
    {"event.modify_failed", "⚠️ <b>STOP NAHI HILA {symbol} {lots}</b>\n{reason_html}"},
    {"event.session_changed", "🕐 <b>Session ab: {text}</b>"},
    {"event.session_notice", "🕐 <b>{text}</b>\nShuru: {number} min mein"},
    {"reason.BREAK_EVEN", "Stop entry price par laya gaya."},
    {"reason.CHANGED_AT_BROKER", "Stop broker par badla gaya."},
    {"reason.MANUAL_CHANGE", "Haath se badla gaya."},
    {"reason.PROFIT_LOCK", "Stop entry se aage: profit lock ho gaya."},
    {"reason.SESSION", "Sessions ke beech ke dead zone ke liye close kiya."},
    {"reason.SESSION_CLOSED", "Is session mein yeh symbol trade nahi hota."},
    {"reason.STOP_LOST", "Stop broker par nahi tha, dobara lagaya gaya."},
    {"reason.TIME_EXIT", "Jitni der khula reh sakta tha, utna raha."},
    {"reason.TRAILING_STOP", "Stop price ke peeche chalta hai."},
    {"reason.TREND_REVERSAL", "Trend ulta ho gaya."},
    {"reason.TREND_REVERSAL_BEARISH", "Trend bearish ho gaya."},
    {"reason.TREND_REVERSAL_BULLISH", "Trend bullish ho gaya."},
    {"reason.V3_EXIT", "V3 ka exit alert."},
    {"reason.V6_EXIT", "V6 ka exit alert."},
    {"why.price", "Jis price ka intezaar tha: {symbol} {bid} / {ask}"},
};
/* clang-format on */
const size_t text_hinglish_exits_count = TR_ARRAY_SIZE(text_hinglish_exits);
