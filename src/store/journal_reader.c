/* The reading side of the journal. A read copies a chunk of rows into the reader's arena, ends its
 * transaction, and only then calls the visitor: however long that takes, the WAL is not pinned and
 * the writer can checkpoint. Rows nobody asked for (flags_mask) are passed over without loading
 * their blobs. A reader keeps no position: callers hold their own watermark. */
#include "store/journal.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "store/db.h"
#include "store/journal_chain.h"

#define CHUNK_ROWS      64
#define CHUNK_BYTES     (256 * 1024)       /* where a chunk ends; its last row may pass it */
#define ARENA_MAX_BYTES (40 * 1024 * 1024) /* CHUNK_BYTES and the biggest row SQLite lets in */
#define VERIFY_ROWS     512                /* a read transaction of about a millisecond */

/* Where a row's bytes are in the arena: key, NUL, input, output, without gaps. */
struct place {
    size_t at;
    size_t key_len;
};

struct journal_reader {
    struct db *db;
    struct buf arena;
    struct journal_row rows[CHUNK_ROWS];
    struct place places[CHUNK_ROWS];
    int count;
    size_t looked_at;
    uint64_t last_seq; /* highest looked at */
    void (*tick)(void *ctx);
    void *tick_ctx;
};

int journal_reader_open(const char *path, struct journal_reader **ret)
{
    struct db *d = NULL;
    int r = db_open_readonly(path, &d);
    if (r < 0)
        return err_trace(r);
    struct journal_reader *reader = xalloc(sizeof(*reader));
    reader->db = d;
    buf_init(&reader->arena, ARENA_MAX_BYTES);
    *ret = reader;
    return 0;
}

struct journal_reader *journal_reader_close(struct journal_reader *r)
{
    if (r == NULL)
        return NULL;
    buf_deinit(&r->arena);
    (void)db_close(r->db);
    return mem_free(r);
}

static int copy_row(struct journal_reader *r, sqlite3_stmt *st)
{
    TR_ASSERT(r->count < CHUNK_ROWS);
    struct journal_row *row = &r->rows[r->count];
    struct place *place = &r->places[r->count];
    if (!journal_chain_load(st, row, &place->key_len))
        return err_raise(-EBADMSG);
    place->at = r->arena.len;
    buf_append(&r->arena, row->key, place->key_len);
    buf_putc(&r->arena, '\0');
    buf_append(&r->arena, row->input, row->input_len);
    buf_append(&r->arena, row->output, row->output_len);
    if (buf_failed(&r->arena))
        return err_raise(-ENOMEM);
    r->count++;
    return 0;
}

/* The arena has stopped moving: rows point into it. */
static void settle_rows(struct journal_reader *r)
{
    for (int i = 0; i < r->count; i++) {
        struct journal_row *row = &r->rows[i];
        const char *p = r->arena.data + r->places[i].at;
        row->key = p;
        row->input = p + r->places[i].key_len + 1;
        row->output = p + r->places[i].key_len + 1 + row->input_len;
        TR_ASSERT((const char *)row->output + row->output_len <= r->arena.data + r->arena.len);
    }
}

/* Fills the chunk from st; ends with the statement reset, so no read transaction is left. */
static int fetch(struct journal_reader *r, sqlite3_stmt *st, size_t limit, int flags_mask)
{
    buf_reset(&r->arena);
    r->count = 0;
    r->looked_at = 0;
    int result = 0;
    int rc = SQLITE_DONE;
    while (result == 0 && r->looked_at < limit && r->count < CHUNK_ROWS &&
           r->arena.len < CHUNK_BYTES && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        r->last_seq = (uint64_t)sqlite3_column_int64(st, 0);
        r->looked_at++;
        if (flags_mask == 0 || (sqlite3_column_int(st, 3) & flags_mask) != 0)
            result = copy_row(r, st);
    }
    if (result == 0)
        result = db_error(r->db, rc);
    (void)sqlite3_reset(st); /* repeats the error of step */
    settle_rows(r);
    return err_trace(result);
}

int journal_read(struct journal_reader *r, uint64_t after_seq, size_t limit, int flags_mask,
                 journal_visit_fn visit, void *ctx, uint64_t *ret_last_seq)
{
    TR_ASSERT(visit != NULL);
    TR_ASSERT(after_seq <= INT64_MAX);
    sqlite3_stmt *st = db_prepare(r->db, "SELECT " JOURNAL_CHAIN_COLUMNS " FROM journal"
                                         " WHERE seq > ? ORDER BY seq");
    if (st == NULL)
        return err_raise(-EBADMSG);
    *ret_last_seq = after_seq;
    while (limit > 0) {
        (void)sqlite3_bind_int64(st, 1, (int64_t)*ret_last_seq); /* integers always bind */
        int result = fetch(r, st, limit, flags_mask);
        if (result < 0)
            return result;
        if (r->looked_at == 0)
            return JOURNAL_OK;
        for (int i = 0; i < r->count; i++) {
            result = visit(&r->rows[i], ctx);
            if (result != 0)
                return result;
            *ret_last_seq = r->rows[i].seq;
        }
        *ret_last_seq = r->last_seq;
        limit -= r->looked_at;
    }
    return JOURNAL_OK;
}

