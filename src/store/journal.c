/* The writing side of the journal (store/journal_reader.c is the other). One INSERT a row inside
 * the caller's transaction; seq and hash of the last row live in memory, are advanced by append and
 * put back by rollback. Sequence numbers are the primary key and only grow: appending touches the
 * rightmost page. Opening checks the chain over the last rows, enough to catch a torn or swapped
 * file without reading history; the whole chain is journal_verify()'s business. It does not batch,
 * look for duplicates or know what is inside the blobs. */
#include "store/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "store/db.h"
#include "store/journal_chain.h"

#define CHECKPOINT_PAGES  1000 /* spec reliability 2.2: right between p99 and worst case */
#define TRUNCATE_PAGES    (64 * 1024 / 4) /* 64 MiB of 4 KiB pages */
#define TAIL_ROWS_CHECKED 64

static const char *const migrations[] = {
    "CREATE TABLE journal("
    " seq INTEGER PRIMARY KEY CHECK(seq > 0),"
    " time_ms INTEGER NOT NULL,"
    " kind INTEGER NOT NULL,"
    " key TEXT NOT NULL,"
    " input BLOB NOT NULL,"
    " output BLOB NOT NULL,"
    " flags INTEGER NOT NULL CHECK(flags >= 0),"
    " hash BLOB NOT NULL CHECK(length(hash) = 32)) STRICT;"
    "CREATE TABLE snapshot("
    " seq INTEGER PRIMARY KEY CHECK(seq >= 0),"
    " state BLOB NOT NULL,"
    " hash BLOB NOT NULL CHECK(length(hash) = 32)) STRICT;",
    "CREATE TABLE claim("
    " id INTEGER PRIMARY KEY CHECK(id = 1),"
    " identity BLOB NOT NULL CHECK(length(identity) = 16),"
    " epoch INTEGER NOT NULL CHECK(epoch >= 0)) STRICT;"
    "INSERT INTO claim(id, identity, epoch) VALUES(1, randomblob(16), 0);",
};

struct journal {
    struct db *db;
    uint64_t last_seq;
    uint8_t last_hash[HASH_SHA256_BYTES];
    uint64_t begin_seq; /* what rollback puts back */
    uint8_t begin_hash[HASH_SHA256_BYTES];
    uint64_t epoch;
    bool in_transaction;
    bool is_lost;
    bool is_fenced;
    uint64_t commit_count;
    int checkpoint_at_pages; /* grows while a reader keeps the WAL pinned */
    int peak_pages;          /* since the last truncation: the size of the file */
};

static int read_last_seq(struct journal *j)
{
    sqlite3_stmt *st = db_prepare(j->db, "SELECT max(seq) FROM journal");
    if (st == NULL)
        return err_raise(-EBADMSG);
    int rc = sqlite3_step(st);
    int r = db_error(j->db, rc);
    if (r == 0)
        j->last_seq = (uint64_t)sqlite3_column_int64(st, 0); /* NULL reads as 0 */
    (void)sqlite3_reset(st);                                 /* repeats the error of step */
    return err_trace(r);
}

/* Finds the end of the chain and checks its last links. */
static int load_tail(struct journal *j)
{
    int r = read_last_seq(j);
    if (r < 0)
        return r;
    struct journal_chain_walk w = {0};
    if (j->last_seq > TAIL_ROWS_CHECKED)
        w.seq = j->last_seq - TAIL_ROWS_CHECKED;
    r = journal_chain_hash_of(j->db, w.seq, w.hash);
    if (r == JOURNAL_OK)
        r = journal_chain_check(j->db, &w, TAIL_ROWS_CHECKED);
    if (r < 0)
        return err_trace(r);
    if ((r != JOURNAL_OK && r != JOURNAL_END) || w.seq != j->last_seq) {
        log_error("store", "journal_chain_broken seq=%" PRIu64,
                  r == JOURNAL_E_NONE ? w.seq : w.bad_seq);
        return err_raise(-EBADMSG);
    }
    memcpy(j->last_hash, w.hash, sizeof(j->last_hash));
    return 0;
}

