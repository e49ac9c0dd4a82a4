/* http/access.h: who may send: address rules, the address behind a proxy, and where a webhook
 * carries its secret. Pure functions over bytes from outside, total on any of them. Any thread. */
#ifndef TRIDENT_HTTP_ACCESS_H
#define TRIDENT_HTTP_ACCESS_H

#include "core/core.h"

#define ACCESS_ADDRESS_CAP 64
#define ACCESS_SECRET_CAP  128

/* IPv4 is kept as ::ffff:a.b.c.d. */
struct access_rule {
    uint8_t address[16];
    int bits;
};

/* "10.0.0.0/8", "::1", "192.0.2.7". False: malformed, or host bits set beyond the prefix length. */
bool access_rule_parse(const char *text, struct access_rule *ret);
/* False for a text that is no address. */
bool access_rule_matches(const struct access_rule *rules, size_t count, const char *address);
bool access_is_loopback(const char *address);

/* The client: peer itself unless peer is a trusted proxy and forwarded (X-Forwarded-For, NULL =
 * none) names hops: then the last hop that is not trusted. A malformed hop gives "" (matches no
 * rule). */
void access_client_address(const char *peer, const char *forwarded,
                           const struct access_rule *trusted, size_t trusted_count,
                           char out[ACCESS_ADDRESS_CAP]);

/* What counts as one source: the address, of IPv6 its /64. What is no address is a source too. */
void access_source_key(const char *address, uint8_t out[16]);

/* The top-level string member "secret" of a JSON body, also of one with bare placeholders that no
 * JSON parser takes. False: absent, too long, or with an escape beyond \" \\ \/. */
bool access_body_secret(const char *body, size_t len, char out[ACCESS_SECRET_CAP]);

/* The top-level member of that name, a string as above or a bare number or word. */
bool access_body_member(const char *body, size_t len, const char *name, char *out, size_t cap);
/* RFC 3339, or seconds or milliseconds since 1970. */
bool access_time_parse(const char *text, int64_t *ret_ms);

/* The common name of a distinguished name as nginx writes it (RFC 2253, or /CN=.../O=... of old).
 * False: there is none, or more than one. */
bool access_common_name(const char *subject, char *out, size_t cap);

/* Dedupe key of an Idempotency-Key header: "wh:" and the text when it is short and plain, else a
 * digest of it. cap >= 40. */
void access_idempotency_key(const char *header, char *out, size_t cap);

#endif
