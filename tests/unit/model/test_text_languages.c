/* Covers: the Hinglish catalogue against the English one: the same sections and keys, the same
 * placeholders as often, the same tags in the same order, the commands people tap, the widths of
 * cards, the limits of buttons, toasts and command descriptions, nothing left untranslated but
 * trade words; Latin script only. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "model/text.h"

#define CARD_COLUMNS        34
#define BUTTON_COLUMNS      24
#define TOAST_MAX           200 /* Bot API: answerCallbackQuery */
#define DESCRIPTION_MAX     256 /* Bot API: BotCommand */
#define PLACEHOLDER_COLUMNS 6
#define MARKS_MAX           16
#define MARK_CAP            40

typedef void (*pair_fn)(const char *key, const char *en, const char *hinglish);

static void each_pair(pair_fn check)
{
    size_t count = 0;
    const struct text_entry *e;
    for (size_t i = 0; (e = text_section(LANG_EN, i, &count)) != NULL; i++)
        for (size_t k = 0; k < count; k++)
            check(e[k].key, e[k].text, text_get(LANG_HINGLISH, e[k].key));
}

Test(text_languages, both_have_the_same_sections_with_the_same_keys)
{
    for (size_t i = 0;; i++) {
        size_t count_en = 0, count_hinglish = 0;
        const struct text_entry *en = text_section(LANG_EN, i, &count_en);
        const struct text_entry *hinglish = text_section(LANG_HINGLISH, i, &count_hinglish);
        cr_assert_eq(en == NULL, hinglish == NULL);
        cr_assert_eq(count_en, count_hinglish, "section %zu", i);
        if (en == NULL)
            break;
        cr_assert_neq(en, hinglish);
        for (size_t k = 0; k < count_en; k++) {
            cr_assert_str_eq(en[k].key, hinglish[k].key);
            cr_expect_str_not_empty(hinglish[k].text, "%s", en[k].key);
            cr_expect(k == 0 || strcmp(hinglish[k - 1].key, hinglish[k].key) < 0, "%s sorted",
                      hinglish[k].key);
        }
    }
}

/* ---- marks: what must be the same in both ---- */

struct marks {
    char items[MARKS_MAX][MARK_CAP];
    size_t count;
};

static void marks_add(struct marks *m, const char *from, size_t len)
{
    cr_assert_lt(m->count, MARKS_MAX);
    cr_assert_lt(len, MARK_CAP);
    memcpy(m->items[m->count], from, len);
    m->items[m->count++][len] = '\0';
}

static struct marks marks_between(const char *s, char open, char close)
{
    struct marks m = {0};
    for (const char *p = strchr(s, open); p != NULL; p = strchr(p + 1, open)) {
        const char *end = strchr(p, close);
        cr_assert_not_null(end, "%s", s);
        marks_add(&m, p, (size_t)(end - p) + 1);
    }
    return m;
}

