/* One thread takes jobs in order. A file is named by the hash of language and text, so the same
 * alert for many chats is spoken once; files of more than an hour are removed whenever a new one is
 * made. */
#include "notify/voice.h"

#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/log.h"
#include "core/process.h"
#include "core/queue.h"
#include "core/thread.h"

#define FILE_MAX_AGE_MS (INT64_C(3600) * 1000)
#define NAME_BYTES      16

struct voice {
    struct voice_options opt;      /* (c) */
    char *dir, *speaker, *encoder; /* (c) */
    struct queue *queue;
    struct thread *thread;
    bool failure_told; /* voice thread */
    atomic_uint_least64_t spoken, failed;
};

static void drop_job(void *ptr, void *ctx)
{
    struct voice_job *job = ptr;
    (void)ctx;
    mem_free(job->text);
    mem_free(job);
}

/* ---- text ---- */

/* Letters, digits and what a voice makes pauses of; the rest becomes a blank. */
void voice_text(const char *html, char out[VOICE_TEXT_MAX])
{
    size_t n = 0;
    bool blank = true;
    for (; *html != '\0' && n + 2 < VOICE_TEXT_MAX; html++) {
        if (*html == '<') {
            const char *end = strchr(html, '>');
            if (end == NULL)
                break;
            html = end;
            continue;
        }
        bool is_said = (*html >= 'a' && *html <= 'z') || (*html >= 'A' && *html <= 'Z') ||
                       (*html >= '0' && *html <= '9') || strchr(".,+-%", *html) != NULL;
        bool is_pause = *html == '\n';
        if (is_said || (is_pause && !blank)) {
            out[n++] = is_said ? *html : ',';
            blank = false;
        }
        if (!is_said && (is_pause || !blank) && n > 0 && out[n - 1] != ' ') {
            out[n++] = ' ';
            blank = true;
        }
    }
    while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == ','))
        n--;
    out[n] = '\0';
}

/* ---- files ---- */

static void remove_old(struct voice *v)
{
    DIR *d = opendir(v->dir);
    int64_t oldest_s = (clock_wall_ms(v->opt.clock) - FILE_MAX_AGE_MS) / 1000;
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        struct stat st;
        char *path TR_CLEANUP(mem_freep) = xasprintf("%s/%s", v->dir, e->d_name);
        if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime < oldest_s)
            (void)unlink(path); /* the next time again */
    }
    if (d != NULL)
        (void)closedir(d); /* was read only */
}

static char *path_of(const struct voice *v, const struct voice_job *job, const char *ending)
{
    uint8_t hash[HASH_SHA256_BYTES];
    char hex[2 * NAME_BYTES + 1];
    char *whole TR_CLEANUP(mem_freep) = xasprintf("%s|%s", lang_name(job->lang), job->text);
    hash_sha256(whole, strlen(whole), hash);
    for (int i = 0; i < NAME_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    return xasprintf("%s/%s.%s", v->dir, hex, ending);
}

static int speak(struct voice *v, const struct voice_job *job, const char *ogg)
{
    char *wav TR_CLEANUP(mem_freep) = path_of(v, job, "wav");
    char *part TR_CLEANUP(mem_freep) = path_of(v, job, "part");
    const char *tongue = job->lang == LANG_HINGLISH ? "en-in" : "en";
    const char *const say[] = {v->speaker, "-v", tongue, "-s",      "160",
                               "-w",       wav,  "--",   job->text, NULL};
    const char *const encode[] = {v->encoder, "--quiet", "--bitrate", "24", wav, part, NULL};
    int r = process_run(say, VOICE_DEADLINE_MS);
    if (r == -EIO && strcmp(tongue, "en") != 0) { /* a voice that is not installed */
        const char *const plain[] = {v->speaker, "-s", "160", "-w", wav, "--", job->text, NULL};
        r = process_run(plain, VOICE_DEADLINE_MS);
    }
    if (r == 0)
        r = process_run(encode, VOICE_DEADLINE_MS);
    (void)unlink(wav); /* may never have been made */
    if (r == 0 && rename(part, ogg) < 0)
        r = err_raise(-errno);
    if (r < 0)
        (void)unlink(part); /* may never have been made */
    return err_trace(r);
}

static void serve(struct voice *v, const struct voice_job *job)
{
    char *ogg TR_CLEANUP(mem_freep) = path_of(v, job, "ogg");
    int r = access(ogg, R_OK) == 0 ? 0 : -ENOENT;
    if (r < 0) {
        remove_old(v);
        r = file_mkdirs(v->dir, 0700);
        if (r == 0)
            r = speak(v, job, ogg);
    }
    if (r == 0) {
        atomic_fetch_add(&v->spoken, 1);
        v->failure_told = false;
        v->opt.done(v->opt.ctx, job, ogg);
        return;
    }
    atomic_fetch_add(&v->failed, 1);
    if (!v->failure_told)
        log_warn("notify", "voice_failed error=%d; the text was sent all the same", -r);
    v->failure_told = true;
}

static void voice_main(struct thread *self, void *arg)
{
    struct voice *v = arg;
    while (!thread_should_stop(self)) {
        struct queue_item item;
        if (queue_take_many(v->queue, &item, 1, INT64_MAX) == 0)
            continue;
        bool is_late =
            item.deadline_mono_us != 0 && clock_mono_us(v->opt.clock) > item.deadline_mono_us;
        if (is_late)
            atomic_fetch_add(&v->failed, 1);
        else
            serve(v, item.ptr);
        drop_job(item.ptr, NULL);
    }
}

static void wake(void *arg)
{
    queue_wake(((struct voice *)arg)->queue);
}

/* ---- life ---- */

struct voice *voice_start(const struct voice_options *opt)
{
    TR_ASSERT(opt->dir != NULL && opt->done != NULL);
    struct voice *v = xalloc(sizeof(*v));
    v->opt = *opt;
    v->dir = xstrdup(opt->dir);
    v->speaker = xstrdup(opt->speaker != NULL ? opt->speaker : "espeak-ng");
    v->encoder = xstrdup(opt->encoder != NULL ? opt->encoder : "opusenc");
    v->queue = queue_new(VOICE_QUEUE_MAX, drop_job, NULL);
    v->thread = thread_start("voice", voice_main, wake, v);
    return v;
}

struct voice *voice_stop(struct voice *v)
{
    if (v == NULL)
        return NULL;
    v->thread = thread_join(v->thread);
    queue_free(v->queue);
    mem_free(v->dir);
    mem_free(v->speaker);
    mem_free(v->encoder);
    return mem_free(v);
}

bool voice_say(struct voice *v, const struct voice_job *job)
{
    struct voice_job *copy = xalloc(sizeof(*copy));
    *copy = *job;
    int64_t deadline_us = clock_mono_us(v->opt.clock) + VOICE_MAX_AGE_MS * INT64_C(1000);
    if (queue_push(v->queue, QUEUE_LANE_NORMAL, copy, deadline_us) == QUEUE_OK)
        return true;
    atomic_fetch_add(&v->failed, 1);
    drop_job(copy, NULL);
    return false;
}

void voice_stats(struct voice *v, uint64_t *ret_spoken, uint64_t *ret_failed)
{
    *ret_spoken = atomic_load(&v->spoken);
    *ret_failed = atomic_load(&v->failed);
}
