/* bots/args.c: words to fields, left to right. An optional field that a word does not fit is passed
 * over when a later one may take the word, so "/setlot 0.05" and "/setlot v3 0.05" are both read.
 * The first word that no field takes is the fault that is told; nothing is guessed and nothing cut.
 */
#include "bots/args.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/command_line.h"
#include "bots/format.h"
#include "bots/table.h"
#include "core/alloc.h"
#include "model/symbol.h"

#define SECOND_MS INT64_C(1000)

/* ---- one word ---- */

static bool read_choice(const struct arg_spec *s, const char *word, struct arg *ret)
{
    const char *p = s->choices;
    TR_ASSERT(p != NULL);
    for (int i = 0; *p != '\0'; i++) {
        size_t n = strcspn(p, "|");
        if (n == strlen(word) && n < ARGS_WORD_CAP) {
            memcpy(ret->word, p, n);
            ret->word[n] = '\0';
            ret->choice = i;
            if (str_ieq(ret->word, word))
                return true;
        }
        p += n + (p[n] == '|');
    }
    return false;
}

static bool read_symbol(const char *word, struct arg *ret)
{
    char symbol[SYMBOL_CAP];
    if (!symbol_normalise(word, symbol) || symbol_find(symbol) == NULL)
        return false;
    return str_copy(ret->word, sizeof ret->word, symbol);
}

