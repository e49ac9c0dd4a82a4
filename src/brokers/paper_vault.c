/* brokers/paper_vault.c: the book and its log.
 *
 * At open the log is applied to a new book and written again without what is no longer needed;
 * while running the same happens whenever the file has grown to twice its compact size and some.
 * From where on the deals in a file are whole is said by its first record: the next deal of that
 * account was the first of them. A new file is whole from now on only; one that lost its tail still
 * has a deal for everything that is not open any more: what was lost did not happen.
 * When the log cannot take a change the book stays as it was; a failed compaction only means that
 * the old file goes on. */
#include "brokers/paper_vault.h"

#include <string.h>

#include "core/alloc.h"
#include "core/log.h"

#define LOG_SLACK_BYTES      (INT64_C(4) * 1024 * 1024)
#define EXEC_IDS_PER_MS_LOG2 12

struct paper_vault {
    char path[sizeof(((struct paper_conf *)0)->state_path)]; /* "" = memory only */
    struct paper_book *book;
    struct paper_log *log; /* NULL: memory only */
    int64_t compact_size_bytes;
    bool log_failing; /* told once */
    bool has_record;  /* read from the file */
    struct paper_market market;
    struct buf scratch;
};

static int append_record(struct paper_vault *v)
{
    TR_ASSERT(!buf_failed(&v->scratch));
    return err_trace(paper_log_append(v->log, &v->scratch));
}

static int append_change(struct paper_vault *v, const struct paper_change *c)
{
    buf_reset(&v->scratch);
    paper_record_pack_change(&v->scratch, c);
    return append_record(v);
}

static int append_market(struct paper_vault *v)
{
    buf_reset(&v->scratch);
    paper_record_pack_market(&v->scratch, &v->market);
    return append_record(v);
}

static int dump_history(struct paper_vault *v)
{
    const struct paper_history *h = paper_book_history(v->book);
    struct paper_change c = {.has_fill = true, .account = paper_book_account(v->book)};
    int r = 0;
    for (size_t i = 0; r == 0 && i < h->count; i++) {
        c.fill = *paper_history_at(h, i);
        r = append_change(v, &c);
    }
    return err_trace(r);
}

/* Where the history begins, positions, then orders by the time they finished, then the deals:
 * applying them in this order gives the same book. */
static int dump(struct paper_vault *v)
{
    struct paper_change c = {.account = paper_book_account(v->book)};
    c.account.next_exec_id = paper_book_history(v->book)->after + 1;
    int r = append_change(v, &c);
    c.account = paper_book_account(v->book);
    if (r == 0) {
        r = append_change(v, &c);
    }
    c.has_position = true;
    for (const struct paper_position *p = NULL;
         r == 0 && (p = paper_book_next_position(v->book, p));) {
        c.position = *p;
        r = append_change(v, &c);
    }
    c.has_position = false;
    c.has_order = true;
    for (const struct paper_order *o = NULL;
         r == 0 && (o = paper_book_next_finished(v->book, o));) {
        c.order = *o;
        r = append_change(v, &c);
    }
    for (const struct paper_order *o = NULL; r == 0 && (o = paper_book_next_working(v->book, o));) {
        c.order = *o;
        r = append_change(v, &c);
    }
    if (r == 0) {
        r = dump_history(v);
    }
    return err_trace(r == 0 ? append_market(v) : r);
}

static int compact(struct paper_vault *v)
{
    int r = paper_log_rewrite_begin(v->log);
    if (r < 0) {
        return err_trace(r);
    }
    r = dump(v);
    if (r < 0) {
        paper_log_rewrite_abort(v->log);
        return err_trace(r);
    }
    r = paper_log_rewrite_commit(v->log);
    if (r == 0) {
        v->compact_size_bytes = paper_log_size_bytes(v->log);
    }
    return err_trace(r);
}

static void note_log(struct paper_vault *v, int r)
{
    if (r < 0 && !v->log_failing) {
        log_error("brokers", "paper_log_failed path=%s error=%s", v->path, strerror(-r));
    } else if (r == 0 && v->log_failing) {
        log_info("brokers", "paper_log_works path=%s", v->path);
    }
    v->log_failing = r < 0;
}

bool paper_vault_commit(struct paper_vault *v, const struct paper_change *c)
{
    if (v->log) {
        int r = append_change(v, c);
        note_log(v, r);
        if (r < 0) {
            return false;
        }
    }
    paper_book_apply(v->book, c);
    if (v->log && paper_log_size_bytes(v->log) > v->compact_size_bytes * 2 + LOG_SLACK_BYTES) {
        note_log(v, compact(v)); /* failing: the old file goes on */
    }
    return true;
}

static int on_record(const void *body, size_t len, void *ctx)
{
    struct paper_vault *v = ctx;
    struct paper_record record;
    int r = paper_record_unpack(body, len, &record);
    if (r < 0) {
        return err_trace(r);
    }
    if (record.is_market) {
        v->market = record.market;
        return 0;
    }
    const struct paper_change *c = &record.change;
    if (!v->has_record) {
        v->has_record = true;
        paper_book_cut_history(v->book,
                               (c->has_fill ? c->fill.exec_id : c->account.next_exec_id) - 1);
    }
    paper_book_apply(v->book, c);
    return 0;
}

static int load(struct paper_vault *v, int64_t now_ms)
{
    int64_t cut_bytes = 0;
    if (v->path[0] != '\0') {
        int r = paper_log_open(v->path, on_record, v, &v->log, &cut_bytes);
        if (r < 0) {
            return err_trace(r);
        }
    }
    if (cut_bytes > 0) {
        log_warn("brokers", "paper_log_cut path=%s bytes=%lld", v->path, (long long)cut_bytes);
    }
    /* Far above any earlier id, even if the file was deleted or lost its tail with the machine. */
    paper_book_set_exec_floor(v->book, (uint64_t)now_ms << EXEC_IDS_PER_MS_LOG2);
    if (!v->has_record) {
        paper_book_cut_history(v->book, paper_book_account(v->book).next_exec_id - 1);
    }
    return v->log ? err_trace(compact(v)) : 0;
}

int paper_vault_open(const struct paper_conf *conf, int64_t now_ms, struct paper_vault **ret_vault)
{
    TR_ASSERT(conf && ret_vault);
    TR_ASSERT(now_ms >= 0);
    struct paper_vault *v = xalloc(sizeof(*v));
    (void)str_copy(v->path, sizeof(v->path), conf->state_path); /* same size */
    buf_init(&v->scratch, PAPER_RECORD_MAX_BYTES);
    v->book = paper_book_new(conf, 1);
    int r = load(v, now_ms);
    if (r < 0) {
        paper_vault_close(v);
        return err_trace(r);
    }
    *ret_vault = v;
    return 0;
}

struct paper_vault *paper_vault_close(struct paper_vault *v)
{
    if (!v) {
        return NULL;
    }
    paper_log_close(v->log);
    paper_book_free(v->book);
    buf_deinit(&v->scratch);
    return mem_free(v);
}

struct paper_book *paper_vault_book(struct paper_vault *v)
{
    return v->book;
}

const struct paper_market *paper_vault_market(const struct paper_vault *v)
{
    return &v->market;
}

void paper_vault_save_market(struct paper_vault *v, const struct paper_market *m)
{
    v->market = *m;
    if (v->log) {
        note_log(v, append_market(v));
    }
}
