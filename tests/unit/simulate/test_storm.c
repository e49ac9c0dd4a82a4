/* Covers: days of faults, crashes and failing writes without a violation; the same seed gives the
 * same figures and digest, another seed others; each check bites: a turn that is made wrong in one
 * way (books twice, sends early or again, answers early, forgets) is found, and a failing seed
 * fails again in the same row with the same bytes; a run of several lives says in which it was. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "simulate/storm.h"

static struct storm_options options(uint64_t seed, int days)
{
    struct storm_options o = {.seed = seed, .days = days};
    paper_conf_defaults(&o.paper);
    o.engine.trader_id = "main";
    o.engine.rules.start_balance_e8 = o.paper.balance_e8;
    return o;
}

Test(storm, days_of_faults_and_crashes_break_nothing)
{
    struct storm_options o = options(1, 4);
    struct storm_result r;
    bool is_good = storm_run(&o, &r);
    cr_assert(is_good, "seed %llu row %llu: %s", (unsigned long long)r.seed,
              (unsigned long long)r.seq, r.text);
    cr_assert_eq(r.days, 4);
    cr_assert_gt(r.broker_faults, 200);
    cr_assert_gt(r.crashes, 3);
    cr_assert_gt(r.disk_faults, 3);
    cr_assert_gt(r.unknowns, 20);
    cr_assert_gt(r.fills, 200);
    cr_assert_gt(r.links_broken, 0);
    cr_assert_gt(r.skews, 0);
    cr_assert_gt(r.retold, 0);
    cr_assert_gt(r.replayed, r.rows, "every row is applied again at least once");
    cr_assert_gt(r.comparisons, r.crashes);
    cr_assert_gt(r.agreements, 1000);
}

Test(storm, the_same_seed_gives_the_same_bytes_and_another_seed_others)
{
    struct storm_options o = options(7, 2);
    struct storm_result a, b;
    cr_assert(storm_run(&o, &a));
    cr_assert(storm_run(&o, &b));
    cr_assert_eq(memcmp(&a, &b, sizeof a), 0);
    o.seed = 8;
    cr_assert(storm_run(&o, &b));
    cr_assert_neq(memcmp(a.digest, b.digest, sizeof a.digest), 0);
}

static void expect_found(enum storm_sabotage how, const char *words)
{
    struct storm_options o = options(3, STORM_LIFE_DAYS);
    struct storm_result a, b;
    o.sabotage = how;
    cr_assert_not(storm_run(&o, &a), "sabotage %d is not found", (int)how);
    cr_expect_not_null(strstr(a.text, words), "%d: %s", (int)how, a.text);
    cr_assert_not(storm_run(&o, &b));
    cr_expect_eq(memcmp(&a, &b, sizeof a), 0, "%d: found again in the same row", (int)how);
    cr_expect_eq(a.seed, 3);
}

Test(storm, a_fill_booked_twice_is_found)
{
    expect_found(STORM_BOOKS_TWICE, "position");
}

Test(storm, an_order_that_leaves_before_its_row_is_durable_is_found)
{
    expect_found(STORM_SENDS_EARLY, "leaves before it is durable");
}

Test(storm, an_order_sent_again_after_a_restart_is_found)
{
    expect_found(STORM_SENDS_AGAIN, "sent twice");
}

Test(storm, an_answer_before_the_commit_is_found)
{
    expect_found(STORM_ANSWERS_EARLY, "was acknowledged and is lost");
}

Test(storm, a_row_forgotten_by_recovery_is_found)
{
    expect_found(STORM_FORGETS, "another state");
}

Test(storm, the_life_that_failed_is_named_by_its_own_seed)
{
    struct storm_options o = options(100, 2 * STORM_LIFE_DAYS);
    struct storm_result all, one;
    o.sabotage = STORM_ANSWERS_EARLY;
    cr_assert_not(storm_run(&o, &all));
    o.seed = all.seed;
    o.days = STORM_LIFE_DAYS;
    cr_assert_not(storm_run(&o, &one));
    cr_assert_eq(one.seq, all.seq);
    cr_assert_eq(one.time_ms, all.time_ms);
    cr_assert_str_eq(one.text, all.text);
}
