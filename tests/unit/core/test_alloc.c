/* Covers: zeroed allocations, duplicates of NULL, str_copy cuts, comparisons, strict int64 parsing.
 */
#include <criterion/criterion.h>

#include "core/alloc.h"

Test(alloc, gives_zeroed_memory_and_free_returns_null)
{
    unsigned char *p = xalloc(64);
    for (int i = 0; i < 64; i++)
        cr_assert_eq(p[i], 0);
    cr_assert_null(mem_free(p));
    cr_assert_null(mem_free(NULL));
}

Test(alloc, duplicates_strings_and_keeps_null)
{
    cr_assert_null(xstrdup(NULL));
    TR_CLEANUP(mem_freep) char *a = xstrndup("abcdef", 3);
    TR_CLEANUP(mem_freep) char *b = xasprintf("%d-%s", 7, "x");
    cr_assert_str_eq(a, "abc");
    cr_assert_str_eq(b, "7-x");
    char *stolen = TR_STEAL(b);
    cr_assert_null(b);
    (void)mem_free(stolen);
}

Test(alloc, str_copy_cuts_and_says_so)
{
    char dst[4];
    cr_assert(str_copy(dst, sizeof(dst), "abc"));
    cr_assert_str_eq(dst, "abc");
    cr_assert_not(str_copy(dst, sizeof(dst), "abcd"));
    cr_assert_str_eq(dst, "abc");
    cr_assert(str_copy(dst, sizeof(dst), NULL));
    cr_assert_str_eq(dst, "");
}

Test(alloc, compares_null_safely_and_without_case)
{
    cr_assert(str_eq(NULL, NULL));
    cr_assert_not(str_eq(NULL, ""));
    cr_assert(str_ieq("XauUSD", "xAUusd"));
    cr_assert_not(str_ieq("XAU", "XAUUSD"));
    cr_assert_not(str_ieq("[", "{")); /* differ in the case bit only */
    cr_assert(str_starts("LOGIC1", "LOGIC"));
    cr_assert_not(str_starts("LOG", "LOGIC"));
}

Test(alloc, parses_whole_int64_and_nothing_else)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-1", true, -1},
        {"+42", true, 42},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x10", false, 0},
        {"1e3", false, 0},
        {NULL, false, 0},
    };
    for (size_t i = 0; i < TR_ARRAY_SIZE(cases); i++) {
        int64_t v = 77;
        cr_assert_eq(str_to_i64(cases[i].text, &v), cases[i].ok, "case %zu", i);
        cr_assert_eq(v, cases[i].ok ? cases[i].value : 77, "case %zu", i);
    }
}
