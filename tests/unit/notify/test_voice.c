/* Covers: what is said of a card; spoken alerts by stand-in programs: the file and its name, once
 * for many chats, a missing program, a full queue; in notify: opt-in, the text first, only types
 * that ask for it, the test, the path that the sender sends as voice. */
#include "notify_support.h"

#include <poll.h>
#include <stdatomic.h>

#include "core/process.h"
#include "notify/voice.h"

TestSuite(voice, .timeout = 60);

Test(voice, says_words_and_no_signs)
{
    char out[VOICE_TEXT_MAX];
    voice_text("<b>🛑 STOP XAUUSD 0.02</b> · LOGIC1 B\n<b>-10.50</b> 2650 → 2644\n<i>#7</i>",
               out);
    cr_expect_str_eq(out, "STOP XAUUSD 0.02 LOGIC1 B, -10.50 2650 2644, 7");
    voice_text("", out);
    cr_expect_str_eq(out, "");
    char longer[2000];
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    voice_text(longer, out);
    cr_expect_lt(strlen(out), VOICE_TEXT_MAX);
}

struct heard {
    atomic_int count;
    char path[200];
};

static void on_done(void *ctx, const struct voice_job *job, const char *path)
{
    struct heard *h = ctx;
    (void)job;
    snprintf(h->path, sizeof(h->path), "%s", path);
    atomic_fetch_add(&h->count, 1);
}

static void script(const char *dir, const char *name, const char *body)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    fprintf(f, "#!/bin/sh\n%s\n", body);
    fclose(f);
    cr_assert_eq(chmod(path, 0700), 0);
}

static bool wait_until(struct voice *v, uint64_t spoken, uint64_t failed)
{
    for (int i = 0; i < 400; i++) {
        uint64_t s = 0, f = 0;
        voice_stats(v, &s, &f);
        if (s >= spoken && f >= failed)
            return true;
        poll(NULL, 0, 10);
    }
    return false;
}

static void say(struct voice *v, const char *text)
{
    struct voice_job job = {.bot = BOT_NOTIFICATION, .chat_id = 1, .lang = LANG_EN};
    job.text = xstrdup(text);
    cr_assert(voice_say(v, &job));
}

Test(voice, speaks_the_same_words_once_and_survives_a_missing_program)
{
    char dir[] = "/tmp/trident-voice-XXXXXX", cmd[200], runs[160];
    struct heard heard = {0};
    cr_assert_not_null(mkdtemp(dir));
    snprintf(runs, sizeof(runs),
             "echo x >> %s/runs\nwhile [ \"$1\" != -w ]; do shift; done\n"
             "echo riff > \"$2\"",
             dir);
    script(dir, "speaker", runs);
    script(dir, "encoder", "echo ogg > \"$5\"");
    char speaker[160], encoder[160], files[160];
    snprintf(speaker, sizeof(speaker), "%s/speaker", dir);
    snprintf(encoder, sizeof(encoder), "%s/encoder", dir);
    snprintf(files, sizeof(files), "%s/files", dir);
    struct voice_options opt = {.dir = files,
                                .speaker = speaker,
                                .encoder = encoder,
                                .clock = clock_real(),
                                .done = on_done,
                                .ctx = &heard};
    cr_assert_eq(hash_global_init(), 0);
    struct voice *v = voice_start(&opt);
    say(v, "stop hit");
    say(v, "stop hit");
    say(v, "target");
    cr_assert(wait_until(v, 3, 0));
    cr_expect_eq(atomic_load(&heard.count), 3);
    cr_expect_not_null(strstr(heard.path, ".ogg"));
    cr_expect_eq(access(heard.path, R_OK), 0);
    voice_stop(v);
    char count[160];
    snprintf(count, sizeof(count), "test $(wc -l < %s/runs) -eq 2", dir);
    const char *const check[] = {"sh", "-c", count, NULL};
    cr_expect_eq(process_run(check, 5000), 0, "two different texts");
    opt.speaker = "/nonexistent/voice";
    log_set_level(LOG_ERROR);
    v = voice_start(&opt);
    say(v, "nobody can say this");
    cr_assert(wait_until(v, 0, 1));
    voice_stop(v);
    cr_expect_eq(atomic_load(&heard.count), 3);
    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    const char *const clean[] = {"sh", "-c", cmd, NULL};
    cr_expect_eq(process_run(clean, 5000), 0);
}

static void choose(struct bench *b, int64_t chat_id, const char *text)
{
    struct event e = make_event(EVENT_SUBSCRIPTION);
    e.chat_id = chat_id;
    snprintf(e.text, sizeof(e.text), "%s", text);
    put_event(b, &e);
}

static size_t spoken_to(const struct bench *b, int64_t chat_id)
{
    size_t n = 0;
    for (size_t i = 0; i < b->sink.sent_count; i++)
        n += b->sink.log[i].chat_id == chat_id &&
             str_starts(b->sink.log[i].photo, "voice/") != false;
    return n;
}

Test(voice, comes_after_the_text_to_whoever_wants_it)
{
    struct bench b;
    bench_init(&b);
    char dir[96], speaker[200], encoder[200];
    snprintf(dir, sizeof(dir), "%s-voice", b.dir);
    cr_assert_eq(mkdir(dir, 0700), 0);
    script(dir, "speaker", "while [ \"$1\" != -w ]; do shift; done; echo riff > \"$2\"");
    script(dir, "encoder", "echo ogg > \"$5\"");
    snprintf(speaker, sizeof(speaker), "%s/speaker", dir);
    snprintf(encoder, sizeof(encoder), "%s/encoder", dir);
    bench_open(&b);
    const struct voice_options opt = {.dir = dir,
                                      .speaker = speaker,
                                      .encoder = encoder,
                                      .clock = clock_real(),
                                      .done = notify_on_spoken,
                                      .ctx = b.n};
    b.n->voice = voice_start(&opt);
    choose(&b, TRADER_CHAT, "voice on");
    turns(&b, 3);
    struct event e = make_event(EVENT_SL_HIT);
    put_event(&b, &e);
    e = make_event(EVENT_BROKER_UP); /* asks for no voice */
    put_event(&b, &e);
    turns(&b, 20);
    cr_assert(wait_until(b.n->voice, 1, 0));
    turns_until_empty(&b, 100);
    cr_expect_eq(spoken_to(&b, TRADER_CHAT), 1);
    cr_expect_eq(spoken_to(&b, ADMIN_CHAT), 0);
    e = make_event(EVENT_TEST);
    e.chat_id = ADMIN_CHAT;
    snprintf(e.text, sizeof(e.text), "voice");
    put_event(&b, &e);
    turns(&b, 20);
    cr_assert(wait_until(b.n->voice, 2, 0));
    turns_until_empty(&b, 100);
    cr_expect_eq(spoken_to(&b, ADMIN_CHAT), 1, "the test needs no opt-in");
    b.n->voice = voice_stop(b.n->voice);
    bench_deinit(&b);
    char cmd[200];
    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    const char *const clean[] = {"sh", "-c", cmd, NULL};
    cr_expect_eq(process_run(clean, 5000), 0);
}
