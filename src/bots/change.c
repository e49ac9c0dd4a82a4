/* bots/change.c: see change.h. A request becomes a list of edits (path, text before, text after),
 * worked out from the arguments and the state alone; the list is what is shown, what is asked
 * about and what is done. A question remembers the arguments with toggles resolved, so that the
 * yes does what was shown. */
#include "bots/change.h"

#include <stdio.h>
#include <string.h>

#include "bots/format.h"
#include "bots/table.h"
#include "core/alloc.h"

#define EDITS_MAX (CHANGE_PATHS_MAX * ENGINE_PLUGINS_MAX)

struct edit {
    char path[SETTING_PATH_CAP];
    char before[SETTING_TEXT_CAP];
    char after[SETTING_TEXT_CAP];
};

struct edits {
    struct edit items[EDITS_MAX];
    size_t count;
};

/* ---- limits ---- */

static const struct {
    const char *tail;
    bool zero_is_none; /* 0 switches the limit off: the highest of all */
} limits[] = {
    {"daily_loss_cap", true},    {"lifetime_loss_cap", true},   {"daily_profit_cap", true},
    {"max_open_trades", true},   {"max_daily_trades", true},    {"max_lot", false},
    {"base_lot", false},         {"lot_multiplier", false},     {"order_b_risk", false},
    {"max_levels", false},       {"max_chains", false},         {"symbol_exposure", true},
    {"max_order", true},         {"risk_per_trade", true},      {"total_risk", true},
    {"concentration", true},     {"portfolio_exposure", true},  {"platform.leverage", true},
    {"max_positions", true},     {"symbol_daily_trades", true}, {"daily_drawdown", true},
    {"weekly_drawdown", true},   {"halt_drawdown", true},       {"tier", false},
    {"risk_tier", false},        {"manual_lot.5000", false},    {"manual_lot.10000", false},
    {"manual_lot.25000", false}, {"manual_lot.50000", false},   {"manual_lot.100000", false},
};

static bool has_tail(const char *path, const char *tail)
{
    size_t n = strlen(path), m = strlen(tail);
    return n >= m && strcmp(path + n - m, tail) == 0 && (n == m || path[n - m - 1] == '.');
}

bool change_has_limit(const struct change_spec *spec)
{
    for (size_t p = 0; p < CHANGE_PATHS_MAX && spec->paths[p] != NULL; p++)
        for (size_t i = 0; i < TR_ARRAY_SIZE(limits); i++)
            if (has_tail(spec->paths[p], limits[i].tail))
                return true;
    return false;
}

bool change_is_raise(const char *path, const char *from, const char *to)
{
    int64_t a, b;
    for (size_t i = 0; i < TR_ARRAY_SIZE(limits); i++) {
        if (!has_tail(path, limits[i].tail))
            continue;
        if (!dec_parse(from, strlen(from), &a) || !dec_parse(to, strlen(to), &b))
            return true; /* not comparable: better ask */
        if (limits[i].zero_is_none && (a == 0 || b == 0))
            return a != 0 && b == 0;
        return b > a;
    }
    return false;
}

/* The money "tier" stands for; any other text as it is. */
static const char *figure_of(const struct engine_tx *tx, const char *path, const char *text,
                             char out[DEC_TEXT_CAP])
{
    struct tx_account account;
    if (strcmp(text, "tier") != 0)
        return text;
    tx_account(tx, &account);
    return dec_format(str_eq(path, "risk.daily_loss_cap") ? account.daily_tier_cap_e8
                                                          : account.lifetime_tier_cap_e8,
                      out);
}

bool change_raises(const struct engine_tx *tx, const char *path, const char *from, const char *to)
{
    char a[DEC_TEXT_CAP], b[DEC_TEXT_CAP];
    return change_is_raise(path, figure_of(tx, path, from, a), figure_of(tx, path, to, b));
}

/* ---- showing ---- */

const char *change_short_path(const char *path, char out[SETTING_PATH_CAP])
{
    static const struct {
        const char *head, *name;
    } heads[] = {{"plugins.combined_v3.", "v3 "},
                 {"plugins.price_action_v6.", "v6 "},
                 {"plugins.legacy_v2.", "v2 "},
                 {"risk.", ""}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(heads); i++)
        if (str_starts(path, heads[i].head)) {
            (void)snprintf(out, SETTING_PATH_CAP, "%s%s", heads[i].name,
                           path + strlen(heads[i].head));
            return out;
        }
    (void)str_copy(out, SETTING_PATH_CAP, path); /* same cap */
    return out;
}

