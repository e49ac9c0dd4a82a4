/* From a JSON file to struct conf: json-c reads the text, a walk along the table (conf_table.c)
 * hands each value to conf_value.c as text and reports what the table does not know, with the
 * nearest name it does. Nothing stops at the first problem. Secrets are fetched from where they
 * stand and registered with the log; their values never enter a problem. Keys starting with "_" and
 * "$schema" are comments. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "conf/conf_table.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/log.h"

#define FILE_MAX_BYTES   (1024 * 1024)
#define SECRET_MAX_BYTES 4096
#define ACCEPTED_CAP     160
#define JSON_DEPTH_MAX   12
#define PATH_CAP         256
#define NAME_MAX_COMPARE 40 /* longest name for which a near miss is looked for */
#define CREDENTIALS      "CREDENTIALS_DIRECTORY"

struct loader {
    struct conf *conf;
    struct conf_problems *problems;
    const char *base_dir; /* NULL: no files */
    bool has_inline_secret;
};

/* Where the walk stands: an object of the file, and the section element it fills. */
struct place {
    const struct conf_section *section;
    void *base;
    char in_section[PATH_CAP]; /* "plugins.combined_v3", "" at the section's root */
    char full[PATH_CAP];       /* "traders[0].plugins.combined_v3" */
};

static void walk_object(struct loader *l, const struct place *at, struct json_object *object);

static void join(char *out, const char *prefix, const char *name)
{
    (void)snprintf(out, PATH_CAP, "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", name);
}

static void problem(struct loader *l, const char *path, const char *value, const char *accepted)
{
    conf_problem_add(l->problems, path, value, accepted);
}

static void value_text(struct json_object *v, char *out, size_t cap)
{
    const char *text = json_object_is_type(v, json_type_string)
                           ? json_object_get_string(v)
                           : json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN);
    (void)str_copy(out, cap, text);
    for (char *p = out; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
}

static void key_problem(struct loader *l, const struct conf_key *k, const char *path,
                        struct json_object *v)
{
    char value[64], accepted[160];
    value_text(v, value, sizeof value);
    conf_key_accepted(k, accepted, sizeof accepted);
    problem(l, path, k->type == CONF_SECRET ? "[redacted]" : value, accepted);
}

/* ---- secrets ---- */

/* Where the secret is to be; false: nowhere, accepted says what would be. There is one place for
 * each: nothing else is tried when it is not there. */
static bool secret_path(const struct loader *l, const char *kind, const char *name, char *out,
                        char accepted[ACCEPTED_CAP])
{
    const char *dir = l->base_dir;
    if (str_eq(kind, "credential")) {
        dir = getenv(CREDENTIALS);
        if (name[0] == '\0' || strchr(name, '/') != NULL || name[0] == '.') {
            (void)snprintf(accepted, ACCEPTED_CAP, "the name of a credential, without / in it");
            return false;
        }
        if (dir == NULL) {
            (void)snprintf(accepted, ACCEPTED_CAP,
                           "$" CREDENTIALS " to be set: by LoadCredential=%s:FILE in the unit, or "
                           "by hand to the folder that has the file %s",
                           name, name);
            return false;
        }
    }
    if (name[0] == '\0' || dir == NULL) {
        (void)snprintf(accepted, ACCEPTED_CAP, "a file that can be read");
        return false;
    }
    if (name[0] == '/')
        return str_copy(out, PATH_CAP, name);
    return snprintf(out, PATH_CAP, "%s/%s", dir, name) < PATH_CAP;
}

/* False: it cannot be read; accepted says which file and why. Cut is fine. */
static bool read_secret_text(const char *kind, const char *file, struct buf *ret,
                             char accepted[ACCEPTED_CAP])
{
    struct stat st;
    const char *why = NULL;
    if (stat(file, &st) < 0)
        why = strerrordesc_np(errno);
    else if (!S_ISREG(st.st_mode))
        why = "it is no file";
    else {
        int r = file_read(file, ret);
        why = r < 0 ? strerrordesc_np(-r) : NULL;
    }
    while (ret->len > 0 && strchr("\r\n", ret->data[ret->len - 1]) != NULL)
        ret->data[--ret->len] = '\0';
    if (why == NULL && ret->len == 0)
        why = "it is empty";
    if (why != NULL && str_eq(kind, "file"))
        (void)snprintf(accepted, ACCEPTED_CAP, "a file that can be read; %s: %s", file, why);
    else if (why != NULL)
        (void)snprintf(accepted, ACCEPTED_CAP, "a credential (LoadCredential= in the unit); %s: %s",
                       file, why);
    return why == NULL;
}

