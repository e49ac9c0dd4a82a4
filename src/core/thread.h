/* core/thread.h: the only way to make threads. Named (also for the kernel), all signals blocked,
 * registered, joined. Stopping is cooperative: thread_request_stop() sets the flag and calls the
 * wake callback (so a blocked thread sees it), thread_join() waits. */
#ifndef TRIDENT_CORE_THREAD_H
#define TRIDENT_CORE_THREAD_H

#include "core/core.h"

struct thread;
typedef void (*thread_main_fn)(struct thread *self, void *arg);
typedef void (*thread_wake_fn)(void *arg); /* may be NULL; called from the stopping thread */

/* Never NULL: a process that cannot start its threads says so and aborts. */
struct thread *thread_start(const char *name, thread_main_fn fn, thread_wake_fn wake, void *arg);
bool thread_should_stop(const struct thread *t);
void thread_request_stop(struct thread *t);
struct thread *thread_join(struct thread *t); /* request_stop first; frees; accepts NULL; NULL */
int thread_count(void);                       /* live threads made here */
const char *thread_self_name(void);           /* "main" for the first thread */
void thread_set_nice(int nice_level);         /* the calling thread; failure is ignored */

/* Thread affinity of single-writer state. */
struct thread_owner {
    uint64_t id;
};
void thread_owner_claim(struct thread_owner *o); /* the calling thread owns it from now on */
bool thread_owner_is_self(const struct thread_owner *o);
#define TR_ASSERT_THREAD(o) TR_ASSERT(thread_owner_is_self(o))

#endif
