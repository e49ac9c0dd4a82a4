/* outside/filter.h: what a strategy's program may ask of the kernel. Two fences, both made before
 * the program is started and put up by the child itself, which cannot take them down again:
 *
 *   system calls (seccomp): memory, time, reading, writing to what is open, threads. No socket, no
 *                second program, no child process, no file opened for writing, no signal to others.
 *                What is not on the list fails with EPERM.
 *   files (Landlock, where the kernel has it): only system libraries, the program and its own
 *                folder can be read, so neither our secrets nor our journal.
 * Any thread. */
#ifndef TRIDENT_OUTSIDE_FILTER_H
#define TRIDENT_OUTSIDE_FILTER_H

#include "core/core.h"

struct sock_filter;

/* The program is started by execveat() on this descriptor, the only one the list lets through. It
 * is above the limit of descriptors, so the program can never have it again. */
#define FILTER_EXEC_FD  64
#define FILTER_READ_MAX 16

struct filter {
    struct sock_filter *code;
    unsigned short len;
    int landlock_fd; /* -1: this kernel has none */
};

/* read: folders and files it may read and execute besides the system's. -errno. */
TR_MUST_USE int filter_make(const char *const *read, size_t count, struct filter *ret);
void filter_deinit(struct filter *f);
/* In the child after fork(): nothing but system calls. 0 or an errno. */
TR_MUST_USE int filter_put_up(const struct filter *f);

#endif
