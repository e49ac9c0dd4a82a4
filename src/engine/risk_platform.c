/* engine/risk_platform.c: the second profile (spec platform B5, A8a), in the order of B5: halted,
 * breaker, size, risk, symbol, concentration, portfolio, leverage, counts, recommended size. Values
 * are in USD: lots x contract x price. The equity is the balance with the open profit of the
 * symbols whose quotes came with the input. Volatility and correlation shrink the recommended size
 * where they are known; nothing in the engine measures them, so here both factors are one. */
#include <string.h>

#include "engine/apply.h"
#include "engine/risk.h"
#include "engine/state.h"
#include "model/rules/platform_risk.h"

#define MS_PER_MINUTE   INT64_C(60000)
#define RISK_NO_STOP_E8 (DEC_ONE / 100) /* B5: of the value, when there is no stop */

static int64_t value_e8(const char *symbol, int64_t price_e8, int64_t lots_e8)
{
    const struct symbol_info *info = symbol_find(symbol);
    return info != NULL && price_e8 > 0 && lots_e8 > 0
               ? symbol_margin_e8(info, price_e8, lots_e8, 1)
               : 0;
}

/* What the value loses at the stop. */
static int64_t stop_loss_e8(int64_t value, int64_t entry_e8, int64_t sl_e8)
{
    if (sl_e8 == DEC_NONE || entry_e8 <= 0)
        return dec_mul(value, RISK_NO_STOP_E8, DEC_UP);
    return dec_muldiv(value, dec_abs(entry_e8 - sl_e8), entry_e8, DEC_UP);
}

struct exposure {
    int64_t symbol_e8, all_e8; /* values */
    int64_t risk_e8;           /* at the stops */
};

static void add_exposure(struct exposure *x, const struct risk_want *w, const char *symbol,
                         int64_t value, int64_t risk)
{
    x->all_e8 += value;
    x->risk_e8 += risk;
    if (strcmp(symbol, w->symbol) == 0)
        x->symbol_e8 += value;
}

static struct exposure open_exposure(const struct engine_state *s, const struct risk_want *w)
{
    struct exposure x = {0};
    for (size_t i = 0; i < s->position_count; i++) {
        const struct position *p = &s->positions[i];
        if (risk_is_leaving(w, p->cid))
            continue;
        int64_t value = value_e8(p->symbol, p->entry_e8, p->lots_e8);
        bool is_free = p->sl_e8 != DEC_NONE && (p->entry_e8 - p->sl_e8) * side_sign(p->side) <= 0;
        add_exposure(&x, w, p->symbol, value,
                     is_free ? 0 : stop_loss_e8(value, p->entry_e8, p->sl_e8));
    }
    for (size_t i = 0; i < s->order_count; i++) {
        const struct order *o = &s->orders[i];
        if (o->purpose != ORDER_OPEN || risk_is_leaving(w, o->cid))
            continue;
        int64_t value = value_e8(o->symbol, o->want_price_e8, o->lots_e8 - o->filled_e8);
        add_exposure(&x, w, o->symbol, value, stop_loss_e8(value, o->want_price_e8, o->sl_e8));
    }
    return x;
}

static int64_t equity_e8(const struct engine_state *s, const struct input_quotes *quotes)
{
    int64_t sum_e8 = s->account.balance_e8;
    for (size_t i = 0; i < s->position_count; i++) {
        const struct position *p = &s->positions[i];
        const struct symbol_info *info = symbol_find(p->symbol);
        struct quote q;
        if (info == NULL || !input_quotes_find(quotes, p->symbol, &q))
            continue;
        sum_e8 += symbol_profit_e8(info, side_sign(p->side), p->entry_e8,
                                   p->side == SIDE_BUY ? q.bid_e8 : q.ask_e8, p->lots_e8,
                                   input_usd_per_quote_e8(quotes, info));
    }
    return sum_e8;
}