static void read_secret_file(struct loader *l, const struct conf_key *k, const struct place *at,
                             const char *path, struct json_object *source)
{
    struct buf text TR_CLEANUP(buf_deinit);
    char file[PATH_CAP], shown[64], accepted[ACCEPTED_CAP] = "a shorter path";
    buf_init(&text, SECRET_MAX_BYTES);
    const char *kind = NULL, *name = NULL;
    json_object_object_foreach(source, key, v)
    {
        kind = key;
        name = json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
    }
    if (json_object_object_length(source) != 1 || name == NULL ||
        (!str_eq(kind, "file") && !str_eq(kind, "credential"))) {
        key_problem(l, k, path, source);
        return;
    }
    value_text(source, shown, sizeof shown);
    if (!secret_path(l, kind, name, file, accepted) ||
        !read_secret_text(kind, file, &text, accepted)) {
        problem(l, path, shown, accepted);
        return;
    }
    char *field = (char *)at->base + k->offset;
    if (strlen(text.data) != text.len || !conf_key_set(k, at->base, text.data))
        key_problem(l, k, path, source);
    else
        log_add_secret(field);
    hash_wipe(text.data, text.len);
}

static void read_secret(struct loader *l, const struct conf_key *k, const struct place *at,
                        const char *path, struct json_object *v)
{
    if (json_object_is_type(v, json_type_object)) {
        read_secret_file(l, k, at, path, v);
        return;
    }
    if (!json_object_is_type(v, json_type_string)) {
        key_problem(l, k, path, v);
        return;
    }
    const char *text = json_object_get_string(v);
    log_add_secret(text); /* even a malformed one: it may be a real one with a slip */
    if (text[0] != '\0')
        l->has_inline_secret = true;
    size_t len = (size_t)json_object_get_string_len(v);
    if (strlen(text) != len || !conf_key_set(k, at->base, text))
        key_problem(l, k, path, v);
    hash_wipe((char *)(uintptr_t)text, len); /* nobody asks the tree for it again */
}

/* ---- plain values ---- */

static bool has_type(const struct conf_key *k, struct json_object *v)
{
    enum json_type t = json_object_get_type(v);
    switch (k->type) {
    case CONF_BOOL:
        return t == json_type_boolean;
    case CONF_INT:
        return t == json_type_int;
    case CONF_DECIMAL:
        return t == json_type_int || t == json_type_double || t == json_type_string;
    case CONF_STRING:
    case CONF_WORD:
    case CONF_ENUM:
    case CONF_SECRET:
    case CONF_STRINGS: /* its elements */
        return t == json_type_string &&
               strlen(json_object_get_string(v)) == (size_t)json_object_get_string_len(v);
    case CONF_TYPE_UNSET:
    case CONF_TYPE_COUNT:
        break;
    }
    return false;
}

/* json-c keeps the digits of a number as they were written, so decimals never pass through double.
 */
static const char *plain_text(struct json_object *v)
{
    return json_object_is_type(v, json_type_string)
               ? json_object_get_string(v)
               : json_object_to_json_string_ext(v, JSON_C_TO_STRING_PLAIN);
}

static void read_list(struct loader *l, const struct conf_key *k, const struct place *at,
                      const char *path, struct json_object *v)
{
    if (!json_object_is_type(v, json_type_array)) {
        key_problem(l, k, path, v);
        return;
    }
    char element[PATH_CAP];
    *(int *)((char *)at->base + k->count_offset) = 0; /* a list replaces what was there */
    for (size_t i = 0; i < json_object_array_length(v); i++) {
        struct json_object *item = json_object_array_get_idx(v, i);
        (void)snprintf(element, sizeof element, "%.200s[%zu]", path, i);
        if (!has_type(k, item) || !conf_key_set(k, at->base, json_object_get_string(item)))
            key_problem(l, k, element, item);
    }
}

