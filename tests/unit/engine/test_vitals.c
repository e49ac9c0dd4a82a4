/* Covers: every limit of spec strategies 9.5 from both sides, readings in a row before a level
 * changes, the margin before it gets better, a value that swings around a limit, silence, what is
 * told and that it is told once; the text; pings and beats. Time is virtual. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/vitals.h"

static struct vitals *v;
static int64_t now_ms;
static struct vital_row row;

static void setup(void)
{
    v = vitals_new();
    now_ms = INT64_C(1800000000000);
}

static void teardown(void)
{
    v = vitals_free(v);
}

TestSuite(vitals, .init = setup, .fini = teardown);

/* One look; true: told. */
static bool look(enum vital kind, const char *subject, int64_t value)
{
    const struct vital_reading r = {kind, subject, true, value};
    now_ms += VITALS_SAMPLE_MS;
    return vitals_note(v, &r, now_ms, &row);
}

static bool look_at_nothing(enum vital kind, const char *subject)
{
    const struct vital_reading r = {kind, subject, false, 0};
    now_ms += VITALS_SAMPLE_MS;
    return vitals_note(v, &r, now_ms, &row);
}

static int looks(enum vital kind, int64_t value, int n)
{
    int told = 0;
    for (int i = 0; i < n; i++)
        told += look(kind, "main", value);
    return told;
}

Test(vitals, has_the_limits_of_the_specification_on_both_sides)
{
    static const struct {
        enum vital kind;
        int64_t ok, warning, worst_warning, critical;
    } table[] = {
        {VITAL_ALERT_MS, 500, 501, 1000, 1001},
        {VITAL_ORDER_MS, 5000, 0, 0, 5001},
        {VITAL_ORDER_SUCCESS, 980, 979, 950, 949},
        {VITAL_ERRORS, 10, 11, 50, 51},
        {VITAL_ENGINE_SILENT, 30, 31, 90, 91},
        {VITAL_BROKER_MISSES, 0, 1, 2, 3},
        {VITAL_BOT_MISSES, 0, 1, 2, 3},
        {VITAL_MEMORY, 300, 301, 500, 501},
        {VITAL_CPU, 300, 301, 700, 701},
        {VITAL_BACKUP_AGE, 15, 16, 30, 31},
    };
    cr_assert_eq(TR_ARRAY_SIZE(table), VITAL_COUNT - 1);
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        int need = vital_kind(table[i].kind)->raise;
        looks(table[i].kind, table[i].ok, need);
        cr_assert_eq(row.level, VITAL_OK, "%zu", i);
        looks(table[i].kind, table[i].critical, need);
        cr_assert_eq(row.level, VITAL_CRITICAL, "%zu", i);
        if (table[i].warning == 0)
            continue;
        const struct vital_reading first = {table[i].kind, "second", true, table[i].warning};
        const struct vital_reading last = {table[i].kind, "third", true, table[i].worst_warning};
        for (int n = 0; n < need; n++) {
            (void)vitals_note(v, &first, now_ms, &row);
            cr_assert_eq(row.level == VITAL_WARNING, n + 1 == need, "%zu", i);
            (void)vitals_note(v, &last, now_ms, &row);
        }
        cr_assert_eq(row.level, VITAL_WARNING, "%zu", i);
    }
    cr_assert_eq(vitals_worst(v), VITAL_CRITICAL);
}

Test(vitals, three_bad_readings_in_a_row_are_told_once_and_three_good_ones_again)
{
    cr_assert_eq(looks(VITAL_ALERT_MS, 1500, 2), 0);
    cr_assert_eq(row.level, VITAL_OK);
    cr_assert(look(VITAL_ALERT_MS, "main", 1500));
    cr_assert_eq(row.level, VITAL_CRITICAL);
    cr_assert(row.is_announced);
    cr_assert_eq(looks(VITAL_ALERT_MS, 2000, 50), 0);
    cr_assert_eq(looks(VITAL_ALERT_MS, 100, 2), 0);
    cr_assert(look(VITAL_ALERT_MS, "main", 100));
    cr_assert_eq(row.level, VITAL_OK);
    cr_assert_not(row.is_announced);
    cr_assert_eq(looks(VITAL_ALERT_MS, 100, 50), 0);
}

Test(vitals, one_good_reading_starts_the_count_anew)
{
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(looks(VITAL_MEMORY, 501, 2), 0);
        cr_assert_eq(looks(VITAL_MEMORY, 200, 1), 0);
    }
    cr_assert_eq(row.level, VITAL_OK);
}

