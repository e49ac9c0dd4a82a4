/* model/rules/exit_rules.c: the arithmetic of stops that follow the price.
 *
 * Everything is a distance from the entry in the direction of profit: a rule says from which profit
 * on it wants the stop how far beyond the entry. Trailing is a ladder: at start + n steps the stop
 * goes to n steps, so it stays `start` behind the rung. The stop in force is the floor: only a
 * better one is given, and what is next is the first rung above it. */
#include "model/rules/exit_rules.h"

#include "core/alloc.h"

#define MS_PER_MINUTE INT64_C(60000)

struct rung {
    int64_t from_e8; /* profit distance that triggers */
    int64_t to_e8;   /* stop, beyond the entry */
};

void exit_rules_defaults(struct exit_rules *r)
{
    *r = (struct exit_rules){
        .trail_start_percent = 50,
        .trail_step_percent = 25,
        .trail_points = 50,
        .trail_step_points = 10,
        .lock_pips_e8 = 40 * DEC_ONE,
        .lock_to_pips_e8 = 10 * DEC_ONE,
        .trend_flip_age_min = 5,
    };
}

static int64_t point_e8(const struct symbol_info *info)
{
    int64_t point = DEC_ONE;
    for (int i = 0; i < info->digits; i++)
        point /= 10;
    TR_ASSERT(point > 0);
    return point;
}

static int64_t pips_e8(const struct exit_case *c, int64_t pips)
{
    return dec_mul(pips, c->info->pip_size_e8, DEC_DOWN);
}

bool exit_rules_is_tighter(enum side side, int64_t a_e8, int64_t b_e8)
{
    TR_ASSERT(side_sign(side) != 0);
    if (a_e8 == DEC_NONE || b_e8 == DEC_NONE)
        return a_e8 != DEC_NONE;
    return (a_e8 - b_e8) * side_sign(side) > 0;
}

/* ---- the rungs ---- */

static bool even_rung(const struct exit_rules *r, const struct exit_case *c, struct rung *ret)
{
    *ret = (struct rung){pips_e8(c, r->even_pips_e8), pips_e8(c, r->even_offset_pips_e8)};
    return r->even_pips_e8 > 0 && ret->to_e8 < ret->from_e8;
}

static bool lock_rung(const struct exit_rules *r, const struct exit_case *c, struct rung *ret)
{
    *ret = (struct rung){pips_e8(c, r->lock_pips_e8), pips_e8(c, r->lock_to_pips_e8)};
    return r->has_lock && ret->to_e8 < ret->from_e8;
}

/* First rung and the height of each; false: no trailing, or nothing to measure it by. */
static bool trail_ladder(const struct exit_rules *r, const struct exit_case *c, int64_t *ret_start,
                         int64_t *ret_step)
{
    if (r->trailing == EXIT_TRAILING_POINTS) {
        *ret_start = r->trail_points * point_e8(c->info);
        *ret_step = r->trail_step_points * point_e8(c->info);
        return *ret_start > 0 && *ret_step > 0;
    }
    if (r->trailing != EXIT_TRAILING_PERCENT || c->sl_first_e8 == DEC_NONE)
        return false;
    int64_t distance_e8 = (c->entry_e8 - c->sl_first_e8) * side_sign(c->side);
    *ret_start = dec_muldiv(distance_e8, r->trail_start_percent, 100, DEC_UP);
    *ret_step = dec_muldiv(distance_e8, r->trail_step_percent, 100, DEC_UP);
    return *ret_start > 0 && *ret_step > 0;
}

/* ---- what they say ---- */

static int64_t stop_price(const struct exit_case *c, int64_t offset_e8)
{
    int64_t price_e8 = c->entry_e8 + offset_e8 * side_sign(c->side);
    return dec_to_step(price_e8, point_e8(c->info), c->side == SIDE_BUY ? DEC_DOWN : DEC_UP);
}

static void offer(const struct exit_case *c, int64_t offset_e8, enum reason why, int64_t *best_e8,
                  enum reason *best_why)
{
    int64_t stop_e8 = stop_price(c, offset_e8);
    if (stop_e8 <= 0 || !exit_rules_is_tighter(c->side, stop_e8, *best_e8))
        return;
    *best_e8 = stop_e8;
    *best_why = why;
}

int64_t exit_rules_stop_e8(const struct exit_rules *r, const struct exit_case *c, int64_t price_e8,
                           enum reason *ret_why)
{
    TR_ASSERT(c->info != NULL && c->entry_e8 > 0);
    int64_t profit_e8 = (price_e8 - c->entry_e8) * side_sign(c->side);
    int64_t best_e8 = c->sl_e8;
    enum reason why = REASON_UNSET;
    struct rung rung;
    int64_t start_e8 = 0, step_e8 = 0;
    if (even_rung(r, c, &rung) && profit_e8 >= rung.from_e8)
        offer(c, rung.to_e8, REASON_BREAK_EVEN, &best_e8, &why);
    if (lock_rung(r, c, &rung) && profit_e8 >= rung.from_e8)
        offer(c, rung.to_e8, REASON_PROFIT_LOCK, &best_e8, &why);
    if (trail_ladder(r, c, &start_e8, &step_e8) && profit_e8 >= start_e8)
        offer(c, (profit_e8 - start_e8) / step_e8 * step_e8, REASON_TRAILING_STOP, &best_e8, &why);
    *ret_why = why;
    return why != REASON_UNSET ? best_e8 : DEC_NONE;
}

