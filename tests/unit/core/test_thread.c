/* Covers: names, blocked signals, counting, stop and wake, thread ownership, mutex hand-over and
 * conditions with time-outs, the deterministic random numbers used by simulations. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "core/clock.h"
#include "core/mutex.h"
#include "core/rng.h"
#include "core/thread.h"

struct report {
    char name[16];
    char self_name[16];
    bool term_blocked;
    int count;
    struct thread_owner *owner;
    bool owned_before, owned_after;
};

static void look_around(struct thread *self, void *arg)
{
    (void)self;
    struct report *r = arg;
    (void)pthread_getname_np(pthread_self(), r->name, sizeof(r->name));
    for (int i = 0; i < 15; i++)
        r->self_name[i] = thread_self_name()[i];
    sigset_t set;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &set);
    r->term_blocked = sigismember(&set, SIGTERM) == 1;
    r->count = thread_count();
    r->owned_before = thread_owner_is_self(r->owner);
    thread_owner_claim(r->owner);
    r->owned_after = thread_owner_is_self(r->owner);
}

Test(thread, is_named_masked_counted_and_owns)
{
    struct thread_owner owner = {0};
    cr_assert_not(thread_owner_is_self(&owner));
    thread_owner_claim(&owner);
    struct report r = {.owner = &owner};
    struct thread *t = thread_start("engine-with-a-long-name", look_around, NULL, &r);
    cr_assert_null(thread_join(t));
    cr_assert_str_eq(r.name, "engine-with-a-l");
    cr_assert_str_eq(r.self_name, "engine-with-a-l");
    cr_assert(r.term_blocked);
    cr_assert_eq(r.count, 1);
    cr_assert_not(r.owned_before);
    cr_assert(r.owned_after);
    cr_assert_not(thread_owner_is_self(&owner));
    cr_assert_eq(thread_count(), 0);
    cr_assert_str_eq(thread_self_name(), "main");
    sigset_t set;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &set);
    cr_assert_eq(sigismember(&set, SIGTERM), 0); /* the starter's mask is put back */
    cr_assert_null(thread_join(NULL));
}

struct gate {
    struct mutex lock;
    struct cond changed;
    bool open;
    int passes;
};

static void wait_for_stop(struct thread *self, void *arg)
{
    struct gate *g = arg;
    mutex_lock(&g->lock);
    while (!thread_should_stop(self))
        cond_wait(&g->changed, &g->lock);
    mutex_assert_held(&g->lock);
    g->passes++;
    mutex_unlock(&g->lock);
}

static void wake_gate(void *arg)
{
    struct gate *g = arg;
    mutex_lock(&g->lock);
    mutex_unlock(&g->lock);
    cond_broadcast(&g->changed);
}

Test(thread, blocked_ones_see_the_stop)
{
    struct gate g = {.open = false};
    mutex_init(&g.lock);
    cond_init(&g.changed);
    struct thread *a = thread_start("a", wait_for_stop, wake_gate, &g);
    struct thread *b = thread_start("b", wait_for_stop, wake_gate, &g);
    thread_request_stop(a);
    thread_join(b);
    thread_join(a);
    cr_assert_eq(g.passes, 2);
    cond_deinit(&g.changed);
    mutex_deinit(&g.lock);
}

Test(thread, condition_times_out_on_the_monotonic_clock)
{
    struct gate g = {.open = false};
    mutex_init(&g.lock);
    cond_init(&g.changed);
    int64_t until = clock_mono_us(clock_real()) + 15000;
    mutex_lock(&g.lock);
    while (cond_wait_until_us(&g.changed, &g.lock, until))
        continue;
    mutex_unlock(&g.lock);
    cr_assert_geq(clock_mono_us(clock_real()), until);
    cr_assert_lt(clock_mono_us(clock_real()), until + 2000000);
    cond_deinit(&g.changed);
    mutex_deinit(&g.lock);
}

static void count_up(struct thread *self, void *arg)
{
    (void)self;
    struct gate *g = arg;
    for (int i = 0; i < 20000; i++) {
        mutex_lock(&g->lock);
        g->passes++;
        mutex_unlock(&g->lock);
    }
}

Test(thread, mutex_excludes)
{
    struct gate g = {.open = false};
    mutex_init(&g.lock);
    struct thread *t[4];
    for (int i = 0; i < 4; i++)
        t[i] = thread_start("count", count_up, NULL, &g);
    for (int i = 0; i < 4; i++)
        thread_join(t[i]);
    cr_assert_eq(g.passes, 80000);
    mutex_deinit(&g.lock);
}
