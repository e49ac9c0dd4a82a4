#include "plugins/legacy_v2/rules.h"

#define FLIP_AGE_MS (5 * 60 * 1000) /* EX-5 */

struct legacy_v2_trends legacy_v2_trends_of(const struct trends *t, const char *symbol)
{
    if (t == NULL)
        return (struct legacy_v2_trends){.d1 = SIDE_UNSET};
    return (struct legacy_v2_trends){.d1 = trends_side(t, symbol, TF_1D),
                                     .h1 = trends_side(t, symbol, TF_1H),
                                     .m15 = trends_side(t, symbol, TF_15M)};
}

int legacy_v2_logic(enum timeframe tf)
{
    if (tf == TF_5M)
        return 1;
    if (tf == TF_15M)
        return 2;
    return tf == TF_1H ? 3 : 0;
}

enum side legacy_v2_alignment(int logic, const struct legacy_v2_trends *t)
{
    TR_ASSERT(logic >= 1 && logic <= 3);
    enum side slow = logic == 3 ? t->d1 : t->h1;
    enum side fast = logic == 3 ? t->h1 : t->m15;
    return slow == fast ? slow : SIDE_UNSET;
}

bool legacy_v2_flip_closes(int logic, const struct legacy_v2_trends *t, enum side position,
                           int64_t age_ms)
{
    TR_ASSERT(position == SIDE_BUY || position == SIDE_SELL);
    return age_ms >= FLIP_AGE_MS && legacy_v2_alignment(logic, t) == side_opposite(position);
}

enum side legacy_v2_exit_side(bool bullish, bool pine)
{
    return bullish == pine ? SIDE_BUY : SIDE_SELL;
}
