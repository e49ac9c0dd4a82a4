/* net/http_guard.c: the strictness libmicrohttpd 0.9.75 lacks (measured with raw sockets):
 * duplicate Host and Content-Length, Content-Length beside Transfer-Encoding, unknown codings,
 * names that are no tokens (a space before the colon), control bytes in values, more than 100
 * headers, no Host, a body that is announced too big. Folded lines and bare line feeds are already
 * unfolded when we see them. */
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "net/http_server_impl.h"

#define GUARD_HEADERS_MAX 100

struct guard {
    unsigned count, hosts, lengths, codings;
    bool malformed;
    bool coding_unknown;
    int64_t length;
};

static bool is_token(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = s[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (c == '\0' || (!alnum && strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return len > 0;
}

static bool is_clean_value(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool name_is(const char *key, size_t key_len, const char *name)
{
    return strlen(name) == key_len && strncasecmp(key, name, key_len) == 0;
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                 size_t key_len, const char *value, size_t value_len)
{
    struct guard *g = cls;
    TR_ASSERT(kind == MHD_HEADER_KIND);
    if (value == NULL) {
        value = "";
        value_len = 0;
    }
    if (++g->count > GUARD_HEADERS_MAX)
        return MHD_NO;
    if (!is_token(key, key_len) || !is_clean_value(value, value_len)) {
        g->malformed = true;
        return MHD_NO;
    }
    if (name_is(key, key_len, "host")) {
        g->hosts++;
    } else if (name_is(key, key_len, "content-length")) {
        g->lengths++;
        if (value_len == 0 || value[0] < '0' || value[0] > '9' || !str_to_i64(value, &g->length))
            g->malformed = true;
    } else if (name_is(key, key_len, "transfer-encoding")) {
        g->codings++;
        g->coding_unknown = !str_ieq(value, "chunked");
    }
    return MHD_YES;
}

const struct http_refusal *http_guard_check(struct MHD_Connection *mhd, const char *method,
                                            const char *version, size_t max_body_bytes)
{
    TR_ASSERT(mhd != NULL);
    static const char *const methods[] = {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"};
    struct guard g = {0};
    (void)MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, on_header, &g); /* count is in g */
    if (g.count > GUARD_HEADERS_MAX)
        return &http_refuse_head;
    if (g.malformed)
        return &http_refuse_header;
    if (g.codings > 1 || g.lengths > 1 || g.hosts > 1)
        return &http_refuse_twice;
    if (g.coding_unknown || (g.lengths > 0 && g.codings > 0))
        return &http_refuse_length;
    if (g.hosts == 0 && !str_eq(version, MHD_HTTP_VERSION_1_0))
        return &http_refuse_host;
    if (!is_token(method, strlen(method)))
        return &http_refuse_malformed;
    bool known = false;
    for (size_t i = 0; i < TR_ARRAY_SIZE(methods); i++)
        known = known || str_eq(method, methods[i]);
    if (!known)
        return &http_refuse_method;
    if (g.length > 0 && (uint64_t)g.length > max_body_bytes)
        return &http_refuse_body;
    return NULL;
}

bool http_guard_target_is_clean(const char *target)
{
    TR_ASSERT(target != NULL);
    bool in_query = false;
    for (const char *p = target; *p != '\0'; p++) {
        if ((unsigned char)*p <= 0x20 || *p == 0x7f)
            return false;
        in_query = in_query || *p == '?';
        /* A NUL would cut what we compare; other control bytes have no business in a path, but a
         * line break in a query value is ordinary text. */
        bool is_control = *p == '%' && (p[1] == '0' || p[1] == '1');
        if (is_control && (!in_query || (p[1] == '0' && p[2] == '0')))
            return false;
    }
    return true;
}
