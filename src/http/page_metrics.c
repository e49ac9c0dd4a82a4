/* http/page_metrics.c: the figures in Prometheus text form, one table row an engine figure. */
#include <inttypes.h>

#include "core/alloc.h"
#include "http/page.h"

/* One family: its two header lines. Names end in their unit, counters in _total (Prometheus
 * naming). */
static void family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP trident_%s %s\n# TYPE trident_%s %s\n", name, help, name, type);
}

struct engine_metric {
    const char *name, *type, *help;
    size_t offset;
    enum { METRIC_U64, METRIC_SIZE, METRIC_BOOL, METRIC_E8, METRIC_US } form;
};

#define OF(field) offsetof(struct engine_stats, field)
static const struct engine_metric engine_metrics[] = {
    {"journal_seq", "gauge", "Newest committed journal row.", OF(committed_seq), METRIC_U64},
    {"batches_total", "counter", "Journal batches committed, one fsync each.", OF(batches),
     METRIC_U64},
    {"inputs_total", "counter", "Inputs applied.", OF(inputs), METRIC_U64},
    {"signals_total", "counter", "Alerts received, those that could not be read included.",
     OF(signals), METRIC_U64},
    {"signals_accepted_total", "counter", "Signals that led to orders or closes.",
     OF(signals_accepted), METRIC_U64},
    {"signals_refused_total", "counter", "Signals refused with a reason.", OF(signals_refused),
     METRIC_U64},
    {"commands_total", "counter", "Commands applied.", OF(commands), METRIC_U64},
    {"duplicates_total", "counter", "Inputs seen before.", OF(duplicates), METRIC_U64},
    {"expired_total", "counter", "Inputs whose deadline passed in the queue.", OF(expired),
     METRIC_U64},
    {"not_stored_total", "counter", "Inputs the journal could not take.", OF(not_stored),
     METRIC_U64},
    {"orders_sent_total", "counter", "Order requests handed to the broker.", OF(orders_sent),
     METRIC_U64},
    {"orders_filled_total", "counter", "Orders filled.", OF(orders_filled), METRIC_U64},
    {"orders_rejected_total", "counter", "Orders rejected.", OF(orders_rejected), METRIC_U64},
    {"orders_unknown_total", "counter", "Orders whose outcome became unknown.", OF(orders_unknown),
     METRIC_U64},
    {"queue_depth", "gauge", "Inputs waiting.", OF(queue_depth), METRIC_SIZE},
    {"queue_peak", "gauge", "Most inputs that ever waited.", OF(queue_peak), METRIC_SIZE},
    {"open_positions", "gauge", "Open positions.", OF(open_positions), METRIC_SIZE},
    {"open_orders", "gauge", "Orders not in a final state.", OF(open_orders), METRIC_SIZE},
    {"balance_usd", "gauge", "Account balance.", OF(balance_e8), METRIC_E8},
    {"open_profit_usd", "gauge", "Profit of open positions.", OF(open_profit_e8), METRIC_E8},
    {"daily_profit_usd", "gauge", "Wins since the daily reset.", OF(daily_profit_e8), METRIC_E8},
    {"daily_loss_usd", "gauge", "Losses since the daily reset.", OF(daily_loss_e8), METRIC_E8},
    {"paused", "gauge", "1 while entries are paused.", OF(paused), METRIC_BOOL},
    {"panic", "gauge", "1 after a panic, until released.", OF(panicked), METRIC_BOOL},
    {"entries_halted", "gauge", "1 while no entry may be made, for whatever reason.",
     OF(entries_halted), METRIC_BOOL},
    {"store_failing", "gauge", "1 while the journal refuses writes.", OF(store_failing),
     METRIC_BOOL},
    {"broker_up", "gauge", "1 while the broker answers.", OF(broker_up), METRIC_BOOL},
    {"last_batch_seconds", "gauge", "Duration of the newest batch.", OF(last_batch_us), METRIC_US},
    {"last_commit_seconds", "gauge", "Duration of the newest commit.", OF(last_commit_us),
     METRIC_US},
    {"input_latency_seconds_total", "counter", "Sum of post-to-commit times over all inputs.",
     OF(latency_sum_us), METRIC_US},
};
#undef OF

static void seconds(struct buf *out, int64_t us)
{
    buf_printf(out, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);
}

static void engine_value(struct buf *out, const struct engine_metric *m,
                         const struct engine_stats *e)
{
    const void *at = (const char *)e + m->offset;
    char text[DEC_TEXT_CAP];
    switch (m->form) {
    case METRIC_U64:
        buf_printf(out, "%" PRIu64, *(const uint64_t *)at);
        break;
    case METRIC_SIZE:
        buf_printf(out, "%zu", *(const size_t *)at);
        break;
    case METRIC_BOOL:
        buf_putc(out, *(const bool *)at ? '1' : '0');
        break;
    case METRIC_E8:
        buf_puts(out, dec_format(*(const int64_t *)at, text));
        break;
    case METRIC_US:
        seconds(out, *(const int64_t *)at);
        break;
    }
}

