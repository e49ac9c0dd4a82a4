/* core/hash_sha1.c: HMAC-SHA-1 (RFC 2104, FIPS 180-4), which libsodium leaves out. One-time codes
 * only: nothing else may rest on SHA-1. */
#include "core/hash.h"

#include <string.h>

#define BLOCK_BYTES 64

struct sha1 {
    uint32_t h[5];
    uint64_t total;
    uint8_t block[BLOCK_BYTES];
};

static uint32_t rotl(uint32_t x, unsigned n)
{
    return (x << n) | (x >> (32 - n));
}

static uint32_t mixed(int t, uint32_t b, uint32_t c, uint32_t d)
{
    if (t < 20)
        return ((b & c) | (~b & d)) + UINT32_C(0x5a827999);
    if (t < 40)
        return (b ^ c ^ d) + UINT32_C(0x6ed9eba1);
    if (t < 60)
        return ((b & c) | (b & d) | (c & d)) + UINT32_C(0x8f1bbcdc);
    return (b ^ c ^ d) + UINT32_C(0xca62c1d6);
}

static void add_block(struct sha1 *s)
{
    uint32_t w[80];
    for (int t = 0; t < 16; t++) {
        const uint8_t *p = s->block + t * 4;
        w[t] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    }
    for (int t = 16; t < 80; t++)
        w[t] = rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    uint32_t a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];
    for (int t = 0; t < 80; t++) {
        uint32_t next = rotl(a, 5) + mixed(t, b, c, d) + e + w[t];
        e = d;
        d = c;
        c = rotl(b, 30);
        b = a;
        a = next;
    }
    s->h[0] += a;
    s->h[1] += b;
    s->h[2] += c;
    s->h[3] += d;
    s->h[4] += e;
    hash_wipe(w, sizeof(w));
}

static void begin(struct sha1 *s)
{
    *s = (struct sha1){.h = {UINT32_C(0x67452301), UINT32_C(0xefcdab89), UINT32_C(0x98badcfe),
                             UINT32_C(0x10325476), UINT32_C(0xc3d2e1f0)}};
}

static void add(struct sha1 *s, const void *p, size_t len)
{
    const uint8_t *bytes = p;
    for (size_t i = 0; i < len; i++) {
        s->block[s->total++ % BLOCK_BYTES] = bytes[i];
        if (s->total % BLOCK_BYTES == 0)
            add_block(s);
    }
}

static void end(struct sha1 *s, uint8_t out[HASH_SHA1_BYTES])
{
    uint64_t bits = s->total * 8;
    uint8_t length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    add(s, "\x80", 1);
    while (s->total % BLOCK_BYTES != BLOCK_BYTES - sizeof(length))
        add(s, "", 1);
    add(s, length, sizeof(length));
    for (int i = 0; i < HASH_SHA1_BYTES; i++)
        out[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
    hash_wipe(s, sizeof(*s));
}

void hash_hmac_sha1(const void *key, size_t key_len, const void *p, size_t len,
                    uint8_t out[HASH_SHA1_BYTES])
{
    TR_ASSERT(key != NULL || key_len == 0);
    TR_ASSERT(p != NULL || len == 0);
    struct sha1 s;
    uint8_t pad[BLOCK_BYTES] = {0};
    if (key_len > sizeof(pad)) {
        begin(&s);
        add(&s, key, key_len);
        end(&s, pad);
    } else if (key_len > 0)
        memcpy(pad, key, key_len);
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36;
    begin(&s);
    add(&s, pad, sizeof(pad));
    add(&s, p, len);
    end(&s, out);
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36 ^ 0x5c;
    begin(&s);
    add(&s, pad, sizeof(pad));
    add(&s, out, HASH_SHA1_BYTES);
    end(&s, out);
    hash_wipe(pad, sizeof(pad));
}
