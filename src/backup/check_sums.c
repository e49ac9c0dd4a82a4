/* backup/check_sums.c: the second half of check.h. One walk over the journal adds up, for each
 * position, what the broker reported (close fills) and what was booked (TRADE_CLOSED); then the
 * closed orders of the ledger are held against the sums. A fill that was not booked, because
 * nothing of ours was open, is told as a mismatch in its own row and does not count. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "backup/check.h"
#include "core/alloc.h"
#include "core/map.h"
#include "engine/input.h"
#include "store/journal.h"
#include "store/ledger_reader.h"
#include "store/trade_ledger.h"

#define POSITIONS_MAX (16 * 1024 * 1024)
#define TRIES_MAX     5

struct sums {
    int64_t lots_e8, profit_e8, commission_e8, swap_e8;
};

struct tally {
    struct sums filled, booked;
    uint64_t closed_seq; /* the row after which nothing of it is open; 0 = none yet */
    bool is_in_ledger;
};

struct walk {
    struct map *tallies;           /* by position */
    uint64_t seq;                  /* of the row at hand */
    bool has_booked, has_mismatch; /* of it */
    struct check_sums_result *ret;
};

static struct tally *tally_of(struct walk *w, uint64_t position_cid)
{
    struct tally *t = map_get(w->tallies, position_cid);
    if (t != NULL)
        return t;
    t = xalloc(sizeof(*t));
    if (map_put(w->tallies, position_cid, t))
        return t;
    return mem_free(t);
}

static int on_output(const struct output_view *v, void *ctx)
{
    struct walk *w = ctx;
    if (v->kind != OUTPUT_EVENT)
        return 0;
    if (v->event.type == EVENT_POSITION_MISMATCH)
        w->has_mismatch = true;
    if (v->event.type != EVENT_TRADE_CLOSED)
        return 0;
    struct tally *t = tally_of(w, v->event.position_cid);
    if (t == NULL)
        return err_raise(-ENOMEM);
    w->has_booked = true;
    t->booked.lots_e8 += v->event.lots_e8;
    t->booked.profit_e8 += v->event.profit_e8;
    t->booked.commission_e8 += v->event.commission_e8;
    t->booked.swap_e8 += v->event.swap_e8;
    if (v->event.number_e8 == 0)
        t->closed_seq = w->seq;
    return 0;
}

static int add_fill(struct walk *w, const struct journal_row *row)
{
    struct input *in = input_new(INPUT_BROKER);
    struct input_quotes quotes;
    TR_CLEANUP(mem_freep) struct decision *decision = xalloc(sizeof(*decision));
    int r = input_unpack(row->input, row->input_len, in, &quotes, decision);
    const struct broker_event *e = &in->broker;
    if (r == 0 && e->kind == BROKER_EVENT_FILL && e->purpose == ORDER_CLOSE) {
        struct tally *t = tally_of(w, e->position_cid);
        r = t != NULL ? 0 : err_raise(-ENOMEM);
        if (t != NULL) {
            t->filled.profit_e8 += e->profit_e8;
            t->filled.swap_e8 += e->swap_e8;
        }
    }
    (void)input_free(in);
    return r;
}

static int on_row(const struct journal_row *row, void *ctx)
{
    struct walk *w = ctx;
    w->has_booked = w->has_mismatch = false;
    w->seq = row->seq;
    int r = outputs_visit(row->output, row->output_len, on_output, w);
    if (r == 0 && row->kind == INPUT_BROKER && (w->has_booked || !w->has_mismatch))
        r = add_fill(w, row);
    return r;
}

/* ---- comparing ---- */

static int differ(struct walk *w, uint64_t cid, const char *what, int64_t have_e8, int64_t want_e8)
{
    char have[DEC_TEXT_CAP], want[DEC_TEXT_CAP];
    w->ret->is_sound = false;
    (void)snprintf(w->ret->text, sizeof(w->ret->text),
                   "order %" PRIu64 ": %s is %s, the journal says %s", cid, what,
                   dec_format(have_e8, have), dec_format(want_e8, want));
    return 1; /* the first is enough */
}

