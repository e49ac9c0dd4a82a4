/* Hinglish texts of the risk gate and of the old bot's exits. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_hinglish_risk[] = {
    {"reason.ABOVE_RECOMMENDED", "Sujhaye gaye size se bada hai."},
    {"reason.CONCENTRATION_LIMIT", "Ek hi symbol mein account ka bahut bada hissa."},
    {"reason.DAILY_DRAWDOWN", "Aaj ka drawdown limit tak pahunch gaya."},
    {"reason.DRAWDOWN_LIMIT", "Drawdown limit tak pahunch gaya."},
    {"reason.EXIT_APPEARED_BEARISH", "Bearish exit aa gaya."},
    {"reason.EXIT_APPEARED_BULLISH", "Bullish exit aa gaya."},
    {"reason.LEVERAGE_LIMIT", "Sab positions milkar bahut zyada leverage."},
    {"reason.LOTS_REDUCED", "Kam lots, taaki aaj ki loss limit bani rahe."},
    {"reason.OPPOSITE_SIGNAL_BUY", "Iske khilaaf buy entry aayi."},
    {"reason.OPPOSITE_SIGNAL_SELL", "Iske khilaaf sell entry aayi."},
    {"reason.ORDER_TOO_LARGE", "Order allowed size se bada hai."},
    {"reason.ORDER_TOO_SMALL", "Order allowed size se chhota hai."},
    {"reason.PORTFOLIO_EXPOSURE", "Sab positions milkar bahut badi ho gayi."},
    {"reason.PRICE_BREAKER", "Price bahut tezi se hila; entries ruki hain."},
    {"reason.REVERSAL_BEARISH", "Bearish reversal alert."},
    {"reason.REVERSAL_BULLISH", "Bullish reversal alert."},
    {"reason.RISK_HALTED", "Drawdown se ruka; kisi ko manzoori deni hogi."},
    {"reason.RISK_TOO_HIGH", "Order allowed se zyada risk leta hai."},
    {"reason.TOTAL_RISK", "Sab stops milkar allowed se zyada risk."},
    {"reason.WEEKLY_DRAWDOWN", "Is hafte ka drawdown limit tak pahunch gaya."},
};
/* clang-format on */
const size_t text_hinglish_risk_count = TR_ARRAY_SIZE(text_hinglish_risk);
