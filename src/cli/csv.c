/* A CSV reader that cuts the text in place: one pass counts rows (an upper bound), one fills cells.
 */
#include "cli/csv.h"

#include <errno.h>
#include <string.h>
#include "core/alloc.h"

#define COLUMNS_MAX 64

struct cutter {
    char *at, *end;
    size_t line;
};

/* Cuts one cell; *ret_last tells that the row ends behind it. False: a quote is not closed. */
static bool cut_cell(struct cutter *c, char **ret_cell, bool *ret_last)
{
    char *out = c->at;
    *ret_cell = out;
    if (c->at < c->end && *c->at == '"') {
        c->at++;
        while (c->at < c->end && (*c->at != '"' || c->at[1] == '"')) {
            c->line += *c->at == '\n' ? 1 : 0;
            c->at += *c->at == '"' ? 1 : 0;
            *out++ = *c->at++;
        }
        if (c->at == c->end)
            return false;
        c->at++;
    }
    while (c->at < c->end && *c->at != ',' && *c->at != '\n')
        *out++ = *c->at++;
    *ret_last = c->at == c->end || *c->at == '\n';
    if (*ret_last && out > *ret_cell && out[-1] == '\r')
        out--;
    c->line += c->at < c->end && *c->at == '\n' ? 1 : 0;
    if (c->at < c->end)
        c->at++;
    *out = '\0';
    return true;
}

static size_t count_lines(const struct buf *text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text->len; i++)
        lines += text->data[i] == '\n' ? 1 : 0;
    return lines;
}

static int count_columns(const struct buf *text)
{
    int n = 1;
    for (const char *p = text->data; *p != '\0' && *p != '\n'; p++)
        n += *p == ',' ? 1 : 0;
    return n < COLUMNS_MAX ? n : COLUMNS_MAX;
}

static void start(struct cutter *c, struct buf *text)
{
    c->at = text->data;
    c->end = text->data + text->len;
    c->line = 1;
    if (text->len >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0)
        c->at += 3;
}

int csv_parse(struct buf *text, struct csv *ret, size_t *ret_line)
{
    struct cutter c;
    size_t most = count_lines(text);
    memset(ret, 0, sizeof *ret);
    ret->columns = (size_t)count_columns(text);
    ret->cells = try_alloc(most * ret->columns * sizeof(char *));
    if (ret->cells == NULL)
        return err_raise(-ENOMEM);
    start(&c, text);
    while (c.at < c.end) {
        bool is_last = false;
        char *first = NULL;
        size_t opened = c.line, column = 0;
        TR_ASSERT(ret->rows < most);
        char **row = ret->cells + ret->rows * ret->columns;
        while (!is_last) {
            char *cell;
            if (!cut_cell(&c, &cell, &is_last)) {
                *ret_line = opened;
                return CSV_E_QUOTE;
            }
            first = first == NULL ? cell : first;
            if (column < ret->columns)
                row[column++] = cell;
        }
        if (column == 1 && first[0] == '\0')
            continue; /* an empty line */
        while (column < ret->columns)
            row[column++] = text->data + text->len; /* "" */
        ret->rows++;
    }
    return ret->rows > 0 ? CSV_OK : CSV_E_EMPTY;
}

void csv_deinit(struct csv *c)
{
    c->cells = mem_free(c->cells);
    c->rows = 0;
}

int csv_column(const struct csv *c, const char *name)
{
    for (size_t i = 0; c->rows > 0 && i < c->columns; i++) {
        if (str_ieq(c->cells[i], name))
            return (int)i;
    }
    return -1;
}

const char *csv_cell(const struct csv *c, size_t row, int column)
{
    TR_ASSERT(row < c->rows);
    TR_ASSERT(column >= 0 && (size_t)column < c->columns);
    return c->cells[row * c->columns + (size_t)column];
}
