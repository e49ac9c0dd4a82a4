/* From journal rows to outbox rows. Replies go as they are to the chat that asked; events become
 * cards for everybody whom they concern (fanout.c). Legs of one decision in one journal row share a
 * card. Everything of a portion is inserted in the open transaction together with the new
 * watermark, so a row of the journal is routed exactly once whatever happens. */
#include "notify/notify_impl.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "model/phase.h"
#include "core/log.h"
#include "notify/leaving.h"
#include "notify/render.h"

/* Events of one journal row; beyond it (a /closeall of 64 positions) they are told in portions. */
#define ROW_EVENTS_MAX 64
#define FEED_RETRY_US  INT64_C(1000000)
/* News of a journal that was never routed are told when they are at most this old. */
#define FIRST_RUN_AGE_MS (INT64_C(3600) * 1000)
/* Telegram ids fit 52 bits. */
#define CHAT_ID_LIMIT (INT64_C(1) << 52)

struct route_ctx {
    struct notify *n;
    struct notify_feed *feed;
    const struct journal_row *row;
    struct event events[ROW_EVENTS_MAX];
    size_t event_count;
    uint64_t last_seq;
    int error;
};

static bool is_text(const char *s)
{
    return s != NULL && s[strspn(s, " \n\t")] != 0;
}

int routing_stage(struct notify *n, struct outbox_row *r)
{
    bool bad_chat = r->chat_id <= -CHAT_ID_LIMIT || r->chat_id >= CHAT_ID_LIMIT;
    if (bad_chat || notify_is_suspended(n, r->bot, r->chat_id)) {
        outbox_row_free(r);
        n->live.dropped++;
        return 0;
    }
    return err_trace(notify_stage(n, r));
}

/* ---- replies ---- */

static struct outbox_row *reply_row(struct notify *n, const struct reply *rep,
                                    const struct journal_row *from)
{
    struct outbox_row *r = xalloc(sizeof(*r));
    *r = (struct outbox_row){
        .bot = notify_actual_bot(n, rep->bot),
        .lane = NOTIFY_LANE_REPLY,
        .chat_id = targets_resolve(&n->targets, rep->chat_id),
        .thread_id = rep->thread_id,
        .created_ms = from->time_ms,
        .ref = from->seq,
        .trader = xstrdup(n->trader_routed),
    };
    return r;
}

static void set_first(struct outbox_row *r, const struct reply *rep)
{
    r->reply_to = rep->reply_to;
    r->edit_id = rep->edit_message_id;
    if (rep->callback_id[0] != 0) {
        r->callback_id = xstrdup(rep->callback_id);
        r->callback_text = rep->callback_text[0] != 0 ? xstrdup(rep->callback_text) : NULL;
    }
}

struct pieces {
    char **items;
    size_t count;
    bool photo_apart; /* too long for a caption: the text follows the photo */
};

static void pieces_free(struct pieces *p)
{
    for (size_t i = 0; i < p->count; i++)
        mem_free(p->items[i]);
    mem_free(p->items);
    *p = (struct pieces){0};
}

/* Pieces become consecutive rows: the first answers, edits and carries the photo, the last has the
 * keyboard. Takes the strings of the pieces. */
static int stage_pieces(struct notify *n, const struct reply *rep, const struct journal_row *from,
                        struct pieces *p)
{
    bool has_photo = rep->photo_path[0] != 0;
    size_t rows = p->count + (p->photo_apart ? 1 : 0);
    if (rows == 0 && (has_photo || rep->callback_id[0] != 0))
        rows = 1; /* nothing to read, but something to send */
    int e = 0;
    for (size_t i = 0; i < rows; i++) {
        size_t piece = p->photo_apart ? i - 1 : i;
        struct outbox_row *r = reply_row(n, rep, from);
        if (i == 0)
            set_first(r, rep);
        if (i == 0 && has_photo)
            r->photo = xstrdup(rep->photo_path);
        if (!(i == 0 && p->photo_apart) && piece < p->count)
            r->html = TR_STEAL(p->items[piece]);
        if (i + 1 == rows && (r->html != NULL || r->photo != NULL))
            r->keyboard = xstrdup(rep->keyboard_json);
        if (e == 0)
            e = routing_stage(n, r);
        else
            outbox_row_free(r);
    }
    return err_trace(e);
}

