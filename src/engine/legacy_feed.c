/* engine/legacy_feed.c: new rows of the old bot's database -> INPUT_LEGACY.
 *
 * The old bot writes one row an order, and two orders for most alerts: rows that follow each other
 * with the same symbol and side but another order type are one decision, as the plugin's two orders
 * are. A table is read only once it has been quiet for a look, so that the second order of an entry
 * is not taken for another entry. Orders of chains answer no alert: they are passed over. A file
 * that shrank is another one: reading begins anew at its end. */
#include "engine/legacy_feed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/mutex.h"
#include "core/thread.h"
#include "engine/shadow_board.h"
#include "store/legacy_db.h"

#define AT_THE_BEGINNING (-1) /* an empty table was seen: its first row is news */
#define ORDERS_MAX       2

_Static_assert((int)LEGACY_TABLE_COUNT == (int)SHADOW_LEGACY_TABLES, "the same tables");

struct legacy_feed {
    struct legacy_feed_options opt; /* (c) */
    struct thread *thread;          /* (c) */
    struct mutex lock;              /* leaf: only the pause between two looks */
    struct cond wake;
    /* feed thread: */
    int64_t posted[LEGACY_TABLE_COUNT]; /* newest row that was handed over */
    int64_t newest[LEGACY_TABLE_COUNT]; /* of the look before */
    int error;                          /* of the look before */
    /* A row was not journaled: read again from where the engine is. Set by the engine thread. */
    atomic_bool is_lost;
};

/* ---- handing over ---- */

static void on_done(struct input *in, const struct outcome *o, void *ctx)
{
    struct legacy_feed *f = ctx;
    (void)in;
    if (o->status != OUTCOME_COMMITTED)
        atomic_store_explicit(&f->is_lost, true, memory_order_release);
}

static bool post(struct legacy_feed *f, int table, int64_t row, const struct shadow_view *v)
{
    struct input *in = input_new(INPUT_LEGACY);
    in->legacy = (struct shadow_legacy){
        .decided_ms = clock_wall_ms(f->opt.clock), .view = *v, .table = table, .row = row};
    in->done = on_done;
    in->done_ctx = f;
    if (engine_post(f->opt.engine, in) != ENGINE_OK) {
        input_free(in);
        return false; /* the next look reads it again */
    }
    f->posted[table] = row;
    return true;
}

static const struct shadow_view nothing = {
    .what = {.sl_pips_e8 = DEC_NONE, .tp_pips_e8 = DEC_NONE}};

/* ---- rows to decisions ---- */

static int64_t pips_between_e8(const struct symbol_info *info, int64_t a_e8, int64_t b_e8)
{
    if (info == NULL || a_e8 == DEC_NONE || b_e8 == DEC_NONE)
        return DEC_NONE;
    return dec_div(dec_abs(a_e8 - b_e8), info->pip_size_e8, DEC_HALF_AWAY);
}

static bool is_same_entry(const struct legacy_row *a, const struct legacy_row *b)
{
    return a->side == b->side && strcmp(a->symbol, b->symbol) == 0 && !b->is_follow_up &&
           strcmp(a->order_type, b->order_type) != 0;
}

static void entry_view(const struct legacy_row *rows, size_t count, struct shadow_view *ret)
{
    const struct legacy_row *first = &rows[0];
    const struct symbol_info *info = symbol_find(first->symbol);
    *ret = nothing;
    ret->what.action = SHADOW_EXECUTE;
    (void)str_copy(ret->what.symbol, sizeof(ret->what.symbol), first->symbol); /* same cap */
    ret->what.side = first->side;
    for (size_t i = 0; i < count; i++)
        ret->what.lots_e8 += rows[i].lots_e8 != DEC_NONE ? rows[i].lots_e8 : 0;
    ret->what.has_params = first->side != SIDE_UNSET && ret->what.lots_e8 > 0;
    ret->what.sl_pips_e8 = first->sl_pips_e8 != DEC_NONE
                               ? first->sl_pips_e8
                               : pips_between_e8(info, first->entry_e8, first->sl_e8);
    ret->what.tp_pips_e8 = pips_between_e8(info, first->entry_e8, first->tp_e8);
}

static void exit_view(const struct legacy_row *row, struct shadow_view *ret)
{
    *ret = nothing;
    ret->what.action = SHADOW_EXECUTE; /* without an order: it closes */
    (void)str_copy(ret->what.symbol, sizeof(ret->what.symbol), row->symbol);
    ret->reason = REASON_EXIT_SIGNAL;
}

