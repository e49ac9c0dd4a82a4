/* engine/tx_positions.c: what commands and chains may do to an open position, and the sessions. */
#include "core/alloc.h"
#include "engine/apply.h"
#include "engine/exits.h"

#define MS_PER_MINUTE INT64_C(60000)
#define PERCENT_ALL   (100 * DEC_ONE)

enum reason tx_close_partial(struct engine_tx *tx, uint64_t position_cid, int64_t lots_e8,
                             enum reason why)
{
    struct position *p = state_position(tx->s, position_cid);
    const struct symbol_info *info = p != NULL ? symbol_find(p->symbol) : NULL;
    if (info == NULL)
        return REASON_POSITION_NOT_FOUND;
    if (lots_e8 <= 0)
        return REASON_ARGUMENT_INVALID;
    if (p->closing_cid != 0)
        return REASON_ALREADY_DONE;
    int64_t part_e8 = dec_to_step(lots_e8, info->volume_step_e8, DEC_DOWN);
    if (part_e8 < info->volume_min_e8)
        return REASON_LOT_BELOW_MIN;
    if (p->lots_e8 - part_e8 < info->volume_min_e8)
        part_e8 = p->lots_e8;
    return orders_close_part(tx, p, part_e8, why) ? REASON_ACCEPTED : REASON_ENTRIES_HALTED;
}

enum reason tx_close_percent(struct engine_tx *tx, uint64_t position_cid, int64_t percent_e8,
                             enum reason why)
{
    const struct position *p = state_position(tx->s, position_cid);
    if (p == NULL)
        return REASON_POSITION_NOT_FOUND;
    if (percent_e8 <= 0 || percent_e8 > PERCENT_ALL)
        return REASON_ARGUMENT_INVALID;
    int64_t lots_e8 = dec_muldiv(p->lots_e8, percent_e8, PERCENT_ALL, DEC_DOWN);
    return tx_close_partial(tx, position_cid, lots_e8 > 0 ? lots_e8 : 1, why);
}

enum reason tx_modify(struct engine_tx *tx, uint64_t position_cid, int64_t sl_e8, int64_t tp_e8,
                      enum reason why)
{
    enum reason r = modify_position(tx, position_cid, sl_e8, tp_e8, why);
    const struct position *p = state_position(tx->s, position_cid);
    if (r == REASON_ACCEPTED && p != NULL)
        exits_arm(tx->s, p); /* rules go on from the new stop */
    return r;
}

void tx_stops(const struct engine_tx *tx, const struct position *p, int64_t *ret_sl_e8,
              int64_t *ret_tp_e8)
{
    *ret_sl_e8 = modify_sl_e8(tx->s, p);
    *ret_tp_e8 = modify_tp_e8(tx->s, p);
}

void tx_sessions(const struct engine_tx *tx, struct tx_sessions *ret)
{
    const struct engine_rules *r = &tx->s->rules;
    int minute = clock_minute_of_day(tx->now_ms, r->utc_offset_min);
    int left = sessions_minutes_left(&r->sessions, minute);
    *ret = (struct tx_sessions){
        .table = &r->sessions,
        .minute = minute,
        .current = sessions_at(&r->sessions, minute),
        .next = left > 0 ? sessions_at(&r->sessions, (minute + left) % DAY_MINUTES) : -1,
        .changes_ms = left > 0 ? tx->now_ms - tx->now_ms % MS_PER_MINUTE + left * MS_PER_MINUTE : 0,
    };
}
