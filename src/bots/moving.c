/* bots/moving.c: see moving.h. The body's lines:
 *   place <legacy mode> <copies> <new bots up>
 *   person <id> <name>
 *   use <id> <old> <new> <last old> <last new>     with a trader that is not the first
 *   cut                                            more uses than fit */
#include "bots/moving.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/command_line.h"
#include "bots/shared.h"
#include "core/alloc.h"

#define LINE_MAX_BYTES 128

static void write_place(const struct bot_prepare *p, struct buf *out)
{
    const struct conf *conf = p->options->conf;
    bool is_own = p->shared->plan.carrier[BOT_CONTROLLER] != BOT_LEGACY;
    buf_printf(out, "place %d %d %d\n", (int)conf->legacy.mode, conf->legacy.copy_notifications,
               is_own && p->bots[BOT_CONTROLLER].up);
}

char *moving_place_write(const struct bot_prepare *p)
{
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, LINE_MAX_BYTES);
    write_place(p, &out);
    return buf_take(&out);
}

/* False: no room for more. */
static bool write_uses(struct view_board *view, struct buf *out)
{
    struct transition_person *people TR_CLEANUP(mem_freep) =
        xcalloc(TRANSITION_PEOPLE_MAX, sizeof(*people));
    size_t n = view_board_people(view, people, TRANSITION_PEOPLE_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct transition_person *t = &people[i];
        if (out->len + LINE_MAX_BYTES > out->max_bytes)
            return false;
        buf_printf(out, "use %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 "\n", t->id,
                   t->old_uses, t->new_uses, t->last_old_ms, t->last_new_ms);
    }
    return true;
}

char *moving_write(const struct bot_prepare *p)
{
    const struct conf *conf = p->options->conf;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    bool fits = true;
    buf_init(&out, COMMAND_BODY_MAX_BYTES - 1);
    write_place(p, &out);
    for (int i = 0; i < conf->user_count; i++)
        if (conf->users[i].role != ROLE_NONE)
            buf_printf(&out, "person %" PRId64 " %s\n", conf->users[i].user_id,
                       conf->users[i].name);
    for (size_t i = 1; i < p->options->trader_count && fits; i++)
        fits = p->options->traders[i].view == NULL || write_uses(p->options->traders[i].view, &out);
    if (!fits)
        buf_puts(&out, "cut\n");
    return buf_failed(&out) ? NULL : buf_take(&out);
}

/* ---- reading ---- */

static int64_t next_number(const char **line)
{
    char word[24];
    int64_t n = 0;
    return command_line_word(line, word, sizeof(word)) && str_to_i64(word, &n) ? n : 0;
}

void moving_place_read(const char *body, struct moving_place *ret)
{
    *ret = (struct moving_place){.mode = LEGACY_OFF};
    char first[LINE_MAX_BYTES];
    (void)snprintf(first, sizeof(first), "%.*s", (int)strcspn(body, "\n"), body);
    if (!str_starts(first, "place "))
        return;
    const char *line = first + strlen("place ");
    int64_t mode = next_number(&line);
    if (mode > LEGACY_OFF && mode <= LEGACY_ADOPTED)
        ret->mode = (enum legacy_mode)mode;
    ret->has_copies = next_number(&line) == 1;
    ret->is_new_up = next_number(&line) == 1;
}

static struct moving_person *find(const struct moving *m, int64_t id)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->people[i].id == id)
            return &m->people[i];
    return NULL;
}

/* With what the engine knows of them. */
static void add(struct engine_tx *tx, struct moving *m, int64_t id, const char *name)
{
    const struct transition_person *known = transition_find(transition_tx(tx), id);
    struct moving_person *p = &m->people[m->count++];
    *p = (struct moving_person){.id = id};
    if (known != NULL) {
        p->side = known->side;
        p->old_uses = known->old_uses;
        p->new_uses = known->new_uses;
        p->last_old_ms = known->last_old_ms;
        p->last_new_ms = known->last_new_ms;
    }
    if (name[0] != '\0')
        (void)str_copy(p->name, sizeof(p->name), name); /* same cap */
    else if (known != NULL)
        (void)str_copy(p->name, sizeof(p->name), known->name); /* same cap */
    else
        (void)snprintf(p->name, sizeof(p->name), "%" PRId64, id);
}

static void add_use(struct moving *m, const char *line)
{
    struct moving_person *p = find(m, next_number(&line));
    if (p == NULL)
        return;
    p->old_uses += (uint64_t)next_number(&line);
    p->new_uses += (uint64_t)next_number(&line);
    int64_t old_ms = next_number(&line), new_ms = next_number(&line);
    p->last_old_ms = old_ms > p->last_old_ms ? old_ms : p->last_old_ms;
    p->last_new_ms = new_ms > p->last_new_ms ? new_ms : p->last_new_ms;
}

static void read_line(struct engine_tx *tx, struct moving *m, const char *line)
{
    if (str_starts(line, "person ") && m->count < CONF_USERS_MAX) {
        const char *rest = line + strlen("person ");
        int64_t id = next_number(&rest);
        m->is_whole = true;
        if (id > 0 && find(m, id) == NULL)
            add(tx, m, id, rest + strspn(rest, " "));
    } else if (str_starts(line, "use "))
        add_use(m, line + strlen("use "));
    else if (strcmp(line, "cut") == 0)
        m->is_cut = true;
}

static void read_lines(struct engine_tx *tx, struct moving *m, const char *body, const char *prefix)
{
    char line[LINE_MAX_BYTES];
    while (*body != '\0') {
        size_t len = strcspn(body, "\n");
        (void)snprintf(line, sizeof(line), "%.*s", (int)len, body);
        if (str_starts(line, prefix))
            read_line(tx, m, line);
        body += len + (body[len] == '\n');
    }
}

void moving_read(struct engine_tx *tx, const char *body, struct moving *ret)
{
    *ret = (struct moving){0};
    moving_place_read(body, &ret->place);
    ret->people = xcalloc(CONF_USERS_MAX + users_tx_count(tx), sizeof(ret->people[0]));
    read_lines(tx, ret, body, "person ");
    size_t configured = ret->count;
    for (size_t i = 0; i < users_tx_count(tx); i++) {
        const struct users_person *u = users_tx_at(tx, i);
        bool is_known = false;
        for (size_t k = 0; k < configured; k++)
            is_known = is_known || ret->people[k].id == u->id;
        if (!is_known && users_role(u, tx_now_ms(tx)) != ROLE_NONE)
            add(tx, ret, u->id, u->name);
    }
    read_lines(tx, ret, body, "use ");
    read_lines(tx, ret, body, "cut");
    for (size_t i = 0; i < ret->count; i++) {
        ret->moved += ret->people[i].side == TRANSITION_NEW;
        ret->stayed += ret->people[i].side == TRANSITION_OLD;
    }
}

void moving_deinit(struct moving *m)
{
    mem_free(m->people);
    *m = (struct moving){0};
}