static void engines(struct buf *out, const struct page_health *h)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(engine_metrics); i++) {
        const struct engine_metric *m = &engine_metrics[i];
        family(out, m->name, m->type, m->help);
        for (size_t t = 0; t < h->trader_count; t++) {
            buf_printf(out, "trident_%s{trader=\"%s\"} ", m->name, h->trader_ids[t]);
            engine_value(out, m, &h->engines[t]);
            buf_putc(out, '\n');
        }
    }
}

/* Buckets are summed up here, as Prometheus wants them. */
static void stage(struct buf *out, const char *trader, enum stage s, const struct stage_figures *f)
{
    const char *name = stage_name(s);
    uint64_t sum = 0;
    for (size_t i = 0; i < STAGES_BOUNDS; i++) {
        int64_t bound_us = stages_bound_us(i);
        sum += f->buckets[i];
        buf_printf(out, "trident_stage_seconds_bucket{trader=\"%s\",stage=\"%s\",le=\"", trader,
                   name);
        seconds(out, bound_us);
        buf_printf(out, "\"} %" PRIu64 "\n", sum);
    }
    buf_printf(out,
               "trident_stage_seconds_bucket{trader=\"%s\",stage=\"%s\",le=\"+Inf\"} %" PRIu64
               "\ntrident_stage_seconds_sum{trader=\"%s\",stage=\"%s\"} ",
               trader, name, f->count, trader, name);
    seconds(out, f->sum_us);
    buf_printf(out, "\ntrident_stage_seconds_count{trader=\"%s\",stage=\"%s\"} %" PRIu64 "\n",
               trader, name, f->count);
}

static void stages(struct buf *out, const struct page_health *h)
{
    if (h->stages == NULL)
        return;
    family(out, "stage_seconds", "histogram", "Where the time of inputs goes, stage by stage.");
    for (size_t t = 0; t < h->trader_count; t++)
        for (int s = STAGE_UNSET + 1; s < STAGE_COUNT; s++)
            stage(out, h->trader_ids[t], (enum stage)s, &h->stages[t][s]);
}

static void vitals(struct buf *out, const struct page_metrics *m)
{
    const struct page_health *h = m->health;
    if (h->vital_count > 0)
        family(out, "health_level", "gauge", "0 ok, 1 warning, 2 critical, after hysteresis.");
    for (size_t i = 0; i < h->vital_count; i++)
        buf_printf(out, "trident_health_level{name=\"%s\",subject=\"%s\"} %d\n",
                   vital_kind(h->vitals[i].kind)->name, h->vitals[i].subject,
                   (int)h->vitals[i].level - VITAL_OK);
    if (m->engine_silent_us != NULL)
        family(out, "engine_silence_seconds", "gauge", "Since the engine's last sign of life.");
    for (size_t t = 0; m->engine_silent_us != NULL && t < h->trader_count; t++) {
        buf_printf(out, "trident_engine_silence_seconds{trader=\"%s\"} ", h->trader_ids[t]);
        seconds(out, m->engine_silent_us[t]);
        buf_putc(out, '\n');
    }
    family(out, "bot_ping_seconds", "gauge", "How long the Bot API took to answer; 0: not yet.");
    for (int b = BOT_UNSET + 1; b < BOT_COUNT; b++) {
        buf_printf(out, "trident_bot_ping_seconds{bot=\"%s\"} ", bot_name((enum bot_id)b));
        seconds(out, m->watch.ping_us[b]);
        buf_putc(out, '\n');
    }
    family(out, "heartbeats_total", "counter", "Outgoing heartbeats, by whether they were taken.");
    buf_printf(out,
               "trident_heartbeats_total{result=\"taken\"} %" PRIu64
               "\ntrident_heartbeats_total{result=\"failed\"} %" PRIu64 "\n",
               m->watch.beats_sent, m->watch.beats_failed);
}

/* An alert rule compares the two: an age that is missing could not alarm. */
static void backups(struct buf *out, const struct page_metrics *m)
{
    int64_t age_ms = m->now_ms - m->watch.backup_ms;
    family(out, "backup_age_seconds", "gauge",
           "Age of the newest backup that was checked; +Inf: there is none.");
    buf_puts(out, "trident_backup_age_seconds ");
    if (m->watch.backup_ms == 0)
        buf_puts(out, "+Inf");
    else
        seconds(out, age_ms > 0 ? age_ms * 1000 : 0);
    buf_putc(out, '\n');
    family(out, "backup_interval_seconds", "gauge", "How often one is wanted; 0: only by hand.");
    buf_puts(out, "trident_backup_interval_seconds ");
    seconds(out, m->watch.backup_every_ms * 1000);
    buf_putc(out, '\n');
}

