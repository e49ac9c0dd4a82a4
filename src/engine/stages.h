/* engine/stages.h: where the time of an input goes, stage by stage, as histograms: bounded, whole
 * microseconds, never reset.
 *
 *   receive      the request is there, or the update -> queue
 *   queue        queue -> taken by the engine
 *   decide       plugins, rules and outputs of one input
 *   commit       one journal transaction with its fsync
 *   send         committed -> taken by the broker's adapter
 *   acknowledge  taken by the adapter -> the broker's first answer about that order
 *   alert        an alert as a whole: the request is there -> answered
 *
 * Counters are relaxed atomics: any thread notes and reads; a reader may see a count without its
 * sum, which the next look has. What waits for the broker's answer is the engine thread's alone. */
#ifndef TRIDENT_ENGINE_STAGES_H
#define TRIDENT_ENGINE_STAGES_H

#include "core/core.h"

enum stage {
    STAGE_UNSET = 0,
    STAGE_RECEIVE,
    STAGE_QUEUE,
    STAGE_DECIDE,
    STAGE_COMMIT,
    STAGE_SEND,
    STAGE_ACKNOWLEDGE,
    STAGE_ALERT,
    STAGE_COUNT
};
const char *stage_name(enum stage s); /* "receive" ... */

#define STAGES_BOUNDS  20 /* 10 us, 20, 50 ... 10 s, 20 s */
#define STAGES_BUCKETS (STAGES_BOUNDS + 1)
int64_t stages_bound_us(size_t i); /* the most that bucket i takes; i < STAGES_BOUNDS */

struct stage_figures {
    uint64_t buckets[STAGES_BUCKETS]; /* each for itself, not summed up */
    uint64_t count;
    int64_t sum_us;
};

struct input;
struct stages;
struct stages *stages_new(void);
struct stages *stages_free(struct stages *s); /* NULL; returns NULL */

/* Any thread. Less than nothing counts as nothing: clocks of two threads may differ by a little. */
void stages_note(struct stages *s, enum stage stage, int64_t us);
void stages_read(struct stages *s, enum stage stage, struct stage_figures *ret);
/* Marks an input as posted now. */
void stages_on_post(struct stages *s, struct input *in, int64_t now_us);

/* Engine thread. Of a batch that began to be applied at began_us. */
void stages_on_taken(struct stages *s, const struct input *in, int64_t began_us);
void stages_on_answered(struct stages *s, const struct input *in, int64_t now_us);
void stages_on_intent(struct stages *s, uint64_t cid, int64_t now_us);
void stages_on_sent(struct stages *s, uint64_t cid, int64_t now_us);

/* ---- pure ---- */
/* What came between two looks. */
void stages_since(const struct stage_figures *now, const struct stage_figures *before,
                  struct stage_figures *ret);
/* So many of a thousand took at most so long: interpolated inside its bucket; 0 without any. What
 * is beyond the last bound counts as the last bound. */
int64_t stages_quantile_us(const struct stage_figures *f, int per_mille);

#endif
