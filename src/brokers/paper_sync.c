/* brokers/paper_sync.c: the desk of the paper venue, driven by the caller. */
#include "brokers/paper_sync.h"

#include "brokers/paper_desk.h"
#include "brokers/paper_range.h"
#include "core/alloc.h"

struct paper_sync {
    struct broker base; /* first */
    struct paper_desk *desk;
    struct clock *clock; /* borrowed */
    struct paper_range ranges[PAPER_SYMBOLS_MAX];
    struct quote quotes[PAPER_SYMBOLS_MAX]; /* newest */
    uint32_t noted;                         /* bit i: the book has not seen quotes[i] */
    bool is_stale;                          /* ranges are to be found again */
    int64_t day_end_ms;                     /* swap is charged by the first tick from then on */
    bool is_up;
};
_Static_assert(PAPER_SYMBOLS_MAX <= 32, "a bit each");

static struct paper_sync *venue_of(struct broker *b)
{
    TR_ASSERT(b && b->ops);
    return (struct paper_sync *)b; /* embedded first */
}

/* The book sees the newest quotes. They reach nothing: they have only to be valued. */
static void settle(struct paper_sync *v)
{
    for (size_t i = 0; v->noted != 0; i++) {
        uint32_t bit = UINT32_C(1) << i;
        if ((v->noted & bit) == 0)
            continue;
        v->noted &= ~bit;
        paper_desk_set_quote(v->desk, i, &v->quotes[i]);
    }
    v->is_stale = true;
}

bool paper_sync_note(struct paper_sync *v, size_t i, const struct quote *q)
{
    TR_ASSERT(i < symbol_count());
    if (v->is_stale) {
        paper_range_find(paper_desk_book(v->desk), v->ranges);
        v->is_stale = false;
    }
    if (!paper_range_holds(&v->ranges[i], q) || q->time_ms >= v->day_end_ms)
        return false;
    v->quotes[i] = *q;
    v->noted |= UINT32_C(1) << i;
    return true;
}

void paper_sync_tick(struct paper_sync *v, size_t i, const struct quote *q)
{
    TR_ASSERT(i < symbol_count());
    settle(v);
    v->quotes[i] = *q;
    paper_desk_tick(v->desk, i, q);
    if (q->time_ms >= v->day_end_ms) { /* days end on the hour */
        const int64_t hour_ms = INT64_C(3600000);
        v->day_end_ms = q->time_ms - q->time_ms % hour_ms + hour_ms;
    }
}

void paper_sync_run_due(struct paper_sync *v)
{
    settle(v);
    paper_desk_run_due(v->desk);
}

int64_t paper_sync_next_due_us(const struct paper_sync *v)
{
    return paper_desk_next_due_us(v->desk);
}

int64_t paper_sync_balance_e8(const struct paper_sync *v)
{
    return paper_book_account(paper_desk_book(v->desk)).balance_e8;
}

int64_t paper_sync_equity_e8(struct paper_sync *v)
{
    settle(v);
    return paper_book_equity_e8(paper_desk_book(v->desk));
}

int64_t paper_sync_net_lots_e8(const struct paper_sync *v, size_t i)
{
    return paper_book_net_lots_e8(paper_desk_book(v->desk), i);
}

uint64_t paper_sync_fault_count(const struct paper_sync *v)
{
    return paper_desk_fault_count(v->desk);
}

const struct paper_book *paper_sync_book(struct paper_sync *v)
{
    settle(v);
    return paper_desk_book(v->desk);
}

/* ---- struct broker_ops ---- */

static int sync_start(struct broker *b, broker_sink_fn sink, void *ctx)
{
    struct paper_sync *v = venue_of(b);
    v->is_up = true;
    paper_desk_start(v->desk, sink, ctx);
    return 0;
}

static void sync_stop(struct broker *b)
{
    venue_of(b)->is_up = false;
}

static int sync_submit(struct broker *b, const struct broker_request *r)
{
    struct paper_sync *v = venue_of(b);
    settle(v);
    paper_desk_request(v->desk, r);
    return BROKER_ACCEPTED;
}

static bool sync_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    struct paper_sync *v = venue_of(b);
    int i = paper_symbol_index(symbol);
    if (i < 0 || v->quotes[i].bid_e8 <= 0)
        return false;
    *ret = v->quotes[i];
    return true;
}

static bool sync_is_up(struct broker *b)
{
    return venue_of(b)->is_up;
}

static struct broker *sync_free(struct broker *b)
{
    struct paper_sync *v = venue_of(b);
    v->desk = paper_desk_free(v->desk);
    mem_free(v);
    return NULL;
}

static const struct broker_ops sync_ops = {
    .name = "paper",
    .start = sync_start,
    .stop = sync_stop,
    .submit = sync_submit,
    .quote = sync_quote,
    .is_up = sync_is_up,
    .free = sync_free,
};

struct broker *paper_sync_broker(struct paper_sync *v)
{
    return &v->base;
}

int paper_sync_new(const struct paper_conf *conf, struct clock *clock,
                   struct paper_sync **ret_venue)
{
    TR_ASSERT(conf && clock && ret_venue);
    struct paper_sync *v = xalloc(sizeof(*v));
    v->base.ops = &sync_ops;
    v->clock = clock;
    v->is_stale = true;
    int r = paper_desk_new(conf, clock, &v->desk);
    if (r < 0) {
        mem_free(v);
        return err_trace(r);
    }
    *ret_venue = v;
    return 0;
}
