/* notify/voice.h: spoken alerts: espeak-ng says a text into a WAV file, opusenc makes it OGG/Opus
 * (both from Debian, both optional), in a thread of its own, so a slow voice never delays a
 * message: the text has gone out before. What cannot be spoken, or not in time, is counted and
 * logged once; people still have the text. */
#ifndef TRIDENT_NOTIFY_VOICE_H
#define TRIDENT_NOTIFY_VOICE_H

#include "core/clock.h"
#include "model/user.h"

#define VOICE_QUEUE_MAX   32
#define VOICE_TEXT_MAX    240 /* bytes */
#define VOICE_MAX_AGE_MS  30000
#define VOICE_DEADLINE_MS 8000 /* of each of the two programs */

struct voice;

struct voice_job {
    enum bot_id bot;
    int64_t chat_id, thread_id;
    enum lang lang;
    char *text; /* heap, plain */
};

struct voice_options {
    const char *dir;               /* files; made when needed, old ones are removed */
    const char *speaker, *encoder; /* programs; NULL: "espeak-ng", "opusenc" */
    struct clock *clock;
    /* Voice thread: the file is there; owned by the voice for an hour. */
    void (*done)(void *ctx, const struct voice_job *job, const char *path);
    void *ctx;
};

struct voice *voice_start(const struct voice_options *opt);
struct voice *voice_stop(struct voice *v); /* drops what waits; NULL; returns NULL */
/* Sender thread, never blocks. Takes job->text. False: the queue is full. */
bool voice_say(struct voice *v, const struct voice_job *job);
void voice_stats(struct voice *v, uint64_t *ret_spoken, uint64_t *ret_failed); /* any thread */
/* What is said of a card: no tags, no signs that are not words. Appends to a fixed buffer. */
void voice_text(const char *html, char out[VOICE_TEXT_MAX]);

#endif
