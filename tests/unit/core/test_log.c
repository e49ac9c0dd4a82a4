/* Covers: token and secret redaction (all spellings), no false positives, cut output, line format,
 * escaping of control characters, over-long lines, levels, reopening after rotation. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/log.h"

#define SECRET35 "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"

static void expect_redacted(const char *src, const char *want)
{
    char out[512];
    log_redact(src, out, sizeof(out));
    cr_assert_str_eq(out, want);
}

Test(log, hides_telegram_tokens_in_every_spelling)
{
    expect_redacted("GET /bot123456789:" SECRET35 "/getMe", "GET /bot[redacted]/getMe");
    expect_redacted("token=123456789:" SECRET35 " ok", "token=[redacted] ok");
    expect_redacted("123456789:" SECRET35, "[redacted]");
    expect_redacted("url /bot123456789%3A" SECRET35 "/x", "url /bot[redacted]/x");
    expect_redacted("key_123456:" SECRET35, "key_[redacted]");
    expect_redacted("a 123456789:" SECRET35 ",987654321:" SECRET35, "a [redacted],[redacted]");
    expect_redacted("BOT1:" SECRET35, "BOT[redacted]");
}

Test(log, leaves_times_and_short_pairs_alone)
{
    expect_redacted("at 12:30:05 seq=123456:99", "at 12:30:05 seq=123456:99");
    expect_redacted("12345:" SECRET35, "12345:" SECRET35); /* five digits are no bot id */
    expect_redacted("1234567:short_secret", "1234567:short_secret");
    expect_redacted("", "");
}

Test(log, hides_registered_secrets_and_prefers_the_longest)
{
    log_add_secret("hunter2hunter2");
    log_add_secret("hunter2hunter2-and-more");
    log_add_secret("abc"); /* too short: would eat ordinary text */
    log_add_secret(NULL);
    expect_redacted("x=hunter2hunter2 y=abc", "x=[redacted] y=abc");
    expect_redacted("hunter2hunter2-and-more!", "[redacted]!");
}

Test(log, never_shows_a_secret_through_a_small_buffer)
{
    log_add_secret("topsecretvalue");
    for (size_t cap = 1; cap < 40; cap++) {
        char out[40];
        log_redact("ab topsecretvalue cd", out, cap);
        cr_assert_lt(strlen(out), cap);
        cr_assert_null(strstr(out, "tops"));
    }
}

/* A log file of its own, read back as one string. */
static char path[64];

static void open_log(void)
{
    (void)snprintf(path, sizeof(path), "/tmp/trident-log-%d", (int)getpid());
    (void)unlink(path);
    cr_assert_eq(log_open(LOG_INFO, path), 0);
}

static char *read_log(void)
{
    struct buf b;
    buf_init(&b, 1000000);
    cr_assert_eq(file_read(path, &b), 0);
    return buf_take(&b);
}

Test(log, writes_one_line_with_time_level_room_and_thread)
{
    open_log();
    log_info("engine", "order_filled cid=%d symbol=%s", 88, "XAUUSD");
    log_debug("engine", "not_shown");
    TR_CLEANUP(mem_freep) char *text = read_log();
    cr_assert_eq(strlen(text),
                 strlen("2026-11-21T01:19:23.000Z") +
                     strlen(" INFO engine main: order_filled cid=88 symbol=XAUUSD\n"));
    cr_assert_str_eq(text + 24, " INFO engine main: order_filled cid=88 symbol=XAUUSD\n");
    cr_assert_eq(text[10], 'T');
    log_close();
    (void)unlink(path);
}

Test(log, keeps_a_hostile_text_on_one_line)
{
    open_log();
    log_warn("http", "bad body=%s", "x\n2026 ERROR fake\r\t\x1b[2J\x7f token=123456789:" SECRET35);
    TR_CLEANUP(mem_freep) char *text = read_log();
    cr_assert_eq(strchr(text, '\n'), text + strlen(text) - 1);
    cr_assert_not_null(strstr(text, "x\\n2026 ERROR fake\\r\\t\\x1b[2J\\x7f token=[redacted]"));
    log_close();
    (void)unlink(path);
}

