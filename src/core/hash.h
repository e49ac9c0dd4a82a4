/* core/hash.h: hashing, MACs, randomness, encodings; a thin face over libsodium (only hash.c
 * includes it). hash_global_init() once from main before threads. Any thread; only passphrases
 * take their time. */
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
/* Only for one-time codes (RFC 6238), which authenticators compute with SHA-1. hash_sha1.c. */
#define HASH_SHA1_BYTES 20
void hash_hmac_sha1(const void *key, size_t key_len, const void *p, size_t len,
                    uint8_t out[HASH_SHA1_BYTES]);
uint64_t hash_64(const void *p,
                 size_t len); /* keyed SipHash, per-process key: for hash tables only */
/* Constant time in the length of b: compares digests of both. NULL never equals. */
bool hash_secret_equal(const char *a, const char *b);
bool hash_equal(const void *a, const void *b, size_t len); /* constant time */
void hash_random(void *p, size_t len);
void hash_hex(const uint8_t *p, size_t len, char *out, size_t cap); /* cap >= 2*len+1 */
void hash_base64url(const uint8_t *p, size_t len, char *out, size_t cap);
/* len characters of it; false: malformed, or more than cap bytes. */
bool hash_base64url_decode(const char *text, size_t len, uint8_t *out, size_t cap, size_t *ret_len);
/* Authenticated encryption: box = random nonce, MAC, cipher text; len + HASH_BOX_EXTRA_BYTES. */
#define HASH_BOX_KEY_BYTES   32
#define HASH_BOX_EXTRA_BYTES 40
void hash_box_seal(const uint8_t key[HASH_BOX_KEY_BYTES], const void *p, size_t len, uint8_t *box);
/* False: not sealed with this key, or changed. out: box_len - HASH_BOX_EXTRA_BYTES bytes. */
bool hash_box_open(const uint8_t key[HASH_BOX_KEY_BYTES], const uint8_t *box, size_t box_len,
                   void *out);
/* Words a person made up: Argon2id with a salt, "interactive" limits. Each call takes about a tenth
 * of a second and 64 MiB for that long: never on an engine thread. */
#define HASH_PASSPHRASE_CAP 128
TR_MUST_USE int hash_passphrase(const char *words, char out[HASH_PASSPHRASE_CAP]); /* -ENOMEM */
/* A text of hash_passphrase(), with these limits. */
bool hash_passphrase_is_stored(const char *stored);
bool hash_passphrase_matches(const char *stored, const char *words);
void hash_wipe(void *p, size_t len);
uint32_t hash_crc32(const void *p, size_t len);

#endif
