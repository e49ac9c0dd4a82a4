/* The list of targets is rebuilt from configuration and notify.db whenever a transaction was rolled
 * back, so memory never knows more than the database. Choices are kept as rules and stored as the
 * statements that make them again. */
#include "notify/targets.h"

#include <string.h>

#include "core/alloc.h"
#include "core/log.h"

#define TARGETS_FIRST 64

struct target *targets_find(const struct targets *t, int64_t chat_id)
{
    uintptr_t place = t->index == NULL ? 0 : (uintptr_t)map_get(t->index, (uint64_t)chat_id);
    TR_ASSERT(place <= t->count);
    return place == 0 ? NULL : &t->items[place - 1];
}

static void index_put(struct targets *t, int64_t chat_id, uintptr_t place)
{
    bool fits = map_put(t->index, (uint64_t)chat_id, (void *)place);
    TR_ASSERT(fits); /* as many places as targets */
}

static void grow(struct targets *t)
{
    size_t capacity = t->capacity == 0 ? TARGETS_FIRST : t->capacity * 2;
    struct target *grown = xcalloc(capacity, sizeof(*grown));
    if (t->count > 0)
        memcpy(grown, t->items, t->count * sizeof(*grown));
    mem_free(t->items);
    t->items = grown;
    t->capacity = capacity;
}

/* The target, added as a notify-only chat when it is new. NULL: the list is full. */
static struct target *need(struct targets *t, int64_t chat_id)
{
    struct target *found = targets_find(t, chat_id);
    if (found != NULL)
        return found;
    if (t->count == TARGETS_MAX) {
        log_warn("notify", "targets_full max=%d", TARGETS_MAX);
        return NULL;
    }
    if (t->count == t->capacity)
        grow(t);
    found = &t->items[t->count++];
    *found =
        (struct target){.chat_id = chat_id, .role = ROLE_NONE, .lang = LANG_EN, .subscribed = true};
    index_put(t, chat_id, t->count);
    return found;
}

/* The last one takes the place that becomes free. */
static void forget(struct targets *t, struct target *gone)
{
    size_t place = (size_t)(gone - t->items) + 1;
    (void)map_remove(t->index, (uint64_t)gone->chat_id); /* it was there */
    mem_free(gone->rules);
    if (place != t->count) {
        *gone = t->items[t->count - 1];
        index_put(t, gone->chat_id, place);
    }
    t->count--;
}

void targets_deinit(struct targets *t)
{
    for (size_t i = 0; i < t->count; i++)
        mem_free(t->items[i].rules);
    mem_free(t->items);
    map_free(t->index);
    *t = (struct targets){0};
}

static struct rules *need_rules(struct target *t)
{
    if (t->rules == NULL) {
        t->rules = xalloc(sizeof(*t->rules));
        rules_init(t->rules);
    }
    return t->rules;
}

/* ---- stored state ---- */

static void move(struct targets *t, struct target *moved, int64_t to)
{
    (void)map_remove(t->index, (uint64_t)moved->chat_id); /* it was there */
    moved->chat_id = to;
    index_put(t, to, (uintptr_t)(moved - t->items) + 1);
}

static void on_migrated(void *ctx, int64_t from, int64_t to)
{
    struct targets *t = ctx;
    if (t->migration_count == MIGRATIONS_MAX)
        return;
    t->migrations[t->migration_count].from = from;
    t->migrations[t->migration_count++].to = to;
    struct target *moved = targets_find(t, from);
    if (moved != NULL && targets_find(t, to) == NULL)
        move(t, moved, to);
}

static void set_lang(struct target *t, enum lang lang)
{
    if (lang == LANG_UNSET)
        return;
    t->chosen_lang = lang;
    t->lang = lang;
}

static void on_target(void *ctx, const struct outbox_target *stored)
{
    struct target *found = need(ctx, stored->chat_id);
    if (found == NULL)
        return;
    found->subscribed = stored->subscribed;
    found->is_member = stored->is_member;
    if (stored->is_member && !found->is_configured) {
        found->role = stored->role;
        found->lang = stored->member_lang;
    }
    set_lang(found, stored->lang);
}

