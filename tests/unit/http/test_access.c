/* Covers: CIDR rules (both families, mapped addresses, malformed), the client's address behind
 * trusted proxies, the secret of a body (strict JSON, placeholders, nesting, escapes, random
 * bytes), keys from Idempotency-Key; members and times of a body, common names of certificates. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "core/rng.h"
#include "http/access.h"

static bool matches(const char *rule, const char *address)
{
    struct access_rule r;
    cr_assert(access_rule_parse(rule, &r), "%s", rule);
    return access_rule_matches(&r, 1, address);
}

Test(access, rules_match_addresses_and_prefixes_of_both_families)
{
    cr_assert(matches("52.89.214.238", "52.89.214.238"));
    cr_assert_not(matches("52.89.214.238", "52.89.214.239"));
    cr_assert(matches("10.0.0.0/8", "10.255.0.1"));
    cr_assert_not(matches("10.0.0.0/8", "11.0.0.1"));
    cr_assert(matches("192.168.4.0/22", "192.168.7.255"));
    cr_assert_not(matches("192.168.4.0/22", "192.168.8.0"));
    cr_assert(matches("0.0.0.0/0", "8.8.8.8"));
    cr_assert_not(matches("0.0.0.0/0", "2001:db8::1"));
    cr_assert(matches("2001:db8::/33", "2001:db8:7fff::1"));
    cr_assert_not(matches("2001:db8::/33", "2001:db8:8000::1"));
    cr_assert(matches("::1", "::1"));
    cr_assert(matches("10.0.0.0/8", "::ffff:10.1.2.3"));
    cr_assert_not(matches("::/0", "not an address"));
    cr_assert_not(matches("10.0.0.0/8", ""));
}

Test(access, malformed_rules_are_refused)
{
    static const char *const bad[] = {"",
                                      "10.0.0.0/33",
                                      "10.0.0.1/8",
                                      "10.0.0.0/",
                                      "10.0.0/8",
                                      "10.0.0.0/+8",
                                      "10.0.0.0/-1",
                                      "10.0.0.0/8x",
                                      "::1/129",
                                      "2001:db8::1/32",
                                      "localhost",
                                      "10.0.0.0/8/8",
                                      " 10.0.0.1",
                                      "10.0.0.0/99999999999999999999"};
    struct access_rule r;
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++)
        cr_assert_not(access_rule_parse(bad[i], &r), "%s", bad[i]);
    cr_assert_not(access_rule_parse(NULL, &r));
}

Test(access, loopback_is_known_in_all_spellings)
{
    cr_assert(access_is_loopback("127.0.0.1"));
    cr_assert(access_is_loopback("127.9.9.9"));
    cr_assert(access_is_loopback("::1"));
    cr_assert(access_is_loopback("::ffff:127.0.0.1"));
    cr_assert_not(access_is_loopback("128.0.0.1"));
    cr_assert_not(access_is_loopback("0.0.0.0"));
    cr_assert_not(access_is_loopback("unknown"));
}

Test(access, forwarded_addresses_count_only_through_trusted_proxies)
{
    struct access_rule trusted[2];
    cr_assert(access_rule_parse("127.0.0.1", &trusted[0]));
    cr_assert(access_rule_parse("10.0.0.0/8", &trusted[1]));
    static const struct {
        const char *peer, *forwarded, *client;
    } table[] = {
        {"203.0.113.5", NULL, "203.0.113.5"},
        {"203.0.113.5", "1.2.3.4", "203.0.113.5"}, /* a liar */
        {"127.0.0.1", NULL, "127.0.0.1"},
        {"127.0.0.1", "52.32.178.7", "52.32.178.7"},
        {"127.0.0.1", "1.1.1.1, 52.32.178.7", "52.32.178.7"}, /* the client made the first up */
        {"127.0.0.1", "1.1.1.1,52.32.178.7 , 10.0.0.9", "52.32.178.7"},
        {"127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"},
        {"127.0.0.1", "52.32.178.7:4711", "52.32.178.7"},
        {"127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"},
        {"127.0.0.1", "2001:db8::1", "2001:db8::1"},
        {"127.0.0.1", "52.32.178.7, garbage", ""},
        {"127.0.0.1", "52.32.178.7,", ""},
        {"127.0.0.1", ",", ""},
        {"127.0.0.1", "[]", ""},
        {"127.0.0.1", "[:", ""},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        char out[ACCESS_ADDRESS_CAP];
        access_client_address(table[i].peer, table[i].forwarded, trusted, 2, out);
        cr_assert_str_eq(out, table[i].client, "row %zu: '%s'", i, out);
    }
}

