/* cli/systemd.h: sd_notify(3) without the library: one datagram to $NOTIFY_SOCKET, if there is
 * one. Any thread. */
#ifndef TRIDENT_CLI_SYSTEMD_H
#define TRIDENT_CLI_SYSTEMD_H

#include "core/core.h"

void systemd_tell(const char *state); /* "READY=1" */

#endif
