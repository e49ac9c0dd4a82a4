/* model/decimal.c: fixed-point arithmetic on int64 in units of 1e-8.
 *
 * Every operation is one exact __int128 computation followed by one rounding, so results never
 * depend on the order of evaluation. Results that do not fit saturate at +-INT64_MAX; INT64_MIN
 * stays free for DEC_NONE. Text goes in and out digit by digit, no double anywhere. */
#include "model/decimal.h"

#include <stdio.h>
#include <string.h>

typedef __int128 i128;
typedef unsigned __int128 u128;

#define TEXT_MAX_CHARS   400   /* longer numbers are refused as garbage */
#define EXPONENT_MAX     10000 /* clamped: beyond it everything is zero or overflow */
#define MANTISSA_DIGITS  30    /* kept exactly; later digits only decide the rounding */
#define DEC_SCALE_DIGITS 8

static u128 power_of_ten(int n)
{
    TR_ASSERT(n >= 0 && n <= 38);
    u128 p = 1;
    for (int i = 0; i < n; i++) {
        p *= 10;
    }
    return p;
}

static int64_t saturate(i128 v)
{
    if (v > INT64_MAX) {
        return INT64_MAX;
    }
    if (v < -(i128)INT64_MAX) {
        return -INT64_MAX;
    }
    return (int64_t)v;
}

/* Does quotient q with remainder twice_cmp_half go one away from zero? cmp: remainder against half
 * of the divisor (-1, 0, 1); inexact: remainder is not zero. */
static bool rounds_away(enum dec_round mode, bool inexact, int cmp, bool odd)
{
    switch (mode) {
    case DEC_DOWN:
        return false;
    case DEC_UP:
        return inexact;
    case DEC_HALF_AWAY:
        return cmp >= 0;
    case DEC_HALF_EVEN:
        return cmp > 0 || (cmp == 0 && odd);
    case DEC_ROUND_UNSET:
    case DEC_ROUND_COUNT:
        break;
    }
    TR_ASSERT(mode > DEC_ROUND_UNSET && mode < DEC_ROUND_COUNT);
    return false;
}

static i128 divide_rounded(i128 n, i128 d, enum dec_round mode)
{
    TR_ASSERT(d != 0);
    bool negative = (n < 0) != (d < 0);
    u128 un = n < 0 ? (u128)0 - (u128)n : (u128)n;
    u128 ud = d < 0 ? (u128)0 - (u128)d : (u128)d;
    u128 q = un / ud;
    u128 r = un % ud;
    u128 rest = ud - r; /* r against half: r against ud - r, without doubling */
    int cmp = r > rest ? 1 : (r == rest ? 0 : -1);
    if (rounds_away(mode, r != 0, cmp, (q & 1) != 0)) {
        q++;
    }
    i128 v = (i128)q;
    return negative ? -v : v;
}

/* The pieces of a number in text: mantissa x 10^shift in units of 1e-8. */
struct digits {
    u128 mantissa;
    int shift;
    bool negative;
    bool sticky; /* non-zero digits beyond the mantissa */
};

static bool scan_exponent(const char *s, size_t len, size_t *pos, int *ret)
{
    size_t i = *pos;
    bool negative = false;
    if (i < len && (s[i] == '+' || s[i] == '-')) {
        negative = s[i] == '-';
        i++;
    }
    size_t first = i;
    int e = 0;
    for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
        e = e * 10 + (s[i] - '0');
        e = e > EXPONENT_MAX ? EXPONENT_MAX : e;
    }
    *pos = i;
    *ret = negative ? -e : e;
    return i > first;
}

