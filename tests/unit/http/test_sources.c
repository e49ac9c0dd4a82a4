/* Covers: lock-out (at the fifth wrong secret, its length, doubling, its end, forgetting, success),
 * what one source is (IPv4 address, IPv6 /64, mapped, no address), allowance (burst, refill, both
 * sides of the limit), the bounded table under a flood of sources: no lock is ever lost. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "core/hash.h"
#include "http/sources.h"

#define T0 INT64_C(5000000)
static struct sources *s;

static void setup(void)
{
    cr_assert_eq(hash_global_init(), 0);
    s = sources_new();
}

static void teardown(void)
{
    s = sources_free(s);
}

TestSuite(sources, .init = setup, .fini = teardown);

static void fail_times(const char *address, int n)
{
    for (int i = 0; i < n; i++)
        (void)sources_failed(s, address, T0);
}

Test(sources, the_fifth_wrong_secret_locks_for_a_minute_then_longer)
{
    fail_times("192.0.2.1", SOURCES_FAILURES_MAX - 1);
    cr_assert_eq(sources_locked_ms(s, "192.0.2.1", T0), 0);
    cr_assert_eq(sources_failed(s, "192.0.2.1", T0), SOURCES_LOCK_FIRST_MS);
    cr_assert_eq(sources_locked_ms(s, "192.0.2.1", T0), SOURCES_LOCK_FIRST_MS);
    cr_assert_eq(sources_locked_ms(s, "192.0.2.1", T0 + SOURCES_LOCK_FIRST_MS - 1), 1);
    cr_assert_eq(sources_locked_ms(s, "192.0.2.1", T0 + SOURCES_LOCK_FIRST_MS), 0);
    cr_assert_eq(sources_failed(s, "192.0.2.1", T0 + 60000), 2 * SOURCES_LOCK_FIRST_MS);
    for (int i = 0; i < 10; i++)
        (void)sources_failed(s, "192.0.2.1", T0 + 60000);
    cr_assert_eq(sources_failed(s, "192.0.2.1", T0 + 60000), SOURCES_LOCK_MAX_MS);
    cr_assert_eq(sources_locked_ms(s, "192.0.2.2", T0), 0);
    cr_assert_eq(sources_locked_count(s, T0 + 60000), 1);
}

Test(sources, success_and_a_quiet_quarter_of_an_hour_forget)
{
    fail_times("192.0.2.1", SOURCES_FAILURES_MAX - 1);
    sources_succeeded(s, "192.0.2.1", T0);
    cr_assert_eq(sources_failed(s, "192.0.2.1", T0), 0);
    fail_times("192.0.2.2", SOURCES_FAILURES_MAX - 1);
    cr_assert_eq(sources_failed(s, "192.0.2.2", T0 + SOURCES_FORGET_MS + 1), 0);
    fail_times("192.0.2.3", SOURCES_FAILURES_MAX - 1);
    cr_assert_gt(sources_failed(s, "192.0.2.3", T0 + SOURCES_FORGET_MS), 0);
}

Test(sources, an_ipv6_source_is_its_64_and_a_mapped_one_its_ipv4)
{
    fail_times("2001:db8:1:2::1", 3);
    fail_times("2001:db8:1:2:ffff::2", 2);
    cr_assert_gt(sources_locked_ms(s, "2001:db8:1:2::77", T0), 0);
    cr_assert_eq(sources_locked_ms(s, "2001:db8:1:3::1", T0), 0);
    fail_times("::ffff:192.0.2.9", 5);
    cr_assert_gt(sources_locked_ms(s, "192.0.2.9", T0), 0);
    cr_assert_eq(sources_locked_ms(s, "::ffff:192.0.2.10", T0), 0);
    fail_times("nonsense", 5);
    cr_assert_gt(sources_locked_ms(s, "", T0), 0, "what is no address is one source");
}

Test(sources, the_allowance_is_a_burst_and_comes_back_with_time)
{
    int taken = 0;
    for (int i = 0; i < 100; i++)
        taken += sources_may_send(s, "192.0.2.1", 5, T0);
    cr_assert_eq(taken, 10);
    cr_assert_not(sources_may_send(s, "192.0.2.1", 5, T0 + 199));
    cr_assert(sources_may_send(s, "192.0.2.1", 5, T0 + 200));
    cr_assert_not(sources_may_send(s, "192.0.2.1", 5, T0 + 200));
    cr_assert(sources_may_send(s, "192.0.2.2", 5, T0));
    taken = 0;
    for (int i = 0; i < 1000; i++) /* ten a second offered for 100 s */
        taken += sources_may_send(s, "192.0.2.3", 5, T0 + (int64_t)i * 100);
    cr_assert_geq(taken, 500);
    cr_assert_leq(taken, 510);
}

Test(sources, a_flood_of_sources_stays_bounded_and_loses_no_lock)
{
    char address[64];
    fail_times("192.0.2.1", 5);
    fail_times("2001:db8::", 5);
    for (int i = 0; i < 200000; i++) {
        (void)snprintf(address, sizeof address, "2001:%x:%x:%x::1", i & 0xffff, i >> 16, i % 7);
        (void)sources_failed(s, address, T0 + i % 50000);
    }
    cr_assert_gt(sources_locked_ms(s, "192.0.2.1", T0 + 1), 0);
    cr_assert_gt(sources_locked_ms(s, "2001:db8::5", T0 + 1), 0);
    cr_assert_leq(sources_locked_count(s, T0), SOURCES_MAX);
}
