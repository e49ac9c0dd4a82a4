/* signals/parse_v6.c: V6 "price_action_v6" pipe text (spec strategies 1.3; P-20, P-26). No quoting:
 * split at every '|'. Entries are read from both ends, because the indicator drops fields whose
 * switch is off: trailing TL_*, then n/m, then four prices, and what is before them by position. */
#include "signals/fields.h"

#include <string.h>
#include <strings.h>
#include "core/alloc.h"

#define PIPE_FIELDS_MAX 24
#define PIPE_FIELD_CAP  96

struct pipe {
    char fields[PIPE_FIELDS_MAX][PIPE_FIELD_CAP];
    int count; /* without empty ones at the end */
};

static bool split(const char *body, size_t len, struct pipe *p)
{
    const char *at = body, *end = body + len;
    while (end > at && strchr(" \t\r\n", end[-1]) != NULL)
        end--;
    p->count = 0;
    while (at <= end) {
        const char *bar = memchr(at, '|', (size_t)(end - at));
        const char *stop = bar != NULL ? bar : end;
        while (at < stop && (*at == ' ' || *at == '\t'))
            at++;
        size_t n = (size_t)(stop - at);
        while (n > 0 && (at[n - 1] == ' ' || at[n - 1] == '\t'))
            n--;
        if (p->count == PIPE_FIELDS_MAX || n >= PIPE_FIELD_CAP)
            return false;
        memcpy(p->fields[p->count], at, n);
        p->fields[p->count++][n] = '\0';
        at = stop + 1;
    }
    while (p->count > 0 && p->fields[p->count - 1][0] == '\0')
        p->count--;
    return true;
}

static const char *at(const struct pipe *p, int i)
{
    return i < p->count && p->fields[i][0] != '\0' ? p->fields[i] : NULL;
}

static bool is_na(const char *s)
{
    return s == NULL || str_ieq(s, "NA") || strncmp(s, "{{", 2) == 0;
}

static enum signal_result number(const struct pipe *p, int i, const char *field, int64_t *ret_e8,
                                 struct signal_fault *f)
{
    if (is_na(at(p, i)))
        return SIGNAL_PARSED;
    if (!decimal_read(p->fields[i], ret_e8))
        return fault_set(f, REASON_FIELD_INVALID, field, p->fields[i], "a decimal number or NA");
    return SIGNAL_PARSED;
}

static enum signal_result price(const struct pipe *p, int i, const char *field, int64_t *ret_e8,
                                struct signal_fault *f)
{
    if (number(p, i, field, ret_e8, f))
        return SIGNAL_E_REFUSED;
    return price_check(field, at(p, i), *ret_e8, f);
}

/* "n/m" counts; each at most max (6 timeframes). */
static bool counts(const char *s, int max, int *ret_bull, int *ret_bear)
{
    if (s == NULL)
        return false;
    const char *slash = strchr(s, '/');
    int64_t bull = 0, bear = 0;
    char left[8];
    if (slash == NULL || slash - s >= (ptrdiff_t)sizeof(left))
        return false;
    memcpy(left, s, (size_t)(slash - s));
    left[slash - s] = '\0';
    if (!str_to_i64(left, &bull) || !str_to_i64(slash + 1, &bear) || bull < 0 || bear < 0 ||
        bull > max || bear > max)
        return false;
    *ret_bull = (int)bull;
    *ret_bear = (int)bear;
    return true;
}

static enum signal_result small_int(const struct pipe *p, int i, const char *field, int max,
                                    int *ret, struct signal_fault *f)
{
    int64_t v = 0;
    const char *s = at(p, i);
    if (is_na(s))
        return SIGNAL_PARSED;
    if (!str_to_i64(s, &v) || v < 0 || v > max)
        return fault_set(f, REASON_FIELD_INVALID, field, s, "a whole number in range");
    *ret = (int)v;
    return SIGNAL_PARSED;
}

static void copy(const struct pipe *p, int i, char *dst, size_t cap)
{
    if (at(p, i) != NULL)
        text_clean(dst, cap, p->fields[i]);
}

/* ---- entries ---- */

/* Takes the tail fields off; *ret_end: index after the last field of the front part. */
static enum signal_result entry_tail(const struct pipe *p, struct signal *s, int *ret_end,
                                     struct signal_fault *f)
{
    int end = p->count;
    if (end > 7 && strncmp(p->fields[end - 1], "TL_", 3) == 0) {
        bool ok = strcmp(p->fields[end - 1], "TL_OK") == 0;
        (void)str_copy(s->trendline, sizeof(s->trendline), ok ? "TL_OK" : "TL_BREAK");
        end--;
    }
    if (end > 7 && strchr(p->fields[end - 1], '/') != NULL) {
        if (!counts(p->fields[end - 1], 6, &s->bull_count, &s->bear_count))
            return fault_set(f, REASON_FIELD_INVALID, "alignment", p->fields[end - 1],
                             "n/m, each 0 to 6");
        end--;
    }
    *ret_end = end;
    return SIGNAL_PARSED;
}

