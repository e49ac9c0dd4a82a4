/* outside/child.h: a strategy's program as a confined child: standard input, output and error are
 * pipes to us, every other descriptor is closed, the environment is empty, the folder is /, memory,
 * processor time, descriptors and core files are limited, it may gain no privileges, leads a
 * process group of its own, runs at a lower priority, and the kernel kills it with the thread that
 * started it (filter.h has the rest). A script is started through the interpreter its first line
 * names. One thread: the one that started it. */
#ifndef TRIDENT_OUTSIDE_CHILD_H
#define TRIDENT_OUTSIDE_CHILD_H

#include <sys/types.h>

#include "plugins/plugin.h"

struct child {
    pid_t pid;                 /* 0 = none */
    int in_fd, out_fd, err_fd; /* ours, not blocking; -1 = closed */
    bool hides_files;          /* the kernel keeps it from reading other files than its own */
};

/* Blocks until the program runs or has failed to. -errno, with what failed in *ret_step, a constant
 * text. c: path, args and limits. */
TR_MUST_USE int child_start(const struct outside_conf *c, struct child *ret, const char **ret_step);
/* Kills its whole group and collects it; what is left of it in words: "ended with status 1",
 * "killed by signal 9 (Killed)". Accepts one that is not running. */
#define CHILD_END_CAP 64
void child_end(struct child *c, char ret_how[CHILD_END_CAP]);
/* Waits at most so long for it to end by itself after its input was closed; then child_end(). */
void child_leave(struct child *c, int wait_ms);
int64_t child_cpu_ms(const struct child *c); /* used so far; 0 when unknown */

#endif