Test(access, body_secret_is_the_top_level_string_member)
{
    static const struct {
        const char *body, *secret; /* NULL: none */
    } table[] = {
        {"{\"secret\":\"s3\"}", "s3"},
        {" \n{ \"type\" : \"x\", \"secret\" :\t\"a b\" , \"p\": {{close}} }", "a b"},
        {"{\"p\":{\"secret\":\"inner\"},\"secret\":\"outer\"}", "outer"},
        {"{\"p\":[\"secret\",{\"secret\":\"inner\"}]}", NULL},
        {"{\"a\":\"secret\",\"secret\":\"right\"}", "right"},
        {"{\"a\":\"\\\"secret\\\":\\\"no\\\"\"}", NULL},
        {"{\"secret\":\"q\\\"\\\\\\/\"}", "q\"\\/"},
        {"{\"secret\":\"\\u0041\"}", NULL},
        {"{\"secret\":42}", NULL},
        {"{\"secret\":\"open", NULL},
        {"{\"secret", NULL},
        {"{\"secret\"", NULL},
        {"{\"secret\":", NULL},
        {"}{\"secret\":\"x\"}", NULL},
        {"\"secret\":\"x\"", NULL},
        {"BULLISH_ENTRY|EURUSD|5", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        char out[ACCESS_SECRET_CAP] = "?";
        bool found = access_body_secret(table[i].body, strlen(table[i].body), out);
        cr_assert_eq(found, table[i].secret != NULL, "row %zu", i);
        if (found)
            cr_assert_str_eq(out, table[i].secret, "row %zu", i);
    }
}

Test(access, body_secret_is_bounded_and_exact_about_nul)
{
    char body[400] = "{\"secret\":\"";
    char out[ACCESS_SECRET_CAP];
    size_t head = strlen(body);
    memset(body + head, 'x', ACCESS_SECRET_CAP - 1);
    memcpy(body + head + ACCESS_SECRET_CAP - 1, "\"}", 3);
    cr_assert(access_body_secret(body, strlen(body), out));
    cr_assert_eq(strlen(out), ACCESS_SECRET_CAP - 1);
    memset(body + head, 'x', ACCESS_SECRET_CAP);
    memcpy(body + head + ACCESS_SECRET_CAP, "\"}", 3);
    cr_assert_not(access_body_secret(body, strlen(body), out));
    static const char nul[] = "{\"secret\":\"ab\0cd\"}";
    cr_assert_not(access_body_secret(nul, sizeof(nul) - 1, out));
    static const char nul_key[] = "{\"secret\0\":\"ab\"}";
    cr_assert_not(access_body_secret(nul_key, sizeof(nul_key) - 1, out));
}

Test(access, body_secret_is_total_on_shuffled_bytes)
{
    static const char *const pieces[] = {"{", "}", "[",  "]", "\"", "secret",
                                         ":", ",", "\\", " ", "x"};
    struct rng r;
    rng_seed(&r, 11);
    for (int i = 0; i < 50000; i++) {
        char text[256] = "";
        size_t len = 0;
        for (uint64_t k = rng_below(&r, 20); k > 0; k--) {
            const char *p = pieces[rng_below(&r, TR_ARRAY_SIZE(pieces))];
            memcpy(text + len, p, strlen(p));
            len += strlen(p);
        }
        char *exact = try_alloc(len + 1);
        memcpy(exact, text, len);
        char out[ACCESS_SECRET_CAP];
        if (access_body_secret(exact, len, out))
            cr_assert_lt(strlen(out), ACCESS_SECRET_CAP);
        mem_free(exact);
    }
}

Test(access, idempotency_keys_are_short_plain_and_distinct)
{
    char a[72], b[72];
    cr_assert_eq(hash_global_init(), 0);
    access_idempotency_key("order-17:x_Y.z", a, sizeof(a));
    cr_assert_str_eq(a, "wh:order-17:x_Y.z");
    char longer[200];
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    access_idempotency_key(longer, a, sizeof(a));
    longer[198] = 'b';
    access_idempotency_key(longer, b, sizeof(b));
    cr_assert_eq(strlen(a), 35);
    cr_assert_str_neq(a, b);
    access_idempotency_key("with space\tand tab", a, sizeof(a));
    cr_assert_eq(strncmp(a, "wh#", 3), 0);
    /* A plain key can never be forged to equal a digest. */
    access_idempotency_key(a + 3, b, sizeof(b));
    cr_assert_str_neq(a, b);
}

Test(access, a_member_is_a_string_or_a_bare_word_of_the_top_level)
{
    static const struct {
        const char *body, *expected; /* NULL: none */
    } table[] = {
        {"{\"timenow\":\"2026-11-21T01:19:23Z\"}", "2026-11-21T01:19:23Z"},
        {"{\"timenow\" : 1700000000 }", "1700000000"},
        {"{\"a\":{\"timenow\":1},\"timenow\":2}", "2"},
        {"{\"a\":\"timenow\",\"b\":1}", NULL},
        {"{\"timenow\":{{timenow}},\"b\":1}", NULL},
        {"{\"timenow\":\"{{timenow}}\"}", "{{timenow}}"},
        {"{\"timenow\":[1]}", NULL},
        {"{\"timenow\":", NULL},
        {"{\"timenow\":17", NULL},
        {"{\"timenow\":\"17", NULL},
        {"{\"timenow\":\"a\\u0041\"}", NULL},
        {"V6|timenow|1", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        char out[32];
        bool found =
            access_body_member(table[i].body, strlen(table[i].body), "timenow", out, sizeof out);
        cr_assert_eq(found, table[i].expected != NULL, "row %zu: %s", i, out);
        if (found)
            cr_assert_str_eq(out, table[i].expected, "row %zu", i);
    }
    char small[4];
    cr_assert_not(access_body_member("{\"timenow\":12345}", 17, "timenow", small, sizeof small));
    cr_assert_not(
        access_body_member("{\"timenow\":\"12345\"}", 19, "timenow", small, sizeof small));
}

Test(access, times_are_rfc_3339_seconds_or_milliseconds)
{
    int64_t ms;
    cr_assert(access_time_parse("2023-11-14T22:13:20Z", &ms) && ms == INT64_C(1700000000000));
    cr_assert(access_time_parse("1700000000", &ms) && ms == INT64_C(1700000000000));
    cr_assert(access_time_parse("1700000000123", &ms) && ms == INT64_C(1700000000123));
    cr_assert(access_time_parse("1000000000", &ms));
    static const char *const bad[] = {
        "",   "yesterday",   "1700000000.5",          "-1700000000",
        "17", "1700000000x", "10000000000",           "99999999999999",
        "0",  "999999999",   "9999999999999999999999"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++)
        cr_assert_not(access_time_parse(bad[i], &ms), "%s", bad[i]);
}

Test(access, the_common_name_is_one_and_whole)
{
    static const struct {
        const char *subject, *expected;
    } table[] = {
        {"CN=TradingView Webhooks,O=TradingView\\, Inc.,C=US", "TradingView Webhooks"},
        {"emailAddress=a@b,cn=desk", "desk"},
        {"/C=US/O=TradingView, Inc./CN=TradingView Webhooks", "TradingView Webhooks"},
        {"O=x, CN=desk", "desk"},
        {"O=evil\\,CN=desk", NULL},
        {"CN=desk,CN=other", NULL},
        {"O=x", NULL},
        {"CN=", NULL},
        {"", NULL},
        {"/", NULL},
        {"CN=a\\", "a\\"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        char out[64];
        bool found = access_common_name(table[i].subject, out, sizeof out);
        cr_assert_eq(found, table[i].expected != NULL, "row %zu: %s", i, out);
        if (found)
            cr_assert_str_eq(out, table[i].expected, "row %zu", i);
    }
    char small[4];
    cr_assert_not(access_common_name("CN=desk", small, sizeof small));
}
