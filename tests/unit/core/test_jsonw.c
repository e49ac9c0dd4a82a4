/* Covers: commas, nesting, escaping, invalid UTF-8, numbers at the edges, raw values, overflow of
 * the buffer. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/jsonw.h"

static struct buf out;
static struct jsonw w;

static void begin(void)
{
    buf_init(&out, 4096);
    jsonw_init(&w, &out);
}

static void end(void)
{
    buf_deinit(&out);
}

TestSuite(jsonw, .init = begin, .fini = end);

Test(jsonw, places_commas_in_objects_and_arrays)
{
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "a", "x");
    jsonw_array_begin(&w, "b");
    jsonw_i64(&w, NULL, 1);
    jsonw_object_begin(&w, NULL);
    jsonw_object_end(&w);
    jsonw_bool(&w, NULL, true);
    jsonw_array_end(&w);
    jsonw_null(&w, "c");
    jsonw_raw(&w, "d", "1.50");
    jsonw_str(&w, "e", NULL);
    jsonw_object_end(&w);
    cr_assert_str_eq(out.data, "{\"a\":\"x\",\"b\":[1,{},true],\"c\":null,\"d\":1.50,\"e\":null}");
    cr_assert_eq(w.depth, 0);
}

Test(jsonw, writes_the_biggest_numbers)
{
    jsonw_array_begin(&w, NULL);
    jsonw_i64(&w, NULL, INT64_MIN);
    jsonw_u64(&w, NULL, UINT64_MAX);
    jsonw_array_end(&w);
    cr_assert_str_eq(out.data, "[-9223372036854775808,18446744073709551615]");
}

static void expect_string(const char *in, size_t len, const char *want)
{
    buf_reset(&out);
    jsonw_init(&w, &out);
    jsonw_strn(&w, NULL, in, len);
    cr_assert_str_eq(out.data, want);
}

Test(jsonw, escapes_what_json_forbids)
{
    expect_string("a\"b\\c/\n\r\t", 9, "\"a\\\"b\\\\c/\\n\\r\\t\"");
    expect_string("\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"");
    expect_string(NULL, 0, "\"\"");
}

#define FFFD "\xef\xbf\xbd"

Test(jsonw, keeps_good_utf8_and_replaces_bad)
{
    expect_string("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9,
                  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    expect_string("a\xff"
                  "b",
                  3, "\"a" FFFD "b\"");
    expect_string("\xc0\xaf", 2, "\"" FFFD FFFD "\"");                   /* overlong slash */
    expect_string("\xed\xa0\x80", 3, "\"" FFFD FFFD FFFD "\"");          /* surrogate */
    expect_string("\xf4\x90\x80\x80", 4, "\"" FFFD FFFD FFFD FFFD "\""); /* past U+10FFFF */
    expect_string("\xe2\x82", 2, "\"" FFFD FFFD "\"");                   /* cut short */
    expect_string("\xe0\x9f\xbf", 3, "\"" FFFD FFFD FFFD "\"");          /* overlong */
    expect_string("\xf0\x8f\xbf\xbf", 4, "\"" FFFD FFFD FFFD FFFD "\""); /* overlong */
}

Test(jsonw, escapes_keys_too)
{
    jsonw_object_begin(&w, NULL);
    jsonw_i64(&w, "a\"b", 1);
    jsonw_object_end(&w);
    cr_assert_str_eq(out.data, "{\"a\\\"b\":1}");
}

Test(jsonw, shows_overflow_in_the_buffer)
{
    struct buf small;
    buf_init(&small, 8);
    jsonw_init(&w, &small);
    jsonw_str(&w, NULL, "0123456789");
    cr_assert(buf_failed(&small));
    buf_deinit(&small);
}