static enum signal_result entry_prices(const struct pipe *p, int end, struct signal *s,
                                       struct signal_fault *f)
{
    static const char *const names[] = {"sl", "tp1", "tp2", "tp3"};
    int64_t *targets[] = {&s->sl_e8, &s->tp1_e8, &s->tp2_e8, &s->tp3_e8};
    if (end == 9)
        return SIGNAL_PARSED; /* the risk block is off */
    if (end != 13)
        return fault_set(f, REASON_FIELD_INVALID, "sl", end > 9 ? p->fields[9] : NULL,
                         "four prices after the ADX: SL|TP1|TP2|TP3");
    for (int i = 0; i < 4; i++)
        if (price(p, 9 + i, names[i], targets[i], f))
            return SIGNAL_E_REFUSED;
    return SIGNAL_PARSED;
}

static enum signal_result parse_entry(const struct pipe *p, struct signal *s,
                                      struct signal_fault *f)
{
    int end = 0;
    enum side wanted = s->kind == SIGNAL_V6_BULLISH_ENTRY ? SIDE_BUY : SIDE_SELL;
    const char *side = at(p, 4);
    if (entry_tail(p, s, &end, f) || price(p, 3, "price", &s->price_e8, f))
        return SIGNAL_E_REFUSED;
    if (side == NULL)
        return fault_set(f, REASON_DIRECTION_MISSING, "direction", NULL, "BUY or SELL");
    s->side = str_ieq(side, "BUY") ? SIDE_BUY : str_ieq(side, "SELL") ? SIDE_SELL : SIDE_UNSET;
    if (s->side != wanted)
        return fault_set(f, REASON_FIELD_INVALID, "direction", side, side_name(wanted));
    copy(p, 5, s->level, sizeof(s->level));
    if (small_int(p, 6, "confidence_score", 100, &s->score, f) ||
        number(p, 7, "adx", &s->adx_e8, f))
        return SIGNAL_E_REFUSED;
    if (s->score < 0)
        return fault_set(f, REASON_FIELD_MISSING, "confidence_score", NULL, "0 to 100");
    return entry_prices(p, end, s, f);
}

/* ---- the others ---- */

static enum signal_result parse_pulse(const struct pipe *p, struct signal *s,
                                      struct signal_fault *f)
{
    if (small_int(p, 3, "bull_count", 6, &s->bull_count, f) ||
        small_int(p, 4, "bear_count", 6, &s->bear_count, f))
        return SIGNAL_E_REFUSED;
    copy(p, 5, s->text, sizeof(s->text)); /* both arrows of P-26 are kept as received */
    copy(p, 6, s->state, sizeof(s->state));
    return SIGNAL_PARSED;
}

static enum signal_result parse_state(const struct pipe *p, struct signal *s,
                                      struct signal_fault *f)
{
    copy(p, 3, s->state, sizeof(s->state));
    copy(p, 4, s->prev_state, sizeof(s->prev_state));
    if (at(p, 5) != NULL && !counts(p->fields[5], 6, &s->bull_count, &s->bear_count))
        return fault_set(f, REASON_FIELD_INVALID, "alignment", p->fields[5], "n/m, each 0 to 6");
    return SIGNAL_PARSED;
}

static enum signal_result parse_momentum(const struct pipe *p, struct signal *s,
                                         struct signal_fault *f)
{
    if (number(p, 3, "adx", &s->adx_e8, f) || number(p, 5, "prev_adx", &s->prev_adx_e8, f))
        return SIGNAL_E_REFUSED;
    copy(p, 4, s->level, sizeof(s->level));
    copy(p, 7, s->text, sizeof(s->text));
    return SIGNAL_PARSED;
}

static enum signal_result parse_sideways(const struct pipe *p, struct signal *s,
                                         struct signal_fault *f)
{
    const char *way = at(p, 3);
    s->side = str_ieq(way, "BULLISH") ? SIDE_BUY : str_ieq(way, "BEARISH") ? SIDE_SELL : SIDE_UNSET;
    copy(p, 5, s->level, sizeof(s->level));
    copy(p, 6, s->prev_state, sizeof(s->prev_state));
    copy(p, 7, s->text, sizeof(s->text));
    return number(p, 4, "adx", &s->adx_e8, f);
}

