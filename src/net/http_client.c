/* net/http_client.c: the blocking call: one easy handle in a private multi handle, so that the wait
 * is curl_multi_poll() and another thread can end it at once with curl_multi_wakeup(). */
#include "net/http_client.h"

#include <errno.h>
#include <stdatomic.h>

#include "core/alloc.h"
#include "net/http_transfer.h"

#define WAIT_MAX_MS 60000

struct http_caller {
    CURLM *multi;
    struct http_transfer transfer;
    atomic_bool aborted; /* set by any thread (release), read by the owner (acquire) */
};

int http_client_global_init(bool with_tls)
{
    /* Without TLS the library of OpenSSL is not initialised: a megabyte less. */
    CURLcode code = curl_global_init(with_tls ? CURL_GLOBAL_DEFAULT : CURL_GLOBAL_NOTHING);
    return code == CURLE_OK ? 0 : err_raise(-ENOMEM);
}

struct http_caller *http_caller_new(void)
{
    struct http_caller *c = xalloc(sizeof(*c));
    c->multi = curl_multi_init();
    TR_ASSERT(c->multi != NULL);
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, 1L); /* known option: cannot fail */
    http_transfer_init(&c->transfer);
    atomic_init(&c->aborted, false);
    return c;
}

struct http_caller *http_caller_free(struct http_caller *c)
{
    if (c == NULL)
        return NULL;
    http_transfer_deinit(&c->transfer);
    (void)curl_multi_cleanup(c->multi); /* no handle is in it */
    return mem_free(c);
}

void http_caller_abort(struct http_caller *c)
{
    TR_ASSERT(c != NULL);
    atomic_store_explicit(&c->aborted, true, memory_order_release);
    (void)curl_multi_wakeup(c->multi); /* a lost wake-up only delays by one wait */
}

void http_caller_rearm(struct http_caller *c)
{
    TR_ASSERT(c != NULL);
    atomic_store_explicit(&c->aborted, false, memory_order_release);
}

static bool is_aborted(struct http_caller *c)
{
    return atomic_load_explicit(&c->aborted, memory_order_acquire);
}

/* Runs until the one transfer is done; false when aborted. */
static bool perform(struct http_caller *c, CURLcode *ret_code)
{
    for (;;) {
        if (is_aborted(c))
            return false;
        int running = 0;
        if (curl_multi_perform(c->multi, &running) != CURLM_OK) {
            *ret_code = CURLE_OUT_OF_MEMORY;
            return true;
        }
        int left = 0;
        const CURLMsg *msg = curl_multi_info_read(c->multi, &left);
        if (msg != NULL) {
            TR_ASSERT(msg->msg == CURLMSG_DONE);
            *ret_code = msg->data.result;
            return true;
        }
        TR_ASSERT(running == 1);
        if (curl_multi_poll(c->multi, NULL, 0, WAIT_MAX_MS, NULL) != CURLM_OK) {
            *ret_code = CURLE_OUT_OF_MEMORY;
            return true;
        }
    }
}

void http_call(struct http_caller *c, const struct http_request *req, struct http_response *ret)
{
    TR_ASSERT(c != NULL && req != NULL && ret != NULL);
    if (is_aborted(c)) {
        buf_reset(&ret->body);
        ret->result = HTTP_E_ABORTED;
        ret->status = 0;
        return;
    }
    struct http_transfer *t = &c->transfer;
    if (http_transfer_prepare(t, req, ret, false) < 0 ||
        curl_multi_add_handle(c->multi, t->easy) != CURLM_OK) {
        http_transfer_release(t);
        ret->result = HTTP_E_CONNECT;
        ret->status = 0;
        return;
    }
    CURLcode code = CURLE_OK;
    bool done = perform(c, &code);
    (void)curl_multi_remove_handle(c->multi, t->easy); /* it is in there */
    if (done) {
        http_transfer_finish(t, code);
    } else {
        http_transfer_release(t);
        ret->result = HTTP_E_ABORTED;
    }
}
