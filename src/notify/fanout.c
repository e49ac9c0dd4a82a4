/* One card for many: who of the targets is on the event's route, what each chose to hear, and by
 * which bots. A card goes out at once, or into a box (quiet hours, digest, burst), or nowhere; each
 * that does not go out at once leaves a line for /why_silent. Cards are rendered once a language.
 *
 *   route C:   traders and admins, controller bot        N: everybody, notification bot
 *   route ADMIN: admins, controller bot
 *   route A:   viewers and above, analytics bot          ALL: traders and admins on all three bots,
 *                                                        everybody else on the notification bot
 * A bot without a token is replaced by the fallback bot, and nobody gets a message twice from one
 * bot.
 *
 * Bursts: a chat has a pace of burst_per_min cards, half of them at once. What comes faster is
 * collected and told as one card whenever the pace allows, so any minute has at most burst_per_min
 * of them. What is critical, a failure with its reason, or a change of the program's own state is
 * never collected that way. */
#include <inttypes.h>
#include <string.h>

#include "core/alloc.h"
#include "core/log.h"
#include "notify/collect.h"
#include "notify/notify_impl.h"
#include "notify/render.h"
#include "notify/unsent.h"

#define MINUTE_US INT64_C(60000000)

static enum notify_lane lane_of(enum priority p)
{
    if (p == PRIORITY_CRITICAL)
        return NOTIFY_LANE_ALARM;
    return p == PRIORITY_HIGH ? NOTIFY_LANE_HIGH : NOTIFY_LANE_LOW;
}

static bool target_is_on_route(const struct target *t, enum route route)
{
    switch (route) {
    case ROUTE_C:
        return t->role >= ROLE_TRADER;
    case ROUTE_ADMIN:
        return t->role >= ROLE_ADMIN;
    case ROUTE_A:
        return t->role >= ROLE_VIEWER;
    case ROUTE_N:
    case ROUTE_ALL:
        return true;
    case ROUTE_UNSET:
    case ROUTE_COUNT:
        break;
    }
    return false;
}

static unsigned bots_of_route(const struct target *t, enum route route)
{
    switch (route) {
    case ROUTE_C:
    case ROUTE_ADMIN:
        return 1u << BOT_CONTROLLER;
    case ROUTE_N:
        return 1u << BOT_NOTIFICATION;
    case ROUTE_A:
        return 1u << BOT_ANALYTICS;
    case ROUTE_ALL:
        return t->role >= ROLE_TRADER ? ROUTING_ALL_BOTS : 1u << BOT_NOTIFICATION;
    case ROUTE_UNSET:
    case ROUTE_COUNT:
        break;
    }
    return 0;
}

static bool is_reached(struct notify *n, unsigned bots, int64_t chat_id)
{
    for (int b = BOT_UNSET + 1; b < BOT_COUNT; b++)
        if ((bots & (1u << b)) != 0 && !notify_is_suspended(n, (enum bot_id)b, chat_id))
            return true;
    return false;
}

/* The bots that have tokens, each once, and the old one: on the side the chat chose, or on both.
 * The other side serves when the chosen one cannot reach the chat. */
static unsigned actual_bots(struct notify *n, const struct target *who, unsigned wanted)
{
    const unsigned old = 1u << BOT_LEGACY;
    unsigned bots = 0;
    for (int b = BOT_UNSET + 1; b < BOT_COUNT; b++)
        if ((wanted & (1u << b)) != 0)
            bots |= 1u << notify_telling_bot(n, (enum bot_id)b);
    if (!n->opt.copy_to_legacy || !n->opt.bot_present[BOT_LEGACY] || n->is_legacy_retired)
        return bots;
    enum rules_side side = who->rules != NULL ? who->rules->side : RULES_BOTH;
    if (side == RULES_OLD && is_reached(n, old, who->chat_id))
        return old;
    if (side == RULES_NEW && !is_reached(n, bots, who->chat_id))
        return old;
    return side == RULES_BOTH ? bots | old : bots;
}

/* A bot does not announce its own fall. */
static unsigned other_bot(const struct notify *n, enum bot_id down)
{
    static const enum bot_id order[] = {BOT_CONTROLLER, BOT_NOTIFICATION, BOT_ANALYTICS};
    for (size_t i = 0; i < TR_ARRAY_SIZE(order); i++)
        if (order[i] != down && n->opt.bot_present[order[i]])
            return 1u << order[i];
    return 1u << BOT_CONTROLLER;
}

