/* The JSON of `trident eval` into the values of a rule's fields. Numbers are taken from their text,
 * never through floating point. Every problem is collected: a field that is missing, of the wrong
 * kind, out of range, or not one of the rule's. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include "cli/eval.h"
#include "core/alloc.h"

#define JSON_DEPTH_MAX 6
#define DECIMAL_MAX    (INT64_C(10000000000) * DEC_ONE)
#define WHOLE_MAX      INT64_C(1000000000000)

size_t eval_field_count(const struct eval_rule *r)
{
    size_t n = 0;
    while (n < EVAL_FIELDS_MAX && r->fields[n].name != NULL)
        n++;
    return n;
}

/* ---- one value ---- */

static void range_of(const struct eval_field *f, int64_t *ret_min, int64_t *ret_max)
{
    bool is_decimal = f->type == EVAL_DECIMAL || f->type == EVAL_DECIMALS;
    int64_t most = is_decimal ? DECIMAL_MAX : WHOLE_MAX;
    bool is_given = f->min != 0 || f->max != 0;
    *ret_min = is_given ? f->min : -most;
    *ret_max = is_given ? f->max : most;
}

static bool is_in_range(const struct eval_field *f, int64_t n)
{
    int64_t min, max;
    range_of(f, &min, &max);
    return n >= min && n <= max;
}

static bool set_word(const struct eval_field *f, const char *text, int64_t *ret)
{
    const char *p = f->choices;
    for (int64_t i = 1; *p != '\0'; i++) {
        size_t len = strcspn(p, "|");
        char word[EVAL_TEXT_CAP];
        (void)snprintf(word, sizeof(word), "%.*s", (int)len, p);
        if (str_ieq(word, text)) {
            *ret = i;
            return true;
        }
        p += len + (p[len] == '|');
    }
    return false;
}

static bool set_symbol(const char *text, struct eval_value *v)
{
    char name[SYMBOL_CAP];
    v->symbol = symbol_normalise(text, name) ? symbol_find(name) : NULL;
    return v->symbol != NULL;
}

static bool set_name(const char *text, struct eval_value *v)
{
    char name[SYMBOL_CAP];
    bool is_name = symbol_normalise(text, name) && strlen(name) >= 3;
    return is_name && str_copy(v->text, sizeof(v->text), name);
}

static bool set_side(const char *text, int64_t *ret)
{
    bool buys = str_ieq(text, "BUY");
    *ret = buys ? SIDE_BUY : SIDE_SELL;
    return buys || str_ieq(text, "SELL");
}

static bool set_list(const struct eval_field *f, const char *text, struct eval_value *v)
{
    const char *p = text;
    v->count = 0;
    while (*p != '\0' && v->count < EVAL_LIST_MAX) {
        size_t len = strcspn(p, ",");
        char item[DEC_TEXT_CAP * 2];
        (void)snprintf(item, sizeof(item), "%.*s", (int)len, p);
        int64_t n = 0;
        bool is_number =
            f->type == EVAL_DECIMALS ? dec_parse(item, strlen(item), &n) : str_to_i64(item, &n);
        if (!is_number || !is_in_range(f, n))
            return false;
        v->list[v->count++] = n;
        p += len + (p[len] == ',');
    }
    return *p == '\0' && v->count > 0;
}

/* False: not acceptable; v is worthless then. */
static bool set_value(const struct eval_field *f, const char *text, struct eval_value *v)
{
    switch (f->type) {
    case EVAL_DECIMAL:
        return dec_parse(text, strlen(text), &v->n) && is_in_range(f, v->n);
    case EVAL_WHOLE:
        return str_to_i64(text, &v->n) && is_in_range(f, v->n);
    case EVAL_BOOL:
        v->n = str_eq(text, "true");
        return v->n != 0 || str_eq(text, "false");
    case EVAL_WORD:
        return set_word(f, text, &v->n);
    case EVAL_SYMBOL:
        return set_symbol(text, v);
    case EVAL_NAME:
        return set_name(text, v);
    case EVAL_SIDE:
        return set_side(text, &v->n);
    case EVAL_TF:
        v->n = timeframe_parse(text);
        return v->n != TF_UNSET;
    case EVAL_TEXT:
        return str_copy(v->text, sizeof(v->text), text);
    case EVAL_WHOLES:
    case EVAL_DECIMALS:
        return set_list(f, text, v);
    case EVAL_TYPE_UNSET:
    case EVAL_TYPE_COUNT:
        break;
    }
    TR_ASSERT(false && "a known type");
    return false;
}

