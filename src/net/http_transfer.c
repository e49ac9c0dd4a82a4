/* net/http_transfer.c: the rules of spec telegram 1.10 in one place: HTTP/1.1, no signals, no
 * redirects, no proxy, verified TLS, young connections, keep-alive probes, bounded answers.
 *
 * At most once: libcurl silently writes a request again when a reused connection dies before the
 * first byte of the answer. CURLOPT_PREREQFUNCTION is called each time a request is about to be
 * written; for requests with an effect the second call aborts the transfer, which is then reported
 * as HTTP_E_BROKEN (outcome unknown). No call at all proves that nothing was sent (HTTP_E_CONNECT).
 */
#include "net/http_transfer.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/hash.h"

#define CONNECT_TIMEOUT_DEFAULT_MS 10000
#define LOW_SPEED_BYTES_PER_S      1L
#define LOW_SPEED_S                10L
#define BUFFER_BYTES               16384L
#define MAX_AGE_CONNECTION_S       20L
#define RETRY_AFTER_MAX_S          (14 * 24 * 3600) /* Telegram's longest flood wait */

void http_response_init(struct http_response *r, size_t max_body_bytes)
{
    TR_ASSERT(r != NULL);
    *r = (struct http_response){.retry_after_s = -1};
    buf_init(&r->body, max_body_bytes);
}

void http_response_deinit(struct http_response *r)
{
    buf_deinit(&r->body);
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
    struct http_transfer *t = ctx;
    TR_ASSERT(size == 1);
    buf_append(&t->response->body, data, count);
    return buf_failed(&t->response->body) ? 0 : count;
}

static int on_request_about_to_be_written(void *ctx, char *primary_ip, char *local_ip,
                                          int primary_port, int local_port)
{
    struct http_transfer *t = ctx;
    (void)primary_ip;
    (void)local_ip;
    (void)primary_port;
    (void)local_port;
    t->requests_begun++;
    return t->is_send && t->requests_begun > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

void http_transfer_init(struct http_transfer *t)
{
    memset(t, 0, sizeof(*t));
    t->easy = curl_easy_init();
    TR_ASSERT(t->easy != NULL); /* small and bounded: as xalloc */
    /* Once: a request that ended for want of memory may leave its buffer in the handle, and then
     * libcurl 7.88 refuses to set the size ever again. */
    CURLcode code = curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    TR_ASSERT(code == CURLE_OK);
}

void http_transfer_release(struct http_transfer *t)
{
    for (struct curl_slist *h = t->headers; h != NULL; h = h->next)
        hash_wipe(h->data, strlen(h->data)); /* some of them authorise */
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    if (t->mime != NULL) {
        (void)curl_easy_setopt(t->easy, CURLOPT_MIMEPOST, NULL); /* cannot fail */
        curl_mime_free(t->mime);
    }
    t->mime = NULL;
    t->response = NULL;
}

void http_transfer_deinit(struct http_transfer *t)
{
    http_transfer_release(t);
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
}

static bool is_loopback_authority(const char *authority)
{
    size_t len = strcspn(authority, "/?#");
    if (memchr(authority, '@', len) != NULL)
        return false;
    static const char *const hosts[] = {"localhost", "[::1]"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(hosts); i++) {
        size_t n = strlen(hosts[i]);
        if (strncasecmp(authority, hosts[i], n) == 0 && (n == len || authority[n] == ':'))
            return true;
    }
    /* 127.a.b.c: digits and dots only, up to the port. */
    size_t host_len = strcspn(authority, ":/?#");
    return str_starts(authority, "127.") && strspn(authority, "0123456789.") == host_len;
}

static bool url_is_allowed(const struct http_request *req)
{
    if (strncasecmp(req->url, "https://", 8) == 0)
        return true;
    return strncasecmp(req->url, "http://", 7) == 0 &&
           (req->allow_plain || is_loopback_authority(req->url + 7));
}

/* Setting an option fails only without memory or on a handle that is none. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (curl_easy_setopt(t->easy, (option), (value)) != CURLE_OK)                              \
            return err_raise(-ENOMEM);                                                             \
    } while (0)

static int set_rules(struct http_transfer *t, const struct http_request *req)
{
    SET(CURLOPT_ERRORBUFFER, t->error);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_UNIX_SOCKET_PATH, req->unix_path);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_MAXAGE_CONN, MAX_AGE_CONNECTION_S);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, 20L);
    SET(CURLOPT_TCP_KEEPINTVL, 10L);
    SET(CURLOPT_CONNECTTIMEOUT_MS,
        (long)(req->connect_timeout_ms > 0 ? req->connect_timeout_ms : CONNECT_TIMEOUT_DEFAULT_MS));
    SET(CURLOPT_TIMEOUT_MS, (long)req->timeout_ms);
    SET(CURLOPT_LOW_SPEED_LIMIT, req->is_poll ? 0L : LOW_SPEED_BYTES_PER_S);
    SET(CURLOPT_LOW_SPEED_TIME, req->is_poll ? 0L : LOW_SPEED_S);
    SET(CURLOPT_FRESH_CONNECT, req->fresh_connection ? 1L : 0L);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_PREREQFUNCTION, on_request_about_to_be_written);
    SET(CURLOPT_PREREQDATA, t);
    return 0;
}

static int add_header(struct http_transfer *t, const char *line)
{
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    if (longer == NULL)
        return err_raise(-ENOMEM);
    t->headers = longer;
    return 0;
}

static int set_headers(struct http_transfer *t, const struct http_request *req)
{
    int r = add_header(t, "Expect:"); /* no 100-continue round trip */
    for (const char *const *h = req->headers; r == 0 && h != NULL && *h != NULL; h++)
        r = add_header(t, *h);
    if (r < 0)
        return r;
    SET(CURLOPT_HTTPHEADER, t->headers);
    return 0;
}

