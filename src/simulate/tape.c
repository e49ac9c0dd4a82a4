/* simulate/tape.c: lines out of zlib (which reads plain files too), fields out of lines, ticks out
 * of fields. A million rows a second and more have to go through, so the usual forms of times and
 * prices are read in place and everything else by the general parsers of core and model. */
#include "simulate/tape.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "core/alloc.h"
#include "core/clock.h"

#define BUFFER_BYTES    (256 * 1024)
#define GZ_BUFFER_BYTES (64 * 1024)
#define FIELDS_MAX      16
#define MINUTE_CHARS    17 /* "2012-02-01 00:00:" */
#define SECOND_END      19 /* "2012-02-01 00:00:00" */
#define DIGITS_MAX      17 /* of a price with its decimals: fits int64 */
#define DECIMALS        8
#define BAR_TICKS       4
#define BAR_MS_DEFAULT  INT64_C(60000) /* a single bar has no distance to the next */
#define PRICE_MAX_E8    (1000000000 * DEC_ONE)

struct field {
    const char *at;
    size_t len;
};

struct reader {
    const char *path;
    gzFile file;
    char *buffer;
    size_t at, end;
    size_t line;
    struct field fields[FIELDS_MAX];
    size_t field_count;
    char minute[MINUTE_CHARS]; /* the newest one, and what it is in ms: most rows share it */
    int64_t minute_ms;         /* 0 = none yet */
    int64_t time_ms;           /* of the newest row */
};

struct bar {
    int64_t time_ms;
    int64_t prices_e8[BAR_TICKS]; /* open, high, low, close */
};

enum column { OPEN, HIGH, LOW, CLOSE };

struct tape {
    struct reader bid, ask;
    bool is_bars, has_ask;
    size_t symbol; /* of the bars, or of the newest row */
    struct bar bid_bar, ask_bar;
    struct bar next_bid, next_ask; /* the pair after, for the length of a bar */
    bool has_next, low_first;
    int step;
    int64_t bar_ms;
    struct tape_fault fault;
};

static int fault(struct tape *t, const struct reader *r, const char *field, struct field f,
                 const char *accepted)
{
    size_t len = f.len < sizeof(t->fault.value) - 1 ? f.len : sizeof(t->fault.value) - 1;
    t->fault =
        (struct tape_fault){.path = r->path, .line = r->line, .field = field, .accepted = accepted};
    for (size_t i = 0; i < len; i++)
        t->fault.value[i] = f.at[i] >= ' ' && f.at[i] <= '~' ? f.at[i] : '?';
    return TAPE_E_FAULT;
}

/* ---- lines ---- */

/* More of the file behind what is not used up. False: nothing came. *ret: a failure. */
static bool refill(struct reader *r, int *ret)
{
    size_t left = r->end - r->at;
    memmove(r->buffer, r->buffer + r->at, left);
    r->at = 0;
    r->end = left;
    int n = gzread(r->file, r->buffer + left, (unsigned)(BUFFER_BYTES - left));
    if (n < 0)
        *ret = err_raise(-EIO);
    r->end += n > 0 ? (size_t)n : 0;
    return n > 0;
}

/* The next line that is not empty, cut into fields; TAPE_TICK, TAPE_END, a failure. */
static int next_row(struct reader *r)
{
    int failure = 0;
    for (;;) {
        char *line = r->buffer + r->at;
        char *newline = memchr(line, '\n', r->end - r->at);
        if (newline == NULL && r->end - r->at < BUFFER_BYTES && refill(r, &failure))
            continue;
        if (failure < 0)
            return failure;
        line = r->buffer + r->at;
        size_t len = newline != NULL ? (size_t)(newline - line) : r->end - r->at;
        if (len == 0 && newline == NULL)
            return TAPE_END;
        r->at += len + (newline != NULL ? 1 : 0);
        r->line++;
        if (len > 0 && line[len - 1] == '\r')
            len--;
        if (len == 0)
            continue;
        r->field_count = 0;
        for (const char *p = line, *end = line + len; r->field_count < FIELDS_MAX;) {
            const char *comma = memchr(p, ',', (size_t)(end - p));
            size_t n = (size_t)((comma != NULL ? comma : end) - p);
            r->fields[r->field_count++] = (struct field){p, n};
            if (comma == NULL)
                break;
            p = comma + 1;
        }
        return TAPE_TICK;
    }
}

/* ---- fields ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "2012-02-01 00:00:00", then fraction and zone. */
static bool has_zone(struct field f)
{
    size_t at = SECOND_END;
    while (at < f.len && (f.at[at] == '.' || is_digit(f.at[at])))
        at++;
    return at < f.len;
}