Test(vitals, a_value_that_swings_around_the_alarm_makes_one_message)
{
    int told = 0;
    for (int i = 0; i < 200; i++)
        told += looks(VITAL_CPU, i % 2 == 0 ? 705 : 695, 3);
    cr_assert_eq(told, 1);
    cr_assert_eq(row.level, VITAL_CRITICAL);
    told = looks(VITAL_CPU, 650, 3); /* inside the margin: 65.0 % is better by exactly it */
    cr_assert_eq(row.level, VITAL_WARNING);
    cr_assert_eq(told, 0); /* told when it is well, not on the way */
    told = looks(VITAL_CPU, 251, 10);
    cr_assert_eq(row.level, VITAL_WARNING);
    cr_assert_eq(told + looks(VITAL_CPU, 250, 3), 1);
    cr_assert_eq(row.level, VITAL_OK);
}

Test(vitals, a_warning_is_shown_but_only_a_silent_engine_is_told_at_once)
{
    cr_assert_eq(looks(VITAL_MEMORY, 400, 10), 0);
    cr_assert_eq(vitals_worst(v), VITAL_WARNING);
    cr_assert(look(VITAL_ENGINE_SILENT, "main", 31));
    cr_assert_not(look(VITAL_ENGINE_SILENT, "main", 61));
    cr_assert_not(look(VITAL_ENGINE_SILENT, "main", 91));
    cr_assert_eq(row.level, VITAL_CRITICAL);
    cr_assert(look(VITAL_ENGINE_SILENT, "main", 1));
}

Test(vitals, no_alert_for_ten_minutes_leaves_no_ground_for_an_alarm)
{
    cr_assert_eq(looks(VITAL_ALERT_MS, 3000, 3), 1);
    int64_t last_ms = now_ms;
    while (now_ms + VITALS_SAMPLE_MS < last_ms + VITALS_SILENT_MS) {
        cr_assert_not(look_at_nothing(VITAL_ALERT_MS, "main"));
        cr_assert_eq(row.level, VITAL_CRITICAL);
    }
    cr_assert(look_at_nothing(VITAL_ALERT_MS, "main"));
    cr_assert_eq(row.level, VITAL_OK);
    cr_assert_not(look_at_nothing(VITAL_ALERT_MS, "main"));
}

Test(vitals, subjects_are_apart_and_levels_know_since_when)
{
    cr_assert_not(look(VITAL_BOT_MISSES, "analytics", 0));
    int64_t since_ms = row.since_ms;
    for (int i = 1; i <= 2; i++)
        cr_assert_not(look(VITAL_BOT_MISSES, "controller", i));
    cr_assert(look(VITAL_BOT_MISSES, "controller", 3));
    cr_assert_eq(row.since_ms, now_ms);
    struct vital_row rows[VITALS_MAX];
    cr_assert_eq(vitals_read(v, rows), 2);
    cr_assert_eq(rows[0].level, VITAL_OK);
    cr_assert_eq(rows[0].since_ms, since_ms);
    cr_assert_eq(vitals_read(NULL, rows), 0);
    cr_assert_eq(vitals_worst(NULL), VITAL_OK);
}

static const char *described(struct buf *b)
{
    buf_reset(b);
    vital_describe(&row, b);
    return b->data;
}

Test(vitals, the_text_names_the_limit_that_counts)
{
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    buf_init(&b, 200);
    looks(VITAL_ALERT_MS, 1250, 3);
    cr_assert_str_eq(described(&b), "main: alert_ms 1250 ms, alarm over 1000 ms");
    look(VITAL_ORDER_SUCCESS, "main", 945);
    cr_assert_str_eq(described(&b), "main: order_success 94.5%, alarm under 95.0%");
    look(VITAL_MEMORY, "", 12);
    cr_assert_str_eq(described(&b), "memory 12 MB, target under 300 MB");
}

Test(vitals, pings_and_beats_are_kept)
{
    struct vitals_watch w;
    vitals_note_ping(v, BOT_ANALYTICS, 1234);
    vitals_note_beat(v, true);
    vitals_note_beat(v, true);
    vitals_note_beat(v, false);
    vitals_get_watch(v, &w);
    cr_assert_eq(w.ping_us[BOT_ANALYTICS], 1234);
    cr_assert_eq(w.beats_sent, 2);
    cr_assert_eq(w.beats_failed, 1);
    vitals_get_watch(NULL, &w);
    cr_assert_eq(w.beats_sent, 0);
}