static const char *shown(const char *text)
{
    return text == NULL ? "?" : text[0] == '\0' ? "-" : text;
}

void change_show(struct answer *a, const char *path)
{
    char name[SETTING_PATH_CAP], ago[FORMAT_CAP];
    const struct setting *v = tx_setting(a->tx, path);
    (void)change_short_path(path, name);
    answer_line(a, "change.value",
                ANSWER_ARGS({"name", name}, {"value", shown(tx_setting_text(a->tx, path))}));
    if (v == NULL)
        return;
    answer_line(a, "change.by",
                ANSWER_ARGS({"file", shown(tx_setting_base(a->tx, path))}, {"user", v->user_name},
                            {"ago", format_duration(tx_now_ms(a->tx) - v->changed_ms, ago)}));
}

static void show_edit(struct answer *a, const struct edit *e, const char *key)
{
    char name[SETTING_PATH_CAP];
    answer_line(a, key,
                ANSWER_ARGS({"name", change_short_path(e->path, name)},
                            {"before", shown(e->before)}, {"after", shown(e->after)}));
}

/* ---- what is meant ---- */

struct request {
    const struct change_spec *spec;
    char plugin[ARGS_WORD_CAP]; /* "" or "both": all */
    char which[ARGS_WORD_CAP];  /* "": all of `choices` */
    const char *choices;        /* of the field `which`; NULL: there is none */
    bool is_reset, is_toggle;
    bool has_value;
    char text[SETTING_TEXT_CAP];
};

static void add_edit(struct answer *a, const struct request *q, const char *path, struct edits *ret)
{
    const char *before = tx_setting_text(a->tx, path);
    if (before == NULL || ret->count == EDITS_MAX)
        return;
    struct edit *e = &ret->items[ret->count++];
    const char *on = q->spec->on != NULL ? q->spec->on : "true";
    const char *off = q->spec->off != NULL ? q->spec->off : "false";
    const char *base = tx_setting_base(a->tx, path);
    (void)str_copy(e->path, sizeof e->path, path); /* each of one cap, as the settings' own */
    (void)str_copy(e->before, sizeof e->before, before);
    (void)str_copy(e->after, sizeof e->after,
                   q->is_reset    ? (base != NULL ? base : before)
                   : q->is_toggle ? (strcmp(before, on) == 0 ? off : on)
                   : q->has_value ? q->text
                                  : before);
}

/* path with one word in the place of the mark. */
static void fill(char out[SETTING_PATH_CAP], const char *path, char mark, const char *word, int len)
{
    const char *hole = strchr(path, mark);
    TR_ASSERT(hole != NULL);
    (void)snprintf(out, SETTING_PATH_CAP, "%.*s%.*s%s", (int)(hole - path), path, len, word,
                   hole + 1); /* cut: no such key */
}

/* "plugins.x.#.enabled": once for each word that is meant. */
static void add_which(struct answer *a, const struct request *q, const char *path,
                      struct edits *ret)
{
    char full[SETTING_PATH_CAP];
    if (strchr(path, '#') == NULL) {
        add_edit(a, q, path, ret);
        return;
    }
    TR_ASSERT(q->choices != NULL);
    for (const char *p = q->choices; *p != '\0';) {
        int n = (int)strcspn(p, "|");
        if (q->which[0] == '\0' || (strncmp(q->which, p, (size_t)n) == 0 && q->which[n] == '\0')) {
            fill(full, path, '#', p, n);
            add_edit(a, q, full, ret);
        }
        p += n + (p[n] == '|');
    }
}

/* "plugins.%.base_lot": once for each plugin that is meant and has such a key. */
static void add_edits(struct answer *a, const struct request *q, const char *path,
                      struct edits *ret)
{
    char full[SETTING_PATH_CAP];
    struct tx_state s;
    if (strchr(path, '%') == NULL) {
        add_which(a, q, path, ret);
        return;
    }
    bool is_all = q->plugin[0] == '\0' || strcmp(q->plugin, "both") == 0;
    tx_state(a->tx, &s);
    for (size_t i = 0; i < s.plugin_count; i++) {
        if (!is_all && strcmp(q->plugin, s.plugin_ids[i]) != 0)
            continue;
        fill(full, path, '%', s.plugin_ids[i], (int)strlen(s.plugin_ids[i]));
        add_which(a, q, full, ret);
    }
}

