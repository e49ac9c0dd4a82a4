/* English texts of the risk gate and of the old bot's exits. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_en_risk[] = {
    {"reason.ABOVE_RECOMMENDED", "Larger than the recommended size."},
    {"reason.CONCENTRATION_LIMIT", "Too much of the account in one symbol."},
    {"reason.DAILY_DRAWDOWN", "The day's drawdown has reached its limit."},
    {"reason.DRAWDOWN_LIMIT", "The drawdown has reached its limit."},
    {"reason.EXIT_APPEARED_BEARISH", "A bearish exit has appeared."},
    {"reason.EXIT_APPEARED_BULLISH", "A bullish exit has appeared."},
    {"reason.LEVERAGE_LIMIT", "The positions together use too much leverage."},
    {"reason.LOTS_REDUCED", "Fewer lots, so that the day's loss cap holds."},
    {"reason.OPPOSITE_SIGNAL_BUY", "A buy entry came against it."},
    {"reason.OPPOSITE_SIGNAL_SELL", "A sell entry came against it."},
    {"reason.ORDER_TOO_LARGE", "The order is larger than allowed."},
    {"reason.ORDER_TOO_SMALL", "The order is smaller than allowed."},
    {"reason.PORTFOLIO_EXPOSURE", "All positions together are worth too much."},
    {"reason.PRICE_BREAKER", "The price moved too far too fast; entries wait."},
    {"reason.REVERSAL_BEARISH", "A bearish reversal alert."},
    {"reason.REVERSAL_BULLISH", "A bullish reversal alert."},
    {"reason.RISK_HALTED", "Halted by drawdown; a person has to acknowledge it."},
    {"reason.RISK_TOO_HIGH", "The order risks more than allowed."},
    {"reason.TOTAL_RISK", "All stops together risk more than allowed."},
    {"reason.WEEKLY_DRAWDOWN", "The week's drawdown has reached its limit."},
};
/* clang-format on */
const size_t text_en_risk_count = TR_ARRAY_SIZE(text_en_risk);
