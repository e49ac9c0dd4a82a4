/* core/hash.c: the one file that knows libsodium and nettle. SHA-256 is nettle's, which uses the
 * processor's own instructions (adr 3); MACs, sealed boxes, comparison and wiping that a compiler
 * cannot remove, and random bytes are libsodium's. */
#include "core/hash.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(struct hash_sha256_state) >= sizeof(struct sha256_ctx),
               "opaque state too small");
_Static_assert(_Alignof(struct hash_sha256_state) >= _Alignof(struct sha256_ctx),
               "opaque state badly aligned");
_Static_assert(HASH_SHA256_BYTES == SHA256_DIGEST_SIZE, "digest size");

/* Of hash_64(); written once by hash_global_init() before threads exist. */
static unsigned char table_key[crypto_shorthash_KEYBYTES];

int hash_global_init(void)
{
    if (sodium_init() < 0)
        return err_raise(-EIO);
    randombytes_buf(table_key, sizeof(table_key));
    return 0;
}

void hash_sha256_begin(struct hash_sha256_state *s)
{
    sha256_init((struct sha256_ctx *)(void *)s);
}

void hash_sha256_add(struct hash_sha256_state *s, const void *p, size_t len)
{
    TR_ASSERT(p != NULL || len == 0);
    if (len > 0)
        sha256_update((struct sha256_ctx *)(void *)s, len, p);
}

void hash_sha256_end(struct hash_sha256_state *s, uint8_t out[HASH_SHA256_BYTES])
{
    sha256_digest((struct sha256_ctx *)(void *)s, HASH_SHA256_BYTES, out);
}

void hash_sha256(const void *p, size_t len, uint8_t out[HASH_SHA256_BYTES])
{
    struct hash_sha256_state s;
    hash_sha256_begin(&s);
    hash_sha256_add(&s, p, len);
    hash_sha256_end(&s, out);
}

void hash_hmac_sha256(const void *key, size_t key_len, const void *p, size_t len,
                      uint8_t out[HASH_SHA256_BYTES])
{
    TR_ASSERT(key != NULL || key_len == 0);
    /* The multi-part form takes keys of any length; all three always return 0. */
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, key, key_len);
    (void)crypto_auth_hmacsha256_update(&state, p, len);
    (void)crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof(state));
}

uint64_t hash_64(const void *p, size_t len)
{
    uint64_t h = 0;
    _Static_assert(sizeof(h) == crypto_shorthash_BYTES, "SipHash gives 64 bits");
    (void)crypto_shorthash((unsigned char *)&h, p, len, table_key); /* always 0 */
    return h;
}

bool hash_secret_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return false;
    uint8_t x[HASH_SHA256_BYTES], y[HASH_SHA256_BYTES];
    hash_sha256(a, strlen(a), x);
    hash_sha256(b, strlen(b), y);
    return hash_equal(x, y, sizeof(x));
}

bool hash_equal(const void *a, const void *b, size_t len)
{
    TR_ASSERT(a != NULL && b != NULL);
    return sodium_memcmp(a, b, len) == 0;
}

void hash_random(void *p, size_t len)
{
    TR_ASSERT(p != NULL || len == 0);
    randombytes_buf(p, len);
}

void hash_hex(const uint8_t *p, size_t len, char *out, size_t cap)
{
    TR_ASSERT(cap >= 2 * len + 1);
    (void)sodium_bin2hex(out, cap, p, len); /* returns out */
}

void hash_base64url(const uint8_t *p, size_t len, char *out, size_t cap)
{
    TR_ASSERT(cap >= sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
    (void)sodium_bin2base64(out, cap, p, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool hash_base64url_decode(const char *text, size_t len, uint8_t *out, size_t cap, size_t *ret_len)
{
    TR_ASSERT(text != NULL && out != NULL && ret_len != NULL);
    const char *end = NULL;
    return sodium_base642bin(out, cap, text, len, NULL, ret_len, &end,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           end == text + len;
}

_Static_assert(HASH_BOX_KEY_BYTES == crypto_secretbox_KEYBYTES, "key size");
_Static_assert(HASH_BOX_EXTRA_BYTES == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES,
               "box size");

void hash_box_seal(const uint8_t key[HASH_BOX_KEY_BYTES], const void *p, size_t len, uint8_t *box)
{
    TR_ASSERT(key != NULL && p != NULL && box != NULL);
    randombytes_buf(box, crypto_secretbox_NONCEBYTES);
    (void)crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, p, len, box, key); /* always 0 */
}

bool hash_box_open(const uint8_t key[HASH_BOX_KEY_BYTES], const uint8_t *box, size_t box_len,
                   void *out)
{
    TR_ASSERT(key != NULL && box != NULL && out != NULL);
    if (box_len < HASH_BOX_EXTRA_BYTES)
        return false;
    return crypto_secretbox_open_easy(out, box + crypto_secretbox_NONCEBYTES,
                                      box_len - crypto_secretbox_NONCEBYTES, box, key) == 0;
}

_Static_assert(HASH_PASSPHRASE_CAP == crypto_pwhash_STRBYTES, "size of a stored passphrase");

int hash_passphrase(const char *words, char out[HASH_PASSPHRASE_CAP])
{
    TR_ASSERT(words != NULL && out != NULL);
    int r = crypto_pwhash_str_alg(out, words, strlen(words), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                  crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
    return r == 0 ? 0 : err_raise(-ENOMEM);
}

/* Other limits could make the server work for minutes, or take gigabytes. */
bool hash_passphrase_is_stored(const char *stored)
{
    TR_ASSERT(stored != NULL);
    return strncmp(stored, "$argon2id$", 10) == 0 &&
           crypto_pwhash_str_needs_rehash(stored, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                          crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

bool hash_passphrase_matches(const char *stored, const char *words)
{
    TR_ASSERT(stored != NULL && words != NULL);
    return hash_passphrase_is_stored(stored) &&
           crypto_pwhash_str_verify(stored, words, strlen(words)) == 0;
}

void hash_wipe(void *p, size_t len)
{
    sodium_memzero(p, len);
}

uint32_t hash_crc32(const void *p, size_t len)
{
    TR_ASSERT(p != NULL || len == 0);
    /* IEEE 802.3, reflected, a nibble at a time. */
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    const uint8_t *bytes = p;
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc = table[(crc ^ bytes[i]) & 15] ^ (crc >> 4);
        crc = table[(crc ^ (uint32_t)(bytes[i] >> 4)) & 15] ^ (crc >> 4);
    }
    return ~crc;
}
