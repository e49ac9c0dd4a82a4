/* Recorded alerts, read and cut whole, sorted by their time. */
#include "cli/alert_file.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"

#define FILE_MAX_BYTES (256 * 1024 * 1024)

static void set_symbol(struct alert_row *r, const char *ticker)
{
    char name[64];
    (void)str_copy(name, sizeof name, ticker); /* "OANDA:GBPJPY, 5m": a longer one is no symbol */
    name[strcspn(name, ",")] = '\0';
    if (!symbol_normalise(name, r->symbol))
        r->symbol[0] = '\0';
}

static int oldest_first(const void *a, const void *b)
{
    const struct alert_row *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    return x->row > y->row ? -1 : 1;
}

static bool is_timed(const char *path, size_t row, const char *text)
{
    cli_error("%s: row %zu: Time is \"%.40s\"; accepted: RFC 3339, e.g. 2026-01-05T10:00:00Z", path,
              row, text);
    return false;
}

/* ---- CSV ---- */

static bool take_cells(struct alert_file *f, const char *path, const char *symbol, bool needs_time)
{
    int body = csv_column(&f->csv, "Description");
    int ticker = csv_column(&f->csv, "Ticker");
    int time = csv_column(&f->csv, "Time");
    if (body < 0) {
        cli_error("%s: the file has no column \"Description\": it is not TradingView's alert log",
                  path);
        return false;
    }
    f->rows = try_alloc((f->csv.rows + 1) * sizeof *f->rows);
    if (f->rows == NULL)
        return false;
    for (size_t i = 1; i < f->csv.rows; i++) {
        struct alert_row *r = &f->rows[f->count++];
        const char *when = time >= 0 ? csv_cell(&f->csv, i, time) : "";
        r->body = csv_cell(&f->csv, i, body);
        r->row = i;
        if (symbol != NULL || ticker >= 0)
            set_symbol(r, symbol != NULL ? symbol : csv_cell(&f->csv, i, ticker));
        if (!clock_parse_rfc3339(when, &r->time_ms)) {
            r->time_ms = 0;
            if (needs_time)
                return is_timed(path, i, when);
        }
    }
    return true;
}

static bool read_csv(struct alert_file *f, const char *path, const char *symbol, bool needs_time)
{
    size_t line = 0;
    int r = csv_parse(&f->text, &f->csv, &line);
    if (r == CSV_E_QUOTE)
        cli_error("%s: the quote in line %zu is never closed", path, line);
    else if (r == CSV_E_EMPTY)
        cli_error("%s: the file is empty", path);
    return r == CSV_OK && take_cells(f, path, symbol, needs_time);
}

/* ---- lines ---- */

static size_t count_lines(const char *text)
{
    size_t n = 1;
    for (; *text != '\0'; text++)
        n += *text == '\n' ? 1 : 0;
    return n;
}

/* In the order of the file where times are equal: the place counts down. */
static bool read_lines(struct alert_file *f, const char *path, const char *symbol)
{
    char *next = f->text.data;
    size_t most = count_lines(next);
    f->rows = try_alloc(most * sizeof *f->rows);
    for (size_t line = 1; f->rows != NULL && *next != '\0'; line++) {
        char *at = next;
        size_t len = strcspn(at, "\n");
        next = at[len] == '\n' ? at + len + 1 : at + len;
        at[len] = '\0';
        if (len > 0 && at[len - 1] == '\r')
            at[len - 1] = '\0';
        if (*at == '\0')
            continue;
        struct alert_row *r = &f->rows[f->count++];
        size_t time_len = strcspn(at, " ");
        r->body = at[time_len] == ' ' ? at + time_len + 1 : "";
        at[time_len] = '\0';
        r->row = most - line;
        if (symbol != NULL)
            set_symbol(r, symbol);
        if (!clock_parse_rfc3339(at, &r->time_ms))
            return is_timed(path, line, at);
    }
    return f->rows != NULL;
}

/* ---- both ---- */

static bool read_text(struct alert_file *f, const char *path)
{
    buf_init(&f->text, FILE_MAX_BYTES);
    int r = file_read(path, &f->text);
    if (r < 0)
        cli_error("%s: %s", path, strerror(-r));
    return r >= 0;
}

static bool sort(struct alert_file *f)
{
    if (f->count > 0)
        qsort(f->rows, f->count, sizeof *f->rows, oldest_first);
    return true;
}

bool alert_file_read(struct alert_file *f, const char *path, const char *symbol)
{
    return read_text(f, path) && read_csv(f, path, symbol, false) && sort(f);
}

bool alert_file_read_timed(struct alert_file *f, const char *path, const char *symbol)
{
    if (!read_text(f, path))
        return false;
    bool has_time = f->text.data[0] >= '0' && f->text.data[0] <= '9';
    const char *first_space = strchr(f->text.data, ' ');
    size_t first_comma = strcspn(f->text.data, ",\n");
    bool is_lines =
        has_time && first_space != NULL && (size_t)(first_space - f->text.data) < first_comma;
    return (is_lines ? read_lines(f, path, symbol) : read_csv(f, path, symbol, true)) && sort(f);
}

void alert_file_deinit(struct alert_file *f)
{
    f->rows = mem_free(f->rows);
    csv_deinit(&f->csv);
    buf_deinit(&f->text);
}