Test(log, cuts_long_lines_without_baring_half_a_token)
{
    open_log();
    static char filler[4070];
    memset(filler, 'x', sizeof(filler) - 1);
    log_info("core", "%s 123456789:%s", filler, SECRET35);
    for (size_t n = 1960; n < 2060; n++) {
        filler[n] = '\0';
        log_info("core", "%s 123456789:%s tail", filler, SECRET35);
        filler[n] = 'x';
    }
    TR_CLEANUP(mem_freep) char *text = read_log();
    cr_assert_null(strstr(text, "AAHd"));
    cr_assert_null(strstr(text, "123456789"));
    for (char *line = text; *line != '\0';) {
        char *end = strchr(line, '\n');
        cr_assert_leq((size_t)(end + 1 - line), LOG_LINE_MAX_BYTES);
        line = end + 1;
    }
    log_close();
    (void)unlink(path);
}

Test(log, follows_rotation_on_reopen)
{
    open_log();
    log_info("core", "first");
    char moved[80];
    (void)snprintf(moved, sizeof(moved), "%s.1", path);
    cr_assert_eq(rename(path, moved), 0);
    log_info("core", "still_old");
    log_reopen();
    log_info("core", "second");
    TR_CLEANUP(mem_freep) char *text = read_log();
    cr_assert_not_null(strstr(text, "second"));
    cr_assert_null(strstr(text, "still_old"));
    log_close();
    (void)unlink(path);
    (void)unlink(moved);
}

Test(log, parses_level_names)
{
    enum log_level level = LOG_UNSET;
    cr_assert(log_level_parse("warn", &level));
    cr_assert_eq(level, LOG_WARN);
    cr_assert_not(log_level_parse("UNSET", &level));
    cr_assert_not(log_level_parse(NULL, &level));
}

Test(log, reports_a_path_that_cannot_be_opened)
{
    cr_assert_lt(log_open(LOG_INFO, "/nonexistent-folder/x.log"), 0);
}

static char tail[LOG_TAIL_MAX][LOG_TAIL_CAP];

Test(log, the_newest_lines_are_kept_in_order_redacted_and_cut_between_characters)
{
    char text[LOG_LINE_MAX_BYTES];
    cr_assert_eq(log_open(LOG_DEBUG, "/dev/null"), 0);
    log_add_secret("hush-hush-secret");
    log_info("core", "first secret=hush-hush-secret");
    size_t n = log_tail(tail);
    cr_assert_geq(n, 1);
    cr_assert(strstr(tail[n - 1], "first secret=[redacted]") != NULL, "%s", tail[n - 1]);
    log_debug("core", "not_kept");
    cr_assert_eq(log_tail(tail), n);
    for (int i = 0; i < LOG_TAIL_MAX + 5; i++)
        log_warn("core", "line_%d", i);
    cr_assert_eq(log_tail(tail), LOG_TAIL_MAX);
    cr_assert(strstr(tail[0], "line_5") != NULL);
    cr_assert(strstr(tail[LOG_TAIL_MAX - 1], "line_36") != NULL);
    for (size_t pad = 0; pad < 4; pad++) {
        size_t at = pad;
        memset(text, 'x', pad);
        for (; at + 4 < 600; at += 3)
            memcpy(text + at, "\xe2\x82\xac", 3);
        text[at] = '\0';
        log_info("core", "%s", text);
        (void)log_tail(tail);
        const char *line = tail[LOG_TAIL_MAX - 1];
        size_t len = strlen(line);
        cr_assert_lt(len, LOG_TAIL_CAP);
        cr_assert_gt(len, LOG_TAIL_CAP - 4);
        cr_assert(memcmp(line + len - 3, "\xe2\x82\xac", 3) == 0);
    }
    log_close();
}
