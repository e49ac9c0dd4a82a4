/* core/process.h: runs another program and waits for it, with a deadline (no shell, no output);
 * what this one uses. */
#ifndef TRIDENT_CORE_PROCESS_H
#define TRIDENT_CORE_PROCESS_H

#include "core/core.h"

/* argv[0] is looked up in PATH; standard input is empty, output is thrown away. Blocks until the
 * program has ended, at most timeout_ms: then it is killed. 0: it ended with status 0. -ENOENT: no
 * such program; -ETIMEDOUT; -EIO: another status or a signal; other -errno. Any thread. */
TR_MUST_USE int process_run(const char *const argv[], int timeout_ms);
/* Processor time of this process, user and system. Any thread. */
int64_t process_cpu_us(void);

#endif
