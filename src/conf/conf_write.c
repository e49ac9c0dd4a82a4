/* Prints what the table says: JSON Schema, a sample file, and the configuration in force. All three
 * walk the dotted paths in table order and open an object for each common beginning, so a group's
 * keys must stand together only in meaning, not in place. Output is indented by json-c. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include "conf/conf_table.h"
#include "core/alloc.h"
#include "core/jsonw.h"

#define TEXT_MAX_BYTES (512 * 1024)
#define PATH_CAP       128

enum style { STYLE_UNSET = 0, STYLE_SCHEMA, STYLE_SAMPLE, STYLE_SHOW, STYLE_COUNT };

struct printer {
    struct jsonw *w;
    enum style style;
    const struct conf *conf; /* STYLE_SHOW */
};

static void print_group(struct printer *p, const struct conf_section *s, const void *base,
                        const char *prefix);

/* ---- one key as a value ---- */

static void write_scalar(struct printer *p, const struct conf_key *k, const char *name,
                         const char *text)
{
    bool is_word =
        k->type == CONF_DECIMAL && k->choices != NULL && str_eq(text, k->choices[0].word);
    bool is_bare =
        !is_word && (k->type == CONF_BOOL || k->type == CONF_INT || k->type == CONF_DECIMAL);
    if (is_bare)
        jsonw_raw(p->w, name, text);
    else
        jsonw_str(p->w, name, text);
}

static void print_list(struct printer *p, const struct conf_key *k, const char *name,
                       const void *base)
{
    jsonw_array_begin(p->w, name);
    int n = base == NULL ? 0 : *(const int *)((const char *)base + k->count_offset);
    for (int i = 0; i < n; i++)
        jsonw_str(p->w, NULL, (const char *)base + k->offset + (size_t)i * k->size);
    jsonw_array_end(p->w);
}

static void print_value(struct printer *p, const struct conf_key *k, const char *name,
                        const void *base)
{
    struct buf text TR_CLEANUP(buf_deinit);
    buf_init(&text, 1024);
    if (k->type == CONF_STRINGS) {
        print_list(p, k, name, base);
    } else if (base == NULL) {
        write_scalar(p, k, name, k->sample != NULL ? k->sample : k->def);
    } else if (k->type == CONF_SECRET) {
        const char *secret = (const char *)base + k->offset;
        jsonw_str(p->w, name, secret[0] == '\0' ? "" : "[redacted]");
    } else {
        conf_key_get(k, base, &text);
        write_scalar(p, k, name, text.data);
    }
}

/* ---- one key as a schema ---- */

static void schema_text(struct printer *p, const struct conf_key *k)
{
    jsonw_str(p->w, "type", "string");
    if (k->form == CONF_FORM_TOKEN)
        jsonw_str(p->w, "pattern", "^([0-9]{3,}:[A-Za-z0-9_-]{30,})?$");
    else if (k->form == CONF_FORM_KEY)
        jsonw_str(p->w, "pattern", "^([A-Za-z0-9_-]{16,})?$");
    else if (k->form == CONF_FORM_ID)
        jsonw_str(p->w, "pattern", "^[a-z0-9_][a-z0-9_-]*$");
    else if (k->form == CONF_FORM_TIME)
        jsonw_str(p->w, "pattern", "^([01][0-9]|2[0-3]):[0-5][0-9]$");
    else if (k->form == CONF_FORM_PASSPHRASE)
        jsonw_str(p->w, "pattern", "^([$]argon2id[$].+)?$");
    else if (k->form == CONF_FORM_URL)
        jsonw_str(p->w, "pattern", "^(https?://.+)?$");
    jsonw_u64(p->w, "maxLength", k->size - 1);
}

static void schema_secret(struct printer *p, const struct conf_key *k)
{
    static const char *const sources[] = {"file", "credential"};
    jsonw_array_begin(p->w, "oneOf");
    jsonw_object_begin(p->w, NULL);
    schema_text(p, k);
    jsonw_object_end(p->w);
    for (size_t i = 0; i < TR_ARRAY_SIZE(sources); i++) {
        jsonw_object_begin(p->w, NULL);
        jsonw_str(p->w, "type", "object");
        jsonw_object_begin(p->w, "properties");
        jsonw_raw(p->w, sources[i], "{\"type\":\"string\",\"minLength\":1}");
        jsonw_object_end(p->w);
        jsonw_array_begin(p->w, "required");
        jsonw_str(p->w, NULL, sources[i]);
        jsonw_array_end(p->w);
        jsonw_bool(p->w, "additionalProperties", false);
        jsonw_object_end(p->w);
    }
    jsonw_array_end(p->w);
}