static void read_value(struct loader *l, const struct conf_key *k, const struct place *at,
                       const char *path, struct json_object *v)
{
    if (k->type == CONF_SECRET)
        read_secret(l, k, at, path, v);
    else if (k->type == CONF_STRINGS)
        read_list(l, k, at, path, v);
    else if (!has_type(k, v) || !conf_key_set(k, at->base, plain_text(v)))
        key_problem(l, k, path, v);
}

/* ---- names ---- */

static const struct conf_key *find_key(const struct conf_section *s, const char *path)
{
    for (size_t i = 0; i < s->count; i++) {
        if (str_eq(s->keys[i].path, path))
            return &s->keys[i];
    }
    return NULL;
}

static bool is_group(const struct conf_section *s, const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < s->count; i++) {
        if (strncmp(s->keys[i].path, path, len) == 0 && s->keys[i].path[len] == '.')
            return true;
    }
    return false;
}

static const struct conf_section *find_list(const struct place *at, const char *name)
{
    if (at->section != &conf_sections[0])
        return NULL;
    for (size_t i = 1; i < conf_section_count; i++) {
        if (str_eq(conf_sections[i].path, name))
            return &conf_sections[i];
    }
    return NULL;
}

/* Letters to change, add or drop to get from a to b (Levenshtein). */
static size_t name_distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_COMPARE + 1];
    size_t len_a = strlen(a), len_b = strlen(b);
    if (len_a > NAME_MAX_COMPARE || len_b > NAME_MAX_COMPARE)
        return NAME_MAX_COMPARE;
    for (size_t j = 0; j <= len_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= len_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            size_t best = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[len_b];
}

struct nearest {
    char path[PATH_CAP];
    size_t distance;
};

static void consider(struct nearest *n, const char *name, const char *candidate, const char *path,
                     size_t len)
{
    size_t d = name_distance(name, candidate);
    if (d >= n->distance || d > 1 + strlen(name) / 4 || len >= PATH_CAP)
        return;
    memcpy(n->path, path, len);
    n->path[len] = '\0';
    n->distance = d;
}

/* Compares with the names known in this object first; then with the last part of any key. */
static void find_nearest(const struct place *at, const char *name, struct nearest *n)
{
    char candidate[PATH_CAP];
    size_t prefix = strlen(at->in_section);
    n->distance = NAME_MAX_COMPARE;
    for (size_t i = 0; i < at->section->count; i++) {
        const char *path = at->section->keys[i].path;
        if (prefix > 0 && (strncmp(path, at->in_section, prefix) != 0 || path[prefix] != '.'))
            continue;
        size_t from = prefix > 0 ? prefix + 1 : 0;
        size_t len = strcspn(path + from, ".");
        (void)snprintf(candidate, sizeof candidate, "%.*s", (int)len, path + from);
        consider(n, name, candidate, path, from + len);
    }
    for (size_t i = 1; i < conf_section_count && find_list(at, conf_sections[i].path) != NULL;
         i++) {
        const char *path = conf_sections[i].path;
        consider(n, name, path, path, strlen(path));
    }
    for (size_t i = 0; i < at->section->count && n->distance == NAME_MAX_COMPARE; i++) {
        const char *path = at->section->keys[i].path;
        const char *dot = strrchr(path, '.');
        consider(n, name, dot == NULL ? path : dot + 1, path, strlen(path));
    }
}

static void unknown_key(struct loader *l, const struct place *at, const char *name,
                        const char *path)
{
    struct nearest n;
    char accepted[160];
    find_nearest(at, name, &n);
    if (n.distance < NAME_MAX_COMPARE)
        (void)snprintf(accepted, sizeof accepted, "no such key: did you mean \"%.100s\"?", n.path);
    else
        (void)snprintf(accepted, sizeof accepted,
                       "no such key: `trident config schema` lists all of them");
    problem(l, path, "(unknown key)", accepted); /* its value may be a secret */
}

/* ---- the walk ---- */

static void check_required(struct loader *l, const struct place *at, struct json_object *object)
{
    char path[PATH_CAP], accepted[160];
    for (size_t i = 0; i < at->section->count; i++) {
        const struct conf_key *k = &at->section->keys[i];
        if (!k->required || json_object_object_get_ex(object, k->path, NULL))
            continue;
        join(path, at->full, k->path);
        conf_key_accepted(k, accepted, sizeof accepted);
        problem(l, path, "(missing)", accepted);
    }
}