/* "/resume", "/panic": what a person can tap; "</b>" and "/{name}" are none. */
static struct marks marks_commands(const char *s)
{
    struct marks m = {0};
    for (const char *p = strchr(s, '/'); p != NULL; p = strchr(p + 1, '/')) {
        size_t len = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz");
        if (len > 0 && (p == s || strchr(" \n(", p[-1]) != NULL))
            marks_add(&m, p, len + 1);
    }
    return m;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void expect_same(const char *key, struct marks a, struct marks b, bool in_order)
{
    if (!in_order) { /* a sentence has its own order */
        qsort(a.items, a.count, MARK_CAP, by_text);
        qsort(b.items, b.count, MARK_CAP, by_text);
    }
    cr_expect_eq(a.count, b.count, "%s: %zu and %zu", key, a.count, b.count);
    for (size_t i = 0; i < a.count && i < b.count; i++)
        cr_expect_str_eq(a.items[i], b.items[i], "%s", key);
}

static void check_placeholders(const char *key, const char *en, const char *hinglish)
{
    expect_same(key, marks_between(en, '{', '}'), marks_between(hinglish, '{', '}'), false);
}

Test(text_languages, every_placeholder_is_in_both)
{
    each_pair(check_placeholders);
}

static void check_tags(const char *key, const char *en, const char *hinglish)
{
    expect_same(key, marks_between(en, '<', '>'), marks_between(hinglish, '<', '>'), true);
}

Test(text_languages, tags_are_the_same_so_they_are_balanced_too)
{
    each_pair(check_tags);
}

static void check_commands(const char *key, const char *en, const char *hinglish)
{
    expect_same(key, marks_commands(en), marks_commands(hinglish), false);
}

Test(text_languages, sentences_name_the_same_commands)
{
    each_pair(check_commands);
}

/* ---- lengths ---- */

/* The widest line in columns: no tags, a placeholder counted the same in both languages. */
static size_t columns(const char *s)
{
    size_t widest = 0, now = 0;
    for (; *s != '\0'; s++) {
        if (*s == '<')
            s = strchr(s, '>');
        else if (*s == '{') {
            s = strchr(s, '}');
            now += PLACEHOLDER_COLUMNS;
        } else if (*s == '\n')
            now = 0;
        else if (((unsigned char)*s & 0xC0) != 0x80) /* one a code point */
            now++;
        if (now > widest)
            widest = now;
    }
    return widest;
}

static bool begins_with_any(const char *key, const char *const *prefixes)
{
    for (; *prefixes != NULL; prefixes++)
        if (strncmp(key, *prefixes, strlen(*prefixes)) == 0)
            return true;
    return false;
}

static void check_card(const char *key, const char *en, const char *hinglish)
{
    static const char *const cards[] = {
        "balance.",  "event.",  "health.",    "order.",   "orders.", "performance.", "pnl.",
        "position.", "report.", "positions.", "risk.",    "state.",  "stats.",       "status.",
        "daily.",    "mode.",   "trader.",    "version.", "why.",    "button.",      NULL};
    if (begins_with_any(key, cards) && columns(en) <= CARD_COLUMNS)
        cr_expect_leq(columns(hinglish), CARD_COLUMNS, "%s is %zu wide", key, columns(hinglish));
}

Test(text_languages, cards_are_as_narrow_as_the_english_ones)
{
    each_pair(check_card);
}

static void check_limits(const char *key, const char *en, const char *hinglish)
{
    size_t len = strlen(key);
    const char *const both[] = {en, hinglish};
    for (int i = 0; i < 2; i++) {
        cr_expect_lt(strlen(both[i]), 1024, "%s fits a caption too", key);
        if (strncmp(key, "button.", 7) == 0)
            cr_expect_leq(columns(both[i]), BUTTON_COLUMNS, "%s", key);
        if (strncmp(key, "help.", 5) == 0)
            cr_expect_leq(strlen(both[i]), DESCRIPTION_MAX, "%s", key);
        if ((len > 6 && strcmp(key + len - 6, ".toast") == 0) || strncmp(key, "reason.", 7) == 0) {
            cr_expect_leq(strlen(both[i]), TOAST_MAX, "%s", key);
            cr_expect_null(strpbrk(both[i], "<{"), "%s is plain", key);
        }
    }
}

Test(text_languages, buttons_toasts_and_descriptions_keep_their_limits)
{
    each_pair(check_limits);
}

/* ---- what it says ---- */

static void check_translated(const char *key, const char *en, const char *hinglish)
{
    if (strncmp(key, "reason.", 7) == 0 && strcmp(key, "reason.EXIT_SIGNAL") != 0)
        cr_expect_str_neq(hinglish, en, "%s", key);
    if (strncmp(key, "help.", 5) == 0 && strncmp(key, "help.other.", 11) != 0 && columns(en) > 20)
        cr_expect_str_neq(hinglish, en, "%s", key);
}

Test(text_languages, sentences_are_translated)
{
    each_pair(check_translated);
}

static void check_latin(const char *key, const char *en, const char *hinglish)
{
    (void)en;
    /* Devanagari is U+0900 to U+097F: E0 A4 xx and E0 A5 xx. */
    cr_expect_null(strstr(hinglish, "\xE0\xA4"), "%s", key);
    cr_expect_null(strstr(hinglish, "\xE0\xA5"), "%s", key);
}

Test(text_languages, hinglish_is_written_in_latin_letters)
{
    each_pair(check_latin);
}

Test(text_languages, names_are_those_of_the_configuration)
{
    enum lang lang = LANG_UNSET;
    cr_expect(lang_parse("en", &lang) && lang == LANG_EN);
    cr_expect(lang_parse("hinglish", &lang) && lang == LANG_HINGLISH);
    cr_expect_not(lang_parse("", &lang));
    cr_expect_not(lang_parse("hi", &lang));
    cr_expect_str_eq(lang_name(LANG_HINGLISH), "hinglish");
    cr_expect_str_eq(lang_name(LANG_UNSET), "");
}

Test(text_languages, a_sentence_renders_with_its_values)
{
    TR_CLEANUP(buf_deinit) struct buf out;
    buf_init(&out, 256);
    text_render(&out, LANG_HINGLISH, "pause.already",
                (struct text_arg[]){{"since", "2 min"}, {"by", "Asha"}, {NULL, NULL}});
    cr_expect_str_eq(out.data, "⏸ Pehle se pause hai, 2 min se (Asha ne kiya).");
}
