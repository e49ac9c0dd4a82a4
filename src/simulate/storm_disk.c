/* simulate/storm_disk.c: rows in one buffer; the open transaction is what is behind `durable`. */
#include "simulate/storm_disk.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/recover.h"
#include "store/journal_chain.h"

#define DISK_MAX_BYTES (512 * 1024 * 1024)
#define ROWS_FIRST     1024

struct disk_row {
    uint64_t seq;
    int64_t time_ms;
    int kind, flags;
    char key[INPUT_KEY_CAP];
    size_t at, input_len, output_len; /* in bytes: input, then output */
};

struct storm_disk {
    struct disk_row *rows;
    size_t count, cap;
    size_t durable; /* of rows; the others are of the open transaction */
    struct buf bytes;
    uint64_t first_seq; /* of the snapshot; 0 = none */
    struct buf snapshot;
    uint8_t hash[HASH_SHA256_BYTES], durable_hash[HASH_SHA256_BYTES];
};

struct storm_disk *storm_disk_new(void)
{
    struct storm_disk *d = xalloc(sizeof(*d));
    buf_init(&d->bytes, DISK_MAX_BYTES);
    buf_init(&d->snapshot, DISK_MAX_BYTES);
    return d;
}

struct storm_disk *storm_disk_free(struct storm_disk *d)
{
    if (d == NULL)
        return NULL;
    mem_free(d->rows);
    buf_deinit(&d->bytes);
    buf_deinit(&d->snapshot);
    return mem_free(d);
}

static void make_room(struct storm_disk *d)
{
    if (d->count < d->cap)
        return;
    size_t cap = d->cap == 0 ? ROWS_FIRST : 2 * d->cap;
    struct disk_row *more = xcalloc(cap, sizeof(*more));
    if (d->count > 0)
        memcpy(more, d->rows, d->count * sizeof(*more));
    mem_free(d->rows);
    d->rows = more;
    d->cap = cap;
}

void storm_disk_append(struct storm_disk *d, const struct journal_row *row)
{
    uint64_t last = d->count > 0 ? d->rows[d->count - 1].seq : d->first_seq;
    TR_ASSERT(row->seq == last + 1);
    make_room(d);
    struct disk_row *r = &d->rows[d->count++];
    *r = (struct disk_row){.seq = row->seq,
                           .time_ms = row->time_ms,
                           .kind = row->kind,
                           .flags = row->flags,
                           .at = d->bytes.len,
                           .input_len = row->input_len,
                           .output_len = row->output_len};
    (void)str_copy(r->key, sizeof(r->key), row->key); /* of an input: the same size */
    buf_append(&d->bytes, row->input, row->input_len);
    buf_append(&d->bytes, row->output, row->output_len);
    TR_ASSERT(!buf_failed(&d->bytes));
    uint8_t hash[HASH_SHA256_BYTES];
    journal_chain_row(d->hash, row, strlen(row->key), hash);
    memcpy(d->hash, hash, sizeof(hash));
}

void storm_disk_commit(struct storm_disk *d)
{
    d->durable = d->count;
    memcpy(d->durable_hash, d->hash, sizeof(d->hash));
}

void storm_disk_rollback(struct storm_disk *d)
{
    if (d->durable < d->count)
        d->bytes.len = d->rows[d->durable].at;
    d->count = d->durable;
    memcpy(d->hash, d->durable_hash, sizeof(d->hash));
}

uint64_t storm_disk_last_seq(const struct storm_disk *d)
{
    return d->durable > 0 ? d->rows[d->durable - 1].seq : d->first_seq;
}

size_t storm_disk_rows(const struct storm_disk *d)
{
    return d->durable;
}

void storm_disk_snapshot(struct storm_disk *d, const void *state, size_t len)
{
    TR_ASSERT(d->durable == d->count);
    d->first_seq = storm_disk_last_seq(d);
    d->count = d->durable = 0;
    buf_reset(&d->bytes);
    buf_reset(&d->snapshot);
    buf_append(&d->snapshot, state, len);
    TR_ASSERT(!buf_failed(&d->snapshot));
}

void storm_disk_hash(const struct storm_disk *d, uint8_t ret[HASH_SHA256_BYTES])
{
    memcpy(ret, d->durable_hash, HASH_SHA256_BYTES);
}

void storm_disk_row(const struct storm_disk *d, size_t i, struct journal_row *ret)
{
    TR_ASSERT(i < d->count);
    const struct disk_row *r = &d->rows[i];
    *ret = (struct journal_row){.seq = r->seq,
                                .time_ms = r->time_ms,
                                .kind = r->kind,
                                .flags = r->flags,
                                .key = r->key,
                                .input = d->bytes.data + r->at,
                                .input_len = r->input_len,
                                .output = d->bytes.data + r->at + r->input_len,
                                .output_len = r->output_len};
}

bool storm_disk_recover(const struct storm_disk *d, const struct engine_options *opt,
                        size_t without, struct engine_state **ret_state)
{
    struct engine_state *s = state_new();
    struct outputs out;
    bool is_good = d->first_seq == 0 || state_unpack(s, d->snapshot.data, d->snapshot.len) == 0;
    outputs_init(&out);
    for (size_t i = 0; is_good && i + without < d->durable; i++) {
        struct journal_row row;
        storm_disk_row(d, i, &row);
        is_good = recover_row(opt, s, &row, &out) == 0 && out.blob.len == row.output_len &&
                  memcmp(out.blob.data, row.output, row.output_len) == 0;
    }
    outputs_deinit(&out);
    if (is_good)
        *ret_state = s;
    else
        state_free(s);
    return is_good;
}