int journal_reader_schema(struct journal_reader *r, int *ret_schema)
{
    sqlite3_stmt *st = db_prepare(r->db, "PRAGMA user_version");
    if (st == NULL)
        return err_raise(-EBADMSG);
    int rc = sqlite3_step(st);
    int result = rc == SQLITE_DONE ? err_raise(-EBADMSG) : db_error(r->db, rc);
    if (result == 0)
        *ret_schema = sqlite3_column_int(st, 0);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return err_trace(result);
}

int journal_reader_load_snapshot(struct journal_reader *r, uint64_t *ret_seq, void **ret_state,
                                 size_t *ret_len)
{
    return journal_chain_newest_snapshot(r->db, ret_seq, ret_state, ret_len);
}

int journal_reader_identity(struct journal_reader *r, uint8_t ret_identity[JOURNAL_IDENTITY_BYTES])
{
    sqlite3_stmt *st = db_prepare(r->db, "SELECT identity FROM claim");
    if (st == NULL)
        return err_raise(-EBADMSG); /* of before there were claims, or no journal */
    int rc = sqlite3_step(st);
    bool is_one = rc == SQLITE_ROW && sqlite3_column_bytes(st, 0) == JOURNAL_IDENTITY_BYTES;
    int result = db_error(r->db, rc);
    if (is_one)
        memcpy(ret_identity, sqlite3_column_blob(st, 0), JOURNAL_IDENTITY_BYTES);
    else if (result == 0)
        result = err_raise(-EBADMSG);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return err_trace(result);
}

int journal_read_one(struct journal_reader *r, uint64_t seq, journal_visit_fn visit, void *ctx)
{
    TR_ASSERT(visit != NULL);
    if (seq == 0 || seq > INT64_MAX)
        return JOURNAL_E_NONE;
    sqlite3_stmt *st =
        db_prepare(r->db, "SELECT " JOURNAL_CHAIN_COLUMNS " FROM journal WHERE seq = ?");
    if (st == NULL)
        return err_raise(-EBADMSG);
    (void)sqlite3_bind_int64(st, 1, (int64_t)seq); /* integers always bind */
    int result = fetch(r, st, 1, 0);
    if (result < 0)
        return result;
    return r->count == 1 ? visit(&r->rows[0], ctx) : JOURNAL_E_NONE;
}

static int read_number(struct journal_reader *r, const char *sql, uint64_t *ret_seq)
{
    sqlite3_stmt *st = db_prepare(r->db, sql);
    if (st == NULL)
        return err_raise(-EBADMSG);
    int result = db_error(r->db, sqlite3_step(st));
    if (result == 0)
        *ret_seq = (uint64_t)sqlite3_column_int64(st, 0); /* NULL reads as 0 */
    (void)sqlite3_reset(st);                              /* repeats the error of step */
    return err_trace(result);
}

int journal_reader_last_seq(struct journal_reader *r, uint64_t *ret_seq)
{
    return read_number(r, "SELECT max(seq) FROM journal", ret_seq);
}

/* A snapshot beyond the last row proves that rows were cut off the end. */
static int newest_snapshot(struct journal_reader *r, uint64_t *ret_seq)
{
    return read_number(r, "SELECT max(seq) FROM snapshot", ret_seq);
}

void journal_reader_on_tick(struct journal_reader *r, void (*tick)(void *ctx), void *ctx)
{
    r->tick = tick;
    r->tick_ctx = ctx;
}

int journal_verify(struct journal_reader *r, uint64_t *ret_rows, uint64_t *ret_bad_seq,
                   uint8_t ret_last_hash[HASH_SHA256_BYTES])
{
    uint64_t snapshot_seq = 0;
    int result = newest_snapshot(r, &snapshot_seq); /* first: the writer may add rows meanwhile */
    if (result < 0)
        return result;
    struct journal_chain_walk w = {0};
    do {
        result = journal_chain_check(r->db, &w, VERIFY_ROWS);
        if (r->tick != NULL)
            r->tick(r->tick_ctx);
    } while (result == JOURNAL_OK);
    if (result < 0)
        return err_trace(result);
    if (result == JOURNAL_END && snapshot_seq > w.seq) {
        w.bad_seq = w.seq + 1;
        result = JOURNAL_E_MISMATCH;
    }
    *ret_rows = w.seq; /* good ones: row n has seq n */
    *ret_bad_seq = result == JOURNAL_E_MISMATCH ? w.bad_seq : 0;
    memcpy(ret_last_hash, w.hash, sizeof(w.hash));
    return result == JOURNAL_END ? JOURNAL_OK : result;
}