static enum signal_result parse_rest(const struct pipe *p, struct signal *s, struct signal_fault *f)
{
    switch ((int)s->kind) {
    case SIGNAL_V6_BULLISH_ENTRY:
    case SIGNAL_V6_BEARISH_ENTRY:
        return parse_entry(p, s, f);
    case SIGNAL_V6_TREND_PULSE:
        return parse_pulse(p, s, f);
    case SIGNAL_V6_STATE_CHANGE:
        return parse_state(p, s, f);
    case SIGNAL_V6_MOMENTUM_CHANGE:
        return parse_momentum(p, s, f);
    case SIGNAL_V6_SIDEWAYS_BREAKOUT:
        return parse_sideways(p, s, f);
    case SIGNAL_V6_SCREENER_FULL_BULLISH:
    case SIGNAL_V6_SCREENER_FULL_BEARISH:
        s->side = s->kind == SIGNAL_V6_SCREENER_FULL_BULLISH ? SIDE_BUY : SIDE_SELL;
        copy(p, 4, s->text, sizeof(s->text));
        return small_int(p, 3, "count", 9, &s->score, f);
    default: /* exits, breakouts, trendline breaks: a price, then details */
        copy(p, 4, s->text, sizeof(s->text));
        return price(p, 3, "price", &s->price_e8, f);
    }
}

static enum signal_kind kind_of(const char *token)
{
    for (int k = SIGNAL_V6_BULLISH_ENTRY; k < SIGNAL_V6_REVERSAL_SENTENCE; k++)
        if (strcmp(token, signal_kind_name((enum signal_kind)k)) == 0)
            return (enum signal_kind)k;
    return SIGNAL_UNSET;
}

/* Fewest fields a token of this kind can have, the token included. */
static int fields_needed(enum signal_kind k)
{
    if (signal_is_entry(k))
        return 9;
    return signal_is_exit(k) || k == SIGNAL_V6_SCREENER_FULL_BULLISH ||
                   k == SIGNAL_V6_SCREENER_FULL_BEARISH
               ? 4
               : 5;
}

enum signal_result parse_v6(const char *body, size_t len, const char *hint, struct signal *ret,
                            struct signal_fault *f)
{
    struct pipe p;
    ret->format = SIGNAL_FORMAT_V6;
    if (!split(body, len, &p) || p.count == 0)
        return fault_set(f, REASON_FIELD_INVALID, "body", NULL, "at most 24 fields of 95 bytes");
    ret->kind = kind_of(p.fields[0]);
    if (ret->kind == SIGNAL_UNSET)
        return fault_set(f, REASON_SIGNAL_UNKNOWN, "type", p.fields[0],
                         "a V6 alert, e.g. BULLISH_ENTRY or TREND_PULSE");
    if (symbol_read(at(&p, 1), hint, ret, f) || timeframe_read(at(&p, 2), "tf", ret, f))
        return SIGNAL_E_REFUSED;
    if (p.count < fields_needed(ret->kind))
        return fault_set(f, REASON_FIELD_MISSING, "fields", p.fields[0], "the whole alert text");
    return parse_rest(&p, ret, f);
}

/* ---- alerts 7 and 8: a sentence with ticker and interval ---- */

static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (; *text != '\0'; text++)
        if (strncasecmp(text, word, n) == 0)
            return true;
    return false;
}

enum signal_result parse_sentence(const char *body, size_t len, const char *hint,
                                  struct signal *ret, struct signal_fault *f)
{
    char text[SIGNAL_TEXT_CAP], *rest = NULL;
    char copy_of[512];
    size_t n = len < sizeof(copy_of) - 1 ? len : sizeof(copy_of) - 1;
    memcpy(copy_of, body, n);
    copy_of[n] = '\0';
    text_clean(text, sizeof(text), copy_of);
    ret->format = SIGNAL_FORMAT_V6;
    ret->kind = SIGNAL_V6_REVERSAL_SENTENCE;
    bool bull = has_word(copy_of, "bullish"), bear = has_word(copy_of, "bearish");
    if (!has_word(copy_of, "reversal") || bull == bear)
        return fault_set(f, REASON_SIGNAL_UNKNOWN, "body", text,
                         "JSON, V6 pipe text, or the sentence of a V6 reversal alert");
    ret->side = bull ? SIDE_BUY : SIDE_SELL;
    (void)str_copy(ret->text, sizeof(ret->text), text);
    for (char *word = strtok_r(copy_of, " ,;()", &rest); word != NULL;
         word = strtok_r(NULL, " ,;()", &rest)) {
        char symbol[SYMBOL_CAP];
        enum timeframe tf = timeframe_parse(word);
        if (symbol_normalise(word, symbol) && symbol_find(symbol) != NULL)
            (void)str_copy(ret->symbol, sizeof(ret->symbol), symbol);
        else if (tf != TF_OTHER && tf != TF_UNSET) {
            ret->tf = tf;
            (void)str_copy(ret->tf_text, sizeof(ret->tf_text), word);
        }
    }
    return ret->symbol[0] != '\0' ? SIGNAL_PARSED : symbol_read(NULL, hint, ret, f);
}
