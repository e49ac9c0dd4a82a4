#include "core/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/alloc.h"

#define NAME_CAP 16 /* of the kernel, with NUL */

struct thread {
    char name[NAME_CAP];      /* (c) */
    thread_main_fn fn;        /* (c) */
    thread_wake_fn wake;      /* (c) may be NULL */
    void *arg;                /* (c) */
    pthread_t id;             /* (c) */
    _Atomic bool should_stop; /* (a) release by any thread, acquire by itself */
};

static _Atomic int live_count;             /* (a) relaxed: a number for health and tests */
static _Atomic uint64_t next_owner_id = 1; /* (a) relaxed: only uniqueness matters */
static _Thread_local uint64_t self_id;
static _Thread_local const char *self_name = "main";

static void *run(void *arg)
{
    struct thread *t = arg;
    self_name = t->name;
    (void)pthread_setname_np(pthread_self(), t->name); /* a name is a convenience */
    t->fn(t, t->arg);
    atomic_fetch_sub_explicit(&live_count, 1, memory_order_relaxed);
    return NULL;
}

struct thread *thread_start(const char *name, thread_main_fn fn, thread_wake_fn wake, void *arg)
{
    TR_ASSERT(name != NULL);
    TR_ASSERT(fn != NULL);
    struct thread *t = xalloc(sizeof(*t));
    (void)str_copy(t->name, sizeof(t->name), name); /* long names are cut as the kernel does */
    t->fn = fn;
    t->wake = wake;
    t->arg = arg;
    sigset_t all, before;
    (void)sigfillset(&all); /* cannot fail */
    TR_ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    atomic_fetch_add_explicit(&live_count, 1, memory_order_relaxed);
    int rc = pthread_create(&t->id, NULL, run, t);
    TR_ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    if (rc != 0) {
        (void)fprintf(stderr, "cannot start thread %s: %s\n", t->name, strerror(rc));
        abort();
    }
    return t;
}

bool thread_should_stop(const struct thread *t)
{
    return atomic_load_explicit(&t->should_stop, memory_order_acquire);
}

void thread_request_stop(struct thread *t)
{
    atomic_store_explicit(&t->should_stop, true, memory_order_release);
    if (t->wake != NULL)
        t->wake(t->arg);
}

struct thread *thread_join(struct thread *t)
{
    if (t == NULL)
        return NULL;
    TR_ASSERT(pthread_equal(t->id, pthread_self()) == 0);
    thread_request_stop(t);
    TR_ASSERT(pthread_join(t->id, NULL) == 0);
    return mem_free(t);
}

int thread_count(void)
{
    return atomic_load_explicit(&live_count, memory_order_relaxed);
}

const char *thread_self_name(void)
{
    return self_name;
}

void thread_set_nice(int nice_level)
{
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), nice_level); /* a wish, see header */
}

static uint64_t own_id(void)
{
    if (self_id == 0)
        self_id = atomic_fetch_add_explicit(&next_owner_id, 1, memory_order_relaxed);
    return self_id;
}

void thread_owner_claim(struct thread_owner *o)
{
    TR_ASSERT(o != NULL);
    o->id = own_id();
}

bool thread_owner_is_self(const struct thread_owner *o)
{
    return o->id == own_id();
}
