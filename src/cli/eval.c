/* trident eval: one pure rule on numbers given as JSON, its result as JSON. The rules come from
 * four tables; what they compute is computed by the functions the program itself trades with. */
#include "cli/eval.h"

#include <stdio.h>
#include <string.h>
#include "cli/cli.h"
#include "core/alloc.h"

#define INPUT_MAX_BYTES  (64 * 1024) /* of one input */
#define LINES_MAX_BYTES  (16 * 1024 * 1024)
#define ANSWER_MAX_BYTES (256 * 1024)

static const struct eval_group *const groups[] = {&eval_alert, &eval_risk, &eval_chain,
                                                  &eval_other};

static const struct eval_rule *rule_at(size_t i)
{
    for (size_t g = 0; g < TR_ARRAY_SIZE(groups); g++) {
        if (i < groups[g]->count)
            return &groups[g]->rules[i];
        i -= groups[g]->count;
    }
    return NULL;
}

/* ---- what rules use ---- */

const struct eval_value *eval_value(const struct eval *e, const char *field)
{
    for (size_t i = 0; i < eval_field_count(e->rule); i++)
        if (str_eq(e->rule->fields[i].name, field))
            return &e->values[i];
    TR_ASSERT(false && "a field of the rule");
    return NULL;
}

int64_t eval_n(const struct eval *e, const char *field)
{
    return eval_value(e, field)->n;
}

bool eval_has(const struct eval *e, const char *field)
{
    return eval_value(e, field)->given;
}

const struct symbol_info *eval_symbol(const struct eval *e, const char *field)
{
    const struct symbol_info *s = eval_value(e, field)->symbol;
    TR_ASSERT(s != NULL);
    return s;
}

static void assert_result(const struct eval *e, const char *name)
{
    bool is_named = false;
    for (size_t i = 0; i < EVAL_RESULTS_MAX && e->rule->results[i].name != NULL; i++)
        is_named = is_named || str_eq(e->rule->results[i].name, name);
    TR_ASSERT(is_named);
}

void eval_give_e8(struct eval *e, const char *name, int64_t v_e8)
{
    char text[DEC_TEXT_CAP];
    assert_result(e, name);
    jsonw_str(e->out, name, v_e8 == DEC_NONE ? NULL : dec_format(v_e8, text));
}

void eval_give_n(struct eval *e, const char *name, int64_t n)
{
    assert_result(e, name);
    jsonw_i64(e->out, name, n);
}

void eval_give_bool(struct eval *e, const char *name, bool v)
{
    assert_result(e, name);
    jsonw_bool(e->out, name, v);
}

void eval_give_text(struct eval *e, const char *name, const char *text)
{
    assert_result(e, name);
    jsonw_str(e->out, name, text);
}

/* ---- the list ---- */

static void field_json(struct jsonw *w, const struct eval_field *f)
{
    char accepted[EVAL_TEXT_CAP];
    eval_accepted(f, accepted, sizeof(accepted));
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "name", f->name);
    jsonw_str(w, "unit", f->unit);
    jsonw_str(w, "accepted", accepted);
    jsonw_bool(w, "needed", f->def == NULL);
    if (f->def != NULL && f->def[0] != '\0')
        jsonw_str(w, "default", f->def);
    jsonw_object_end(w);
}

static void list_json(struct jsonw *w, const char *only)
{
    jsonw_object_begin(w, NULL);
    jsonw_array_begin(w, "rules");
    const struct eval_rule *r;
    for (size_t i = 0; (r = rule_at(i)) != NULL; i++) {
        if (only != NULL && !str_ieq(only, r->tag))
            continue;
        jsonw_object_begin(w, NULL);
        jsonw_str(w, "rule", r->tag);
        jsonw_str(w, "summary", r->summary);
        jsonw_array_begin(w, "takes");
        for (size_t k = 0; k < eval_field_count(r); k++)
            field_json(w, &r->fields[k]);
        jsonw_array_end(w);
        jsonw_array_begin(w, "gives");
        for (size_t k = 0; k < EVAL_RESULTS_MAX && r->results[k].name != NULL; k++) {
            jsonw_object_begin(w, NULL);
            jsonw_str(w, "name", r->results[k].name);
            jsonw_str(w, "unit", r->results[k].unit);
            jsonw_object_end(w);
        }
        jsonw_array_end(w);
        jsonw_object_end(w);
    }
    jsonw_array_end(w);
    jsonw_object_end(w);
}