static int read_epoch(struct journal *j, uint64_t *ret_epoch)
{
    sqlite3_stmt *st = db_prepare(j->db, "SELECT epoch FROM claim");
    if (st == NULL)
        return err_raise(-EBADMSG);
    int rc = sqlite3_step(st);
    int r = rc == SQLITE_DONE ? err_raise(-EBADMSG) : db_error(j->db, rc);
    if (r == 0)
        *ret_epoch = (uint64_t)sqlite3_column_int64(st, 0);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return err_trace(r);
}

/* From here on every other opening of this file is fenced off. */
static int take_claim(struct journal *j)
{
    int r = db_begin(j->db);
    if (r < 0)
        return err_trace(r);
    r = db_exec(j->db, "UPDATE claim SET epoch = epoch + 1");
    if (r == 0)
        r = read_epoch(j, &j->epoch);
    if (r == 0)
        r = db_commit(j->db);
    if (r < 0)
        db_rollback(j->db);
    return err_trace(r);
}

int journal_open(const char *path, struct journal **ret)
{
    TR_ASSERT(path != NULL);
    struct journal *j = xalloc(sizeof(*j));
    j->checkpoint_at_pages = CHECKPOINT_PAGES;
    int r = db_open(path, DB_FULL, migrations, TR_ARRAY_SIZE(migrations), &j->db);
    if (r == 0)
        r = load_tail(j);
    if (r == 0)
        r = take_claim(j);
    if (r < 0) {
        (void)journal_close(j);
        return err_trace(r);
    }
    *ret = j;
    return 0;
}

struct journal *journal_close(struct journal *j)
{
    if (j == NULL)
        return NULL;
    if (j->in_transaction)
        journal_rollback(j);
    (void)db_close(j->db);
    return mem_free(j);
}

struct schema journal_tables(void)
{
    return (struct schema){migrations, TR_ARRAY_SIZE(migrations)};
}

int journal_schema(void)
{
    return TR_ARRAY_SIZE(migrations);
}

uint64_t journal_last_seq(const struct journal *j)
{
    return j->last_seq;
}

uint64_t journal_commit_count(const struct journal *j)
{
    return j->commit_count;
}

uint64_t journal_epoch(const struct journal *j)
{
    TR_ASSERT(j->epoch > 0);
    return j->epoch;
}

int journal_check_claim(struct journal *j)
{
    uint64_t epoch = 0;
    if (j->is_fenced)
        return JOURNAL_FENCED;
    int r = read_epoch(j, &epoch);
    if (r < 0)
        return err_trace(r);
    j->is_fenced = epoch != j->epoch;
    return j->is_fenced ? err_raise(JOURNAL_FENCED) : 0;
}

int journal_begin(struct journal *j)
{
    TR_ASSERT(!j->in_transaction);
    if (j->is_lost || j->is_fenced)
        return err_raise(j->is_lost ? JOURNAL_LOST : JOURNAL_FENCED);
    int r = db_begin(j->db);
    if (r < 0)
        return err_trace(r);
    r = journal_check_claim(j); /* inside: nobody can take it until the commit */
    if (r < 0) {
        db_rollback(j->db);
        return err_trace(r);
    }
    j->in_transaction = true;
    j->begin_seq = j->last_seq;
    memcpy(j->begin_hash, j->last_hash, sizeof(j->begin_hash));
    return 0;
}

/* SQLite gives NULL for an empty blob with a NULL pointer; the columns are NOT NULL. */
static int bind_blob(sqlite3_stmt *st, int at, const void *p, size_t len)
{
    return sqlite3_bind_blob64(st, at, len > 0 ? p : "", len, SQLITE_STATIC);
}

