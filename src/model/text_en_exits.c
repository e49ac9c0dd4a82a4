/* English texts of stops that move, closes by rule, and trading sessions. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_en_exits[] = {
    {"event.modify_failed", "⚠️ <b>STOP NOT MOVED {symbol} {lots}</b>\n{reason_html}"},
    {"event.session_changed", "🕐 <b>Session: {text}</b>"},
    {"event.session_notice", "🕐 <b>{text}</b>\nBegins in {number} min"},
    {"reason.BREAK_EVEN", "Stop moved to the entry price."},
    {"reason.CHANGED_AT_BROKER", "The stop was changed at the broker."},
    {"reason.MANUAL_CHANGE", "Changed by hand."},
    {"reason.PROFIT_LOCK", "Stop moved beyond the entry: profit is locked."},
    {"reason.SESSION", "Closed for the dead zone between the sessions."},
    {"reason.SESSION_CLOSED", "This symbol is not traded in the present session."},
    {"reason.STOP_LOST", "The stop was missing at the broker and is set again."},
    {"reason.TIME_EXIT", "Open for the longest time allowed."},
    {"reason.TRAILING_STOP", "The stop follows the price."},
    {"reason.TREND_REVERSAL", "The trends have turned against it."},
    {"reason.TREND_REVERSAL_BEARISH", "The trend has turned bearish."},
    {"reason.TREND_REVERSAL_BULLISH", "The trend has turned bullish."},
    {"reason.V3_EXIT", "Exit alert of V3."},
    {"reason.V6_EXIT", "Exit alert of V6."},
    {"why.price", "Watched price reached: {symbol} {bid} / {ask}"},
};
/* clang-format on */
const size_t text_en_exits_count = TR_ARRAY_SIZE(text_en_exits);
