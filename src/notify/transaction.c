/* Transactions of notify.db: rows of the journals with their watermarks, results of sends, counters
 * of throttled causes, all in one. After the commit the rows enter the queues; when it fails,
 * everything it would have done is forgotten and the journals are read again later. */
#include "notify/notify_impl.h"

#include "core/log.h"
#include "model/text.h"

#define STORE_RETRY_US INT64_C(1000000)

int notify_begin(struct notify *n)
{
    return outbox_is_writing(n->outbox) ? 0 : err_trace(outbox_begin(n->outbox));
}

int notify_stage(struct notify *n, struct outbox_row *r)
{
    int e = notify_begin(n);
    if (e == 0)
        e = outbox_insert(n->outbox, r);
    if (e < 0) {
        outbox_row_free(r);
        return err_trace(e);
    }
    *n->staged_end = r;
    n->staged_end = &r->next;
    n->staged_count++;
    return 0;
}

void notify_add_write(struct notify *n, const struct notify_write *w)
{
    TR_ASSERT(n->write_count < NOTIFY_WRITES_MAX);
    if (n->write_count == 0)
        n->first_write_us = notify_now_us(n);
    n->writes[n->write_count++] = *w;
}

static int write_one(struct notify *n, const struct notify_write *w, int64_t *deleted)
{
    int64_t count = 0;
    int r = 0;
    switch (w->kind) {
    case WRITE_DELETE:
        r = outbox_delete(n->outbox, w->id, &count);
        break;
    case WRITE_TRY:
        r = outbox_note_try(n->outbox, w->id, w->attempts, w->maybe);
        break;
    case WRITE_SUSPEND:
        r = outbox_delete_chat(n->outbox, w->bot, w->id, &count);
        if (r == 0)
            r = outbox_set_suspended(n->outbox, w->bot, w->id, true);
        n->live.dropped += (uint64_t)count;
        break;
    case WRITE_RESUME:
        r = outbox_set_suspended(n->outbox, w->bot, w->id, false);
        break;
    case WRITE_UNSET:
    case WRITE_KIND_COUNT:
        TR_ASSERT(false);
    }
    *deleted += count;
    return err_trace(r);
}

static int write_all(struct notify *n, int64_t *deleted)
{
    int r = notify_begin(n);
    for (size_t i = 0; i < n->write_count && r == 0; i++)
        r = write_one(n, &n->writes[i], deleted);
    if (r == 0)
        r = throttle_save(n->throttle, n->outbox);
    for (size_t i = 0; i < n->feed_count && r == 0; i++)
        if (n->feeds[i].is_dirty)
            r = outbox_set_watermark(n->outbox, n->feeds[i].trader_id, n->feeds[i].reached);
    if (r == 0)
        r = outbox_commit(n->outbox);
    return err_trace(r);
}

void transaction_clear_staged(struct notify *n)
{
    while (n->staged != NULL) {
        struct outbox_row *next = n->staged->next;
        outbox_row_free(n->staged);
        n->staged = next;
    }
    n->staged_end = &n->staged;
    n->staged_count = 0;
}

/* Nothing of the failed transaction happened: forget it and read the journals again later. */
static void undo(struct notify *n)
{
    if (outbox_is_writing(n->outbox))
        outbox_rollback(n->outbox);
    transaction_clear_staged(n);
    n->forgotten = 0;
    for (size_t i = 0; i < n->feed_count; i++) {
        n->feeds[i].reached = n->feeds[i].committed;
        n->feeds[i].is_dirty = false;
    }
    int r = targets_load(&n->targets, &n->opt, n->outbox);
    if (r == 0)
        r = throttle_load(n->throttle, n->outbox, notify_now_us(n));
    if (r < 0)
        log_error("notify", "outbox_unreadable error=%d", -r);
}

void transaction_failed(struct notify *n, int error)
{
    undo(n);
    n->store_retry_us = notify_now_us(n) + STORE_RETRY_US;
    for (size_t i = 0; i < n->feed_count; i++)
        n->feeds[i].has_more = true;
    if (n->is_store_failing)
        return;
    n->is_store_failing = true;
    log_error("notify", "outbox_failing error=%d", -error);
    const char *text = text_get(LANG_EN, "event.outbox_failing");
    routing_alarm(n, text != NULL ? text : "outbox", 1u << BOT_CONTROLLER, 0);
}

static void after_commit(struct notify *n, int64_t deleted)
{
    int64_t now = notify_now_us(n);
    n->write_count = 0;
    n->rows += (int64_t)n->staged_count - deleted - n->forgotten;
    n->forgotten = 0;
    TR_ASSERT(n->rows >= 0);
    n->live.routed += n->staged_count;
    for (size_t i = 0; i < n->feed_count; i++) {
        n->feeds[i].committed = n->feeds[i].reached;
        n->feeds[i].is_dirty = false;
    }
    struct outbox_row *r = n->staged;
    n->staged = NULL;
    transaction_clear_staged(n);
    while (r != NULL) {
        struct outbox_row *next = r->next;
        schedule_add(n->schedule, r, now);
        r = next;
    }
    if (n->is_store_failing)
        log_info("notify", "outbox_works_again");
    n->is_store_failing = false;
    outbox_checkpoint(n->outbox, n->flight_count == 0);
}

int notify_flush(struct notify *n)
{
    if (!outbox_is_writing(n->outbox) && n->write_count == 0 && !throttle_is_dirty(n->throttle))
        return 0;
    int64_t deleted = 0;
    int r = write_all(n, &deleted);
    if (r < 0) {
        transaction_failed(n, r);
        return err_trace(r);
    }
    after_commit(n, deleted);
    return 0;
}