static void on_choice(void *ctx, int64_t chat_id, const char *statement)
{
    struct target *found = targets_find(ctx, chat_id);
    if (found != NULL)
        (void)rules_apply(need_rules(found), statement, 0); /* of another version: left out */
}

static void on_box(void *ctx, const struct outbox_box *box)
{
    struct targets *t = ctx;
    struct target *found = targets_find(t, box->chat_id);
    if (found == NULL)
        return;
    targets_note_box(t, found, box);
}

/* E-mail is told alarms at once, everything else in the digest. */
static void add_outlet(struct targets *t, int64_t chat_id)
{
    struct target *added = need(t, chat_id);
    if (added == NULL)
        return;
    added->is_configured = added->is_outlet = true;
    added->role = ROLE_ADMIN;
    if (chat_id == NOTIFY_CHAT_EMAIL) {
        bool done = rules_apply(need_rules(added), "rule all digest 0", 0);
        TR_ASSERT(done); /* a constant */
    }
}

int targets_load(struct targets *t, const struct notify_options *opt, struct outbox *o)
{
    targets_deinit(t);
    t->index = map_new(TARGETS_MAX);
    for (size_t i = 0; i < opt->target_count; i++) {
        struct target *added = need(t, opt->targets[i].chat_id);
        if (added == NULL)
            break;
        added->is_configured = true;
        if (opt->targets[i].role >= added->role) {
            added->role = opt->targets[i].role;
            added->thread_id = opt->targets[i].thread_id;
            added->lang = opt->targets[i].lang == LANG_UNSET ? LANG_EN : opt->targets[i].lang;
        }
    }
    if (opt->has_webhook)
        add_outlet(t, NOTIFY_CHAT_WEBHOOK);
    if (opt->has_email)
        add_outlet(t, NOTIFY_CHAT_EMAIL);
    const struct outbox_visitor visitor = {
        .ctx = t, .migrated = on_migrated, .target = on_target, .choice = on_choice, .box = on_box};
    return err_trace(outbox_visit_state(o, &visitor));
}

void targets_note_box(struct targets *t, struct target *who, const struct outbox_box *box)
{
    unsigned *bots = box->kind == COLLECT_BURST ? &who->burst_bots : &who->digest_bots;
    size_t *count = box->kind == COLLECT_BURST ? &t->burst_count : &t->digest_count;
    *count += *bots == 0;
    *bots |= 1u << box->bot;
    if (box->kind == COLLECT_DIGEST &&
        (who->digest_since_ms == 0 || box->since_ms < who->digest_since_ms))
        who->digest_since_ms = box->since_ms;
}

void targets_forget_box(struct targets *t, struct target *who, enum collect_kind kind,
                        enum bot_id bot)
{
    unsigned *bots = kind == COLLECT_BURST ? &who->burst_bots : &who->digest_bots;
    size_t *count = kind == COLLECT_BURST ? &t->burst_count : &t->digest_count;
    TR_ASSERT((*bots & (1u << bot)) != 0 && *count > 0);
    *bots &= ~(1u << bot);
    *count -= *bots == 0;
    if (kind == COLLECT_DIGEST && *bots == 0)
        who->digest_since_ms = 0;
}

/* ---- changes ---- */

static int save(struct outbox *o, const struct target *who)
{
    const struct outbox_target stored = {
        .chat_id = who->chat_id,
        .subscribed = who->subscribed,
        .lang = who->chosen_lang,
        .is_member = who->is_member,
        .role = who->role,
        .member_lang = who->lang,
    };
    return err_trace(outbox_set_target(o, &stored));
}

static int save_choices(struct outbox *o, const struct target *who)
{
    struct buf text TR_CLEANUP(buf_deinit) = {0};
    buf_init(&text, RULES_TEXT_MAX);
    rules_write(who->rules, &text);
    TR_ASSERT(!buf_failed(&text)); /* RULES_MAX short lines */
    return err_trace(outbox_set_choices(o, who->chat_id, text.len == 0 ? "" : text.data));
}

