/* cli/takeover.h: the new process's side of a succession (cli/succession.h). Main thread. */
#ifndef TRIDENT_CLI_TAKEOVER_H
#define TRIDENT_CLI_TAKEOVER_H

#include "cli/daemon.h"

#define TAKEOVER_FD 3 /* where the new process finds the channel */

/* conf NULL: it is refused, and the old one is told. 0: *ret answers requests. Negative: nothing is
 * started, the old one has been told why. Ends as well when stop_fd becomes readable. */
TR_MUST_USE int takeover_run(const struct conf *conf, int stop_fd, struct daemon **ret);

#endif
