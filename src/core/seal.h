/* core/seal.h: secrets that have to pass through places where they must not be readable: journal,
 * snapshot, outbox. Sealed with the key in <data_dir>/seal.key (0600), which never leaves this
 * file. Inside a message a secret stands as "[[sealed:...]]" until the sender puts it on the wire.
 *
 * The key is the one piece of process-wide state here: written once by seal_load_key() before any
 * thread is started, only read afterwards. Without a key nothing opens. */
#ifndef TRIDENT_CORE_SEAL_H
#define TRIDENT_CORE_SEAL_H

#include "core/hash.h"

/* Reads the key file, or creates it with random bytes. Negative: -errno. */
TR_MUST_USE int seal_load_key(const char *data_dir);
void seal_set_key(const uint8_t key[HASH_BOX_KEY_BYTES]); /* tests */

/* box: len + HASH_BOX_EXTRA_BYTES. */
void seal_bytes(const void *p, size_t len, uint8_t *box);
bool seal_open(const uint8_t *box, size_t box_len, void *out);

#define SEAL_TEXT_MAX 256 /* bytes of one secret in a message */
/* "[[sealed:...]]" of a short text; caller owns. */
TR_MUST_USE char *seal_text(const char *plain);
bool seal_is_in(const char *text); /* is there anything to reveal? */
/* A copy with every sealed part opened; one that cannot be opened becomes "[unreadable]". */
TR_MUST_USE char *seal_reveal(const char *text);

#endif