static int on_trade(const struct ledger_trade *t, void *ctx)
{
    static const struct tally nothing;
    struct walk *w = ctx;
    struct tally *of_ours = map_get(w->tallies, t->cid);
    const struct tally *known = of_ours != NULL ? of_ours : &nothing;
    const struct sums *booked = &known->booked, *filled = &known->filled;
    if (of_ours != NULL)
        of_ours->is_in_ledger = true;
    w->ret->trades++;
    if (t->lots_e8 != booked->lots_e8)
        return differ(w, t->cid, "the size", t->lots_e8, booked->lots_e8);
    if (t->profit_e8 != booked->profit_e8)
        return differ(w, t->cid, "the profit", t->profit_e8, booked->profit_e8);
    if (t->commission_e8 != booked->commission_e8)
        return differ(w, t->cid, "the commission", t->commission_e8, booked->commission_e8);
    if (t->swap_e8 != booked->swap_e8)
        return differ(w, t->cid, "the swap", t->swap_e8, booked->swap_e8);
    if (booked->profit_e8 != filled->profit_e8)
        return differ(w, t->cid, "the booked profit", booked->profit_e8, filled->profit_e8);
    if (booked->swap_e8 != filled->swap_e8)
        return differ(w, t->cid, "the booked swap", booked->swap_e8, filled->swap_e8);
    return 0;
}

static void find_missing(struct walk *w, uint64_t applied_seq)
{
    size_t pos = 0;
    uint64_t cid = 0;
    for (const struct tally *t; (t = map_next(w->tallies, &pos, &cid)) != NULL;) {
        if (t->is_in_ledger || t->closed_seq == 0 || t->closed_seq > applied_seq)
            continue;
        w->ret->is_sound = false;
        (void)snprintf(w->ret->text, sizeof(w->ret->text),
                       "order %" PRIu64 " was closed in row %" PRIu64 " and is not in the ledger",
                       cid, t->closed_seq);
        return;
    }
}

static int read_journal(struct walk *w, const char *path)
{
    struct journal_reader *reader = NULL;
    uint64_t last = 0;
    int r = journal_reader_open(path, &reader);
    if (r == 0)
        r = journal_read(reader, 0, SIZE_MAX, 0, on_row, w, &last);
    (void)journal_reader_close(reader);
    return r < 0 ? err_trace(r) : 0;
}

static int read_ledgers(struct walk *w, const char *path)
{
    struct ledger_reader *reader = NULL;
    int r = ledger_reader_open_own(path, &reader);
    if (r == 0)
        r = ledger_read_closed(reader, 0, INT64_MAX, on_trade, w);
    (void)ledger_reader_close(reader);
    return r < 0 ? err_trace(r) : 0;
}

/* The row that all of them are written up to, and the highest that one is. */
static int read_watermarks(const struct check_sums_paths *paths, uint64_t *ret_low,
                           uint64_t *ret_high)
{
    *ret_low = UINT64_MAX;
    *ret_high = 0;
    for (size_t i = 0; i < paths->ledger_count; i++) {
        uint64_t seq = 0;
        int r = trade_ledger_peek_seq(paths->ledgers[i], &seq);
        if (r < 0)
            return err_trace(r);
        *ret_low = seq < *ret_low ? seq : *ret_low;
        *ret_high = seq > *ret_high ? seq : *ret_high;
    }
    return 0;
}

static void free_tallies(struct map *m)
{
    size_t pos = 0;
    uint64_t key = 0;
    for (void *t; (t = map_next(m, &pos, &key)) != NULL;)
        (void)mem_free(t);
    (void)map_free(m);
}

/* *ret_overtaken: a ledger was written beyond the rows that were read; what differs may be that. */
static int compare(const struct check_sums_paths *paths, struct check_sums_result *ret,
                   bool *ret_overtaken)
{
    struct walk w = {.ret = ret};
    uint64_t low = 0, high = 0, low_after = 0;
    *ret = (struct check_sums_result){.is_sound = true};
    int r = read_watermarks(paths, &low, &high);
    if (r < 0)
        return r;
    w.tallies = map_new(POSITIONS_MAX);
    r = read_journal(&w, paths->journal);
    if (r == 0)
        r = read_ledgers(&w, paths->ledgers[0]);
    if (r == 0 && ret->is_sound)
        find_missing(&w, low);
    free_tallies(w.tallies);
    if (r == 0)
        r = read_watermarks(paths, &low_after, &high);
    *ret_overtaken = high > w.seq;
    return r;
}

int check_sums(const struct check_sums_paths *paths, struct check_sums_result *ret)
{
    bool is_overtaken = true;
    int r = 0;
    TR_ASSERT(paths->journal != NULL);
    TR_ASSERT(paths->ledger_count > 0 && paths->ledger_count <= CHECK_LEDGERS_MAX);
    for (int tries = 0; r == 0 && is_overtaken && tries < TRIES_MAX; tries++) {
        r = compare(paths, ret, &is_overtaken);
        if (ret->is_sound)
            break;
    }
    return r;
}
