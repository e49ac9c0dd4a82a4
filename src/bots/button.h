/* bots/button.h: signed buttons. callback_data, at most 64 bytes:
 *   "a1:" name kind arg "." expiry "." signature
 * kind '!' yes and '~' no to a confirmation (arg: its id), '=' a plain action (arg: its argument);
 * expiry: wall seconds in base 36; signature: 12 bytes of HMAC-SHA256 over (name, kind, arg,
 * expiry, user, chat), base64url. Read-only buttons (refresh, pages, menus) are unsigned: "m:" name
 * [" " args].
 *
 * The key is the one piece of process-wide state here: written once by button_load_key() before any
 * thread is started, only read afterwards. It lies in <data_dir>/button.key, so replies replay to
 * the same bytes. Without a key nothing verifies. */
#ifndef TRIDENT_BOTS_BUTTON_H
#define TRIDENT_BOTS_BUTTON_H

#include "model/command.h"

#define BUTTON_DATA_CAP      65 /* 64 bytes and the end */
#define BUTTON_KEY_BYTES     32
#define BUTTON_ARG_CAP       24
#define BUTTON_ACTION_TTL_MS (10 * 60 * 1000)
#define BUTTON_ASK_TTL_MS    (120 * 1000)

enum button_kind {
    BUTTON_UNSET = 0,
    BUTTON_ACTION,
    BUTTON_YES,
    BUTTON_NO,
    BUTTON_MENU,
    BUTTON_KIND_COUNT
};

struct button {
    enum button_kind kind;
    char name[COMMAND_NAME_CAP]; /* canonical command name */
    char arg[COMMAND_ARGS_CAP];
    int64_t expires_ms; /* wall; 0 for menus */
};

enum button_result {
    BUTTON_OK = 0,
    BUTTON_E_INVALID = 1, /* not ours, cut, forged, of somebody else */
    BUTTON_E_EXPIRED
};

/* Reads the key file, or creates it (0600) with random bytes. Before threads start. Negative:
 * -errno. */
TR_MUST_USE int button_load_key(const char *data_dir);
void button_set_key(const uint8_t key[BUTTON_KEY_BYTES]); /* tests, replay */

/* Pure over the key. name and arg are [a-z0-9_] and short enough (asserted): they come from code.
 */
void button_sign(const struct button *b, int64_t user_id, int64_t chat_id,
                 char out[BUTTON_DATA_CAP]);
/* data comes from outside: any bytes. ret is also filled on EXPIRED. */
TR_MUST_USE enum button_result button_verify(const char *data, int64_t user_id, int64_t chat_id,
                                             int64_t now_ms, struct button *ret);

#endif