/* ---- bursts ---- */

static bool is_collected(const struct event *e)
{
    const struct event_info *info = event_info(e->type);
    bool is_failure = throttle_is_watched(e->type) || e->type == EVENT_ERROR;
    bool is_state =
        info->target == ROUTE_C || info->target == ROUTE_ADMIN || e->type == EVENT_BROKER_UP;
    return info->priority != PRIORITY_CRITICAL && !is_failure && !is_state;
}

static int burst(const struct notify *n)
{
    return n->opt.burst_per_min / 2;
}

static int64_t burst_ready_us(const struct notify *n, const struct target *t)
{
    return t->burst_full_us - (burst(n) - 1) * (MINUTE_US / burst(n));
}

static void burst_take(const struct notify *n, struct target *t)
{
    int64_t now = notify_now_us(n);
    t->burst_full_us = (t->burst_full_us > now ? t->burst_full_us : now) + MINUTE_US / burst(n);
}

/* ---- one target ---- */

struct telling {
    struct notify *n;
    const struct fanout_card *card;
    char *html[LANG_COUNT]; /* rendered on first use */
    int64_t now_ms;
};

static const struct event *head(const struct telling *t)
{
    return t->card->events[0];
}

static const char *html_of(struct telling *t, enum lang lang)
{
    if (t->html[lang] == NULL) {
        struct buf text TR_CLEANUP(buf_deinit) = {0};
        buf_init(&text, RENDER_MAX_BYTES);
        t->card->render(&text, lang, t->card);
        t->html[lang] = buf_take(&text);
    }
    return t->html[lang];
}

/* The row that a message is about, for the log. */
static uint64_t origin_of(const struct event *e)
{
    return e->cause_seq != 0 ? e->cause_seq : e->seq;
}

static int stage_card(struct telling *t, const struct target *who, unsigned bots, bool silent)
{
    char topic[PLACES_KEY_CAP];
    int r = 0;
    live_topic(t->n, who->chat_id, t->n->trader_routed, head(t), topic);
    for (int b = BOT_UNSET; b < BOT_COUNT && r == 0; b++) {
        if ((bots & (1u << b)) == 0)
            continue;
        struct outbox_row *row = xalloc(sizeof(*row));
        *row = (struct outbox_row){
            .bot = (enum bot_id)b,
            .lane = lane_of(event_info(head(t)->type)->priority),
            .chat_id = who->chat_id,
            .thread_id = who->thread_id,
            .html = xstrdup(html_of(t, who->lang)),
            .created_ms = head(t)->time_ms,
            .silent = silent,
            .ref = origin_of(head(t)),
            .trader = xstrdup(t->n->trader_routed),
        };
        if (row->thread_id == 0)
            row->thread_id = live_thread(t->n, row, topic);
        size_t before = t->n->staged_count;
        r = routing_stage(t->n, row);
        if (r == 0 && t->n->staged_count > before) /* it is alive until the commit */
            live_note_row(t->n, row, t->n->trader_routed, head(t));
    }
    return err_trace(r);
}

static int collect(struct telling *t, struct target *who, unsigned bots, enum collect_kind kind)
{
    struct notify *n = t->n;
    const struct fanout_card *card = t->card;
    int64_t card_count = 0;
    int r = 0;
    for (size_t i = 0; i < card->event_count; i++)
        card_count += card->count_each;
    for (int b = BOT_UNSET; b < BOT_COUNT; b++) {
        if ((bots & (1u << b)) == 0)
            continue;
        struct outbox_box box = {kind, (enum bot_id)b, who->chat_id, t->now_ms, ""};
        if (who->thread_id == 0)
            live_topic(n, who->chat_id, n->trader_routed, head(t), box.topic);
        for (size_t i = 0; i < card->event_count && r == 0; i++) {
            const struct collect_item item = {
                .box = box,
                .event = card->events[i],
                .count = card->count_each,
                .card = i == 0 ? html_of(t, who->lang) : NULL,
                .card_count = card_count,
            };
            r = collect_add(n->outbox, &item);
            log_debug("notify", "message_collected ref=%" PRIu64 " trader=%s chat=%" PRId64,
                      origin_of(item.event), n->trader_routed != NULL ? n->trader_routed : "-",
                      who->chat_id);
        }
        if (r < 0)
            return err_trace(r);
        targets_note_box(&n->targets, who, &box);
    }
    int64_t due = kind == COLLECT_BURST ? burst_ready_us(n, who) : INT64_MAX;
    if (due < n->burst_due_us)
        n->burst_due_us = due;
    return 0;
}

