/* http/access.c: see access.h. Addresses are compared as 128 bits, so that an IPv4 rule also holds
 * for the same address seen through a dual-stack socket. The secret scanner follows strings and
 * nesting only; it does not judge whether the text is JSON (signals/ does). */
#include "http/access.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/hash.h"

#define IDEMPOTENCY_PLAIN_MAX 64
#define DEPTH_MAX             64
#define SECONDS_MIN           INT64_C(1000000000) /* 2001 */
#define SECONDS_MAX           INT64_C(9999999999)

/* ::ffff:0:0/96 holds the IPv4 addresses. */
static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool address_parse(const char *text, uint8_t out[16], bool *ret_v4)
{
    *ret_v4 = false;
    if (inet_pton(AF_INET6, text, out) == 1)
        return true;
    memcpy(out, mapped, sizeof(mapped));
    *ret_v4 = inet_pton(AF_INET, text, out + sizeof(mapped)) == 1;
    return *ret_v4;
}

/* The first `bits` bits are equal. */
static bool prefix_equal(const uint8_t *a, const uint8_t *b, int bits)
{
    TR_ASSERT(bits >= 0 && bits <= 128);
    size_t whole = (size_t)bits / 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    int rest = bits % 8;
    if (rest == 0)
        return true;
    uint8_t mask = (uint8_t)(0xff << (8 - rest));
    return (a[whole] & mask) == (b[whole] & mask);
}

bool access_rule_parse(const char *text, struct access_rule *ret)
{
    TR_ASSERT(ret != NULL);
    char address[ACCESS_ADDRESS_CAP];
    if (text == NULL || !str_copy(address, sizeof(address), text))
        return false;
    char *slash = strchr(address, '/');
    if (slash != NULL)
        *slash++ = '\0';
    struct access_rule rule;
    bool is_v4;
    if (!address_parse(address, rule.address, &is_v4))
        return false;
    int64_t bits = is_v4 ? 32 : 128;
    int64_t max_bits = bits;
    if (slash != NULL && (*slash < '0' || *slash > '9' || !str_to_i64(slash, &bits)))
        return false;
    if (bits < 0 || bits > max_bits)
        return false;
    rule.bits = (int)bits + (is_v4 ? 96 : 0);
    for (int i = rule.bits; i < 128; i++)
        if ((rule.address[i / 8] & (0x80 >> (i % 8))) != 0)
            return false; /* "10.1.2.3/8": more likely a typing error than a wish */
    *ret = rule;
    return true;
}

bool access_rule_matches(const struct access_rule *rules, size_t count, const char *address)
{
    TR_ASSERT(address != NULL);
    uint8_t bytes[16];
    bool is_v4;
    if (!address_parse(address, bytes, &is_v4))
        return false;
    for (size_t i = 0; i < count; i++)
        if (prefix_equal(bytes, rules[i].address, rules[i].bits))
            return true;
    return false;
}

bool access_is_loopback(const char *address)
{
    struct access_rule rules[2];
    bool known = access_rule_parse("127.0.0.0/8", &rules[0]) && access_rule_parse("::1", &rules[1]);
    TR_ASSERT(known);
    return access_rule_matches(rules, TR_ARRAY_SIZE(rules), address);
}

void access_source_key(const char *address, uint8_t out[16])
{
    bool is_v4;
    TR_ASSERT(address != NULL);
    if (!address_parse(address, out, &is_v4))
        memset(out, 0xff, 16);
    else if (memcmp(out, mapped, sizeof(mapped)) != 0)
        memset(out + 8, 0, 8);
}

/* One hop of X-Forwarded-For without blanks, brackets and port; "" when it is no address. */
static void hop_address(const char *hop, size_t len, char out[ACCESS_ADDRESS_CAP])
{
    out[0] = '\0';
    while (len > 0 && (*hop == ' ' || *hop == '\t')) {
        hop++;
        len--;
    }
    while (len > 0 && (hop[len - 1] == ' ' || hop[len - 1] == '\t'))
        len--;
    const char *colon = memchr(hop, ':', len);
    if (len > 2 && hop[0] == '[') {
        const char *end = memchr(hop, ']', len);
        len = end != NULL ? (size_t)(end - hop) - 1 : 0;
        hop++;
    } else if (colon != NULL && memchr(colon + 1, ':', len - (size_t)(colon + 1 - hop)) == NULL) {
        len = (size_t)(colon - hop); /* one colon: a.b.c.d:port */
    }
    uint8_t bytes[16];
    bool is_v4;
    if (len == 0 || len >= ACCESS_ADDRESS_CAP)
        return;
    memcpy(out, hop, len);
    out[len] = '\0';
    if (!address_parse(out, bytes, &is_v4))
        out[0] = '\0';
}

void access_client_address(const char *peer, const char *forwarded,
                           const struct access_rule *trusted, size_t trusted_count,
                           char out[ACCESS_ADDRESS_CAP])
{
    TR_ASSERT(peer != NULL && out != NULL);
    (void)str_copy(out, ACCESS_ADDRESS_CAP, peer); /* an address always fits */
    if (forwarded == NULL || *forwarded == '\0')
        return;
    size_t end = strlen(forwarded);
    while (access_rule_matches(trusted, trusted_count, out)) {
        size_t start = end;
        while (start > 0 && forwarded[start - 1] != ',')
            start--;
        hop_address(forwarded + start, end - start, out);
        if (start == 0)
            return; /* the first hop, trusted or not */
        end = start - 1;
    }
}

/* -- the secret of a body ---------------------------------------------------------------------- */

/* A string beginning after its quote: its unescaped text into out (NULL = skip); returns the
 * position after the closing quote, or NULL. *ret_plain: it fitted and had only simple escapes. */
