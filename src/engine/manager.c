/* engine/manager.c: see manager.h. The rules are those of model/rules/reentry.h; this file knows
 * what was said about a symbol's market, which targets a position has passed, and orders what they
 * ask for. When several targets are passed at once the farthest counts. */
#include "engine/manager.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/chains_impl.h"
#include "engine/exits.h"

#define TARGETS       3
#define HALF          50
#define CONSENSUS_MAX 9

_Static_assert(MANAGER_POSITIONS_MAX == STATE_POSITIONS_MAX, "one a position");

bool manager_is_on(const struct engine_state *s, const char *plugin)
{
    const struct exit_rules *r = exits_rules(&s->rules, plugin);
    return r != NULL && r->manager;
}

static bool is_managed(const struct engine_state *s, const struct position *p)
{
    return p->role == ORDER_ROLE_A && p->sl_first_e8 != DEC_NONE && p->sl_first_e8 != p->entry_e8 &&
           symbol_find(p->symbol) != NULL && manager_is_on(s, p->plugin);
}

/* ---- what is known of the market ---- */

static struct manager_known *known(struct manager *m, const char *symbol)
{
    for (size_t i = 0; i < m->known_count; i++)
        if (strcmp(m->known[i].symbol, symbol) == 0)
            return &m->known[i];
    if (m->known_count == MANAGER_SYMBOLS_MAX)
        return NULL;
    struct manager_known *k = &m->known[m->known_count++];
    *k = (struct manager_known){.adx_e8 = DEC_NONE, .confidence = -1};
    (void)str_copy(k->symbol, sizeof(k->symbol), symbol); /* symbol_find() has it */
    return k;
}

/* V6 says it itself; a V3 consensus of nine is a hundred, of the side it is for. */
static int confidence_of(const struct signal *sig)
{
    if (!signal_is_entry(sig->kind) || sig->score < 0)
        return -1;
    if (sig->format == SIGNAL_FORMAT_V6)
        return sig->score;
    if (sig->format != SIGNAL_FORMAT_V3 || sig->score > CONSENSUS_MAX)
        return -1;
    int strength = sig->side == SIDE_SELL ? CONSENSUS_MAX - sig->score : sig->score;
    return strength * 100 / CONSENSUS_MAX;
}

void manager_on_signal(struct engine_state *s, const struct signal *sig)
{
    int confidence = confidence_of(sig);
    if ((sig->adx_e8 == DEC_NONE && confidence < 0) || symbol_find(sig->symbol) == NULL)
        return;
    struct manager_known *k = known(&s->manager, sig->symbol);
    if (k == NULL)
        return;
    if (sig->adx_e8 != DEC_NONE)
        k->adx_e8 = sig->adx_e8;
    if (confidence >= 0)
        k->confidence = confidence;
}

bool manager_is_strong(const struct engine_state *s, const struct position *p)
{
    struct chain_base base = {.side = p->side};
    (void)str_copy(base.plugin, sizeof(base.plugin), p->plugin); /* the same widths */
    (void)str_copy(base.route, sizeof(base.route), p->route);
    (void)str_copy(base.symbol, sizeof(base.symbol), p->symbol);
    for (size_t i = 0; i < s->manager.known_count; i++) {
        const struct manager_known *k = &s->manager.known[i];
        if (strcmp(k->symbol, p->symbol) == 0 && k->adx_e8 != DEC_NONE && k->confidence >= 0)
            return reentry_is_strong(k->adx_e8, k->confidence,
                                     chains_trend_agrees(s, &base, p->side));
    }
    return false;
}

/* ---- carrying out ---- */

static void close_part(struct engine_tx *tx, struct position *p, int percent, enum reason why)
{
    const struct symbol_info *info = symbol_find(p->symbol);
    int64_t part_e8 =
        dec_to_step(dec_muldiv(p->lots_e8, percent, 100, DEC_DOWN), info->volume_step_e8, DEC_DOWN);
    TR_ASSERT(percent > 0 && percent <= 100);
    if (percent < 100 && part_e8 >= info->volume_min_e8 &&
        p->lots_e8 - part_e8 >= info->volume_min_e8)
        (void)orders_close_part(tx, p, part_e8, why); /* no room: the next target */
    else
        (void)orders_close_position(tx, p, why);
}

static void tighten(struct engine_tx *tx, const struct position *p, int64_t stop_e8,
                    enum reason why)
{
    if (exit_rules_is_tighter(p->side, stop_e8, modify_sl_e8(tx->s, p)))
        (void)modify_position(tx, p->cid, stop_e8, modify_tp_e8(tx->s, p), why);
}

static bool is_exit_alert(enum reason why)
{
    return why == REASON_V3_EXIT || why == REASON_V6_EXIT || why == REASON_EXIT_SIGNAL ||
           why == REASON_EXIT_APPEARED_BULLISH || why == REASON_EXIT_APPEARED_BEARISH;
}

