/* Covers: rules by type with wildcards and other names, the nearest deciding, rules for a time,
 * unmuting under wider rules, critical never muted, quiet hours with zone and midnight wrap (G98),
 * digest times, statements written and read back, hostile statements. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "notify/rules.h"

#define HOUR_MS INT64_C(3600000)
#define IST_MIN 330

static void say(struct rules *r, const char *statement)
{
    cr_assert(rules_apply(r, statement, 1000), "%s", statement);
}

static void expect_mode(const struct rules *r, enum event_type t, enum rule_mode want,
                        const char *rule)
{
    const char *by = NULL;
    enum rule_mode mode = rules_mode(r, t, 1000, &by);
    cr_expect_eq(mode, want, "%s is %s", event_info(t)->name, rule_mode_name(mode));
    cr_expect_str_eq(by, rule);
}

Test(rules, the_nearest_rule_decides)
{
    struct rules r;
    rules_init(&r);
    expect_mode(&r, EVENT_ENTRY, RULE_ON, "");
    say(&r, "rule all off 0");
    expect_mode(&r, EVENT_ENTRY, RULE_OFF, "*");
    say(&r, "rule v3_* silent 0");
    expect_mode(&r, EVENT_ENTRY, RULE_SILENT, "v3_*");
    say(&r, "rule v3_entry digest 0");
    expect_mode(&r, EVENT_ENTRY, RULE_DIGEST, "v3_entry");
    expect_mode(&r, EVENT_EXIT, RULE_SILENT, "v3_*");
    expect_mode(&r, EVENT_V6_EXIT, RULE_OFF, "*");
    say(&r, "rule v3_* off 0");
    cr_expect_eq(r.count, 3, "a pattern has one rule");
    expect_mode(&r, EVENT_EXIT, RULE_OFF, "v3_*");
}

Test(rules, other_names_and_wildcards_mean_the_same_types)
{
    cr_expect(rules_match("trade_*", EVENT_ENTRY), "trade_opened");
    cr_expect(rules_match("trade_*", EVENT_EXIT), "trade_closed");
    cr_expect_not(rules_match("trade_*", EVENT_SIGNAL_REFUSED));
    cr_expect(rules_match("sl_hit", EVENT_SL_HIT));
    cr_expect(rules_match("sl_hit", EVENT_V6_SL_HIT), "of every strategy");
    cr_expect_not(rules_match("v3_sl_hit", EVENT_V6_SL_HIT));
    cr_expect(rules_match("v6_*", EVENT_V6_ENTRY_4H));
    cr_expect(rules_match("*entry*", EVENT_V6_ENTRY_4H));
    cr_expect(rules_match("*", EVENT_PAUSED));
    cr_expect(rules_pattern_is_known("v6_*"));
    cr_expect_not(rules_pattern_is_known("nonsense*"));
    cr_expect_not(rules_pattern_is_known("decision"), "no message");
    cr_expect(rules_pattern_is_critical("emergency_stop"));
    cr_expect_not(rules_pattern_is_critical("*"));
}

Test(rules, what_is_critical_is_always_heard)
{
    struct rules r;
    rules_init(&r);
    cr_expect_not(rules_apply(&r, "mute emergency_stop", 0));
    say(&r, "mute all");
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++)
        if (event_info((enum event_type)i)->priority == PRIORITY_CRITICAL)
            expect_mode(&r, (enum event_type)i, RULE_ON, "");
}

Test(rules, stop_moves_are_off_until_somebody_asks)
{
    struct rules r;
    rules_init(&r);
    expect_mode(&r, EVENT_SL_MODIFIED, RULE_OFF, "");
    expect_mode(NULL, EVENT_BREAKEVEN, RULE_OFF, "");
    say(&r, "unmute sl_modified");
    expect_mode(&r, EVENT_SL_MODIFIED, RULE_ON, "sl_modified");
}

Test(rules, end_with_their_time)
{
    struct rules r;
    const char *by = NULL;
    rules_init(&r);
    cr_assert(rules_apply(&r, "rule v3_entry off 5000", 1000));
    cr_expect_eq(rules_mode(&r, EVENT_ENTRY, 4999, &by), RULE_OFF);
    cr_expect_eq(rules_mode(&r, EVENT_ENTRY, 5000, &by), RULE_ON);
    cr_assert(rules_apply(&r, "voice on", 5000));
    cr_expect_eq(r.count, 0, "what has ended is forgotten");
}

Test(rules, unmuting_is_heard_under_wider_rules)
{
    struct rules r;
    rules_init(&r);
    say(&r, "mute all");
    say(&r, "unmute v3_sl_hit");
    expect_mode(&r, EVENT_SL_HIT, RULE_ON, "v3_sl_hit");
    expect_mode(&r, EVENT_TP_HIT, RULE_OFF, "*");
    say(&r, "mute v6_exit");
    say(&r, "unmute v6_*");
    expect_mode(&r, EVENT_V6_EXIT, RULE_ON, "v6_*");
    say(&r, "unmute all");
    expect_mode(&r, EVENT_TP_HIT, RULE_ON, "");
}

Test(rules, refuses_what_it_does_not_understand_and_changes_nothing)
{
    static const char *const bad[] = {
        "",
        " ",
        "rule",
        "rule v3_entry",
        "rule v3_entry off",
        "rule v3_entry loud 0",
        "rule v3_entry off -1",
        "rule nonsense off 0",
        "mute",
        "mute a b",
        "quiet",
        "quiet 60",
        "quiet 60 60",
        "quiet 60 1440",
        "digest",
        "digest 1440",
        "digest 1 2 3 4 5",
        "digest 1 1",
        "voice",
        "voice loud",
        "zone",
        "zone 1081",
        "zone x",
        "email maybe",
        "subscribe",
        "rule aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa off 0"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        struct rules r, before;
        rules_init(&r);
        before = r;
        cr_expect_not(rules_apply(&r, bad[i], 0), "\"%s\"", bad[i]);
        cr_expect(memcmp(&r, &before, sizeof r) == 0, "\"%s\"", bad[i]);
    }
}

Test(rules, the_list_has_an_end)
{
    struct rules r;
    char statement[64];
    int took = 0;
    rules_init(&r);
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++) {
        snprintf(statement, sizeof statement, "mute %s", event_info((enum event_type)i)->name);
        took += rules_apply(&r, statement, 0);
    }
    cr_expect_eq(took, RULES_MAX);
    cr_expect_eq(r.count, RULES_MAX);
}

/* G98: quiet hours on, 23:00: sl_hit suppressed, mt5_disconnect delivered. */
Test(rules, g98_quiet_hours_wrap_at_midnight_in_the_persons_zone)
{
    struct rules r;
    rules_init(&r);
    cr_expect_not(rules_is_quiet(&r, 23 * HOUR_MS, 0));
    say(&r, "quiet 1320 360"); /* 22:00 to 06:00 */
    static const struct {
        int minute;
        bool quiet;
    } at[] = {{1319, false}, {1320, true}, {1380, true}, {0, true}, {359, true}, {360, false}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(at); i++) {
        int64_t ms = (100 * RULES_DAY_MIN + at[i].minute) * INT64_C(60000);
        cr_expect_eq(rules_is_quiet(&r, ms, 0), at[i].quiet, "%d", at[i].minute);
        cr_expect_eq(rules_is_quiet(&r, ms - IST_MIN * INT64_C(60000), IST_MIN), at[i].quiet);
    }
    say(&r, "zone -300");
    cr_expect(rules_is_quiet(&r, (100 * RULES_DAY_MIN + 1380 + 300) * INT64_C(60000), IST_MIN),
              "the chosen zone, not the configured one");
    say(&r, "quiet 60 120");
    say(&r, "zone 0");
    cr_expect(rules_is_quiet(&r, 90 * INT64_C(60000), 0));
    cr_expect_not(rules_is_quiet(&r, 120 * INT64_C(60000), 0));
    say(&r, "quiet off");
    cr_expect_not(rules_is_quiet(&r, 90 * INT64_C(60000), 0));
}