static int insert(struct journal *j, const struct journal_row *row, size_t key_len,
                  const uint8_t hash[HASH_SHA256_BYTES])
{
    sqlite3_stmt *st = db_prepare(j->db, "INSERT INTO journal(" JOURNAL_CHAIN_COLUMNS ")"
                                         " VALUES(?,?,?,?,?,?,?,?)");
    if (st == NULL)
        return err_raise(-EIO);
    /* Integers always bind; sizes are checked by SQLite against its own limit. */
    (void)sqlite3_bind_int64(st, 1, (int64_t)row->seq);
    (void)sqlite3_bind_int64(st, 2, row->time_ms);
    (void)sqlite3_bind_int(st, 3, row->kind);
    (void)sqlite3_bind_int(st, 4, row->flags);
    int rc = sqlite3_bind_text(st, 5, row->key, (int)key_len, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = bind_blob(st, 6, row->input, row->input_len);
    if (rc == SQLITE_OK)
        rc = bind_blob(st, 7, row->output, row->output_len);
    if (rc == SQLITE_OK)
        rc = bind_blob(st, 8, hash, HASH_SHA256_BYTES);
    if (rc != SQLITE_OK)
        return err_raise(db_error(j->db, rc));
    return db_step_done(j->db, st);
}

int journal_append(struct journal *j, const struct journal_row *row)
{
    TR_ASSERT(j->in_transaction);
    TR_ASSERT(row->seq == j->last_seq + 1);
    TR_ASSERT(row->key != NULL);
    TR_ASSERT(row->flags >= 0);
    size_t key_len = strlen(row->key);
    uint8_t hash[HASH_SHA256_BYTES];
    journal_chain_row(j->last_hash, row, key_len, hash);
    int r = insert(j, row, key_len, hash);
    if (r < 0)
        return err_trace(r);
    j->last_seq = row->seq;
    memcpy(j->last_hash, hash, sizeof(hash));
    return 0;
}

int journal_snapshot(struct journal *j, uint64_t seq, const void *state, size_t len)
{
    TR_ASSERT(j->in_transaction);
    TR_ASSERT(seq <= j->last_seq);
    uint8_t row_hash[HASH_SHA256_BYTES], hash[HASH_SHA256_BYTES];
    int r = journal_chain_hash_of(j->db, seq, row_hash);
    TR_ASSERT(r != JOURNAL_E_NONE);
    if (r < 0)
        return err_trace(r);
    journal_chain_snapshot(row_hash, seq, state, len, hash);
    sqlite3_stmt *st =
        db_prepare(j->db, "INSERT OR REPLACE INTO snapshot(seq, state, hash) VALUES(?,?,?)");
    if (st == NULL)
        return err_raise(-EIO);
    (void)sqlite3_bind_int64(st, 1, (int64_t)seq); /* integers always bind */
    int rc = bind_blob(st, 2, state, len);
    if (rc == SQLITE_OK)
        rc = bind_blob(st, 3, hash, sizeof(hash));
    r = rc == SQLITE_OK ? db_step_done(j->db, st) : db_error(j->db, rc);
    if (r < 0)
        return err_trace(r);
    return err_trace(db_exec(j->db, "DELETE FROM snapshot WHERE seq NOT IN"
                                    " (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)"));
}

int journal_commit(struct journal *j)
{
    TR_ASSERT(j->in_transaction);
    int r = db_commit(j->db);
    j->is_lost = r == JOURNAL_LOST;
    if (r < 0)
        return err_trace(r);
    j->in_transaction = false;
    j->commit_count++;
    int pages = db_wal_pages(j->db);
    if (pages > j->peak_pages)
        j->peak_pages = pages;
    if (pages < CHECKPOINT_PAGES)
        j->checkpoint_at_pages = CHECKPOINT_PAGES;
    return 0;
}

void journal_rollback(struct journal *j)
{
    if (!j->in_transaction)
        return; /* begin itself failed */
    db_rollback(j->db);
    j->in_transaction = false;
    j->last_seq = j->begin_seq;
    memcpy(j->last_hash, j->begin_hash, sizeof(j->last_hash));
}

void journal_checkpoint(struct journal *j, bool idle)
{
    TR_ASSERT(!j->in_transaction);
    bool truncate = idle && j->peak_pages > TRUNCATE_PAGES;
    int pages = db_wal_pages(j->db);
    if (!truncate && pages < j->checkpoint_at_pages)
        return;
    int r = db_checkpoint(j->db, truncate);
    if (r == 0) {
        j->checkpoint_at_pages = CHECKPOINT_PAGES;
        j->peak_pages = truncate ? 0 : j->peak_pages;
        return;
    }
    /* Pinned by a reader: try again a good piece later, not after every commit. */
    j->checkpoint_at_pages = pages + CHECKPOINT_PAGES;
    j->is_lost = r == JOURNAL_LOST;
    if (r != -EBUSY)
        log_error("store", "checkpoint_failed code=%d pages=%d", -r, pages);
}

int journal_load_snapshot(struct journal *j, uint64_t *ret_seq, void **ret_state, size_t *ret_len)
{
    return journal_chain_newest_snapshot(j->db, ret_seq, ret_state, ret_len);
}