/* How far below `from`, as a part of it; 0 above. */
static int64_t drawdown_e8(int64_t from_e8, int64_t equity)
{
    if (from_e8 <= 0 || equity >= from_e8)
        return 0;
    return equity <= 0 ? DEC_ONE : dec_div(from_e8 - equity, from_e8, DEC_UP);
}

struct drawdowns {
    int64_t peak_e8, day_e8, week_e8;
};

static struct drawdowns drawdowns_of(const struct engine_state *s, int64_t equity)
{
    return (struct drawdowns){drawdown_e8(s->risk.peak_e8, equity),
                              drawdown_e8(s->risk.day_start_e8, equity),
                              drawdown_e8(s->risk.week_start_e8, equity)};
}

/* B5: which drawdown stops entries; ACCEPTED: none. */
static enum reason halting(const struct risk_platform *p, const struct drawdowns *dd,
                           int64_t *ret_number_e8, int64_t *ret_limit_e8)
{
    const struct {
        enum reason reason;
        int64_t number_e8, limit_e8;
        bool at_limit; /* the limit itself stops */
    } rows[] = {
        {REASON_RISK_HALTED, dd->peak_e8, p->halt_drawdown_e8, true},
        {REASON_DAILY_DRAWDOWN, dd->day_e8, p->daily_drawdown_e8, false},
        {REASON_WEEKLY_DRAWDOWN, dd->week_e8, p->weekly_drawdown_e8, false},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++) {
        bool is_over = rows[i].at_limit ? rows[i].number_e8 >= rows[i].limit_e8
                                        : rows[i].number_e8 > rows[i].limit_e8;
        if (rows[i].limit_e8 == 0 || !is_over)
            continue;
        *ret_number_e8 = rows[i].number_e8;
        *ret_limit_e8 = rows[i].limit_e8;
        return rows[i].reason;
    }
    return REASON_ACCEPTED;
}

/* ---- the price breaker ---- */

static int64_t mid_e8(const struct quote *q)
{
    return q->bid_e8 / 2 + q->ask_e8 / 2;
}

static bool is_breaking(const struct risk_platform *p, const struct risk_symbol *m,
                        int64_t price_e8, int64_t now_ms, int64_t *ret_move_e8)
{
    bool is_old = now_ms - m->reference_ms > p->breaker_minutes * MS_PER_MINUTE;
    if (p->breaker_move_e8 == 0 || m->reference_e8 <= 0 || price_e8 <= 0 || is_old)
        return false;
    *ret_move_e8 = dec_div(dec_abs(price_e8 - m->reference_e8), m->reference_e8, DEC_DOWN);
    return *ret_move_e8 >= p->breaker_move_e8;
}

void risk_on_quote(struct engine_tx *tx, const char *symbol)
{
    struct engine_state *s = tx->s;
    const struct risk_platform *p = &s->rules.risk.platform;
    struct quote q;
    if (s->rules.risk.profile != RISK_PLATFORM || !input_quotes_find(tx->quotes, symbol, &q))
        return;
    int64_t price_e8 = mid_e8(&q), move_e8 = 0, now_ms = tx->now_ms;
    struct risk_symbol *m = risk_symbol_make(&s->risk, symbol);
    if (m == NULL || price_e8 <= 0)
        return;
    bool trips = is_breaking(p, m, price_e8, now_ms, &move_e8);
    if (trips)
        m->blocked_until_ms = now_ms + p->breaker_minutes * MS_PER_MINUTE;
    if (trips || m->reference_e8 <= 0 ||
        now_ms - m->reference_ms > p->breaker_minutes * MS_PER_MINUTE) {
        m->reference_e8 = price_e8;
        m->reference_ms = now_ms;
    }
}

