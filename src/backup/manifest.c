/* backup/manifest.c: see manifest.h. What is read is distrusted: paths must stay inside of the
 * folder, every field must be there. */
#include "backup/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/jsonw.h"

#define TEXT_MAX_BYTES (512 * 1024)
#define CHUNK_BYTES    (64 * 1024)

static const char *const kind_names[MANIFEST_KIND_COUNT] = {[MANIFEST_KIND_UNSET] = "unset",
                                                            [MANIFEST_JOURNAL] = "journal",
                                                            [MANIFEST_DATABASE] = "database",
                                                            [MANIFEST_PLAIN] = "plain"};

void manifest_init(struct manifest *m)
{
    *m = (struct manifest){0};
    m->files = xcalloc(MANIFEST_FILES_MAX, sizeof(*m->files));
}

void manifest_deinit(struct manifest *m)
{
    m->files = mem_free(m->files);
    m->count = 0;
}

struct manifest_file *manifest_add(struct manifest *m, enum manifest_kind kind, const char *path)
{
    TR_ASSERT(kind > MANIFEST_KIND_UNSET && kind < MANIFEST_KIND_COUNT);
    if (m->count == MANIFEST_FILES_MAX || strlen(path) >= MANIFEST_PATH_CAP)
        return NULL;
    struct manifest_file *f = &m->files[m->count++];
    *f = (struct manifest_file){.kind = kind};
    (void)str_copy(f->path, sizeof(f->path), path); /* its length was looked at */
    return f;
}

const struct manifest_file *manifest_find(const struct manifest *m, const char *path)
{
    for (size_t i = 0; i < m->count; i++)
        if (str_eq(m->files[i].path, path))
            return &m->files[i];
    return NULL;
}

int64_t manifest_bytes(const struct manifest *m)
{
    int64_t sum = 0;
    for (size_t i = 0; i < m->count; i++)
        sum += m->files[i].size_bytes;
    return sum;
}

/* ---- writing ---- */

static void write_hash(struct jsonw *w, const char *key, const uint8_t hash[HASH_SHA256_BYTES])
{
    char hex[HASH_HEX_CAP];
    hash_hex(hash, HASH_SHA256_BYTES, hex, sizeof(hex));
    jsonw_str(w, key, hex);
}

static void write_file(struct jsonw *w, const struct manifest_file *f)
{
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "path", f->path);
    jsonw_str(w, "kind", kind_names[f->kind]);
    jsonw_i64(w, "size_bytes", f->size_bytes);
    write_hash(w, "sha256", f->sha256);
    if (f->kind != MANIFEST_PLAIN)
        jsonw_i64(w, "schema", f->schema);
    if (f->kind == MANIFEST_JOURNAL || f->seq > 0)
        jsonw_u64(w, "seq", f->seq);
    if (f->kind == MANIFEST_JOURNAL)
        write_hash(w, "chain", f->chain);
    jsonw_object_end(w);
}

int manifest_write(const struct manifest *m, const char *folder)
{
    char when[CLOCK_TEXT_CAP];
    struct jsonw w;
    struct buf text TR_CLEANUP(buf_deinit);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/" MANIFEST_NAME, folder);
    clock_format_rfc3339(m->made_ms, when);
    buf_init(&text, TEXT_MAX_BYTES);
    jsonw_init(&w, &text);
    jsonw_object_begin(&w, NULL);
    jsonw_i64(&w, "format", MANIFEST_FORMAT);
    jsonw_str(&w, "trident", m->version);
    jsonw_str(&w, "made", when);
    jsonw_i64(&w, "made_ms", m->made_ms);
    jsonw_i64(&w, "took_ms", m->took_ms);
    jsonw_array_begin(&w, "files");
    for (size_t i = 0; i < m->count; i++)
        write_file(&w, &m->files[i]);
    jsonw_array_end(&w);
    jsonw_object_end(&w);
    buf_putc(&text, '\n');
    if (buf_failed(&text))
        return err_raise(-EFBIG);
    return err_trace(file_write_atomic(path, text.data, text.len, 0600));
}

/* ---- reading ---- */

static bool read_text(json_object *o, const char *key, char *out, size_t cap)
{
    json_object *v = NULL;
    return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string) &&
           str_copy(out, cap, json_object_get_string(v));
}

