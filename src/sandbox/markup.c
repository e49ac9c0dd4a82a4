/* HTML to text and entities. One pass over the bytes copies text and keeps a stack of open tags;
 * each closing tag yields one entity. Afterwards the text is trimmed (entities move along) and
 * commands, links and mentions outside code are found. Error sentences and their byte offsets
 * follow Telegram's own parser because clients under test log and match them. Not done here:
 * Markdown, custom emoji checks. */
#include "sandbox/markup.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/jsonw.h"

#define TAG_DEPTH_MAX 32
#define TAG_NAME_CAP  24
#define ARGUMENT_MAX  2048

struct open_tag {
    char name[TAG_NAME_CAP];
    char *argument;
    int64_t offset16;
    size_t out_pos;
};

struct html {
    const char *in;
    size_t len, i;
    struct buf out;
    int64_t offset16;
    struct open_tag stack[TAG_DEPTH_MAX];
    size_t depth;
    struct sandbox_text *ret;
    char *error;
};

static const struct {
    const char *tag, *type;
} tags[] = {
    {"b", "bold"},
    {"strong", "bold"},
    {"i", "italic"},
    {"em", "italic"},
    {"u", "underline"},
    {"ins", "underline"},
    {"s", "strikethrough"},
    {"strike", "strikethrough"},
    {"del", "strikethrough"},
    {"code", "code"},
    {"pre", "pre"},
    {"a", "text_link"},
    {"blockquote", "blockquote"},
    {"tg-spoiler", "spoiler"},
    {"span", "spoiler"},
    {"tg-emoji", "custom_emoji"},
    {"tg-time", "date_time"},
};

void sandbox_text_deinit(struct sandbox_text *t)
{
    if (!t)
        return;
    t->text = mem_free(t->text);
    for (size_t i = 0; i < t->entity_count; i++)
        t->entities[i].argument = mem_free(t->entities[i].argument);
    t->entity_count = 0;
}

