/* Covers: each section of the catalogue is sorted, free of repeats and of broken HTML; every reason
 * and event that people see has its text; placeholders, escaping, missing keys and values. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "model/event.h"
#include "model/text.h"

static char *render(const char *key, const struct text_arg *args)
{
    struct buf b;
    buf_init(&b, 8192);
    text_render(&b, LANG_EN, key, args);
    return buf_take(&b);
}

Test(text, sections_are_sorted_and_keys_unique)
{
    size_t count = 0;
    const struct text_entry *e;
    for (size_t i = 0; (e = text_section(LANG_EN, i, &count)) != NULL; i++) {
        cr_expect_gt(count, 0);
        for (size_t k = 0; k < count; k++) {
            if (k > 0)
                cr_expect_lt(strcmp(e[k - 1].key, e[k].key), 0, "%s before %s", e[k - 1].key,
                             e[k].key);
            cr_expect_eq(text_get(LANG_EN, e[k].key), e[k].text, "%s is in two sections", e[k].key);
            cr_expect_str_not_empty(e[k].text, "%s", e[k].key);
        }
    }
    cr_expect_eq(count, 0);
}

Test(text, every_reason_has_a_sentence)
{
    for (int r = 1; r < REASON_COUNT; r++) {
        char key[64] = "reason.";
        (void)str_copy(key + 7, sizeof(key) - 7, reason_code((enum reason)r));
        const char *text = text_get(LANG_EN, key);
        cr_expect_not_null(text, "%s", key);
        cr_expect(text == NULL || strchr(text, '.') != NULL, "%s is a sentence", key);
    }
}

/* Tags of the catalogue: opened and closed in order, only those Telegram knows. */
static bool tags_match(const char *s)
{
    char open[16][8];
    int depth = 0;
    for (; *s != '\0'; s++) {
        if (*s != '<')
            continue;
        bool closing = s[1] == '/';
        const char *name = s + (closing ? 2 : 1);
        size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz-");
        if (len == 0 || len >= sizeof(open[0]) + 8)
            return false;
        if (closing) {
            if (depth == 0 || strncmp(open[depth - 1], name, len < 7 ? len : 7) != 0)
                return false;
            depth--;
        } else {
            if (depth == 16)
                return false;
            memcpy(open[depth], name, len < 7 ? len : 7);
            open[depth++][len < 7 ? len : 7] = '\0';
        }
    }
    return depth == 0;
}

Test(text, no_entry_is_longer_than_a_message)
{
    size_t count = 0;
    const struct text_entry *e;
    for (size_t i = 0; (e = text_section(LANG_EN, i, &count)) != NULL; i++)
        for (size_t k = 0; k < count; k++)
            cr_expect_lt(strlen(e[k].text), 4096, "%s", e[k].key);
}

Test(text, every_priority_and_event_name_is_a_word)
{
    for (int t = 1; t < EVENT_TYPE_COUNT; t++) {
        const char *name = event_info((enum event_type)t)->name;
        cr_expect_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name), "%s",
                     name);
    }
    for (int p = 1; p < PRIORITY_COUNT; p++)
        cr_expect_str_not_empty(priority_name((enum priority)p));
}

Test(text, html_of_every_entry_is_balanced)
{
    size_t count = 0;
    const struct text_entry *e;
    for (size_t i = 0; (e = text_section(LANG_EN, i, &count)) != NULL; i++)
        for (size_t k = 0; k < count; k++)
            cr_expect(tags_match(e[k].text), "%s: %s", e[k].key, e[k].text);
}

Test(text, unset_language_is_english_and_a_missing_key_is_missing)
{
    cr_expect_eq(text_get(LANG_UNSET, "reason.PAUSED"), text_get(LANG_EN, "reason.PAUSED"));
    cr_expect_str_neq(text_get(LANG_HINGLISH, "reason.PAUSED"), text_get(LANG_EN, "reason.PAUSED"));
    cr_expect_null(text_get(LANG_EN, "no.such_key"));
    cr_expect_null(text_get(LANG_HINGLISH, "no.such_key"));
}

/* The catalogue's own entries change; these properties are shown on one that is there in any case.
 */
static const struct text_entry *entry_with(const char *needle, const char *without)
{
    size_t count = 0;
    const struct text_entry *e;
    for (size_t i = 0; (e = text_section(LANG_EN, i, &count)) != NULL; i++)
        for (size_t k = 0; k < count; k++)
            if (strstr(e[k].text, needle) != NULL &&
                (without == NULL || !strstr(e[k].text, without)))
                return &e[k];
    return NULL;
}

Test(text, values_are_escaped)
{
    const struct text_entry *e = entry_with("{symbol}", NULL);
    cr_assert_not_null(e);
    TR_CLEANUP(mem_freep)
    char *text = render(e->key, (struct text_arg[]){{"symbol", "<a&\"b>"}, {NULL, NULL}});
    cr_expect_not_null(strstr(text, "&lt;a&amp;&quot;b&gt;"), "%s", text);
    cr_expect_null(strstr(text, "{symbol}"));
}

Test(text, html_values_are_not)
{
    const struct text_entry *e = entry_with("_html}", NULL);
    cr_assert_not_null(e);
    const char *end = strstr(e->text, "_html}"), *start = end;
    while (*start != '{')
        start--;
    char name[32];
    cr_assert_lt(end - start, 24);
    memcpy(name, start + 1, (size_t)(end - start) + 4);
    name[end - start + 4] = '\0';
    TR_CLEANUP(mem_freep)
    char *text = render(e->key, (struct text_arg[]){{name, "<b>x</b>"}, {NULL, NULL}});
    cr_expect_not_null(strstr(text, "<b>x</b>"), "%s", text);
}

Test(text, what_is_missing_shows)
{
    TR_CLEANUP(mem_freep) char *key = render("no.such<key>", NULL);
    cr_expect_str_eq(key, "no.such&lt;key&gt;");
    const struct text_entry *e = entry_with("{symbol}", NULL);
    TR_CLEANUP(mem_freep) char *text = render(e->key, NULL);
    cr_expect_not_null(strstr(text, "{symbol}"), "a value nobody gave stays visible");
    TR_CLEANUP(mem_freep)
    char *empty = render(e->key, (struct text_arg[]){{"symbol", NULL}, {NULL, NULL}});
    cr_expect_null(strstr(empty, "{symbol}"), "NULL is an empty value");
}

Test(text, escaping_touches_only_the_four)
{
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 256);
    text_escape_html(&b, "a&b<c>d\"e'f → ü");
    text_escape_html(&b, NULL);
    cr_expect_str_eq(b.data, "a&amp;b&lt;c&gt;d&quot;e'f → ü");
}
