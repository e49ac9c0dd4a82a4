/* model/text.c: finds a template in the catalogue sections of a language and fills it in. A key the
 * language lacks is taken from the English one. */
#include "model/text.h"

#include "core/alloc.h"
#include "model/text_sections.h"

#include <string.h>

#define PLACEHOLDER_CAP 32

struct section {
    const struct text_entry *entries;
    const size_t *count;
};

/* A new topic is one line in both lists. */
static const struct section sections_en[] = {
    {text_en_reasons, &text_en_reasons_count},
    {text_en_events, &text_en_events_count},
    {text_en_commands, &text_en_commands_count},
    {text_en_menus, &text_en_menus_count},
    {text_en_settings, &text_en_settings_count},
    {text_en_control, &text_en_control_count},
    {text_en_exits, &text_en_exits_count},
    {text_en_shadow, &text_en_shadow_count},
    {text_en_phase, &text_en_phase_count},
    {text_en_risk, &text_en_risk_count},
    {text_en_v6, &text_en_v6_count},
    {text_en_chains, &text_en_chains_count},
    {text_en_users, &text_en_users_count},
    {text_en_notify, &text_en_notify_count},
    {text_en_plugins, &text_en_plugins_count},
    {text_en_transition, &text_en_transition_count},
    {text_en_admin, &text_en_admin_count},
    {text_en_backup, &text_en_backup_count},
    {text_en_phone, &text_en_phone_count},
    {text_en_watch, &text_en_watch_count},
    {text_en_trader, &text_en_trader_count},
};

static const struct section sections_hinglish[] = {
    {text_hinglish_reasons, &text_hinglish_reasons_count},
    {text_hinglish_events, &text_hinglish_events_count},
    {text_hinglish_commands, &text_hinglish_commands_count},
    {text_hinglish_menus, &text_hinglish_menus_count},
    {text_hinglish_settings, &text_hinglish_settings_count},
    {text_hinglish_control, &text_hinglish_control_count},
    {text_hinglish_exits, &text_hinglish_exits_count},
    {text_hinglish_shadow, &text_hinglish_shadow_count},
    {text_hinglish_phase, &text_hinglish_phase_count},
    {text_hinglish_risk, &text_hinglish_risk_count},
    {text_hinglish_v6, &text_hinglish_v6_count},
    {text_hinglish_chains, &text_hinglish_chains_count},
    {text_hinglish_users, &text_hinglish_users_count},
    {text_hinglish_notify, &text_hinglish_notify_count},
    {text_hinglish_plugins, &text_hinglish_plugins_count},
    {text_hinglish_transition, &text_hinglish_transition_count},
    {text_hinglish_admin, &text_hinglish_admin_count},
    {text_hinglish_backup, &text_hinglish_backup_count},
    {text_hinglish_phone, &text_hinglish_phone_count},
    {text_hinglish_watch, &text_hinglish_watch_count},
    {text_hinglish_trader, &text_hinglish_trader_count},
};

_Static_assert(TR_ARRAY_SIZE(sections_en) == TR_ARRAY_SIZE(sections_hinglish), "both languages");

const struct text_entry *text_section(enum lang lang, size_t index, size_t *ret_count)
{
    TR_ASSERT(ret_count);
    TR_ASSERT((int)lang >= 0 && lang < LANG_COUNT);
    if (index >= TR_ARRAY_SIZE(sections_en)) {
        *ret_count = 0;
        return NULL;
    }
    const struct section *sections = lang == LANG_HINGLISH ? sections_hinglish : sections_en;
    *ret_count = *sections[index].count;
    return sections[index].entries;
}

static const char *find(const struct text_entry *entries, size_t count, const char *key)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int cmp = strcmp(key, entries[middle].key);
        if (cmp == 0) {
            return entries[middle].text;
        }
        if (cmp < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static const char *find_in(enum lang lang, const char *key)
{
    size_t count = 0;
    const struct text_entry *entries = NULL;
    for (size_t i = 0; (entries = text_section(lang, i, &count)) != NULL; i++) {
        const char *text = find(entries, count, key);
        if (text) {
            return text;
        }
    }
    return NULL;
}

const char *text_get(enum lang lang, const char *key)
{
    TR_ASSERT(key);
    const char *text = find_in(lang, key);
    return text || lang == LANG_EN ? text : find_in(LANG_EN, key);
}

void text_escape_html(struct buf *out, const char *s)
{
    TR_ASSERT(out);
    if (!s) {
        return;
    }
    while (*s) {
        size_t plain = strcspn(s, "&<>\"");
        buf_append(out, s, plain);
        s += plain;
        switch (*s) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        default:
            return;
        }
        s++;
    }
}

static const struct text_arg *find_arg(const struct text_arg *args, const char *name)
{
    for (; args && args->name; args++) {
        if (strcmp(args->name, name) == 0) {
            return args;
        }
    }
    return NULL;
}

/* s points at '{'. Fills name and returns what follows '}', or NULL when this is no placeholder. */
static const char *placeholder(const char *s, char name[PLACEHOLDER_CAP])
{
    size_t len = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (len == 0 || len >= PLACEHOLDER_CAP || s[1 + len] != '}') {
        return NULL;
    }
    memcpy(name, s + 1, len);
    name[len] = '\0';
    return s + len + 2;
}

static bool ends_in_html(const char *name)
{
    size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, "_html") == 0;
}

void text_render(struct buf *out, enum lang lang, const char *key, const struct text_arg *args)
{
    TR_ASSERT(out && key);
    const char *s = text_get(lang, key);
    if (!s) {
        text_escape_html(out, key);
        return;
    }
    while (*s) {
        size_t plain = strcspn(s, "{");
        buf_append(out, s, plain);
        s += plain;
        if (!*s) {
            return;
        }
        char name[PLACEHOLDER_CAP];
        const char *rest = placeholder(s, name);
        const struct text_arg *arg = rest ? find_arg(args, name) : NULL;
        if (!arg) {
            buf_putc(out, *s++); /* a brace of the text, or a value nobody gave: visible */
            continue;
        }
        if (ends_in_html(name)) {
            buf_puts(out, arg->value);
        } else {
            text_escape_html(out, arg->value);
        }
        s = rest;
    }
}
