/* Covers: issuing (form, randomness, digest only), checking (right, wrong, cut, foreign, expired at
 * its millisecond, revoked), scopes in order, the file (round trip, mode, missing, damaged in each
 * field, too many), the place of a dead token, names, what is announced of an end. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "http/tokens.h"

#define T0 INT64_C(1700000000000)

static char dir[64], path[128];
static struct tokens tokens;

static void setup(void)
{
    cr_assert_eq(hash_global_init(), 0);
    (void)strcpy(dir, "/tmp/trident-tokens-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/tokens", dir);
    tokens = (struct tokens){0};
}

static void teardown(void)
{
    (void)unlink(path);
    (void)rmdir(dir);
}

TestSuite(tokens, .init = setup, .fini = teardown);

static void issue(const char *name, enum token_scope scope, char out[TOKEN_TEXT_CAP])
{
    struct token like = {.scope = scope, .created_ms = T0, .expires_ms = T0 + 1000};
    cr_assert(str_copy(like.name, sizeof like.name, name));
    cr_assert(tokens_issue(&tokens, &like, out));
}

static enum token_verdict check(const char *text, int64_t now_ms)
{
    const struct token *t = NULL;
    enum token_verdict v = tokens_check(&tokens, text, now_ms, &t);
    cr_assert_eq(t == NULL, v == TOKEN_UNKNOWN);
    return v;
}

Test(tokens, a_token_is_long_random_and_kept_as_a_digest_only)
{
    char a[TOKEN_TEXT_CAP], b[TOKEN_TEXT_CAP];
    issue("one", TOKEN_READ, a);
    issue("two", TOKEN_ADMIN, b);
    cr_assert_eq(strlen(a), 4 + 8 + 1 + 43);
    cr_assert_str_neq(a, b);
    cr_assert_eq(tokens_write(path, &tokens), 0);
    struct buf content TR_CLEANUP(buf_deinit) = {0};
    buf_init(&content, 65536);
    cr_assert_eq(file_read(path, &content), 0);
    cr_assert_null(strstr(content.data, a + 13));
    cr_assert_null(strstr(content.data, b + 13));
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0600);
}

Test(tokens, only_the_whole_text_of_a_living_token_is_valid)
{
    char a[TOKEN_TEXT_CAP], b[TOKEN_TEXT_CAP], mixed[TOKEN_TEXT_CAP];
    issue("one", TOKEN_READ, a);
    issue("two", TOKEN_READ, b);
    cr_assert_eq(check(a, T0), TOKEN_VALID);
    cr_assert_eq(check(b, T0 + 999), TOKEN_VALID);
    cr_assert_eq(check(b, T0 + 1000), TOKEN_EXPIRED);
    cr_assert_eq(check("", T0), TOKEN_UNKNOWN);
    cr_assert_eq(check("trt_", T0), TOKEN_UNKNOWN);
    cr_assert_eq(check("trt_12345678", T0), TOKEN_UNKNOWN);
    for (size_t i = 0; i < strlen(a); i++) {
        (void)strcpy(mixed, a);
        mixed[i] = mixed[i] == 'x' ? 'y' : 'x';
        cr_assert_eq(check(mixed, T0), TOKEN_UNKNOWN, "%zu", i);
        mixed[i] = '\0';
        cr_assert_eq(check(mixed, T0), TOKEN_UNKNOWN, "cut at %zu", i);
    }
    (void)strcpy(mixed, a);
    memcpy(mixed + 4, b + 4, 8); /* the id of another */
    cr_assert_eq(check(mixed, T0), TOKEN_UNKNOWN);
    tokens_find(&tokens, tokens.items[0].id)->revoked_ms = T0 + 1;
    cr_assert_eq(check(a, T0 + 1), TOKEN_REVOKED);
    cr_assert_null(tokens_find(&tokens, "ffffffff0"));
}

Test(tokens, the_file_brings_back_what_was_written)
{
    char text[TOKEN_TEXT_CAP];
    for (int i = TOKEN_READ; i < TOKEN_SCOPE_COUNT; i++)
        issue(token_scope_name((enum token_scope)i), (enum token_scope)i, text);
    tokens.items[1].revoked_ms = T0 + 5;
    tokens.items[2].expires_ms = TOKEN_NEVER_MS;
    struct tokens read;
    cr_assert_eq(tokens_read(path, &read), 0);
    cr_assert_eq(read.count, 0, "no file is an empty list");
    cr_assert_eq(tokens_write(path, &tokens), 0);
    cr_assert_eq(tokens_read(path, &read), 0);
    cr_assert_eq(read.count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct token *a = &tokens.items[i], *b = &read.items[i];
        cr_assert_str_eq(a->id, b->id);
        cr_assert_str_eq(a->name, b->name);
        cr_assert_eq(a->scope, b->scope);
        cr_assert_eq(a->created_ms, b->created_ms);
        cr_assert_eq(a->expires_ms, b->expires_ms);
        cr_assert_eq(a->revoked_ms, b->revoked_ms);
        cr_assert_arr_eq(a->digest, b->digest, sizeof a->digest);
    }
}