static int route_reply(struct notify *n, const struct reply *rep, const struct journal_row *from)
{
    struct pieces p TR_CLEANUP(pieces_free) = {0};
    bool has_photo = rep->photo_path[0] != 0;
    /* Without a chat (a button under an inline message) only the callback can be answered. */
    if (is_text(rep->html) && rep->chat_id != 0) {
        p.items = n->opt.sink->split(rep->html, has_photo, &p.count);
        if (has_photo && p.count > 1) {
            pieces_free(&p);
            p.items = n->opt.sink->split(rep->html, false, &p.count);
            p.photo_apart = true;
        }
    }
    return err_trace(stage_pieces(n, rep, from, &p));
}

/* ---- events ---- */

static void legs_card(struct buf *out, enum lang lang, const struct fanout_card *card)
{
    render_event(out, lang, card->events, card->event_count);
}

static void more_card(struct buf *out, enum lang lang, const struct fanout_card *card)
{
    render_more(out, lang, card->events[0], card->count_each, card->seconds);
}

/* "<trader>-<row>-<time>-<which of the row> <command line>". The time tells two installations apart
 * that began to count anew; all of it comes from the journal, so a row that is routed again after a
 * crash gives the same key. */
static int route_mirror(struct notify *n, const struct event *e)
{
    unsigned nth = n->mirror_nth++;
    if (n->opt.mirror == NULL || n->is_legacy_retired)
        return 0;
    struct outbox_row *r = xalloc(sizeof(*r));
    r->bot = BOT_UNSET;
    r->chat_id = NOTIFY_CHAT_MIRROR;
    r->lane = NOTIFY_LANE_ALARM;
    r->html = xasprintf("%s-%" PRIu64 "-%" PRId64 "-%u %s", n->trader_routed, e->seq, e->time_ms,
                        nth, e->text);
    r->created_ms = e->time_ms;
    r->ref = e->seq;
    r->trader = xstrdup(n->trader_routed);
    return err_trace(notify_stage(n, r));
}

/* Events that are no message. True: handled. */
static bool route_special(struct notify *n, const struct event *e, int *ret_error)
{
    if (event_is_message(e->type))
        return false;
    if (e->type == EVENT_SUBSCRIPTION && live_apply(n, e))
        return true;
    if (e->type == EVENT_SUBSCRIPTION) {
        *ret_error = leaving_apply(n, e);
    } else if (e->type == EVENT_COMMAND_MIRROR) {
        *ret_error = route_mirror(n, e);
    }
    return true;
}

/* In the silent phase (model/phase.h) the old bot hears nothing of this program, and people only of
 * the phase itself and of what is critical, if they run it (fanout.c). */
static bool is_left_out(const struct event *e)
{
    if (!event_is_message(e->type))
        return e->type == EVENT_COMMAND_MIRROR;
    bool is_phase = e->type == EVENT_PHASE_CHANGED || e->type == EVENT_PHASE_READY;
    return !is_phase && event_info(e->type)->priority != PRIORITY_CRITICAL;
}

/* One line for what a row led to: `ref` is the row at its origin, so that an alert, its orders,
 * fills and answers are found by one number. */
static void log_event(const struct route_ctx *ctx, const struct event *e)
{
    unsigned long long seq = ctx->row->seq;
    log_info("notify", "event ref=%llu seq=%llu trader=%s type=%s symbol=%s cid=%llu reason=%s",
             e->cause_seq != 0 ? (unsigned long long)e->cause_seq : seq, seq, ctx->feed->trader_id,
             event_info(e->type)->name, e->symbol[0] != '\0' ? e->symbol : "-",
             (unsigned long long)e->cid,
             reason_code(e->reason)[0] != '\0' ? reason_code(e->reason) : "-");
}