static void schema_range(struct printer *p, const struct conf_key *k)
{
    char low[DEC_TEXT_CAP], high[DEC_TEXT_CAP];
    bool is_int = k->type == CONF_INT;
    (void)snprintf(low, sizeof low, "%lld", (long long)k->min);
    (void)snprintf(high, sizeof high, "%lld", (long long)k->max);
    if (is_int)
        jsonw_str(p->w, "type", "integer");
    else
        jsonw_raw(p->w, "type", "[\"number\",\"string\"]");
    jsonw_raw(p->w, "minimum", is_int ? low : dec_format(k->min, low));
    jsonw_raw(p->w, "maximum", is_int ? high : dec_format(k->max, high));
}

static void schema_type(struct printer *p, const struct conf_key *k)
{
    switch (k->type) {
    case CONF_BOOL:
        jsonw_str(p->w, "type", "boolean");
        return;
    case CONF_INT:
    case CONF_DECIMAL:
        schema_range(p, k);
        return;
    case CONF_STRING:
        schema_text(p, k);
        return;
    case CONF_WORD:
    case CONF_ENUM:
        jsonw_array_begin(p->w, "enum");
        for (const struct conf_choice *c = k->choices; c->word != NULL; c++)
            jsonw_str(p->w, NULL, c->word);
        jsonw_array_end(p->w);
        return;
    case CONF_SECRET:
        schema_secret(p, k);
        return;
    case CONF_STRINGS:
        jsonw_str(p->w, "type", "array");
        jsonw_i64(p->w, "maxItems", k->max);
        jsonw_object_begin(p->w, "items");
        schema_text(p, k);
        jsonw_object_end(p->w);
        return;
    case CONF_TYPE_UNSET:
    case CONF_TYPE_COUNT:
        break;
    }
    TR_ASSERT(false && "a known type");
}

static void print_schema_key(struct printer *p, const struct conf_key *k, const char *name)
{
    jsonw_object_begin(p->w, name);
    jsonw_str(p->w, "description", k->help);
    schema_type(p, k);
    if (k->type == CONF_STRINGS)
        jsonw_raw(p->w, "default", "[]");
    else if (k->type != CONF_SECRET && !k->required)
        write_scalar(p, k, "default", k->def);
    jsonw_object_end(p->w);
}

/* ---- objects and lists ---- */

static void open_object(struct printer *p, const char *name, const char *help)
{
    jsonw_object_begin(p->w, name);
    if (p->style == STYLE_SCHEMA) {
        if (help != NULL)
            jsonw_str(p->w, "description", help);
        jsonw_str(p->w, "type", "object");
        jsonw_raw(p->w, "patternProperties", "{\"^_\":{}}");
        jsonw_bool(p->w, "additionalProperties", false);
        jsonw_object_begin(p->w, "properties");
    } else if (p->style == STYLE_SAMPLE && help != NULL) {
        jsonw_str(p->w, "_help", help);
    }
}

static void close_object(struct printer *p)
{
    if (p->style == STYLE_SCHEMA)
        jsonw_object_end(p->w); /* properties */
    jsonw_object_end(p->w);
}

/* Is this the first key below prefix whose next part is the same as that of keys[at]? */
static bool is_first_of_part(const struct conf_section *s, size_t at, size_t from, size_t part_end)
{
    const char *path = s->keys[at].path;
    for (size_t i = 0; i < at; i++) {
        if (strncmp(s->keys[i].path, path, part_end) == 0 &&
            (s->keys[i].path[part_end] == '.' || s->keys[i].path[part_end] == '\0'))
            return false;
    }
    TR_ASSERT(part_end > from);
    return true;
}

static void print_part(struct printer *p, const struct conf_section *s, const void *base, size_t at,
                       size_t from)
{
    const struct conf_key *k = &s->keys[at];
    size_t end = from + strcspn(k->path + from, ".");
    char part[PATH_CAP], group[PATH_CAP], help_path[2 * PATH_CAP];
    if (!is_first_of_part(s, at, from, end))
        return;
    (void)snprintf(part, sizeof part, "%.*s", (int)(end - from), k->path + from);
    if (k->path[end] == '\0') {
        if (p->style == STYLE_SCHEMA)
            print_schema_key(p, k, part);
        else
            print_value(p, k, part, base);
        return;
    }
    (void)snprintf(group, sizeof group, "%.*s", (int)end, k->path);
    (void)snprintf(help_path, sizeof help_path, "%s%s%s", s->path, s->path[0] == '\0' ? "" : ".",
                   group);
    open_object(p, part, conf_group_help(help_path));
    print_group(p, s, base, group);
    close_object(p);
}

