/* A strategy's program as a child behind its fences: it answers; hello of another version, garbage,
 * silence or death there; death, hang, garbage, another id, two lines, a line of 10 MB, a flood on
 * either pipe; nothing works that should not (network, exec, fork, files, signals, limits, a secret
 * in a file), its environment, folder and descriptors are empty, memory and processor time are
 * limited; scripts, and what cannot be started; it dies with the thread that started it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/thread.h"
#include "outside/talk.h"

#define PATIENCE_US INT64_C(20000000)
#define SHORT_US    INT64_C(300000)

static void setup(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* as main() does */
}

struct bench {
    struct outside_conf conf;
    struct talk *talk;
    char said[256];
};

static void on_said(void *ctx, const char *text)
{
    struct bench *b = ctx;
    (void)str_copy(b->said, sizeof(b->said), text);
}

static void open_bench(struct bench *b, const char *path, const char *mode)
{
    *b = (struct bench){.conf = {.memory_bytes = 268435456, .cpu_s = 20, .deadline_ms = 5000}};
    (void)str_copy(b->conf.path, sizeof(b->conf.path), path);
    if (mode != NULL)
        (void)str_copy(b->conf.args[b->conf.arg_count++], OUTSIDE_ARG_CAP, mode);
    const struct talk_options opt = {.conf = &b->conf,
                                     .plugin = "outside_1",
                                     .trader = "main",
                                     .clock = clock_real(),
                                     .stop_fd = -1,
                                     .on_said = on_said,
                                     .on_said_ctx = b};
    b->talk = talk_new(&opt);
}

static int64_t in_us(int64_t us)
{
    return clock_mono_us(clock_real()) + us;
}

static enum talk_result ask(struct bench *b, int64_t patience_us, char *ret, size_t cap)
{
    struct buf line TR_CLEANUP(buf_deinit);
    struct talk_line answer;
    buf_init(&line, 1024);
    buf_puts(&line, "{\"type\":\"signal\",\"id\":7,\"signal\":{\"score\":9}}\n");
    enum talk_result r = talk_ask(b->talk, &line, in_us(patience_us), &answer);
    if (r == TALK_OK)
        (void)snprintf(ret, cap, "%.*s", (int)answer.len, answer.p);
    return r;
}

/* Started and asked once, in a mode of rogue_plugin. */
static enum talk_result ask_rogue(struct bench *b, const char *mode, int64_t patience_us, char *ret,
                                  size_t cap)
{
    open_bench(b, ROGUE_PLUGIN, mode);
    cr_assert_eq(talk_start(b->talk, in_us(PATIENCE_US)), TALK_OK, "%s", talk_why(b->talk));
    return ask(b, patience_us, ret, cap);
}

static void expect_reason(const char *mode, const char *reason)
{
    struct bench b;
    char text[256] = "";
    cr_assert_eq(ask_rogue(&b, mode, PATIENCE_US, text, sizeof(text)), TALK_OK, "%s",
                 talk_why(b.talk));
    cr_expect(strstr(text, reason) != NULL, "%s", text);
    talk_free(b.talk);
}

static void expect_end(const char *mode, enum talk_result want, const char *why)
{
    struct bench b;
    char text[256] = "";
    int64_t patience_us = want == TALK_E_TIMEOUT ? SHORT_US : PATIENCE_US;
    cr_assert_eq(ask_rogue(&b, mode, patience_us, text, sizeof(text)), want, "%s", mode);
    cr_expect(strstr(talk_why(b.talk), why) != NULL, "%s: %s", mode, talk_why(b.talk));
    cr_expect_not(talk_is_running(b.talk));
    talk_free(b.talk);
}

static void expect_no_start(const char *mode, enum talk_result want)
{
    struct bench b;
    open_bench(&b, ROGUE_PLUGIN, mode);
    int64_t patience_us = want == TALK_E_TIMEOUT ? SHORT_US : PATIENCE_US;
    cr_assert_eq(talk_start(b.talk, in_us(patience_us)), want, "%s: %s", mode, talk_why(b.talk));
    cr_expect_not(talk_is_running(b.talk));
    talk_free(b.talk);
}