static void check_breaker(const struct engine_state *s, const struct input_quotes *quotes,
                          int64_t now_ms, const struct risk_want *w, struct risk_answer *a)
{
    const struct risk_platform *p = &s->rules.risk.platform;
    const struct risk_symbol *m = risk_symbol_find(&s->risk, w->symbol);
    int64_t move_e8 = 0;
    struct quote q = {0};
    if (m == NULL)
        return;
    if (now_ms < m->blocked_until_ms) {
        int64_t left_e8 = dec_muldiv(m->blocked_until_ms - now_ms, DEC_ONE, MS_PER_MINUTE, DEC_UP);
        risk_refuse(a, REASON_PRICE_BREAKER, left_e8, p->breaker_minutes * DEC_ONE);
        return;
    }
    (void)input_quotes_find(quotes, w->symbol, &q); /* none: zero, which breaks nothing */
    if (is_breaking(p, m, mid_e8(&q), now_ms, &move_e8))
        risk_refuse(a, REASON_PRICE_BREAKER, move_e8, p->breaker_move_e8);
}

/* ---- the limits ---- */

struct check {
    const struct risk_platform *p;
    int64_t value, risk; /* of the entry */
    int64_t equity;
    struct exposure open;
    int64_t drawdown; /* from the peak */
    int symbol_today;
};

static int64_t share_e8(int64_t part_e8, int64_t whole_e8)
{
    return whole_e8 > 0 ? dec_div(part_e8, whole_e8, DEC_UP) : 0;
}

/* Each limit that may be reached but not passed, in the order of B5. */
static void check_limits(const struct check *c, struct risk_answer *a)
{
    const struct risk_platform *p = c->p;
    int64_t symbol_e8 = c->open.symbol_e8 + c->value, all_e8 = c->open.all_e8 + c->value;
    const struct {
        enum reason reason;
        int64_t number_e8, limit_e8;
    } rows[] = {
        {REASON_ORDER_TOO_LARGE, c->value, p->max_order_e8},
        {REASON_RISK_TOO_HIGH, share_e8(c->risk, c->equity), p->risk_per_trade_e8},
        {REASON_TOTAL_RISK, share_e8(c->open.risk_e8 + c->risk, c->equity), p->total_risk_e8},
        {REASON_SYMBOL_EXPOSURE, symbol_e8, p->symbol_exposure_e8},
        {REASON_CONCENTRATION_LIMIT, share_e8(symbol_e8, c->equity), p->concentration_e8},
        {REASON_PORTFOLIO_EXPOSURE, all_e8, p->portfolio_exposure_e8},
        {REASON_LEVERAGE_LIMIT, share_e8(all_e8, c->equity), p->leverage_e8},
        {REASON_MAX_DAILY_TRADES, (c->symbol_today + 1) * DEC_ONE,
         p->symbol_daily_trades * DEC_ONE},
    };
    if (p->min_order_e8 > 0 && c->value < p->min_order_e8) {
        risk_refuse(a, REASON_ORDER_TOO_SMALL, c->value, p->min_order_e8);
        return;
    }
    for (size_t i = 0; i < TR_ARRAY_SIZE(rows); i++)
        if (rows[i].limit_e8 > 0 && rows[i].number_e8 > rows[i].limit_e8) {
            risk_refuse(a, rows[i].reason, rows[i].number_e8, rows[i].limit_e8);
            return;
        }
}

