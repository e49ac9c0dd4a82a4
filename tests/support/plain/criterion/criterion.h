/* tests/support/plain: a stand-in for Criterion where the real one cannot run: its process
 * isolation maps memory that ThreadSanitizer claims. Same spelling, the part of it that tests here
 * use; each test runs in a forked process. Assertion messages must begin with a string literal. */
#ifndef TRIDENT_TESTS_SUPPORT_PLAIN_CRITERION_H
#define TRIDENT_TESTS_SUPPORT_PLAIN_CRITERION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plain_options {
    void (*init)(void);
    void (*fini)(void);
    int signal;       /* the test is expected to die of it */
    int exit_code;    /* ... or to end with this */
    unsigned timeout; /* seconds, 0 = default */
    bool disabled;
    const char *description;
};

struct plain_entry {
    const char *suite;
    const char *name; /* NULL: options of the whole suite */
    void (*run)(void);
    struct plain_options options;
    struct plain_entry *next;
};

void plain_register(struct plain_entry *e);
__attribute__((noreturn)) void plain_fail(const char *file, int line, const char *what,
                                          const char *fmt, ...);
__attribute__((noreturn)) void plain_skip(void);
bool plain_same(const char *a, const char *b); /* false where one is NULL */

#define PLAIN_ENTER(id, suite_, name_, run_, ...)                                                  \
    static struct plain_entry plain_entry_##id = {                                                 \
        .suite = suite_, .name = name_, .run = run_, .options = {.signal = 0, __VA_ARGS__}};       \
    __attribute__((constructor)) static void plain_enter_##id(void)                                \
    {                                                                                              \
        plain_register(&plain_entry_##id);                                                         \
    }
#define Test(suite, name, ...)                                                                     \
    static void plain_test_##suite##_##name(void);                                                 \
    PLAIN_ENTER(suite##_##name, #suite, #name, plain_test_##suite##_##name, __VA_ARGS__)           \
    static void plain_test_##suite##_##name(void)
#define TestSuite(suite, ...) PLAIN_ENTER(suite, #suite, NULL, NULL, __VA_ARGS__)

#define PLAIN_CHECK(cond, what, ...)                                                               \
    ((cond) ? (void)0 : plain_fail(__FILE__, __LINE__, what, "" __VA_ARGS__))
#define cr_assert(c, ...)               PLAIN_CHECK(c, #c, __VA_ARGS__)
#define cr_assert_not(c, ...)           PLAIN_CHECK(!(c), "not " #c, __VA_ARGS__)
#define cr_assert_eq(a, b, ...)         PLAIN_CHECK((a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)        PLAIN_CHECK((a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)         PLAIN_CHECK((a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)         PLAIN_CHECK((a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)        PLAIN_CHECK((a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)        PLAIN_CHECK((a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_assert_null(p, ...)          PLAIN_CHECK((p) == NULL, #p " is NULL", __VA_ARGS__)
#define cr_assert_not_null(p, ...)      PLAIN_CHECK((p) != NULL, #p " is not NULL", __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)     PLAIN_CHECK(plain_same(a, b), #a " is " #b, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...)    PLAIN_CHECK(!plain_same(a, b), #a " not " #b, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...)  PLAIN_CHECK(memcmp(a, b, n) == 0, #a " is " #b, __VA_ARGS__)
#define cr_assert_str_empty(s, ...)     PLAIN_CHECK((s)[0] == '\0', #s " is empty", __VA_ARGS__)
#define cr_assert_str_not_empty(s, ...) PLAIN_CHECK((s)[0] != 0, #s " is not empty", __VA_ARGS__)
#define cr_assert_fail(...)             plain_fail(__FILE__, __LINE__, "never here", "" __VA_ARGS__)
/* Criterion goes on after these; here the first one that fails ends its test as well. */
#define cr_expect               cr_assert
#define cr_expect_eq            cr_assert_eq
#define cr_expect_lt            cr_assert_lt
#define cr_expect_gt            cr_assert_gt
#define cr_expect_leq           cr_assert_leq
#define cr_expect_geq           cr_assert_geq
#define cr_expect_neq           cr_assert_neq
#define cr_expect_not_null      cr_assert_not_null
#define cr_expect_str_eq        cr_assert_str_eq
#define cr_expect_str_neq       cr_assert_str_neq
#define cr_expect_null          cr_assert_null
#define cr_expect_not           cr_assert_not
#define cr_expect_arr_eq        cr_assert_arr_eq
#define cr_expect_str_not_empty cr_assert_str_not_empty
#define cr_skip(...)            plain_skip()
#define cr_skip_test(...)       plain_skip()
#define cr_log_info(...)        ((void)0)
#define cr_log_warn(...)        ((void)0)

#endif
