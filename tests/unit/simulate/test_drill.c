/* Covers: every drill passes and its fault really happened; its figures (who was asked, what came
 * twice, what was lost, how long); the same drill twice gives the same figures; the loss over a gap
 * is told beside the planned one; a drill judges by what engine and venue have; its report is
 * narrow and complete in both languages; names both ways. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "simulate/drill.h"

#define T0_MS INT64_C(1767600000000)
#define PIP   (DEC_ONE / 10000)

static struct drill_options options(void)
{
    struct drill_options o = {.trader_id = "main", .order_deadline_ms = 5000, .start_ms = T0_MS};
    paper_conf_defaults(&o.paper);
    o.paper.fault_reject = 10000; /* the trader's own faults do not count in a drill */
    o.quote = (struct quote){117 * DEC_ONE / 100, 117 * DEC_ONE / 100 + PIP, T0_MS};
    return o;
}

static struct drill_result run(enum drill_fault f)
{
    struct drill_options o = options();
    struct drill_result r;
    drill_run(&o, f, &r);
    return r;
}

Test(drill, every_fault_happens_and_is_survived)
{
    for (int f = DRILL_UNSET + 1; f < DRILL_COUNT; f++) {
        struct drill_result r = run((enum drill_fault)f);
        cr_expect_eq(r.verdict, DRILL_PASSED, "%s: verdict %d, settled %lld, fills %llu",
                     drill_name((enum drill_fault)f), (int)r.verdict, (long long)r.settled_ms,
                     (unsigned long long)r.fills);
        cr_expect_eq(r.balance_e8, r.venue_balance_e8, "%s", drill_name((enum drill_fault)f));
    }
}

Test(drill, a_lost_answer_is_asked_for_and_the_order_executed_once)
{
    struct drill_result r = run(DRILL_TIMEOUT);
    cr_assert_geq(r.settled_ms, 5000, "not before the order's deadline");
    cr_assert_geq(r.questions, 2, "the opening and the closing");
    cr_assert_eq(r.opened, 1);
    cr_assert_eq(r.fills, 2);
    r = run(DRILL_LOST);
    cr_assert_geq(r.questions, 1);
    cr_assert_eq(r.opened, 0);
    cr_assert_eq(r.fills, 0);
    cr_assert_eq(r.profit_e8, 0);
}

Test(drill, a_refusal_a_division_and_an_echo_in_numbers)
{
    struct drill_result r = run(DRILL_REJECT);
    cr_assert_eq(r.opened, 0);
    cr_assert_eq(r.questions, 0, "it is known");
    r = run(DRILL_PARTIAL);
    cr_assert_eq(r.opened, 1);
    cr_assert_eq(r.fills, 4);
    r = run(DRILL_DUPLICATE);
    cr_assert_eq(r.fills, 2);
    cr_assert_eq(r.repeats, 2, "dropped, both");
}

Test(drill, a_broken_link_costs_its_time_and_no_trade)
{
    struct drill_result r = run(DRILL_DISCONNECT);
    cr_assert_geq(r.lost, 1);
    cr_assert_geq(r.settled_ms, 30000);
    cr_assert_eq(r.opened, 1);
    cr_assert_eq(r.fills, 2);
}

Test(drill, the_loss_over_a_gap_stands_beside_the_planned_one)
{
    struct drill_result r = run(DRILL_GAP);
    cr_assert_eq(r.planned_loss_e8, 4 * DEC_ONE, "20 pips x 10 $ x 0.02");
    cr_assert_eq(r.profit_e8, -(2020 * DEC_ONE / 100), "101 pips: the gap and the spread");
}

Test(drill, the_same_drill_gives_the_same_figures)
{
    struct drill_result a = run(DRILL_LATE), b = run(DRILL_LATE);
    cr_assert_eq(memcmp(&a, &b, sizeof a), 0);
    cr_assert_geq(a.settled_ms, 400);
}

Test(drill, an_order_whose_outcome_nobody_can_learn_fails_the_drill)
{
    struct drill_options o = options();
    struct drill_result r;
    o.order_deadline_ms = 10 * 60 * 1000; /* longer than the drill's patience */
    drill_run(&o, DRILL_TIMEOUT, &r);
    cr_assert_eq(r.verdict, DRILL_UNSETTLED);
    cr_assert_eq(r.settled_ms, -1);
}

Test(drill, its_report_is_narrow_and_complete)
{
    struct drill_options o = options();
    for (int lang = LANG_EN; lang < LANG_COUNT; lang++)
        for (int f = DRILL_UNSET; f < DRILL_COUNT; f++) {
            struct buf out;
            buf_init(&out, 4096);
            drill_report(&o, f == DRILL_UNSET ? "all" : drill_name((enum drill_fault)f),
                         (enum lang)lang, &out);
            cr_assert_not(buf_failed(&out));
            cr_expect_null(strchr(out.data, '{'), "%s", out.data);
            cr_expect_null(strstr(out.data, "❌"), "%s", out.data);
            cr_expect_not_null(strstr(out.data, "✅"));
            size_t columns = 0;
            bool in_tag = false;
            for (const char *p = out.data; *p != '\0'; p++) {
                in_tag = *p == '<' || (in_tag && p[-1] != '>');
                columns = *p == '\n' ? 0 : columns + (!in_tag && (*p & 0xc0) != 0x80);
                cr_expect_leq(columns, 34, "%s", out.data);
            }
            buf_deinit(&out);
        }
}

Test(drill, names_are_read_both_ways)
{
    for (int f = DRILL_UNSET + 1; f < DRILL_COUNT; f++)
        cr_expect_eq((int)drill_parse(drill_name((enum drill_fault)f)), f);
    cr_expect_eq(drill_parse("GAP"), DRILL_GAP);
    cr_expect_eq(drill_parse("all"), DRILL_UNSET);
    cr_expect_eq(drill_parse(""), DRILL_UNSET);
}
