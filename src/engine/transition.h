/* engine/transition.h: the time in which the old bot and the new ones live side by side: which side
 * each person chose, who used which when, what was said once and need not be said again, and
 * whether the old bot is retired. Part of a trader's state: choices and the retirement are the
 * first trader's, uses are counted by the trader whose command it was. Pure over struct transition;
 * engine thread only. Commands come in through engine/transition_tx.h. */
#ifndef TRIDENT_ENGINE_TRANSITION_H
#define TRIDENT_ENGINE_TRANSITION_H

#include "core/pack.h"
#include "model/user.h"

#define TRANSITION_PEOPLE_MAX 2048
#define TRANSITION_TOLD_MAX   4096 /* hints; the oldest is forgotten, and said once more */

enum transition_side {
    TRANSITION_BOTH = 0, /* has not chosen: hears on both sides */
    TRANSITION_OLD,
    TRANSITION_NEW,
    TRANSITION_SIDE_COUNT
};
const char *transition_side_name(enum transition_side s); /* "both" "old" "new" */

struct transition_person {
    int64_t id; /* of the user */
    enum transition_side side;
    int64_t chosen_ms; /* 0 = never */
    uint64_t old_uses, new_uses;
    int64_t last_old_ms, last_new_ms; /* 0 = never */
    char name[USER_NAME_CAP];
};

struct transition {
    bool is_retired;
    int64_t retired_ms;
    char retired_by[USER_NAME_CAP];
    size_t count;
    struct transition_person people[TRANSITION_PEOPLE_MAX]; /* by id */
    size_t told_count, told_next;
    uint64_t told[TRANSITION_TOLD_MAX]; /* ring of digests of (whom, what) */
};

void transition_pack(const struct transition *t, struct buf *out);
void transition_unpack(struct transition *t, struct unpack *in);

const struct transition_person *transition_find(const struct transition *t, int64_t id); /* NULL */
/* A command of this person was taken on that side. Nobody is counted when there is no room left of
 * people who chose a side. */
void transition_use(struct transition *t, int64_t id, const char *name, bool is_old,
                    int64_t now_ms);
/* False: no room. */
bool transition_choose(struct transition *t, int64_t id, const char *name,
                       enum transition_side side, int64_t now_ms);
/* Was this said to them before? From now on it was. */
bool transition_was_told(struct transition *t, int64_t whom, const char *what);

#endif