static void walk_list(struct loader *l, const struct conf_section *s, struct json_object *v)
{
    char accepted[160];
    (void)snprintf(accepted, sizeof accepted, "a list of at most %d objects", s->max);
    size_t n = json_object_is_type(v, json_type_array) ? json_object_array_length(v) : 0;
    bool is_trader_list = str_eq(s->path, "traders");
    if (!json_object_is_type(v, json_type_array) || n > (size_t)s->max ||
        (is_trader_list && n == 0)) {
        problem(l, s->path, n > 0 ? "(too many)" : "(not a list, or empty)", accepted);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct json_object *item = json_object_array_get_idx(v, i);
        struct place at = {.section = s, .base = conf_element(s, l->conf, (int)i)};
        (void)snprintf(at.full, sizeof at.full, "%s[%zu]", s->path, i);
        memset(at.base, 0, s->size);
        conf_section_defaults(s, at.base);
        if (!json_object_is_type(item, json_type_object)) {
            problem(l, at.full, "(not an object)", "an object");
            continue;
        }
        walk_object(l, &at, item);
        check_required(l, &at, item);
    }
    *(int *)((char *)l->conf + s->count_offset) = (int)n;
}

static void walk_object(struct loader *l, const struct place *at, struct json_object *object)
{
    TR_ASSERT(at->base != NULL);
    json_object_object_foreach(object, name, v)
    {
        struct place child = {.section = at->section, .base = at->base};
        if (name[0] == '_' || str_eq(name, "$schema"))
            continue;
        join(child.in_section, at->in_section, name);
        join(child.full, at->full, name);
        const struct conf_key *k = find_key(at->section, child.in_section);
        const struct conf_section *list = at->in_section[0] == '\0' ? find_list(at, name) : NULL;
        if (k != NULL)
            read_value(l, k, at, child.full, v);
        else if (list != NULL)
            walk_list(l, list, v);
        else if (!is_group(at->section, child.in_section))
            unknown_key(l, at, name, child.full);
        else if (json_object_is_type(v, json_type_object))
            walk_object(l, &child, v);
        else
            problem(l, child.full, "(not an object)", "an object");
    }
}

/* Relative paths belong to the folder of the configuration, wherever the program was started. */
static void resolve_paths(struct loader *l)
{
    char path[PATH_CAP + CONF_PATH_CAP + 2];
    for (size_t i = 0; i < conf_section_count; i++) {
        const struct conf_section *s = &conf_sections[i];
        int n = i == 0 ? 1 : *(int *)((char *)l->conf + s->count_offset);
        for (size_t k = 0; k < s->count * (size_t)n; k++) {
            const struct conf_key *key = &s->keys[k % s->count];
            char *field = (char *)conf_element(s, l->conf, (int)(k / s->count)) + key->offset;
            if (key->form != CONF_FORM_PATH || field[0] == '\0' || field[0] == '/')
                continue;
            (void)snprintf(path, sizeof path, "%s/%s", l->base_dir, field);
            if (!str_copy(field, key->size, path))
                problem(l, key->path, path, "a shorter path");
        }
    }
}

static void syntax_problem(struct conf_problems *p, const char *json, size_t at_byte,
                           const char *why)
{
    char place[64];
    size_t line = 1, column = 1;
    for (size_t i = 0; i < at_byte; i++) {
        column = json[i] == '\n' ? 1 : column + 1;
        line += json[i] == '\n' ? 1 : 0;
    }
    (void)snprintf(place, sizeof place, "line %zu, column %zu", line, column);
    conf_problem_add(p, "(file)", place, why);
}

static struct json_object *parse(const char *json, size_t len, struct conf_problems *p)
{
    struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH_MAX);
    TR_ASSERT(t != NULL);
    char why[160];
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *root = json_tokener_parse_ex(t, json, (int)len);
    enum json_tokener_error e = json_tokener_get_error(t);
    size_t end = json_tokener_get_parse_end(t);
    end = end < len ? end : len;
    if (e == json_tokener_success && strspn(json + end, " \t\r\n") != len - end)
        e = json_tokener_error_parse_unexpected;
    if (e != json_tokener_success || !json_object_is_type(root, json_type_object)) {
        (void)snprintf(why, sizeof why, "a JSON object (%s)",
                       e == json_tokener_success    ? "it is something else"
                       : e == json_tokener_continue ? "the file ends before it is closed"
                                                    : json_tokener_error_desc(e));
        syntax_problem(p, json, end, why);
        json_object_put(root);
        root = NULL;
    }
    json_tokener_free(t);
    return root;
}

