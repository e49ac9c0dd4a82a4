/* bots/reloading.c: see reloading.h. */
#include "bots/reloading.h"

#include <stdio.h>
#include <string.h>

#include "bots/change.h"
#include "bots/format.h"
#include "bots/reports.h"
#include "core/alloc.h"

#define LINE_CAP (SETTING_PATH_CAP + SETTING_TEXT_CAP + 200)
#define OK_HEAD  "ok\n"
#define BAD_HEAD "bad\n"

enum reason reloading_prepare(const struct bot_prepare *p, struct command *c)
{
    const struct bots_question q = {.trader = p->trader, .text = "", .lang = c->lang};
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    if (!str_ieq(c->args, "reload") || c->role < ROLE_ADMIN || p->options->reload == NULL)
        return REASON_ACCEPTED;
    buf_init(&out, REPORTS_MAX_BYTES);
    if (!p->options->reload(p->options->ask_ctx, &q, &out) || buf_failed(&out))
        return REASON_INTERNAL;
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

/* The fields of one line; false past the last. kind: its first letter. */
struct line {
    char text[LINE_CAP];
    const char *fields[3];
    char kind;
};

static bool next_line(const char **at, struct line *l)
{
    size_t n = strcspn(*at, "\n");
    if (n == 0)
        return false;
    size_t take = n < sizeof l->text ? n : sizeof l->text - 1;
    memcpy(l->text, *at, take);
    l->text[take] = '\0';
    l->kind = l->text[0];
    char *field = l->text;
    for (size_t i = 0; i < TR_ARRAY_SIZE(l->fields); i++) {
        field += strcspn(field, "\t");
        if (*field != '\0')
            *field++ = '\0';
        l->fields[i] = field;
    }
    *at += n + ((*at)[n] != '\0');
    return true;
}

static bool is_named(const char *body, const char *path)
{
    struct line l;
    while (next_line(&body, &l))
        if (l.kind == 'S' && strcmp(l.fields[0], path) == 0)
            return true;
    return false;
}

static void show_problems(struct answer *a, const char *body)
{
    struct line l;
    answer_line(a, "reload.bad", NULL);
    while (next_line(&body, &l))
        answer_line(
            a, "reload.problem",
            ANSWER_ARGS({"path", l.fields[0]}, {"value", l.fields[1]}, {"accepted", l.fields[2]}));
    tx_receipt(a->tx, REASON_ARGUMENT_INVALID, "reload");
}

struct done {
    size_t changed, kept; /* kept: a person's override counts on */
    bool is_full;
    struct buf names;
};

/* The key says text now. */
static void follow(struct answer *a, struct done *d, const char *path, const char *text)
{
    char before[SETTING_TEXT_CAP], name[SETTING_PATH_CAP];
    const char *now = tx_setting_text(a->tx, path);
    if (now == NULL)
        return;                                 /* of another version: it cannot be in force */
    (void)str_copy(before, sizeof before, now); /* same cap */
    enum reason r = tx_setting_from_file(a->tx, a->c, path, text);
    d->is_full = d->is_full || r == REASON_SETTINGS_FULL;
    const struct setting *v = tx_setting(a->tx, path);
    d->kept += r == REASON_ALREADY_DONE && v != NULL && strcmp(v->text, text) != 0;
    if (r != REASON_ACCEPTED)
        return;
    answer_line(a, "change.would",
                ANSWER_ARGS({"name", change_short_path(path, name)}, {"before", before},
                            {"after", tx_setting_text(a->tx, path)}));
    if (d->changed++ > 0)
        buf_puts(&d->names, ", ");
    buf_puts(&d->names, path);
}

/* What an earlier reload laid and the file says no more goes back to what it said at the start. */
static void follow_back(struct answer *a, struct done *d, const char *body)
{
    for (size_t i = 0; i < tx_setting_count(a->tx);) {
        char path[SETTING_PATH_CAP];
        const struct setting *v = tx_setting_at(a->tx, i);
        size_t before = d->changed;
        (void)str_copy(path, sizeof path, v->path); /* same cap */
        if (settings_is_by_file(v) && !is_named(body, path))
            follow(a, d, path, tx_setting_base(a->tx, path));
        i += d->changed == before; /* the rest moves up */
    }
}

static void show_restarts(struct answer *a, const char *body)
{
    struct line l;
    bool is_first = true;
    while (next_line(&body, &l)) {
        if (l.kind != 'R')
            continue;
        if (is_first)
            answer_line(a, "reload.restart", NULL);
        is_first = false;
        answer_line(a, "reload.path", ANSWER_ARGS({"path", l.fields[0]}));
    }
}

static void finish(struct answer *a, const struct done *d)
{
    char n[FORMAT_CAP];
    answer_line(a, d->changed > 0 ? "reload.done" : "reload.same",
                ANSWER_ARGS({"count", format_u64(d->changed, n)}));
    if (d->kept > 0)
        answer_line(a, "reload.kept", ANSWER_ARGS({"count", format_u64(d->kept, n)}));
    if (d->is_full)
        answer_line(a, "reload.full", NULL);
    if (d->changed > 0)
        tx_tell_reload(a->tx, a->c, d->names.data);
    else
        tx_receipt(a->tx, d->is_full ? REASON_SETTINGS_FULL : REASON_ALREADY_DONE, "reload");
}

void reloading_run(struct answer *a)
{
    const char *body = answer_body(a->c);
    struct line l;
    struct done d = {0};
    if (str_starts(body, BAD_HEAD)) {
        show_problems(a, body + strlen(BAD_HEAD));
        return;
    }
    if (!str_starts(body, OK_HEAD)) {
        answer_line(a, "reload.no_file", NULL);
        tx_receipt(a->tx, REASON_ARGUMENT_INVALID, "reload");
        return;
    }
    body += strlen(OK_HEAD);
    buf_init(&d.names, REPORTS_MAX_BYTES);
    for (const char *at = body; next_line(&at, &l);)
        if (l.kind == 'S')
            follow(a, &d, l.fields[0], l.fields[1]);
    follow_back(a, &d, body);
    finish(a, &d);
    show_restarts(a, body);
    buf_deinit(&d.names);
}
