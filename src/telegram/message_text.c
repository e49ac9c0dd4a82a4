/* The text rules of Telegram. One tokeniser reads HTML the way Telegram does: a token is a known
 * tag, an entity, or one code point of text; everything else that looks like markup ("<3",
 * "&copy;", unknown tags) is text. Plain text and the splitter (html_split.c) both use it, so what
 * the splitter keeps is exactly what the plain fallback shows. Input is sanitised first: nothing
 * here ever hands out invalid UTF-8 or control characters. No entity offsets, no Markdown: we only
 * send HTML. */
#include "telegram/html_token.h"

#include <string.h>

#include "core/alloc.h"

/* Length of the valid UTF-8 sequence at p (1..4), 0 when there is none. */
static size_t utf8_sequence(const unsigned char *p, size_t left, uint32_t *ret_cp)
{
    if (left == 0)
        return 0;
    if (p[0] < 0x80) {
        *ret_cp = p[0];
        return 1;
    }
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || len > left)
        return 0;
    uint32_t cp = p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        cp = (cp << 6) | (p[i] & 0x3fu);
    }
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (cp < least[len] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
        return 0;
    *ret_cp = cp;
    return len;
}

size_t text_utf16_len(const char *utf8)
{
    size_t units = 0;
    for (const unsigned char *p = (const unsigned char *)utf8; *p != 0; p++)
        units += (*p & 0xc0) != 0x80 ? (*p >= 0xf0 ? 2u : 1u) : 0u;
    return units;
}

bool text_is_valid_utf8(const char *s, size_t len)
{
    const unsigned char *p = (const unsigned char *)s;
    uint32_t cp = 0;
    for (size_t i = 0; i < len;) {
        size_t n = utf8_sequence(p + i, len - i, &cp);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

/* C0 and C1 controls, and the bidirectional overrides that make text read other than it is. */
static bool is_unwanted(uint32_t cp)
{
    if (cp == '\n' || cp == '\t')
        return false;
    return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x202a && cp <= 0x202e) ||
           (cp >= 0x2066 && cp <= 0x2069);
}

void text_sanitise(struct buf *out, const char *s, size_t len)
{
    TR_ASSERT(s != NULL || len == 0);
    const unsigned char *p = (const unsigned char *)s;
    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        size_t n = utf8_sequence(p + i, len - i, &cp);
        if (n == 0)
            buf_puts(out, "\xef\xbf\xbd");
        else if (!is_unwanted(cp))
            buf_append(out, p + i, n);
        i += n == 0 ? 1 : n;
    }
}

void utf8_put(struct buf *out, uint32_t cp)
{
    TR_ASSERT(cp <= 0x10ffff && !(cp >= 0xd800 && cp <= 0xdfff));
    if (cp < 0x80) {
        buf_putc(out, (char)cp);
        return;
    }
    int more = cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
    static const unsigned lead[4] = {0, 0xc0, 0xe0, 0xf0};
    buf_putc(out, (char)(lead[more] | (cp >> (6 * more))));
    for (int i = more - 1; i >= 0; i--)
        buf_putc(out, (char)(0x80u | ((cp >> (6 * i)) & 0x3fu)));
}

/* ---- tokens ---- */

/* The longest tag that is still a tag; a link may carry a URL of 2,048 bytes. */
#define TAG_MAX_BYTES 2200
/* "&#x10FFFF;" with a few leading zeros. */
#define ENTITY_MAX_BYTES 12

static const char *const known_tags[] = {
    "a", "b",    "blockquote", "code",   "del",      "em",         "i",       "ins", "pre",
    "s", "span", "strike",     "strong", "tg-emoji", "tg-spoiler", "tg-time", "u",
};

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

static const char *find_known_tag(const char *name, size_t len)
{
    for (size_t i = 0; i < TR_ARRAY_SIZE(known_tags); i++)
        if (strlen(known_tags[i]) == len && strncasecmp(known_tags[i], name, len) == 0)
            return known_tags[i];
    return NULL;
}

/* The end of the tag whose attributes start at p (quotes are respected), NULL when it never ends.
 */
static const char *tag_end(const char *start, const char *p)
{
    char quote = 0;
    for (; *p != 0 && p - start < TAG_MAX_BYTES; p++) {
        if (quote != 0)
            quote = *p == quote ? (char)0 : quote;
        else if (*p == '"' || *p == '\'')
            quote = *p;
        else if (*p == '>')
            return p + 1;
        else if (*p == '<')
            return NULL;
    }
    return NULL;
}

static bool read_tag(const char *p, struct html_token *ret)
{
    bool closing = p[1] == '/';
    const char *name = p + (closing ? 2 : 1);
    size_t len = 0;
    while (is_name_char(name[len]))
        len++;
    const char *known = find_known_tag(name, len);
    if (known == NULL)
        return false;
    const char *after = name + len;
    if (*after != '>' && (closing || (*after != ' ' && *after != '\n')))
        return false;
    const char *end = tag_end(p, after);
    if (end == NULL)
        return false;
    *ret = (struct html_token){.kind = closing ? HTML_TOKEN_CLOSE : HTML_TOKEN_OPEN,
                               .len = (size_t)(end - p),
                               .tag = known};
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_numeric_entity(const char *p, struct html_token *ret)
{
    uint32_t base = p[2] == 'x' || p[2] == 'X' ? 16 : 10;
    size_t i = base == 16 ? 3 : 2;
    size_t first = i;
    uint32_t cp = 0;
    for (; i < ENTITY_MAX_BYTES; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0 || (uint32_t)digit >= base)
            break;
        cp = cp > 0x10ffff ? cp : cp * base + (uint32_t)digit;
    }
    if (i == first || p[i] != ';' || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff) ||
        is_unwanted(cp))
        return false;
    *ret = (struct html_token){.kind = HTML_TOKEN_ENTITY, .len = i + 1, .cp = cp};
    return true;
}

static bool read_entity(const char *p, struct html_token *ret)
{
    static const struct {
        const char *text;
        char c;
    } named[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(named); i++) {
        size_t len = strlen(named[i].text);
        if (strncmp(p, named[i].text, len) == 0) {
            *ret = (struct html_token){
                .kind = HTML_TOKEN_ENTITY, .len = len, .cp = (unsigned char)named[i].c};
            return true;
        }
    }
    return p[1] == '#' && read_numeric_entity(p, ret);
}

void html_token_read(const char *p, struct html_token *ret)
{
    TR_ASSERT(*p != 0);
    if (*p == '<' && read_tag(p, ret))
        return;
    if (*p == '&' && read_entity(p, ret))
        return;
    uint32_t cp = 0;
    size_t n = utf8_sequence((const unsigned char *)p, strnlen(p, 4), &cp);
    TR_ASSERT(n > 0); /* sanitised before */
    *ret = (struct html_token){.kind = HTML_TOKEN_TEXT, .len = n, .cp = cp};
}

char *html_sanitised(const char *html)
{
    struct buf clean TR_CLEANUP(buf_deinit) = {0};
    size_t len = strlen(html);
    buf_init(&clean, len * 3 + 1); /* a bad byte becomes three */
    text_sanitise(&clean, html, len);
    return buf_take(&clean);
}

void text_html_to_plain(struct buf *out, const char *html)
{
    char *clean TR_CLEANUP(mem_freep) = html_sanitised(html);
    struct html_token t;
    for (const char *p = clean; *p != 0; p += t.len) {
        html_token_read(p, &t);
        if (t.kind == HTML_TOKEN_TEXT || t.kind == HTML_TOKEN_ENTITY)
            utf8_put(out, t.cp);
    }
}