Test(tokens, a_damaged_file_is_no_list)
{
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    static const char *const bad[] = {
        "",
        "trident-tokens 2\n",
        "trident-tokens 1\n12345678\tread\t1\t2\t0\t" HEX "\n",
        "trident-tokens 1\n1234567\tread\t1\t2\t0\t" HEX "\tx\n",
        "trident-tokens 1\n12345678\troot\t1\t2\t0\t" HEX "\tx\n",
        "trident-tokens 1\n12345678\tread\tx\t2\t0\t" HEX "\tx\n",
        "trident-tokens 1\n12345678\tread\t1\t\t0\t" HEX "\tx\n",
        "trident-tokens 1\n12345678\tread\t1\t2\t0\tzz" HEX "\tx\n",
        "trident-tokens 1\n12345678\tread\t1\t2\t0\t" HEX "\tx y\n",
        "trident-tokens 1\n12345678\tread\t1\t2\t0\t" HEX "\tx\tmore\n",
    };
    struct tokens read = {.count = 7};
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++) {
        cr_assert_eq(file_write_atomic(path, bad[i], strlen(bad[i]), 0600), 0);
        cr_assert_eq(tokens_read(path, &read), -EBADMSG, "row %zu", i);
        cr_assert_eq(read.count, 0, "row %zu", i);
    }
    static const char good[] = "trident-tokens 1\n12345678\tread\t1\t2\t0\t" HEX "\tx\n";
    cr_assert_eq(file_write_atomic(path, good, strlen(good), 0600), 0);
    cr_assert_eq(tokens_read(path, &read), 0);
    cr_assert_eq(read.count, 1);
#undef HEX
}

Test(tokens, a_full_list_gives_up_the_oldest_dead_one)
{
    char text[TOKEN_TEXT_CAP];
    for (int i = 0; i < TOKENS_MAX; i++)
        issue("x", TOKEN_READ, text);
    struct token like = {.name = "late", .scope = TOKEN_READ};
    like.created_ms = T0;
    like.expires_ms = T0 + 1;
    cr_assert_not(tokens_issue(&tokens, &like, text), "all of them live");
    tokens.items[10].revoked_ms = T0;
    tokens.items[20].revoked_ms = T0;
    tokens.items[20].created_ms = T0 - 1;
    cr_assert(tokens_issue(&tokens, &like, text));
    cr_assert_str_eq(tokens.items[20].name, "late");
    cr_assert_eq(tokens.count, TOKENS_MAX);
}

Test(tokens, names_and_scopes_are_read_strictly)
{
    enum token_scope s;
    cr_assert(token_scope_parse("trade", &s) && s == TOKEN_TRADE);
    cr_assert_not(token_scope_parse("Trade", &s));
    cr_assert_not(token_scope_parse("", &s));
    cr_assert(token_name_is_good("grafana-2_a.b"));
    cr_assert_not(token_name_is_good(""));
    cr_assert_not(token_name_is_good("a b"));
    cr_assert_not(token_name_is_good("a\tb"));
    cr_assert_not(token_name_is_good("abcdefghijklmnopqrstuvwx"));
}

static enum token_stage stage(int64_t life_ms, int64_t left_ms, int64_t revoked_ms)
{
    const int64_t end_ms = T0 * 2;
    const struct token t = {.id = "12345678",
                            .created_ms = end_ms - life_ms,
                            .expires_ms = end_ms,
                            .revoked_ms = revoked_ms};
    return token_stage_at(&t, end_ms - left_ms);
}

Test(tokens, an_end_is_announced_a_week_before_a_day_before_and_when_it_is_there)
{
    const int64_t day = INT64_C(86400000), life = 90 * day;
    cr_assert_eq(stage(life, 7 * day + 1, 0), TOKEN_STAGE_NONE);
    cr_assert_eq(stage(life, 7 * day, 0), TOKEN_STAGE_WEEK);
    cr_assert_eq(stage(life, day + 1, 0), TOKEN_STAGE_WEEK);
    cr_assert_eq(stage(life, day, 0), TOKEN_STAGE_DAY);
    cr_assert_eq(stage(life, 1, 0), TOKEN_STAGE_DAY);
    cr_assert_eq(stage(life, 0, 0), TOKEN_STAGE_ENDED);
    cr_assert_eq(stage(life, 1 - 7 * day, 0), TOKEN_STAGE_ENDED);
    cr_assert_eq(stage(life, -7 * day, 0), TOKEN_STAGE_NONE); /* long ago */
    cr_assert_eq(stage(life, day, 1), TOKEN_STAGE_NONE);      /* revoked */
    cr_assert_eq(stage(7 * day, 7 * day, 0), TOKEN_STAGE_NONE);
    cr_assert_eq(stage(7 * day, day, 0), TOKEN_STAGE_DAY);
    cr_assert_eq(stage(day, day / 2, 0), TOKEN_STAGE_NONE);
    cr_assert_eq(stage(day, 0, 0), TOKEN_STAGE_ENDED);
    const struct token for_ever = {.id = "12345678", .expires_ms = TOKEN_NEVER_MS};
    cr_assert_eq(token_stage_at(&for_ever, T0), TOKEN_STAGE_NONE);
}
