/* core/totp.h: one-time codes of RFC 6238: HMAC-SHA-1, steps of 30 s, six digits. Pure, any thread.
 */
#ifndef TRIDENT_CORE_TOTP_H
#define TRIDENT_CORE_TOTP_H

#include "core/core.h"

#define TOTP_SECRET_BYTES 20
#define TOTP_STEP_S       30
#define TOTP_DIGITS       6
#define TOTP_BASE32_CAP   33 /* of a secret, with its end */

/* The code of a step as a number below 10^digits; digits at most 8. */
uint32_t totp_code(const void *secret, size_t len, int64_t step, int digits);
/* Six digits, nothing else. */
bool totp_is_code(const char *text);
/* The step whose code this is, the one of now_ms or a neighbour (clocks differ); -1: none. */
int64_t totp_match(const uint8_t secret[TOTP_SECRET_BYTES], const char *text, int64_t now_ms);
void totp_base32(const uint8_t secret[TOTP_SECRET_BYTES], char out[TOTP_BASE32_CAP]);

#endif
