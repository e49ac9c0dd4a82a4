/* net/http_exchange.c: one request as its handler sees it, and the way of the answer back.
 *
 * The answering thread copies the answer into buffers of the exchange that keep their memory, and
 * settles it under the server's lock. The server thread picks it up: at once when handle() answered
 * inside its call, after MHD_resume_connection() when the connection had been suspended meanwhile.
 * Only the server thread makes responses of the library: a dozen small pieces of memory each, which
 * would otherwise be taken by one thread and given back by another. It does not send anything
 * itself. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "net/http_server_impl.h"
#include "net/multipart.h"

#define BODY_KEEP_BYTES (64 * 1024) /* a bigger buffer is not kept for the next request */
#define HEADER_NAME_CAP 64

#define HEADERS_MAX_BYTES ((size_t)16 * 1024)
#define TEXT_MAX_BYTES    ((size_t)256 * 1024 * 1024) /* beyond what any handler answers */
#define TEXT_KEEP_BYTES   ((size_t)4 * 1024)

struct http_exchange *http_exchange_new(struct http_server *s)
{
    TR_ASSERT(s != NULL);
    struct http_exchange *x = xalloc(sizeof(*x));
    x->server = s;
    x->state = EXCHANGE_NEW;
    buf_init(&x->body, s->opt.max_body_bytes);
    buf_init(&x->headers, HEADERS_MAX_BYTES);
    buf_init(&x->text, TEXT_MAX_BYTES);
    return x;
}

/* Empties b; memory beyond keep_bytes is not kept for the next request. */
static void recycle(struct buf *b, size_t keep_bytes)
{
    if (b->cap > keep_bytes)
        buf_deinit(b);
    buf_reset(b);
}

void http_exchange_reset(struct http_exchange *x)
{
    TR_ASSERT(x->prev == NULL && x->next == NULL);
    if (x->response != NULL)
        MHD_destroy_response(x->response);
    x->response = NULL;
    x->status = 0;
    x->mhd = NULL;
    x->method = x->path = NULL;
    x->bad_target = x->too_big = x->owner_done = x->detached = false;
    x->discarded_bytes = 0;
    x->parts = mem_free(x->parts);
    x->part_count = 0;
    x->parts_known = false;
    if (x->body.len > 0)
        hash_wipe(x->body.data, x->body.len); /* an alert may carry its secret there */
    recycle(&x->body, BODY_KEEP_BYTES);
    recycle(&x->headers, TEXT_KEEP_BYTES);
    recycle(&x->text, TEXT_KEEP_BYTES);
    x->state = EXCHANGE_NEW;
}

struct http_exchange *http_exchange_free(struct http_exchange *x)
{
    if (x == NULL)
        return NULL;
    http_exchange_reset(x);
    buf_deinit(&x->body);
    buf_deinit(&x->headers);
    buf_deinit(&x->text);
    return mem_free(x);
}

const char *http_method(const struct http_exchange *x)
{
    TR_ASSERT(x->method != NULL);
    return x->method;
}

const char *http_path(const struct http_exchange *x)
{
    TR_ASSERT(x->path != NULL);
    return x->path;
}

const char *http_query(const struct http_exchange *x, const char *name)
{
    TR_ASSERT(name != NULL);
    return MHD_lookup_connection_value(x->mhd, MHD_GET_ARGUMENT_KIND, name);
}

const char *http_header(const struct http_exchange *x, const char *name)
{
    TR_ASSERT(name != NULL);
    return MHD_lookup_connection_value(x->mhd, MHD_HEADER_KIND, name);
}

struct header_join {
    const char *name;
    char *out;
    size_t cap, len;
    unsigned count;
    bool cut;
};

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                 const char *value)
{
    struct header_join *j = cls;
    TR_ASSERT(kind == MHD_HEADER_KIND);
    if (!str_ieq(key, j->name))
        return MHD_YES;
    const char *separator = j->count++ > 0 ? ", " : "";
    const char *text = value != NULL ? value : "";
    j->cut = j->cut || j->len + strlen(separator) + strlen(text) >= j->cap;
    if (j->cut)
        return MHD_NO;
    (void)str_copy(j->out + j->len, j->cap - j->len, separator); /* both fit, checked above */
    j->len += strlen(separator);
    (void)str_copy(j->out + j->len, j->cap - j->len, text);
    j->len += strlen(text);
    return MHD_YES;
}

bool http_header_all(const struct http_exchange *x, const char *name, char *out, size_t cap)
{
    TR_ASSERT(name != NULL && cap > 0);
    struct header_join j = {.name = name, .out = out, .cap = cap};
    out[0] = '\0';
    (void)MHD_get_connection_values(x->mhd, MHD_HEADER_KIND, on_header, &j); /* counted in j */
    return j.count > 0 && !j.cut;
}

const char *http_body(const struct http_exchange *x, size_t *ret_len)
{
    if (ret_len != NULL)
        *ret_len = x->body.len;
    return x->body.data;
}

