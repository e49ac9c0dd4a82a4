#include "core/totp.h"

#include <stdio.h>
#include <string.h>

#include "core/hash.h"

#define WINDOW_STEPS 1 /* to each side */

uint32_t totp_code(const void *secret, size_t len, int64_t step, int digits)
{
    TR_ASSERT(secret != NULL && len > 0);
    TR_ASSERT(step >= 0);
    TR_ASSERT(digits >= 1 && digits <= 8);
    uint8_t counter[8], mac[HASH_SHA1_BYTES];
    for (int i = 0; i < 8; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    hash_hmac_sha1(secret, len, counter, sizeof(counter), mac);
    const uint8_t *p = mac + (mac[HASH_SHA1_BYTES - 1] & 0x0f);
    uint32_t code =
        (uint32_t)(p[0] & 0x7f) << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    uint32_t limit = 1;
    for (int i = 0; i < digits; i++)
        limit *= 10;
    hash_wipe(mac, sizeof(mac));
    return code % limit;
}

bool totp_is_code(const char *text)
{
    TR_ASSERT(text != NULL);
    return strspn(text, "0123456789") == TOTP_DIGITS && text[TOTP_DIGITS] == '\0';
}

int64_t totp_match(const uint8_t secret[TOTP_SECRET_BYTES], const char *text, int64_t now_ms)
{
    int64_t now_step = now_ms / 1000 / TOTP_STEP_S;
    int64_t found = -1;
    if (!totp_is_code(text) || now_step < WINDOW_STEPS)
        return -1;
    /* All are compared, so that the time taken tells nothing. */
    for (int64_t step = now_step - WINDOW_STEPS; step <= now_step + WINDOW_STEPS; step++) {
        char code[TOTP_DIGITS + 5];
        (void)snprintf(code, sizeof(code), "%06u",
                       (unsigned)totp_code(secret, TOTP_SECRET_BYTES, step, TOTP_DIGITS));
        if (hash_secret_equal(code, text))
            found = step;
        hash_wipe(code, sizeof(code));
    }
    return found;
}

void totp_base32(const uint8_t secret[TOTP_SECRET_BYTES], char out[TOTP_BASE32_CAP])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    _Static_assert(TOTP_SECRET_BYTES * 8 % 5 == 0, "no padding");
    size_t n = 0;
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < TOTP_SECRET_BYTES; i++) {
        bits = bits << 8 | secret[i];
        for (have += 8; have >= 5; have -= 5)
            out[n++] = letters[bits >> (have - 5) & 31];
    }
    TR_ASSERT(n == TOTP_BASE32_CAP - 1);
    out[n] = '\0';
}