/* "<role> <language>": the directory of users knows this chat. */
static int apply_member(struct targets *t, struct outbox *o, int64_t chat_id, const char *text)
{
    enum role role = ROLE_NONE;
    enum lang lang = LANG_UNSET;
    size_t len = strcspn(text, " ");
    char *name TR_CLEANUP(mem_freep) = xstrndup(text, len);
    bool understood = (str_eq(name, role_name(ROLE_NONE)) || role_parse(name, &role)) &&
                      lang_parse(text + len + (text[len] == ' '), &lang);
    struct target *who = understood ? need(t, chat_id) : NULL;
    if (who == NULL)
        return 0;
    who->is_member = true;
    if (!who->is_configured) {
        who->role = role;
        who->lang = who->chosen_lang != LANG_UNSET ? who->chosen_lang : lang;
    }
    return err_trace(save(o, who));
}

static int apply_removed(struct targets *t, struct outbox *o, struct target *who)
{
    who->is_member = false;
    if (who->is_configured)
        return err_trace(save(o, who));
    int64_t chat_id = who->chat_id;
    for (int b = BOT_UNSET + 1; b < BOT_COUNT; b++)
        for (int k = COLLECT_BURST; k < COLLECT_KIND_COUNT; k++)
            if (((k == COLLECT_BURST ? who->burst_bots : who->digest_bots) & (1u << b)) != 0)
                targets_forget_box(t, who, (enum collect_kind)k, (enum bot_id)b);
    forget(t, who);
    return err_trace(outbox_forget_target(o, chat_id));
}

int targets_apply(struct targets *t, struct outbox *o, const struct event *e)
{
    TR_ASSERT(e->type == EVENT_SUBSCRIPTION);
    int64_t chat_id = targets_resolve(t, e->chat_id);
    struct target *known = targets_find(t, chat_id);
    if (str_starts(e->text, "member "))
        return err_trace(apply_member(t, o, chat_id, e->text + strlen("member ")));
    if (str_eq(e->text, "removed"))
        return known == NULL ? 0 : err_trace(apply_removed(t, o, known));
    struct target *who = known != NULL ? known : need(t, chat_id);
    if (who == NULL)
        return 0;
    if (str_eq(e->text, "subscribe") || str_eq(e->text, "unsubscribe")) {
        who->subscribed = str_eq(e->text, "subscribe");
        return err_trace(save(o, who));
    }
    who->subscribed = known != NULL && who->subscribed;
    enum lang lang = LANG_UNSET;
    if (str_starts(e->text, "language ") && lang_parse(e->text + strlen("language "), &lang))
        set_lang(who, lang);
    bool is_rule = rules_apply(need_rules(who), e->text, e->time_ms);
    int r = save(o, who);
    return r < 0 || !is_rule ? err_trace(r) : err_trace(save_choices(o, who));
}

int targets_migrate(struct targets *t, struct outbox *o, int64_t from, int64_t to)
{
    int r = outbox_migrate(o, from, to);
    if (r < 0)
        return err_trace(r);
    for (size_t i = 0; i < t->migration_count; i++)
        if (t->migrations[i].from == to) /* never a circle */
            t->migrations[i] = t->migrations[--t->migration_count];
    for (size_t i = 0; i < t->migration_count; i++)
        if (t->migrations[i].to == from)
            t->migrations[i].to = to;
    if (targets_find(t, to) == NULL || targets_find(t, from) == NULL)
        on_migrated(t, from, to);
    return 0;
}

int64_t targets_resolve(const struct targets *t, int64_t chat_id)
{
    for (size_t i = 0; i < t->migration_count; i++)
        if (t->migrations[i].from == chat_id)
            return t->migrations[i].to;
    return chat_id;
}

enum lang targets_lang(const struct targets *t, int64_t chat_id)
{
    const struct target *found = targets_find(t, chat_id);
    return found != NULL ? found->lang : LANG_EN;
}
