/* English texts of price_action_v6 and of the trend store. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_en_v6[] = {
    {"event.trend_manual_set", "📐 <b>TREND SET {symbol} {tf}</b>\n{text}"},
    {"reason.ADX_MISSING", "ADX is missing."},
    {"reason.ADX_TOO_LOW", "ADX is too low."},
    {"reason.CONFIDENCE_TOO_LOW", "Confidence is too low."},
    {"reason.MARKET_STATE", "The market moves sideways."},
    {"reason.MOMENTUM_FALLING", "Momentum is not rising."},
    {"reason.PULSE_NOT_ALIGNED", "The trend pulse is against it."},
    {"reason.SPREAD_TOO_WIDE", "The spread is too wide."},
    {"reason.STATE_REVERSAL", "The market state turned."},
    {"reason.TIMEFRAME_DISABLED", "This timeframe is switched off."},
};
/* clang-format on */
const size_t text_en_v6_count = TR_ARRAY_SIZE(text_en_v6);
