/* Covers: HMAC-SHA-1 against RFC 2202, codes against all vectors of RFC 6238 (eight digits) and
 * their last six, golden case G23, the window of one step to each side, texts that are no code,
 * base32. */
#include "core/totp.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"

static const uint8_t rfc_secret[TOTP_SECRET_BYTES + 1] = "12345678901234567890";

static void assert_hmac(const void *key, size_t key_len, const char *data, const char *expected)
{
    uint8_t mac[HASH_SHA1_BYTES];
    char hex[2 * HASH_SHA1_BYTES + 1];
    hash_hmac_sha1(key, key_len, data, strlen(data), mac);
    hash_hex(mac, sizeof mac, hex, sizeof hex);
    cr_assert_str_eq(hex, expected);
}

Test(totp, hmac_sha1_agrees_with_rfc_2202)
{
    uint8_t key[80];
    cr_assert_eq(hash_global_init(), 0);
    memset(key, 0x0b, sizeof key);
    assert_hmac(key, 20, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00");
    assert_hmac("Jefe", 4, "what do ya want for nothing?",
                "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    memset(key, 0xaa, sizeof key);
    assert_hmac(key, 80, "Test Using Larger Than Block-Size Key - Hash Key First",
                "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    assert_hmac(key, 80,
                "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
                "e8e99d0f45237d786d6bbaa7965c7808bbff1a91");
}

Test(totp, codes_are_those_of_rfc_6238)
{
    static const struct {
        int64_t time_s;
        const char *code;
    } vectors[] = {{59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
                   {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(vectors); i++) {
        char code[16];
        int64_t step = vectors[i].time_s / TOTP_STEP_S;
        (void)snprintf(code, sizeof code, "%08u", (unsigned)totp_code(rfc_secret, 20, step, 8));
        cr_assert_str_eq(code, vectors[i].code);
        cr_assert_eq(totp_match(rfc_secret, vectors[i].code + 2, vectors[i].time_s * 1000), step);
    }
}

Test(totp, G23_the_platforms_codes)
{
    cr_assert_eq(totp_match(rfc_secret, "287082", INT64_C(59000)), 1);
    cr_assert_eq(totp_match(rfc_secret, "081804", INT64_C(1111111109000)), 37037036);
    cr_assert_eq(totp_match(rfc_secret, "081805", INT64_C(1111111109000)), -1);
}

Test(totp, a_code_holds_one_step_before_and_after_its_own)
{
    int64_t step = 37037036; /* 1111111080 to 1111111109 s */
    int64_t begin_ms = step * TOTP_STEP_S * 1000;
    cr_assert_eq(totp_match(rfc_secret, "081804", begin_ms - 30001), -1);
    cr_assert_eq(totp_match(rfc_secret, "081804", begin_ms - 30000), step);
    cr_assert_eq(totp_match(rfc_secret, "081804", begin_ms + 59999), step);
    cr_assert_eq(totp_match(rfc_secret, "081804", begin_ms + 60000), -1);
    cr_assert_eq(totp_match(rfc_secret, "755224", 0), -1, "before the first step");
}

Test(totp, only_six_digits_are_a_code)
{
    static const char *const bad[] = {"",        "28708",   "2870820", "28708a",
                                      " 287082", "287082 ", "-87082"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        cr_assert_not(totp_is_code(bad[i]), "'%s'", bad[i]);
        cr_assert_eq(totp_match(rfc_secret, bad[i], 59000), -1);
    }
    cr_assert(totp_is_code("000000"));
}

Test(totp, base32_is_what_an_authenticator_reads)
{
    char text[TOTP_BASE32_CAP];
    totp_base32(rfc_secret, text);
    cr_assert_str_eq(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}
