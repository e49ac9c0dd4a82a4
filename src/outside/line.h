/* outside/line.h: the lines between us and a strategy's program (docs/PLUGINS.md): one JSON object
 * a line. Writing what is asked, reading what is answered. Every answer is judged here as a whole:
 * symbol, side, lots on the broker's step, prices on the symbol's, stops on the right side and far
 * enough away, positions that are its own. Nothing of a wrong answer is used. Pure, any thread. */
#ifndef TRIDENT_OUTSIDE_LINE_H
#define TRIDENT_OUTSIDE_LINE_H

#include "plugins/plugin.h"

#define LINE_PROTOCOL      1
#define LINE_MAX_BYTES     65536 /* either way, with its end */
#define LINE_POSITIONS_MAX 64    /* of its own that one question shows, newest first */
#define LINE_NUMBERS_MAX   16
#define LINE_ORDERS_MAX    2 /* roles A and B, once each */

struct line_hello {
    char name[32];
    char version[24];
};

/* What an answer is judged by. */
struct line_question {
    uint64_t id;
    char plugin[PLUGIN_ID_CAP];
    char symbol[SYMBOL_CAP];
    struct quote quote;
    int64_t max_lot_e8;
    uint64_t own[LINE_POSITIONS_MAX]; /* positions it may close */
    size_t own_count;
};

/* Fills ret from the alert and what the engine knows; id: of this question. */
void line_question_make(struct line_question *ret, const char *plugin, uint64_t id,
                        const struct outside_conf *c, const struct plugin_snapshot *snap,
                        const struct signal *s);

/* Each appends one line with its end. */
void line_write_hello(struct buf *out, const char *plugin, const char *trader, int deadline_ms);
void line_write_signal(struct buf *out, const struct line_question *q,
                       const struct plugin_snapshot *snap, const struct signal *s);

/* p: one line without its end. Any bytes. ret is written only on LINE_OK; LINE_E_DECISION: too, a
 * SKIP with PLUGIN_ANSWER, the field at fault and both numbers. ret_why, for authors: what is
 * wrong; may be NULL. */
enum line_result {
    LINE_OK = 0,
    LINE_E_GARBAGE,  /* no line of this protocol, or an answer to another question */
    LINE_E_VERSION,  /* hello of another version */
    LINE_E_DECISION, /* understood, and cannot be carried out */
    LINE_RESULT_COUNT
};
#define LINE_WHY_CAP 160
TR_MUST_USE enum line_result line_read_hello(const char *p, size_t len, struct line_hello *ret,
                                             char ret_why[LINE_WHY_CAP]);
TR_MUST_USE enum line_result line_read_decision(const char *p, size_t len,
                                                const struct line_question *q, struct decision *ret,
                                                char ret_why[LINE_WHY_CAP]);

#endif
