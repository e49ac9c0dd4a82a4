#include "net/multipart.h"

#include <string.h>
#include <strings.h>

#include "core/alloc.h"

bool multipart_boundary(const char *content_type, char out[MULTIPART_BOUNDARY_CAP])
{
    TR_ASSERT(out != NULL);
    static const char type[] = "multipart/form-data";
    if (content_type == NULL || strncasecmp(content_type, type, sizeof(type) - 1) != 0)
        return false;
    const char *p = strcasestr(content_type + sizeof(type) - 1, "boundary=");
    if (p == NULL)
        return false;
    p += strlen("boundary=");
    bool quoted = *p == '"';
    if (quoted)
        p++;
    size_t len = strcspn(p, quoted ? "\"" : "; \t");
    if (len == 0 || len > MULTIPART_BOUNDARY_MAX_LEN)
        return false;
    memcpy(out, p, len);
    out[len] = '\0';
    return true;
}

/* name="value" inside one header line: terminates the value in place and returns it, or NULL. */
static char *quoted_parameter(char *line, const char *name)
{
    size_t name_len = strlen(name);
    for (char *p = line; (p = strcasestr(p, name)) != NULL; p += name_len) {
        bool starts = p > line && (p[-1] == ';' || p[-1] == ' ' || p[-1] == '\t');
        if (!starts || p[name_len] != '=' || p[name_len + 1] != '"')
            continue;
        char *value = p + name_len + 2;
        char *w = value;
        char *r = value;
        for (; *r != '\0' && *r != '"'; r++) {
            if (*r == '\\' && (r[1] == '"' || r[1] == '\\'))
                r++;
            *w++ = *r;
        }
        if (*r != '"')
            return NULL;
        *w = '\0';
        return value;
    }
    return NULL;
}

/* The parameters are cut out of the line one by one, so the later one of the two goes first. */
static void read_disposition(char *line, struct http_form_part *part)
{
    char *file = strcasestr(line, "filename=");
    char *name = strcasestr(line, " name=");
    if (name == NULL)
        name = strcasestr(line, ";name=");
    if (file != NULL && (name == NULL || file > name)) {
        part->file_name = quoted_parameter(line, "filename");
        part->name = quoted_parameter(line, "name");
    } else {
        part->name = quoted_parameter(line, "name");
        if (file != NULL)
            part->file_name = quoted_parameter(file - 1, "filename");
    }
}

/* Header lines from head up to the empty line; returns the start of the data or NULL. */
static char *read_head(char *head, char *end, struct http_form_part *part)
{
    TR_ASSERT(head <= end);
    for (;;) {
        char *eol = memmem(head, (size_t)(end - head), "\r\n", 2);
        if (eol == NULL)
            return NULL;
        if (eol == head)
            return eol + 2;
        *eol = '\0';
        if (strncasecmp(head, "content-disposition:", 20) == 0)
            read_disposition(head + 20, part);
        else if (strncasecmp(head, "content-type:", 13) == 0)
            part->content_type = head + 13 + strspn(head + 13, " \t");
        head = eol + 2;
    }
}

size_t multipart_parse(char *body, size_t len, const char *boundary,
                       struct http_form_part out[MULTIPART_PARTS_MAX])
{
    TR_ASSERT(body != NULL);
    TR_ASSERT(boundary != NULL && *boundary != '\0');
    TR_ASSERT(strlen(boundary) <= MULTIPART_BOUNDARY_MAX_LEN);
    char delimiter[MULTIPART_BOUNDARY_CAP + 4] = "\r\n--";
    (void)str_copy(delimiter + 4, sizeof(delimiter) - 4, boundary); /* fits, asserted above */
    size_t delimiter_len = strlen(delimiter);
    char *end = body + len;

    /* The first boundary may stand at the very start, without the line break. */
    char *p;
    if (len >= delimiter_len - 2 && memcmp(body, delimiter + 2, delimiter_len - 2) == 0)
        p = body + delimiter_len - 2;
    else if ((p = memmem(body, len, delimiter, delimiter_len)) != NULL)
        p += delimiter_len;
    else
        return 0;

    size_t count = 0;
    while (count < MULTIPART_PARTS_MAX && end - p >= 2 && memcmp(p, "--", 2) != 0) {
        char *eol = memmem(p, (size_t)(end - p), "\r\n", 2);
        if (eol == NULL)
            break;
        struct http_form_part part = {0};
        char *data = read_head(eol + 2, end, &part);
        if (data == NULL)
            break;
        /* An empty part's delimiter begins with the line break that ended its head. */
        char *from = data - 2;
        char *next = memmem(from, (size_t)(end - from), delimiter, delimiter_len);
        if (next == NULL)
            break;
        part.data = data;
        part.len = next > data ? (size_t)(next - data) : 0;
        if (next >= data)
            *next = '\0'; /* plain fields read as strings */
        else
            part.data = "";
        if (part.name != NULL)
            out[count++] = part;
        p = next + delimiter_len;
    }
    TR_ASSERT(count <= MULTIPART_PARTS_MAX);
    return count;
}
