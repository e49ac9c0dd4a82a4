/* Covers: rules SY-1 and SY-2, golden cases G91, G93, G94 and every boundary of the table on both
 * sides; wrap over midnight; overlapping sessions; next opening; time left; times and symbol lists
 * as text; packing. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "model/rules/sessions.h"

static int at(const char *text)
{
    int minute = -1;
    cr_assert(sessions_parse_minute(text, &minute), "%s", text);
    return minute;
}

static struct sessions table(void)
{
    struct sessions s;
    sessions_defaults(&s);
    cr_assert_not(s.is_on, "off unless switched on");
    cr_assert_eq(s.notice_min, 30, "SY-3: the settings file's");
    s.is_on = true;
    return s;
}

static const char *name_at(const struct sessions *s, const char *time)
{
    int i = sessions_at(s, at(time));
    return i < 0 ? "" : s->items[i].name;
}

Test(sessions, G91_eurusd_is_refused_in_asian_and_allowed_from_london_on)
{
    struct sessions s = table();
    cr_assert_not(sessions_allow(&s, "EURUSD", at("13:29")));
    cr_assert(sessions_allow(&s, "EURUSD", at("13:30")));
    cr_assert_eq(sessions_next_open(&s, "EURUSD", at("13:29")), at("13:30"));
}

Test(sessions, G93_overlap_has_its_own_list)
{
    struct sessions s = table();
    cr_assert_not(sessions_allow(&s, "GBPJPY", at("18:30")));
    cr_assert(sessions_allow(&s, "GBPJPY", at("18:29")));
    cr_assert(sessions_allow(&s, "XAUUSD", at("18:30")));
    cr_assert_not(sessions_allow(&s, "XAUUSD", at("07:00")));
}

Test(sessions, eurgbp_is_of_london_alone)
{
    struct sessions s = table();
    cr_assert(sessions_allow(&s, "EURGBP", at("13:30")));
    cr_assert(sessions_allow(&s, "EURGBP", at("18:29")));
    cr_assert_not(sessions_allow(&s, "EURGBP", at("13:29")));
    cr_assert_not(sessions_allow(&s, "EURGBP", at("18:30")));
}

Test(sessions, G94_switched_off_everything_is_allowed)
{
    struct sessions s = table();
    cr_assert_not(sessions_allow(&s, "EURUSD", at("04:00")));
    s.is_on = false;
    cr_assert(sessions_allow(&s, "EURUSD", at("04:00")));
}

Test(sessions, every_start_is_inclusive_and_every_end_exclusive)
{
    static const char *const edges[][3] = {
        {"04:59", "Dead zone", "Asian"},   {"13:29", "Asian", "London"},
        {"18:29", "London", "Overlap"},    {"22:29", "Overlap", "NY Late"},
        {"03:29", "NY Late", "Dead zone"},
    };
    struct sessions s = table();
    for (size_t i = 0; i < TR_ARRAY_SIZE(edges); i++) {
        int before = at(edges[i][0]);
        cr_expect_str_eq(s.items[sessions_at(&s, before)].name, edges[i][1]);
        cr_expect_str_eq(s.items[sessions_at(&s, before + 1)].name, edges[i][2]);
        cr_expect_eq(sessions_minutes_left(&s, before), 1);
    }
    cr_assert_str_eq(name_at(&s, "23:59"), "NY Late");
    cr_assert_str_eq(name_at(&s, "00:00"), "NY Late", "over midnight");
    cr_assert(s.items[sessions_at(&s, at("04:00"))].force_close);
    cr_assert_eq(sessions_minutes_left(&s, at("22:30")), 300);
}

Test(sessions, in_the_dead_zone_nothing_may_be_entered)
{
    struct sessions s = table();
    for (size_t i = 0; i < symbol_count(); i++) {
        cr_expect_not(sessions_allow(&s, symbol_at(i)->name, at("03:30")));
        cr_expect_not(sessions_allow(&s, symbol_at(i)->name, at("04:59")));
        cr_expect_geq(sessions_next_open(&s, symbol_at(i)->name, at("04:00")), at("05:00"));
    }
}

Test(sessions, of_two_at_once_the_one_that_started_last_counts)
{
    struct sessions s = {.is_on = true, .count = 3};
    s.items[0] = (struct session){"Long", at("22:00"), at("06:00"), 1, false};
    s.items[1] = (struct session){"Short", at("05:00"), at("05:30"), 2, false};
    s.items[2] = (struct session){"Never", at("05:10"), at("05:10"), 4, false};
    cr_assert_str_eq(name_at(&s, "04:59"), "Long");
    cr_assert_str_eq(name_at(&s, "05:00"), "Short");
    cr_assert_str_eq(name_at(&s, "05:29"), "Short");
    cr_assert_str_eq(name_at(&s, "05:30"), "Long", "its turn again");
    cr_assert_str_eq(name_at(&s, "06:00"), "");
    cr_assert_not(sessions_allow(&s, symbol_at(0)->name, at("12:00")), "no session allows nothing");
    cr_assert_eq(sessions_next_open(&s, symbol_at(0)->name, at("05:10")), at("05:30"));
    cr_assert_eq(sessions_next_open(&s, symbol_at(2)->name, at("05:10")), -1);
    cr_assert_eq(sessions_minutes_left(&s, at("21:00")), 60);
    cr_assert_eq(sessions_minutes_left(&(struct sessions){.is_on = true}, 5), 0);
}

Test(sessions, times_and_lists_are_read_strictly)
{
    static const char *const bad[] = {"", "5:00", "24:00", "05:60", "05-00", "05:0x", "005:00"};
    int minute = 0;
    uint32_t bits = 0;
    char text[SESSION_TIME_CAP];
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++)
        cr_expect_not(sessions_parse_minute(bad[i], &minute), "%s", bad[i]);
    for (int m = 0; m < DAY_MINUTES; m++) {
        sessions_format_minute(m, text);
        cr_assert(sessions_parse_minute(text, &minute));
        cr_assert_eq(minute, m);
    }
    cr_assert_eq(sessions_clock_e8(at("13:05")), 1305 * DEC_ONE);
    cr_assert(sessions_parse_symbols("EURUSD, xauusd,,GBP/USD", &bits));
    cr_assert_eq(__builtin_popcount(bits), 3);
    cr_assert(sessions_parse_symbols("", &bits));
    cr_assert_eq(bits, 0);
    cr_assert_not(sessions_parse_symbols("EURUSD,NOPE", &bits));
    cr_assert_not(sessions_parse_symbols("EURUSDEURUSDEURUSD", &bits));
}

Test(sessions, survive_packing_and_truncation_does_not)
{
    struct sessions s = table(), back;
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    struct unpack u;
    buf_init(&b, 4096);
    sessions_pack(&b, &s);
    unpack_init(&u, b.data, b.len);
    sessions_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    cr_assert_eq(back.count, 5);
    cr_assert(back.is_on);
    for (int i = 0; i < back.count; i++) {
        cr_assert_str_eq(back.items[i].name, s.items[i].name);
        cr_assert_eq(back.items[i].symbols, s.items[i].symbols);
        cr_assert_eq(back.items[i].start_minute, s.items[i].start_minute);
    }
    for (size_t n = 0; n < b.len; n++) {
        unpack_init(&u, b.data, n);
        sessions_unpack(&u, &back);
        cr_expect_not(unpack_ok(&u));
    }
}
