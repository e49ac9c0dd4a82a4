/* core/hash.h: hashing, MACs, randomness, encodings; a thin face over libsodium (only hash.c
 * includes it). hash_global_init() once from main before threads. Any thread, never blocks. */
#ifndef TRIDENT_CORE_HASH_H
#define TRIDENT_CORE_HASH_H

#include "core/core.h"

#define HASH_SHA256_BYTES 32
#define HASH_HEX_CAP      65

TR_MUST_USE int hash_global_init(void);
void hash_sha256(const void *p, size_t len, uint8_t out[HASH_SHA256_BYTES]);

struct hash_sha256_state { /* opaque, big enough for the library's state */
    uint64_t opaque[16];
};
void hash_sha256_begin(struct hash_sha256_state *s);
void hash_sha256_add(struct hash_sha256_state *s, const void *p, size_t len);
void hash_sha256_end(struct hash_sha256_state *s, uint8_t out[HASH_SHA256_BYTES]);

void hash_hmac_sha256(const void *key, size_t key_len, const void *p, size_t len,
                      uint8_t out[HASH_SHA256_BYTES]);
uint64_t hash_64(const void *p,
                 size_t len); /* keyed SipHash, per-process key: for hash tables only */
/* Constant time in the length of b: compares digests of both. NULL never equals. */
bool hash_secret_equal(const char *a, const char *b);
void hash_random(void *p, size_t len);
void hash_hex(const uint8_t *p, size_t len, char *out, size_t cap); /* cap >= 2*len+1 */
void hash_base64url(const uint8_t *p, size_t len, char *out, size_t cap);
void hash_wipe(void *p, size_t len);
uint32_t hash_crc32(const void *p, size_t len);

#endif