void http_peer_address(const struct http_exchange *x, char *out, size_t cap)
{
    TR_ASSERT(cap > 0);
    (void)str_copy(out, cap, "unknown");
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL)
        return;
    char text[INET6_ADDRSTRLEN] = "";
    const char *shown = text;
    if (info->client_addr->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, info->client_addr, sizeof(in));
        (void)inet_ntop(AF_INET, &in.sin_addr, text, sizeof(text)); /* cannot fail with this size */
    } else if (info->client_addr->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, info->client_addr, sizeof(in6));
        (void)inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
        if (str_starts(text, "::ffff:") && strchr(text, '.') != NULL)
            shown = text + strlen("::ffff:"); /* IPv4 on a dual-stack socket */
    } else {
        shown = "unix"; /* it has no address */
    }
    (void)str_copy(out, cap, shown);
}

bool http_peer_uid(const struct http_exchange *x, unsigned *ret_uid)
{
    TR_ASSERT(ret_uid != NULL);
    int fd = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    return http_socket_peer_uid(fd, ret_uid);
}

struct query_visit {
    void (*visit)(const char *k, const char *v, void *ctx);
    void *ctx;
};

static enum MHD_Result on_argument(void *cls, enum MHD_ValueKind kind, const char *key,
                                   const char *value)
{
    struct query_visit *q = cls;
    TR_ASSERT(kind == MHD_GET_ARGUMENT_KIND);
    q->visit(key, value != NULL ? value : "", q->ctx);
    return MHD_YES;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* application/x-www-form-urlencoded in place; a broken escape stays as it is. */
static void url_decode(char *s)
{
    char *w = s;
    for (const char *r = s; *r != '\0'; r++) {
        int high = *r == '%' ? hex_digit(r[1]) : -1;
        int low = high >= 0 ? hex_digit(r[2]) : -1;
        if (low >= 0) {
            *w++ = (char)(high * 16 + low);
            r += 2;
        } else {
            *w++ = *r == '+' ? ' ' : *r;
        }
    }
    *w = '\0';
}

static void visit_form_body(const struct http_exchange *x, const struct query_visit *q)
{
    TR_CLEANUP(mem_freep) char *copy = try_alloc(x->body.len + 1);
    if (copy == NULL)
        return;
    memcpy(copy, x->body.data, x->body.len);
    char *save = copy;
    for (char *pair = strsep(&save, "&"); pair != NULL; pair = strsep(&save, "&")) {
        if (*pair == '\0')
            continue;
        char *value = strchr(pair, '=');
        if (value != NULL)
            *value++ = '\0';
        url_decode(pair);
        if (value != NULL)
            url_decode(value);
        q->visit(pair, value != NULL ? value : "", q->ctx);
    }
}

void http_each_query(const struct http_exchange *x,
                     void (*visit)(const char *k, const char *v, void *ctx), void *ctx)
{
    TR_ASSERT(visit != NULL);
    struct query_visit q = {.visit = visit, .ctx = ctx};
    (void)MHD_get_connection_values(x->mhd, MHD_GET_ARGUMENT_KIND, on_argument, &q);
    static const char form[] = "application/x-www-form-urlencoded";
    const char *type = http_header(x, "Content-Type");
    if (x->body.len > 0 && type != NULL && strncasecmp(type, form, sizeof(form) - 1) == 0)
        visit_form_body(x, &q);
}

size_t http_form_parts(struct http_exchange *x, const struct http_form_part **ret_parts)
{
    TR_ASSERT(ret_parts != NULL);
    char boundary[MULTIPART_BOUNDARY_CAP];
    if (!x->parts_known && x->body.len > 0 &&
        multipart_boundary(http_header(x, "Content-Type"), boundary)) {
        x->parts = xcalloc(MULTIPART_PARTS_MAX, sizeof(*x->parts));
        x->part_count = multipart_parse(x->body.data, x->body.len, boundary, x->parts);
    }
    x->parts_known = true;
    *ret_parts = x->parts;
    return x->part_count;
}

static bool add_header_line(struct MHD_Response *r, const char *line)
{
    const char *colon = strchr(line, ':');
    char name[HEADER_NAME_CAP];
    TR_ASSERT(colon != NULL && colon > line);
    TR_ASSERT((size_t)(colon - line) < sizeof(name));
    memcpy(name, line, (size_t)(colon - line));
    name[colon - line] = '\0';
    return MHD_add_response_header(r, name, colon + 1 + strspn(colon + 1, " ")) == MHD_YES;
}

static void free_copy(void *copy)
{
    (void)mem_free(copy); /* returns NULL */
}

static void keep_text(void *text)
{
    (void)text; /* the exchange's, and reused by it */
}

struct MHD_Response *http_response_make(const char *content_type, const void *body, size_t len,
                                        const char *const *headers)
{
    char *copy = try_alloc(len + 1);
    if (copy == NULL)
        return NULL; /* no memory: the connection is dropped instead */
    if (len > 0)
        memcpy(copy, body, len);
    struct MHD_Response *r =
        MHD_create_response_from_buffer_with_free_callback(len, copy, free_copy);
    if (r == NULL)
        free_copy(copy);
    if (r == NULL)
        return NULL;
    if (content_type != NULL)
        (void)MHD_add_response_header(r, "Content-Type", content_type); /* best effort, as below */
    for (const char *const *h = headers; h != NULL && *h != NULL; h++)
        (void)add_header_line(r, *h);
    return r;
}

static void unlink_locked(struct http_exchange *x)
{
    if (x->prev != NULL)
        x->prev->next = x->next;
    else
        x->server->owned = x->next;
    if (x->next != NULL)
        x->next->prev = x->prev;
    x->prev = x->next = NULL;
}

void http_exchange_settle(struct http_exchange *x, int status,
                          struct MHD_Response *response) TR_NO_TSA
{
    struct http_server *s = x->server;
    bool late = false;
    bool free_it = false;
    mutex_lock(&s->lock);
    TR_ASSERT(x->state == EXCHANGE_OWNED || x->state == EXCHANGE_SUSPENDED ||
              x->state == EXCHANGE_ABANDONED);
    TR_ASSERT(!x->owner_done);
    if (x->state == EXCHANGE_ABANDONED) {
        late = true;
        free_it = x->detached;
        x->owner_done = true;
    } else {
        bool suspended = x->state == EXCHANGE_SUSPENDED;
        unlink_locked(x);
        x->response = response;
        x->status = status;
        x->state = EXCHANGE_ANSWERED;
        if (suspended)
            http_server_resume_locked(s, &x->resume, x->mhd);
    }
    if (free_it)
        x = http_exchange_free(x);
    http_server_unref_unlock(s); /* x belongs to the server thread now */
    if (late && response != NULL)
        MHD_destroy_response(response);
}

void http_exchange_abandon_all_locked(struct http_server *s)
{
    static const char body[] = "{\"status\":\"unavailable\",\"reason\":\"SHUTTING_DOWN\"}";
    static const char *const headers[] = {"Retry-After: 2", "Connection: close", NULL};
    while (s->owned != NULL) {
        struct http_exchange *x = s->owned;
        bool suspended = x->state == EXCHANGE_SUSPENDED;
        TR_ASSERT(suspended || x->state == EXCHANGE_OWNED);
        unlink_locked(x);
        x->response = http_response_make("application/json", body, sizeof(body) - 1, headers);
        x->status = 503;
        x->state = EXCHANGE_ABANDONED;
        if (suspended)
            http_server_resume_locked(s, &x->resume, x->mhd);
    }
}

struct MHD_Response *http_exchange_response(struct http_exchange *x)
{
    if (x->response != NULL || x->status == 0 || buf_failed(&x->headers) || buf_failed(&x->text))
        return TR_STEAL(x->response);
    struct MHD_Response *r =
        MHD_create_response_from_buffer_with_free_callback(x->text.len, x->text.data, keep_text);
    if (r == NULL)
        return NULL; /* no memory: the connection is dropped instead */
    const char *end = x->headers.data + x->headers.len;
    for (const char *name = x->headers.data; name < end;) {
        const char *value = name + strlen(name) + 1;
        TR_ASSERT(value < end);
        (void)MHD_add_response_header(r, name, value); /* best effort */
        name = value + strlen(value) + 1;
    }
    return r;
}

static void put_header(struct buf *out, const char *name, size_t name_len, const char *value)
{
    TR_ASSERT(name_len > 0);
    buf_append(out, name, name_len);
    buf_append(out, "", 1);
    buf_append(out, value, strlen(value) + 1);
}

void http_answer(struct http_exchange *x, int status, const char *content_type, const void *body,
                 size_t len)
{
    http_answer_headers(x, status, content_type, body, len, NULL);
}

void http_answer_headers(struct http_exchange *x, int status, const char *content_type,
                         const void *body, size_t len, const char *const *headers)
{
    TR_ASSERT(x != NULL);
    TR_ASSERT(status >= 200 && status <= 599);
    TR_ASSERT(body != NULL || len == 0);
    static const char type[] = "Content-Type";
    TR_ASSERT(x->headers.len == 0 && x->text.len == 0);
    if (content_type != NULL)
        put_header(&x->headers, type, sizeof(type) - 1, content_type);
    for (const char *const *h = headers; h != NULL && *h != NULL; h++) {
        const char *colon = strchr(*h, ':');
        TR_ASSERT(colon != NULL);
        put_header(&x->headers, *h, (size_t)(colon - *h), colon + 1 + strspn(colon + 1, " "));
    }
    buf_append(&x->text, body, len);
    http_exchange_settle(x, status, NULL);
}

void http_answer_json(struct http_exchange *x, int status, const struct buf *json)
{
    TR_ASSERT(json != NULL);
    TR_ASSERT(!buf_failed(json));
    http_answer_headers(x, status, "application/json", json->data, json->len, NULL);
}

void http_drop(struct http_exchange *x)
{
    TR_ASSERT(x != NULL);
    http_exchange_settle(x, 0, NULL);
}
