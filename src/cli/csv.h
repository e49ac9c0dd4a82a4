/* cli/csv.h: a CSV file in memory (RFC 4180: quoted fields, doubled quotes, line breaks inside
 * quotes; a byte-order mark and CRLF are accepted). The first row names the columns. One owner
 * thread. */
#ifndef TRIDENT_CLI_CSV_H
#define TRIDENT_CLI_CSV_H

#include "core/buf.h"

struct csv {
    char **cells; /* rows x columns, the header row first; they point into the text */
    size_t rows, columns;
};
enum csv_result { CSV_OK = 0, CSV_E_QUOTE = 1, CSV_E_EMPTY = 2 };

/* Cuts text in place; it must outlive ret. CSV_E_QUOTE: a quote is never closed, *ret_line tells
 * where it opened. Short rows are filled with "", cells beyond the header are dropped. */
TR_MUST_USE int csv_parse(struct buf *text, struct csv *ret, size_t *ret_line);
void csv_deinit(struct csv *c); /* c may be zeroed */
/* Number of a column by its name (case does not matter), -1 without it. */
int csv_column(const struct csv *c, const char *name);
const char *csv_cell(const struct csv *c, size_t row, int column); /* row 0 is the header */

#endif
