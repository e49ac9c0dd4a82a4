/* Covers: the resume position: reading, writing, several traders, names that are prefixes of
 * others, and broken texts. The stream itself is covered with a real engine in test_api. */
#include <criterion/criterion.h>

#include "http/live_position.h"

static const char *const ids[] = {"main", "main2", "x"};

Test(live_position, positions_are_written_and_read_back)
{
    uint64_t in[] = {1, 20, INT64_MAX}, out[] = {0, 0, 0};
    char text[LIVE_POSITION_CAP];
    live_position_format(ids, 3, in, text);
    cr_assert_str_eq(text, "main:1,main2:20,x:9223372036854775807");
    live_position_parse(text, ids, 3, out);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(in[i], out[i]);
}

Test(live_position, broken_parts_leave_the_position_alone)
{
    static const char *const bad[] = {
        "",      "main",    "main:", "main:-1", "main:x",  ":5",
        ",,,",   "other:5", "mai:5", "main :5", "main:1x", "main:99999999999999999999999999",
        "MAIN:5"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        uint64_t at[] = {7, 8, 9};
        live_position_parse(bad[i], ids, 3, at);
        cr_assert(at[0] == 7 && at[1] == 8 && at[2] == 9, "%s", bad[i]);
    }
    uint64_t at[] = {7, 8, 9};
    live_position_parse("junk,main2:3,main:x,x:0", ids, 3, at);
    cr_assert(at[0] == 7 && at[1] == 3 && at[2] == 0);
}