static int note_unsent(struct telling *t, const struct target *who, enum verdict why,
                       const char *rule)
{
    const struct event *e = head(t);
    struct unsent u = {
        .chat_id = who->chat_id,
        .time_ms = t->now_ms,
        .seq = e->seq,
        .cause_seq = e->cause_seq,
        .type = e->type,
        .verdict = why,
    };
    (void)str_copy(u.symbol, sizeof(u.symbol), e->symbol); /* the same kind of field */
    (void)str_copy(u.rule, sizeof(u.rule), rule);          /* a pattern */
    return err_trace(unsent_add(t->n->outbox, &u));
}

/* One digest, on the side the chat chose. */
static enum bot_id bot_on_side(struct notify *n, const struct target *who)
{
    bool is_old = who->rules != NULL && who->rules->side == RULES_OLD;
    unsigned bots = actual_bots(n, who, 1u << BOT_NOTIFICATION);
    return is_old && bots == 1u << BOT_LEGACY ? BOT_LEGACY
                                              : notify_telling_bot(n, BOT_NOTIFICATION);
}

static unsigned digest_bot(struct notify *n, const struct target *who)
{
    return who->is_outlet ? 1u << BOT_UNSET : 1u << bot_on_side(n, who);
}

/* Who chose nothing is told by the default rules, which leave no line each: many subscribers. */
static int hold_back(struct telling *t, struct target *who, enum verdict why, const char *rule)
{
    bool is_later = why == VERDICT_LATER || why == VERDICT_QUIET;
    bool leaves_line = !who->is_outlet && (who->rules != NULL || why != VERDICT_RULE);
    int r = leaves_line ? note_unsent(t, who, why, rule) : 0;
    if (r == 0 && is_later && who->rules->digest_count > 0)
        r = collect(t, who, digest_bot(t->n, who), COLLECT_DIGEST);
    return err_trace(r);
}

/* After the text, when the person wants this kind spoken. */
static void speak(struct telling *t, const struct target *who, bool always)
{
    struct notify *n = t->n;
    bool is_wanted = who->rules != NULL && who->rules->voice && event_info(head(t)->type)->voice;
    char said[VOICE_TEXT_MAX];
    if (n->voice == NULL || (!is_wanted && !always))
        return;
    if (always)
        (void)str_copy(said, sizeof(said), text_get(who->lang, "voice.test_spoken"));
    else
        voice_text(html_of(t, who->lang), said);
    const struct voice_job job = {
        .bot = bot_on_side(n, who),
        .chat_id = who->chat_id,
        .thread_id = who->thread_id,
        .lang = who->lang,
        .text = xstrdup(said),
    };
    (void)voice_say(n->voice, &job); /* full: counted there; the text is sent */
}

static int tell(struct telling *t, struct target *who, unsigned bots, bool silent)
{
    struct notify *n = t->n;
    if (n->opt.burst_per_min > 1 && is_collected(head(t))) {
        if (who->burst_bots != 0 || burst_ready_us(n, who) > notify_now_us(n))
            return err_trace(collect(t, who, bots, COLLECT_BURST));
        burst_take(n, who);
    }
    if (!silent)
        speak(t, who, false);
    return err_trace(stage_card(t, who, bots, silent));
}

