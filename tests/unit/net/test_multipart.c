/* Covers: boundary extraction, fields and files, quoting, order of parameters, empty parts,
 * preamble, missing end, binary content, and random bytes. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/rng.h"
#include "net/multipart.h"

static struct http_form_part parts[MULTIPART_PARTS_MAX];

static size_t parse(char *body, size_t len)
{
    memset(parts, 0, sizeof(parts));
    return multipart_parse(body, len, "XX", parts);
}

Test(multipart, finds_the_boundary_quoted_or_not)
{
    char b[MULTIPART_BOUNDARY_CAP];
    cr_assert(multipart_boundary("multipart/form-data; boundary=abc", b));
    cr_assert_str_eq(b, "abc");
    cr_assert(multipart_boundary("Multipart/Form-Data; charset=x; Boundary=\"a b;c\"", b));
    cr_assert_str_eq(b, "a b;c");
    cr_assert(multipart_boundary("multipart/form-data;boundary=abc; x=1", b));
    cr_assert_str_eq(b, "abc");
    cr_assert_not(multipart_boundary("multipart/form-data", b));
    cr_assert_not(multipart_boundary("multipart/form-data; boundary=", b));
    cr_assert_not(multipart_boundary("application/json; boundary=abc", b));
    cr_assert_not(multipart_boundary(NULL, b));
    char longer[256] = "multipart/form-data; boundary=";
    memset(longer + strlen(longer), 'a', 71);
    cr_assert_not(multipart_boundary(longer, b));
}

Test(multipart, reads_fields_and_files)
{
    char body[] =
        "--XX\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n42\r\n"
        "--XX\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"a \\\"b\\\".png\"\r\n"
        "Content-Type: image/png\r\n\r\n\x89PNG\0\r\n--X\r\n\r\n--XX--\r\n";
    size_t n = parse(body, sizeof(body) - 1);
    cr_assert_eq(n, 2);
    cr_assert_str_eq(parts[0].name, "chat_id");
    cr_assert_str_eq(parts[0].data, "42");
    cr_assert_eq(parts[0].len, 2);
    cr_assert_null(parts[0].file_name);
    cr_assert_str_eq(parts[1].name, "photo");
    cr_assert_str_eq(parts[1].file_name, "a \"b\".png");
    cr_assert_str_eq(parts[1].content_type, "image/png");
    cr_assert_eq(parts[1].len, 12);
    cr_assert_arr_eq(parts[1].data, "\x89PNG\0\r\n--X\r\n", 12);
}

Test(multipart, reads_the_file_name_before_the_name)
{
    char body[] = "--XX\r\nContent-Disposition: form-data; filename=\"f.bin\"; "
                  "name=\"doc\"\r\n\r\nz\r\n--XX--";
    cr_assert_eq(parse(body, sizeof(body) - 1), 1);
    cr_assert_str_eq(parts[0].name, "doc");
    cr_assert_str_eq(parts[0].file_name, "f.bin");
}

Test(multipart, accepts_a_preamble_and_empty_parts_and_skips_nameless_ones)
{
    char body[] = "hello\r\n--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n"
                  "--XX\r\nX: y\r\n\r\nlost\r\n"
                  "--XX\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n\r\n--XX--\r\n";
    cr_assert_eq(parse(body, sizeof(body) - 1), 2);
    cr_assert_str_eq(parts[0].name, "a");
    cr_assert_str_eq(parts[0].data, "");
    cr_assert_eq(parts[0].len, 0);
    cr_assert_str_eq(parts[1].name, "c");
}

Test(multipart, keeps_what_is_whole_when_the_end_is_missing)
{
    char body[] = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
                  "--XX\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\nunfinished";
    cr_assert_eq(parse(body, sizeof(body) - 1), 1);
    char nothing[] = "no boundary here";
    cr_assert_eq(parse(nothing, sizeof(nothing) - 1), 0);
    char empty[] = "";
    cr_assert_eq(parse(empty, 0), 0);
}

Test(multipart, stops_at_its_maximum_of_parts)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 100; i++)
        buf_printf(&b, "--XX\r\nContent-Disposition: form-data; name=\"n%d\"\r\n\r\n%d\r\n", i, i);
    buf_puts(&b, "--XX--\r\n");
    cr_assert_eq(parse(b.data, b.len), MULTIPART_PARTS_MAX);
    cr_assert_str_eq(parts[MULTIPART_PARTS_MAX - 1].data, "63");
    buf_deinit(&b);
}

Test(multipart, is_total_on_shuffled_bytes)
{
    static const char *const pieces[] = {
        "--XX",        "\r\n", "--", "XX",       "Content-Disposition:", " name=\"", "\"", ";",
        "filename=\"", "a",    "\\", "form-data"};
    struct rng r;
    rng_seed(&r, 3);
    for (int i = 0; i < 20000; i++) {
        struct buf b;
        buf_init(&b, 4096);
        for (uint64_t k = rng_below(&r, 24); k > 0; k--)
            buf_puts(&b, pieces[rng_below(&r, TR_ARRAY_SIZE(pieces))]);
        char *exact = try_alloc(b.len + 1); /* so that a read beyond it is seen */
        memcpy(exact, b.data, b.len);
        size_t n = parse(exact, b.len);
        for (size_t p = 0; p < n; p++)
            cr_assert_not_null(parts[p].name);
        mem_free(exact);
        buf_deinit(&b);
    }
}
