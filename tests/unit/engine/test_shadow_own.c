/* Covers: a plugin's own shadow mode (SH-7) as the only one, compared, and with positions from
 * before, its gates and refusals; who is compared at all (G102). */
#include "shadow_desk.h"

static const struct shadow_virtual *newest_closed(const struct harness *h)
{
    const struct shadow *sh = &h->s->shadow;
    cr_assert_gt(sh->closed_count, 0);
    return &sh->closed[(sh->closed_next + SHADOW_CLOSED_MAX - 1) % SHADOW_CLOSED_MAX];
}

Test(shadow_own, sh7_in_its_own_shadow_mode_a_plugin_trades_virtually_only)
{
    for (int who = 0; who < 2; who++) {
        struct harness *h = start(SHADOW_SOURCE_INSIDE);
        in_shadow[who] = true;
        h->opt.rules.shadow.first_mode = who == 0 ? SHADOW_PLUGIN_ONLY : SHADOW_LEGACY_ONLY;
        harness_timer(h, TIMER_RULES);
        alert(h);
        cr_expect_eq(h->send_count, 0, "no real order");
        cr_expect_eq(h->decision.action, DECISION_SKIP);
        cr_expect_eq(h->decision.reasons[0], REASON_SHADOW_ONLY);
        cr_expect_eq(h->receipt.reason, REASON_SHADOW_ONLY);
        cr_assert_eq(h->s->shadow.open_count, 1);
        const struct position *p = &h->s->shadow.open[0].p;
        cr_expect_str_eq(p->plugin, who == 0 ? "combined_v3" : "legacy_v2");
        cr_expect_eq(p->entry_e8, EUR(10500));
        cr_expect_eq(p->lots_e8, LOT(10));
        cr_expect_eq(h->s->seen_count, 1, "as if it had been accepted: P-10");
        cr_expect_eq(shadow_day_entries(h->s, p->plugin), 1);
        cr_expect_eq(h->s->routes.count, 0, "the real day is untouched");
        says[0].action = says[1].action = DECISION_CLOSE;
        desk_quote(h, "EURUSD", EUR(10550), EUR(10551));
        alert(h);
        cr_expect_eq(h->send_count, 0);
        cr_expect_eq(h->decision.action, DECISION_SKIP);
        cr_expect_eq(h->s->shadow.open_count, 0);
        cr_expect_eq(newest_closed(h)->profit_e8, 50 * DEC_ONE);
        in_shadow[who] = false;
        says[0] = says[1] = buy();
        alert(h);
        cr_expect_eq(h->send_count, 1, "switched off it trades");
        harness_free(h);
    }
}

Test(shadow_own, sh7_what_was_opened_for_real_is_still_closed)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    uint64_t cid = enter(h);
    in_shadow[0] = true;
    says[0].action = DECISION_CLOSE;
    alert(h);
    cr_expect_eq(h->decision.action, DECISION_CLOSE);
    cr_assert_eq(h->send_count, 1);
    cr_expect_eq(h->sends[0].kind, BROKER_CLOSE);
    cr_expect_eq(h->sends[0].position_cid, cid);
    in_shadow[0] = false;
    harness_free(h);
}

Test(shadow_own, sh7_a_virtual_entry_is_compared_as_what_it_is)
{
    struct harness *h = cut_over();
    in_shadow[0] = true;
    says[0] = says[1] = buy();
    alert(h);
    cr_expect_eq(h->send_count, 0);
    cr_expect_null(harness_event(h, EVENT_SHADOW_MISMATCH), "both say buy 0.10");
    cr_expect_eq(mode_of(h), SHADOW_PLUGIN_SHADOW);
    cr_expect_eq(h->s->shadow.open_count, 2, "its own and that of who watches");
    cr_expect_neq(h->s->shadow.open[0].p.cid, h->s->shadow.open[1].p.cid);
    says[1].lots_e8 = LOT(20);
    alert(h);
    cr_expect_not_null(harness_event(h, EVENT_SHADOW_MISMATCH));
    in_shadow[0] = false;
    harness_free(h);
}

Test(shadow_own, sh7_its_gates_and_refusals_stay_what_they_are)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    in_shadow[0] = true;
    harness_command(h, "pause", "", false);
    alert(h);
    cr_expect_eq(h->receipt.reason, REASON_PAUSED);
    cr_expect_eq(h->s->shadow.open_count, 0);
    harness_command(h, "resume", "", false);
    says[0].action = DECISION_SKIP;
    alert(h);
    cr_expect_eq(h->receipt.reason, REASON_SCORE_TOO_LOW);
    in_shadow[0] = false;
    harness_free(h);
}

Test(shadow_own, g102_without_a_legacy_record_nothing_is_compared)
{
    struct harness *h = start(SHADOW_SOURCE_INSIDE);
    h->opt.rules.shadow.first_mode = SHADOW_SHADOW;
    harness_timer(h, TIMER_RULES);
    says[0].action = says[1].action = DECISION_SKIP;
    alert(h);
    const struct shadow_scope *scope = shadow_scope_find(&h->s->shadow, "combined_v3", "LOGIC3");
    cr_assert_not_null(scope);
    cr_expect_eq(scope->stats.compared, 1, "two skips match");
    cr_expect_eq(scope->stats.matches, 1);
    h->opt.plugin_count = 1;
    alert(h);
    scope = shadow_scope_find(&h->s->shadow, "combined_v3", "LOGIC3");
    cr_expect_eq(scope->stats.signals, 2);
    cr_expect_eq(scope->stats.compared, 1, "nothing to compare it with");
    cr_expect_eq(scope->stats.mismatches, 0);
    harness_free(h);
}
