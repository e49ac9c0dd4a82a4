/* net/http_refusal.c: what the server itself refuses, each with its reason code.
 *
 * libmicrohttpd answers what it cannot read (a head beyond its memory, a broken request line or
 * chunk) with HTML pages of its own and offers no way to change them. It makes them by a call of
 * MHD_create_response_from_buffer() that goes through the dynamic linker, so the definition below,
 * being the program's, comes first: the page becomes our JSON. Our own answers are made by
 * MHD_create_response_from_buffer_with_free_callback() and never come this way. Should a version of
 * the library call itself directly, its pages are HTML again and unit.net.http_server says so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/http_server_impl.h"

#define REFUSAL_CAP 256

const struct http_refusal http_refuse_malformed = {400, "REQUEST_MALFORMED",
                                                   "The request cannot be read as HTTP."};
const struct http_refusal http_refuse_target = {
    400, "TARGET_MALFORMED", "The address of the request holds control characters."};
const struct http_refusal http_refuse_header = {
    400, "HEADER_MALFORMED", "A header's name or value has characters that do not belong there."};
const struct http_refusal http_refuse_twice = {
    400, "HEADER_TWICE", "Host, Content-Length or Transfer-Encoding stands there twice."};
const struct http_refusal http_refuse_length = {
    400, "LENGTH_AMBIGUOUS", "Content-Length beside Transfer-Encoding, or a coding not known."};
const struct http_refusal http_refuse_host = {400, "HOST_MISSING", "There is no Host header."};
const struct http_refusal http_refuse_method = {405, "METHOD_UNKNOWN",
                                                "This method is not known here."};
const struct http_refusal http_refuse_body = {413, "BODY_TOO_LARGE", "The body is too large."};
const struct http_refusal http_refuse_head = {431, "HEAD_TOO_LARGE",
                                              "The request's head is too large."};
const struct http_refusal http_refuse_stopping = {503, "SHUTTING_DOWN", "Not now. Try again."};

static size_t refusal_json(const struct http_refusal *r, char out[REFUSAL_CAP])
{
    int len = snprintf(out, REFUSAL_CAP, "{\"status\":\"%s\",\"reason\":\"%s\",\"text\":\"%s\"}",
                       r->status == 503 ? "unavailable" : "refused", r->reason, r->text);
    TR_ASSERT(len > 0 && len < REFUSAL_CAP);
    return (size_t)len;
}

static struct MHD_Response *response_of(const struct http_refusal *r)
{
    static const char *const headers[] = {"Connection: close", NULL};
    static const char *const method_headers[] = {
        "Connection: close", "Allow: GET, POST, PUT, DELETE, HEAD, OPTIONS", NULL};
    static const char *const retry_headers[] = {"Connection: close", "Retry-After: 2", NULL};
    char body[REFUSAL_CAP];
    size_t len = refusal_json(r, body);
    const char *const *with = headers;
    if (r->status == 405)
        with = method_headers;
    else if (r->status == 503)
        with = retry_headers;
    return http_response_make("application/json", body, len, with);
}

enum MHD_Result http_refuse(struct MHD_Connection *mhd, const struct http_refusal *r)
{
    TR_ASSERT(r != NULL);
    struct MHD_Response *response = response_of(r);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(mhd, r->status, response);
    MHD_destroy_response(response);
    return result;
}

static const struct http_refusal refuse_version = {505, "VERSION_UNKNOWN",
                                                   "HTTP 1.0 and 1.1 are spoken here."};
static const struct http_refusal refuse_fault = {500, "SERVER_FAULT",
                                                 "The server could not answer."};

/* A page says only in words what it is about; constants of the library, ended by a NUL. */
static const struct http_refusal *refusal_of_page(const char *page)
{
    static const struct {
        const char *words;
        const struct http_refusal *refusal;
    } pages[] = {
        {"<title>Request too big", &http_refuse_head},
        {"<title>Request content too large", &http_refuse_body},
        {"<title>Requested HTTP version", &refuse_version},
        {"<title>&quot;Host:", &http_refuse_host},
        {"<title>Internal server error", &refuse_fault},
        {"wrong value for <b>Content-Length", &http_refuse_header},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(pages); i++)
        if (strstr(page, pages[i].words) != NULL)
            return pages[i].refusal;
    return &http_refuse_malformed;
}

/* See the head of the file. The library calls it for its own pages only. */
struct MHD_Response *MHD_create_response_from_buffer(size_t size, void *buffer,
                                                     enum MHD_ResponseMemoryMode mode)
{
    TR_ASSERT(mode == MHD_RESPMEM_PERSISTENT && size > 0); /* nothing to free */
    char body[REFUSAL_CAP];
    size_t len = refusal_json(refusal_of_page(buffer), body);
    return http_response_make("application/json", body, len, NULL);
}