/* The text stands NUL-terminated at json. */
static int load(struct loader *l, const char *json, size_t len)
{
    conf_defaults(l->conf);
    struct json_object *root = len > FILE_MAX_BYTES ? NULL : parse(json, len, l->problems);
    if (root == NULL) {
        if (l->problems->count == 0)
            problem(l, "(file)", "(too long)", "a JSON object of at most 1 MiB");
        return CONF_E_INVALID;
    }
    struct place at = {.section = &conf_sections[0], .base = l->conf};
    walk_object(l, &at, root);
    json_object_put(root);
    conf_check(l->conf, l->problems);
    if (l->base_dir != NULL)
        resolve_paths(l);
    return l->problems->count > 0 ? CONF_E_INVALID : CONF_OK;
}

int conf_load_text(const char *json, size_t len, const char *base_dir, struct conf *ret,
                   struct conf_problems *problems)
{
    TR_ASSERT(ret != NULL);
    TR_ASSERT(problems != NULL);
    struct loader l = {.conf = ret, .problems = problems, .base_dir = base_dir};
    memset(problems, 0, sizeof *problems);
    TR_CLEANUP(mem_freep) char *text = xstrndup(json, len); /* cut at a NUL: then it is not JSON */
    if (strlen(text) != len) {
        conf_defaults(ret);
        problem(&l, "(file)", "(a NUL byte)", "a JSON object");
        return CONF_E_INVALID;
    }
    int r = load(&l, text, len);
    hash_wipe(text, len);
    return r;
}

void conf_plugins_override(const char *json, size_t len, struct conf_trader *t,
                           struct conf_problems *problems)
{
    struct loader l = {.problems = problems};
    struct place at = {.base = t, .in_section = "plugins", .full = "plugins"};
    for (size_t i = 0; i < conf_section_count; i++) {
        if (str_eq(conf_sections[i].path, "traders"))
            at.section = &conf_sections[i];
    }
    TR_ASSERT(at.section != NULL);
    struct json_object *root = parse(json, len, problems);
    if (root != NULL)
        walk_object(&l, &at, root);
    json_object_put(root);
}

static void check_mode(struct loader *l, const char *path)
{
    struct stat st;
    char mode[16], accepted[160];
    if (!l->has_inline_secret || stat(path, &st) != 0 || (st.st_mode & 077) == 0)
        return;
    (void)snprintf(mode, sizeof mode, "mode %04o", (unsigned)(st.st_mode & 07777));
    (void)snprintf(accepted, sizeof accepted,
                   "mode 0600 or stricter, because secrets stand in the file: chmod 600 %.80s",
                   path);
    problem(l, "(file)", mode, accepted);
}

int conf_load(const char *path, struct conf *ret, struct conf_problems *problems)
{
    TR_ASSERT(path != NULL);
    struct buf text TR_CLEANUP(buf_deinit);
    char dir[PATH_CAP] = ".";
    struct loader l = {.conf = ret, .problems = problems, .base_dir = dir};
    memset(problems, 0, sizeof *problems);
    buf_init(&text, FILE_MAX_BYTES);
    int r = file_read(path, &text);
    if (r < 0) {
        problem(&l, "(file)", strerror(-r), "a file that can be read");
        return err_trace(r);
    }
    const char *slash = strrchr(path, '/');
    if (slash != NULL && (size_t)(slash - path) < sizeof dir) {
        memcpy(dir, path, (size_t)(slash - path));
        dir[slash - path] = '\0';
        if (dir[0] == '\0')
            (void)str_copy(dir, sizeof dir, "/");
    }
    r = load(&l, text.data, text.len);
    (void)str_copy(ret->file, sizeof ret->file, path); /* a longer one is not backed up */
    check_mode(&l, path);
    hash_wipe(text.data, text.len);
    return problems->count > 0 ? CONF_E_INVALID : r;
}
