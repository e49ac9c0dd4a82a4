/* simulate/tape.h: recorded prices as ticks, from CSV files (plain or .gz) whose first row names
 * the columns:
 *
 *   time,symbol,bid,ask                ticks of any known symbols
 *   timestamp,open,high,low,close      bars of one symbol; a second file may hold the ask's
 *
 * Times are RFC 3339 (a space instead of T, no zone = UTC) or milliseconds since 1970, and never go
 * back. A bar is four ticks: open, the extreme that hurts the caller, the other, close. Bars of two
 * files are joined by time; without a second file the ask is the bid and the symbol's typical
 * spread. Strict: the first row that cannot be meant ends the tape with its line and field.
 * Streams: memory does not grow with the files. One owner thread. */
#ifndef TRIDENT_SIMULATE_TAPE_H
#define TRIDENT_SIMULATE_TAPE_H

#include "model/symbol.h"

struct tape_options {
    const char *path;
    const char *ask_path; /* NULL = none */
    const char *symbol;   /* of bars; NULL when the file names symbols */
};

struct tape_fault { /* file, line and field at fault, what stands there, what would do */
    const char *path;
    size_t line;
    const char *field;
    char value[48];
    const char *accepted;
};

struct tape_tick {
    size_t symbol; /* symbol_at() */
    struct quote quote;
};

enum tape_result { TAPE_TICK = 0, TAPE_END = 1, TAPE_E_FAULT = 2 };

struct tape;
/* TAPE_TICK when it can be read; TAPE_E_FAULT: *ret_tape is there and tape_fault() tells; negative:
 * the file cannot be opened, *ret_tape is NULL. Paths are borrowed. */
TR_MUST_USE int tape_open(const struct tape_options *o, struct tape **ret_tape);
struct tape *tape_close(struct tape *t); /* accepts NULL, returns NULL */
/* low_first: which extreme of a bar comes first; asked on its second tick. Negative: reading
 * failed. */
TR_MUST_USE int tape_next(struct tape *t, bool low_first, struct tape_tick *ret);
/* The symbol of the bars; symbol_count() when the rows name it. */
size_t tape_bar_symbol(const struct tape *t);
const struct tape_fault *tape_fault(const struct tape *t);

#endif
