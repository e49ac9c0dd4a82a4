#include "core/alloc.h"
#include "core/file.h"
#include "core/process.h"
#include "engine/shadow_board.h"
#include "http/api.h"

/* Everything the status pages show, taken once. Big because of the per-engine figures: on the heap.
 */
struct status_view {
    struct engine_stats engines[CONF_TRADERS_MAX];
    const char *trader_ids[CONF_TRADERS_MAX];
    struct http_bot_status bots[BOT_COUNT];
    struct notify_stats notify;
    struct vital_row vitals[VITALS_MAX];
    struct stage_figures stages[CONF_TRADERS_MAX][STAGE_COUNT];
    int64_t silent_us[CONF_TRADERS_MAX];
    struct page_health health;
};

static void look_at_engine(struct status_view *v, const struct http_api_trader *t, size_t i,
                           int64_t now_us)
{
    for (int s = STAGE_UNSET + 1; s < STAGE_COUNT; s++)
        stages_read(engine_stages(t->engine), (enum stage)s, &v->stages[i][s]);
    if (t->view != NULL) {
        int64_t us = now_us - shadow_board_beat_us(view_board_shadow(t->view));
        v->silent_us[i] = us > 0 ? us : 0;
    }
}

static struct status_view *view_new(struct http_api *api)
{
    struct status_view *v = xalloc(sizeof(*v));
    for (size_t i = 0; i < api->opt.trader_count; i++) {
        engine_get_stats(api->opt.traders[i].engine, &v->engines[i]);
        v->trader_ids[i] = engine_trader_id(api->opt.traders[i].engine);
        look_at_engine(v, &api->opt.traders[i], i, clock_mono_us(api->opt.clock));
    }
    size_t bots = api->opt.bots != NULL ? api->opt.bots(api->opt.bots_ctx, v->bots) : 0;
    TR_ASSERT(bots <= BOT_COUNT);
    if (api->opt.notify != NULL)
        notify_get_stats(api->opt.notify, &v->notify);
    v->health = (struct page_health){
        .version = api->opt.version,
        .uptime_ms = (clock_mono_us(api->opt.clock) - api->started_us) / 1000,
        .engines = v->engines,
        .trader_ids = v->trader_ids,
        .trader_count = api->opt.trader_count,
        .bots = v->bots,
        .bot_count = bots,
        .vitals = v->vitals,
        .vital_count = vitals_read(api->opt.vitals, v->vitals),
        .stages = v->stages,
        .stopping = atomic_load_explicit(&api->stopping, memory_order_acquire),
    };
    return v;
}

void status_health(struct http_api *api, struct http_exchange *x)
{
    struct buf b TR_CLEANUP(buf_deinit);
    struct status_view *v TR_CLEANUP(mem_freep) = view_new(api);
    buf_init(&b, PAGE_MAX_BYTES);
    int status = page_health(&b, &v->health);
    api_answer(api, x, API_ROUTE_HEALTH, status, &b);
}

void status_figures(struct http_api *api, struct http_exchange *x)
{
    struct buf b TR_CLEANUP(buf_deinit);
    struct status_view *v TR_CLEANUP(mem_freep) = view_new(api);
    buf_init(&b, PAGE_MAX_BYTES);
    page_status(&b, &v->health, api->opt.notify != NULL ? &v->notify : NULL);
    api_answer(api, x, API_ROUTE_STATUS, 200, &b);
}

void status_metrics(struct http_api *api, struct http_exchange *x)
{
    struct buf b TR_CLEANUP(buf_deinit);
    struct status_view *v TR_CLEANUP(mem_freep) = view_new(api);
    struct page_metrics m = {
        .health = &v->health,
        .notify = api->opt.notify != NULL ? &v->notify : NULL,
        .in_flight = atomic_load_explicit(&api->in_flight, memory_order_relaxed) - 1, /* not us */
        .connections = http_server_connections(api->server),
        .streams = live_client_count(api->live),
        .rss_bytes = process_rss_bytes(),
        .cpu_us = process_cpu_us(),
        .engine_silent_us = v->silent_us,
        .now_ms = clock_wall_ms(api->opt.clock),
    };
    vitals_get_watch(api->opt.vitals, &m.watch);
    for (size_t r = 0; r < API_ROUTE_COUNT; r++)
        for (size_t s = 0; s < API_STATUS_COUNT; s++)
            m.requests[r][s] = atomic_load_explicit(&api->requests[r][s], memory_order_relaxed);
    buf_init(&b, PAGE_MAX_BYTES);
    page_metrics(&b, &m);
    api_answer_text(api, x, API_ROUTE_METRICS, "text/plain; version=0.0.4; charset=utf-8", &b);
}

void status_banner(struct http_api *api, struct http_exchange *x)
{
    struct buf b TR_CLEANUP(buf_deinit);
    buf_init(&b, PAGE_MAX_BYTES);
    buf_printf(&b,
               "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
               "<meta name=\"viewport\" content=\"width=device-width\"><title>Trident</title>"
               "<h1>Trident %s</h1><p>Trading runs from Telegram. For machines:</p><ul>"
               "<li><a href=\"/health\">/health</a>: is it well?"
               "<li><a href=\"/status\">/status</a>: figures as JSON"
               "<li><a href=\"/metrics\">/metrics</a>: figures for Prometheus"
               "<li>POST /webhook: trading alerts"
               "<li>/events: live events (admin token)</ul></html>\n",
               api->opt.version);
    api_answer_text(api, x, API_ROUTE_OTHER, "text/html; charset=utf-8", &b);
}