static bool read_i64(json_object *o, const char *key, int64_t *ret)
{
    json_object *v = NULL;
    if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_int))
        return false;
    *ret = json_object_get_int64(v);
    return *ret >= 0;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

static bool read_hash(json_object *o, const char *key, uint8_t out[HASH_SHA256_BYTES])
{
    char hex[HASH_HEX_CAP];
    if (!read_text(o, key, hex, sizeof(hex)) || strlen(hex) != HASH_HEX_CAP - 1)
        return false;
    for (size_t i = 0; i < HASH_SHA256_BYTES; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Below the folder, nowhere else. */
static bool is_inside(const char *path)
{
    return path[0] != '\0' && path[0] != '/' && strstr(path, "..") == NULL;
}

static bool read_numbers(json_object *o, struct manifest_file *f)
{
    int64_t schema = 0, seq = 0;
    if (!read_i64(o, "size_bytes", &f->size_bytes) || !read_hash(o, "sha256", f->sha256))
        return false;
    if (f->kind != MANIFEST_PLAIN && !read_i64(o, "schema", &schema))
        return false;
    if (!read_i64(o, "seq", &seq) && f->kind == MANIFEST_JOURNAL)
        return false;
    f->schema = (int)schema;
    f->seq = (uint64_t)seq;
    return f->kind != MANIFEST_JOURNAL || read_hash(o, "chain", f->chain);
}

static bool read_file(struct manifest *m, json_object *o)
{
    char path[MANIFEST_PATH_CAP], name[16];
    if (!read_text(o, "path", path, sizeof(path)) || !is_inside(path) ||
        manifest_find(m, path) != NULL || !read_text(o, "kind", name, sizeof(name)))
        return false;
    int kind = MANIFEST_KIND_UNSET + 1;
    while (kind < MANIFEST_KIND_COUNT && !str_eq(kind_names[kind], name))
        kind++;
    if (kind == MANIFEST_KIND_COUNT)
        return false;
    struct manifest_file *f = manifest_add(m, (enum manifest_kind)kind, path);
    return f != NULL && read_numbers(o, f);
}

static bool read_all(struct manifest *m, json_object *root)
{
    int64_t format = 0;
    json_object *files = NULL;
    if (!read_i64(root, "format", &format) || format != MANIFEST_FORMAT ||
        !read_text(root, "trident", m->version, sizeof(m->version)) ||
        !read_i64(root, "made_ms", &m->made_ms) || !read_i64(root, "took_ms", &m->took_ms) ||
        !json_object_object_get_ex(root, "files", &files) ||
        !json_object_is_type(files, json_type_array))
        return false;
    size_t n = json_object_array_length(files);
    for (size_t i = 0; i < n; i++)
        if (!read_file(m, json_object_array_get_idx(files, i)))
            return false;
    return n > 0;
}

int manifest_read(const char *folder, struct manifest *m)
{
    struct buf text TR_CLEANUP(buf_deinit);
    TR_CLEANUP(mem_freep) char *path = xasprintf("%s/" MANIFEST_NAME, folder);
    buf_init(&text, TEXT_MAX_BYTES);
    m->count = 0;
    int r = file_read(path, &text);
    if (r == -EFBIG)
        return MANIFEST_E_INVALID;
    if (r < 0)
        return err_trace(r);
    json_object *root = json_tokener_parse(text.data);
    bool ok = root != NULL && json_object_is_type(root, json_type_object) && read_all(m, root);
    (void)json_object_put(root); /* accepts NULL */
    return ok ? MANIFEST_OK : MANIFEST_E_INVALID;
}

int manifest_hash_file(const char *path, int64_t *ret_size_bytes,
                       uint8_t ret_sha256[HASH_SHA256_BYTES])
{
    struct hash_sha256_state s;
    int64_t size = 0;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_raise(-errno);
    TR_CLEANUP(mem_freep) char *chunk = xalloc(CHUNK_BYTES);
    hash_sha256_begin(&s);
    while ((n = read(fd, chunk, CHUNK_BYTES)) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        hash_sha256_add(&s, chunk, (size_t)n);
        size += n;
    }
    int r = n < 0 ? err_raise(-errno) : 0;
    (void)file_close(fd);
    if (r < 0)
        return r;
    hash_sha256_end(&s, ret_sha256);
    *ret_size_bytes = size;
    return 0;
}
