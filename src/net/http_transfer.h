/* net/http_transfer.h: one libcurl easy handle with all of our rules set on it; shared by
 * http_client.c (blocking call) and http_pool.c. Owner thread of the handle only. */
#ifndef TRIDENT_NET_HTTP_TRANSFER_H
#define TRIDENT_NET_HTTP_TRANSFER_H

#include <curl/curl.h>

#include "net/http_client.h"

struct http_transfer {
    CURL *easy;
    struct curl_slist *headers;
    curl_mime *mime;
    struct http_response *response; /* where the answer goes */
    bool is_send;                   /* has an effect: must not be repeated */
    int requests_begun;             /* times libcurl was about to write the request */
    char error[CURL_ERROR_SIZE];
};

void http_transfer_init(struct http_transfer *t);
void http_transfer_deinit(struct http_transfer *t);
/* Sets every option for req. copy: the body is copied, req may go. Negative: URL refused or no
 * memory. */
TR_MUST_USE int http_transfer_prepare(struct http_transfer *t, const struct http_request *req,
                                      struct http_response *response, bool copy);
/* Translates libcurl's result into response->result and status; releases what prepare made. */
void http_transfer_finish(struct http_transfer *t, CURLcode code);
/* Releases without a result (aborted). */
void http_transfer_release(struct http_transfer *t);

#endif
