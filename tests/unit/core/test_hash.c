/* Covers: vectors of FIPS 180-2 (SHA-256), RFC 4231 (HMAC), RFC 4648 (base64url) and the CRC-32
 * check value; multi-part equals one-shot; secret comparison; keyed table hash; passphrases. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/hash.h"

static void expect_hex(const uint8_t *p, const char *want)
{
    char hex[HASH_HEX_CAP];
    hash_hex(p, HASH_SHA256_BYTES, hex, sizeof(hex));
    cr_assert_str_eq(hex, want);
}

Test(hash, matches_sha256_vectors)
{
    uint8_t d[HASH_SHA256_BYTES];
    hash_sha256("", 0, d);
    expect_hex(d, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash_sha256("abc", 3, d);
    expect_hex(d, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

Test(hash, gives_the_same_digest_in_parts)
{
    char text[1000];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 7);
    uint8_t whole[HASH_SHA256_BYTES], parts[HASH_SHA256_BYTES];
    hash_sha256(text, sizeof(text), whole);
    struct hash_sha256_state s;
    hash_sha256_begin(&s);
    hash_sha256_add(&s, NULL, 0);
    for (size_t at = 0, n = 1;
         at<sizeof(text); at += n, n = n * 2> sizeof(text) - at - n ? 1 : n * 2)
        hash_sha256_add(&s, text + at, at + n > sizeof(text) ? sizeof(text) - at : n);
    hash_sha256_end(&s, parts);
    cr_assert_eq(memcmp(whole, parts, sizeof(whole)), 0);
}

Test(hash, matches_hmac_vectors_of_rfc4231)
{
    uint8_t d[HASH_SHA256_BYTES];
    hash_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, d);
    expect_hex(d, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    uint8_t key[131];
    memset(key, 0xaa, sizeof(key));
    hash_hmac_sha256(key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First", 54,
                     d);
    expect_hex(d, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

Test(hash, encodes_base64url_without_padding)
{
    char out[16];
    hash_base64url((const uint8_t *)"\xfb\xff\xfe", 3, out, sizeof(out));
    cr_assert_str_eq(out, "-__-");
    hash_base64url((const uint8_t *)"fooba", 5, out, sizeof(out));
    cr_assert_str_eq(out, "Zm9vYmE");
}

Test(hash, has_the_crc32_check_value)
{
    cr_assert_eq(hash_crc32("123456789", 9), 0xcbf43926);
    cr_assert_eq(hash_crc32("", 0), 0);
}

Test(hash, compares_secrets_and_never_null)
{
    cr_assert(hash_secret_equal("secret", "secret"));
    cr_assert_not(hash_secret_equal("secret", "secreT"));
    cr_assert_not(hash_secret_equal("secret", "secret2"));
    cr_assert_not(hash_secret_equal(NULL, "x"));
    cr_assert_not(hash_secret_equal(NULL, NULL));
    cr_assert(hash_secret_equal("", ""));
}

Test(hash, keys_table_hashes_and_random_bytes_differ)
{
    uint64_t unkeyed = hash_64("key", 3);
    cr_assert_eq(hash_global_init(), 0);
    cr_assert_neq(hash_64("key", 3), unkeyed);
    cr_assert_eq(hash_64("key", 3), hash_64("key", 3));
    uint64_t a = 0, b = 0;
    hash_random(&a, sizeof(a));
    hash_random(&b, sizeof(b));
    cr_assert_neq(a, b);
    hash_wipe(&a, sizeof(a));
    cr_assert_eq(a, 0);
}

Test(hash, keeps_a_passphrase_salted_and_slow)
{
    char a[HASH_PASSPHRASE_CAP], b[HASH_PASSPHRASE_CAP];
    cr_assert_eq(hash_global_init(), 0);
    cr_assert_eq(hash_passphrase("correct horse battery", a), 0);
    cr_assert_eq(hash_passphrase("correct horse battery", b), 0);
    cr_assert_str_neq(a, b);
    /* 64 MiB, two passes: libsodium's interactive limits. */
    cr_assert_eq(strncmp(a, "$argon2id$v=19$m=65536,t=2,p=1$", 31), 0, "%s", a);
    cr_assert_null(strstr(a, "horse"));
    cr_assert(hash_passphrase_is_stored(a));
    cr_assert(hash_passphrase_matches(a, "correct horse battery"));
    cr_assert(hash_passphrase_matches(b, "correct horse battery"));
    cr_assert_not(hash_passphrase_matches(a, "correct horse batterz"));
    cr_assert_not(hash_passphrase_matches(a, ""));
}

Test(hash, takes_no_passphrase_with_other_limits)
{
    static const char *const others[] = {
        "",
        "correct horse battery",
        "$argon2id$",
        /* a gigabyte; a thousand passes; Argon2i */
        "$argon2id$v=19$m=1048576,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=65536,t=1000,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2i$v=19$m=65536,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    cr_assert_eq(hash_global_init(), 0);
    for (size_t i = 0; i < TR_ARRAY_SIZE(others); i++) {
        cr_assert_not(hash_passphrase_is_stored(others[i]), "%s", others[i]);
        cr_assert_not(hash_passphrase_matches(others[i], "correct horse battery"));
    }
    cr_assert(hash_passphrase_is_stored("$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}
