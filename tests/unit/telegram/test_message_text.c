/* Covers: UTF-16 length, UTF-8 validity, sanitising, the plain-text fallback, and the splitter:
 * limits, line ends, entities, surrogate pairs, tags closed and reopened, repaired markup, and as
 * properties over random input that pieces fit, are valid, and together say what the whole says
 * (faults 10, 11). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/rng.h"
#include "telegram/message_text.h"

static char *plain(const char *html)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    text_html_to_plain(&out, html);
    return buf_take(&out);
}

static void expect_plain(const char *html, const char *want)
{
    char *got = plain(html);
    cr_assert_str_eq(got, want);
    mem_free(got);
}

Test(message_text, counts_utf16_units)
{
    cr_assert_eq(text_utf16_len(""), 0);
    cr_assert_eq(text_utf16_len("abc"), 3);
    cr_assert_eq(text_utf16_len("ä€"), 2);
    cr_assert_eq(text_utf16_len("🟢x"), 3);
}

Test(message_text, knows_valid_utf8)
{
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"plain ä € 🟢", true},
        {"\xc3", false},
        {"\xc0\x80", false},
        {"\xed\xa0\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xff", false},
        {"a\x80", false},
        {"\xe2\x82", false},
        {"\xf4\x8f\xbf\xbf", true},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++)
        cr_assert_eq(text_is_valid_utf8(cases[i].text, strlen(cases[i].text)), cases[i].valid,
                     "%zu", i);
}

Test(message_text, sanitises_controls_overrides_and_broken_bytes)
{
    struct buf out;
    buf_init(&out, 1000);
    static const char dirty[] = "a\0b\x1b[31m\nc\td\x7f\xc2\x85"
                                "e\xe2\x80\xae"
                                "f\xff"
                                "g";
    text_sanitise(&out, dirty, sizeof(dirty) - 1);
    cr_assert_str_eq(out.data, "ab[31m\nc\tdef\xef\xbf\xbdg");
    buf_deinit(&out);
}

Test(message_text, turns_html_into_what_the_reader_sees)
{
    expect_plain("<b>bold</b> &lt;x&gt; &amp;amp; &quot;q&quot;", "bold <x> &amp; \"q\"");
    expect_plain("<a href=\"http://x/?a>b\">link</a>", "link");
    expect_plain("&#128994; &#x41;", "🟢 A");
    expect_plain("1 < 2 & 3 <3 &copy; <unknown>", "1 < 2 & 3 <3 &copy; <unknown>");
    expect_plain("&#0; &#xD800; &#x110000; &#;", "&#0; &#xD800; &#x110000; &#;");
    expect_plain("<b", "<b");
    expect_plain("", "");
}

static char **split(const char *html, size_t max, size_t *count)
{
    return text_split_html(html, max, count);
}

Test(message_text, leaves_short_messages_alone)
{
    size_t n = 0;
    char **p = split("<b>one</b>\ntwo &amp; three", 4096, &n);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(p[0], "<b>one</b>\ntwo &amp; three");
    text_pieces_free(p, n);
    p = split("", 4096, &n);
    cr_assert_eq(n, 0);
    text_pieces_free(p, n);
    p = split("<b></b>", 4096, &n);
    cr_assert_eq(n, 0, "tags without text are no message");
    text_pieces_free(p, n);
}

Test(message_text, splits_at_line_ends_before_spaces_before_anywhere)
{
    char text[400];
    size_t n = 0;
    memset(text, 'x', sizeof(text));
    text[399] = 0;
    text[20] = '\n';
    text[40] = ' ';
    char **p = split(text, 64, &n);
    cr_assert_eq(strlen(p[0]), 21);
    text_pieces_free(p, n);
    text[20] = 'x';
    p = split(text, 64, &n);
    cr_assert_eq(strlen(p[0]), 41);
    text_pieces_free(p, n);
    text[40] = 'x';
    p = split(text, 64, &n);
    cr_assert_eq(strlen(p[0]), 64);
    text_pieces_free(p, n);
}

Test(message_text, closes_and_reopens_tags_around_a_cut)
{
    size_t n = 0;
    char **p = split("<b>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
                     "<i>bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb</i></b> tail",
                     64, &n);
    cr_assert_eq(n, 2);
    cr_assert_str_eq(p[0], "<b>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n</b>");
    cr_assert_str_eq(p[1], "<b><i>bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb</i></b> tail");
    text_pieces_free(p, n);
}

Test(message_text, never_cuts_an_entity_or_an_emoji)
{
    size_t n = 0;
    for (int lead = 60; lead <= 64; lead++) {
        char text[200];
        memset(text, 'x', sizeof(text));
        snprintf(text + lead, sizeof(text) - (size_t)lead, "&amp;🟢");
        char **p = split(text, 64, &n);
        for (size_t i = 0; i < n; i++) {
            cr_assert_leq(text_utf16_len(p[i]), 64);
            cr_assert(text_is_valid_utf8(p[i], strlen(p[i])));
            const char *amp = strchr(p[i], '&');
            cr_assert(amp == NULL || strncmp(amp, "&amp;", 5) == 0);
        }
        text_pieces_free(p, n);
    }
}

Test(message_text, repairs_markup_telegram_would_refuse)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"<b>open", "<b>open</b>"},
        {"stray</b>", "stray"},
        {"<b><i>x</b></i>", "<b><i>x</i></b>"},
        {"1 < 2 & <br>", "1 &lt; 2 &amp; &lt;br>"},
        {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        size_t n = 0;
        char **p = split(cases[i].in, 4096, &n);
        cr_assert_eq(n, 1);
        cr_assert_str_eq(p[0], cases[i].out);
        text_pieces_free(p, n);
    }
}

/* The tags of a piece are balanced and nested. */
static void assert_nested(const char *piece)
{
    char stack[64][16];
    int depth = 0;
    for (const char *p = strchr(piece, '<'); p != NULL; p = strchr(p + 1, '<')) {
        char name[16] = "";
        bool closing = p[1] == '/';
        cr_assert_eq(sscanf(p + (closing ? 2 : 1), "%15[a-z-]", name), 1, "%s", piece);
        if (closing) {
            cr_assert_gt(depth, 0);
            cr_assert_str_eq(stack[--depth], name, "%s", piece);
        } else {
            cr_assert_lt(depth, 64);
            snprintf(stack[depth++], 16, "%s", name);
        }
    }
    cr_assert_eq(depth, 0, "%s", piece);
}

