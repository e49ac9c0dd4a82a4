#include "conf/conf_runtime.h"

#include <string.h>

#include "core/alloc.h"

#define LIST_TEXT_MAX 4096
#define WORD_CAP      64

static const struct conf_section *trader_section(void)
{
    for (size_t i = 0; i < conf_section_count; i++)
        if (str_eq(conf_sections[i].path, "traders"))
            return &conf_sections[i];
    TR_ASSERT(false && "traders are a section");
    return NULL;
}

static bool ends_in(const char *path, const char *tail)
{
    size_t n = strlen(path), m = strlen(tail);
    return n > m && path[n - m - 1] == '.' && str_eq(path + n - m, tail);
}

/* What is built once at start: the venue, the queue, names and folders. Which program runs is for
 * whoever may write the file to say, not for a chat. */
static bool needs_restart(const char *path)
{
    static const char *const of_programs[] = {"path", "args", "deadline_ms", "memory_bytes",
                                              "cpu_s"};
    static const char *const whole[] = {"id",
                                        "symbol_default",
                                        "queue_capacity",
                                        "price_interval_ms",
                                        "shadow.legacy_db",
                                        "shadow.legacy_db_poll_ms"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(whole); i++)
        if (str_eq(path, whole[i]))
            return true;
    for (size_t i = 0; i < TR_ARRAY_SIZE(of_programs); i++)
        if (str_starts(path, "plugins.outside_") && ends_in(path, of_programs[i]))
            return true;
    return str_starts(path, "broker.");
}

const struct conf_key *conf_runtime_at(size_t i)
{
    const struct conf_section *s = trader_section();
    for (size_t k = 0; k < s->count; k++)
        if (!needs_restart(s->keys[k].path) && i-- == 0)
            return &s->keys[k];
    return NULL;
}

const struct conf_key *conf_runtime_find(const char *path)
{
    const struct conf_section *s = trader_section();
    for (size_t k = 0; k < s->count; k++)
        if (str_eq(s->keys[k].path, path))
            return needs_restart(path) ? NULL : &s->keys[k];
    return NULL;
}

/* Letters both have in the same order from either end: enough to tell a slip from another key. */
static size_t common_ends(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b), head = 0, tail = 0;
    while (a[head] != '\0' && a[head] == b[head])
        head++;
    while (tail < na - head && tail < nb - head && a[na - tail - 1] == b[nb - tail - 1])
        tail++;
    return head + tail;
}

const struct conf_key *conf_runtime_suggest(const char *typed)
{
    const struct conf_key *best = NULL;
    size_t best_common = strlen(typed) * 3 / 4;
    const struct conf_key *k;
    for (size_t i = 0; (k = conf_runtime_at(i)) != NULL; i++) {
        if (ends_in(k->path, typed))
            return k;
        size_t common = common_ends(k->path, typed);
        if (common > best_common) {
            best = k;
            best_common = common;
        }
    }
    return best;
}

/* A list replaces what was there; all of it or nothing. */
static bool set_list(const struct conf_key *k, void *base, const char *text)
{
    char word[WORD_CAP];
    int *count = (int *)((char *)base + k->count_offset);
    *count = 0;
    while (*text != '\0') {
        size_t n = strcspn(text, ", ");
        if (n >= sizeof word)
            return false;
        memcpy(word, text, n);
        word[n] = '\0';
        if (n > 0 && !conf_key_set(k, base, word))
            return false;
        text += n;
        text += strspn(text, ", ");
    }
    return true;
}

bool conf_runtime_set(struct conf_trader *t, const struct conf_key *k, const char *text)
{
    TR_ASSERT(t != NULL && text != NULL);
    if (k->type == CONF_SECRET)
        return false;
    if (k->type != CONF_STRINGS)
        return conf_key_set(k, t, text);
    struct conf_trader *scratch TR_CLEANUP(mem_freep) = xalloc(sizeof(*scratch));
    *scratch = *t;
    if (!set_list(k, scratch, text))
        return false;
    *t = *scratch;
    return true;
}

void conf_runtime_get(const struct conf_trader *t, const struct conf_key *k, struct buf *out)
{
    TR_ASSERT(t != NULL && out != NULL);
    if (k->type != CONF_STRINGS) {
        conf_key_get(k, t, out);
        return;
    }
    int count = *(const int *)((const char *)t + k->count_offset);
    const char *first = (const char *)t + k->offset;
    for (int i = 0; i < count; i++)
        buf_printf(out, "%s%s", i > 0 ? "," : "", first + (size_t)i * k->size);
}

bool conf_runtime_check(const struct conf_key *k, const char *text, char *ret, size_t cap)
{
    struct conf_trader *scratch TR_CLEANUP(mem_freep) = xalloc(sizeof(*scratch));
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, LIST_TEXT_MAX);
    if (!conf_runtime_set(scratch, k, text))
        return false;
    conf_runtime_get(scratch, k, &out);
    return !buf_failed(&out) && str_copy(ret, cap, out.len > 0 ? out.data : "");
}
