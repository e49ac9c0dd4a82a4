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
    bool is_asked = strcmp(c->name, "reload") == 0 || str_ieq(c->args, "reload");
    if (!is_asked || c->role < ROLE_ADMIN || p->options->reload == NULL)
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

/* The first line of this kind. */
static bool find_line(const char *body, char kind, struct line *ret)
{
    while (next_line(&body, ret))
        if (ret->kind == kind)
            return true;
    return false;
}

/* Does the path stand in the plugin's namespace? R lines begin with "traders." */
static bool is_of(const char *path, const char *plugin)
{
    if (plugin == NULL)
        return true;
    if (str_starts(path, "traders."))
        path += strlen("traders.");
    size_t n = strlen(plugin);
    if (!str_starts(path, "plugins."))
        return false;
    path += strlen("plugins.");
    return strncmp(path, plugin, n) == 0 && path[n] == '.';
}

static bool is_named(const char *body, const char *path)
{
    struct line l;
    while (next_line(&body, &l))
        if (l.kind == 'S' && strcmp(l.fields[0], path) == 0)
            return true;
    return false;
}

/* The receipt names the first one: who asked by HTTP reads nothing else. */
static void show_problems(struct answer *a, const char *body, const char *plugin)
{
    struct line l;
    char first[EVENT_TEXT_CAP] = "reload";
    size_t n = 0;
    answer_line(a, "reload.bad", NULL);
    for (; next_line(&body, &l); n++) {
        answer_line(
            a, "reload.problem",
            ANSWER_ARGS({"path", l.fields[0]}, {"value", l.fields[1]}, {"accepted", l.fields[2]}));
        if (n == 0)
            (void)snprintf(first, sizeof first, "%.72s: %.60s", l.fields[0], l.fields[1]);
    }
    tx_receipt(a->tx, plugin != NULL ? REASON_FIELD_INVALID : REASON_ARGUMENT_INVALID, first);
}

struct done {
    const char *plugin;   /* NULL: everything */
    size_t changed, kept; /* kept: a person's override counts on */
    bool is_started;      /* its program anew */
    char program[EVENT_TEXT_CAP];
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
        if (settings_is_by_file(v) && is_of(path, d->plugin) && !is_named(body, path))
            follow(a, d, path, tx_setting_base(a->tx, path));
        i += d->changed == before; /* the rest moves up */
    }
}

/* The fresh program was started by what these say. */
static void show_restarts(struct answer *a, const struct done *d, const char *body)
{
    struct line l;
    bool is_first = true;
    while (next_line(&body, &l)) {
        if (l.kind != 'R' || !is_of(l.fields[0], d->plugin) || d->is_started)
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
    if (d->is_full || (d->changed == 0 && !d->is_started)) {
        tx_receipt(a->tx, d->is_full ? REASON_SETTINGS_FULL : REASON_ALREADY_DONE, "reload");
    } else if (d->plugin != NULL) {
        char what[EVENT_TEXT_CAP];
        (void)snprintf(what, sizeof what, "%s%s%s", d->program,
                       d->is_started && d->changed > 0 ? "; " : "",
                       d->changed > 0 ? d->names.data : ""); /* cut is fine */
        tx_receipt(a->tx, REASON_ACCEPTED, what);
    }
}

/* Its program: false: the fresh one was refused, the old one goes on. */
static bool show_program(struct answer *a, struct done *d, const char *body)
{
    struct line l;
    if (d->plugin == NULL)
        return true;
    if (find_line(body, 'X', &l)) {
        answer_line(
            a, "reload.program_refused",
            ANSWER_ARGS({"plugin", d->plugin}, {"reason", l.fields[0]}, {"why", l.fields[1]}));
        enum reason why;
        tx_receipt(a->tx, reason_parse(l.fields[0], &why) ? why : REASON_PLUGIN_FAILED,
                   l.fields[1]);
        return false;
    }
    d->is_started = find_line(body, 'T', &l);
    if (!d->is_started)
        return true;
    (void)snprintf(d->program, sizeof d->program, "%s", l.fields[0]);
    answer_line(
        a, l.fields[1][0] != '\0' ? "reload.program" : "reload.program_first",
        ANSWER_ARGS({"plugin", d->plugin}, {"program", l.fields[0]}, {"before", l.fields[1]}));
    return true;
}

void reloading_run(struct answer *a, const char *plugin)
{
    const char *body = answer_body(a->c);
    struct line l;
    struct done d = {.plugin = plugin};
    if (str_starts(body, BAD_HEAD)) {
        show_problems(a, body + strlen(BAD_HEAD), plugin);
        return;
    }
    if (!str_starts(body, OK_HEAD)) {
        answer_line(a, "reload.no_file", NULL);
        tx_receipt(a->tx, plugin != NULL ? REASON_FIELD_INVALID : REASON_ARGUMENT_INVALID,
                   "reload");
        return;
    }
    body += strlen(OK_HEAD);
    if (!show_program(a, &d, body))
        return;
    buf_init(&d.names, REPORTS_MAX_BYTES);
    for (const char *at = body; next_line(&at, &l);)
        if (l.kind == 'S' && is_of(l.fields[0], plugin))
            follow(a, &d, l.fields[0], l.fields[1]);
    follow_back(a, &d, body);
    finish(a, &d);
    show_restarts(a, &d, body);
    buf_deinit(&d.names);
}
