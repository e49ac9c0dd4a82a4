/* store/journal_chain.c: the hashes that chain the rows of a journal and seal its snapshots, and
 * who reads both back. */
#include "store/journal_chain.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"

static uint8_t *put_u64(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        *p++ = (uint8_t)(v >> (8 * i));
    return p;
}

static void add_sized(struct hash_sha256_state *s, const void *p, size_t len)
{
    uint8_t size[8];
    (void)put_u64(size, len);
    hash_sha256_add(s, size, sizeof(size));
    hash_sha256_add(s, p, len);
}

void journal_chain_row(const uint8_t prev[HASH_SHA256_BYTES], const struct journal_row *row,
                       size_t key_len, uint8_t out[HASH_SHA256_BYTES])
{
    TR_ASSERT(row->key != NULL);
    uint8_t head[HASH_SHA256_BYTES + 4 * 8];
    memcpy(head, prev, HASH_SHA256_BYTES);
    uint8_t *p = put_u64(head + HASH_SHA256_BYTES, row->seq);
    p = put_u64(p, (uint64_t)row->time_ms);
    p = put_u64(p, (uint64_t)(int64_t)row->kind);
    p = put_u64(p, (uint64_t)(int64_t)row->flags);
    TR_ASSERT(p == head + sizeof(head));
    struct hash_sha256_state s;
    hash_sha256_begin(&s);
    hash_sha256_add(&s, head, sizeof(head));
    add_sized(&s, row->key, key_len);
    add_sized(&s, row->input, row->input_len);
    add_sized(&s, row->output, row->output_len);
    hash_sha256_end(&s, out);
}

void journal_chain_snapshot(const uint8_t row_hash[HASH_SHA256_BYTES], uint64_t seq,
                            const void *state, size_t len, uint8_t out[HASH_SHA256_BYTES])
{
    TR_ASSERT(state != NULL || len == 0);
    uint8_t head[HASH_SHA256_BYTES + 8];
    memcpy(head, row_hash, HASH_SHA256_BYTES);
    (void)put_u64(head + HASH_SHA256_BYTES, seq);
    struct hash_sha256_state s;
    hash_sha256_begin(&s);
    hash_sha256_add(&s, head, sizeof(head));
    add_sized(&s, state, len);
    hash_sha256_end(&s, out);
}

bool journal_chain_load(sqlite3_stmt *st, struct journal_row *ret_row, size_t *ret_key_len)
{
    int64_t kind = sqlite3_column_int64(st, 2);
    int64_t flags = sqlite3_column_int64(st, 3);
    const char *key = (const char *)sqlite3_column_text(st, 4);
    size_t key_len = (size_t)sqlite3_column_bytes(st, 4);
    const void *hash = sqlite3_column_blob(st, 7);
    if (kind != (int)kind || flags != (int)flags || key == NULL || hash == NULL ||
        sqlite3_column_bytes(st, 7) != HASH_SHA256_BYTES)
        return false;
    *ret_row = (struct journal_row){
        .seq = (uint64_t)sqlite3_column_int64(st, 0),
        .time_ms = sqlite3_column_int64(st, 1),
        .kind = (int)kind,
        .flags = (int)flags,
        .key = key,
        .input = sqlite3_column_blob(st, 5),
        .input_len = (size_t)sqlite3_column_bytes(st, 5),
        .output = sqlite3_column_blob(st, 6),
        .output_len = (size_t)sqlite3_column_bytes(st, 6),
    };
    memcpy(ret_row->hash, hash, HASH_SHA256_BYTES);
    *ret_key_len = key_len;
    return true;
}

static int check_row(struct journal_chain_walk *w, sqlite3_stmt *st)
{
    struct journal_row row;
    size_t key_len = 0;
    uint8_t hash[HASH_SHA256_BYTES];
    bool is_good = journal_chain_load(st, &row, &key_len) && row.seq == w->seq + 1;
    if (is_good) {
        journal_chain_row(w->hash, &row, key_len, hash);
        is_good = memcmp(hash, row.hash, sizeof(hash)) == 0;
    }
    if (!is_good) {
        w->bad_seq = w->seq + 1;
        return JOURNAL_E_MISMATCH;
    }
    w->seq = row.seq;
    memcpy(w->hash, hash, sizeof(hash));
    return JOURNAL_OK;
}

