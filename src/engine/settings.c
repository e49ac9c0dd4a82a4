/* engine/settings.c: overrides in a small list, their changes in a ring; a look-up is a scan. */
#include "engine/settings.h"

#include <string.h>

#include "core/alloc.h"
#include "engine/engine.h"

static struct setting *find(struct settings *s, const char *path)
{
    TR_ASSERT(s->count <= SETTINGS_MAX);
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->items[i].path, path) == 0)
            return &s->items[i];
    return NULL;
}

const struct setting *settings_find(const struct settings *s, const char *path)
{
    TR_ASSERT(s->count <= SETTINGS_MAX);
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->items[i].path, path) == 0)
            return &s->items[i];
    return NULL;
}

const char *settings_base(const struct settings *s, const char *path)
{
    TR_ASSERT(s->base_count <= SETTINGS_BASE_MAX);
    for (size_t i = 0; i < s->base_count; i++)
        if (strcmp(s->base[i].path, path) == 0)
            return s->base[i].text;
    return NULL;
}

const char *settings_text(const struct settings *s, const char *path)
{
    const struct setting *v = settings_find(s, path);
    return v != NULL ? v->text : settings_base(s, path);
}

static bool take_field(const char **at, char end, char *out, size_t cap)
{
    char set[2] = {end, '\0'};
    size_t n = strcspn(*at, set);
    bool fits = (*at)[n] == end && n < cap;
    if (fits) {
        memcpy(out, *at, n);
        out[n] = '\0';
    }
    *at += n + ((*at)[n] != '\0');
    return fits;
}

bool settings_is_by_file(const struct setting *v)
{
    return str_starts(v->user_name, SETTINGS_BY_FILE);
}

static void drop_what_the_file_said(struct settings *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++)
        if (!settings_is_by_file(&s->items[i]))
            s->items[kept++] = s->items[i];
    if (kept < s->count)
        s->revision++;
    s->count = kept;
}

void settings_set_base(struct settings *s, const char *lines)
{
    drop_what_the_file_said(s);
    s->base_count = 0;
    while (*lines != '\0' && s->base_count < SETTINGS_BASE_MAX) {
        struct setting_base *b = &s->base[s->base_count];
        bool has_path = take_field(&lines, '\t', b->path, sizeof b->path);
        bool has_text = take_field(&lines, '\n', b->text, sizeof b->text);
        s->base_count += has_path && has_text;
    }
}

static struct setting_change *remember(struct settings *s, const struct setting *to,
                                       const struct setting *from)
{
    TR_ASSERT(s->history_next < SETTINGS_HISTORY_MAX);
    struct setting_change *c = &s->history[s->history_next];
    s->history_next = (s->history_next + 1) % SETTINGS_HISTORY_MAX;
    if (s->history_count < SETTINGS_HISTORY_MAX)
        s->history_count++;
    *c = (struct setting_change){.to = *to, .had_override = from != NULL};
    if (from != NULL)
        (void)str_copy(c->from, sizeof c->from, from->text); /* same cap */
    s->revision++;
    return c;
}

enum settings_result settings_set(struct settings *s, const struct setting *by)
{
    TR_ASSERT(by->path[0] != '\0');
    struct setting *old = find(s, by->path);
    if (old != NULL && strcmp(old->text, by->text) == 0)
        return SETTINGS_E_SAME;
    if (old == NULL && s->count == SETTINGS_MAX)
        return SETTINGS_E_FULL;
    (void)remember(s, by, old);
    if (old == NULL)
        old = &s->items[s->count++];
    *old = *by;
    return SETTINGS_OK;
}

enum settings_result settings_reset(struct settings *s, const struct setting *by)
{
    struct setting *old = find(s, by->path);
    if (old == NULL)
        return SETTINGS_E_SAME;
    struct setting_change *c = remember(s, by, old);
    c->is_reset = true;
    c->to.text[0] = '\0';
    size_t behind = s->count - (size_t)(old - s->items) - 1;
    memmove(old, old + 1, behind * sizeof(*old));
    s->count--;
    return SETTINGS_OK;
}

const struct setting_change *settings_change_at(const struct settings *s, size_t i)
{
    TR_ASSERT(i < s->history_count);
    size_t at = s->history_next + SETTINGS_HISTORY_MAX - 1 - i;
    return &s->history[at % SETTINGS_HISTORY_MAX];
}

static void pack_one(struct buf *b, const struct setting *v)
{
    pack_str(b, v->path);
    pack_str(b, v->text);
    pack_u64(b, v->seq);
    pack_i64(b, v->changed_ms);
    pack_str(b, v->user_name);
}

static void unpack_one(struct unpack *u, struct setting *ret)
{
    unpack_str(u, ret->path, sizeof ret->path);
    unpack_str(u, ret->text, sizeof ret->text);
    ret->seq = unpack_u64(u);
    ret->changed_ms = unpack_i64(u);
    unpack_str(u, ret->user_name, sizeof ret->user_name);
}

void settings_pack(const struct settings *s, struct buf *out)
{
    pack_u64(out, s->revision);
    pack_i64(out, (int64_t)s->base_count);
    for (size_t i = 0; i < s->base_count; i++) {
        pack_str(out, s->base[i].path);
        pack_str(out, s->base[i].text);
    }
    pack_i64(out, (int64_t)s->count);
    for (size_t i = 0; i < s->count; i++)
        pack_one(out, &s->items[i]);
    pack_i64(out, (int64_t)s->history_count);
    for (size_t i = s->history_count; i > 0; i--) { /* oldest first */
        const struct setting_change *c = settings_change_at(s, i - 1);
        pack_one(out, &c->to);
        pack_bool(out, c->is_reset);
        pack_bool(out, c->had_override);
        pack_str(out, c->from);
    }
}

void settings_unpack(struct settings *s, struct unpack *u)
{
    s->revision = unpack_u64(u);
    s->base_count = (size_t)unpack_int(u, 0, SETTINGS_BASE_MAX);
    for (size_t i = 0; i < s->base_count; i++) {
        unpack_str(u, s->base[i].path, sizeof s->base[i].path);
        unpack_str(u, s->base[i].text, sizeof s->base[i].text);
    }
    s->count = (size_t)unpack_int(u, 0, SETTINGS_MAX);
    for (size_t i = 0; i < s->count; i++)
        unpack_one(u, &s->items[i]);
    s->history_count = (size_t)unpack_int(u, 0, SETTINGS_HISTORY_MAX);
    s->history_next = s->history_count % SETTINGS_HISTORY_MAX;
    for (size_t i = 0; i < s->history_count; i++) {
        struct setting_change *c = &s->history[i];
        unpack_one(u, &c->to);
        c->is_reset = unpack_bool(u);
        c->had_override = unpack_bool(u);
        unpack_str(u, c->from, sizeof c->from);
    }
}

void settings_lay(struct engine_options *opt, const struct settings *s)
{
    TR_ASSERT(opt->plugin_count <= ENGINE_PLUGINS_MAX);
    if (opt->settings.apply != NULL)
        opt->settings.apply(opt->settings.ctx, s, &opt->rules);
    opt->rules.plugins_off = 0;
    for (size_t i = 0; i < opt->plugin_count; i++) {
        const struct plugin_ops *p = opt->plugins[i];
        if (p->is_enabled != NULL && !p->is_enabled(opt->plugin_confs[i]))
            opt->rules.plugins_off |= UINT64_C(1) << i;
        if (p->is_present != NULL && !p->is_present(opt->plugin_confs[i]))
            opt->rules.plugins_off |= UINT64_C(1) << (32 + i);
    }
}