/* Tells the collected events of one journal row: each with the later ones that share its card. */
static int route_events(struct route_ctx *ctx)
{
    struct notify *n = ctx->n;
    bool told[ROW_EVENTS_MAX] = {false};
    int r = 0;
    for (size_t i = 0; i < ctx->event_count && r == 0; i++) {
        const struct event *e = &ctx->events[i];
        if (e->type == EVENT_PHASE_CHANGED)
            ctx->feed->is_silent = str_eq(e->text, PHASE_NAME_SILENT);
        if (told[i] || (ctx->feed->is_silent && is_left_out(e)) || route_special(n, e, &r))
            continue;
        int64_t nth = throttle_count(n->throttle, e, notify_now_us(n));
        if (nth <= THROTTLE_NOTED_MAX && throttle_is_watched(e->type))
            log_event(ctx, e);
        if (nth > 0) {
            r = nth <= THROTTLE_NOTED_MAX ? fanout_note_throttled(n, e) : 0;
            continue;
        }
        const struct event *legs[RENDER_LEGS_MAX] = {e};
        struct fanout_card card = {.render = legs_card,
                                   .events = legs,
                                   .event_count = 1,
                                   .count_each = 1,
                                   .is_silent = ctx->feed->is_silent};
        for (size_t k = i + 1; k < ctx->event_count && card.event_count < RENDER_LEGS_MAX; k++)
            if (!told[k] && render_is_same_card(e, &ctx->events[k])) {
                legs[card.event_count++] = &ctx->events[k];
                told[k] = true;
            }
        r = fanout_tell(n, &card);
        if (e->type == EVENT_LEGACY_RETIRED || e->type == EVENT_LEGACY_RESTORED)
            n->is_legacy_retired = e->type == EVENT_LEGACY_RETIRED; /* told on both sides first */
    }
    ctx->event_count = 0;
    return err_trace(r);
}

int routing_throttled(struct notify *n)
{
    struct outbox_throttle due;
    int64_t now_ms = clock_wall_ms(n->opt.clock);
    int r = 0;
    while (r == 0 && throttle_take_due(n->throttle, notify_now_us(n), &due)) {
        struct event e = EVENT_INIT;
        e.type = (enum event_type)due.type;
        e.reason = (enum reason)due.reason;
        e.time_ms = now_ms;
        (void)str_copy(e.symbol, sizeof(e.symbol), due.symbol);
        const struct event *events[] = {&e};
        const struct fanout_card card = {.render = more_card,
                                         .events = events,
                                         .event_count = 1,
                                         .count_each = due.count,
                                         .seconds = n->opt.throttle_window_ms / 1000};
        n->live.throttled += (uint64_t)due.count;
        log_info("notify", "repeats type=%s symbol=%s reason=%s count=%lld",
                 event_info(e.type)->name, e.symbol[0] != '\0' ? e.symbol : "-",
                 reason_code(e.reason)[0] != '\0' ? reason_code(e.reason) : "-",
                 (long long)due.count);
        r = notify_begin(n);
        if (r == 0)
            r = fanout_tell(n, &card);
    }
    return err_trace(r);
}

void routing_alarm(struct notify *n, const char *html, unsigned bots, int64_t except_chat_id)
{
    unsigned actual = 0;
    for (int b = BOT_UNSET + 1; b < BOT_COUNT; b++)
        if ((bots & (1u << b)) != 0)
            actual |= 1u << notify_actual_bot(n, (enum bot_id)b);
    for (size_t i = 0; i < n->targets.count; i++) {
        const struct target *t = &n->targets.items[i];
        for (int b = BOT_UNSET + 1; b < BOT_COUNT; b++) {
            bool wanted = (actual & (1u << b)) != 0 && t->role == ROLE_ADMIN &&
                          t->chat_id != except_chat_id &&
                          !notify_is_suspended(n, (enum bot_id)b, t->chat_id);
            if (!wanted || n->alarm_rows >= NOTIFY_ALARM_ROWS_MAX)
                continue;
            struct outbox_row *r = xalloc(sizeof(*r));
            *r = (struct outbox_row){
                .id = --n->alarm_id,
                .bot = (enum bot_id)b,
                .lane = NOTIFY_LANE_ALARM,
                .chat_id = t->chat_id,
                .thread_id = t->thread_id,
                .html = xstrdup(html),
                .created_ms = clock_wall_ms(n->opt.clock),
            };
            n->alarm_rows++;
            schedule_add(n->schedule, r, notify_now_us(n));
        }
    }
}

/* ---- journal ---- */

/* Of a journal that was never routed (first start, or notify.db had to be made anew) old news stay
 * untold, but what people chose still holds. */
static bool is_too_old(const struct route_ctx *ctx, const struct output_view *v)
{
    bool is_choice = v->kind == OUTPUT_EVENT && v->event.type == EVENT_SUBSCRIPTION;
    return ctx->row->time_ms < ctx->feed->skip_before_ms && !is_choice;
}

