/* Hinglish texts of price_action_v6 and of the trend store. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_hinglish_v6[] = {
    {"event.trend_manual_set", "📐 <b>TREND SET {symbol} {tf}</b>\n{text}"},
    {"reason.ADX_MISSING", "ADX nahi mila."},
    {"reason.ADX_TOO_LOW", "ADX kam hai."},
    {"reason.CONFIDENCE_TOO_LOW", "Confidence kam hai."},
    {"reason.MARKET_STATE", "Market sideways hai."},
    {"reason.MOMENTUM_FALLING", "Momentum badh nahi raha."},
    {"reason.PULSE_NOT_ALIGNED", "Trend pulse iske khilaf hai."},
    {"reason.SPREAD_TOO_WIDE", "Spread zyada hai."},
    {"reason.STATE_REVERSAL", "Market state palat gaya."},
    {"reason.TIMEFRAME_DISABLED", "Yeh timeframe band hai."},
};
/* clang-format on */
const size_t text_hinglish_v6_count = TR_ARRAY_SIZE(text_hinglish_v6);
