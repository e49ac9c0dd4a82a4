/* notify/outbox_impl.h: the connection of notify.db and its small helpers, shared by outbox.c
 * (messages), outbox_state.c (watermarks, who hears what) and collect.c (boxes). Not for others. */
#ifndef TRIDENT_NOTIFY_OUTBOX_IMPL_H
#define TRIDENT_NOTIFY_OUTBOX_IMPL_H

#include "notify/outbox.h"
#include "store/projection.h"

struct outbox {
    struct db *db;
    char *set_aside;
    int64_t last_id;
    bool is_writing;
};

/* The statement with its integer parameters bound from ?1 on, NULL on error. */
sqlite3_stmt *outbox_bind(struct outbox *o, const char *sql, const int64_t *values, int count);
bool outbox_bind_text(sqlite3_stmt *st, int at, const char *s); /* NULL: null */
/* Runs a statement that changes something; st may be NULL (it could not be bound). */
TR_MUST_USE int outbox_run(struct outbox *o, sqlite3_stmt *st);
/* Steps a query: 1 row, 0 end (reset), negative error (reset). */
int outbox_next(struct outbox *o, sqlite3_stmt *st);
int64_t outbox_query_i64(struct outbox *o, const char *sql); /* 0: no row */
const char *outbox_column(sqlite3_stmt *st, int i);

#define OUTBOX_RUN_INTS(o, sql, ...)                                                               \
    outbox_run((o), outbox_bind((o), (sql), (const int64_t[]){__VA_ARGS__},                        \
                                (int)TR_ARRAY_SIZE(((const int64_t[]){__VA_ARGS__}))))

#endif