static bool parse_general_time(struct field f, int64_t *ret_ms)
{
    char text[CLOCK_TEXT_CAP + 8];
    if (f.len + 2 > sizeof(text))
        return false;
    memcpy(text, f.at, f.len);
    text[f.len] = '\0';
    if (str_to_i64(text, ret_ms))
        return *ret_ms > 0;
    if (!has_zone(f))
        memcpy(text + f.len, "Z", 2);
    return clock_parse_rfc3339(text, ret_ms);
}

/* "SS[.fff]" and UTC behind the minute of the row before. */
static bool parse_seconds(const struct reader *r, struct field f, int64_t *ret_ms)
{
    if (r->minute_ms == 0 || f.len < MINUTE_CHARS + 2 || memcmp(f.at, r->minute, MINUTE_CHARS) != 0)
        return false;
    const char *p = f.at + MINUTE_CHARS;
    if (!is_digit(p[0]) || !is_digit(p[1]) || p[0] > '5')
        return false;
    int64_t ms = ((p[0] - '0') * 10 + p[1] - '0') * INT64_C(1000);
    size_t left = f.len - MINUTE_CHARS - 2;
    p += 2;
    if (left >= 4 && p[0] == '.' && is_digit(p[1]) && is_digit(p[2]) && is_digit(p[3])) {
        ms += (p[1] - '0') * 100 + (p[2] - '0') * 10 + p[3] - '0';
        p += 4;
        left -= 4;
    }
    *ret_ms = r->minute_ms + ms;
    return left == 0 || (left == 1 && p[0] == 'Z') || (left == 6 && memcmp(p, "+00:00", 6) == 0);
}

static bool parse_time(struct reader *r, struct field f, int64_t *ret_ms)
{
    if (parse_seconds(r, f, ret_ms))
        return true;
    if (!parse_general_time(f, ret_ms))
        return false;
    /* A row like the usual ones, in UTC, tells the minute of those to come. */
    bool is_stamp = f.len >= SECOND_END && f.at[4] == '-' && f.at[16] == ':';
    bool is_utc = is_stamp && (!has_zone(f) || f.at[f.len - 1] == 'Z' ||
                               memcmp(f.at + f.len - 6, "+00:00", 6) == 0);
    if (is_utc) {
        memcpy(r->minute, f.at, MINUTE_CHARS);
        r->minute_ms = *ret_ms - *ret_ms % INT64_C(60000);
    }
    return true;
}

static bool parse_price(struct field f, int64_t *ret_e8)
{
    int64_t v = 0;
    size_t digits = 0, decimals = 0;
    bool is_fraction = false;
    for (size_t i = 0; i < f.len; i++) {
        char c = f.at[i];
        if (c == '.' && !is_fraction) {
            is_fraction = true;
            continue;
        }
        if (!is_digit(c) || ++digits > DIGITS_MAX - DECIMALS || decimals == DECIMALS)
            return dec_parse_round(f.at, f.len, DEC_HALF_EVEN, ret_e8) && *ret_e8 > 0 &&
                   *ret_e8 <= PRICE_MAX_E8;
        v = v * 10 + (c - '0');
        decimals += is_fraction ? 1 : 0;
    }
    for (; decimals < DECIMALS; decimals++)
        v *= 10;
    *ret_e8 = v;
    return v > 0 && v <= PRICE_MAX_E8;
}

static bool find_symbol(struct tape *t, struct field f)
{
    char name[2 * SYMBOL_CAP];
    char known[SYMBOL_CAP];
    const char *last = symbol_at(t->symbol)->name;
    if (strlen(last) == f.len && memcmp(last, f.at, f.len) == 0)
        return true;
    if (f.len >= sizeof(name))
        return false;
    memcpy(name, f.at, f.len);
    name[f.len] = '\0';
    if (!symbol_normalise(name, known))
        return false;
    for (size_t i = 0; i < symbol_count(); i++) {
        if (str_eq(symbol_at(i)->name, known)) {
            t->symbol = i;
            return true;
        }
    }
    return false;
}

/* ---- rows ---- */

static const char *const tick_columns[] = {"time", "symbol", "bid", "ask"};
static const char *const bar_columns[] = {"timestamp", "open", "high", "low", "close"};

static int row_time(struct tape *t, struct reader *r, const char *column)
{
    int64_t ms;
    if (!parse_time(r, r->fields[0], &ms))
        return fault(t, r, column, r->fields[0], "RFC 3339 or milliseconds since 1970");
    if (ms < r->time_ms)
        return fault(t, r, column, r->fields[0], "a time not before that of the row above");
    r->time_ms = ms;
    return TAPE_TICK;
}

static int row_price(struct tape *t, const struct reader *r, const char *column, size_t i,
                     int64_t *ret_e8)
{
    if (!parse_price(r->fields[i], ret_e8))
        return fault(t, r, column, r->fields[i], "a price above 0");
    return TAPE_TICK;
}