/* Each event by itself, whatever people chose: a program counts for itself. */
static int stage_json(struct telling *t)
{
    struct notify *n = t->n;
    int r = 0;
    for (size_t i = 0; i < t->card->event_count && r == 0; i++) {
        struct buf json TR_CLEANUP(buf_deinit) = {0};
        buf_init(&json, RENDER_MAX_BYTES);
        const struct event *e = t->card->events[i];
        render_json(&json, n->trader_routed != NULL ? n->trader_routed : "", e,
                    t->card->count_each);
        if (buf_failed(&json) || n->rows >= NOTIFY_OUTLET_ROWS_MAX) {
            n->live.dropped++;
            continue;
        }
        struct outbox_row *row = xalloc(sizeof(*row));
        *row = (struct outbox_row){
            .bot = BOT_UNSET,
            .lane = lane_of(event_info(e->type)->priority),
            .chat_id = NOTIFY_CHAT_WEBHOOK,
            .html = buf_take(&json),
            .created_ms = e->time_ms,
            .ref = origin_of(e),
            .trader = xstrdup(n->trader_routed),
        };
        r = routing_stage(n, row);
    }
    return err_trace(r);
}

static int tell_target(struct telling *t, struct target *who)
{
    struct notify *n = t->n;
    const struct event *e = head(t);
    const struct event_info *info = event_info(e->type);
    bool is_critical = info->priority == PRIORITY_CRITICAL;
    const char *rule = "";
    if (t->card->is_silent && who->role < ROLE_ADMIN)
        return 0;
    unsigned bots = bots_of_route(who, info->target);
    if (e->type == EVENT_BOT_DOWN)
        bots = other_bot(n, e->bot);
    bots = who->is_outlet ? 1u << BOT_UNSET : actual_bots(n, who, bots);
    if (who->is_outlet && who->chat_id == NOTIFY_CHAT_WEBHOOK)
        return err_trace(stage_json(t));
    enum rule_mode mode = rules_mode(who->rules, e->type, t->now_ms, &rule);
    if (is_critical && !who->subscribed && who->role == ROLE_NONE)
        return 0;
    if (is_critical) {
        speak(t, who, false);
        return err_trace(stage_card(t, who, bots, false));
    }
    if (!who->subscribed)
        return who->role != ROLE_NONE ? hold_back(t, who, VERDICT_UNSUBSCRIBED, "") : 0;
    if (mode == RULE_OFF)
        return err_trace(hold_back(t, who, VERDICT_RULE, rule));
    if (mode == RULE_DIGEST)
        return err_trace(hold_back(t, who, VERDICT_LATER, rule));
    if (rules_is_quiet(who->rules, t->now_ms, n->opt.utc_offset_min))
        return err_trace(hold_back(t, who, VERDICT_QUIET, ""));
    return err_trace(tell(t, who, bots, mode == RULE_SILENT));
}

/* ---- everybody ---- */

static int tell_test(struct telling *t)
{
    struct target *who =
        targets_find(&t->n->targets, targets_resolve(&t->n->targets, head(t)->chat_id));
    if (who == NULL)
        return 0;
    speak(t, who, str_eq(head(t)->text, "voice"));
    return err_trace(stage_card(t, who, actual_bots(t->n, who, 1u << BOT_NOTIFICATION), false));
}

static int tell_all(struct telling *t)
{
    struct targets *targets = &t->n->targets;
    const struct event *e = head(t);
    int r = 0;
    for (size_t i = 0; i < targets->count && r == 0; i++) {
        struct target *who = &targets->items[i];
        bool has_reply = (e->type == EVENT_PAUSED || e->type == EVENT_RESUMED) &&
                         who->chat_id == targets_resolve(targets, e->chat_id);
        if (target_is_on_route(who, event_info(e->type)->target) && !has_reply)
            r = tell_target(t, who);
    }
    return err_trace(r);
}

int fanout_tell(struct notify *n, const struct fanout_card *card)
{
    TR_ASSERT(card->event_count > 0 && card->count_each > 0);
    struct telling t = {.n = n, .card = card, .now_ms = clock_wall_ms(n->opt.clock)};
    bool is_test = card->events[0]->type == EVENT_TEST && card->events[0]->chat_id != 0;
    int r = is_test ? tell_test(&t) : tell_all(&t);
    for (int i = 0; i < LANG_COUNT; i++)
        mem_free(t.html[i]);
    return err_trace(r);
}

int fanout_note_throttled(struct notify *n, const struct event *e)
{
    const struct unsent u_base = {
        .time_ms = clock_wall_ms(n->opt.clock),
        .seq = e->seq,
        .cause_seq = e->cause_seq,
        .type = e->type,
        .verdict = VERDICT_THROTTLED,
    };
    struct unsent u = u_base;
    (void)str_copy(u.symbol, sizeof(u.symbol), e->symbol); /* the same kind of field */
    return err_trace(unsent_add(n->outbox, &u));
}