static bool scan_digits(const char *s, size_t len, struct digits *d)
{
    static const u128 limit = (u128)1000000000000000 * 1000000000000000; /* MANTISSA_DIGITS */
    size_t i = 0;
    if (i < len && (s[i] == '+' || s[i] == '-')) {
        d->negative = s[i] == '-';
        i++;
    }
    int seen = 0;
    int fraction = 0;
    int dropped = 0;
    bool point = false;
    for (; i < len; i++) {
        if (s[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (s[i] < '0' || s[i] > '9') {
            break;
        }
        seen++;
        fraction += point ? 1 : 0;
        if (d->mantissa < limit) {
            unsigned digit = (unsigned)(s[i] - '0');
            d->mantissa = d->mantissa * 10U + digit;
        } else {
            dropped++;
            d->sticky = d->sticky || s[i] != '0';
        }
    }
    int exponent = 0;
    if (seen > 0 && i < len && (s[i] == 'e' || s[i] == 'E')) {
        i++;
        if (!scan_exponent(s, len, &i, &exponent)) {
            return false;
        }
    }
    d->shift = DEC_SCALE_DIGITS - fraction + exponent + dropped;
    return seen > 0 && i == len;
}

/* Magnitude in 1e-8 units; false when it does not fit or (mode UNSET) is not exact. */
static bool scale_digits(const struct digits *d, enum dec_round mode, u128 *ret)
{
    u128 q = d->mantissa;
    if (q == 0) {
        *ret = 0;
        return true;
    }
    if (d->shift >= 0) {
        for (int i = 0; i < d->shift && q <= (u128)INT64_MAX; i++) {
            q *= 10;
        }
        *ret = q;
        return q <= (u128)INT64_MAX && !d->sticky;
    }
    int n = -d->shift;
    bool inexact = true;
    int cmp = -1;
    if (n > MANTISSA_DIGITS + 1) {
        q = 0; /* far below half a unit */
    } else {
        u128 p = power_of_ten(n);
        u128 r = q % p;
        q /= p;
        u128 rest = p - r;
        inexact = r != 0 || d->sticky;
        cmp = r > rest ? 1 : (r == rest ? (d->sticky ? 1 : 0) : -1);
    }
    if (inexact) {
        if (mode == DEC_ROUND_UNSET) {
            return false;
        }
        q += rounds_away(mode, true, cmp, (q & 1) != 0) ? 1 : 0;
    }
    *ret = q;
    return q <= (u128)INT64_MAX;
}

static bool parse(const char *s, size_t len, enum dec_round mode, int64_t *ret_e8)
{
    TR_ASSERT(s || len == 0);
    TR_ASSERT(ret_e8);
    struct digits d = {0};
    u128 magnitude = 0;
    if (len == 0 || len > TEXT_MAX_CHARS || !scan_digits(s, len, &d) ||
        !scale_digits(&d, mode, &magnitude)) {
        return false;
    }
    TR_ASSERT(magnitude <= (u128)INT64_MAX);
    int64_t v = (int64_t)magnitude;
    *ret_e8 = d.negative ? -v : v;
    return true;
}

bool dec_parse(const char *s, size_t len, int64_t *ret_e8)
{
    return parse(s, len, DEC_ROUND_UNSET, ret_e8);
}

bool dec_parse_round(const char *s, size_t len, enum dec_round mode, int64_t *ret_e8)
{
    TR_ASSERT(mode > DEC_ROUND_UNSET && mode < DEC_ROUND_COUNT);
    return parse(s, len, mode, ret_e8);
}

static uint64_t magnitude_of(int64_t v)
{
    return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

/* Writes the digits of v, at least `width` of them, so that they end before `end`. */
static char *digits_before(char *end, uint64_t v, int width)
{
    for (; v > 0 || width > 0; v /= 10, width--)
        *--end = (char)('0' + v % 10);
    return end;
}

char *dec_format(int64_t v_e8, char out[DEC_TEXT_CAP])
{
    TR_ASSERT(out);
    uint64_t m = magnitude_of(v_e8);
    uint64_t whole = m / (uint64_t)DEC_ONE;
    uint64_t fraction = m % (uint64_t)DEC_ONE;
    int width = DEC_SCALE_DIGITS;
    for (; width > 0 && fraction % 10 == 0; width--)
        fraction /= 10;
    char text[DEC_TEXT_CAP];
    char *end = text + sizeof(text) - 1, *p = end;
    *end = '\0';
    if (width > 0) {
        p = digits_before(p, fraction, width);
        *--p = '.';
    }
    p = digits_before(p, whole, 1);
    if (v_e8 < 0)
        *--p = '-';
    TR_ASSERT(p >= text);
    memcpy(out, p, (size_t)(end - p) + 1);
    return out;
}

char *dec_format_fixed(int64_t v_e8, int digits, char out[DEC_TEXT_CAP])
{
    TR_ASSERT(out);
    TR_ASSERT(digits >= 0 && digits <= DEC_SCALE_DIGITS);
    uint64_t unit = (uint64_t)power_of_ten(DEC_SCALE_DIGITS - digits);
    uint64_t scale = (uint64_t)power_of_ten(digits);
    uint64_t m = (magnitude_of(v_e8) + unit / 2) / unit;
    const char *sign = v_e8 < 0 && m != 0 ? "-" : "";
    if (digits == 0) {
        (void)snprintf(out, DEC_TEXT_CAP, "%s%llu", sign, (unsigned long long)m);
    } else {
        (void)snprintf(out, DEC_TEXT_CAP, "%s%llu.%0*llu", sign, (unsigned long long)(m / scale),
                       digits, (unsigned long long)(m % scale));
    }
    return out;
}

int64_t dec_muldiv(int64_t a, int64_t b, int64_t c, enum dec_round mode)
{
    TR_ASSERT(c != 0);
    return saturate(divide_rounded((i128)a * b, c, mode));
}

int64_t dec_mul(int64_t a_e8, int64_t b_e8, enum dec_round mode)
{
    return dec_muldiv(a_e8, b_e8, DEC_ONE, mode);
}

int64_t dec_div(int64_t a_e8, int64_t b_e8, enum dec_round mode)
{
    TR_ASSERT(b_e8 != 0);
    return dec_muldiv(a_e8, DEC_ONE, b_e8, mode);
}

int64_t dec_to_step(int64_t v_e8, int64_t step_e8, enum dec_round mode)
{
    TR_ASSERT(step_e8 > 0);
    return saturate(divide_rounded(v_e8, step_e8, mode) * step_e8);
}

int64_t dec_abs(int64_t v)
{
    return saturate(v < 0 ? -(i128)v : (i128)v);
}