static int missing(struct tape *t, const struct reader *r, const char *const *columns)
{
    return fault(t, r, columns[r->field_count], (struct field){"", 0}, "a value in every column");
}

static int read_tick(struct tape *t, struct tape_tick *ret)
{
    struct reader *r = &t->bid;
    int result = next_row(r);
    if (result != TAPE_TICK)
        return result;
    if (r->field_count < TR_ARRAY_SIZE(tick_columns))
        return missing(t, r, tick_columns);
    if ((result = row_time(t, r, "time")) != TAPE_TICK)
        return result;
    if (!find_symbol(t, r->fields[1]))
        return fault(t, r, "symbol", r->fields[1], "a known symbol, for example XAUUSD");
    if ((result = row_price(t, r, "bid", 2, &ret->quote.bid_e8)) != TAPE_TICK ||
        (result = row_price(t, r, "ask", 3, &ret->quote.ask_e8)) != TAPE_TICK)
        return result;
    if (ret->quote.ask_e8 < ret->quote.bid_e8)
        return fault(t, r, "ask", r->fields[3], "not below the bid");
    ret->quote.time_ms = r->time_ms;
    ret->symbol = t->symbol;
    return TAPE_TICK;
}

static int read_bar(struct tape *t, struct reader *r, struct bar *ret)
{
    int result = next_row(r);
    if (result != TAPE_TICK)
        return result;
    if (r->field_count < TR_ARRAY_SIZE(bar_columns))
        return missing(t, r, bar_columns);
    int64_t before_ms = r->time_ms;
    if ((result = row_time(t, r, bar_columns[0])) != TAPE_TICK)
        return result;
    if (r->time_ms == before_ms)
        return fault(t, r, bar_columns[0], r->fields[0], "a time after that of the row above");
    for (size_t i = 0; i < BAR_TICKS; i++) {
        result = row_price(t, r, bar_columns[i + 1], i + 1, &ret->prices_e8[i]);
        if (result != TAPE_TICK)
            return result;
    }
    if (ret->prices_e8[HIGH] < ret->prices_e8[OPEN] || ret->prices_e8[HIGH] < ret->prices_e8[CLOSE])
        return fault(t, r, "high", r->fields[2], "not below open and close");
    if (ret->prices_e8[LOW] > ret->prices_e8[OPEN] || ret->prices_e8[LOW] > ret->prices_e8[CLOSE])
        return fault(t, r, "low", r->fields[3], "not above open and close");
    ret->time_ms = r->time_ms;
    return TAPE_TICK;
}

/* The next time both files have, into next_bid and next_ask. */
static int read_pair(struct tape *t)
{
    int result = read_bar(t, &t->bid, &t->next_bid);
    if (!t->has_ask || result != TAPE_TICK)
        return result;
    result = read_bar(t, &t->ask, &t->next_ask);
    while (result == TAPE_TICK && t->next_bid.time_ms != t->next_ask.time_ms)
        result = t->next_bid.time_ms < t->next_ask.time_ms ? read_bar(t, &t->bid, &t->next_bid)
                                                           : read_bar(t, &t->ask, &t->next_ask);
    return result;
}

/* ---- bars as ticks ---- */

/* The bar that was read ahead becomes the one played; its length is the distance to the next, at
 * most that of the bars before: holes and week-ends are not drawn out. */
static int take_bar(struct tape *t)
{
    if (!t->has_next)
        return TAPE_END;
    t->bid_bar = t->next_bid;
    t->ask_bar = t->next_ask;
    t->step = 0;
    int result = read_pair(t);
    t->has_next = result == TAPE_TICK;
    int64_t gap_ms = t->has_next ? t->next_bid.time_ms - t->bid_bar.time_ms : 0;
    if (gap_ms > 0 && (t->bar_ms == 0 || gap_ms < t->bar_ms))
        t->bar_ms = gap_ms;
    return result == TAPE_END ? TAPE_TICK : result;
}

static int play_bar(struct tape *t, bool low_first, struct tape_tick *ret)
{
    if (t->step == BAR_TICKS) {
        int result = take_bar(t);
        if (result != TAPE_TICK)
            return result;
    }
    if (t->step == 1)
        t->low_first = low_first;
    const enum column order[BAR_TICKS] = {OPEN, t->low_first ? LOW : HIGH,
                                          t->low_first ? HIGH : LOW, CLOSE};
    enum column c = order[t->step];
    int64_t bar_ms = t->bar_ms > 0 ? t->bar_ms : BAR_MS_DEFAULT;
    ret->symbol = t->symbol;
    ret->quote.time_ms = t->bid_bar.time_ms + bar_ms / BAR_TICKS * t->step;
    ret->quote.bid_e8 = t->bid_bar.prices_e8[c];
    ret->quote.ask_e8 = t->has_ask ? t->ask_bar.prices_e8[c]
                                   : ret->quote.bid_e8 + symbol_at(t->symbol)->typical_spread_e8;
    if (ret->quote.ask_e8 < ret->quote.bid_e8) /* extremes of the two sides differ in time */
        ret->quote.ask_e8 = ret->quote.bid_e8;
    t->step++;
    return TAPE_TICK;
}