Test(talk, a_program_says_who_it_is_and_answers_again_and_again, .init = setup)
{
    struct bench b;
    char text[256];
    cr_assert_eq(ask_rogue(&b, "good", PATIENCE_US, text, sizeof(text)), TALK_OK);
    cr_expect_str_eq(talk_hello(b.talk)->name, "rogue");
    for (int i = 0; i < 100; i++)
        cr_assert_eq(ask(&b, PATIENCE_US, text, sizeof(text)), TALK_OK);
    cr_expect_str_eq(text,
                     "{\"type\":\"decision\",\"id\":7,\"action\":\"skip\",\"reason\":\"GOOD\"}");
    talk_free(b.talk);
}

Test(talk, hello_may_be_wrong_silent_or_the_last_word, .init = setup)
{
    expect_no_start("version", TALK_E_VERSION);
    expect_no_start("garbage_hello", TALK_E_PROTOCOL);
    expect_no_start("silent", TALK_E_TIMEOUT);
    expect_no_start("dies_at_hello", TALK_E_DIED);
}

Test(talk, a_crash_a_hang_and_garbage_end_it, .init = setup)
{
    expect_end("crash", TALK_E_DIED, "signal 11");
    expect_end("exit", TALK_E_DIED, "status 7");
    expect_end("hang", TALK_E_TIMEOUT, "in time");
    expect_end("two_lines", TALK_E_PROTOCOL, "more than one line");
}

Test(talk, a_line_of_ten_megabytes_is_not_read_to_its_end, .init = setup)
{
    expect_end("long_line", TALK_E_PROTOCOL, "64 KiB");
}

Test(talk, floods_end_it_whether_anybody_asks_or_not, .init = setup)
{
    struct bench b;
    expect_end("chatter", TALK_E_PROTOCOL, "standard error");
    open_bench(&b, ROGUE_PLUGIN, "flood");
    enum talk_result r = talk_start(b.talk, in_us(PATIENCE_US));
    if (r == TALK_OK)
        r = talk_listen(b.talk, -1, in_us(PATIENCE_US));
    cr_expect_eq(r, TALK_E_PROTOCOL);
    cr_expect_not(talk_is_running(b.talk));
    talk_free(b.talk);
    open_bench(&b, ROGUE_PLUGIN, "chatter");
    cr_assert_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_OK);
    cr_expect_eq(talk_listen(b.talk, -1, in_us(PATIENCE_US)), TALK_E_PROTOCOL);
    cr_expect_str_eq(b.said, "a word about the weather");
    talk_free(b.talk);
}

Test(talk, its_death_is_noticed_while_nobody_asks, .init = setup)
{
    struct bench b;
    open_bench(&b, ROGUE_PLUGIN, "dies_idle");
    enum talk_result r = talk_start(b.talk, in_us(PATIENCE_US));
    if (r == TALK_OK)
        r = talk_listen(b.talk, -1, in_us(PATIENCE_US));
    cr_expect_eq(r, TALK_E_DIED);
    cr_expect_str_eq(talk_why(b.talk), "ended with status 5");
    talk_free(b.talk);
}

Test(talk, it_can_be_started_again_after_its_end, .init = setup)
{
    struct bench b;
    char text[256];
    cr_assert_eq(ask_rogue(&b, "fragile", PATIENCE_US, text, sizeof(text)), TALK_E_DIED);
    cr_assert_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_OK);
    cr_expect(talk_is_running(b.talk));
    talk_stop(b.talk);
    cr_expect_not(talk_is_running(b.talk));
    cr_assert_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_OK);
    talk_free(b.talk);
}

Test(talk, network_programs_files_signals_and_limits_are_out_of_reach, .init = setup)
{
    expect_reason("trespass", "NOTHING_WORKED");
    cr_expect_not(file_exists("/tmp/rogue_plugin_was_here"));
}

