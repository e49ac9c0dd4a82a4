/* engine/risk.c: caps by tier, exposure, counts over all plugins, the dual check, and what the
 * platform profile remembers. Opening orders under way count like positions: a burst of alerts must
 * not pass a limit before the first fill is back. */
#include "engine/risk.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"
#include "engine/gate.h"
#include "engine/state.h"
#include "model/rules/tiers.h"

#define DAYS_A_WEEK 7

/* ---- caps ---- */

struct caps_limits risk_tier_caps(const struct engine_state *s)
{
    const struct engine_rules *r = &s->rules;
    int64_t balance_e8 = s->account.balance_e8;
    if (balance_e8 < r->start_balance_e8)
        balance_e8 = r->start_balance_e8;
    enum tiers_tier tier = r->risk.tier != TIERS_UNSET ? (enum tiers_tier)r->risk.tier
                                                       : tiers_of_balance(TIERS_FLOOR, balance_e8);
    struct tiers_caps caps = tiers_caps(tier);
    return (struct caps_limits){caps.daily_e8, caps.lifetime_e8};
}

struct caps_limits risk_caps(const struct engine_state *s)
{
    struct caps_limits caps = risk_tier_caps(s);
    if (s->rules.daily_loss_cap_e8 != DEC_NONE)
        caps.daily_e8 = s->rules.daily_loss_cap_e8;
    if (s->rules.lifetime_loss_cap_e8 != DEC_NONE)
        caps.lifetime_e8 = s->rules.lifetime_loss_cap_e8;
    return caps;
}

/* ---- answers ---- */

void risk_refuse(struct risk_answer *a, enum reason r, int64_t number_e8, int64_t limit_e8)
{
    TR_ASSERT(a->reason == REASON_ACCEPTED && r != REASON_ACCEPTED);
    a->reason = r;
    a->number_e8 = number_e8;
    a->limit_e8 = limit_e8;
}

void risk_figure(struct risk_answer *a, const char *name, int64_t value_e8)
{
    TR_ASSERT(a->figure_count < RISK_FIGURES_MAX);
    a->figures[a->figure_count++] = (struct risk_figure){name, value_e8};
}

bool risk_is_leaving(const struct risk_want *w, uint64_t cid)
{
    for (int i = 0; i < w->leaving_count; i++)
        if (w->leaving[i] == cid)
            return true;
    return false;
}

/* ---- limits of both profiles ---- */

static int64_t margin_e8(const struct engine_state *s, const char *symbol, int64_t price_e8,
                         int64_t lots_e8)
{
    const struct symbol_info *info = symbol_find(symbol);
    if (info == NULL || lots_e8 <= 0 || price_e8 <= 0)
        return 0;
    return symbol_margin_e8(info, price_e8, lots_e8, s->rules.risk.leverage);
}

/* Bound in the symbol by what is open and under way, without what this entry closes first. */
static int64_t symbol_margin_open_e8(const struct engine_state *s, const struct risk_want *w)
{
    int64_t sum_e8 = 0;
    for (size_t i = 0; i < s->position_count; i++) {
        const struct position *p = &s->positions[i];
        if (strcmp(p->symbol, w->symbol) == 0 && !risk_is_leaving(w, p->cid))
            sum_e8 += margin_e8(s, p->symbol, p->entry_e8, p->lots_e8);
    }
    for (size_t i = 0; i < s->order_count; i++) {
        const struct order *o = &s->orders[i];
        if (o->purpose == ORDER_OPEN && strcmp(o->symbol, w->symbol) == 0 &&
            !risk_is_leaving(w, o->cid))
            sum_e8 += margin_e8(s, o->symbol, o->want_price_e8, o->lots_e8 - o->filled_e8);
    }
    return sum_e8;
}

