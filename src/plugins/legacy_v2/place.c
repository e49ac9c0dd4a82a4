/* plugins/legacy_v2/place.c: lots, stops and targets of the old bot. Variant (a), its own entries:
 * A and B with the full lot of the tier (RK-4), A's stop from the table (RK-5), B's for ten dollars
 * (RK-8 e), both targets by rr. Variant (b), V3 entries: base x position_multiplier x logic, halved
 * (RK-3), A with the alert's stop and TP2, B ten dollars and TP1. Then the dual check (RK-12),
 * which may leave fewer lots. */
#include "core/alloc.h"
#include "model/rules/caps.h"
#include "model/rules/pine.h"
#include "plugins/legacy_v2/decide.h"
#include "plugins/levels.h"

struct plan {
    struct levels from; /* the alert's prices */
    bool is_v3;
    int64_t a_e8, b_e8;       /* lots */
    int64_t base_pips_e8;     /* stop of A without the timeframe's factor, what RK-12 asks about */
    int64_t a_distance_e8;    /* 0: none yet */
    int64_t a_sl_e8, a_tp_e8; /* of A */
    bool is_reduced;
};

static void refuse(struct legacy_v2_entry *e, enum reason r, const char *field)
{
    decision_skip(e->d, r, DEC_NONE, DEC_NONE);
    (void)str_copy(e->d->field, sizeof(e->d->field), field);
}

static int sign_of(const struct legacy_v2_entry *e)
{
    return side_sign(e->s->side);
}

/* ---- lots ---- */

static int64_t to_step_e8(const struct legacy_v2_entry *e, int64_t lots_e8)
{
    if (e->c->quirks.raw_lots)
        return lots_e8;
    int64_t v_e8 = dec_to_step(lots_e8, e->info->volume_step_e8, DEC_DOWN);
    return v_e8 < e->info->volume_min_e8 ? 0 : v_e8;
}

/* The alert's; an alert without one has what the indicator would have sent (P-6). */
static int64_t position_multiplier_e8(const struct signal *s)
{
    return s->position_multiplier_e8 != DEC_NONE ? s->position_multiplier_e8
                                                 : pine_position_multiplier_e8(s->score);
}

static void size(struct legacy_v2_entry *e, struct plan *p)
{
    struct lots_case c = {.variant = p->is_v3 ? LOTS_ENGINE_V3 : LOTS_LEGACY,
                          .base_e8 = lots_of_balance_e8(&e->c->lots, e->snap->balance_e8),
                          .factor_e8 = p->is_v3 ? position_multiplier_e8(e->s) : DEC_ONE,
                          .logic_mult_e8 = e->c->logic_lot_mult_e8[e->logic],
                          .step_e8 = e->info->volume_step_e8,
                          .min_e8 = e->info->volume_min_e8};
    struct lots_pair pair = lots_pair(&c);
    bool is_exact = e->c->quirks.raw_lots || !p->is_v3;
    p->a_e8 = is_exact ? to_step_e8(e, pair.exact_e8) : pair.a_e8;
    p->b_e8 = is_exact ? p->a_e8 : pair.b_e8;
    if (!e->c->dual_orders)
        p->b_e8 = 0;
    decision_number(e->d, "base_lot", c.base_e8);
    decision_number(e->d, "logic_mult", c.logic_mult_e8);
    if (p->is_v3)
        decision_number(e->d, "position_multiplier", c.factor_e8);
    decision_number(e->d, "lot_exact", pair.exact_e8);
}

/* ---- stop of A ---- */

static int reduction_percent(const struct legacy_v2_entry *e)
{
    for (size_t i = 0; i < symbol_count() && i < LEGACY_V2_SYMBOLS; i++)
        if (symbol_at(i) == e->info)
            return e->c->sl_reduction_percent[i];
    return 0;
}

