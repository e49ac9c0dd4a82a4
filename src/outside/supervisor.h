/* outside/supervisor.h: keeps one strategy's program running on a thread of its own, so that
 * waiting for it delays nobody else: starts it, asks it alert by alert, starts it again with
 * growing pauses after a fault.
 *
 *             active            program speaks protocol
 *     OFF ------------> WAITING ----------------------> RUNNING
 *      ^                 ^   |  start failed             |   |
 *      |  not active     |   '-- (back-off) ----.        |   | worn out: ends by itself,
 *      '-----------------+----------------------+--------'   | WAITING without a pause
 *                        '---- died, hung, garbage (back-off) '
 *
 * A reload starts the program as the file names it now beside the one that runs, and only when it
 * speaks the protocol takes its place; else the old one goes on. It waits its turn among the
 * alerts.
 *
 * An alert is answered within its deadline whatever the program does: by its decision, or by a SKIP
 * with a reason that counts as a failure (RT-16), or PLUGIN_BUSY when it came to no asking. */
#ifndef TRIDENT_OUTSIDE_SUPERVISOR_H
#define TRIDENT_OUTSIDE_SUPERVISOR_H

#include "core/clock.h"
#include "engine/engine.h"

#define SUPERVISOR_QUEUE_MAX 64
#define SUPERVISOR_START_MS  5000 /* until the program has said hello */

struct supervisor_options {
    const char *plugin; /* "outside_1" */
    const char *trader;
    const struct outside_conf *conf; /* program and limits; outlives the supervisor */
    struct clock *clock;
    /* All on the supervisor's thread. Takes over in, with in->answer (a command: in->was_ahead)
     * set; without it in is given up because we stop. */
    void (*on_answer)(void *ctx, struct input *in);
    void (*on_notice)(void *ctx, const struct event *e); /* no alert is concerned */
    /* What the file says of this plugin now; false: there is none, or it is not valid. NULL: no
     * reload. */
    bool (*read_conf)(void *ctx, const char *plugin, struct outside_conf *ret);
    void *ctx;
};

enum supervisor_state {
    SUPERVISOR_UNSET = 0,
    SUPERVISOR_OFF,
    SUPERVISOR_WAITING, /* not running; to be started when its time has come */
    SUPERVISOR_RUNNING,
    SUPERVISOR_STATE_COUNT
};
bool supervisor_state_may_follow(enum supervisor_state from, enum supervisor_state to);

struct supervisor;
/* Starts the thread; the program waits for supervisor_set_active(). -errno. */
TR_MUST_USE int supervisor_new(const struct supervisor_options *opt, struct supervisor **ret);
/* Ends program and thread; what still waits is given to on_answer. Asking afterwards is refused. */
void supervisor_stop(struct supervisor *s);
struct supervisor *supervisor_free(struct supervisor *s); /* stops; accepts NULL, returns NULL */

/* Any thread, never blocks. */
void supervisor_set_active(struct supervisor *s, bool is_active);
/* One thread, never blocks. True: in is taken over. False: in->answer says why not. now: the
 * settings in force, by which the answer is judged. */
bool supervisor_ask(struct supervisor *s, const struct outside_conf *now,
                    const struct plugin_snapshot *snap, struct input *in);
/* The same with a command: reload the program. It comes back with one line at the end of its body:
 *   T <name and version> <those before; "" = it did not run>    the new one has taken over
 *   X <reason> <what was wrong>                                 nothing has changed
 * (tabs between), or with none when the file is not valid. False: not taken. */
bool supervisor_reload(struct supervisor *s, struct input *in);

#endif