static int add_part(struct http_transfer *t, const struct http_part *part)
{
    TR_ASSERT(part->name != NULL);
    TR_ASSERT(part->value != NULL || part->file_path != NULL);
    curl_mimepart *mp = curl_mime_addpart(t->mime);
    if (mp == NULL || curl_mime_name(mp, part->name) != CURLE_OK)
        return err_raise(-ENOMEM);
    if (part->value != NULL)
        return curl_mime_data(mp, part->value, CURL_ZERO_TERMINATED) == CURLE_OK
                   ? 0
                   : err_raise(-ENOMEM);
    if (curl_mime_filedata(mp, part->file_path) != CURLE_OK)
        return err_raise(-ENOENT);
    if (part->file_name != NULL && curl_mime_filename(mp, part->file_name) != CURLE_OK)
        return err_raise(-ENOMEM);
    if (part->content_type != NULL && curl_mime_type(mp, part->content_type) != CURLE_OK)
        return err_raise(-ENOMEM);
    return 0;
}

static int set_body(struct http_transfer *t, const struct http_request *req, bool copy)
{
    if (req->part_count > 0) {
        t->mime = curl_mime_init(t->easy);
        if (t->mime == NULL)
            return err_raise(-ENOMEM);
        for (size_t i = 0; i < req->part_count; i++) {
            int r = add_part(t, &req->parts[i]);
            if (r < 0)
                return r;
        }
        SET(CURLOPT_MIMEPOST, t->mime);
        return 0;
    }
    if (str_eq(req->method, "GET")) {
        SET(CURLOPT_HTTPGET, 1L);
        return 0;
    }
    TR_ASSERT(str_eq(req->method, "POST"));
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(req->body != NULL ? req->body_len : 0));
    if (copy)
        SET(CURLOPT_COPYPOSTFIELDS, req->body != NULL ? req->body : "");
    else
        SET(CURLOPT_POSTFIELDS, req->body != NULL ? req->body : "");
    return 0;
}

int http_transfer_prepare(struct http_transfer *t, const struct http_request *req,
                          struct http_response *response, bool copy)
{
    TR_ASSERT(t->easy != NULL && t->response == NULL);
    TR_ASSERT(req->method != NULL && req->url != NULL);
    TR_ASSERT(req->timeout_ms > 0 && req->max_body_bytes > 0);
    if (!url_is_allowed(req))
        return err_raise(-EINVAL);
    t->response = response;
    t->is_send = req->part_count > 0 || !str_eq(req->method, "GET");
    t->requests_begun = 0;
    t->error[0] = '\0';
    buf_reset(&response->body);
    response->body.max_bytes = req->max_body_bytes;
    response->result = HTTP_OK;
    response->status = 0;
    response->retry_after_s = -1;
    int r = set_rules(t, req);
    if (r == 0)
        r = set_headers(t, req);
    if (r == 0)
        r = set_body(t, req, copy);
    if (r == 0 && curl_easy_setopt(t->easy, CURLOPT_URL, req->url) != CURLE_OK)
        r = err_raise(-ENOMEM);
    if (r < 0)
        http_transfer_release(t);
    return r;
}
#undef SET

static enum http_result result_of(CURLcode code, int requests_begun)
{
    switch ((int)code) { /* libcurl's enum has about a hundred values */
    case CURLE_OK:
        return HTTP_OK;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return HTTP_E_TLS;
    case CURLE_WRITE_ERROR:
        return HTTP_E_TOO_BIG;
    case CURLE_OPERATION_TIMEDOUT:
        return requests_begun > 0 ? HTTP_E_TIMEOUT : HTTP_E_CONNECT;
    default:
        return requests_begun > 0 ? HTTP_E_BROKEN : HTTP_E_CONNECT;
    }
}

void http_transfer_finish(struct http_transfer *t, CURLcode code)
{
    TR_ASSERT(t->response != NULL);
    struct http_response *r = t->response;
    r->result = result_of(code, t->requests_begun);
    long status = 0;
    curl_off_t retry_after_s = 0;
    if (r->result == HTTP_OK) {
        if (curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
            r->status = (int)status;
        if (curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK &&
            retry_after_s > 0)
            r->retry_after_s =
                (int)(retry_after_s < RETRY_AFTER_MAX_S ? retry_after_s : RETRY_AFTER_MAX_S);
    }
    http_transfer_release(t);
}
