/* cli/rehearsal.h: what a new program would change in the tables of the databases, tried on all of
 * them and taken back, before the first one is really changed. Only a program with a newer schema
 * has anything to try. Main thread; blocks. */
#ifndef TRIDENT_CLI_REHEARSAL_H
#define TRIDENT_CLI_REHEARSAL_H

#include "cli/daemon.h"

/* Some database has older tables. Beside the one that writes them. */
bool rehearsal_is_due(const struct conf *c);
/* Nobody writes any of them. False: why names the database and the error; nothing has changed. */
TR_MUST_USE bool rehearsal_run(const struct conf *c, char why[DAEMON_WHY_CAP]);

#endif
