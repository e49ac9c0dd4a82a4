/* Covers: model/rules/header_sessions: golden case G95, both sides of each start and end. */
#include <criterion/criterion.h>

#include "model/rules/header_sessions.h"

static void expect(int hour, int minute, int count, const char *names)
{
    char text[HEADER_SESSIONS_CAP];
    cr_assert_eq(header_sessions(hour * 60 + minute, text), count);
    cr_assert_str_eq(text, names);
}

Test(header_sessions, g95_names_at_three_times)
{
    expect(13, 30, 2, "LONDON+NEW YORK");
    expect(23, 0, 1, "SYDNEY");
    expect(7, 30, 1, "TOKYO");
}

Test(header_sessions, starts_count_and_ends_do_not)
{
    expect(0, 0, 2, "SYDNEY+TOKYO");
    expect(6, 59, 2, "SYDNEY+TOKYO");
    expect(7, 0, 1, "TOKYO");
    expect(8, 0, 2, "TOKYO+LONDON");
    expect(9, 0, 1, "LONDON");
    expect(12, 59, 1, "LONDON");
    expect(13, 0, 2, "LONDON+NEW YORK");
    expect(17, 0, 1, "NEW YORK");
    expect(21, 59, 1, "NEW YORK");
    expect(22, 0, 1, "SYDNEY");
}
