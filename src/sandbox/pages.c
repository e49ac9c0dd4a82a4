/* Static files of the chat page: "/" leads to /chat/, and /chat/<name> is read from web_dir/chat/.
 * Names are plain (letters, digits, '-', '_', one '.'), so nothing outside the folder can be named.
 */
#include <ctype.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "sandbox/internal.h"

#define PAGE_MAX_BYTES ((size_t)1024 * 1024)

static const struct {
    const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".webmanifest", "application/manifest+json"},
};

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < TR_ARRAY_SIZE(types); i++)
        if (strcmp(types[i].ending, dot) == 0)
            return types[i].type;
    return NULL;
}

static bool name_is_plain(const char *name)
{
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_' && (*p != '.' || p[1] == '.'))
            return false;
    return name[0] != '\0' && name[0] != '.';
}

void sandbox_page(struct sandbox_turn *t, struct http_exchange *x, const char *path)
{
    TR_ASSERT(path[0] == '/');
    const char *name = str_starts(path, "/chat/") ? path + 6 : NULL;
    if (t->s->web_dir && (strcmp(path, "/") == 0 || strcmp(path, "/chat") == 0)) {
        sandbox_turn_answer(t, x, 302, NULL, NULL)->header = "Location: /chat/";
        return;
    }
    if (name && !name[0])
        name = "index.html";
    const char *type = name && name_is_plain(name) ? type_of(name) : NULL;
    struct buf body TR_CLEANUP(buf_deinit);
    buf_init(&body, PAGE_MAX_BYTES);
    int r = -1;
    if (t->s->web_dir && type && str_eq(http_method(x), "GET")) {
        char *file TR_CLEANUP(mem_freep) = xasprintf("%s/chat/%s", t->s->web_dir, name);
        r = file_read(file, &body);
    }
    if (r < 0) {
        (void)sandbox_turn_answer(t, x, 404, NULL, NULL);
        return;
    }
    sandbox_turn_answer(t, x, 200, type, &body)->header =
        "Content-Security-Policy: default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'";
}