/* RK-5; without the table, or without a row in it, RK-6. */
static void stop_by_table(struct legacy_v2_entry *e, struct plan *p)
{
    int64_t pips_e8 = e->c->sl_system_on ? sl_tables_pips_e8((enum sl_tables_system)e->c->sl_system,
                                                             e->info->name, e->tier)
                                         : 0;
    if (pips_e8 == 0)
        pips_e8 = sl_tables_cap_pips_e8(tiers_trade_risk_e8(e->tier, e->info->volatility),
                                        e->info->pip_value_e8, p->a_e8);
    struct sl_tables_case c = {
        .info = e->info,
        .side = e->s->side,
        .entry_e8 = p->from.entry_e8,
        .table_pips_e8 = pips_e8,
        .reduction_percent = reduction_percent(e),
        .tf_multiplier_e8 = e->c->logic_sl_mult_e8[e->logic],
        .chain_factor_e8 = DEC_ONE,
        .rr_e8 = e->c->rr_ratio_e8,
    };
    struct sl_tables_stop stop = sl_tables_stop(&c);
    p->base_pips_e8 = dec_muldiv(pips_e8, 100 - c.reduction_percent, 100, DEC_HALF_AWAY);
    p->a_distance_e8 = stop.distance_e8;
    p->a_sl_e8 = levels_round_stop_e8(e->info, stop.sl_e8, e->s->side);
    p->a_tp_e8 = levels_round_e8(e->info, stop.tp_e8);
    decision_number(e->d, "sl_pips_table", pips_e8);
    decision_number(e->d, "sl_mult", c.tf_multiplier_e8);
    decision_number(e->d, "sl_pips", stop.pips_e8);
}

static bool stop_by_alert(struct legacy_v2_entry *e, struct plan *p)
{
    if (p->from.sl_e8 == DEC_NONE) {
        refuse(e, REASON_FIELD_MISSING, "sl_price");
        return false;
    }
    p->a_sl_e8 = levels_round_stop_e8(e->info, p->from.sl_e8, e->s->side);
    p->a_distance_e8 = dec_abs(p->from.entry_e8 - p->a_sl_e8);
    p->base_pips_e8 = symbol_pips_e8(e->info, 0, p->a_distance_e8);
    decision_number(e->d, "sl_pips", p->base_pips_e8);
    if (!levels_target_e8(e->info, p->from.tp_e8[1], p->from.entry_e8, e->s->side, &p->a_tp_e8))
        p->a_tp_e8 = levels_round_e8(
            e->info, p->from.entry_e8 +
                         sign_of(e) * dec_mul(p->a_distance_e8, e->c->rr_ratio_e8, DEC_HALF_AWAY));
    return true;
}

/* ---- the dual check ---- */

static bool fits_caps(struct legacy_v2_entry *e, struct plan *p)
{
    struct tiers_caps caps = tiers_caps(e->tier);
    struct caps_dual_case c = {
        .limits = {caps.daily_e8, caps.lifetime_e8},
        .daily_loss_e8 = e->snap->daily_loss_e8,
        .lifetime_loss_e8 = e->snap->lifetime_loss_e8,
        .sl_pips_e8 = p->base_pips_e8,
        .pip_value_e8 = e->info->pip_value_e8,
        .lots_e8 = p->a_e8,
        .orders = p->b_e8 > 0 ? 2 : 1,
        .step_e8 = e->info->volume_step_e8,
        .min_e8 = e->info->volume_min_e8,
    };
    struct caps_dual dual;
    if (!e->c->smart_lot)
        return true;
    enum reason r = caps_dual(&c, &dual);
    decision_number(e->d, "expected_loss", dual.expected_e8);
    if (dual.available_e8 != DEC_NONE)
        decision_number(e->d, "available_loss", dual.available_e8);
    if (r != REASON_ACCEPTED) {
        decision_skip(e->d, r, dual.number_e8, dual.limit_e8);
        return false;
    }
    if (dual.reduced) {
        decision_number(e->d, "lot_full", p->a_e8);
        p->is_reduced = true;
        p->a_e8 = dual.lots_e8;
        p->b_e8 = p->b_e8 > 0 ? dual.lots_e8 : 0;
    }
    return true;
}

/* ---- orders ---- */

static struct decision_order *add_order(struct legacy_v2_entry *e, const struct plan *p,
                                        enum order_role role)
{
    struct decision_order *o = &e->d->orders[e->d->order_count++];
    TR_ASSERT(e->d->order_count <= DECISION_ORDERS_MAX);
    o->role = role;
    o->side = e->s->side;
    (void)str_copy(o->symbol, sizeof(o->symbol), e->s->symbol);
    o->entry_e8 = p->from.entry_e8;
    (void)str_copy(o->lots_rule, sizeof(o->lots_rule),
                   p->is_reduced ? "RK-12"
                   : p->is_v3    ? "RK-3"
                                 : "RK-4");
    return o;
}