bool manager_takes_exit(struct engine_tx *tx, struct position *p, enum reason why)
{
    struct quote q;
    if (!is_exit_alert(why) || !is_managed(tx->s, p) || p->closing_cid != 0 ||
        !input_quotes_find(tx->quotes, p->symbol, &q))
        return false;
    int64_t price_e8 = p->side == SIDE_BUY ? q.bid_e8 : q.ask_e8;
    int64_t pips_e8 =
        symbol_pips_e8(symbol_find(p->symbol), p->entry_e8, price_e8) * side_sign(p->side);
    switch (reentry_exit_signal_action(pips_e8, manager_is_strong(tx->s, p))) {
    case REENTRY_EXIT_ACTION_HOLD:
        return true;
    case REENTRY_EXIT_ACTION_HALF:
        close_part(tx, p, HALF, why);
        if (p->is_closing_part)
            tighten(tx, p, p->entry_e8, REASON_BREAK_EVEN);
        return true;
    case REENTRY_EXIT_ACTION_ALL:
    case REENTRY_EXIT_ACTION_UNSET:
    case REENTRY_EXIT_ACTION_COUNT:
        break;
    }
    return false;
}

/* ---- targets ---- */

static int reached(const struct manager *m, uint64_t cid)
{
    for (size_t i = 0; i < m->target_count; i++)
        if (m->targets[i].cid == cid)
            return m->targets[i].reached;
    return 0;
}

static void set_reached(struct manager *m, uint64_t cid, int target)
{
    TR_ASSERT(target > reached(m, cid) && target <= TARGETS);
    for (size_t i = 0; i < m->target_count; i++)
        if (m->targets[i].cid == cid) {
            m->targets[i].reached = target;
            return;
        }
    TR_ASSERT(m->target_count < MANAGER_POSITIONS_MAX); /* positions that are gone are forgotten */
    m->targets[m->target_count++] = (struct manager_target){cid, target};
}

void manager_position_gone(struct engine_state *s, uint64_t cid)
{
    struct manager *m = &s->manager;
    size_t kept = 0;
    for (size_t i = 0; i < m->target_count; i++)
        if (m->targets[i].cid != cid)
            m->targets[kept++] = m->targets[i];
    m->target_count = kept;
}

static int64_t target_e8(const struct position *p, int target)
{
    int64_t r_e8 = dec_abs(p->entry_e8 - p->sl_first_e8);
    return p->entry_e8 + side_sign(p->side) * target * r_e8;
}

int64_t manager_next_e8(const struct engine_state *s, const struct position *p)
{
    int next = reached(&s->manager, p->cid) + 1;
    return is_managed(s, p) && next <= TARGETS ? target_e8(p, next) : DEC_NONE;
}

void manager_on_price(struct engine_tx *tx, struct position *p, int64_t price_e8)
{
    if (!is_managed(tx->s, p) || p->closing_cid != 0)
        return;
    int before = reached(&tx->s->manager, p->cid), target = before;
    while (target < TARGETS && reentry_is_reached(p->side, price_e8, target_e8(p, target + 1)))
        target++;
    if (target == before)
        return;
    set_reached(&tx->s->manager, p->cid, target);
    int percent = reentry_target_close_percent(target, manager_is_strong(tx->s, p));
    if (percent > 0)
        close_part(tx, p, percent, REASON_TP_HIT);
    if (target == 2 && p->is_closing_part)
        tighten(tx, p, target_e8(p, 1), REASON_PROFIT_LOCK);
}

/* ---- the snapshot ---- */

void manager_pack(const struct manager *m, struct buf *out)
{
    pack_u64(out, m->known_count);
    for (size_t i = 0; i < m->known_count; i++) {
        pack_str(out, m->known[i].symbol);
        pack_i64(out, m->known[i].adx_e8);
        pack_i64(out, m->known[i].confidence);
    }
    pack_u64(out, m->target_count);
    for (size_t i = 0; i < m->target_count; i++) {
        pack_u64(out, m->targets[i].cid);
        pack_i64(out, m->targets[i].reached);
    }
}

void manager_unpack(struct manager *m, struct unpack *u)
{
    uint64_t count = unpack_u64(u);
    u->failed = u->failed || count > MANAGER_SYMBOLS_MAX;
    m->known_count = unpack_ok(u) ? (size_t)count : 0;
    for (size_t i = 0; i < m->known_count; i++) {
        unpack_str(u, m->known[i].symbol, sizeof(m->known[i].symbol));
        m->known[i].adx_e8 = unpack_i64(u);
        m->known[i].confidence = unpack_int(u, -1, 100);
    }
    count = unpack_u64(u);
    u->failed = u->failed || count > MANAGER_POSITIONS_MAX;
    m->target_count = unpack_ok(u) ? (size_t)count : 0;
    for (size_t i = 0; i < m->target_count; i++) {
        m->targets[i].cid = unpack_u64(u);
        m->targets[i].reached = unpack_int(u, 1, TARGETS);
    }
}
