/* conf/conf_diff.c: see conf_diff.h. */
#include "conf/conf_diff.h"

#include <stdio.h>
#include <string.h>

#include "conf/conf_runtime.h"
#include "core/alloc.h"

#define TEXT_MAX_BYTES 4096
#define PATH_CAP       128

static bool is_same_list(const struct conf_key *k, const char *a, const char *b)
{
    int n = *(const int *)(const void *)(a + k->count_offset);
    if (n != *(const int *)(const void *)(b + k->count_offset))
        return false;
    for (int i = 0; i < n; i++)
        if (strcmp(a + k->offset + (size_t)i * k->size, b + k->offset + (size_t)i * k->size) != 0)
            return false;
    return true;
}

static bool is_same(const struct conf_key *k, const void *a, const void *b)
{
    const char *at_a = (const char *)a + k->offset, *at_b = (const char *)b + k->offset;
    switch (k->type) {
    case CONF_STRINGS:
        return is_same_list(k, a, b);
    case CONF_STRING:
    case CONF_WORD:
    case CONF_SECRET:
        return strcmp(at_a, at_b) == 0;
    case CONF_BOOL:
    case CONF_INT:
    case CONF_DECIMAL:
    case CONF_ENUM:
        return memcmp(at_a, at_b, k->size) == 0;
    case CONF_TYPE_UNSET:
    case CONF_TYPE_COUNT:
        break;
    }
    TR_ASSERT(false && "a known type");
    return false;
}

static const void *element(const struct conf_section *s, const struct conf *c, int index)
{
    return (const char *)c + s->offset + (size_t)index * s->size;
}

static int count_of(const struct conf_section *s, const struct conf *c)
{
    return *(const int *)(const void *)((const char *)c + s->count_offset);
}

/* A list of objects is one path: people, chats. */
static bool is_same_section(const struct conf_section *s, const struct conf *a,
                            const struct conf *b)
{
    if (count_of(s, a) != count_of(s, b))
        return false;
    for (int i = 0; i < count_of(s, a); i++)
        for (size_t k = 0; k < s->count; k++)
            if (!is_same(&s->keys[k], element(s, a, i), element(s, b, i)))
                return false;
    return true;
}

static void diff_trader(const struct conf_section *s, const struct conf_trader *running,
                        const struct conf_trader *read, conf_diff_fn visit, void *ctx)
{
    char path[PATH_CAP];
    for (size_t i = 0; i < s->count; i++) {
        const struct conf_key *k = &s->keys[i];
        struct buf text TR_CLEANUP(buf_deinit) = {0};
        if (is_same(k, running, read))
            continue;
        (void)snprintf(path, sizeof path, "traders.%s", k->path);
        if (conf_runtime_find(k->path) == NULL || k->type == CONF_SECRET) {
            visit(ctx, path, NULL);
            continue;
        }
        buf_init(&text, TEXT_MAX_BYTES);
        conf_runtime_get(read, k, &text);
        visit(ctx, k->path, text.len > 0 ? text.data : "");
    }
}

void conf_diff(const struct conf *running, const struct conf *read, int trader, conf_diff_fn visit,
               void *ctx)
{
    TR_ASSERT(trader >= 0 && trader < running->trader_count);
    const struct conf_section *root = &conf_sections[0];
    bool is_known = trader < read->trader_count && running->trader_count == read->trader_count &&
                    strcmp(running->traders[trader].id, read->traders[trader].id) == 0;
    for (size_t i = 0; i < root->count; i++)
        if (!is_same(&root->keys[i], running, read))
            visit(ctx, root->keys[i].path, NULL);
    for (size_t i = 1; i < conf_section_count; i++) {
        const struct conf_section *s = &conf_sections[i];
        if (str_eq(s->path, "traders") && is_known)
            diff_trader(s, &running->traders[trader], &read->traders[trader], visit, ctx);
        else if (!is_same_section(s, running, read))
            visit(ctx, s->path, NULL);
    }
}