/* ---- boxes ---- */

/* One card: what the box has for its topic. */
static int tell_box(struct notify *n, const struct target *who, const struct outbox_box *box)
{
    struct buf html TR_CLEANUP(buf_deinit) = {0};
    struct collect_card card = {0};
    buf_init(&html, RENDER_MAX_BYTES);
    int r = collect_render(n->outbox, box, who->lang, who->rules, &html, &card);
    if (r == 0)
        r = collect_clear(n->outbox, box);
    if (r < 0 || card.count == 0)
        return err_trace(r);
    struct outbox_row *row = xalloc(sizeof(*row));
    *row = (struct outbox_row){
        .bot = box->bot,
        .lane = box->kind == COLLECT_DIGEST ? NOTIFY_LANE_LOW : lane_of(card.priority),
        .chat_id = who->chat_id,
        .thread_id = who->thread_id,
        .html = buf_take(&html),
        .created_ms = box->since_ms,
        .silent = box->kind == COLLECT_BURST && card.is_silent,
    };
    if (row->thread_id == 0)
        row->thread_id = live_thread(n, row, box->topic);
    return err_trace(routing_stage(n, row));
}

static int empty_box(struct notify *n, struct target *who, enum collect_kind kind, enum bot_id bot)
{
    struct outbox_box box = {kind, bot, who->chat_id, clock_wall_ms(n->opt.clock), ""};
    int left = 0;
    int r = notify_begin(n);
    for (int cards = 0; r == 0 && (left = collect_next_topic(n->outbox, &box)) > 0; cards++) {
        if (kind == COLLECT_BURST && cards > 0)
            burst_take(n, who); /* the first one's was taken */
        r = tell_box(n, who, &box);
    }
    if (r < 0 || left < 0)
        return err_trace(r < 0 ? r : left);
    targets_forget_box(&n->targets, who, kind, bot);
    return 0;
}

static int empty_burst(struct notify *n, struct target *who)
{
    int r = 0;
    for (int b = BOT_UNSET + 1; b < BOT_COUNT && r == 0; b++)
        if ((who->burst_bots & (1u << b)) != 0 && burst_ready_us(n, who) <= notify_now_us(n)) {
            burst_take(n, who);
            r = empty_box(n, who, COLLECT_BURST, (enum bot_id)b);
        }
    return err_trace(r);
}

static int empty_bursts(struct notify *n)
{
    int r = 0;
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < n->targets.count && n->targets.burst_count > 0 && r == 0; i++) {
        struct target *who = &n->targets.items[i];
        if (who->burst_bots != 0)
            r = empty_burst(n, who);
        if (who->burst_bots != 0 && burst_ready_us(n, who) < due)
            due = burst_ready_us(n, who);
    }
    n->burst_due_us = due;
    return err_trace(r);
}

static int empty_digests(struct notify *n)
{
    int64_t now_ms = clock_wall_ms(n->opt.clock);
    int r = 0;
    for (size_t i = 0; i < n->targets.count && n->targets.digest_count > 0; i++) {
        struct target *who = &n->targets.items[i];
        if (who->digest_bots == 0 ||
            rules_digest_due_ms(who->rules, who->digest_since_ms, n->opt.utc_offset_min) > now_ms)
            continue;
        for (int b = BOT_UNSET; b < BOT_COUNT && r == 0; b++)
            if ((who->digest_bots & (1u << b)) != 0)
                r = empty_box(n, who, COLLECT_DIGEST, (enum bot_id)b);
        if (r < 0)
            return err_trace(r);
    }
    return 0;
}

int fanout_boxes(struct notify *n)
{
    int64_t now = notify_now_us(n);
    int r = 0;
    if (n->targets.burst_count > 0 && now >= n->burst_due_us)
        r = empty_bursts(n);
    if (r == 0 && n->targets.digest_count > 0 && now >= n->next_digest_us) {
        n->next_digest_us = now + DIGEST_LOOK_US;
        r = empty_digests(n);
    }
    return err_trace(r);
}
