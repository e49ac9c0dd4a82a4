/* net/http_pool.c: many requests in flight on one multi handle. Easy handles are made on demand,
 * kept on a free list and reused (they keep their buffers; connections live in the multi handle's
 * cache, whose size is set explicitly because the default shrinks while a batch drains). */
#include <errno.h>

#include "core/alloc.h"
#include "net/http_client.h"
#include "net/http_transfer.h"

struct pool_item {
    struct http_transfer transfer;
    struct http_response response;
    http_done_fn done;
    void *ctx;
    struct pool_item *prev, *next; /* busy list; next alone: free list */
};

struct http_pool {
    CURLM *multi;
    struct pool_item *busy;
    struct pool_item *idle;
    size_t in_flight;
};

struct http_pool *http_pool_new(size_t max_connections)
{
    TR_ASSERT(max_connections > 0 && max_connections <= 1024);
    struct http_pool *p = xalloc(sizeof(*p));
    p->multi = curl_multi_init();
    TR_ASSERT(p->multi != NULL);
    long max = (long)max_connections;
    /* Known options: these cannot fail. */
    (void)curl_multi_setopt(p->multi, CURLMOPT_MAXCONNECTS, max);
    (void)curl_multi_setopt(p->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, max);
    (void)curl_multi_setopt(p->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return p;
}

static struct pool_item *item_take(struct http_pool *p)
{
    struct pool_item *it = p->idle;
    if (it != NULL) {
        p->idle = it->next;
    } else {
        it = xalloc(sizeof(*it));
        http_transfer_init(&it->transfer);
        http_response_init(&it->response, 1);
    }
    it->prev = NULL;
    it->next = p->busy;
    if (p->busy != NULL)
        p->busy->prev = it;
    p->busy = it;
    p->in_flight++;
    return it;
}

static void item_release(struct http_pool *p, struct pool_item *it)
{
    TR_ASSERT(p->in_flight > 0);
    if (it->prev != NULL)
        it->prev->next = it->next;
    else
        p->busy = it->next;
    if (it->next != NULL)
        it->next->prev = it->prev;
    p->in_flight--;
    it->done = NULL;
    it->prev = NULL;
    it->next = p->idle;
    p->idle = it;
}

static void item_free(struct pool_item *it)
{
    http_transfer_deinit(&it->transfer);
    http_response_deinit(&it->response);
    (void)mem_free(it); /* returns NULL */
}

struct http_pool *http_pool_free(struct http_pool *p)
{
    if (p == NULL)
        return NULL;
    while (p->busy != NULL) {
        struct pool_item *it = p->busy;
        (void)curl_multi_remove_handle(p->multi, it->transfer.easy); /* it is in there */
        http_transfer_release(&it->transfer);
        it->response.result = HTTP_E_ABORTED;
        it->response.status = 0;
        it->done(&it->response, it->ctx);
        item_release(p, it);
    }
    while (p->idle != NULL) {
        struct pool_item *it = p->idle;
        p->idle = it->next;
        item_free(it);
    }
    (void)curl_multi_cleanup(p->multi); /* empty by now */
    return mem_free(p);
}

int http_pool_submit(struct http_pool *p, const struct http_request *req, http_done_fn done,
                     void *ctx)
{
    TR_ASSERT(p != NULL && req != NULL);
    TR_ASSERT(done != NULL);
    struct pool_item *it = item_take(p);
    it->done = done;
    it->ctx = ctx;
    int r = http_transfer_prepare(&it->transfer, req, &it->response, true);
    if (r == 0) {
        /* A new CURLOPT_PRIVATE value and an added handle: both fail only without memory. */
        if (curl_easy_setopt(it->transfer.easy, CURLOPT_PRIVATE, it) != CURLE_OK ||
            curl_multi_add_handle(p->multi, it->transfer.easy) != CURLM_OK) {
            http_transfer_release(&it->transfer);
            r = err_raise(-ENOMEM);
        }
    }
    if (r < 0)
        item_release(p, it);
    return r;
}

size_t http_pool_in_flight(const struct http_pool *p)
{
    TR_ASSERT(p != NULL);
    return p->in_flight;
}

/* Reports what has ended; returns how many. done may submit again. */
static size_t reap(struct http_pool *p)
{
    size_t count = 0;
    int left = 0;
    for (const CURLMsg *msg; (msg = curl_multi_info_read(p->multi, &left)) != NULL; count++) {
        TR_ASSERT(msg->msg == CURLMSG_DONE);
        CURL *easy = msg->easy_handle;
        CURLcode code = msg->data.result;
        struct pool_item *it = NULL;
        CURLcode got = curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)(void *)&it);
        TR_ASSERT(got == CURLE_OK && it != NULL);
        (void)curl_multi_remove_handle(p->multi, easy); /* it is in there */
        http_transfer_finish(&it->transfer, code);
        it->done(&it->response, it->ctx);
        item_release(p, it);
    }
    return count;
}

static size_t perform(struct http_pool *p)
{
    int running = 0;
    CURLMcode code = curl_multi_perform(p->multi, &running);
    TR_ASSERT(code == CURLM_OK || code == CURLM_OUT_OF_MEMORY);
    return reap(p);
}

void http_pool_run(struct http_pool *p, int wait_ms)
{
    TR_ASSERT(p != NULL);
    TR_ASSERT(wait_ms >= 0);
    if (perform(p) > 0 || wait_ms == 0)
        return;
    (void)curl_multi_poll(p->multi, NULL, 0, wait_ms, NULL); /* a failure is a wait of zero */
    (void)perform(p);                                        /* the number does not matter here */
}

void http_pool_wake(struct http_pool *p)
{
    TR_ASSERT(p != NULL);
    (void)curl_multi_wakeup(p->multi); /* the pipe is full: then it is awake */
}
