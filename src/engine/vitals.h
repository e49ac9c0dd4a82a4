/* engine/vitals.h: is everything as it should be? Each reading (how long alerts take, how many
 * orders succeed, memory ...) is held against two limits of its kind and has a level; the level
 * changes only after several readings in a row that agree, and gets better only beyond a margin, so
 * that a value that swings around a limit does not make a message each time.
 *
 *          worse than `good`            worse than `alarm`
 *     OK ---------------------> WARNING ------------------> CRITICAL     `raise` readings in a row
 *        <---------------------         <------------------              `clear` readings in a row,
 *          better than `good`           better than `alarm`              better by the margin
 *
 * Nothing measured for VITALS_SILENT_MS (no alert came) leaves no ground for a bad level: OK again.
 * Time is an argument: no clock in here. One mutex, a leaf, held for copies (docs/LOCKING.md). */
#ifndef TRIDENT_ENGINE_VITALS_H
#define TRIDENT_ENGINE_VITALS_H

#include "core/buf.h"
#include "model/user.h"

enum vital {
    VITAL_UNSET = 0,
    VITAL_ALERT_MS,      /* p95 of alerts, of a trader */
    VITAL_ORDER_MS,      /* p95 from the broker's adapter to its answer, of a trader */
    VITAL_ORDER_SUCCESS, /* filled of filled and rejected, of a trader */
    VITAL_ERRORS,        /* inputs and orders that failed, of a trader */
    VITAL_ENGINE_SILENT, /* seconds since the engine's last sign of life, of a trader */
    VITAL_BROKER_MISSES, /* checks in a row in which the link was down, of a trader */
    VITAL_BOT_MISSES,    /* pings in a row without an answer, of a bot */
    VITAL_MEMORY,        /* resident, of the process */
    VITAL_CPU,           /* of one core, of the process */
    VITAL_BACKUP_AGE,    /* of the newest backup that was checked, in intervals between backups */
    VITAL_COUNT
};

enum vital_level { VITAL_LEVEL_UNSET = 0, VITAL_OK, VITAL_WARNING, VITAL_CRITICAL, VITAL_LEVELS };

#define VITALS_MAX        64
#define VITALS_SUBJECT    32
#define VITALS_SILENT_MS  INT64_C(600000)
#define VITALS_SAMPLE_MS  30000 /* engine heartbeat, bot ping, every other reading */
#define VITALS_BROKER_MS  60000
#define VITALS_RATE_COUNT 20 /* orders or inputs before a share of them is a reading */

struct vital_kind {
    const char *name; /* "alert_ms" */
    const char *unit; /* "ms" "%" "MB" "s" "" */
    int64_t good, alarm;
    int64_t margin;   /* how far inside a limit it counts as better */
    bool is_floor;    /* less is worse */
    int raise, clear; /* readings in a row */
    bool is_told;     /* a warning is told, not only shown */
    int decimals;     /* the value's: 985 with one is 98.5 */
};
const struct vital_kind *vital_kind(enum vital v);
const char *vital_level_name(enum vital_level l); /* "ok" "warning" "critical" */

struct vital_row {
    enum vital kind;
    char subject[VITALS_SUBJECT]; /* trader, bot; "" = the process */
    int64_t value;                /* newest */
    enum vital_level level;
    int64_t since_ms;         /* of the level */
    int64_t seen_ms;          /* of the newest reading */
    enum vital_level leaning; /* what the newest readings in a row say ... */
    int streak;               /* ... and how many they are */
    bool is_announced;        /* people know that it is bad */
};

struct vital_reading {
    enum vital kind;
    const char *subject;
    bool is_known; /* false: nothing to measure this time */
    int64_t value;
};

struct vitals;
struct vitals *vitals_new(void);
struct vitals *vitals_free(struct vitals *v); /* NULL; returns NULL */
/* True: people are to be told that *ret is bad now, or (level OK or WARNING) well again. Any
 * thread. */
bool vitals_note(struct vitals *v, const struct vital_reading *r, int64_t now_ms,
                 struct vital_row *ret);
/* All rows; returns how many. v may be NULL. Any thread. */
size_t vitals_read(struct vitals *v, struct vital_row ret[VITALS_MAX]);
/* The worst there is. v may be NULL. Any thread. */
enum vital_level vitals_worst(struct vitals *v);

/* What the watch itself did, for /metrics. */
struct vitals_watch {
    uint64_t beats_sent, beats_failed; /* outgoing heartbeats */
    int64_t ping_us[BOT_COUNT];        /* newest answer to a ping; 0 = none yet */
    int64_t backup_ms;                 /* wall time of the newest backup; 0 = there is none */
    int64_t backup_every_ms;           /* how often one is wanted; 0 = only by hand */
};
void vitals_note_ping(struct vitals *v, enum bot_id bot, int64_t us);
void vitals_note_beat(struct vitals *v, bool is_sent);
void vitals_note_backup(struct vitals *v, int64_t newest_ms, int64_t every_ms);
void vitals_get_watch(struct vitals *v, struct vitals_watch *ret); /* v may be NULL */

/* "main: alert_ms 1250 ms, alarm over 1000 ms" */
void vital_describe(const struct vital_row *r, struct buf *out);

#endif