static void add_a(struct legacy_v2_entry *e, const struct plan *p)
{
    struct decision_order *o = add_order(e, p, ORDER_ROLE_A);
    o->lots_e8 = p->a_e8;
    o->sl_e8 = p->a_sl_e8;
    o->tp_e8 = p->a_tp_e8;
    (void)str_copy(o->sl_rule, sizeof(o->sl_rule), p->is_v3 ? "P-7" : "RK-5");
    (void)str_copy(o->tp_rule, sizeof(o->tp_rule), p->is_v3 ? "P-7" : "rr");
}

/* Ten dollars by the formula in force; no nearer than the broker takes. */
static void add_b(struct legacy_v2_entry *e, const struct plan *p)
{
    enum pips_formula f = (enum pips_formula)e->c->quirks.order_b_formula;
    int64_t entry_e8 = p->from.entry_e8, sign = sign_of(e);
    int64_t distance_e8 =
        pips_fixed_money(f, e->info, e->c->order_b_risk_e8, p->b_e8, entry_e8).distance_e8;
    if (distance_e8 < e->info->min_sl_dist_e8)
        distance_e8 = e->info->min_sl_dist_e8;
    int64_t rr_e8 = p->is_v3 ? DEC_ONE : e->c->rr_ratio_e8;
    struct decision_order *o = add_order(e, p, ORDER_ROLE_B);
    o->lots_e8 = p->b_e8;
    o->sl_e8 = levels_round_e8(e->info, entry_e8 - sign * distance_e8);
    bool is_given =
        p->is_v3 && levels_target_e8(e->info, p->from.tp_e8[0], entry_e8, e->s->side, &o->tp_e8);
    if (!is_given)
        o->tp_e8 =
            levels_round_e8(e->info, entry_e8 + sign * dec_mul(distance_e8, rr_e8, DEC_HALF_AWAY));
    (void)str_copy(o->sl_rule, sizeof(o->sl_rule), f == PIPS_EXACT ? "RK-7" : "RK-8");
    (void)str_copy(o->tp_rule, sizeof(o->tp_rule), is_given ? "P-7" : p->is_v3 ? "1:1" : "rr");
    decision_number(e->d, "sl_distance_b", distance_e8);
}

static bool levels_are_sound(struct legacy_v2_entry *e)
{
    for (int i = 0; i < e->d->order_count; i++) {
        const struct decision_order *o = &e->d->orders[i];
        int64_t distance_e8 = dec_abs(o->entry_e8 - o->sl_e8);
        if (distance_e8 < e->info->min_sl_dist_e8) {
            decision_skip(e->d, REASON_STOP_TOO_CLOSE, distance_e8, e->info->min_sl_dist_e8);
            return false;
        }
        if (o->sl_e8 <= 0 || o->tp_e8 <= 0) {
            decision_skip(e->d, REASON_STOP_TOO_FAR, distance_e8, o->entry_e8);
            return false;
        }
    }
    return true;
}

void legacy_v2_place(struct legacy_v2_entry *e)
{
    struct plan p = {.is_v3 = e->s->format == SIGNAL_FORMAT_V3};
    enum reason r = levels_take(e->s, &e->snap->quote, &p.from);
    if (r != REASON_ACCEPTED) {
        refuse(e, r, r == REASON_PRICE_MISSING ? "price" : "sl_price");
        return;
    }
    size(e, &p);
    if (p.a_e8 == 0) {
        decision_skip(e->d, REASON_LOT_BELOW_MIN, p.a_e8, e->info->volume_min_e8);
        return;
    }
    if (p.is_v3 && !stop_by_alert(e, &p))
        return;
    if (!p.is_v3)
        stop_by_table(e, &p);
    if (p.base_pips_e8 <= 0) {
        decision_skip(e->d, REASON_STOP_TOO_CLOSE, p.a_distance_e8, e->info->min_sl_dist_e8);
        return;
    }
    if (!fits_caps(e, &p))
        return;
    decision_number(e->d, "entry", p.from.entry_e8);
    decision_number(e->d, "lot_a", p.a_e8);
    decision_number(e->d, "lot_b", p.b_e8);
    decision_number(e->d, "sl_distance_a", p.a_distance_e8);
    add_a(e, &p);
    if (p.b_e8 > 0)
        add_b(e, &p);
    if (!levels_are_sound(e))
        return;
    e->d->action = DECISION_EXECUTE;
    decision_reason(e->d, REASON_ACCEPTED);
    if (p.is_reduced)
        decision_reason(e->d, REASON_LOTS_REDUCED);
}
