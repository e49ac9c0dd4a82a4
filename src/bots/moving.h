/* bots/moving.h: who lives on which side of the transition, put together from what only the bot's
 * thread knows (the configuration's people, what they did with other traders) and what only the
 * engine knows (who joined, who chose). The first half travels as text in command.body. */
#ifndef TRIDENT_BOTS_MOVING_H
#define TRIDENT_BOTS_MOVING_H

#include "bots/bot_command.h"
#include "engine/transition_tx.h"
#include "engine/users_tx.h"

/* What the installation has of the old bot. */
struct moving_place {
    enum legacy_mode mode; /* LEGACY_OFF when nobody said */
    bool has_copies;       /* notifications are sent under its name too */
    bool is_new_up;        /* the controller's own token works */
};

struct moving_person {
    int64_t id;
    enum transition_side side;
    uint64_t old_uses, new_uses;
    int64_t last_old_ms, last_new_ms; /* 0 = never */
    char name[USER_NAME_CAP];
};

struct moving {
    struct moving_place place;
    bool is_whole;                /* the configuration's people are in it */
    bool is_cut;                  /* not every use with other traders fitted */
    struct moving_person *people; /* everybody who may give a command */
    size_t count, moved, stayed;  /* stayed: chose the old side */
};

/* In prepare(): one line; everything. Heap. NULL: does not fit a body. */
char *moving_place_write(const struct bot_prepare *p);
char *moving_write(const struct bot_prepare *p);
/* In run(). body may be "". */
void moving_place_read(const char *body, struct moving_place *ret);
void moving_read(struct engine_tx *tx, const char *body, struct moving *ret);
void moving_deinit(struct moving *m);

#endif