/* The profit distance of a rung that is still worth reaching, or what was nearest before. */
static int64_t nearer(const struct exit_case *c, const struct rung *rung, int64_t nearest_e8)
{
    if (!exit_rules_is_tighter(c->side, stop_price(c, rung->to_e8), c->sl_e8))
        return nearest_e8;
    return nearest_e8 == DEC_NONE || rung->from_e8 < nearest_e8 ? rung->from_e8 : nearest_e8;
}

int64_t exit_rules_next_e8(const struct exit_rules *r, const struct exit_case *c)
{
    TR_ASSERT(c->info != NULL && c->entry_e8 > 0);
    int64_t nearest_e8 = DEC_NONE;
    struct rung rung;
    int64_t start_e8 = 0, step_e8 = 0;
    if (even_rung(r, c, &rung))
        nearest_e8 = nearer(c, &rung, nearest_e8);
    if (lock_rung(r, c, &rung))
        nearest_e8 = nearer(c, &rung, nearest_e8);
    if (trail_ladder(r, c, &start_e8, &step_e8)) {
        int64_t have_e8 = c->sl_e8 != DEC_NONE ? (c->sl_e8 - c->entry_e8) * side_sign(c->side) : -1;
        int64_t n = have_e8 < 0 ? 0 : have_e8 / step_e8;
        rung = (struct rung){start_e8 + n * step_e8, n * step_e8};
        /* Rounding to digits may leave rungs where the stop already is. */
        while (!exit_rules_is_tighter(c->side, stop_price(c, rung.to_e8), c->sl_e8)) {
            rung.from_e8 += step_e8;
            rung.to_e8 += step_e8;
        }
        nearest_e8 = nearer(c, &rung, nearest_e8);
    }
    return nearest_e8 == DEC_NONE ? DEC_NONE : c->entry_e8 + nearest_e8 * side_sign(c->side);
}

int64_t exit_rules_even_e8(const struct exit_rules *r, const struct exit_case *c)
{
    int64_t stop_e8 = stop_price(c, pips_e8(c, r->even_offset_pips_e8));
    return exit_rules_is_tighter(c->side, stop_e8, c->sl_e8) ? stop_e8 : DEC_NONE;
}

int64_t exit_rules_max_hold_ms(const struct exit_rules *r, const char *route)
{
    bool is_1m = r->max_hold_1m_min > 0 && str_eq(route, "1m");
    return (is_1m ? r->max_hold_1m_min : r->max_hold_min) * MS_PER_MINUTE;
}

/* ---- packed ---- */

void exit_rules_pack(struct buf *b, const struct exit_rules *r)
{
    pack_str(b, r->plugin);
    pack_i64(b, r->trailing);
    pack_i64(b, r->trail_start_percent);
    pack_i64(b, r->trail_step_percent);
    pack_i64(b, r->trail_points);
    pack_i64(b, r->trail_step_points);
    pack_i64(b, r->even_pips_e8);
    pack_i64(b, r->even_offset_pips_e8);
    pack_bool(b, r->even_after_tp1);
    pack_bool(b, r->has_lock);
    pack_i64(b, r->lock_pips_e8);
    pack_i64(b, r->lock_to_pips_e8);
    pack_i64(b, r->max_hold_min);
    pack_i64(b, r->max_hold_1m_min);
    pack_bool(b, r->trend_flip);
    pack_i64(b, r->trend_flip_age_min);
    pack_bool(b, r->trend_alert);
}

void exit_rules_unpack(struct unpack *u, struct exit_rules *ret)
{
    unpack_str(u, ret->plugin, sizeof(ret->plugin));
    ret->trailing = (enum exit_trailing)unpack_int(u, EXIT_TRAILING_UNSET, EXIT_TRAILING_COUNT - 1);
    ret->trail_start_percent = unpack_int(u, 0, INT32_MAX);
    ret->trail_step_percent = unpack_int(u, 0, INT32_MAX);
    ret->trail_points = unpack_int(u, 0, INT32_MAX);
    ret->trail_step_points = unpack_int(u, 0, INT32_MAX);
    ret->even_pips_e8 = unpack_i64(u);
    ret->even_offset_pips_e8 = unpack_i64(u);
    ret->even_after_tp1 = unpack_bool(u);
    ret->has_lock = unpack_bool(u);
    ret->lock_pips_e8 = unpack_i64(u);
    ret->lock_to_pips_e8 = unpack_i64(u);
    ret->max_hold_min = unpack_int(u, 0, INT32_MAX);
    ret->max_hold_1m_min = unpack_int(u, 0, INT32_MAX);
    ret->trend_flip = unpack_bool(u);
    ret->trend_flip_age_min = unpack_int(u, 0, INT32_MAX);
    ret->trend_alert = unpack_bool(u);
}
