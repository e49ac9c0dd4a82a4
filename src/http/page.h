/* http/page.h: what goes over the wire, as pure functions of plain values. Any thread. */
#ifndef TRIDENT_HTTP_PAGE_H
#define TRIDENT_HTTP_PAGE_H

#include "core/jsonw.h"
#include "engine/engine.h"
#include "engine/stages.h"
#include "engine/vitals.h"
#include "http/http.h"
#include "notify/notify.h"
#include "signals/parse.h"

#define PAGE_MAX_BYTES (256 * 1024)

enum api_route {
    API_ROUTE_UNSET = 0,
    API_ROUTE_WEBHOOK,
    API_ROUTE_HEALTH,
    API_ROUTE_STATUS,
    API_ROUTE_METRICS,
    API_ROUTE_EMERGENCY_STOP,
    API_ROUTE_COMMAND,
    API_ROUTE_EVENTS,
    API_ROUTE_DECIDE,
    API_ROUTE_OTHER,
    API_ROUTE_COUNT
};
const char *api_route_name(enum api_route r);

#define API_STATUS_COUNT 14
size_t api_status_slot(int status);  /* 0..API_STATUS_COUNT-1; unknown ones share the last */
int api_status_of_slot(size_t slot); /* 0 for the last */

/* Why a request was not taken. field, value, accepted: "" or NULL = absent. */
struct page_refusal {
    const char *code; /* reason code */
    const char *field, *value, *accepted;
    const char *text; /* NULL: the sentence of the reason code */
    const char *trader;
    uint64_t receipt; /* 0 = none */
};
void page_refusal(struct buf *out, bool unavailable, const struct page_refusal *r);

/* The answer to a signal: returns the HTTP status. */
int page_signal(struct buf *out, const char *trader, const struct outcome *o);
/* One engine's answer to a command, as an object under key (NULL in arrays and at the top). */
void page_command(struct jsonw *w, const char *key, const char *trader, const struct outcome *o);
int page_command_status(const struct outcome *o);

struct page_health {
    const char *version;
    int64_t uptime_ms;
    const struct engine_stats *engines;
    const char *const *trader_ids;
    size_t trader_count;
    const struct http_bot_status *bots;
    size_t bot_count;
    bool stopping;
    const struct vital_row *vitals; /* what the watch sees */
    size_t vital_count;
    const struct stage_figures (*stages)[STAGE_COUNT]; /* by trader; NULL = none */
};
/* Returns 200, or 503 when down. */
int page_health(struct buf *out, const struct page_health *h);
void page_status(struct buf *out, const struct page_health *h, const struct notify_stats *notify);

struct page_metrics {
    const struct page_health *health;
    const struct notify_stats *notify; /* NULL = none */
    uint64_t requests[API_ROUTE_COUNT][API_STATUS_COUNT];
    size_t in_flight, connections, streams;
    int64_t rss_bytes, cpu_us;
    const int64_t *engine_silent_us; /* by trader */
    struct vitals_watch watch;
    int64_t now_ms; /* wall */
};
void page_metrics(struct buf *out, const struct page_metrics *m);

void page_event(struct buf *out, const char *trader, const struct event *e); /* one JSON object */

#endif