static char *random_html(struct rng *r)
{
    static const char *const parts[] = {
        "<b>",  "</b>", "<i>",       "</i>",   "<code>", "</code>",  "<a href=\"http://e.x/?q=1\">",
        "</a>", "&lt;", "&amp;",     "&",      "<",      ">",        "🟢",
        "ä",    "\n",   " ",         "word ",  "<pre>",  "</pre>",   "long-unbroken-word-of-text",
        "€",    "\xff", "&#x1F600;", "<nope>", "&#1;",   "\xf0\x9f", "<span class=\"tg-spoiler\">",
    };
    struct buf b;
    buf_init(&b, 1 << 16);
    size_t n = rng_below(r, 400);
    for (size_t i = 0; i < n; i++)
        buf_puts(&b, parts[rng_below(r, TR_ARRAY_SIZE(parts))]);
    return buf_take(&b);
}

Test(message_text, pieces_of_random_html_fit_are_valid_and_say_the_same, .timeout = 30)
{
    struct rng r;
    rng_seed(&r, 99);
    for (int run = 0; run < 1500; run++) {
        char *html = random_html(&r);
        size_t max = 64 + rng_below(&r, 200);
        size_t n = 0;
        char **p = split(html, max, &n);
        struct buf joined;
        buf_init(&joined, 1 << 17);
        for (size_t i = 0; i < n; i++) {
            cr_assert_leq(text_utf16_len(p[i]), max);
            cr_assert(text_is_valid_utf8(p[i], strlen(p[i])));
            assert_nested(p[i]);
            text_html_to_plain(&joined, p[i]);
        }
        char *whole = plain(html);
        cr_assert_str_eq(joined.data, whole);
        mem_free(whole);
        mem_free(html);
        buf_deinit(&joined);
        text_pieces_free(p, n);
    }
}

Test(message_text, splits_hostile_input_in_linear_time, .timeout = 10)
{
    struct buf b;
    buf_init(&b, 8 << 20);
    for (int i = 0; i < 60000; i++)
        buf_puts(&b, i % 3 == 0 ? "<b></b></i>" : "<a href=\"x\">");
    size_t n = 0;
    char **p = split(b.data, 64, &n);
    cr_assert_eq(n, 0);
    text_pieces_free(p, n);
    buf_reset(&b);
    for (int i = 0; i < 300000; i++)
        buf_puts(&b, "x\n</b>");
    p = split(b.data, 4096, &n);
    cr_assert_gt(n, 100);
    text_pieces_free(p, n);
    buf_deinit(&b);
}