void eval_accepted(const struct eval_field *f, char *out, size_t cap)
{
    char low[DEC_TEXT_CAP], high[DEC_TEXT_CAP];
    int64_t min, max;
    range_of(f, &min, &max);
    switch (f->type) {
    case EVAL_DECIMAL:
    case EVAL_DECIMALS:
        (void)snprintf(out, cap, "%s from %s to %s",
                       f->type == EVAL_DECIMAL ? "a decimal number" : "a list of decimal numbers",
                       dec_format(min, low), dec_format(max, high));
        return;
    case EVAL_WHOLE:
    case EVAL_WHOLES:
        (void)snprintf(out, cap, "%s from %lld to %lld",
                       f->type == EVAL_WHOLE ? "a whole number" : "a list of whole numbers",
                       (long long)min, (long long)max);
        return;
    case EVAL_BOOL:
        (void)snprintf(out, cap, "true or false");
        return;
    case EVAL_WORD:
        (void)snprintf(out, cap, "one of %s", f->choices);
        return;
    case EVAL_SYMBOL:
        (void)snprintf(out, cap, "a known symbol, e.g. XAUUSD or EURUSD");
        return;
    case EVAL_NAME:
        (void)snprintf(out, cap, "a symbol's name, e.g. XAUUSD or BTCUSD");
        return;
    case EVAL_SIDE:
        (void)snprintf(out, cap, "BUY or SELL");
        return;
    case EVAL_TF:
        (void)snprintf(out, cap, "a timeframe, e.g. 5m, 15, 1h, 240, 1D");
        return;
    case EVAL_TEXT:
        (void)snprintf(out, cap, "text of at most %d bytes", EVAL_TEXT_CAP - 1);
        return;
    case EVAL_TYPE_UNSET:
    case EVAL_TYPE_COUNT:
        break;
    }
    TR_ASSERT(false && "a known type");
}

/* ---- the object ---- */

static void problem(struct eval *e, const char *path, const char *value, const char *accepted)
{
    char shown[64];
    (void)str_copy(shown, sizeof(shown), value); /* cut is fine: it is shown */
    for (char *p = shown; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    conf_problem_add(&e->problems, path, shown, accepted);
}

void eval_refuse(struct eval *e, const char *field, const char *accepted)
{
    problem(e, field, "(as given)", accepted);
}

/* A list as one text, its elements separated by commas. */
static void join(struct json_object *o, struct buf *out)
{
    for (size_t i = 0; i < json_object_array_length(o); i++)
        buf_printf(out, "%s%s", i > 0 ? "," : "",
                   json_object_get_string(json_object_array_get_idx(o, i)));
}

static void read_field(struct eval *e, size_t i, struct json_object *o)
{
    const struct eval_field *f = &e->rule->fields[i];
    struct eval_value *v = &e->values[i];
    struct buf list TR_CLEANUP(buf_deinit);
    char accepted[EVAL_TEXT_CAP];
    buf_init(&list, 8192);
    bool is_list = f->type == EVAL_WHOLES || f->type == EVAL_DECIMALS;
    const char *text = json_object_get_string(o); /* numbers keep the text they had */
    bool is_plain =
        !json_object_is_type(o, json_type_object) && !json_object_is_type(o, json_type_array);
    if (is_list && json_object_is_type(o, json_type_array)) {
        join(o, &list);
        is_plain = !buf_failed(&list);
        text = list.data != NULL ? list.data : "";
    }
    if (text == NULL) /* null: as if it were not there */
        return;
    v->given = is_plain && set_value(f, text, v);
    if (v->given)
        return;
    eval_accepted(f, accepted, sizeof(accepted));
    problem(e, f->name, text, accepted);
}

static void fill_absent(struct eval *e, size_t i)
{
    const struct eval_field *f = &e->rule->fields[i];
    struct eval_value *v = &e->values[i];
    char accepted[EVAL_TEXT_CAP];
    if (v->given)
        return;
    for (int k = 0; k < e->problems.count; k++)
        if (str_eq(e->problems.items[k].path, f->name))
            return; /* it was there, and wrong */
    v->n = f->type == EVAL_DECIMAL ? DEC_NONE : 0;
    if (f->def == NULL) {
        eval_accepted(f, accepted, sizeof(accepted));
        problem(e, f->name, "(missing)", accepted);
    } else if (f->def[0] != '\0') {
        v->given = set_value(f, f->def, v);
        TR_ASSERT(v->given);
    }
}

static void unknown_field(struct eval *e, const char *name)
{
    struct buf names TR_CLEANUP(buf_deinit);
    buf_init(&names, 1024);
    buf_puts(&names, "no such field: one of");
    for (size_t i = 0; i < eval_field_count(e->rule); i++)
        buf_printf(&names, "%s %s", i > 0 ? "," : "", e->rule->fields[i].name);
    problem(e, name, "(unknown field)", names.data);
}

static void read_fields(struct eval *e, struct json_object *input)
{
    json_object_object_foreach(input, name, o)
    {
        size_t i = 0;
        while (i < eval_field_count(e->rule) && !str_eq(e->rule->fields[i].name, name))
            i++;
        if (i == eval_field_count(e->rule))
            unknown_field(e, name);
        else
            read_field(e, i, o);
    }
    for (size_t i = 0; i < eval_field_count(e->rule); i++)
        fill_absent(e, i);
}

void eval_read(struct eval *e, const char *json, size_t len)
{
    struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH_MAX);
    struct json_object *input = NULL;
    TR_ASSERT(t != NULL);
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *o = json_tokener_parse_ex(t, json, (int)len);
    bool is_whole = json_tokener_get_error(t) == json_tokener_success &&
                    strspn(json + json_tokener_get_parse_end(t), " \t\r\n") ==
                        len - json_tokener_get_parse_end(t);
    if (!is_whole || !json_object_is_type(o, json_type_object)) {
        problem(e, "input", is_whole ? "(not an object)" : "(not JSON)",
                "a JSON object {\"input\": {...}}");
    } else if (!json_object_object_get_ex(o, "input", &input) ||
               !json_object_is_type(input, json_type_object)) {
        problem(e, "input", input == NULL ? "(missing)" : "(not an object)",
                "an object with the fields of the rule");
    } else {
        read_fields(e, input);
    }
    (void)json_object_put(o); /* frees it */
    json_tokener_free(t);
}