static const char *scan_string(const char *p, const char *end, char *out, size_t cap,
                               bool *ret_plain)
{
    size_t n = 0;
    *ret_plain = true;
    for (; p < end && *p != '"'; p++) {
        if (*p == '\\') {
            p++;
            if (p == end)
                return NULL;
            *ret_plain = *ret_plain && (*p == '"' || *p == '\\' || *p == '/');
        }
        if (out != NULL && n + 1 < cap)
            out[n] = *p;
        *ret_plain = *ret_plain && *p != '\0';
        n++;
    }
    if (p == end)
        return NULL;
    if (out != NULL) {
        *ret_plain = *ret_plain && n < cap;
        out[n < cap ? n : cap - 1] = '\0';
    }
    return p + 1;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p;
}

/* A number or a word. */
static bool scan_bare(const char *p, const char *end, char *out, size_t cap)
{
    size_t n = 0;
    for (; p < end && strchr(",}] \t\r\n", *p) == NULL; p++) {
        bool is_plain = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') ||
                        (*p >= 'a' && *p <= 'z') || strchr("+-.:", *p) != NULL;
        if (!is_plain || n + 1 >= cap)
            return false;
        out[n++] = *p;
    }
    out[n] = '\0';
    return n > 0 && p < end;
}

/* The text after the colon of the top-level member, or NULL. */
static const char *find_member(const char *body, const char *end, const char *name)
{
    char key[16];
    int depth = 0;
    TR_ASSERT(strlen(name) < sizeof(key));
    if (end == body || memmem(body, (size_t)(end - body), name, strlen(name)) == NULL)
        return NULL; /* the usual case, and names have no escapes */
    for (const char *p = body; p < end;) {
        char c = *p++;
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth < 0 || depth > DEPTH_MAX)
            return NULL;
        if (c != '"')
            continue;
        bool plain;
        key[0] = '\0';
        p = scan_string(p, end, key, sizeof(key), &plain);
        if (p == NULL)
            return NULL;
        const char *value = skip_blanks(p, end);
        if (depth == 1 && plain && str_eq(key, name) && value < end && *value == ':')
            return skip_blanks(value + 1, end);
    }
    return NULL;
}

bool access_body_member(const char *body, size_t len, const char *name, char *out, size_t cap)
{
    TR_ASSERT(body != NULL || len == 0);
    TR_ASSERT(cap > 0);
    const char *end = body + len;
    const char *value = find_member(body, end, name);
    bool plain;
    out[0] = '\0';
    if (value == NULL || value == end)
        return false;
    if (*value != '"')
        return scan_bare(value, end, out, cap);
    return scan_string(value + 1, end, out, cap, &plain) != NULL && plain;
}

bool access_body_secret(const char *body, size_t len, char out[ACCESS_SECRET_CAP])
{
    TR_ASSERT(body != NULL || len == 0);
    const char *value = find_member(body, body + len, "secret");
    return value != NULL && value < body + len && *value == '"' &&
           access_body_member(body, len, "secret", out, ACCESS_SECRET_CAP);
}

bool access_time_parse(const char *text, int64_t *ret_ms)
{
    int64_t n;
    TR_ASSERT(text != NULL && ret_ms != NULL);
    if (clock_parse_rfc3339(text, ret_ms))
        return true;
    if (!str_to_i64(text, &n) || n < SECONDS_MIN || n > SECONDS_MAX * 1000)
        return false;
    *ret_ms = n <= SECONDS_MAX ? n * 1000 : n;
    return *ret_ms >= SECONDS_MIN * 1000;
}

/* One value of the name, with \ before what is escaped; ends at an unescaped `end` or the text's
 * end. Returns where it ended. */
static const char *copy_value(const char *p, char end, char *out, size_t cap, bool *ret_fits)
{
    size_t n = 0;
    for (; *p != '\0' && *p != end; p++) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        if (n + 1 < cap)
            out[n] = *p;
        n++;
    }
    *ret_fits = n < cap;
    out[n < cap ? n : cap - 1] = '\0';
    return p;
}

bool access_common_name(const char *subject, char *out, size_t cap)
{
    TR_ASSERT(subject != NULL && cap > 0);
    char separator = *subject == '/' ? '/' : ',';
    char part[256];
    int found = 0;
    bool fits = true;
    out[0] = '\0';
    for (const char *p = subject + (separator == '/'); *p != '\0';) {
        p += *p == ' ';
        bool is_name = strncasecmp(p, "CN=", 3) == 0;
        p = copy_value(p + (is_name ? 3 : 0), separator, part, sizeof(part), &fits);
        if (*p == separator)
            p++;
        if (is_name && (found++ > 0 || !fits || !str_copy(out, cap, part)))
            return false;
    }
    return found == 1 && out[0] != '\0';
}

void access_idempotency_key(const char *header, char *out, size_t cap)
{
    TR_ASSERT(header != NULL && out != NULL);
    TR_ASSERT(cap >= 40);
    size_t len = strlen(header);
    bool plain = len > 0 && len <= IDEMPOTENCY_PLAIN_MAX && len + 4 <= cap;
    for (size_t i = 0; i < len && plain; i++) {
        char c = header[i];
        plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                c == '-' || c == '_' || c == '.' || c == ':';
    }
    if (plain) {
        (void)snprintf(out, cap, "wh:%s", header); /* fits, checked above */
        return;
    }
    uint8_t digest[HASH_SHA256_BYTES];
    char hex[HASH_HEX_CAP];
    hash_sha256(header, len, digest);
    hash_hex(digest, 16, hex, sizeof(hex));
    (void)snprintf(out, cap, "wh#%s", hex); /* 35 characters and the end */
}
