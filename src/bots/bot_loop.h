/* bots/bot_loop.h: the thread of one token: getMe, long poll, batch, offset, and telling when it is
 * down. */
#ifndef TRIDENT_BOTS_BOT_LOOP_H
#define TRIDENT_BOTS_BOT_LOOP_H

#include "bots/shared.h"

struct bot_loop;

/* Starts the thread. bot: names it and its token; roles: what it answers. */
struct bot_loop *bot_loop_start(struct shared *shared, enum bot_id bot, unsigned roles);
void bot_loop_request_stop(struct bot_loop *l);     /* aborts the poll; any thread */
struct bot_loop *bot_loop_free(struct bot_loop *l); /* joins; accepts NULL, returns NULL */

#endif
