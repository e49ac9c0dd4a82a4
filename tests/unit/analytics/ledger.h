/* tests/unit/analytics/ledger.h: a trade ledger in a scratch directory, filled through its own
 * writer. */
#ifndef TRIDENT_TESTS_ANALYTICS_LEDGER_H
#define TRIDENT_TESTS_ANALYTICS_LEDGER_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analytics/analytics.h"
#include "core/alloc.h"
#include "store/trade_ledger.h"

#define DAY0 INT64_C(1795219200000) /* 2026-11-21T00:00:00Z */

struct ledger {
    char dir[64];
    char path[128];
    struct trade_ledger *writer;
    struct ledger_reader *reader;
    uint64_t seq;
};

static inline int64_t e8(const char *s)
{
    int64_t v = 0;
    bool ok = dec_parse(s, strlen(s), &v);
    cr_assert(ok, "not a number: %s", s);
    return v;
}

static inline void ledger_begin(struct ledger *l)
{
    *l = (struct ledger){.dir = "/tmp/trident-analytics-XXXXXX"};
    cr_assert_not_null(mkdtemp(l->dir));
    snprintf(l->path, sizeof(l->path), "%s/v3.db", l->dir);
    cr_assert_eq(trade_ledger_open(&v3_ledger, l->path, &l->writer), 0);
    cr_assert_eq(trade_ledger_begin(l->writer), 0);
}

struct deal {
    const char *symbol, *route;
    enum order_role role;
    int64_t closed_ms;
    int64_t profit_e8, commission_e8, swap_e8;
};

/* One leg opened and closed. */
static inline void ledger_add(struct ledger *l, const struct deal *d)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_TRADE_OPENED;
    e.seq = ++l->seq;
    e.time_ms = d->closed_ms - 60000;
    e.cid = e.position_cid = l->seq;
    e.cause_seq = l->seq; /* a row of its own */
    e.side = SIDE_BUY;
    e.role = d->role;
    e.lots_e8 = e8("0.1");
    e.entry_e8 = e8("1.1");
    (void)str_copy(e.symbol, sizeof(e.symbol), d->symbol);
    (void)str_copy(e.plugin, sizeof(e.plugin), "combined_v3");
    (void)str_copy(e.route, sizeof(e.route), d->route);
    cr_assert_eq(trade_ledger_apply(l->writer, &e), 0);
    e.type = EVENT_TRADE_CLOSED;
    e.seq = ++l->seq;
    e.cid = l->seq + 1000000;
    e.time_ms = d->closed_ms;
    e.exit_e8 = e8("1.2");
    e.profit_e8 = d->profit_e8;
    e.commission_e8 = d->commission_e8;
    e.swap_e8 = d->swap_e8;
    e.reason = REASON_TP_HIT;
    cr_assert_eq(trade_ledger_apply(l->writer, &e), 0);
}

static inline void ledger_read(struct ledger *l)
{
    cr_assert_eq(trade_ledger_commit(l->writer, l->seq), 0);
    cr_assert_eq(ledger_reader_open(l->path, &l->reader), 0);
}

static inline void ledger_end(struct ledger *l)
{
    ledger_reader_close(l->reader);
    trade_ledger_close(l->writer);
    char name[160];
    static const char *const tails[] = {"v3.db", "v3.db-wal", "v3.db-shm", "equity.png"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(tails); i++) {
        snprintf(name, sizeof(name), "%s/%s", l->dir, tails[i]);
        unlink(name);
    }
    cr_assert_eq(rmdir(l->dir), 0, "nothing else is left behind");
}

#endif