static void print_group(struct printer *p, const struct conf_section *s, const void *base,
                        const char *prefix)
{
    size_t len = strlen(prefix);
    for (size_t i = 0; i < s->count; i++) {
        const char *path = s->keys[i].path;
        if (len == 0)
            print_part(p, s, base, i, 0);
        else if (strncmp(path, prefix, len) == 0 && path[len] == '.')
            print_part(p, s, base, i, len + 1);
    }
}

static void print_section_list(struct printer *p, const struct conf_section *s)
{
    int n = 1;
    if (p->style == STYLE_SCHEMA) {
        jsonw_object_begin(p->w, s->path);
        jsonw_str(p->w, "description", s->help);
        jsonw_str(p->w, "type", "array");
        jsonw_i64(p->w, "maxItems", s->max);
        jsonw_i64(p->w, "minItems", str_eq(s->path, "traders") ? 1 : 0);
        open_object(p, "items", NULL);
        print_group(p, s, NULL, "");
        jsonw_object_end(p->w); /* properties */
        jsonw_array_begin(p->w, "required");
        for (size_t i = 0; i < s->count; i++) {
            if (s->keys[i].required)
                jsonw_str(p->w, NULL, s->keys[i].path);
        }
        jsonw_array_end(p->w);
        jsonw_object_end(p->w);
        jsonw_object_end(p->w);
        return;
    }
    if (p->conf != NULL)
        n = *(const int *)((const char *)p->conf + s->count_offset);
    jsonw_array_begin(p->w, s->path);
    for (int i = 0; i < n; i++) {
        const char *base =
            p->conf == NULL ? NULL : (const char *)p->conf + s->offset + (size_t)i * s->size;
        open_object(p, NULL, s->help);
        print_group(p, s, base, "");
        close_object(p);
    }
    jsonw_array_end(p->w);
}

void conf_indent_json(const char *json, struct buf *out)
{
    struct json_object *root = json_tokener_parse(json);
    TR_ASSERT(root != NULL);
    buf_puts(out, json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
                                                           JSON_C_TO_STRING_NOSLASHESCAPE));
    buf_putc(out, '\n');
    json_object_put(root);
}

static void print(enum style style, const struct conf *c, struct buf *out)
{
    struct buf compact TR_CLEANUP(buf_deinit);
    struct jsonw w;
    struct printer p = {.w = &w, .style = style, .conf = c};
    buf_init(&compact, TEXT_MAX_BYTES);
    jsonw_init(&w, &compact);
    jsonw_object_begin(&w, NULL);
    if (style == STYLE_SCHEMA) {
        jsonw_str(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
        jsonw_str(&w, "title", "Trident configuration");
        jsonw_str(&w, "description", conf_sections[0].help);
        jsonw_str(&w, "type", "object");
        jsonw_raw(&w, "patternProperties", "{\"^_\":{},\"^\\\\$schema$\":{}}");
        jsonw_bool(&w, "additionalProperties", false);
        jsonw_object_begin(&w, "properties");
    } else if (style == STYLE_SAMPLE) {
        jsonw_str(&w, "$schema", "trident.schema.json");
        jsonw_str(&w, "_help",
                  "Every key with its default. Secrets may also be given as {\"file\": path} or "
                  "{\"credential\": name}. Keys that begin with _ are comments.");
    }
    print_group(&p, &conf_sections[0], c, "");
    for (size_t i = 1; i < conf_section_count; i++)
        print_section_list(&p, &conf_sections[i]);
    if (style == STYLE_SCHEMA)
        jsonw_object_end(&w);
    jsonw_object_end(&w);
    TR_ASSERT(!buf_failed(&compact));
    conf_indent_json(compact.data, out);
}

void conf_schema_json(struct buf *out)
{
    print(STYLE_SCHEMA, NULL, out);
}

void conf_sample_json(struct buf *out)
{
    print(STYLE_SAMPLE, NULL, out);
}

void conf_show_json(const struct conf *c, struct buf *out)
{
    TR_ASSERT(c != NULL);
    print(STYLE_SHOW, c, out);
}

/* ---- problems ---- */

static void problem_json(struct jsonw *w, const struct conf_problem *p)
{
    jsonw_str(w, "field", p->path);
    jsonw_str(w, "value", p->value);
    jsonw_str(w, "accepted", p->accepted);
}

void conf_problems_json(const struct conf_problems *p, const char *code, struct buf *out)
{
    struct jsonw w;
    TR_ASSERT(p->count > 0);
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "error", code);
    problem_json(&w, &p->items[0]);
    if (p->count > 1) {
        jsonw_array_begin(&w, "problems");
        for (int i = 0; i < p->count; i++) {
            jsonw_object_begin(&w, NULL);
            problem_json(&w, &p->items[i]);
            jsonw_object_end(&w);
        }
        jsonw_array_end(&w);
    }
    jsonw_object_end(&w);
}
