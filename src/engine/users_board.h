/* engine/users_board.h: the directory as the bots see it: an immutable copy that the engine puts up
 * after each commit that changed it. Whoever was removed is gone from the next look on. Any thread;
 * the lock is held for copies only. */
#ifndef TRIDENT_ENGINE_USERS_BOARD_H
#define TRIDENT_ENGINE_USERS_BOARD_H

#include "engine/users.h"

struct users_board;

struct users_board *users_board_new(void);
struct users_board *users_board_free(struct users_board *b); /* accepts NULL, returns NULL */
/* Engine thread, after the commit. Costs a comparison unless the directory changed. */
void users_board_show(struct users_board *b, const struct users *u);

bool users_board_person(struct users_board *b, int64_t id, struct users_person *ret);
bool users_board_invite(struct users_board *b, const uint8_t hash[HASH_SHA256_BYTES],
                        int64_t now_ms, struct users_invite *ret);
bool users_board_factor(struct users_board *b, int64_t user_id, struct users_factor *ret);
/* Those with at least this role now, by id, starting behind `after`; returns how many. */
size_t users_board_list(struct users_board *b, enum role least, int64_t now_ms, int64_t after,
                        struct users_person *out, size_t cap);
size_t users_board_count(struct users_board *b);

#endif
