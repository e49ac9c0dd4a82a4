/* cli/alert_file.h: a recorded file of alerts, oldest first: TradingView's export of its alert log
 * (CSV with the columns Ticker, Description, Time), or lines "<time> <body>". One owner thread. */
#ifndef TRIDENT_CLI_ALERT_FILE_H
#define TRIDENT_CLI_ALERT_FILE_H

#include "cli/csv.h"
#include "model/symbol.h"

struct alert_row {
    const char *body;
    char symbol[SYMBOL_CAP]; /* "" = unknown */
    int64_t time_ms;         /* 0 = unknown */
    size_t row;              /* place in the file: newest first in CSV, so a bigger one is older */
};

struct alert_file {
    struct alert_row *rows;
    size_t count;
    struct buf text; /* what the rows point into */
    struct csv csv;
};

/* symbol: of all rows, instead of the Ticker column's; NULL = none. False: what
 * is wrong has been said. */
bool alert_file_read(struct alert_file *f, const char *path, const char *symbol);
/* Lines are taken too, and a row without a time is a fault, told with row and column. */
bool alert_file_read_timed(struct alert_file *f, const char *path, const char *symbol);
void alert_file_deinit(struct alert_file *f); /* f may be zeroed */

#endif