Test(rules, digests_come_at_the_persons_times)
{
    struct rules r;
    rules_init(&r);
    cr_expect_eq(rules_digest_due_ms(NULL, 0, 0), 8 * HOUR_MS);
    cr_expect_eq(rules_digest_due_ms(&r, 8 * HOUR_MS, 0), 20 * HOUR_MS, "not the same moment");
    cr_expect_eq(rules_digest_due_ms(&r, 21 * HOUR_MS, 0), 32 * HOUR_MS);
    cr_expect_eq(rules_digest_due_ms(&r, 0, IST_MIN), 2 * HOUR_MS + HOUR_MS / 2);
    say(&r, "digest 720 60");
    cr_expect_eq(r.digest_min[0], 60);
    cr_expect_eq(rules_digest_due_ms(&r, 2 * HOUR_MS, 0), 12 * HOUR_MS);
    say(&r, "digest off");
    cr_expect_eq(rules_digest_due_ms(&r, 0, 0), INT64_MAX);
}

Test(rules, written_and_read_back_they_are_the_same)
{
    struct rules r, back;
    struct buf text;
    rules_init(&r);
    say(&r, "rule v6_* silent 9000");
    say(&r, "mute all");
    say(&r, "quiet 1320 360");
    say(&r, "zone 330");
    say(&r, "digest 540");
    say(&r, "voice on");
    say(&r, "trader second");
    buf_init(&text, RULES_TEXT_MAX);
    rules_write(&r, &text);
    rules_read(&back, text.data, 1000);
    cr_expect_eq(back.count, 2);
    cr_expect(memcmp(r.items, back.items, sizeof r.items) == 0);
    cr_expect(back.has_quiet && back.voice);
    cr_expect_eq(back.utc_offset_min, 330);
    cr_expect_eq(back.digest_count, 1);
    cr_expect_eq(back.digest_min[0], 540);
    cr_expect_str_eq(back.trader, "second");
    buf_deinit(&text);
}

Test(rules, random_statements_never_break_them)
{
    static const char *const words[] = {"rule",   "mute",   "unmute", "quiet",  "zone",
                                        "digest", "v3_*",   "all",    "*",      "off",
                                        "on",     "0",      "700",    "60",     "x",
                                        "-5",     "silent", "voice",  "sl_hit", "999999999999"};
    struct rules r;
    struct rng rng;
    rng_seed(&rng, 7);
    rules_init(&r);
    for (int i = 0; i < 20000; i++) {
        char s[200] = "";
        int count = (int)rng_between(&rng, 1, 6);
        for (int k = 0; k < count; k++) {
            size_t len = strlen(s);
            snprintf(s + len, sizeof s - len, "%s ",
                     words[rng_between(&rng, 0, (int64_t)TR_ARRAY_SIZE(words) - 1)]);
        }
        (void)rules_apply(&r, s, i);
        cr_assert(r.count <= RULES_MAX && r.digest_count <= RULES_DIGESTS_MAX);
        cr_assert(!r.has_quiet || r.quiet_from_min != r.quiet_to_min);
    }
}