/* Length of the valid sequence at s, 0 when invalid. */
static size_t utf8_sequence(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n > left)
        return 0;
    for (size_t k = 1; k < n; k++)
        if ((s[k] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

bool sandbox_utf8_valid(const char *s, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = utf8_sequence((const unsigned char *)s + i, len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

size_t sandbox_code_points(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

static int64_t units16(unsigned char first)
{
    if ((first & 0xc0) == 0x80)
        return 0;
    return first >= 0xf0 ? 2 : 1;
}

static int64_t utf16_len(const char *s, size_t len)
{
    int64_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += units16((unsigned char)s[i]);
    return n;
}

static void append_code_point(struct buf *out, uint32_t c)
{
    char u[4];
    size_t n = 0;
    if (c < 0x80) {
        u[n++] = (char)c;
    } else if (c < 0x800) {
        u[n++] = (char)(0xc0 | (c >> 6));
        u[n++] = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        u[n++] = (char)(0xe0 | (c >> 12));
        u[n++] = (char)(0x80 | ((c >> 6) & 0x3f));
        u[n++] = (char)(0x80 | (c & 0x3f));
    } else {
        u[n++] = (char)(0xf0 | (c >> 18));
        u[n++] = (char)(0x80 | ((c >> 12) & 0x3f));
        u[n++] = (char)(0x80 | ((c >> 6) & 0x3f));
        u[n++] = (char)(0x80 | (c & 0x3f));
    }
    buf_append(out, u, n);
}

/* Decodes the reference at in[*pos] == '&'; 0 when it is not one (then it stays literal text). */
static uint32_t decode_reference(const char *in, size_t len, size_t *pos)
{
    static const struct {
        const char *name;
        uint32_t c;
    } named[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}};
    size_t i = *pos + 1;
    uint32_t c = 0;
    if (i < len && in[i] == '#') {
        i++;
        int base = i < len && (in[i] == 'x' || in[i] == 'X') ? 16 : 10;
        i += base == 16;
        size_t begin = i;
        while (i < len && i - begin < 8 &&
               (base == 16 ? isxdigit((unsigned char)in[i]) : isdigit((unsigned char)in[i]))) {
            int d = isdigit((unsigned char)in[i]) ? in[i] - '0'
                                                  : (tolower((unsigned char)in[i]) - 'a') + 10;
            c = c * (uint32_t)base + (uint32_t)d;
            i++;
        }
        if (i == begin || c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
            return 0;
    } else {
        size_t begin = i;
        while (i < len && isalpha((unsigned char)in[i]))
            i++;
        for (size_t k = 0; k < TR_ARRAY_SIZE(named); k++)
            if (strlen(named[k].name) == i - begin &&
                strncmp(in + begin, named[k].name, i - begin) == 0)
                c = named[k].c;
        if (c == 0)
            return 0;
    }
    if (i < len && in[i] == ';')
        i++;
    *pos = i;
    return c;
}

static bool refuse(struct html *h, const char *fmt, ...) TR_PRINTF(2, 3);
static bool refuse(struct html *h, const char *fmt, ...)
{
    char text[SANDBOX_MARKUP_ERR_CAP - 32];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    (void)snprintf(h->error, SANDBOX_MARKUP_ERR_CAP, "can't parse entities: %s", text);
    return false;
}

static const char *tag_type(const char *tag)
{
    for (size_t k = 0; k < TR_ARRAY_SIZE(tags); k++)
        if (strcmp(tags[k].tag, tag) == 0)
            return tags[k].type;
    return NULL;
}

static char cur(const struct html *h)
{
    return h->i < h->len ? h->in[h->i] : '\0';
}

static void skip_space(struct html *h)
{
    while (h->i < h->len && isspace((unsigned char)h->in[h->i]))
        h->i++;
}

static void take_name(struct html *h, const char *stop, char *out, size_t cap)
{
    size_t n = 0;
    while (h->i < h->len && !isspace((unsigned char)cur(h)) && !strchr(stop, cur(h))) {
        if (n + 1 < cap)
            out[n++] = (char)tolower((unsigned char)cur(h));
        h->i++;
    }
    out[n] = '\0';
}

/* The value after '='. False: the error is set. */
static bool take_value(struct html *h, struct buf *value, size_t tag_pos)
{
    char quote = cur(h);
    if (quote != '"' && quote != '\'') {
        size_t begin = h->i;
        while (isalnum((unsigned char)cur(h)) || cur(h) == '.' || cur(h) == '-') {
            buf_putc(value, (char)tolower((unsigned char)cur(h)));
            h->i++;
        }
        if (h->i < h->len && !isspace((unsigned char)cur(h)) && cur(h) != '>')
            return refuse(h, "Unexpected end of name token at byte offset %zu", begin);
    } else {
        h->i++;
        while (h->i < h->len && cur(h) != quote) {
            uint32_t c = cur(h) == '&' ? decode_reference(h->in, h->len, &h->i) : 0;
            if (c)
                append_code_point(value, c);
            else
                buf_putc(value, h->in[h->i++]);
        }
        if (h->i < h->len)
            h->i++;
    }
    if (h->i >= h->len)
        return refuse(h, "Unclosed start tag at byte offset %zu", tag_pos);
    return true;
}

static bool is_argument(const char *tag, const char *attribute, const char *value)
{
    return (strcmp(tag, "a") == 0 && strcmp(attribute, "href") == 0) ||
           (strcmp(tag, "code") == 0 && strcmp(attribute, "class") == 0 &&
            str_starts(value, "language-")) ||
           (strcmp(tag, "span") == 0 && strcmp(attribute, "class") == 0 &&
            str_starts(value, "tg-")) ||
           (strcmp(tag, "tg-emoji") == 0 && strcmp(attribute, "emoji-id") == 0) ||
           (strcmp(tag, "tg-time") == 0 && strcmp(attribute, "unix") == 0) ||
           (strcmp(tag, "blockquote") == 0 && strcmp(attribute, "expandable") == 0);
}

static bool take_attribute(struct html *h, struct open_tag *tag, size_t tag_pos)
{
    char name[TAG_NAME_CAP];
    struct buf value TR_CLEANUP(buf_deinit);
    buf_init(&value, ARGUMENT_MAX);
    take_name(h, "=>", name, sizeof(name));
    if (!name[0])
        return refuse(h, "Empty attribute name in the tag \"%s\" at byte offset %zu", tag->name,
                      tag_pos);
    skip_space(h);
    if (cur(h) == '=') {
        h->i++;
        skip_space(h);
        if (h->i >= h->len)
            return refuse(h, "Unclosed start tag at byte offset %zu", tag_pos);
        if (!take_value(h, &value, tag_pos))
            return false;
    } else if (strcmp(tag->name, "blockquote") != 0 || strcmp(name, "expandable") != 0) {
        return refuse(h,
                      "Expected equal sign in declaration of an attribute of the tag \"%s\" at "
                      "byte offset %zu",
                      tag->name, tag_pos);
    }
    if (is_argument(tag->name, name, value.data)) {
        (void)mem_free(tag->argument);
        tag->argument = xstrdup(strcmp(name, "expandable") == 0 ? name : value.data);
    }
    return true;
}

static bool open_tag(struct html *h)
{
    size_t pos = h->i++;
    struct open_tag tag = {.offset16 = h->offset16, .out_pos = h->out.len};
    take_name(h, ">", tag.name, sizeof(tag.name));
    if (h->i >= h->len)
        return refuse(h, "Unclosed start tag at byte offset %zu", pos);
    if (!tag_type(tag.name))
        return refuse(h, "Unsupported start tag \"%s\" at byte offset %zu", tag.name, pos);
    bool ok = true;
    while (ok && cur(h) != '>') {
        skip_space(h);
        if (cur(h) == '>')
            break;
        if (h->i >= h->len)
            ok = refuse(h, "Unclosed start tag at byte offset %zu", pos);
        else
            ok = take_attribute(h, &tag, pos);
    }
    if (ok && strcmp(tag.name, "span") == 0 && !str_eq(tag.argument, "tg-spoiler"))
        ok = refuse(h, "Tag \"span\" must have class \"tg-spoiler\" at byte offset %zu", pos);
    if (ok && h->depth == TAG_DEPTH_MAX)
        ok = refuse(h, "Too many nested tags at byte offset %zu", pos);
    if (!ok) {
        (void)mem_free(tag.argument);
        return false;
    }
    h->i++;
    h->stack[h->depth++] = tag;
    return true;
}

/* Telegram drops links it cannot follow; the text stays. */
static bool is_link(const char *url)
{
    if (str_starts(url, "http://") || str_starts(url, "https://") || str_starts(url, "tg://") ||
        str_starts(url, "mailto:") || str_starts(url, "tel:"))
        return true;
    return !strchr(url, ':') && strchr(url, '.');
}

static void add_entity(struct sandbox_text *t, const char *type, int64_t offset, int64_t length,
                       const char *argument)
{
    TR_ASSERT(offset >= 0);
    if (length <= 0 || t->entity_count == SANDBOX_ENTITIES_MAX)
        return;
    t->entities[t->entity_count++] = (struct sandbox_entity){
        .type = type, .offset = offset, .length = length, .argument = xstrdup(argument)};
}

static void close_entity(struct html *h, struct open_tag *tag)
{
    const char *type = tag_type(tag->name);
    TR_ASSERT(type);
    const char *argument = tag->argument;
    int64_t length = h->offset16 - tag->offset16;
    TR_ASSERT(length >= 0);
    if (strcmp(tag->name, "a") == 0) {
        const char *url = argument && argument[0] ? argument : h->out.data + tag->out_pos;
        if (is_link(url))
            add_entity(h->ret, type, tag->offset16, length, url);
        return;
    }
    if (strcmp(tag->name, "pre") == 0 && h->ret->entity_count > 0) {
        /* <pre><code class="language-x">: one entity with a language */
        struct sandbox_entity *last = &h->ret->entities[h->ret->entity_count - 1];
        if (strcmp(last->type, "code") == 0 && last->offset == tag->offset16 &&
            last->length == length && last->argument) {
            last->type = "pre";
            return;
        }
    }
    if (strcmp(tag->name, "blockquote") == 0 && argument)
        type = "expandable_blockquote";
    bool keep = strcmp(tag->name, "code") == 0 || strcmp(tag->name, "tg-emoji") == 0 ||
                strcmp(tag->name, "tg-time") == 0;
    add_entity(h->ret, type, tag->offset16, length, keep ? argument : NULL);
}

static bool close_tag(struct html *h)
{
    size_t pos = h->i;
    char name[TAG_NAME_CAP];
    if (h->depth == 0)
        return refuse(h, "Unexpected end tag at byte offset %zu", pos);
    h->i += 2;
    take_name(h, ">", name, sizeof(name));
    skip_space(h);
    if (cur(h) != '>')
        return refuse(h, "Unclosed end tag at byte offset %zu", pos);
    struct open_tag *tag = &h->stack[h->depth - 1];
    if (name[0] && strcmp(name, tag->name) != 0)
        return refuse(h,
                      "Unmatched end tag at byte offset %zu, expected \"</%s>\", found \"</%s>\"",
                      pos, tag->name, name);
    h->i++;
    close_entity(h, tag);
    tag->argument = mem_free(tag->argument);
    h->depth--;
    return true;
}

static bool parse_html(struct html *h)
{
    while (h->i < h->len) {
        char c = cur(h);
        if (c == '<') {
            bool closing = h->i + 1 < h->len && h->in[h->i + 1] == '/';
            if (!(closing ? close_tag(h) : open_tag(h)))
                return false;
            continue;
        }
        uint32_t ref = c == '&' ? decode_reference(h->in, h->len, &h->i) : 0;
        if (ref) {
            h->offset16 += ref > 0xffff ? 2 : 1;
            append_code_point(&h->out, ref);
            continue;
        }
        h->offset16 += units16((unsigned char)c);
        buf_putc(&h->out, c);
        h->i++;
    }
    if (h->depth > 0)
        return refuse(h, "Can't find end tag corresponding to start tag \"%s\"",
                      h->stack[h->depth - 1].name);
    return true;
}

/* Control characters become spaces (they occupy one unit either way, so offsets stay). */
static void clean_controls(char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] < 0x20 && s[i] != '\n')
            s[i] = ' ';
}

static void trim(struct sandbox_text *t)
{
    size_t begin = 0, end = t->len;
    while (end > 0 && (t->text[end - 1] == ' ' || t->text[end - 1] == '\n'))
        end--;
    while (begin < end && (t->text[begin] == ' ' || t->text[begin] == '\n'))
        begin++;
    int64_t cut = (int64_t)begin;
    memmove(t->text, t->text + begin, end - begin);
    t->len = end - begin;
    t->text[t->len] = '\0';
    int64_t total = utf16_len(t->text, t->len);
    size_t kept = 0;
    for (size_t i = 0; i < t->entity_count; i++) {
        struct sandbox_entity e = t->entities[i];
        int64_t from = e.offset - cut, to = from + e.length;
        from = from < 0 ? 0 : from;
        to = to > total ? total : to;
        if (from >= to) {
            (void)mem_free(e.argument);
            continue;
        }
        e.offset = from;
        e.length = to - from;
        t->entities[kept++] = e;
    }
    t->entity_count = kept;
}

static const char *known_type(const char *name)
{
    static const char *const extra[] = {"mention",      "hashtag",      "cashtag",
                                        "bot_command",  "url",          "email",
                                        "phone_number", "text_mention", "expandable_blockquote"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(tags); i++)
        if (str_eq(tags[i].type, name))
            return tags[i].type;
    for (size_t i = 0; i < TR_ARRAY_SIZE(extra); i++)
        if (str_eq(extra[i], name))
            return extra[i];
    return NULL;
}

static const char *member_string(struct json_object *o, const char *name)
{
    struct json_object *v = NULL;
    return json_object_object_get_ex(o, name, &v) && json_object_is_type(v, json_type_string)
               ? json_object_get_string(v)
               : NULL;
}

static int64_t member_i64(struct json_object *o, const char *name)
{
    struct json_object *v = NULL;
    return json_object_object_get_ex(o, name, &v) ? json_object_get_int64(v) : 0;
}

/* Offsets come from outside: clamped to the text by trim(). */
static void take_explicit(struct sandbox_text *t, struct json_object *list)
{
    if (!json_object_is_type(list, json_type_array))
        return;
    int64_t total = utf16_len(t->text, t->len);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *o = json_object_array_get_idx(list, i);
        if (!json_object_is_type(o, json_type_object))
            continue;
        const char *type = known_type(member_string(o, "type"));
        int64_t offset = member_i64(o, "offset"), length = member_i64(o, "length");
        if (!type || offset < 0 || offset >= total || length <= 0)
            continue;
        const char *argument = member_string(o, "url");
        argument = argument ? argument : member_string(o, "language");
        add_entity(t, type, offset, length > total - offset ? total - offset : length, argument);
    }
}

static bool is_covered(const struct sandbox_text *t, int64_t offset)
{
    for (size_t i = 0; i < t->entity_count; i++) {
        const struct sandbox_entity *e = &t->entities[i];
        bool opaque = strcmp(e->type, "code") == 0 || strcmp(e->type, "pre") == 0 ||
                      strcmp(e->type, "text_link") == 0 || strcmp(e->type, "bot_command") == 0 ||
                      strcmp(e->type, "url") == 0 || strcmp(e->type, "mention") == 0;
        if (opaque && offset >= e->offset && offset < e->offset + e->length)
            return true;
    }
    return false;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static size_t word_end(const char *s, size_t i, bool at_sign)
{
    while (s[i] && (((unsigned char)s[i] < 0x80 && is_word(s[i])) || (at_sign && s[i] == '@')))
        i++;
    return i;
}

/* Length in bytes of a command, mention or link that starts at i; 0 = none. */
static size_t find_automatic(const char *s, size_t i, const char **ret_type)
{
    bool fresh = i == 0 || !(is_word(s[i - 1]) || strchr("/@<>", s[i - 1]));
    if (!fresh)
        return 0;
    if (s[i] == '/' && is_word(s[i + 1])) {
        *ret_type = "bot_command";
        size_t end = word_end(s, i + 1, true);
        bool bounded = s[end] == '\0' || !strchr("/<>", s[end]);
        return bounded && end > i + 1 && end - i <= 64 ? end - i : 0;
    }
    if (s[i] == '@') {
        *ret_type = "mention";
        size_t end = word_end(s, i + 1, false);
        return end - i >= 4 && end - i <= 33 ? end - i : 0;
    }
    if (str_starts(s + i, "http://") || str_starts(s + i, "https://")) {
        *ret_type = "url";
        size_t n = strcspn(s + i, " \n<>\"");
        while (n > 0 && strchr(".,;:!?)", s[i + n - 1]))
            n--;
        return n > 8 ? n : 0;
    }
    return 0;
}

static void add_automatic(struct sandbox_text *t)
{
    int64_t offset16 = 0;
    for (size_t i = 0; i < t->len;) {
        const char *type = NULL;
        size_t n = find_automatic(t->text, i, &type);
        if (n > 0 && !is_covered(t, offset16)) {
            int64_t units = utf16_len(t->text + i, n);
            add_entity(t, type, offset16, units, NULL);
            offset16 += units;
            i += n;
            continue;
        }
        offset16 += units16((unsigned char)t->text[i]);
        i++;
    }
}

static int compare_entities(const void *a, const void *b)
{
    const struct sandbox_entity *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->length != y->length)
        return x->length > y->length ? -1 : 1;
    return 0;
}

static enum sandbox_markup_result refused(char *error, const char *text)
{
    (void)str_copy(error, SANDBOX_MARKUP_ERR_CAP, text);
    return SANDBOX_MARKUP_E_REFUSED;
}

enum sandbox_markup_result sandbox_text_parse(const char *raw, size_t len,
                                              enum sandbox_parse_mode mode,
                                              struct json_object *explicit_entities,
                                              struct sandbox_text *ret,
                                              char error[SANDBOX_MARKUP_ERR_CAP])
{
    TR_ASSERT(raw && ret && error);
    memset(ret, 0, sizeof(*ret));
    if (len > SANDBOX_TEXT_RAW_MAX)
        return refused(error, "text is too long");
    if (!sandbox_utf8_valid(raw, len))
        return refused(error, "text must be encoded in UTF-8");
    struct html h = {.in = raw, .len = len, .ret = ret, .error = error};
    buf_init(&h.out, SANDBOX_TEXT_RAW_MAX + 1);
    bool ok = true;
    if (mode == SANDBOX_PARSE_HTML)
        ok = parse_html(&h);
    else
        buf_append(&h.out, raw, len);
    while (h.depth > 0)
        (void)mem_free(h.stack[--h.depth].argument);
    ret->len = h.out.len;
    ret->text = buf_take(&h.out);
    buf_deinit(&h.out);
    if (!ok) {
        sandbox_text_deinit(ret);
        return SANDBOX_MARKUP_E_REFUSED;
    }
    clean_controls(ret->text, ret->len);
    if (mode != SANDBOX_PARSE_HTML && explicit_entities)
        take_explicit(ret, explicit_entities);
    trim(ret);
    add_automatic(ret);
    if (ret->entity_count > 1)
        qsort(ret->entities, ret->entity_count, sizeof(ret->entities[0]), compare_entities);
    return SANDBOX_MARKUP_OK;
}

char *sandbox_entities_json(const struct sandbox_text *t)
{
    if (t->entity_count == 0)
        return NULL;
    struct buf out;
    struct jsonw w;
    buf_init(&out, 1024 * 1024);
    jsonw_init(&w, &out);
    jsonw_array_begin(&w, NULL);
    for (size_t i = 0; i < t->entity_count; i++) {
        const struct sandbox_entity *e = &t->entities[i];
        jsonw_object_begin(&w, NULL);
        jsonw_i64(&w, "offset", e->offset);
        jsonw_i64(&w, "length", e->length);
        jsonw_str(&w, "type", e->type);
        if (e->argument && strcmp(e->type, "text_link") == 0)
            jsonw_str(&w, "url", e->argument);
        if (e->argument && (strcmp(e->type, "pre") == 0 || strcmp(e->type, "code") == 0) &&
            str_starts(e->argument, "language-"))
            jsonw_str(&w, "language", e->argument + 9);
        else if (e->argument && strcmp(e->type, "pre") == 0)
            jsonw_str(&w, "language", e->argument);
        if (e->argument && strcmp(e->type, "custom_emoji") == 0)
            jsonw_str(&w, "custom_emoji_id", e->argument);
        if (e->argument && strcmp(e->type, "date_time") == 0)
            jsonw_i64(&w, "unix_time", strtoll(e->argument, NULL, 10));
        jsonw_object_end(&w);
    }
    jsonw_array_end(&w);
    TR_ASSERT(!buf_failed(&out));
    char *text = buf_take(&out);
    buf_deinit(&out);
    return text;
}
