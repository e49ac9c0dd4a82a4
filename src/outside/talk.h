/* outside/talk.h: one program and what is said with it: starts it, greets it, asks it one question
 * at a time and listens while there is none. Whatever goes wrong ends the program at once; the next
 * start is the caller's to decide. Blocks, never beyond the time it is given; a readable stop_fd
 * ends any wait early. One thread. */
#ifndef TRIDENT_OUTSIDE_TALK_H
#define TRIDENT_OUTSIDE_TALK_H

#include "core/buf.h"
#include "core/clock.h"
#include "outside/child.h"
#include "outside/line.h"

struct talk_options {
    const struct outside_conf *conf; /* outlives the talk */
    const char *plugin;              /* "outside_1" */
    const char *trader;
    struct clock *clock;
    int stop_fd; /* -1 = none */
    /* A line the program wrote to its standard error, cut and cleaned. May be NULL. */
    void (*on_said)(void *ctx, const char *text);
    void *on_said_ctx;
};

enum talk_result {
    TALK_OK = 0,
    TALK_E_NOT_STARTED,
    TALK_E_VERSION,
    TALK_E_PROTOCOL, /* garbage, a line too long, words nobody asked for, a flood */
    TALK_E_TIMEOUT,
    TALK_E_DIED,
    TALK_E_STOPPED, /* by stop_fd */
    TALK_RESULT_COUNT
};
enum reason talk_reason(enum talk_result r); /* the journal's word for it; not of OK and STOPPED */

struct talk;
struct talk *talk_new(const struct talk_options *opt);
struct talk *talk_free(struct talk *t); /* ends the program; accepts NULL, returns NULL */

TR_MUST_USE enum talk_result talk_start(struct talk *t, int64_t until_mono_us);
bool talk_is_running(const struct talk *t);
const struct line_hello *talk_hello(const struct talk *t); /* while it runs */
bool talk_hides_files(const struct talk *t);               /* from it; see filter.h */
/* Without its end; lives until the next call. */
struct talk_line {
    const char *p;
    size_t len;
};
/* line: with its end. */
TR_MUST_USE enum talk_result talk_ask(struct talk *t, const struct buf *line, int64_t until_mono_us,
                                      struct talk_line *ret);
/* Its answer was no answer: ends it. */
void talk_reject(struct talk *t, const char *why);
/* Nobody asks: waits until wake_fd or stop_fd is readable, or the time has come (OK), or the
 * program dies or speaks unasked. It need not run. */
TR_MUST_USE enum talk_result talk_listen(struct talk *t, int wake_fd, int64_t until_mono_us);
/* Lets it end by itself, for a while. */
void talk_stop(struct talk *t);
/* Has it used half of its processor time? A fresh one should take over between two alerts. */
bool talk_is_worn(const struct talk *t);
/* What was wrong, for people: "killed by signal 11 (Segmentation fault)", "exec: Permission denied"
 * ... */
const char *talk_why(const struct talk *t);

#endif