static int on_output(const struct output_view *v, void *arg)
{
    struct route_ctx *ctx = arg;
    if (is_too_old(ctx, v))
        return 0;
    if (v->kind == OUTPUT_REPLY) {
        log_info("notify", "reply ref=%llu trader=%s bot=%s chat=%lld",
                 (unsigned long long)ctx->row->seq, ctx->feed->trader_id, bot_name(v->reply.bot),
                 (long long)v->reply.chat_id);
        return err_trace(route_reply(ctx->n, &v->reply, ctx->row));
    }
    if (v->kind != OUTPUT_EVENT)
        return 0;
    if (event_is_message(v->event.type) && !throttle_is_watched(v->event.type))
        log_event(ctx, &v->event);
    int r = ctx->event_count == ROW_EVENTS_MAX ? route_events(ctx) : 0;
    struct event *e = &ctx->events[ctx->event_count++];
    *e = v->event;
    e->seq = ctx->row->seq;
    e->type = event_shown(e);
    return err_trace(r);
}

static int on_row(const struct journal_row *row, void *arg)
{
    struct route_ctx *ctx = arg;
    ctx->row = row;
    ctx->event_count = 0;
    ctx->n->trader_routed = ctx->feed->trader_id;
    ctx->n->mirror_nth = 0;
    int r = notify_begin(ctx->n);
    ctx->feed->is_dirty = true;
    if (r == 0)
        r = outputs_visit(row->output, row->output_len, on_output, ctx);
    if (r == -EBADMSG) { /* a row from another version: the rest must go on */
        log_error("notify", "journal_row_unreadable trader=%s seq=%llu", ctx->feed->trader_id,
                  (unsigned long long)row->seq);
        ctx->n->live.dropped++;
        r = 0;
    }
    if (r == 0)
        r = route_events(ctx);
    ctx->error = r;
    if (r < 0)
        return r;
    ctx->last_seq = row->seq;
    return ctx->n->staged_count >= NOTIFY_STAGED_MAX ? 1 : 0;
}

/* A watermark beyond the end is of another journal (this one is new, or came back from a backup):
 * going on from there would leave its rows untold. */
static int load_feed(struct notify *n, struct notify_feed *f)
{
    bool found = false;
    uint64_t last = 0;
    int r = outbox_get_watermark(n->outbox, f->trader_id, &f->committed, &found);
    if (r == 0)
        r = journal_reader_last_seq(f->reader, &last);
    if (r < 0)
        return err_trace(r);
    if (found && f->committed > last) {
        log_error("notify", "journal_replaced trader=%s told=%llu last=%llu", f->trader_id,
                  (unsigned long long)f->committed, (unsigned long long)last);
        f->committed = 0;
        found = false;
    }
    f->reached = f->committed;
    f->skip_before_ms = found ? INT64_MIN : clock_wall_ms(n->opt.clock) - FIRST_RUN_AGE_MS;
    f->is_loaded = true;
    return 0;
}

static int open_feed(struct notify *n, struct notify_feed *f)
{
    int r = journal_reader_open(f->path, &f->reader);
    if (r == 0 && !f->is_loaded)
        r = load_feed(n, f);
    if (r < 0)
        f->reader = journal_reader_close(f->reader);
    return err_trace(r);
}

int routing_read(struct notify *n, struct notify_feed *f)
{
    f->has_more = false;
    if (f->retry_at_us > notify_now_us(n))
        return 0;
    if (f->reader == NULL && open_feed(n, f) < 0) { /* not there yet */
        f->retry_at_us = notify_now_us(n) + FEED_RETRY_US;
        return 0;
    }
    struct route_ctx *ctx TR_CLEANUP(mem_freep) = xalloc(sizeof(*ctx));
    ctx->n = n;
    ctx->feed = f;
    ctx->last_seq = f->reached;
    uint64_t looked_at = f->reached;
    int r = journal_read(f->reader, f->reached, NOTIFY_FEED_ROWS_MAX, JOURNAL_FLAG_MESSAGES, on_row,
                         ctx, &looked_at);
    if (ctx->error < 0)
        return err_trace(ctx->error);
    if (r < 0) {
        log_warn("notify", "journal_unreadable trader=%s error=%d", f->trader_id, -r);
        f->reader = journal_reader_close(f->reader);
        f->retry_at_us = notify_now_us(n) + FEED_RETRY_US;
        looked_at = ctx->last_seq;
    }
    if (ctx->last_seq > looked_at || r == 1)
        looked_at = ctx->last_seq;
    f->has_more = looked_at > f->reached;
    f->reached = looked_at;
    return 0;
}
