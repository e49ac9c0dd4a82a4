/* tests/unit/signals/parse_case.h: parse a text and look at what came out. Tests only. */
#ifndef TRIDENT_TESTS_SIGNALS_PARSE_CASE_H
#define TRIDENT_TESTS_SIGNALS_PARSE_CASE_H

#include <criterion/criterion.h>
#include <string.h>

#include "core/hash.h"
#include "signals/parse.h"

#define PARSE_NOW_MS INT64_C(1767600000000)

/* Bodies are written with ' for ". */
static inline enum signal_result parse_text_of(const char *text, const char *hint, struct signal *s,
                                               struct signal_fault *f)
{
    char body[4096];
    size_t len = strlen(text);
    cr_assert_lt(len, sizeof(body));
    memcpy(body, text, len + 1);
    for (size_t i = 0; i < len; i++)
        if (body[i] == '\'')
            body[i] = '"';
    cr_assert_eq(hash_global_init(), 0);
    return signal_parse(body, len, hint, PARSE_NOW_MS, s, f);
}

static inline struct signal parsed(const char *text, const char *hint)
{
    struct signal s = SIGNAL_INIT;
    struct signal_fault f = {0};
    cr_assert_eq(parse_text_of(text, hint, &s, &f), SIGNAL_PARSED, "%s %s=%s (%s): %s",
                 reason_code(f.reason), f.field, f.value, f.accepted, text);
    return s;
}

static inline struct signal_fault refused(const char *text, enum reason r, const char *field)
{
    struct signal s = SIGNAL_INIT;
    struct signal_fault f = {0};
    cr_assert_eq(parse_text_of(text, NULL, &s, &f), SIGNAL_E_REFUSED, "%s", text);
    cr_expect_eq(f.reason, r, "%s instead of %s: %s", reason_code(f.reason), reason_code(r), text);
    cr_expect_str_eq(f.field, field, "%s", text);
    cr_expect_str_not_empty(f.accepted, "%s", text);
    return f;
}

static inline int64_t e8(const char *text)
{
    int64_t v = 0;
    cr_assert(dec_parse(text, strlen(text), &v), "%s", text);
    return v;
}

#endif
