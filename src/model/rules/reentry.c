/* model/rules/reentry.c: see reentry.h. Tables first, then one function a rule, in the order of the
 * header. Everything is whole numbers: percents in hundredths, money and prices in 1e-8, products
 * in 128 bits (model/decimal.h). */
#include "model/rules/reentry.h"

#include <string.h>

#define PIP                 DEC_ONE
#define HUNDREDTH           (DEC_ONE / 100)
#define MS_PER_MINUTE       INT64_C(60000)
#define WINDOW_DEFAULT_MIN  30
#define ADAPTIVE_DEFAULT    30
#define FLOOR_PIPS_E8       (10 * PIP)
#define LAST_CURVED_LEVEL   5
#define SHIELD_THRESHOLD_E8 (7 * (DEC_ONE / 10))

struct symbol_number {
    const char *symbol;
    int number;
};

static const struct symbol_number config_windows[] = {
    {"XAUUSD", 15}, {"EURUSD", 30}, {"GBPUSD", 30}, {"USDJPY", 30}, {"GBPJPY", 10}, {"AUDJPY", 10},
};
static const struct symbol_number monitor_windows[] = {
    {"XAUUSD", 15}, {"BTCUSD", 12}, {"XAGUSD", 18}, {"ETHUSD", 15}, {"GBPJPY", 20}, {"GBPUSD", 22},
    {"AUDJPY", 20}, {"NZDJPY", 20}, {"EURUSD", 30}, {"USDJPY", 28}, {"AUDUSD", 30}, {"NZDUSD", 30},
    {"USDCAD", 28}, {"EURJPY", 25}, {"EURGBP", 30}, {"USDCHF", 35}, {"EURCHF", 40}, {"AUDNZD", 40},
    {"AUDCAD", 35}, {"EURCAD", 35}, {"GBPAUD", 30}, {"GBPNZD", 30},
};
static const struct symbol_number service_windows[] = {
    {"EURUSD", 30}, {"GBPUSD", 20}, {"USDJPY", 25}, {"XAUUSD", 15}, {"AUDUSD", 30}, {"USDCAD", 30},
};
static const struct symbol_number adaptive_percents[] = {
    {"XAUUSD", 35}, {"EURUSD", 25}, {"GBPJPY", 38}, {"BTCUSD", 40}, {"USDJPY", 22},
    {"AUDUSD", 28}, {"NZDUSD", 28}, {"USDCAD", 26}, {"XAGUSD", 36}, {"GBPUSD", 32},
    {"EURGBP", 27}, {"EURJPY", 30}, {"AUDJPY", 33}, {"NZDJPY", 33}, {"USDCHF", 24},
    {"EURCHF", 22}, {"GBPAUD", 31}, {"GBPNZD", 31}, {"AUDCAD", 27}, {"AUDNZD", 23},
};

static int find_number(const struct symbol_number *table, size_t count, const char *symbol,
                       int otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].symbol, symbol) == 0)
            return table[i].number;
    return otherwise;
}

/* ---- SL hunt recovery ---- */

int64_t reentry_hunt_level_e8(enum reentry_hunt variant, const struct symbol_info *info,
                              const struct reentry_trade *t, int64_t param_e8)
{
    int sign = side_sign(t->side);
    int64_t back_e8 = 0;
    TR_ASSERT(sign != 0);
    TR_ASSERT((t->entry_e8 - t->sl_e8) * sign > 0);
    TR_ASSERT(param_e8 >= 0);
    switch (variant) {
    case REENTRY_HUNT_SEVENTY_PERCENT:
        back_e8 = dec_mul(dec_abs(t->entry_e8 - t->sl_e8), param_e8, DEC_UP);
        break;
    case REENTRY_HUNT_PRICE_MONITOR:
    case REENTRY_HUNT_WINDOW_MONITOR:
        back_e8 = dec_mul(param_e8, info->pip_size_e8, DEC_UP);
        break;
    case REENTRY_HUNT_UNSET:
    case REENTRY_HUNT_COUNT:
        TR_ASSERT(false);
    }
    return dec_to_step(t->sl_e8 + sign * back_e8, symbol_tick_e8(info),
                       sign > 0 ? DEC_UP : DEC_DOWN);
}

bool reentry_is_reached(enum side side, int64_t price_e8, int64_t level_e8)
{
    TR_ASSERT(side_sign(side) != 0);
    return side == SIDE_BUY ? price_e8 >= level_e8 : price_e8 <= level_e8;
}