static void list_edits(struct answer *a, const struct request *q, struct edits *ret)
{
    ret->count = 0;
    for (size_t i = 0; i < CHANGE_PATHS_MAX && q->spec->paths[i] != NULL; i++)
        add_edits(a, q, q->spec->paths[i], ret);
}

static void read_switch(const struct arg *v, struct request *q)
{
    enum { ON = 0, OFF, TOGGLE, STATUS, ENABLE, DISABLE };
    bool is_on = v->choice == ON || v->choice == ENABLE;
    q->is_toggle = v->choice == TOGGLE;
    q->has_value = v->choice != STATUS && !q->is_toggle;
    const char *text = is_on ? q->spec->on : q->spec->off;
    if (text == NULL)
        text = is_on ? "true" : "false";
    (void)str_copy(q->text, sizeof q->text, text); /* of the table: fits */
}

static void read_value(const struct arg_spec *s, const struct arg *v, struct request *q)
{
    char number[DEC_TEXT_CAP];
    q->has_value = true;
    if (s->type == ARG_DECIMAL || s->type == ARG_PERCENT)
        (void)str_copy(q->text, sizeof q->text, dec_format(v->number, number));
    else if (s->type == ARG_INT)
        (void)snprintf(q->text, sizeof q->text, "%lld", (long long)v->number);
    else if (s->type == ARG_DURATION) /* the keys of time that have commands are in seconds */
        (void)snprintf(q->text, sizeof q->text, "%lld", (long long)(v->number / 1000));
    else
        (void)str_copy(q->text, sizeof q->text, s->type == ARG_TEXT ? v->text : v->word);
}

/* "reset" may stand for any value, before or after what it is about; it is taken off before the
 * rest is read. */
static bool cut_reset(char *line)
{
    static const char first[] = "reset ";
    char *last = strrchr(line, ' ');
    char *word = last != NULL ? last + 1 : line;
    if (str_ieq(word, "reset")) {
        *(last != NULL ? last : line) = '\0';
        return true;
    }
    if (!str_starts(line, first))
        return false;
    memmove(line, line + strlen(first), strlen(line + strlen(first)) + 1);
    return true;
}

static bool read_request(struct answer *a, const struct bot_command *cmd, const char *line,
                         struct request *q)
{
    struct args v;
    struct command rest = *a->c;
    const struct command *asked = a->c;
    *q = (struct request){.spec = cmd->change};
    (void)str_copy(rest.args, sizeof rest.args, line); /* same cap */
    q->is_reset = cut_reset(rest.args);
    a->c = &rest;
    bool is_read = args_read(a, &v);
    a->c = asked;
    if (!is_read)
        return false;
    for (size_t i = 0; i < ARGS_MAX && cmd->args[i].type != ARG_UNSET; i++) {
        bool is_which = strcmp(cmd->args[i].name, "which") == 0;
        if (is_which)
            q->choices = cmd->args[i].choices;
        if (!v.v[i].is_given)
            continue;
        if (is_which)
            (void)str_copy(q->which, sizeof q->which, v.v[i].word); /* same cap */
        else if (cmd->args[i].type == ARG_PLUGIN)
            (void)str_copy(q->plugin, sizeof q->plugin, v.v[i].word); /* same cap */
        else if (q->spec->kind == CHANGE_SWITCH)
            read_switch(&v.v[i], q);
        else
            read_value(&cmd->args[i], &v.v[i], q);
    }
    return true;
}

/* ---- doing ---- */

static void show_all(struct answer *a, const struct bot_command *cmd, const struct edits *edits)
{
    bool is_on = false;
    answer_line(a, cmd->help_key, NULL);
    for (size_t i = 0; i < edits->count; i++) {
        change_show(a, edits->items[i].path);
        const char *on = cmd->change->on != NULL ? cmd->change->on : "true";
        is_on = is_on || strcmp(edits->items[i].before, on) == 0;
    }
    if (cmd->change->kind == CHANGE_SWITCH)
        answer_action(a, is_on ? "button.switch_off" : "button.switch_on", cmd->ops.name,
                      is_on ? "off" : "on");
    for (size_t i = 0; i < edits->count; i++)
        if (tx_setting(a->tx, edits->items[i].path) != NULL) {
            answer_action(a, "button.setting_reset", cmd->ops.name, "reset");
            break;
        }
}