static void take(struct legacy_feed *f, int table, const struct legacy_rows *rows)
{
    bool is_posted = true;
    for (size_t i = 0; i < rows->count && is_posted;) {
        const struct legacy_row *row = &rows->items[i];
        struct shadow_view v = nothing;
        size_t n = 1;
        bool is_decision = row->symbol[0] != '\0' && !row->is_follow_up;
        if (is_decision && table == LEGACY_EXITS) {
            exit_view(row, &v);
        } else if (is_decision) {
            while (n < ORDERS_MAX && i + n < rows->count && is_same_entry(row, row + n))
                n++;
            entry_view(row, n, &v);
        }
        i += n;
        is_posted = post(f, table, rows->items[i - 1].id, &v);
    }
}

/* ---- one look ---- */

static int look_at(struct legacy_feed *f, struct legacy_db *db, enum legacy_table table)
{
    struct legacy_rows *rows TR_CLEANUP(mem_freep) = xalloc(sizeof(*rows));
    int64_t newest;
    int r = legacy_db_newest(db, table, &newest);
    if (r < 0)
        return r;
    int64_t after = f->posted[table];
    bool is_another = after > 0 && newest < after;
    if (after == 0 || is_another) {
        if (is_another)
            log_warn("engine",
                     "legacy_db_is_another table=%d rows_before=%" PRId64 " rows_now=%" PRId64,
                     (int)table, after, newest);
        (void)post(f, (int)table, newest > 0 ? newest : AT_THE_BEGINNING, &nothing);
        f->newest[table] = newest;
        return 0;
    }
    bool is_quiet = newest == f->newest[table];
    f->newest[table] = newest;
    if (!is_quiet || newest <= after)
        return 0;
    r = legacy_db_read(db, table, after, rows);
    if (r == 0)
        take(f, (int)table, rows);
    return r;
}

static void note_error(struct legacy_feed *f, int error)
{
    if (error != 0 && error != f->error)
        log_warn("engine", "legacy_db_unread path=%s error=\"%s\"", f->opt.db_path,
                 strerrordesc_np(-error));
    else if (error == 0 && f->error != 0)
        log_info("engine", "legacy_db_read_again path=%s", f->opt.db_path);
    f->error = error;
}

void legacy_feed_look(struct legacy_feed *f)
{
    struct legacy_db *db = NULL;
    bool is_lost = atomic_exchange_explicit(&f->is_lost, false, memory_order_acq_rel);
    for (int t = 0; t < LEGACY_TABLE_COUNT; t++) {
        uint64_t seq;
        int64_t taken = shadow_board_legacy_row(f->opt.board, t, &seq);
        if (is_lost || f->posted[t] == 0)
            f->posted[t] = taken;
    }
    int r = legacy_db_open(f->opt.db_path, &db);
    for (int t = 0; r == 0 && t < LEGACY_TABLE_COUNT; t++)
        r = look_at(f, db, (enum legacy_table)t);
    db = legacy_db_close(db);
    note_error(f, r);
}

/* ---- the thread ---- */

static void feed_main(struct thread *self, void *arg)
{
    struct legacy_feed *f = arg;
    while (!thread_should_stop(self)) {
        legacy_feed_look(f);
        int64_t until_us = clock_mono_us(f->opt.clock) + f->opt.poll_ms * INT64_C(1000);
        mutex_lock(&f->lock);
        while (!thread_should_stop(self) && cond_wait_until_us(&f->wake, &f->lock, until_us))
            ;
        mutex_unlock(&f->lock);
    }
}

static void feed_wake(void *arg)
{
    struct legacy_feed *f = arg;
    mutex_lock(&f->lock);
    cond_signal(&f->wake);
    mutex_unlock(&f->lock);
}

struct legacy_feed *legacy_feed_new(const struct legacy_feed_options *o)
{
    TR_ASSERT(o->db_path != NULL && o->engine != NULL && o->board != NULL && o->poll_ms > 0);
    struct legacy_feed *f = xalloc(sizeof(*f));
    f->opt = *o;
    mutex_init(&f->lock);
    cond_init(&f->wake);
    atomic_init(&f->is_lost, false);
    return f;
}

struct legacy_feed *legacy_feed_start(const struct legacy_feed_options *o)
{
    struct legacy_feed *f = legacy_feed_new(o);
    f->thread = thread_start("legacy-db", feed_main, feed_wake, f);
    return f;
}

void legacy_feed_stop(struct legacy_feed *f)
{
    if (f != NULL)
        f->thread = thread_join(f->thread);
}

struct legacy_feed *legacy_feed_free(struct legacy_feed *f)
{
    if (f == NULL)
        return NULL;
    TR_ASSERT(f->thread == NULL);
    cond_deinit(&f->wake);
    mutex_deinit(&f->lock);
    return mem_free(f);
}