static void check_exposure(const struct engine_state *s, const struct risk_want *w,
                           struct risk_answer *a)
{
    int64_t limit_e8 = s->rules.risk.symbol_exposure_e8, balance_e8 = s->account.balance_e8;
    if (limit_e8 == 0 || s->rules.risk.leverage <= 0 || balance_e8 <= 0)
        return;
    int64_t bound_e8 =
        symbol_margin_open_e8(s, w) + margin_e8(s, w->symbol, w->entry_e8, w->lots_e8);
    int64_t share_e8 = dec_div(bound_e8, balance_e8, DEC_UP);
    risk_figure(a, "symbol_exposure", share_e8);
    if (share_e8 > limit_e8)
        risk_refuse(a, REASON_SYMBOL_EXPOSURE, share_e8, limit_e8);
}

/* Entries that stay open, of all plugins: the orders of one share a chain. */
static int open_entries(const struct engine_state *s, const struct risk_want *w)
{
    int n = 0;
    for (size_t i = 0; i < s->position_count; i++) {
        bool counted = risk_is_leaving(w, s->positions[i].cid);
        for (size_t k = 0; k < i && !counted; k++)
            counted = strcmp(s->positions[k].chain_id, s->positions[i].chain_id) == 0;
        n += !counted;
    }
    for (size_t i = 0; i < s->order_count; i++) {
        const struct order *o = &s->orders[i];
        bool counted = o->purpose != ORDER_OPEN || risk_is_leaving(w, o->cid);
        for (size_t k = 0; k < s->position_count && !counted; k++)
            counted = strcmp(s->positions[k].chain_id, o->chain_id) == 0;
        for (size_t k = 0; k < i && !counted; k++)
            counted = s->orders[k].purpose == ORDER_OPEN &&
                      strcmp(s->orders[k].chain_id, o->chain_id) == 0;
        n += !counted;
    }
    return n;
}

static int entries_today(const struct engine_state *s)
{
    int n = 0;
    for (size_t i = 0; i < s->plugin_count; i++)
        n += s->plugins[i].daily_entries;
    return n;
}

static void check_counts(const struct engine_state *s, const struct risk_want *w,
                         struct risk_answer *a)
{
    const struct risk_rules *r = &s->rules.risk;
    int open = open_entries(s, w), today = entries_today(s);
    int most = r->max_open_trades;
    if (r->profile == RISK_PLATFORM && r->platform.max_positions > 0 &&
        (most == 0 || r->platform.max_positions < most))
        most = r->platform.max_positions; /* the tighter one */
    if (most > 0 && open >= most)
        risk_refuse(a, REASON_MAX_OPEN_TRADES, open * DEC_ONE, most * DEC_ONE);
    else if (r->max_daily_trades > 0 && today >= r->max_daily_trades)
        risk_refuse(a, REASON_MAX_DAILY_TRADES, today * DEC_ONE, r->max_daily_trades * DEC_ONE);
}

void risk_check(const struct engine_state *s, const struct input_quotes *quotes, int64_t now_ms,
                const struct risk_want *w, struct risk_answer *ret)
{
    TR_ASSERT(w->lots_e8 > 0 && side_sign(w->side) != 0);
    *ret = (struct risk_answer){
        .reason = REASON_ACCEPTED, .number_e8 = DEC_NONE, .limit_e8 = DEC_NONE};
    if (!w->is_same_trade)
        check_counts(s, w, ret);
    if (ret->reason == REASON_ACCEPTED)
        check_exposure(s, w, ret);
    if (ret->reason == REASON_ACCEPTED && s->rules.risk.profile == RISK_PLATFORM)
        risk_check_platform(s, quotes, now_ms, w, ret);
}

/* ---- a decision ---- */

static void put_number(struct decision *d, const char *name, int64_t value_e8)
{
    if (d->number_count < DECISION_NUMBERS_MAX) /* a full table keeps what the plugin said */
        decision_number(d, name, value_e8);
}

static bool has_number(const struct decision *d, const char *name)
{
    for (int i = 0; i < d->number_count; i++)
        if (strcmp(d->numbers[i].name, name) == 0)
            return true;
    return false;
}

static void refuse_decision(struct decision *d, enum reason r, int64_t number_e8, int64_t limit_e8)
{
    d->reason_count = 0;
    decision_skip(d, r, number_e8, limit_e8);
}