/* The question is about what was shown: toggles are resolved in what it remembers. */
static void ask(struct answer *a, const struct request *q, const struct edits *edits)
{
    struct command meant = *a->c;
    const struct command *asked = a->c;
    answer_line(a, "change.ask", NULL);
    for (size_t i = 0; i < edits->count; i++)
        show_edit(a, &edits->items[i], "change.would");
    if (q->is_toggle) {
        const char *on = q->spec->on != NULL ? q->spec->on : "true";
        (void)str_copy(meant.args, sizeof meant.args,
                       strcmp(edits->items[0].after, on) == 0 ? "on" : "off");
    }
    a->c = &meant;
    answer_ask(a, "button.yes_change");
    a->c = asked;
}

/* The old side may stand otherwise: a toggle is told as what came of it. */
static void mirror(struct answer *a, const struct request *q, const struct edits *edits,
                   const char *line)
{
    char resolved[COMMAND_ARGS_CAP];
    size_t len = strlen(line), tail = strlen("toggle");
    const char *on = q->spec->on != NULL ? q->spec->on : "true";
    if (q->is_toggle && len >= tail) {
        (void)snprintf(resolved, sizeof resolved, "%.*s%s", (int)(len - tail), line,
                       strcmp(edits->items[0].after, on) == 0 ? "on" : "off");
        line = resolved;
    }
    answer_mirror(a, line);
}

static enum reason carry_out(struct answer *a, const struct request *q, const struct edit *e)
{
    if (q->is_reset)
        return tx_setting_reset(a->tx, a->c, e->path);
    return tx_setting_set(a->tx, a->c, e->path, e->after);
}

static void apply_edits(struct answer *a, const struct request *q, const struct edits *edits,
                        const char *line)
{
    size_t done = 0;
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *e = &edits->items[i];
        bool is_same = strcmp(e->before, e->after) == 0;
        if (is_same && !q->is_reset) {
            show_edit(a, e, "change.already");
            continue;
        }
        enum reason r = carry_out(a, q, e);
        if (r != REASON_ACCEPTED && r != REASON_ALREADY_DONE) {
            answer_refuse(a, r, e->path);
            return;
        }
        show_edit(a, e, r == REASON_ACCEPTED ? "change.done" : "change.already");
        done += r == REASON_ACCEPTED;
    }
    if (done == 0)
        tx_receipt(a->tx, REASON_ALREADY_DONE, edits->items[0].path);
    else if (table_get(a->c->name)->mirrored)
        mirror(a, q, edits, line);
    answer_toast(a, done > 0 ? "change.toast" : "change.already.toast");
}

static void act(struct answer *a, const char *line, bool is_confirmed)
{
    const struct bot_command *cmd = table_get(a->c->name);
    struct request q;
    struct edits edits;
    bool is_raise = false;
    TR_ASSERT(cmd != NULL && cmd->change != NULL && cmd->args != NULL);
    if (!read_request(a, cmd, line, &q))
        return;
    list_edits(a, &q, &edits);
    if (edits.count == 0) {
        answer_refuse(a, REASON_ARGUMENT_INVALID, cmd->ops.name);
        answer_line(a, "change.no_key", ANSWER_ARGS({"plugin", q.plugin}, {"name", cmd->ops.name}));
        return;
    }
    if (!q.has_value && !q.is_reset && !q.is_toggle) {
        show_all(a, cmd, &edits);
        return;
    }
    for (size_t i = 0; i < edits.count; i++)
        is_raise = is_raise || change_raises(a->tx, edits.items[i].path, edits.items[i].before,
                                             edits.items[i].after);
    if (is_raise && !is_confirmed)
        ask(a, &q, &edits);
    else
        apply_edits(a, &q, &edits, line);
}

void change_run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char args[COMMAND_ARGS_CAP];
    answer_init(&a, tx, c);
    if (!c->confirmed)
        act(&a, c->args, false);
    else if (answer_take(&a, args) == REASON_ACCEPTED)
        act(&a, args, true);
    answer_finish(&a, ret);
}
