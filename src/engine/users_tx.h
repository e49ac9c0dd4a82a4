/* engine/users_tx.h: what commands may do with the directory. Engine thread only, inside apply().
 * Each returns REASON_ACCEPTED, REASON_ALREADY_DONE or why not. Every change is told to notify (who
 * hears what) and to the other traders and admins. */
#ifndef TRIDENT_ENGINE_USERS_TX_H
#define TRIDENT_ENGINE_USERS_TX_H

#include "engine/tx.h"
#include "engine/users.h"

size_t users_tx_count(const struct engine_tx *tx);
const struct users_person *users_tx_at(const struct engine_tx *tx, size_t i); /* by id */
/* NULL: nobody of this number. */
const struct users_person *users_tx_find(const struct engine_tx *tx, int64_t id);
/* By name in any case; NULL: nobody, or more than one. */
const struct users_person *users_tx_find_name(const struct engine_tx *tx, const char *name);

/* USERS_FULL: too many invitations are open. */
enum reason users_tx_invite(struct engine_tx *tx, const struct users_invite *inv);
/* c's chat joins by the code with this hash: a person in the private chat, a group only to hear. An
 * invitation never lowers a role. INVITE_INVALID, USERS_FULL. *ret: the invitation. */
enum reason users_tx_join(struct engine_tx *tx, const struct command *c,
                          const uint8_t hash[HASH_SHA256_BYTES], struct users_invite *ret);
/* USER_UNKNOWN; NOT_A_PERSON for a group. c: who changes it. */
enum reason users_tx_set_role(struct engine_tx *tx, const struct command *c, int64_t id,
                              enum role role);
/* role for hours from now, then the old one again. */
enum reason users_tx_grant(struct engine_tx *tx, const struct command *c, int64_t id,
                           enum role role, int hours);
enum reason users_tx_revoke(struct engine_tx *tx, const struct command *c, int64_t id);

/* ---- second factor of c's sender ---- */
/* ALREADY_DONE while one is active. */
enum reason users_tx_new_factor(struct engine_tx *tx, const struct command *c,
                                const uint8_t secret[USERS_SECRET_BYTES]);
/* A code was typed: step of the code, -1 when it was none of the current ones. ACCEPTED makes the
 * factor active; CODE_WRONG, CODE_USED, CODE_LOCKED (after five wrong ones in a row for lock_ms),
 * CODE_NOT_ENROLLED. */
enum reason users_tx_code(struct engine_tx *tx, const struct command *c, int64_t step,
                          int64_t lock_ms);
/* by c: the person themselves after a code, or an admin for a lost phone. */
enum reason users_tx_drop_factor(struct engine_tx *tx, const struct command *c, int64_t id);

#endif
