/* model/decimal.h: money, prices and quantities: int64 in units of 1e-8 ("_e8"), products in
 * __int128, parsed from text, never through double. Pure functions, any thread. */
#ifndef TRIDENT_MODEL_DECIMAL_H
#define TRIDENT_MODEL_DECIMAL_H

#include "core/core.h"

#define DEC_ONE      INT64_C(100000000)
#define DEC_NONE     INT64_MIN /* "absent" for optional prices */
#define DEC_TEXT_CAP 32

enum dec_round {
    DEC_ROUND_UNSET = 0,
    DEC_DOWN,
    DEC_UP,
    DEC_HALF_AWAY,
    DEC_HALF_EVEN,
    DEC_ROUND_COUNT
};
/* DEC_DOWN: towards zero. DEC_UP: away from zero. */

/* Accepts optional sign, digits, fraction, exponent (1e-7). False: garbage, overflow, or non-zero
 * digits beyond the eighth decimal (exact or refused). */
bool dec_parse(const char *s, size_t len, int64_t *ret_e8);
bool dec_parse_round(const char *s, size_t len, enum dec_round mode, int64_t *ret_e8);
/* Minimal text: no exponent, no trailing zeros, never "-0". */
char *dec_format(int64_t v_e8, char out[DEC_TEXT_CAP]);
/* Exactly `digits` decimals (0..8), rounded half away from zero: for people. */
char *dec_format_fixed(int64_t v_e8, int digits, char out[DEC_TEXT_CAP]);
/* a*b/1e8 and a*1e8/b, saturating; b must not be 0 in dec_div. */
int64_t dec_mul(int64_t a_e8, int64_t b_e8, enum dec_round mode);
int64_t dec_div(int64_t a_e8, int64_t b_e8, enum dec_round mode);
/* a*b/c in one rounding; c != 0; plain integers or matching scales. */
int64_t dec_muldiv(int64_t a, int64_t b, int64_t c, enum dec_round mode);
/* Rounds v to a multiple of step (> 0). */
int64_t dec_to_step(int64_t v_e8, int64_t step_e8, enum dec_round mode);
int64_t dec_abs(int64_t v);

#endif
