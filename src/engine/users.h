/* engine/users.h: who joined at run time: people, and groups or channels that only hear. Part of
 * the first trader's state, changed only by apply(); the people of the configuration are not in it,
 * and always come before it. Three tables: the directory, sorted by id; invitations not yet used
 * (their hash only); second factors (their secret sealed), which people of the configuration may
 * have too. Pure over struct users; engine thread only. */
#ifndef TRIDENT_ENGINE_USERS_H
#define TRIDENT_ENGINE_USERS_H

#include "core/hash.h"
#include "core/pack.h"
#include "core/seal.h"
#include "core/totp.h"
#include "model/user.h"

#define USERS_MAX          16384
#define USERS_INVITES_MAX  64
#define USERS_FACTORS_MAX  256
#define USERS_CODE_CHARS   22 /* of an invitation: 16 random bytes, base64url */
#define USERS_CODES_WRONG  5  /* in a row, then locked */
#define USERS_SECRET_BYTES (TOTP_SECRET_BYTES + HASH_BOX_EXTRA_BYTES)

struct users_person {
    int64_t id; /* > 0: a person, who acts in the private chat of the same number; < 0: a chat */
    enum role role;           /* ROLE_NONE: only hears notifications */
    enum role granted;        /* a higher one for a time */
    int64_t granted_until_ms; /* 0 = no grant */
    enum lang lang;
    int64_t since_ms;
    char name[USER_NAME_CAP];
};

struct users_invite {
    uint8_t hash[HASH_SHA256_BYTES]; /* of the code, as typed */
    int64_t expires_ms;              /* 0 = free */
    enum role role;                  /* ROLE_NONE: only notifications */
    enum lang lang;                  /* of who invites: the first guess for who comes */
    char by[USER_NAME_CAP];
};

struct users_factor {
    int64_t user_id;
    bool is_active;    /* a first code proved that the secret arrived */
    int64_t last_step; /* of the newest code accepted: none counts twice */
    int wrong;         /* in a row */
    int64_t locked_until_ms;
    uint8_t secret[USERS_SECRET_BYTES]; /* core/seal.h */
};

struct users {
    uint64_t revision; /* grows with every change */
    int64_t due_ms;    /* when the next grant ends; INT64_MAX = none */
    size_t count;
    size_t factor_count;
    struct users_invite invites[USERS_INVITES_MAX];
    struct users_factor factors[USERS_FACTORS_MAX]; /* in no order */
    struct users_person people[USERS_MAX];          /* by id */
};

void users_init(struct users *u);
void users_pack(const struct users *u, struct buf *out);
void users_unpack(struct users *u, struct unpack *in);

/* What the person may do at this time. */
enum role users_role(const struct users_person *p, int64_t now_ms);
/* Binary search in a list sorted by id; NULL when absent. */
const struct users_person *users_find_in(const struct users_person *people, size_t count,
                                         int64_t id);
const struct users_person *users_find(const struct users *u, int64_t id);
/* Adds or replaces by id. False: no room. */
bool users_put(struct users *u, const struct users_person *p);
bool users_remove(struct users *u, int64_t id); /* with its second factor; false: not there */
/* The first person at or after *at whose grant has ended by now_ms loses it; NULL: none left. */
const struct users_person *users_end_grant(struct users *u, int64_t now_ms, size_t *at);

/* The hash of an invitation's code as text (hash_hex) and back; false: not of that form. */
bool users_hash_read(const char *hex, uint8_t out[HASH_SHA256_BYTES]);
/* False: no room, even after forgetting those that have expired. */
bool users_invite(struct users *u, const struct users_invite *inv, int64_t now_ms);
/* Takes the invitation out. False: none of this hash, or expired. */
bool users_take_invite(struct users *u, const uint8_t hash[HASH_SHA256_BYTES], int64_t now_ms,
                       struct users_invite *ret);

struct users_factor *users_factor(struct users *u, int64_t user_id); /* NULL when none */
/* Sets a new sealed secret, not active yet; wrong codes and their lock stay. False: no room. */
bool users_new_factor(struct users *u, int64_t user_id, const uint8_t secret[USERS_SECRET_BYTES]);
bool users_drop_factor(struct users *u, int64_t user_id);
void users_touch(struct users *u); /* after a change through users_factor() */

#endif