static bool read_plugin(const char *word, struct arg *ret)
{
    static const struct {
        const char *typed, *id;
    } names[] = {{"v3", "combined_v3"},
                 {"v6", "price_action_v6"},
                 {"v2", "legacy_v2"},
                 {"combined_v3", "combined_v3"},
                 {"price_action_v6", "price_action_v6"},
                 {"legacy_v2", "legacy_v2"},
                 {"outside_1", "outside_1"},
                 {"outside_2", "outside_2"},
                 {"outside_3", "outside_3"},
                 {"both", "both"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        if (str_ieq(names[i].typed, word))
            return str_copy(ret->word, sizeof ret->word, names[i].id);
    return false;
}

static bool is_within(const struct arg_spec *s, int64_t v)
{
    return v >= s->min && v <= s->max;
}

static bool read_percent(const struct arg_spec *s, const char *word, struct arg *ret)
{
    size_t n = strlen(word);
    n -= n > 0 && word[n - 1] == '%';
    return dec_parse(word, n, &ret->number) && is_within(s, ret->number);
}

static bool read_duration(const struct arg_spec *s, const char *word, struct arg *ret)
{
    static const char units[] = "smhd";
    static const int64_t seconds[] = {1, 60, 3600, 86400};
    char digits[16];
    size_t n = strspn(word, "0123456789");
    int64_t factor = 1;
    if (n == 0 || n >= sizeof digits || n > 9)
        return false;
    memcpy(digits, word, n);
    digits[n] = '\0';
    if (word[n] != '\0') {
        const char *unit = strchr(units, word[n] | 0x20);
        if (unit == NULL || *unit == '\0' || word[n + 1] != '\0')
            return false;
        factor = seconds[unit - units];
    }
    if (!str_to_i64(digits, &ret->number))
        return false;
    ret->number *= factor * SECOND_MS;
    return is_within(s, ret->number);
}

/* "88a" is a leg of receipt 88. */
static bool read_receipt(const char *word, struct arg *ret)
{
    char digits[20];
    word += *word == '#';
    size_t n = strspn(word, "0123456789");
    bool has_leg = word[n] != '\0';
    if (n == 0 || n >= sizeof digits || (has_leg && word[n + 1] != '\0'))
        return false;
    memcpy(digits, word, n);
    digits[n] = '\0';
    return str_to_i64(digits, &ret->number) && ret->number > 0;
}

static bool read_date(const char *word, struct arg *ret)
{
    static const char shape[] = "0000-00-00";
    char digits[9];
    size_t n = 0;
    if (strlen(word) != strlen(shape))
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        bool is_digit = word[i] >= '0' && word[i] <= '9';
        if (shape[i] == '-' ? word[i] != '-' : !is_digit)
            return false;
        if (is_digit)
            digits[n++] = word[i];
    }
    digits[n] = '\0';
    bool fits = str_to_i64(digits, &ret->number);
    int64_t month = ret->number / 100 % 100, day = ret->number % 100;
    return fits && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool read_word(const struct arg_spec *s, const char *word, struct arg *ret)
{
    *ret = (struct arg){.is_given = true, .text = ""};
    (void)str_copy(ret->word, sizeof ret->word, word); /* same cap */
    switch (s->type) {
    case ARG_CHOICE:
        return read_choice(s, word, ret);
    case ARG_SYMBOL:
        return read_symbol(word, ret);
    case ARG_PLUGIN:
        return read_plugin(word, ret);
    case ARG_DECIMAL:
        return dec_parse(word, strlen(word), &ret->number) && is_within(s, ret->number);
    case ARG_INT:
        return str_to_i64(word, &ret->number) && is_within(s, ret->number);
    case ARG_PERCENT:
        return read_percent(s, word, ret);
    case ARG_DURATION:
        return read_duration(s, word, ret);
    case ARG_RECEIPT:
        return read_receipt(word, ret);
    case ARG_DATE:
        return read_date(word, ret);
    case ARG_TRADE:
    case ARG_WORD:
        return strcmp(word, "?") != 0; /* what command_line_word() makes of an endless one */
    case ARG_TEXT:
    case ARG_UNSET:
    case ARG_TYPE_COUNT:
        break;
    }
    TR_ASSERT(false && "a type of one word");
    return false;
}

/* ---- what was meant ---- */

struct guess {
    size_t nearness;
    char *word; /* of ARGS_WORD_CAP */
};

/* Of two as near the first one. */
static void consider(const char *typed, const char *name, struct guess *g)
{
    size_t nearness = table_nearness(typed, name);
    if (nearness <= g->nearness)
        return;
    g->nearness = nearness;
    (void)str_copy(g->word, ARGS_WORD_CAP, name); /* choices and symbols are short */
}

static void find_near(const struct arg_spec *s, const char *typed, char best[ARGS_WORD_CAP])
{
    char word[ARGS_WORD_CAP];
    struct guess g = {.word = best};
    for (const char *p = s->choices; s->type == ARG_CHOICE && *p != '\0';) {
        size_t n = strcspn(p, "|");
        (void)snprintf(word, sizeof word, "%.*s", (int)n, p);
        consider(typed, word, &g);
        p += n + (p[n] == '|');
    }
    for (size_t i = 0; s->type == ARG_SYMBOL && i < symbol_count(); i++)
        consider(typed, symbol_at(i)->name, &g);
}

/* ---- the line ---- */

static size_t spec_count(const struct arg_spec *specs)
{
    size_t n = 0;
    while (specs != NULL && n < ARGS_MAX && specs[n].type != ARG_UNSET)
        n++;
    return n;
}

/* The next field from *at on that takes the word; it may only pass over optional ones. */
static bool place_word(const struct arg_spec *specs, size_t n, size_t *at, const char *word,
                       struct args *ret)
{
    size_t blamed = *at;
    for (size_t i = *at; i < n; i++) {
        if (read_word(&specs[i], word, &ret->v[i])) {
            *at = i + 1;
            return true;
        }
        ret->v[i] = (struct arg){.text = ""};
        blamed = i;
        if (!specs[i].is_optional)
            break;
    }
    ret->bad = blamed;
    return false;
}

enum args_result args_parse(const struct arg_spec *specs, const char *line, struct args *ret)
{
    TR_ASSERT(line != NULL && ret != NULL);
    size_t n = spec_count(specs), at = 0;
    char word[ARGS_WORD_CAP];
    *ret = (struct args){0};
    for (size_t i = 0; i < ARGS_MAX; i++)
        ret->v[i].text = "";
    while (*line == ' ')
        line++;
    while (*line != '\0') {
        if (at < n && specs[at].type == ARG_TEXT) {
            ret->v[at].is_given = true;
            ret->v[at].text = line;
            return ARGS_OK;
        }
        (void)command_line_word(&line, word, sizeof word); /* there is one */
        if (at < n && place_word(specs, n, &at, word, ret)) {
            while (*line == ' ')
                line++;
            continue;
        }
        (void)str_copy(ret->read, sizeof ret->read, word); /* same cap */
        if (at == n) {
            ret->bad = n;
            return ARGS_E_TOO_MANY;
        }
        find_near(&specs[ret->bad], word, ret->near);
        return ARGS_E_BAD;
    }
    while (at < n && specs[at].is_optional)
        at++;
    ret->bad = at;
    return at < n ? ARGS_E_MISSING : ARGS_OK;
}

/* ---- words about it ---- */

void args_usage(const struct arg_spec *specs, struct buf *out)
{
    size_t n = spec_count(specs);
    for (size_t i = 0; i < n; i++) {
        const struct arg_spec *s = &specs[i];
        const char *what = s->type == ARG_CHOICE ? s->choices : s->name;
        buf_printf(out, "%s%c%s%c", i > 0 ? " " : "", s->is_optional ? '[' : '<', what,
                   s->is_optional ? ']' : '>');
    }
}

void args_accepted(struct buf *out, enum lang lang, const struct arg_spec *s)
{
    static const char *const keys[ARG_TYPE_COUNT] = {
        [ARG_CHOICE] = "args.choice", [ARG_SYMBOL] = "args.symbol",
        [ARG_PLUGIN] = "args.plugin", [ARG_DECIMAL] = "args.number",
        [ARG_INT] = "args.whole",     [ARG_PERCENT] = "args.percent",
        [ARG_DURATION] = "args.time", [ARG_RECEIPT] = "args.receipt",
        [ARG_TRADE] = "args.trade",   [ARG_DATE] = "args.date",
        [ARG_WORD] = "args.word",     [ARG_TEXT] = "args.word",
    };
    TR_ASSERT(s->type > ARG_UNSET && s->type < ARG_TYPE_COUNT);
    char low[FORMAT_CAP] = "", high[FORMAT_CAP] = "", choices[160] = "";
    if (s->type == ARG_DECIMAL || s->type == ARG_PERCENT) {
        (void)dec_format(s->min, low);
        (void)dec_format(s->max, high);
    } else if (s->type == ARG_DURATION) {
        (void)format_duration(s->min, low);
        (void)format_duration(s->max, high);
    } else {
        (void)snprintf(low, sizeof low, "%" PRId64, s->min);
        (void)snprintf(high, sizeof high, "%" PRId64, s->max);
    }
    for (const char *p = s->choices; s->type == ARG_CHOICE && *p != '\0'; p++) {
        size_t used = strlen(choices);
        (void)snprintf(choices + used, sizeof choices - used, *p == '|' ? ", " : "%c", *p);
    }
    text_render(out, lang, keys[s->type],
                ANSWER_ARGS({"min", low}, {"max", high}, {"choices", choices}));
}

static void explain(struct answer *a, const struct bot_command *cmd, enum args_result r,
                    const struct args *v)
{
    struct buf accepted TR_CLEANUP(buf_deinit) = {0}, usage TR_CLEANUP(buf_deinit) = {0};
    buf_init(&accepted, 1024);
    buf_init(&usage, 512);
    args_usage(cmd->args, &usage);
    if (r == ARGS_E_TOO_MANY) {
        answer_line(a, "args.too_many", ANSWER_ARGS({"value", v->read}));
    } else {
        const struct arg_spec *s = &cmd->args[v->bad];
        args_accepted(&accepted, a->c->lang, s);
        answer_line(
            a, r == ARGS_E_MISSING ? "args.missing" : "args.bad",
            ANSWER_ARGS({"field", s->name}, {"value", v->read}, {"accepted_html", accepted.data}));
    }
    if (v->near[0] != '\0')
        answer_line(a, "args.near", ANSWER_ARGS({"near", v->near}));
    answer_line(a, "args.usage", ANSWER_ARGS({"name", cmd->ops.name}, {"usage", usage.data}));
    answer_toast(a, "reason.ARGUMENT_INVALID");
    tx_receipt(a->tx, REASON_ARGUMENT_INVALID,
               r == ARGS_E_TOO_MANY ? v->read : cmd->args[v->bad].name);
}

bool args_read(struct answer *a, struct args *ret)
{
    const struct bot_command *cmd = table_get(a->c->name);
    TR_ASSERT(cmd != NULL);
    enum args_result r = args_parse(cmd->args, a->c->args, ret);
    if (r != ARGS_OK)
        explain(a, cmd, r, ret);
    return r == ARGS_OK;
}
