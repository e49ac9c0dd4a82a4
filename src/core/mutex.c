#include "core/mutex.h"

#include <errno.h>
#include <time.h>

/* A failing pthread call here is always a bug (destroyed or foreign lock), hence asserts. */

#if defined(TRIDENT_DEBUG_LOCKS)
static void holder_set(struct mutex *m)
{
    TR_ASSERT(!m->held);
    m->holder = pthread_self();
    m->held = true;
}

static void holder_clear(struct mutex *m)
{
    TR_ASSERT(m->held);
    TR_ASSERT(pthread_equal(m->holder, pthread_self()) != 0);
    m->held = false;
}
#else
static void holder_set(struct mutex *m)
{
    (void)m;
}

static void holder_clear(struct mutex *m)
{
    (void)m;
}
#endif

void mutex_init(struct mutex *m)
{
    TR_ASSERT(m != NULL);
    *m = (struct mutex){.held = false};
    pthread_mutexattr_t attr;
    TR_ASSERT(pthread_mutexattr_init(&attr) == 0);
    /* Critical sections here are tens of nanoseconds: spinning a little beats a futex call. */
    TR_ASSERT(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP) == 0);
    TR_ASSERT(pthread_mutex_init(&m->m, &attr) == 0);
    (void)pthread_mutexattr_destroy(&attr); /* cannot fail on Linux */
}

void mutex_deinit(struct mutex *m)
{
    TR_ASSERT(pthread_mutex_destroy(&m->m) == 0);
}

void mutex_lock(struct mutex *m) TR_NO_TSA
{
    TR_ASSERT(pthread_mutex_lock(&m->m) == 0);
    holder_set(m);
}

void mutex_unlock(struct mutex *m) TR_NO_TSA
{
    holder_clear(m);
    TR_ASSERT(pthread_mutex_unlock(&m->m) == 0);
}

void mutex_assert_held(const struct mutex *m)
{
#if defined(TRIDENT_DEBUG_LOCKS)
    TR_ASSERT(m->held);
    TR_ASSERT(pthread_equal(m->holder, pthread_self()) != 0);
#else
    (void)m;
#endif
}

void cond_init(struct cond *c)
{
    pthread_condattr_t attr;
    TR_ASSERT(pthread_condattr_init(&attr) == 0);
    TR_ASSERT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
    TR_ASSERT(pthread_cond_init(&c->c, &attr) == 0);
    (void)pthread_condattr_destroy(&attr); /* cannot fail on Linux */
}

void cond_deinit(struct cond *c)
{
    TR_ASSERT(pthread_cond_destroy(&c->c) == 0);
}

void cond_wait(struct cond *c, struct mutex *m) TR_NO_TSA
{
    holder_clear(m);
    TR_ASSERT(pthread_cond_wait(&c->c, &m->m) == 0);
    holder_set(m);
}

bool cond_wait_until_us(struct cond *c, struct mutex *m, int64_t mono_us) TR_NO_TSA
{
    TR_ASSERT(mono_us >= 0);
    struct timespec until = {.tv_sec = mono_us / 1000000, .tv_nsec = mono_us % 1000000 * 1000};
    holder_clear(m);
    int rc = pthread_cond_timedwait(&c->c, &m->m, &until);
    holder_set(m);
    TR_ASSERT(rc == 0 || rc == ETIMEDOUT);
    return rc == 0;
}

void cond_signal(struct cond *c)
{
    TR_ASSERT(pthread_cond_signal(&c->c) == 0);
}

void cond_broadcast(struct cond *c)
{
    TR_ASSERT(pthread_cond_broadcast(&c->c) == 0);
}
