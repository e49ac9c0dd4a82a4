#include "plugins/combined_v3/rules.h"

int v3_route(enum signal_kind kind, enum timeframe tf, enum reason *ret_why)
{
    bool screener =
        kind == SIGNAL_V3_SCREENER_FULL_BULLISH || kind == SIGNAL_V3_SCREENER_FULL_BEARISH;
    bool high_pocket = kind == SIGNAL_V3_GOLDEN_POCKET_FLIP && (tf == TF_1H || tf == TF_4H);
    *ret_why = REASON_TIMEFRAME_ROUTING;
    if (screener || high_pocket) {
        *ret_why = REASON_SIGNAL_OVERRIDE;
        return 3;
    }
    if (tf == TF_5M)
        return 1;
    return tf == TF_1H || tf == TF_4H ? 3 : 2;
}

const char *v3_route_name(int logic)
{
    static const char *const names[] = {"", "LOGIC1", "LOGIC2", "LOGIC3"};
    TR_ASSERT(logic >= 1 && logic <= 3);
    return names[logic];
}

int v3_strength(const struct signal *s, bool raw)
{
    TR_ASSERT(s->score >= 0 && s->score <= 9);
    return raw || s->side == SIDE_BUY ? s->score : 9 - s->score;
}

int v3_mtf_aligned(const struct signal *s)
{
    int aligned = 0;
    if (s->mtf_count == 0)
        return -1;
    TR_ASSERT(s->mtf_count == 5 || s->mtf_count == 6);
    /* Five values come 1d, 4h, 1h, 15m, 5m; six 1m, 5m, 15m, 1h, 4h, 1d: the pillars are four in a
     * row. */
    int first = s->mtf_count == 5 ? 0 : 2;
    for (int i = first; i < first + 4; i++)
        aligned += s->mtf[i] == side_sign(s->side);
    return aligned;
}

bool v3_is_aggressive(enum signal_kind kind, int strength)
{
    return kind == SIGNAL_V3_LIQUIDITY_TRAP_REVERSAL || kind == SIGNAL_V3_GOLDEN_POCKET_FLIP ||
           kind == SIGNAL_V3_SCREENER_FULL_BULLISH || kind == SIGNAL_V3_SCREENER_FULL_BEARISH ||
           strength >= 7;
}