Test(talk, a_secret_in_a_file_is_out_of_reach_where_the_kernel_can_hide_it, .init = setup)
{
    struct bench b;
    char text[256] = "", secret[] = "/tmp/trident-secret-XXXXXX";
    int fd = mkstemp(secret);
    cr_assert_geq(fd, 0);
    (void)file_close(fd);
    open_bench(&b, ROGUE_PLUGIN, "trespass");
    /* Not with a slash in front: files among the arguments are its own. */
    (void)snprintf(b.conf.args[b.conf.arg_count++], OUTSIDE_ARG_CAP, "../..%s", secret);
    cr_assert_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_OK);
    bool hides = talk_hides_files(b.talk);
    cr_assert_eq(ask(&b, PATIENCE_US, text, sizeof(text)), TALK_OK);
    cr_expect(strstr(text, hides ? "NOTHING_WORKED" : "READ_A_SECRET") != NULL, "%s", text);
    talk_free(b.talk);
    (void)unlink(secret);
}

Test(talk, environment_folder_and_descriptors_are_empty, .init = setup)
{
    cr_assert_geq(dup(0), 0, "one more that is not closed by exec");
    expect_reason("surroundings", "CLEAN");
}

Test(talk, memory_is_limited, .init = setup)
{
    expect_reason("memory", "MEMORY_REFUSED");
}

Test(talk, processor_time_is_limited, .init = setup)
{
    struct bench b;
    char text[256];
    open_bench(&b, ROGUE_PLUGIN, "spin");
    b.conf.cpu_s = 1;
    cr_assert_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_OK);
    cr_expect_not(talk_is_worn(b.talk));
    cr_expect_eq(ask(&b, PATIENCE_US, text, sizeof(text)), TALK_E_DIED);
    cr_expect(strstr(talk_why(b.talk), "signal 24") != NULL, "%s", talk_why(b.talk));
    talk_free(b.talk);
}

Test(talk, what_cannot_be_started_says_why, .init = setup)
{
    struct bench b;
    char path[] = "/tmp/trident-script-XXXXXX";
    static const char head[] = "#!/usr/bin/env python3\n";
    open_bench(&b, "/nonexistent/program", NULL);
    cr_expect_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_E_NOT_STARTED);
    cr_expect_str_eq(talk_why(b.talk), "program: No such file or directory");
    talk_free(b.talk);
    int fd = mkstemp(path);
    cr_assert_eq(write(fd, head, sizeof(head) - 1), (ssize_t)sizeof(head) - 1);
    (void)file_close(fd);
    open_bench(&b, path, NULL);
    cr_expect_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_E_NOT_STARTED);
    cr_expect(geteuid() == 0 || strstr(talk_why(b.talk), "Permission") != NULL);
    cr_assert_eq(chmod(path, 0700), 0);
    cr_expect_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_E_NOT_STARTED);
    cr_expect(strstr(talk_why(b.talk), "env") != NULL, "%s", talk_why(b.talk));
    talk_free(b.talk);
    (void)unlink(path);
}

Test(talk, both_examples_speak_the_protocol, .init = setup)
{
    struct bench b;
    open_bench(&b, FOLLOW_PLUGIN, NULL);
    cr_assert_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_OK, "%s", talk_why(b.talk));
    cr_expect_str_eq(talk_hello(b.talk)->name, "follow");
    talk_free(b.talk);
    open_bench(&b, TRIDENT_SOURCE_DIR "/docs/plugins/breakout.py", "30");
    cr_assert_eq(talk_start(b.talk, in_us(PATIENCE_US)), TALK_OK, "%s", talk_why(b.talk));
    cr_expect_str_eq(talk_hello(b.talk)->name, "breakout");
    talk_free(b.talk);
}

/* Starts one and ends without taking it down, as a daemon does that is killed. */
static void leave_one(struct thread *self, void *arg)
{
    struct bench *b = arg;
    cr_assert_eq(talk_start(b->talk, in_us(PATIENCE_US)), TALK_OK);
    (void)self;
}

Test(talk, it_dies_with_whoever_started_it, .init = setup)
{
    struct bench b;
    open_bench(&b, ROGUE_PLUGIN, "good");
    thread_join(thread_start("starter", leave_one, NULL, &b));
    cr_expect_eq(talk_listen(b.talk, -1, in_us(PATIENCE_US)), TALK_E_DIED);
    cr_expect(strstr(talk_why(b.talk), "signal 9") != NULL, "%s", talk_why(b.talk));
    talk_free(b.talk);
}
