/* Cuts HTML into messages. Tokens are copied into the current piece while it, with the closing tags
 * of everything open, stays within the limit. When the next token does not fit, the piece ends at
 * the best place seen so far (after a line end, else after a space, else here), open tags are
 * closed, and the next piece starts by opening them again. Places are remembered as marks: a copy
 * of the state at that point; going back to a mark re-reads at most one piece of source, so the
 * work stays linear.
 *
 * Pieces are valid whatever came in: stray "<" and "&" are escaped, closing tags nobody opened are
 * left out, wrong nesting is straightened, and tags that would fill half a message are dropped. */
#include "telegram/html_token.h"

#include <string.h>

#include "core/alloc.h"

#define OPEN_MAX         16 /* nested tags; deeper ones are left out */
#define PIECES_MAX_BYTES (1u << 20)

struct open_tag {
    const char *source; /* the opening tag as written */
    size_t len;
    const char *name;
};

/* Everything that going back to a mark must restore. */
struct split_state {
    const char *at; /* next unread source */
    size_t out_len; /* bytes of the current piece */
    size_t units;   /* UTF-16 units of the current piece */
    struct open_tag open[OPEN_MAX];
    int open_count;
    size_t open_units;  /* what reopening costs */
    size_t close_units; /* what closing costs */
    bool has_text;
};

struct splitter {
    size_t max;
    struct buf out; /* current piece */
    struct split_state now;
    struct split_state mark; /* last line end, or last space */
    bool has_mark, mark_is_line;
    char **pieces;
    size_t count, cap;
};

static size_t units_of(const char *p, size_t len)
{
    size_t units = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)p[i];
        units += (c & 0xc0) != 0x80 ? (c >= 0xf0 ? 2u : 1u) : 0u;
    }
    return units;
}

static size_t close_units(const char *name)
{
    return strlen(name) + 3; /* "</" and ">" */
}

static void put(struct splitter *s, const char *p, size_t len)
{
    buf_append(&s->out, p, len);
    s->now.units += units_of(p, len);
}

static void put_close(struct splitter *s, const char *name)
{
    put(s, "</", 2);
    put(s, name, strlen(name));
    put(s, ">", 1);
}

static void keep_piece(struct splitter *s)
{
    for (int i = s->now.open_count - 1; i >= 0; i--)
        put_close(s, s->now.open[i].name);
    TR_ASSERT(s->now.units <= s->max);
    TR_ASSERT(!buf_failed(&s->out));
    if (s->count == s->cap) {
        size_t cap = s->cap == 0 ? 4 : s->cap * 2;
        char **grown = xcalloc(cap, sizeof(*grown));
        if (s->count > 0)
            memcpy(grown, s->pieces, s->count * sizeof(*grown));
        mem_free(s->pieces);
        s->pieces = grown;
        s->cap = cap;
    }
    s->pieces[s->count++] = xstrndup(s->out.data, s->out.len);
}

/* The piece up to now becomes a message (tags without text are not one); the next one starts with
 * the tags that were open. */
static void end_piece(struct splitter *s)
{
    if (s->now.has_text)
        keep_piece(s);
    buf_reset(&s->out);
    s->now.units = 0;
    s->now.has_text = false;
    s->has_mark = false;
    for (int i = 0; i < s->now.open_count; i++)
        put(s, s->now.open[i].source, s->now.open[i].len);
}

static void go_back(struct splitter *s)
{
    TR_ASSERT(s->has_mark && s->mark.out_len <= s->out.len);
    s->now = s->mark;
    s->out.len = s->mark.out_len;
    s->out.data[s->out.len] = 0;
}

static void set_mark(struct splitter *s, bool is_line)
{
    if (s->has_mark && s->mark_is_line && !is_line)
        return;
    s->now.out_len = s->out.len;
    s->mark = s->now;
    s->has_mark = true;
    s->mark_is_line = is_line;
}

/* A tag is taken when all open tags together leave half of every piece for text. */
static void open_tag(struct splitter *s, const char *p, const struct html_token *t)
{
    size_t open_cost = units_of(p, t->len);
    size_t cost = s->now.open_units + s->now.close_units + open_cost + close_units(t->tag);
    if (s->now.open_count == OPEN_MAX || cost > s->max / 2)
        return;
    if (s->now.units + open_cost + s->now.close_units + close_units(t->tag) > s->max)
        end_piece(s);
    put(s, p, t->len);
    s->now.open[s->now.open_count++] = (struct open_tag){p, t->len, t->tag};
    s->now.open_units += open_cost;
    s->now.close_units += close_units(t->tag);
}

static void close_tag(struct splitter *s, const struct html_token *t)
{
    int i = s->now.open_count - 1;
    while (i >= 0 && s->now.open[i].name != t->tag)
        i--;
    if (i < 0)
        return; /* nobody opened it, or it was dropped */
    while (s->now.open_count > i) {
        const struct open_tag *top = &s->now.open[--s->now.open_count];
        put_close(s, top->name);
        s->now.open_units -= units_of(top->source, top->len);
        s->now.close_units -= close_units(top->name);
    }
}

/* Returns false when the piece had to be ended first: read again from now.at. */
static bool take_text(struct splitter *s, const char *p, const struct html_token *t)
{
    const char *text = p;
    size_t len = t->len;
    if (t->kind == HTML_TOKEN_TEXT && (*p == '<' || *p == '&')) {
        text = *p == '<' ? "&lt;" : "&amp;";
        len = strlen(text);
    }
    if (s->now.units + units_of(text, len) + s->now.close_units > s->max) {
        if (s->has_mark)
            go_back(s);
        end_piece(s);
        return false;
    }
    put(s, text, len);
    s->now.has_text = true;
    return true;
}

static void step(struct splitter *s)
{
    struct html_token t;
    const char *p = s->now.at;
    html_token_read(p, &t);
    switch (t.kind) {
    case HTML_TOKEN_OPEN:
        open_tag(s, p, &t);
        break;
    case HTML_TOKEN_CLOSE:
        close_tag(s, &t);
        break;
    case HTML_TOKEN_TEXT:
    case HTML_TOKEN_ENTITY:
        if (!take_text(s, p, &t))
            return;
        break;
    case HTML_TOKEN_UNSET:
    case HTML_TOKEN_KIND_COUNT:
        TR_ASSERT(false);
    }
    s->now.at = p + t.len;
    if (t.kind == HTML_TOKEN_TEXT && (t.cp == '\n' || t.cp == ' '))
        set_mark(s, t.cp == '\n');
}

char **text_split_html(const char *html, size_t max_utf16, size_t *ret_count)
{
    TR_ASSERT(html != NULL && max_utf16 >= 64);
    char *clean TR_CLEANUP(mem_freep) = html_sanitised(html);
    struct splitter s = {.max = max_utf16};
    buf_init(&s.out, PIECES_MAX_BYTES + max_utf16 * 4);
    s.now.at = clean;
    while (*s.now.at != 0)
        step(&s);
    end_piece(&s);
    buf_deinit(&s.out);
    *ret_count = s.count;
    return s.pieces;
}

void text_pieces_free(char **pieces, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mem_free(pieces[i]);
    mem_free(pieces);
}