static void list_rule(const struct eval_rule *r)
{
    cli_print("%-8s %s\n", r->tag, r->summary);
    for (size_t k = 0; k < eval_field_count(r); k++) {
        const struct eval_field *f = &r->fields[k];
        char accepted[EVAL_TEXT_CAP];
        eval_accepted(f, accepted, sizeof(accepted));
        cli_print("    takes %-22s %s; %s%s%s\n", f->name, f->unit, accepted,
                  f->def == NULL      ? ""
                  : f->def[0] == '\0' ? "; optional"
                                      : "; default ",
                  f->def != NULL ? f->def : "");
    }
    for (size_t k = 0; k < EVAL_RESULTS_MAX && r->results[k].name != NULL; k++)
        cli_print("    gives %-22s %s\n", r->results[k].name, r->results[k].unit);
}

static int list(const char *only, bool as_json)
{
    if (as_json) {
        struct buf out TR_CLEANUP(buf_deinit);
        struct jsonw w;
        buf_init(&out, ANSWER_MAX_BYTES);
        jsonw_init(&w, &out);
        list_json(&w, only);
        TR_ASSERT(!buf_failed(&out));
        cli_print("%s\n", out.data);
        return CLI_OK;
    }
    const struct eval_rule *r;
    for (size_t i = 0; (r = rule_at(i)) != NULL; i++)
        if (only == NULL || str_ieq(only, r->tag))
            list_rule(r);
    return CLI_OK;
}

/* ---- one rule ---- */

static int refuse(const struct conf_problems *p, const char *code)
{
    struct buf out TR_CLEANUP(buf_deinit);
    buf_init(&out, ANSWER_MAX_BYTES);
    conf_problems_json(p, code, &out);
    TR_ASSERT(!buf_failed(&out));
    cli_print("%s\n", out.data);
    for (int i = 0; i < p->count; i++)
        cli_error("%s is %s; accepted: %s", p->items[i].path, p->items[i].value,
                  p->items[i].accepted);
    return CLI_USAGE;
}

/* The part before the number: "RK" of "RK-12". */
static size_t family(const char *tag)
{
    return strcspn(tag, "-0123456789");
}

static bool is_near(const char *tag, const char *typed)
{
    size_t len = family(typed);
    return len > 0 && family(tag) == len && strncasecmp(tag, typed, len) == 0;
}

static int unknown_rule(const char *typed)
{
    struct conf_problems *p TR_CLEANUP(mem_freep) = xalloc(sizeof(*p));
    struct buf near TR_CLEANUP(buf_deinit);
    const struct eval_rule *r;
    buf_init(&near, 4096);
    for (size_t i = 0; (r = rule_at(i)) != NULL; i++)
        if (is_near(r->tag, typed))
            buf_printf(&near, "%s%s", near.len > 0 ? ", " : "one of ", r->tag);
    conf_problem_add(p, "rule", typed,
                     near.len > 0 ? near.data : "a rule of `trident eval --list`, e.g. RK-12");
    return refuse(p, "RULE_UNKNOWN");
}

static const struct eval_rule *find_rule(const char *tag)
{
    const struct eval_rule *r;
    for (size_t i = 0; (r = rule_at(i)) != NULL; i++)
        if (str_ieq(r->tag, tag))
            return r;
    return NULL;
}

