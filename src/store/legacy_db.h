/* store/legacy_db.h: the old bot's database (spec strategies 7.1), read while it runs: never
 * written, never locked for longer than one look, and absent, locked or of another version without
 * harm. Columns it lacks are read as not given. One thread. */
#ifndef TRIDENT_STORE_LEGACY_DB_H
#define TRIDENT_STORE_LEGACY_DB_H

#include "model/signal.h"

enum legacy_table {
    LEGACY_TRADES = 0, /* trades: one row an order */
    LEGACY_EXITS,      /* reversal_exit_events */
    LEGACY_TABLE_COUNT
};

struct legacy_row {
    int64_t id;
    char symbol[SYMBOL_CAP]; /* normalised; "" = unreadable */
    enum side side;
    int64_t lots_e8, entry_e8, sl_e8, tp_e8, sl_pips_e8; /* DEC_NONE: not given */
    char order_type[24];                                 /* "TP_TRAIL", "PROFIT_TRAIL" */
    bool is_follow_up; /* of a chain: no alert was decided about */
};

struct legacy_db;
/* All reading of one opening takes at most that long: then -ETIMEDOUT. */
#define LEGACY_LOOK_MAX_US INT64_C(1000000)
/* -ENOENT: there is none; -EBUSY: it is locked now; -EIO, -EBADMSG: it cannot be read. */
TR_MUST_USE int legacy_db_open(const char *path, struct legacy_db **ret);
struct legacy_db *legacy_db_close(struct legacy_db *d); /* accepts NULL, returns NULL */
/* Id of the newest row; 0 = the table is empty or is not there. */
TR_MUST_USE int legacy_db_newest(struct legacy_db *d, enum legacy_table table, int64_t *ret_id);
#define LEGACY_ROWS_MAX 64
struct legacy_rows {
    struct legacy_row items[LEGACY_ROWS_MAX];
    size_t count;
};
/* The first rows after that id, oldest first. */
TR_MUST_USE int legacy_db_read(struct legacy_db *d, enum legacy_table table, int64_t after_id,
                               struct legacy_rows *ret);

/* ---- all of it, once: for `trident import` ---- */

enum legacy_history {
    LEGACY_HISTORY_TRADES = 0,
    LEGACY_HISTORY_REENTRY_CHAINS,
    LEGACY_HISTORY_PROFIT_CHAINS,
    LEGACY_HISTORY_SESSIONS,
    LEGACY_HISTORY_TRENDS,
    LEGACY_HISTORY_COUNT
};
const char *legacy_history_name(enum legacy_history table); /* of the table */
/* As legacy_db_open(), with a minute for all reading. */
TR_MUST_USE int legacy_db_open_history(const char *path, struct legacy_db **ret);
struct legacy_cells; /* one row; valid inside of the visit */
const char *legacy_cell(const struct legacy_cells *c, const char *column); /* NULL: not given */
typedef int (*legacy_visit_fn)(const struct legacy_cells *cells, void *ctx);
#define LEGACY_HISTORY_ROWS_MAX 1000000
enum legacy_result { LEGACY_OK = 0, LEGACY_ABSENT = 1 };
/* Every row as the file has them; ends at the first visit that is not 0, with that. LEGACY_ABSENT:
 * there is no such table; -E2BIG: it has more rows than that. */
TR_MUST_USE int legacy_db_visit(struct legacy_db *d, enum legacy_history table,
                                legacy_visit_fn visit, void *ctx);

#endif
