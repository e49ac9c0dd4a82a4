/* core/mutex.h: the only locks in the program. Lock order: docs/LOCKING.md. Debug builds remember
 * the holder so that mutex_assert_held() works. Condition waits use the monotonic clock. */
#ifndef TRIDENT_CORE_MUTEX_H
#define TRIDENT_CORE_MUTEX_H

#include <pthread.h>
#include "core/core.h"

struct TR_CAPABILITY("mutex") mutex {
    pthread_mutex_t m;
    pthread_t holder; /* debug builds */
    bool held;
};

struct cond {
    pthread_cond_t c;
};

void mutex_init(struct mutex *m);
void mutex_deinit(struct mutex *m);
void mutex_lock(struct mutex *m) TR_ACQUIRE(m);
void mutex_unlock(struct mutex *m) TR_RELEASE(m);
void mutex_assert_held(const struct mutex *m);

void cond_init(struct cond *c);
void cond_deinit(struct cond *c);
void cond_wait(struct cond *c, struct mutex *m) TR_REQUIRES(m);
/* Waits until signalled or until the absolute monotonic time; false on time-out. */
bool cond_wait_until_us(struct cond *c, struct mutex *m, int64_t mono_us) TR_REQUIRES(m);
void cond_signal(struct cond *c);
void cond_broadcast(struct cond *c);

#endif