int64_t reentry_tight_sl_pips_e8(int64_t applied_pips_e8, int64_t multiplier_e8)
{
    TR_ASSERT(applied_pips_e8 > 0);
    return dec_mul(applied_pips_e8, multiplier_e8, DEC_HALF_AWAY);
}

int reentry_window_min(enum reentry_windows table, const char *symbol, int otherwise_min)
{
    switch (table) {
    case REENTRY_WINDOWS_CONFIG:
        return find_number(config_windows, TR_ARRAY_SIZE(config_windows), symbol, otherwise_min);
    case REENTRY_WINDOWS_MONITOR:
        return find_number(monitor_windows, TR_ARRAY_SIZE(monitor_windows), symbol,
                           WINDOW_DEFAULT_MIN);
    case REENTRY_WINDOWS_SERVICE:
        return find_number(service_windows, TR_ARRAY_SIZE(service_windows), symbol,
                           WINDOW_DEFAULT_MIN);
    case REENTRY_WINDOWS_ROUTE:
    case REENTRY_WINDOWS_UNSET:
    case REENTRY_WINDOWS_COUNT:
        break;
    }
    TR_ASSERT(table == REENTRY_WINDOWS_ROUTE);
    return otherwise_min;
}

bool reentry_window_is_open(int64_t hit_ms, int64_t now_ms, int window_min)
{
    TR_ASSERT(now_ms >= hit_ms);
    return now_ms - hit_ms <= window_min * MS_PER_MINUTE;
}

/* ---- stop of the next level ---- */

int64_t reentry_compound_pips_e8(int64_t base_pips_e8, int level, int64_t reduction_e8)
{
    int64_t pips_e8 = base_pips_e8;
    TR_ASSERT(base_pips_e8 > 0 && level >= 0);
    TR_ASSERT(reduction_e8 >= 0 && reduction_e8 < DEC_ONE);
    for (int i = 0; i < level; i++)
        pips_e8 = dec_mul(pips_e8, DEC_ONE - reduction_e8, DEC_HALF_AWAY);
    return pips_e8;
}

int64_t reentry_autonomous_pips_e8(int64_t applied_pips_e8)
{
    TR_ASSERT(applied_pips_e8 > 0);
    return dec_to_step(dec_muldiv(applied_pips_e8, 7, 10, DEC_DOWN), PIP, DEC_DOWN);
}

int reentry_reduction_percent(enum reentry_reduction mode, const char *symbol)
{
    switch (mode) {
    case REENTRY_REDUCTION_AGGRESSIVE:
        return 40;
    case REENTRY_REDUCTION_BALANCED:
    case REENTRY_REDUCTION_LEGACY:
    case REENTRY_REDUCTION_AUTONOMOUS:
        return 30;
    case REENTRY_REDUCTION_CONSERVATIVE:
        return 20;
    case REENTRY_REDUCTION_ADAPTIVE:
        return find_number(adaptive_percents, TR_ARRAY_SIZE(adaptive_percents), symbol,
                           ADAPTIVE_DEFAULT);
    case REENTRY_REDUCTION_LINEAR:
        return 10;
    case REENTRY_REDUCTION_UNSET:
    case REENTRY_REDUCTION_COUNT:
        break;
    }
    TR_ASSERT(false && "a known mode");
    return 0;
}

int64_t reentry_optimizer_pips_e8(int64_t base_pips_e8, int percent, int next_level)
{
    TR_ASSERT(base_pips_e8 > 0 && next_level >= 1);
    TR_ASSERT(percent >= 0 && percent < 100);
    int64_t pips_e8 =
        next_level > LAST_CURVED_LEVEL
            ? dec_muldiv(base_pips_e8, 2, 10, DEC_HALF_AWAY)
            : reentry_compound_pips_e8(base_pips_e8, next_level - 1, percent * HUNDREDTH);
    pips_e8 = dec_to_step(pips_e8, HUNDREDTH, DEC_HALF_AWAY);
    return pips_e8 < FLOOR_PIPS_E8 ? FLOOR_PIPS_E8 : pips_e8;
}

int64_t reentry_linear_sl_factor_e8(int level)
{
    TR_ASSERT(level >= 0);
    return DEC_ONE - (level < 5 ? level : 5) * (DEC_ONE / 10);
}

int64_t reentry_linear_lot_factor_e8(int level)
{
    TR_ASSERT(level >= 0);
    int64_t factor_e8 = DEC_ONE - (int64_t)level * (DEC_ONE / 10);
    return factor_e8 > DEC_ONE / 2 ? factor_e8 : DEC_ONE / 2;
}

/* ---- trend ---- */