/* Fewer lots. A stop that loses a fixed sum (RK-7) moves away as far as the lots shrink, and a
 * target that mirrors it with it. */
static void shrink(struct decision_order *o, int64_t lots_e8)
{
    const struct symbol_info *info = symbol_find(o->symbol);
    bool is_fixed = strcmp(o->sl_rule, "RK-7") == 0;
    if (o->lots_e8 <= lots_e8 || info == NULL)
        return;
    if (is_fixed) {
        int sign = side_sign(o->side);
        int64_t distance_e8 =
            dec_muldiv(dec_abs(o->entry_e8 - o->sl_e8), o->lots_e8, lots_e8, DEC_DOWN);
        int64_t tick_e8 = symbol_tick_e8(info);
        o->sl_e8 = dec_to_step(o->entry_e8 - sign * distance_e8, tick_e8, DEC_HALF_AWAY);
        if (strcmp(o->tp_rule, "1:1") == 0)
            o->tp_e8 = dec_to_step(o->entry_e8 + sign * distance_e8, tick_e8, DEC_HALF_AWAY);
    }
    o->lots_e8 = lots_e8;
    (void)str_copy(o->lots_rule, sizeof(o->lots_rule), "RK-12");
}

static void reduce_all(struct decision *d, int64_t lots_e8)
{
    for (int i = 0; i < d->order_count; i++)
        shrink(&d->orders[i], lots_e8);
    decision_reason(d, REASON_LOTS_REDUCED);
}

/* RK-12 asks about dual entries, by the stop of the first order. A plugin that has done the check
 * itself shows its figures and is not asked again. */
static void check_dual(const struct engine_state *s, const struct caps_book *book,
                       struct decision *d)
{
    const struct decision_order *first = &d->orders[0];
    const struct symbol_info *info = symbol_find(first->symbol);
    if (!s->rules.risk.smart_lot || d->order_count < 2 || info == NULL ||
        first->sl_e8 == DEC_NONE || has_number(d, "expected_loss"))
        return;
    struct caps_dual_case c = {
        .limits = risk_caps(s),
        .daily_loss_e8 = book->daily_loss_e8,
        .lifetime_loss_e8 = book->lifetime_loss_e8,
        .sl_pips_e8 = symbol_pips_e8(info, 0, dec_abs(first->entry_e8 - first->sl_e8)),
        .pip_value_e8 = info->pip_value_e8,
        .lots_e8 = first->lots_e8,
        .orders = d->order_count,
        .step_e8 = info->volume_step_e8,
        .min_e8 = info->volume_min_e8,
    };
    struct caps_dual dual;
    if (c.sl_pips_e8 <= 0)
        return;
    enum reason r = caps_dual(&c, &dual);
    put_number(d, "expected_loss", dual.expected_e8);
    if (dual.available_e8 != DEC_NONE)
        put_number(d, "available_loss", dual.available_e8);
    if (r != REASON_ACCEPTED) {
        refuse_decision(d, r, dual.number_e8, dual.limit_e8);
    } else if (dual.reduced) {
        put_number(d, "lot_full", first->lots_e8);
        put_number(d, "lot_smart", dual.lots_e8);
        reduce_all(d, dual.lots_e8);
    }
}

static struct risk_want want_of(const struct decision *d)
{
    const struct decision_order *first = &d->orders[0];
    struct risk_want w = {.symbol = first->symbol,
                          .side = first->side,
                          .entry_e8 = first->entry_e8,
                          .sl_e8 = DEC_NONE,
                          .leaving = d->closes,
                          .leaving_count = d->close_count};
    for (int i = 0; i < d->order_count; i++) {
        const struct decision_order *o = &d->orders[i];
        int64_t away_e8 = o->sl_e8 != DEC_NONE ? dec_abs(o->entry_e8 - o->sl_e8) : -1;
        w.lots_e8 += o->lots_e8;
        if (w.sl_e8 == DEC_NONE || away_e8 > dec_abs(w.entry_e8 - w.sl_e8))
            w.sl_e8 = o->sl_e8;
    }
    return w;
}

