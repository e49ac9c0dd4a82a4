/* HTML parse mode: entities in UTF-16 units, nesting, references, error sentences with byte
 * offsets, trimming, automatic commands, mentions and links, explicit entities, encoding and length
 * limits. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "sandbox/markup.h"

static char *show(const char *raw, enum sandbox_parse_mode mode)
{
    struct sandbox_text t TR_CLEANUP(sandbox_text_deinit);
    char error[SANDBOX_MARKUP_ERR_CAP] = "";
    if (sandbox_text_parse(raw, strlen(raw), mode, NULL, &t, error) != SANDBOX_MARKUP_OK)
        return xasprintf("! %s", error);
    struct buf out;
    buf_init(&out, 65536);
    buf_puts(&out, t.text);
    for (size_t i = 0; i < t.entity_count; i++) {
        buf_printf(&out, "|%s %d+%d", t.entities[i].type, (int)t.entities[i].offset,
                   (int)t.entities[i].length);
        if (t.entities[i].argument)
            buf_printf(&out, " %s", t.entities[i].argument);
    }
    char *text = buf_take(&out);
    buf_deinit(&out);
    return text;
}

#define expect_html(raw, want)                                                                     \
    do {                                                                                           \
        char *s = show(raw, SANDBOX_PARSE_HTML);                                                   \
        cr_assert_str_eq(s, want, "%s gave %s", raw, s);                                           \
        mem_free(s);                                                                               \
    } while (0)

#define expect_plain(raw, want)                                                                    \
    do {                                                                                           \
        char *s = show(raw, SANDBOX_PARSE_PLAIN);                                                  \
        cr_assert_str_eq(s, want, "%s gave %s", raw, s);                                           \
        mem_free(s);                                                                               \
    } while (0)

Test(markup, tags_become_entities)
{
    expect_html("<b>bold</b> <em>it</em> <u>u</u> <del>s</del>",
                "bold it u s|bold 0+4|italic 5+2|underline 8+1|strikethrough 10+1");
    expect_html("<tg-spoiler>x</tg-spoiler><span class=\"tg-spoiler\">y</span>",
                "xy|spoiler 0+1|spoiler 1+1");
    expect_html("<blockquote expandable>q</blockquote>", "q|expandable_blockquote 0+1");
    expect_html("<pre><code class=\"language-c\">int x;</code></pre>", "int x;|pre 0+6 language-c");
    expect_html("<tg-time unix=\"1700000000\">then</tg-time>", "then|date_time 0+4 1700000000");
    expect_html("<B>UP</b>", "UP|bold 0+2");
}

Test(markup, offsets_count_utf16_units)
{
    expect_html("\xf0\x9f\x98\x80\xc3\xa9<b>\xf0\x9f\x98\x80</b>",
                "\xf0\x9f\x98\x80\xc3\xa9\xf0\x9f\x98\x80|bold 3+2");
    expect_html("&#128512;<i>x</i>", "\xf0\x9f\x98\x80x|italic 2+1");
}

Test(markup, nested_tags_keep_both)
{
    expect_html("<b>a<i>b</i></b>", "ab|bold 0+2|italic 1+1");
}

Test(markup, only_four_names_and_numbers_are_references)
{
    expect_html("&lt;&gt;&amp;&quot;", "<>&\"");
    expect_html("&copy; &nbsp; & x", "&copy; &nbsp; & x");
    expect_html("&#x41;&#66;", "AB");
    expect_html("&#xd83d;", "&#xd83d;");
}

Test(markup, links_are_kept_or_dropped)
{
    expect_html("<a href=\"https://e.com/?a=1&amp;b=2\">x</a>",
                "x|text_link 0+1 https://e.com/?a=1&b=2");
    expect_html("<a href=\"javascript:alert(1)\">x</a>", "x");
    expect_html("<a href=\"tg://user?id=1\">x</a>", "x|text_link 0+1 tg://user?id=1");
}

Test(markup, errors_name_the_byte)
{
    expect_html("ab<foo>",
                "! can't parse entities: Unsupported start tag \"foo\" at byte offset 2");
    expect_html("<b>x",
                "! can't parse entities: Can't find end tag corresponding to start tag \"b\"");
    expect_html("x</b>", "! can't parse entities: Unexpected end tag at byte offset 1");
    expect_html("<b><i>x</b></i>", "! can't parse entities: Unmatched end tag at byte offset 7, "
                                   "expected \"</i>\", found \"</b>\"");
    expect_html("5 < 6", "! can't parse entities: Unsupported start tag \"\" at byte offset 2");
    expect_html("<b", "! can't parse entities: Unclosed start tag at byte offset 0");
    expect_html(
        "<span class=\"x\">a</span>",
        "! can't parse entities: Tag \"span\" must have class \"tg-spoiler\" at byte offset 0");
    expect_html("<a href>x</a>", "! can't parse entities: Expected equal sign in declaration of an "
                                 "attribute of the tag \"a\" at byte offset 0");
    expect_html("<b>x</b", "! can't parse entities: Unclosed end tag at byte offset 4");
}

Test(markup, text_is_trimmed_and_entities_move)
{
    expect_html("  \n<b> x </b>  ", "x|bold 0+1");
    expect_html("<b>   </b>", "");
    expect_plain("a\tb\x01 c", "a b  c");
}

Test(markup, commands_mentions_and_links_are_found)
{
    expect_plain("/start now", "/start now|bot_command 0+6");
    expect_plain("/pause@main_bot 30m", "/pause@main_bot 30m|bot_command 0+15");
    expect_plain("a/b </i> 1/2 // /\xc3\xa9", "a/b </i> 1/2 // /\xc3\xa9");
    expect_plain("\xf0\x9f\x98\x80 /x", "\xf0\x9f\x98\x80 /x|bot_command 3+2");
    expect_plain("see https://e.com/x, @asha", "see https://e.com/x, @asha|url 4+15|mention 21+5");
    expect_html("<code>/start</code>", "/start|code 0+6");
}

Test(markup, explicit_entities_are_clamped)
{
    struct json_object *list =
        json_tokener_parse("[{\"type\":\"bold\",\"offset\":0,\"length\":99},{\"type\":\"bold\","
                           "\"offset\":-4,\"length\":2},"
                           "{\"type\":\"italic\",\"offset\":1,\"length\":2147483648},{\"type\":"
                           "\"quasar\",\"offset\":0,\"length\":1},7]");
    struct sandbox_text t;
    char error[SANDBOX_MARKUP_ERR_CAP];
    cr_assert_eq(sandbox_text_parse("abc", 3, SANDBOX_PARSE_PLAIN, list, &t, error),
                 SANDBOX_MARKUP_OK);
    cr_assert_eq(t.entity_count, 2);
    cr_assert_eq(t.entities[0].length, 3);
    cr_assert_eq(t.entities[1].length, 2);
    sandbox_text_deinit(&t);
    json_object_put(list);
}

Test(markup, bad_encoding_and_raw_length_are_refused)
{
    expect_plain("\xff", "! text must be encoded in UTF-8");
    expect_plain("\xed\xa0\x80", "! text must be encoded in UTF-8");
    expect_plain("\xc0\xaf", "! text must be encoded in UTF-8");
    char *big = xalloc(SANDBOX_TEXT_RAW_MAX + 2);
    memset(big, 'x', SANDBOX_TEXT_RAW_MAX + 1);
    expect_plain(big, "! text is too long");
    mem_free(big);
}

Test(markup, survives_any_short_input)
{
    static const char alphabet[] = "<>/b =\"'&;#xa\n\xf0";
    char s[5] = "";
    size_t n = sizeof(alphabet) - 1;
    for (size_t i = 0; i < n * n * n * n; i++) {
        s[0] = alphabet[i % n], s[1] = alphabet[i / n % n], s[2] = alphabet[i / n / n % n],
        s[3] = alphabet[i / n / n / n];
        mem_free(show(s, SANDBOX_PARSE_HTML));
    }
}
