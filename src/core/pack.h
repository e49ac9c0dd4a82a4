/* core/pack.h: the one binary encoding, used for journal blobs, snapshots and venue logs.
 * Integers: zig-zag LEB128 varints. Strings and bytes: varint length, then the bytes.
 * Reading is total: after the first malformed item `failed` stays set and every read gives 0 / "";
 * callers check unpack_done() once. Strings go into fixed arrays, longer ones set failed. */
#ifndef TRIDENT_CORE_PACK_H
#define TRIDENT_CORE_PACK_H

#include "core/buf.h"

void pack_i64(struct buf *b, int64_t v);
void pack_u64(struct buf *b, uint64_t v);
void pack_bool(struct buf *b, bool v);
void pack_str(struct buf *b, const char *s); /* NULL packs as "" */
void pack_bytes(struct buf *b, const void *p, size_t len);

struct unpack {
    const unsigned char *p;
    const unsigned char *end;
    bool failed;
};

void unpack_init(struct unpack *u, const void *p, size_t len);
int64_t unpack_i64(struct unpack *u);
int unpack_int(struct unpack *u, int min, int max); /* out of range sets failed, gives min */
uint64_t unpack_u64(struct unpack *u);
bool unpack_bool(struct unpack *u);
void unpack_str(struct unpack *u, char *dst, size_t cap);
TR_MUST_USE char *unpack_str_dup(struct unpack *u, size_t max_len); /* caller owns, never NULL */
const void *unpack_bytes(struct unpack *u, size_t *ret_len);        /* points into the input */
bool unpack_ok(const struct unpack *u);
bool unpack_done(const struct unpack *u); /* ok and nothing left */

#endif