int tape_next(struct tape *t, bool low_first, struct tape_tick *ret)
{
    return t->is_bars ? play_bar(t, low_first, ret) : read_tick(t, ret);
}

size_t tape_bar_symbol(const struct tape *t)
{
    return t->is_bars ? t->symbol : symbol_count();
}

const struct tape_fault *tape_fault(const struct tape *t)
{
    TR_ASSERT(t->fault.field != NULL);
    return &t->fault;
}

/* ---- opening ---- */

static int reader_open(struct reader *r, const char *path)
{
    r->path = path;
    r->file = gzopen(path, "rbe");
    if (r->file == NULL)
        return err_raise(errno != 0 ? -errno : -ENOMEM);
    (void)gzbuffer(r->file, GZ_BUFFER_BYTES); /* a refusal keeps zlib's own size */
    r->buffer = xalloc(BUFFER_BYTES);
    return 0;
}

static void reader_close(struct reader *r)
{
    if (r->file != NULL)
        (void)gzclose_r(r->file); /* reading only */
    r->buffer = mem_free(r->buffer);
}

static bool has_columns(const struct reader *r, const char *const *columns, size_t count)
{
    if (r->field_count < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        char name[16];
        struct field f = r->fields[i];
        if (f.len >= sizeof(name))
            return false;
        memcpy(name, f.at, f.len);
        name[f.len] = '\0';
        bool is_time = i == 0 && (str_ieq(name, "time") || str_ieq(name, "timestamp"));
        if (!is_time && !str_ieq(name, columns[i]))
            return false;
    }
    return true;
}

/* TAPE_TICK; which of the two kinds it is, is in *ret_is_bars. */
static int read_header(struct tape *t, struct reader *r, bool *ret_is_bars)
{
    const struct field nothing = {"", 0};
    int result = next_row(r);
    if (result < 0)
        return result;
    if (result == TAPE_TICK && r->fields[0].len >= 3 &&
        memcmp(r->fields[0].at, "\xef\xbb\xbf", 3) == 0) {
        r->fields[0].at += 3;
        r->fields[0].len -= 3;
    }
    *ret_is_bars = result == TAPE_TICK && has_columns(r, bar_columns, TR_ARRAY_SIZE(bar_columns));
    if (*ret_is_bars ||
        (result == TAPE_TICK && has_columns(r, tick_columns, TR_ARRAY_SIZE(tick_columns))))
        return TAPE_TICK;
    r->line = 1;
    return fault(t, r, "header", result == TAPE_TICK ? r->fields[0] : nothing,
                 "time,symbol,bid,ask or timestamp,open,high,low,close");
}

static int read_headers(struct tape *t, const struct tape_options *o)
{
    int result = read_header(t, &t->bid, &t->is_bars);
    if (result != TAPE_TICK)
        return result;
    const char *symbol = o->symbol != NULL ? o->symbol : "";
    struct field named = {symbol, strlen(symbol)};
    if (t->is_bars && !find_symbol(t, named))
        return fault(t, &t->bid, "--symbol", named, "the known symbol whose bars these are");
    if (!t->is_bars && t->has_ask)
        return fault(t, &t->bid, "header", t->bid.fields[0], "bars: a second file was given");
    bool ask_is_bars = true;
    if (t->has_ask)
        result = read_header(t, &t->ask, &ask_is_bars);
    if (result == TAPE_TICK && !ask_is_bars)
        return fault(t, &t->ask, "header", t->ask.fields[0], "timestamp,open,high,low,close");
    if (result != TAPE_TICK || !t->is_bars)
        return result;
    t->step = BAR_TICKS;
    result = read_pair(t);
    t->has_next = result == TAPE_TICK;
    return result == TAPE_END ? TAPE_TICK : result;
}

int tape_open(const struct tape_options *o, struct tape **ret_tape)
{
    TR_ASSERT(o->path != NULL && ret_tape != NULL);
    struct tape *t = xalloc(sizeof(*t));
    t->has_ask = o->ask_path != NULL;
    int r = reader_open(&t->bid, o->path);
    if (r == 0 && t->has_ask)
        r = reader_open(&t->ask, o->ask_path);
    if (r == 0)
        r = read_headers(t, o);
    *ret_tape = r < 0 ? tape_close(t) : t;
    return r;
}

struct tape *tape_close(struct tape *t)
{
    if (t == NULL)
        return NULL;
    reader_close(&t->bid);
    reader_close(&t->ask);
    return mem_free(t);
}
