/* Covers: RFC 3339 both ways (leap days, offsets, refusals), local day and minute, durations, the
 * manual clock, progress of the real one. */
#include <criterion/criterion.h>

#include "core/clock.h"

Test(clock, formats_and_parses_rfc3339)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {INT64_C(1795223963000), "2026-11-21T01:19:23.000Z"},
        {INT64_C(951782400123), "2000-02-29T00:00:00.123Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {INT64_C(4107542399999), "2100-02-28T23:59:59.999Z"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        char text[CLOCK_TEXT_CAP];
        clock_format_rfc3339(cases[i].ms, text);
        cr_assert_str_eq(text, cases[i].text);
        int64_t ms = 5;
        cr_assert(clock_parse_rfc3339(text, &ms));
        cr_assert_eq(ms, cases[i].ms);
    }
}

Test(clock, round_trips_every_day_of_four_centuries)
{
    for (int64_t day = -30000; day < 146097 - 30000; day++) {
        char text[CLOCK_TEXT_CAP];
        int64_t back = 0;
        clock_format_rfc3339(day * 86400000, text);
        cr_assert(clock_parse_rfc3339(text, &back));
        cr_assert_eq(back, day * 86400000);
    }
}

Test(clock, understands_offsets_and_fractions)
{
    int64_t ms = 0;
    cr_assert(clock_parse_rfc3339("1970-01-01T05:30:00+05:30", &ms));
    cr_assert_eq(ms, 0);
    cr_assert(clock_parse_rfc3339("1969-12-31 22:00:00.5-02:00", &ms));
    cr_assert_eq(ms, 500);
    cr_assert(clock_parse_rfc3339("1970-01-01t00:00:00.123456789z", &ms));
    cr_assert_eq(ms, 123);
}

Test(clock, refuses_what_is_no_time)
{
    static const char *const bad[] = {
        NULL,
        "",
        "2026-11-21",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00Z ",
        "2026-01-32T00:00:00Z",
        "2026-1-01T00:00:00Z",
        "2026-01-01T00:00:00+5:30",
        "2026-01-00T00:00:00Z",
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        int64_t ms = 7;
        cr_assert_not(clock_parse_rfc3339(bad[i], &ms), "case %zu", i);
        cr_assert_eq(ms, 7);
    }
}

Test(clock, tells_local_day_minute_and_time)
{
    int64_t ms = INT64_C(1795223963000); /* 2026-11-21T01:19:23Z */
    cr_assert_eq(clock_civil_date(ms, 0), 20261121);
    cr_assert_eq(clock_civil_date(ms, -120), 20261120);
    cr_assert_eq(clock_minute_of_day(ms, 0), 79);
    cr_assert_eq(clock_minute_of_day(ms, 330), 79 + 330);
    cr_assert_eq(clock_minute_of_day(ms, -120), 1440 + 79 - 120);
    char text[CLOCK_TEXT_CAP];
    clock_format_hms(ms, 330, text);
    cr_assert_str_eq(text, "06:49:23");
    cr_assert_eq(clock_civil_date(-1, 0), 19691231);
}

Test(clock, survives_times_beyond_all_calendars)
{
    char text[CLOCK_TEXT_CAP];
    clock_format_rfc3339(INT64_MAX, text);
    cr_assert_str_eq(text, "9999-12-31T23:59:59.999Z");
    clock_format_rfc3339(INT64_MIN, text);
    cr_assert_str_eq(text, "0000-01-01T00:00:00.000Z");
    cr_assert_gt(clock_civil_date(INT64_MAX, 1439), 99990000);
    cr_assert_geq(clock_minute_of_day(INT64_MIN, -1439), 0);
}

Test(clock, words_durations)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {999, "0 s"},
        {5000, "5 s"},
        {60000, "1 min"},
        {245000, "4 min 5 s"},
        {3600000 * 2 + 60000, "2 h 1 min"},
        {86400000 * 2 + 3 * 3600000, "2 d 3 h"},
        {86400000 + 59000, "1 d"},
        {-5, "0 s"},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        char text[CLOCK_TEXT_CAP];
        clock_format_duration(cases[i].ms, text);
        cr_assert_str_eq(text, cases[i].text);
    }
}

Test(clock, manual_moves_only_when_told_and_keeps_small_steps)
{
    struct clock *c = clock_manual_new(100, 5000);
    for (int i = 0; i < 10; i++)
        clock_manual_advance_us(c, 300);
    cr_assert_eq(clock_mono_us(c), 3100);
    cr_assert_eq(clock_wall_ms(c), 5003);
    clock_manual_set_wall_ms(c, 1);
    cr_assert_eq(clock_wall_ms(c), 1);
    cr_assert_eq(clock_mono_us(c), 3100);
    cr_assert_null(clock_free(c));
    cr_assert_null(clock_free(clock_real()));
}

Test(clock, real_one_goes_forward)
{
    int64_t a = clock_mono_us(clock_real());
    int64_t b = clock_mono_us(clock_real());
    cr_assert_geq(b, a);
    cr_assert_gt(clock_wall_ms(clock_real()), INT64_C(1577836800000)); /* 2020 */
}