/* Over 1.5 of the recommended size is refused, over 1.1 told. */
static void check_recommended(const struct check *c, const struct risk_want *w,
                              struct risk_answer *a)
{
    struct platform_risk_size size = {
        .equity_e8 = c->equity,
        .risk_e8 = c->p->risk_per_trade_e8,
        .volatility_factor_e8 = DEC_ONE,
        .drawdown_factor_e8 = platform_risk_drawdown_factor_e8(c->drawdown),
        .correlation_factor_e8 = DEC_ONE,
        .max_order_e8 = c->p->max_order_e8,
    };
    size.stop_e8 = w->sl_e8 != DEC_NONE
                       ? dec_div(dec_abs(w->entry_e8 - w->sl_e8), w->entry_e8, DEC_UP)
                       : RISK_NO_STOP_E8;
    if (size.risk_e8 == 0 || size.stop_e8 <= 0)
        return;
    int64_t recommended_e8 = platform_risk_value_e8(&size);
    risk_figure(a, "recommended_value", recommended_e8);
    risk_figure(a, "drawdown_factor", size.drawdown_factor_e8);
    if (recommended_e8 == 0) {
        risk_refuse(a, REASON_DRAWDOWN_LIMIT, c->drawdown, c->p->halt_drawdown_e8);
        return;
    }
    int64_t ratio_e8 = dec_div(c->value, recommended_e8, DEC_UP);
    risk_figure(a, "recommended_ratio", ratio_e8);
    if (c->p->reject_ratio_e8 > 0 && ratio_e8 > c->p->reject_ratio_e8) {
        risk_refuse(a, REASON_ABOVE_RECOMMENDED, ratio_e8, c->p->reject_ratio_e8);
    } else if (c->p->warn_ratio_e8 > 0 && ratio_e8 > c->p->warn_ratio_e8) {
        a->is_warned = true;
        a->number_e8 = ratio_e8;
        a->limit_e8 = c->p->warn_ratio_e8;
    }
}

void risk_check_platform(const struct engine_state *s, const struct input_quotes *quotes,
                         int64_t now_ms, const struct risk_want *w, struct risk_answer *a)
{
    const struct risk_symbol *m = risk_symbol_find(&s->risk, w->symbol);
    struct check c = {.p = &s->rules.risk.platform,
                      .value = value_e8(w->symbol, w->entry_e8, w->lots_e8),
                      .equity = equity_e8(s, quotes),
                      .open = open_exposure(s, w),
                      .symbol_today = m != NULL ? m->daily_entries : 0};
    struct drawdowns dd = drawdowns_of(s, c.equity);
    int64_t number_e8, limit_e8;
    c.risk = stop_loss_e8(c.value, w->entry_e8, w->sl_e8);
    c.drawdown = dd.peak_e8;
    risk_figure(a, "order_value", c.value);
    risk_figure(a, "order_risk", c.risk);
    risk_figure(a, "equity", c.equity);
    risk_figure(a, "portfolio_value", c.open.all_e8 + c.value);
    risk_figure(a, "drawdown", dd.peak_e8);
    enum reason r = halting(c.p, &dd, &number_e8, &limit_e8);
    if (r != REASON_ACCEPTED)
        risk_refuse(a, r, number_e8, limit_e8);
    if (a->reason == REASON_ACCEPTED)
        check_breaker(s, quotes, now_ms, w, a);
    if (a->reason == REASON_ACCEPTED)
        check_limits(&c, a);
    if (a->reason == REASON_ACCEPTED)
        check_recommended(&c, w, a);
}

/* ---- halt and resume ---- */

void risk_on_balance(struct engine_tx *tx)
{
    struct engine_state *s = tx->s;
    int64_t balance_e8 = s->account.balance_e8, number_e8, limit_e8;
    if (s->risk.peak_e8 < balance_e8)
        s->risk.peak_e8 = balance_e8;
    if (s->rules.risk.profile != RISK_PLATFORM || s->paused)
        return;
    struct drawdowns dd = drawdowns_of(s, balance_e8);
    enum reason r = halting(&s->rules.risk.platform, &dd, &number_e8, &limit_e8);
    if (r == REASON_ACCEPTED)
        return;
    apply_auto_pause(tx, r, number_e8, limit_e8); /* until a person has seen it */
}

enum reason risk_may_resume(const struct engine_state *s)
{
    const struct risk_platform *p = &s->rules.risk.platform;
    if (s->rules.risk.profile != RISK_PLATFORM || p->resume_drawdown_e8 == 0)
        return REASON_ACCEPTED;
    return drawdown_e8(s->risk.peak_e8, s->account.balance_e8) < p->resume_drawdown_e8
               ? REASON_ACCEPTED
               : REASON_RISK_HALTED;
}
