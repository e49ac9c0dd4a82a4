/* cli/confine.h: the daemon takes away from itself what it does not need, before its first thread
 * and its first foreign byte. What is taken stays taken, in children and after execve() as well. */
#ifndef TRIDENT_CLI_CONFINE_H
#define TRIDENT_CLI_CONFINE_H

#include "core/core.h"

/* No core file, no debugger of the same user, no privileges by execve() of a set-user-id program.
 * Cannot fail where it matters. */
void confine_memory(void);
/* System calls off the list fail with EPERM and stand in the kernel's log; memory is never both
 * writable and executable. Does nothing when the process has it already (after an upgrade in
 * place). -errno: the kernel cannot. */
TR_MUST_USE int confine_calls(void);
bool confine_is_on(void);

#endif