static __int128 sum_closes(const struct reentry_candle *newest, int count)
{
    __int128 sum = 0;
    for (int i = 0; i < count; i++)
        sum += newest[-i].close_e8;
    return sum;
}

static int compare(__int128 a, __int128 b)
{
    return a > b ? 1 : a < b ? -1 : 0;
}

int reentry_trend_score(const struct reentry_candle *candles, size_t count)
{
    TR_ASSERT(count >= REENTRY_CANDLES_MIN);
    const struct reentry_candle *last = &candles[count - 1];
    /* SMA7 > SMA14 without dividing */
    int score = compare(2 * sum_closes(last, 7), sum_closes(last, 14));
    score += compare(last->close_e8, last[-1].close_e8);
    int64_t high_e8 = last[-1].high_e8, low_e8 = last[-1].low_e8;
    for (int i = 2; i <= 4; i++) {
        high_e8 = last[-i].high_e8 > high_e8 ? last[-i].high_e8 : high_e8;
        low_e8 = last[-i].low_e8 < low_e8 ? last[-i].low_e8 : low_e8;
    }
    score += last->high_e8 >= high_e8;
    score -= last->low_e8 <= low_e8;
    return score;
}

enum side reentry_trend_side(int score)
{
    return score >= 2 ? SIDE_BUY : score <= -2 ? SIDE_SELL : SIDE_UNSET;
}

/* ---- exit continuation ---- */

struct reentry_exit_plan reentry_exit_plan(enum reentry_exit variant,
                                           const struct symbol_info *info, enum side side,
                                           int64_t exit_e8)
{
    bool is_engine = variant == REENTRY_EXIT_ENGINE;
    TR_ASSERT(side_sign(side) != 0);
    TR_ASSERT(is_engine || variant == REENTRY_EXIT_AUTONOMOUS);
    struct reentry_exit_plan p = {
        .side = is_engine ? side_opposite(side) : side,
        .window_s = is_engine ? 30 : 60,
    };
    int64_t gap_e8 = (is_engine ? 20 : 2) * info->pip_size_e8;
    p.level_e8 = exit_e8 + side_sign(p.side) * gap_e8;
    return p;
}

/* ---- profit protection ---- */

bool reentry_protection_allows(const struct reentry_protection_case *c, int64_t *ret_limit_e8)
{
    static const struct {
        int64_t factor_e8, threshold_e8;
    } modes[REENTRY_PROTECT_COUNT] = {
        [REENTRY_PROTECT_AGGRESSIVE] = {7 * DEC_ONE / 2, 15 * DEC_ONE},
        [REENTRY_PROTECT_BALANCED] = {6 * DEC_ONE, 20 * DEC_ONE},
        [REENTRY_PROTECT_CONSERVATIVE] = {9 * DEC_ONE, 30 * DEC_ONE},
        [REENTRY_PROTECT_VERY_CONSERVATIVE] = {15 * DEC_ONE, 50 * DEC_ONE},
    };
    *ret_limit_e8 = DEC_NONE;
    switch (c->semantics) {
    case REENTRY_PROTECTION_OFF:
        return true;
    case REENTRY_PROTECTION_AUTONOMOUS:
        *ret_limit_e8 = 5 * c->loss_e8;
        return c->profit_e8 <= *ret_limit_e8;
    case REENTRY_PROTECTION_MANAGER:
        TR_ASSERT(c->mode > REENTRY_PROTECT_UNSET && c->mode < REENTRY_PROTECT_COUNT);
        *ret_limit_e8 = modes[c->mode].threshold_e8;
        if (c->profit_e8 < *ret_limit_e8)
            return true;
        *ret_limit_e8 = dec_mul(modes[c->mode].factor_e8, c->loss_e8, DEC_HALF_AWAY);
        return c->profit_e8 > *ret_limit_e8;
    case REENTRY_PROTECTION_SESSION:
        *ret_limit_e8 = c->session_stop_e8;
        return c->profit_e8 < *ret_limit_e8;
    case REENTRY_PROTECTION_UNSET:
    case REENTRY_PROTECTION_COUNT:
        break;
    }
    TR_ASSERT(false && "known semantics");
    return false;
}

int64_t reentry_assumed_loss_e8(const struct symbol_info *info, int64_t sl_pips_e8)
{
    return dec_muldiv(dec_mul(sl_pips_e8, info->pip_value_e8, DEC_HALF_AWAY), 1, 100,
                      DEC_HALF_AWAY);
}

int64_t reentry_lock_sl_e8(const struct symbol_info *info, enum side side, int64_t entry_e8,
                           int64_t price_e8)
{
    int sign = side_sign(side);
    TR_ASSERT(sign != 0);
    if ((price_e8 - entry_e8) * sign < 40 * info->pip_size_e8)
        return DEC_NONE;
    return entry_e8 + sign * 10 * info->pip_size_e8;
}

