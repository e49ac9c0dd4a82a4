/* The list of targets is rebuilt from configuration and notify.db whenever a transaction was rolled
 * back, so memory never knows more than the database. Mutes are kept as bits and stored by event
 * name. */
#include "notify/targets.h"

#include <string.h>

#include "core/alloc.h"
#include "core/log.h"

_Static_assert(EVENT_TYPE_COUNT <= 64, "struct target.muted has one bit an event type");

static struct target *find(struct targets *t, int64_t chat_id)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].chat_id == chat_id)
            return &t->items[i];
    return NULL;
}

/* The target, added as a notify-only chat when it is new. NULL: the list is full. */
static struct target *need(struct targets *t, int64_t chat_id)
{
    struct target *found = find(t, chat_id);
    if (found != NULL)
        return found;
    if (t->count == TARGETS_MAX) {
        log_warn("notify", "targets_full max=%d", TARGETS_MAX);
        return NULL;
    }
    found = &t->items[t->count++];
    *found =
        (struct target){.chat_id = chat_id, .role = ROLE_NONE, .lang = LANG_EN, .subscribed = true};
    return found;
}

/* ---- names ---- */

#define V3_PREFIX "v3_"

/* People say "sl_hit" for "v3_sl_hit". */
static uint64_t mask_of(const char *name)
{
    uint64_t mask = 0;
    bool all = str_eq(name, "all");
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++) {
        const char *wire = event_info((enum event_type)i)->name;
        if (all || str_eq(name, wire) ||
            (str_starts(wire, V3_PREFIX) && str_eq(name, wire + strlen(V3_PREFIX))))
            mask |= UINT64_C(1) << i;
    }
    return mask;
}

/* ---- stored state ---- */

static void on_migrated(void *ctx, int64_t from, int64_t to)
{
    struct targets *t = ctx;
    if (t->migration_count == MIGRATIONS_MAX)
        return;
    t->migrations[t->migration_count].from = from;
    t->migrations[t->migration_count++].to = to;
    struct target *moved = find(t, from);
    if (moved != NULL)
        moved->chat_id = to;
}

static void set_lang(struct target *t, enum lang lang)
{
    if (lang == LANG_UNSET)
        return;
    t->chosen_lang = lang;
    t->lang = lang;
}

static void on_target(void *ctx, int64_t chat_id, bool subscribed, enum lang lang)
{
    struct target *found = need(ctx, chat_id);
    if (found == NULL)
        return;
    found->subscribed = subscribed;
    set_lang(found, lang);
}

static void on_mute(void *ctx, int64_t chat_id, const char *event_name)
{
    struct target *found = find(ctx, chat_id);
    if (found != NULL)
        found->muted |= mask_of(event_name);
}

int targets_load(struct targets *t, const struct notify_options *opt, struct outbox *o)
{
    t->count = 0;
    t->migration_count = 0;
    for (size_t i = 0; i < opt->target_count; i++) {
        struct target *added = need(t, opt->targets[i].chat_id);
        if (added == NULL)
            break;
        if (opt->targets[i].role >= added->role) {
            added->role = opt->targets[i].role;
            added->thread_id = opt->targets[i].thread_id;
            added->lang = opt->targets[i].lang == LANG_UNSET ? LANG_EN : opt->targets[i].lang;
        }
    }
    const struct outbox_visitor visitor = {
        .ctx = t, .migrated = on_migrated, .target = on_target, .mute = on_mute};
    return err_trace(outbox_visit_state(o, &visitor));
}

static int save_mutes(struct outbox *o, const struct target *t)
{
    int r = outbox_clear_mutes(o, t->chat_id);
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT && r == 0; i++)
        if ((t->muted & (UINT64_C(1) << i)) != 0)
            r = outbox_add_mute(o, t->chat_id, event_info((enum event_type)i)->name);
    return err_trace(r);
}

int targets_apply(struct targets *t, struct outbox *o, const struct event *e)
{
    TR_ASSERT(e->type == EVENT_SUBSCRIPTION);
    int64_t chat_id = targets_resolve(t, e->chat_id);
    bool is_known = find(t, chat_id) != NULL;
    struct target *who = need(t, chat_id);
    if (who == NULL)
        return 0;
    bool subscribe = str_eq(e->text, "subscribe");
    if (subscribe || str_eq(e->text, "unsubscribe")) {
        who->subscribed = subscribe;
    } else if (str_starts(e->text, "mute ")) {
        who->muted |= mask_of(e->text + strlen("mute "));
    } else if (str_starts(e->text, "unmute ")) {
        who->muted &= ~mask_of(e->text + strlen("unmute "));
    } else if (str_starts(e->text, "language ")) {
        enum lang lang = LANG_UNSET;
        if (lang_parse(e->text + strlen("language "), &lang))
            set_lang(who, lang);
        who->subscribed = is_known && who->subscribed;
    }
    int r = outbox_set_target(o, who->chat_id, who->subscribed, who->chosen_lang);
    return r < 0 ? err_trace(r) : save_mutes(o, who);
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
    if (find(t, to) == NULL || find(t, from) == NULL)
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
    for (size_t i = 0; i < t->count; i++)
        if (t->items[i].chat_id == chat_id)
            return t->items[i].lang;
    return LANG_EN;
}

bool target_wants(const struct target *t, enum event_type type)
{
    if (event_info(type)->priority == PRIORITY_CRITICAL)
        return t->subscribed || t->role != ROLE_NONE;
    return t->subscribed && (t->muted & (UINT64_C(1) << type)) == 0;
}