static int evaluate(const struct eval_rule *r, const char *text, size_t len)
{
    struct eval *e TR_CLEANUP(mem_freep) = xalloc(sizeof(*e));
    struct buf out TR_CLEANUP(buf_deinit);
    struct jsonw w;
    buf_init(&out, ANSWER_MAX_BYTES);
    e->rule = r;
    if (len > INPUT_MAX_BYTES)
        conf_problem_add(&e->problems, "input", "(too long)", "at most 64 KiB");
    else
        eval_read(e, text, len);
    if (e->problems.count > 0)
        return refuse(&e->problems, "FIELD_INVALID");
    jsonw_init(&w, &out);
    e->out = &w;
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "rule", r->tag);
    jsonw_object_begin(&w, "result");
    r->run(e);
    jsonw_object_end(&w);
    jsonw_object_end(&w);
    if (e->problems.count > 0)
        return refuse(&e->problems, "FIELD_INVALID");
    TR_ASSERT(!buf_failed(&out));
    cli_print("%s\n", out.data);
    return CLI_OK;
}

/* Each line an input of its own: an answer a line, in the same order. */
static int evaluate_lines(const struct eval_rule *r, const char *text)
{
    int result = CLI_OK;
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = xstrndup(text, len);
        int one = evaluate(r, line, len);
        mem_free(line);
        if (one != CLI_OK)
            result = one;
        text += len + (text[len] == '\n');
    }
    return result;
}

static int evaluate_input(const struct eval_rule *r, bool by_lines)
{
    struct buf text TR_CLEANUP(buf_deinit);
    char chunk[4096];
    buf_init(&text, by_lines ? LINES_MAX_BYTES : INPUT_MAX_BYTES);
    for (size_t n; !buf_failed(&text) && (n = fread(chunk, 1, sizeof chunk, stdin)) > 0;)
        buf_append(&text, chunk, n);
    const char *all = text.data != NULL ? text.data : "";
    if (buf_failed(&text))
        return evaluate(r, "", INPUT_MAX_BYTES + 1);
    return by_lines ? evaluate_lines(r, all) : evaluate(r, all, text.len);
}

enum { OPT_LIST, OPT_JSON, OPT_LINES, OPT_COUNT };

static int eval_run(int argc, char **argv)
{
    struct cli_option options[OPT_COUNT] = {[OPT_LIST] = {.name = "--list"},
                                            [OPT_JSON] = {.name = "--json"},
                                            [OPT_LINES] = {.name = "--lines"}};
    struct cli_arguments a = {.options = options, .option_count = OPT_COUNT, .word_max = 1};
    int r = cli_parse(&cli_eval, &a, argc, argv);
    if (r != CLI_OK)
        return r;
    if (a.word_count == 0 && !options[OPT_LIST].given)
        return cli_usage_error(&cli_eval, "which rule? `trident eval --list` tells them");
    const struct eval_rule *rule = a.word_count > 0 ? find_rule(a.words[0]) : NULL;
    if (a.word_count > 0 && rule == NULL)
        return unknown_rule(a.words[0]);
    if (options[OPT_LIST].given)
        return list(a.word_count > 0 ? a.words[0] : NULL,
                    options[OPT_JSON].given || !cli_is_terminal());
    return evaluate_input(rule, options[OPT_LINES].given);
}

const struct cli_command cli_eval = {
    .name = "eval",
    .summary = "the result of one rule on given numbers",
    .usage =
        "RULE [--lines] < INPUT\n"
        "       trident eval --list [RULE] [--json]\n\n"
        "Reads {\"input\": {field: value}} from standard input and prints {\"rule\", \"result\"}. "
        "Decimals\n"
        "are strings or numbers in, strings out. With --lines each line is an input, answered by a "
        "line.\n"
        "--list tells every rule with the fields it takes "
        "and\n"
        "gives: words on a terminal, JSON into a pipe or with --json.\n\n"
        "  echo '{\"input\": {\"symbol\": \"EURUSD\", \"lots\": \"0.05\"}}' | trident eval RK-7\n\n"
        "Exit code 2 for a field or a rule that is not understood: standard output then names it, "
        "its\n"
        "value and what would be accepted.",
    .run = eval_run,
};
