/* cli/succession.h: the running daemon hands over to a new process of a (new) program, or goes on
 * itself. Main thread; blocks until either is certain.
 *
 *           spawn           READY           PREPARED        parked         LIVE
 *   RUNNING ----> CHECKING ------> QUIETING -------> SETTLING -----> HANDING ----> GIVING --> GONE
 *      ^             |                |                                  |
 *      |             | the new one refuses, dies, says                   | likewise
 *      |             | nothing for too long                              v
 *      '-------------'<----------------'------------------------------RETURNING --> LOST
 *
 *   state      the old one                                     the new one
 *   CHECKING   works as ever                                   checks configuration and journals
 *   QUIETING   bots, messages, ledgers come to rest            opens messages and ledgers
 *   SETTLING   answers requests under way, then reads no more  waits
 *   HANDING    engines have stopped; it touches no file        takes the claims, opens, answers
 *   GIVING     passes its clients' connections on              reads them
 *   RETURNING  the new one is dead for certain; starts again   -
 *
 * Who writes is decided by the journals' claims (store/journal.h); sockets and locks are held by
 * both, so that nobody else slips in between. What clients send from SETTLING on waits in the
 * kernel until one of the two reads it. */
#ifndef TRIDENT_CLI_SUCCESSION_H
#define TRIDENT_CLI_SUCCESSION_H

#include "cli/channel.h"
#include "cli/daemon.h"

enum succession_state {
    SUCCESSION_UNSET = 0,
    SUCCESSION_RUNNING,
    SUCCESSION_CHECKING,
    SUCCESSION_QUIETING,
    SUCCESSION_SETTLING,
    SUCCESSION_HANDING,
    SUCCESSION_GIVING,
    SUCCESSION_GONE,
    SUCCESSION_RETURNING,
    SUCCESSION_LOST,
    SUCCESSION_STATE_COUNT
};
const char *succession_state_name(enum succession_state s); /* "checking" */

struct succession_options {
    const struct conf *conf;
    const char *config_path; /* given to the new one */
    const char *program;     /* absolute path */
    int stop_fd;             /* readable: the process is to end, so no succession any more */
    /* Once a state: how long after the beginning, and what happens now. */
    void (*tell)(void *ctx, enum succession_state s, int64_t ms, const char *text);
    void *ctx;
};

struct succession_result {
    enum succession_state state; /* GONE: the new one answers, this process has nothing left to do;
                                  * RUNNING: this one goes on; LOST: it could not start again */
    int pid;                     /* of the new one */
    int64_t pause_ms;            /* for so long nothing was read from clients */
    char text[CHANNEL_TEXT_CAP]; /* its version; or what went wrong */
};

/* *d is replaced when this process had stopped and started again; NULL when LOST. */
void succession_run(const struct succession_options *o, struct daemon **d,
                    struct succession_result *ret);

#endif
