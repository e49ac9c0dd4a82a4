/* engine/tx_settings.c: commands that change settings, and what questions are about. The texts are
 * checked by the pure half of engine_settings_ops; what they mean for rules and plugins is followed
 * after the input. */
#include "engine/apply.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

const struct setting *tx_setting(const struct engine_tx *tx, const char *path)
{
    return settings_find(&tx->s->settings, path);
}

const char *tx_setting_base(const struct engine_tx *tx, const char *path)
{
    return settings_base(&tx->s->settings, path);
}

const char *tx_setting_text(const struct engine_tx *tx, const char *path)
{
    return settings_text(&tx->s->settings, path);
}

size_t tx_setting_key_count(const struct engine_tx *tx)
{
    return tx->s->settings.base_count;
}

const char *tx_setting_key_at(const struct engine_tx *tx, size_t i)
{
    TR_ASSERT(i < tx->s->settings.base_count);
    return tx->s->settings.base[i].path;
}

size_t tx_setting_count(const struct engine_tx *tx)
{
    return tx->s->settings.count;
}

const struct setting *tx_setting_at(const struct engine_tx *tx, size_t i)
{
    TR_ASSERT(i < tx->s->settings.count);
    return &tx->s->settings.items[i];
}

size_t tx_setting_change_count(const struct engine_tx *tx)
{
    return tx->s->settings.history_count;
}

const struct setting_change *tx_setting_change_at(const struct engine_tx *tx, size_t i)
{
    return settings_change_at(&tx->s->settings, i);
}

static struct setting by_command(const struct engine_tx *tx, const struct command *c)
{
    struct setting v = {.seq = tx->seq, .changed_ms = tx->now_ms};
    (void)str_copy(v.user_name, sizeof v.user_name, c->user_name); /* same cap */
    return v;
}

/* The others are told; the chat it came from has the reply. */
static void tell_change(struct engine_tx *tx, const struct command *c, const struct setting *v,
                        bool is_reset)
{
    struct event e = apply_event(tx, EVENT_SETTING_CHANGED);
    e.chat_id = c->chat_id;
    const char *base = settings_base(&tx->s->settings, v->path);
    const char *now = is_reset ? (base != NULL ? base : "-") : v->text;
    (void)snprintf(e.text, sizeof e.text, "%s = %.*s (%s)", v->path,
                   (int)(sizeof e.text - SETTING_PATH_CAP - USER_NAME_CAP - 8), now, v->user_name);
    outputs_add_event(tx->out, &e);
}

enum reason tx_setting_set(struct engine_tx *tx, const struct command *c, const char *path,
                           const char *text)
{
    struct setting v = by_command(tx, c);
    const struct engine_settings_ops *ops = &tx->opt->settings;
    if (path[0] == '\0' || !str_copy(v.path, sizeof v.path, path))
        return REASON_ARGUMENT_INVALID;
    if (ops->check != NULL ? !ops->check(path, text, v.text)
                           : !str_copy(v.text, sizeof v.text, text))
        return REASON_ARGUMENT_INVALID;
    switch (settings_set(&tx->s->settings, &v)) {
    case SETTINGS_OK:
        tell_change(tx, c, &v, false);
        return REASON_ACCEPTED;
    case SETTINGS_E_FULL:
        return REASON_SETTINGS_FULL;
    case SETTINGS_E_SAME:
        break;
    }
    return REASON_ALREADY_DONE;
}

enum reason tx_setting_from_file(struct engine_tx *tx, const struct command *c, const char *path,
                                 const char *text)
{
    struct setting v = {.seq = tx->seq, .changed_ms = tx->now_ms};
    struct settings *s = &tx->s->settings;
    const struct engine_settings_ops *ops = &tx->opt->settings;
    const struct setting *old = settings_find(s, path);
    const char *base = settings_base(s, path);
    if (base == NULL || !str_copy(v.path, sizeof v.path, path))
        return REASON_ARGUMENT_INVALID;
    if (ops->check != NULL ? !ops->check(path, text, v.text)
                           : !str_copy(v.text, sizeof v.text, text))
        return REASON_ARGUMENT_INVALID;
    if (old != NULL && !settings_is_by_file(old))
        return REASON_ALREADY_DONE;
    (void)snprintf(v.user_name, sizeof v.user_name, SETTINGS_BY_FILE "%.20s", c->user_name);
    bool is_base = strcmp(base, v.text) == 0;
    enum settings_result r = is_base ? settings_reset(s, &v) : settings_set(s, &v);
    if (r == SETTINGS_E_FULL)
        return REASON_SETTINGS_FULL;
    return r == SETTINGS_OK ? REASON_ACCEPTED : REASON_ALREADY_DONE;
}

void tx_tell_reload(struct engine_tx *tx, const struct command *c, const char *names)
{
    struct event e = apply_event(tx, EVENT_CONFIG_RELOAD);
    e.chat_id = c->chat_id;
    (void)snprintf(e.text, sizeof e.text, "%.*s (%s)", (int)(sizeof e.text - USER_NAME_CAP - 4),
                   names, c->user_name);
    outputs_add_event(tx->out, &e);
}

enum reason tx_setting_reset(struct engine_tx *tx, const struct command *c, const char *path)
{
    struct setting v = by_command(tx, c);
    if (!str_copy(v.path, sizeof v.path, path))
        return REASON_ARGUMENT_INVALID;
    if (settings_reset(&tx->s->settings, &v) != SETTINGS_OK)
        return REASON_ALREADY_DONE;
    tell_change(tx, c, &v, true);
    return REASON_ACCEPTED;
}

void tx_pick_keep(struct engine_tx *tx, uint64_t confirm_id, const uint64_t *cids, size_t count)
{
    picks_keep(&tx->s->picks, confirm_id, cids, count);
}

const struct pick *tx_pick(const struct engine_tx *tx, uint64_t confirm_id)
{
    return picks_find(&tx->s->picks, confirm_id);
}

enum reason tx_plugin_forgive(struct engine_tx *tx, const char *plugin)
{
    for (size_t i = 0; i < tx->s->plugin_count; i++) {
        struct state_plugin *p = &tx->s->plugins[i];
        if (!str_eq(p->id, plugin) || !p->disabled)
            continue;
        p->disabled = false;
        p->failures = 0;
        return REASON_ACCEPTED;
    }
    return REASON_ALREADY_DONE;
}
