/* analytics/analytics.c: figures over closed trades, in one pass: every trade is added to the
 * accumulators it belongs to, and the ratios are computed at the end. Nothing is kept per trade, so
 * memory does not grow with the ledger. Drawing is equity_chart.c's. */
#include "analytics/analytics.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

#define OTHER_GROUP "other"

struct accumulator {
    struct analytics_summary s;
    int64_t peak_e8; /* of the running net profit, at least 0: the start */
};

struct grouping {
    enum analytics_by by;
    int count;
    char names[ANALYTICS_GROUPS_MAX][SYMBOL_CAP];
    struct accumulator sums[ANALYTICS_GROUPS_MAX];
};

static void accumulator_begin(struct accumulator *a, int64_t from_ms, int64_t to_ms)
{
    *a = (struct accumulator){0};
    a->s.from_ms = from_ms;
    a->s.to_ms = to_ms;
}

static void accumulator_add(struct accumulator *a, const struct ledger_trade *t)
{
    struct analytics_summary *s = &a->s;
    int64_t net_e8 = t->profit_e8 + t->swap_e8 - t->commission_e8;
    if (s->trades == 0 || net_e8 > s->best_e8) {
        s->best_e8 = net_e8;
    }
    if (s->trades == 0 || net_e8 < s->worst_e8) {
        s->worst_e8 = net_e8;
    }
    s->trades++;
    s->profit_e8 += net_e8;
    if (net_e8 > 0) {
        s->wins++;
        s->gross_win_e8 += net_e8;
    } else if (net_e8 < 0) {
        s->losses++;
        s->gross_loss_e8 -= net_e8;
    } else {
        s->flat++;
    }
    if (s->profit_e8 > a->peak_e8) {
        a->peak_e8 = s->profit_e8;
    }
    if (a->peak_e8 - s->profit_e8 > s->max_drawdown_e8) {
        s->max_drawdown_e8 = a->peak_e8 - s->profit_e8;
    }
}

static struct analytics_summary accumulator_end(const struct accumulator *a)
{
    struct analytics_summary s = a->s;
    TR_ASSERT(s.wins + s.losses + s.flat == s.trades);
    TR_ASSERT(s.gross_win_e8 - s.gross_loss_e8 == s.profit_e8);
    s.profit_factor_e8 = DEC_NONE;
    if (s.trades > 0) {
        s.win_rate_e8 = dec_muldiv(s.wins, DEC_ONE, s.trades, DEC_HALF_AWAY);
        s.average_e8 = dec_muldiv(s.profit_e8, 1, s.trades, DEC_HALF_AWAY);
    }
    if (s.gross_loss_e8 > 0) {
        s.profit_factor_e8 = dec_div(s.gross_win_e8, s.gross_loss_e8, DEC_HALF_AWAY);
    }
    return s;
}

static int on_trade(const struct ledger_trade *t, void *ctx)
{
    accumulator_add(ctx, t);
    return 0;
}

int analytics_summarise(struct ledger_reader *r, int64_t from_ms, int64_t to_ms,
                        struct analytics_summary *ret)
{
    TR_ASSERT(r && ret && from_ms <= to_ms);
    struct accumulator a;
    accumulator_begin(&a, from_ms, to_ms);
    int result = ledger_read_closed(r, from_ms, to_ms, on_trade, &a);
    if (result < 0) {
        return err_trace(result);
    }
    *ret = accumulator_end(&a);
    return 0;
}

static const char *group_name(enum analytics_by by, const struct ledger_trade *t)
{
    switch (by) {
    case ANALYTICS_BY_SYMBOL:
        return t->symbol;
    case ANALYTICS_BY_ROUTE:
        return t->route;
    case ANALYTICS_BY_ROLE:
        return order_role_name(t->role);
    case ANALYTICS_BY_REASON:
        return reason_code(t->close_reason);
    case ANALYTICS_BY_UNSET:
        break;
    }
    return "";
}

/* The last place takes all names that have none of their own. */
static struct accumulator *group_of(struct grouping *g, const char *name)
{
    for (int i = 0; i < g->count; i++) {
        if (strncmp(g->names[i], name, SYMBOL_CAP - 1) == 0) {
            return &g->sums[i];
        }
    }
    if (g->count == ANALYTICS_GROUPS_MAX) {
        return &g->sums[ANALYTICS_GROUPS_MAX - 1];
    }
    bool last = g->count == ANALYTICS_GROUPS_MAX - 1;
    (void)str_copy(g->names[g->count], SYMBOL_CAP, last ? OTHER_GROUP : name); /* reasons are cut */
    return &g->sums[g->count++];
}

static int on_grouped_trade(const struct ledger_trade *t, void *ctx)
{
    struct grouping *g = ctx;
    accumulator_add(group_of(g, group_name(g->by, t)), t);
    return 0;
}

/* Best net profit first; equal ones by name, so that the same ledger always gives the same list. */
static int compare_groups(const void *pa, const void *pb)
{
    const struct analytics_group *a = pa;
    const struct analytics_group *b = pb;
    if (a->s.profit_e8 != b->s.profit_e8) {
        return a->s.profit_e8 > b->s.profit_e8 ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

int analytics_group_by(struct ledger_reader *r, int64_t from_ms, int64_t to_ms,
                       enum analytics_by by, struct analytics_group ret[ANALYTICS_GROUPS_MAX])
{
    TR_ASSERT(r && ret && from_ms <= to_ms);
    TR_ASSERT(by != ANALYTICS_BY_UNSET);
    struct grouping g = {.by = by};
    for (int i = 0; i < ANALYTICS_GROUPS_MAX; i++) {
        accumulator_begin(&g.sums[i], from_ms, to_ms);
    }
    int result = ledger_read_closed(r, from_ms, to_ms, on_grouped_trade, &g);
    if (result < 0) {
        return err_trace(result);
    }
    for (int i = 0; i < g.count; i++) {
        memcpy(ret[i].name, g.names[i], SYMBOL_CAP);
        ret[i].s = accumulator_end(&g.sums[i]);
    }
    qsort(ret, (size_t)g.count, sizeof(ret[0]), compare_groups);
    return g.count;
}