static void plain(struct buf *out, const char *name, const char *type, const char *help,
                  uint64_t value)
{
    family(out, name, type, help);
    buf_printf(out, "trident_%s %" PRIu64 "\n", name, value);
}

static void notifications(struct buf *out, const struct notify_stats *n)
{
    plain(out, "notify_routed_total", "counter", "Messages put into the outbox.", n->routed);
    plain(out, "notify_sent_total", "counter", "Messages delivered.", n->sent);
    plain(out, "notify_dropped_total", "counter", "Messages that can never be delivered.",
          n->dropped);
    plain(out, "notify_throttled_total", "counter", "Repeats counted instead of sent.",
          n->throttled);
    plain(out, "notify_retries_total", "counter", "Deliveries tried again.", n->retries);
    plain(out, "notify_flood_waits_total", "counter", "Waits the Bot API asked for.",
          n->flood_waits);
    plain(out, "notify_outbox_rows", "gauge", "Messages waiting.", n->outbox_rows);
    plain(out, "notify_in_flight", "gauge", "Messages being sent.", n->in_flight);
    plain(out, "notify_suspended_chats", "gauge", "Chats that refuse messages.",
          n->suspended_chats);
    family(out, "notify_oldest_age_seconds", "gauge", "Age of the oldest waiting message.");
    buf_puts(out, "trident_notify_oldest_age_seconds ");
    seconds(out, n->oldest_age_ms * 1000);
    buf_putc(out, '\n');
}

static void requests(struct buf *out, const struct page_metrics *m)
{
    family(out, "http_requests_total", "counter", "Requests answered, by route and status.");
    for (int r = API_ROUTE_UNSET + 1; r < API_ROUTE_COUNT; r++) {
        for (size_t s = 0; s < API_STATUS_COUNT; s++) {
            if (m->requests[r][s] == 0)
                continue;
            int status = api_status_of_slot(s);
            buf_printf(out, "trident_http_requests_total{route=\"%s\",status=\"",
                       api_route_name((enum api_route)r));
            if (status > 0)
                buf_printf(out, "%d", status);
            else
                buf_puts(out, "other");
            buf_printf(out, "\"} %" PRIu64 "\n", m->requests[r][s]);
        }
    }
    plain(out, "http_in_flight", "gauge", "Requests waiting for their commit.", m->in_flight);
    plain(out, "http_connections", "gauge", "Open connections.", m->connections);
    plain(out, "http_streams", "gauge", "Live event streams.", m->streams);
}

/* Strangers, edited and forwarded commands, roles that do not reach ... */
static void senders(struct buf *out, const struct page_health *h)
{
    family(out, "bot_senders_total", "counter", "Updates by what became of their sender.");
    for (size_t i = 0; i < h->bot_count; i++)
        for (int k = 0; k < HTTP_BOT_OUTCOMES_MAX && h->bots[i].outcomes[k].name != NULL; k++)
            buf_printf(out, "trident_bot_senders_total{bot=\"%s\",outcome=\"%s\"} %" PRIu64 "\n",
                       h->bots[i].name, h->bots[i].outcomes[k].name, h->bots[i].outcomes[k].count);
}

void page_metrics(struct buf *out, const struct page_metrics *m)
{
    TR_ASSERT(m->health != NULL);
    const struct page_health *h = m->health;
    family(out, "build_info", "gauge", "Version as a label.");
    buf_printf(out, "trident_build_info{version=\"%s\"} 1\n", h->version);
    family(out, "uptime_seconds", "gauge", "Time since the start.");
    buf_puts(out, "trident_uptime_seconds ");
    seconds(out, h->uptime_ms * 1000);
    buf_putc(out, '\n');
    plain(out, "resident_memory_bytes", "gauge", "Resident memory.",
          m->rss_bytes > 0 ? (uint64_t)m->rss_bytes : 0);
    family(out, "cpu_seconds_total", "counter", "Processor time, user and system.");
    buf_puts(out, "trident_cpu_seconds_total ");
    seconds(out, m->cpu_us);
    buf_putc(out, '\n');
    engines(out, h);
    stages(out, h);
    vitals(out, m);
    backups(out, m);
    family(out, "bot_up", "gauge", "1 while the bot's token answers.");
    for (size_t i = 0; i < h->bot_count; i++)
        buf_printf(out, "trident_bot_up{bot=\"%s\"} %d\n", h->bots[i].name, h->bots[i].up ? 1 : 0);
    senders(out, h);
    if (m->notify != NULL)
        notifications(out, m->notify);
    requests(out, m);
}