void risk_on_decision(const struct gate_case *c, const struct input_quotes *quotes,
                      struct decision *d)
{
    struct risk_answer a;
    TR_ASSERT(d->action == DECISION_EXECUTE && d->order_count > 0);
    check_dual(c->s, c->book, d);
    if (d->action != DECISION_EXECUTE)
        return;
    struct risk_want w = want_of(d);
    risk_check(c->s, quotes, c->now_ms, &w, &a);
    for (int i = 0; i < a.figure_count; i++)
        put_number(d, a.figures[i].name, a.figures[i].value_e8);
    if (a.reason != REASON_ACCEPTED)
        refuse_decision(d, a.reason, a.number_e8, a.limit_e8);
    else if (a.is_warned)
        decision_reason(d, REASON_ABOVE_RECOMMENDED);
}

/* ---- memory ---- */

const struct risk_symbol *risk_symbol_find(const struct risk_state *r, const char *symbol)
{
    for (size_t i = 0; i < r->symbol_count; i++)
        if (strcmp(r->symbols[i].symbol, symbol) == 0)
            return &r->symbols[i];
    return NULL;
}

struct risk_symbol *risk_symbol_make(struct risk_state *r, const char *symbol)
{
    const struct risk_symbol *known = risk_symbol_find(r, symbol);
    if (known != NULL)
        return &r->symbols[known - r->symbols];
    if (r->symbol_count == RISK_SYMBOLS_MAX)
        return NULL;
    struct risk_symbol *m = &r->symbols[r->symbol_count++];
    *m = (struct risk_symbol){0};
    (void)str_copy(m->symbol, sizeof(m->symbol), symbol);
    return m;
}

void risk_on_entry(struct engine_state *s, const char *symbol)
{
    struct risk_symbol *m = risk_symbol_make(&s->risk, symbol);
    if (m != NULL)
        m->daily_entries++;
}

void risk_new_day(struct engine_state *s, int day)
{
    int64_t balance_e8 = s->account.balance_e8;
    int week = day / DAYS_A_WEEK;
    s->risk.day_start_e8 = balance_e8;
    if (s->risk.peak_e8 < balance_e8)
        s->risk.peak_e8 = balance_e8;
    if (s->risk.week != week || s->risk.week_start_e8 == 0) {
        s->risk.week = week;
        s->risk.week_start_e8 = balance_e8;
    }
    for (size_t i = 0; i < s->risk.symbol_count; i++)
        s->risk.symbols[i].daily_entries = 0;
}

void risk_pack(const struct risk_state *r, struct buf *b)
{
    pack_i64(b, r->peak_e8);
    pack_i64(b, r->day_start_e8);
    pack_i64(b, r->week_start_e8);
    pack_i64(b, r->week);
    pack_i64(b, (int64_t)r->symbol_count);
    for (size_t i = 0; i < r->symbol_count; i++) {
        const struct risk_symbol *m = &r->symbols[i];
        pack_str(b, m->symbol);
        pack_i64(b, m->daily_entries);
        pack_i64(b, m->reference_e8);
        pack_i64(b, m->reference_ms);
        pack_i64(b, m->blocked_until_ms);
    }
}

void risk_unpack(struct risk_state *r, struct unpack *u)
{
    r->peak_e8 = unpack_i64(u);
    r->day_start_e8 = unpack_i64(u);
    r->week_start_e8 = unpack_i64(u);
    r->week = unpack_int(u, 0, INT32_MAX);
    r->symbol_count = (size_t)unpack_int(u, 0, RISK_SYMBOLS_MAX);
    for (size_t i = 0; i < r->symbol_count; i++) {
        struct risk_symbol *m = &r->symbols[i];
        unpack_str(u, m->symbol, sizeof(m->symbol));
        m->daily_entries = unpack_int(u, 0, INT32_MAX);
        m->reference_e8 = unpack_i64(u);
        m->reference_ms = unpack_i64(u);
        m->blocked_until_ms = unpack_i64(u);
    }
}
