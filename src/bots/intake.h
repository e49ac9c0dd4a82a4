/* bots/intake.h: one update -> at most one input for an engine. The only way in from Telegram: who
 * is it (authorise), what is wanted (command_line, button, table), is it still wanted (staleness),
 * what has to be looked up (prepare). Never fails: what cannot be handled is counted and passed
 * over, so no update can block the queue. Owned by one bot thread. */
#ifndef TRIDENT_BOTS_INTAKE_H
#define TRIDENT_BOTS_INTAKE_H

#include "bots/authorise.h"
#include "bots/bot_command.h"
#include "bots/seen.h"
#include "bots/shared.h"
#include "bots/staleness.h"
#include "bots/wizard.h"
#include "telegram/client.h"

#define INTAKE_PRESSES_ANSWERED 16 /* a stranger's presses that get an answer, per process run */

struct intake {
    struct shared *shared;
    enum bot_id bot;
    unsigned roles;
    char username[64];     /* of the bot, without '@' */
    struct seen strangers; /* (user, 0): refused; (user, 1): presses */
    struct stale_table stale;
    struct wizards wizards;
    int64_t alive_chat_id; /* last chat of this batch reported to notify */
    uint64_t commands, skipped;
    uint64_t outcomes[AUTHORISE_RESULT_COUNT]; /* who was let in, and why others were not */
};

struct intake_moment {
    int64_t wall_ms;
    int64_t idle_bound_ms; /* see staleness_age_ms() */
    int64_t received_us;   /* monotonic; 0 = not known */
};

struct intake_item {
    struct input *input; /* owned; NULL = nothing to post */
    size_t trader;
    bool is_barrier; /* the updates behind it are to be looked at when it is done */
};

void intake_init(struct intake *in, struct shared *shared, enum bot_id bot, unsigned roles);
void intake_begin(struct intake *in); /* before the updates of a batch */
void intake_update(struct intake *in, const struct update *u, const struct intake_moment *now,
                   struct intake_item *ret);
/* After a batch: what the chats with stale commands are told. is_more: the backlog goes on, only
 * quiet rows. Writes at most cap items, returns how many; call again while it returns cap. */
size_t intake_stale(struct intake *in, bool is_more, int64_t max_update_id,
                    struct intake_item *ret_items, size_t cap);

#endif