/* ---- reverse shield ---- */

struct reentry_shield_plan reentry_shield_plan(const struct symbol_info *info,
                                               const struct reentry_trade *t, int64_t lots_e8,
                                               int64_t room_e8)
{
    int64_t gap_e8 = dec_abs(t->entry_e8 - t->sl_e8);
    int sign = side_sign(t->side);
    TR_ASSERT(sign != 0 && (t->entry_e8 - t->sl_e8) * sign > 0);
    TR_ASSERT(lots_e8 > 0);
    struct reentry_shield_plan p = {
        .side = side_opposite(t->side),
        .lots_e8 = dec_to_step(lots_e8 / 2, HUNDREDTH, DEC_HALF_AWAY),
        .sl_e8 = t->entry_e8,
        .tp_a_e8 = t->sl_e8 - sign * gap_e8,
        .kill_e8 =
            reentry_hunt_level_e8(REENTRY_HUNT_SEVENTY_PERCENT, info, t, SHIELD_THRESHOLD_E8),
    };
    if (room_e8 == DEC_NONE)
        return p;
    /* both orders lose the gap at their stop */
    int64_t pips_e8 = dec_div(gap_e8, info->pip_size_e8, DEC_UP);
    int64_t per_lot_e8 = 2 * dec_mul(pips_e8, info->pip_value_e8, DEC_UP);
    int64_t most_e8 = room_e8 > 0 ? dec_div(room_e8, per_lot_e8, DEC_DOWN) : 0;
    if (most_e8 < p.lots_e8)
        p.lots_e8 = dec_to_step(most_e8, HUNDREDTH, DEC_DOWN);
    return p;
}

/* ---- the intelligent manager ---- */

bool reentry_is_strong(int64_t adx_e8, int confidence, bool aligned)
{
    return aligned && adx_e8 >= 25 * DEC_ONE && confidence >= 70;
}

enum reentry_exit_action reentry_exit_signal_action(int64_t profit_pips_e8, bool strong)
{
    if (strong && profit_pips_e8 > 50 * PIP)
        return REENTRY_EXIT_ACTION_HOLD;
    return profit_pips_e8 < 10 * PIP ? REENTRY_EXIT_ACTION_ALL : REENTRY_EXIT_ACTION_HALF;
}

int reentry_target_close_percent(int target, bool strong)
{
    TR_ASSERT(target >= 1 && target <= 3);
    if (target == 1)
        return strong ? 0 : 50;
    return target == 2 ? 40 : 100;
}

/* ---- safety limits ---- */

bool reentry_goes_first(const struct reentry_claim *a, const struct reentry_claim *b)
{
    if (a->profit_e8 != b->profit_e8)
        return a->profit_e8 > b->profit_e8;
    if (a->opened_ms != b->opened_ms)
        return a->opened_ms < b->opened_ms;
    return a->id > b->id;
}

enum reason reentry_limits_check(const struct reentry_limits *l, const struct reentry_counts *c,
                                 int64_t now_ms, int64_t *ret_number_e8, int64_t *ret_limit_e8)
{
    const struct {
        enum reason reason;
        int number, limit;
    } checks[] = {
        {REASON_RECOVERY_ATTEMPTS, c->attempts, l->max_attempts},
        {REASON_RECOVERY_LOSSES, c->losses, l->max_losses},
        {REASON_RECOVERY_CONCURRENT, c->concurrent, l->max_concurrent},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(checks); i++) {
        if (checks[i].number < checks[i].limit)
            continue;
        *ret_number_e8 = checks[i].number * DEC_ONE;
        *ret_limit_e8 = checks[i].limit * DEC_ONE;
        return checks[i].reason;
    }
    *ret_number_e8 = DEC_NONE;
    *ret_limit_e8 = DEC_NONE;
    if (now_ms >= c->blocked_until_ms)
        return REASON_ACCEPTED;
    *ret_number_e8 = (c->blocked_until_ms - now_ms + MS_PER_MINUTE - 1) / MS_PER_MINUTE * DEC_ONE;
    *ret_limit_e8 = 0;
    return REASON_RECOVERY_WAIT;
}

int64_t reentry_profit_hunt_pips_e8(const char *symbol, bool is_sl2)
{
    bool is_gold = strcmp(symbol, "XAUUSD") == 0;
    if (is_sl2)
        return (is_gold ? 15 : 10) * PIP;
    return (is_gold ? 25 : 15) * PIP;
}