int journal_chain_check(struct db *d, struct journal_chain_walk *w, int max_rows)
{
    TR_ASSERT(max_rows > 0);
    sqlite3_stmt *st = db_prepare(d, "SELECT " JOURNAL_CHAIN_COLUMNS " FROM journal"
                                     " WHERE seq > ? ORDER BY seq LIMIT ?");
    if (st == NULL)
        return err_raise(-EBADMSG);
    (void)sqlite3_bind_int64(st, 1, (int64_t)w->seq); /* integers always bind */
    (void)sqlite3_bind_int(st, 2, max_rows);
    int result = JOURNAL_END;
    int rc = sqlite3_step(st);
    while (rc == SQLITE_ROW) {
        result = check_row(w, st);
        if (result != JOURNAL_OK)
            break;
        rc = sqlite3_step(st);
    }
    int r = db_error(d, rc);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r < 0 ? err_trace(r) : result;
}

int journal_chain_hash_of(struct db *d, uint64_t seq, uint8_t ret[HASH_SHA256_BYTES])
{
    if (seq == 0) {
        memset(ret, 0, HASH_SHA256_BYTES);
        return JOURNAL_OK;
    }
    sqlite3_stmt *st = db_prepare(d, "SELECT hash FROM journal WHERE seq = ?");
    if (st == NULL)
        return err_raise(-EBADMSG);
    (void)sqlite3_bind_int64(st, 1, (int64_t)seq); /* integers always bind */
    int rc = sqlite3_step(st);
    int r = db_error(d, rc);
    if (r == 0 && rc != SQLITE_ROW)
        r = JOURNAL_E_NONE;
    if (r == 0) {
        const void *hash = sqlite3_column_blob(st, 0);
        if (hash != NULL && sqlite3_column_bytes(st, 0) == HASH_SHA256_BYTES)
            memcpy(ret, hash, HASH_SHA256_BYTES);
        else
            r = err_raise(-EBADMSG);
    }
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r;
}

/* 0, or JOURNAL_E_NONE when the seal of this snapshot does not hold. */
static int take_snapshot(struct db *d, sqlite3_stmt *st, void **ret_state, size_t *ret_len)
{
    uint64_t seq = (uint64_t)sqlite3_column_int64(st, 0);
    const void *state = sqlite3_column_blob(st, 1);
    size_t len = (size_t)sqlite3_column_bytes(st, 1);
    const void *stored = sqlite3_column_blob(st, 2);
    uint8_t row_hash[HASH_SHA256_BYTES], hash[HASH_SHA256_BYTES];
    int r = journal_chain_hash_of(d, seq, row_hash);
    if (r != JOURNAL_OK)
        return r;
    journal_chain_snapshot(row_hash, seq, state, len, hash);
    if (stored == NULL || sqlite3_column_bytes(st, 2) != HASH_SHA256_BYTES ||
        memcmp(stored, hash, sizeof(hash)) != 0)
        return JOURNAL_E_NONE;
    void *copy = try_alloc(len);
    if (copy == NULL)
        return err_raise(-ENOMEM);
    if (len > 0)
        memcpy(copy, state, len);
    *ret_state = copy;
    *ret_len = len;
    return 0;
}

int journal_chain_newest_snapshot(struct db *d, uint64_t *ret_seq, void **ret_state,
                                  size_t *ret_len)
{
    sqlite3_stmt *st = db_prepare(d, "SELECT seq, state, hash FROM snapshot ORDER BY seq DESC");
    if (st == NULL)
        return err_raise(-EBADMSG);
    int result = JOURNAL_E_NONE;
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        uint64_t seq = (uint64_t)sqlite3_column_int64(st, 0);
        result = take_snapshot(d, st, ret_state, ret_len);
        if (result == JOURNAL_OK)
            *ret_seq = seq;
        if (result != JOURNAL_E_NONE)
            break;
        log_error("store", "snapshot_damaged seq=%" PRIu64, seq); /* the older one, or all rows */
    }
    int r = db_error(d, rc);
    (void)sqlite3_reset(st); /* repeats the error of step */
    return r < 0 ? err_trace(r) : result;
}
