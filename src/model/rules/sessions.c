/* model/rules/sessions.c: the table of sessions by the minute of the local day. */
#include "model/rules/sessions.h"

#include <string.h>

#include "core/alloc.h"

#define SYMBOL_BITS 32

static const struct {
    const char *name, *start, *end, *symbols;
    bool force_close;
} table[] = {
    {"Asian", "05:00", "13:30", "USDJPY,AUDJPY,AUDUSD,NZDUSD", false},
    {"London", "13:30", "18:30", "EURUSD,GBPUSD,EURGBP,GBPJPY,EURJPY,XAUUSD", false},
    {"Overlap", "18:30", "22:30", "EURUSD,GBPUSD,XAUUSD,USDJPY", false},
    {"NY Late", "22:30", "03:30", "USDJPY,XAUUSD,USDCAD", false},
    {"Dead zone", "03:30", "05:00", "", true},
};

_Static_assert(TR_ARRAY_SIZE(table) <= SESSIONS_MAX, "room");

static int symbol_bit(const char *name)
{
    TR_ASSERT(symbol_count() <= SYMBOL_BITS);
    for (size_t i = 0; i < symbol_count(); i++)
        if (strcmp(symbol_at(i)->name, name) == 0)
            return (int)i;
    return -1;
}

bool sessions_parse_minute(const char *text, int *ret_minute)
{
    bool digits = strlen(text) == 5 && text[2] == ':';
    for (int i = 0; digits && i < 5; i++)
        digits = i == 2 || (text[i] >= '0' && text[i] <= '9');
    if (!digits)
        return false;
    int hour = (text[0] - '0') * 10 + text[1] - '0';
    int minute = (text[3] - '0') * 10 + text[4] - '0';
    if (hour > 23 || minute > 59)
        return false;
    *ret_minute = hour * 60 + minute;
    return true;
}

bool sessions_parse_symbols(const char *text, uint32_t *ret_bits)
{
    uint32_t bits = 0;
    while (*text != '\0') {
        char name[SYMBOL_CAP], clean[SYMBOL_CAP];
        size_t n = strcspn(text, ", ");
        if (n >= sizeof(name))
            return false;
        memcpy(name, text, n);
        name[n] = '\0';
        int bit = n > 0 && symbol_normalise(name, clean) ? symbol_bit(clean) : -1;
        if (n > 0 && bit < 0)
            return false;
        if (n > 0)
            bits |= UINT32_C(1) << bit;
        text += n;
        text += strspn(text, ", ");
    }
    *ret_bits = bits;
    return true;
}

static uint32_t symbols_in(const char *list)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < symbol_count(); i++)
        if (strstr(list, symbol_at(i)->name) != NULL)
            bits |= UINT32_C(1) << i;
    return bits;
}

void sessions_defaults(struct sessions *s)
{
    *s = (struct sessions){.notice_min = 30, .count = (int)TR_ARRAY_SIZE(table)};
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        struct session *v = &s->items[i];
        (void)str_copy(v->name, sizeof(v->name), table[i].name); /* all fit */
        bool fine = sessions_parse_minute(table[i].start, &v->start_minute) &&
                    sessions_parse_minute(table[i].end, &v->end_minute);
        TR_ASSERT(fine);
        v->symbols = symbols_in(table[i].symbols);
        v->force_close = table[i].force_close;
    }
}

/* Minutes since it started, when it is on at this minute; -1 else. */
static int since_start(const struct session *v, int minute)
{
    int length = (v->end_minute - v->start_minute + DAY_MINUTES) % DAY_MINUTES;
    int since = (minute - v->start_minute + DAY_MINUTES) % DAY_MINUTES;
    return since < length ? since : -1;
}

int sessions_at(const struct sessions *s, int minute)
{
    TR_ASSERT(minute >= 0 && minute < DAY_MINUTES);
    TR_ASSERT(s->count >= 0 && s->count <= SESSIONS_MAX);
    int newest = -1, newest_since = DAY_MINUTES;
    for (int i = 0; i < s->count; i++) {
        int since = since_start(&s->items[i], minute);
        if (since >= 0 && since < newest_since) {
            newest = i;
            newest_since = since;
        }
    }
    return newest;
}

bool sessions_allow(const struct sessions *s, const char *symbol, int minute)
{
    if (!s->is_on)
        return true;
    int i = sessions_at(s, minute);
    int bit = symbol_bit(symbol);
    return i >= 0 && bit >= 0 && (s->items[i].symbols >> bit & 1) != 0;
}

int sessions_next_open(const struct sessions *s, const char *symbol, int minute)
{
    int best = -1, best_wait = DAY_MINUTES;
    if (sessions_allow(s, symbol, minute))
        return minute;
    for (int i = 0; i < s->count; i++) {
        /* A session begins to count at its start or where one that started later ends. */
        int edges[] = {s->items[i].start_minute, s->items[i].end_minute};
        for (size_t k = 0; k < TR_ARRAY_SIZE(edges); k++) {
            int wait = (edges[k] - minute + DAY_MINUTES) % DAY_MINUTES;
            if (wait < best_wait && sessions_allow(s, symbol, edges[k])) {
                best = edges[k];
                best_wait = wait;
            }
        }
    }
    return best;
}

int sessions_minutes_left(const struct sessions *s, int minute)
{
    int now = sessions_at(s, minute), left = 0;
    for (int i = 0; i < s->count; i++) {
        int edges[] = {s->items[i].start_minute, s->items[i].end_minute};
        for (size_t k = 0; k < TR_ARRAY_SIZE(edges); k++) {
            int wait = (edges[k] - minute + DAY_MINUTES - 1) % DAY_MINUTES + 1;
            if (sessions_at(s, edges[k]) != now && (left == 0 || wait < left))
                left = wait;
        }
    }
    return left;
}

int64_t sessions_clock_e8(int minute)
{
    TR_ASSERT(minute >= 0 && minute < DAY_MINUTES);
    return (minute / 60 * 100 + minute % 60) * DEC_ONE;
}

void sessions_format_minute(int minute, char out[SESSION_TIME_CAP])
{
    TR_ASSERT(minute >= 0 && minute < DAY_MINUTES);
    const int digits[] = {minute / 600, minute / 60 % 10, 0, minute % 60 / 10, minute % 10};
    for (size_t i = 0; i < TR_ARRAY_SIZE(digits); i++)
        out[i] = i == 2 ? ':' : (char)('0' + digits[i]);
    out[SESSION_TIME_CAP - 1] = '\0';
}

/* By name: the model's table may change its order between two versions. */
static void pack_symbols(struct buf *b, uint32_t bits)
{
    pack_u64(b, (uint64_t)__builtin_popcount(bits));
    for (size_t i = 0; i < symbol_count(); i++)
        if ((bits >> i & 1) != 0)
            pack_str(b, symbol_at(i)->name);
}

static uint32_t unpack_symbols(struct unpack *u)
{
    uint32_t bits = 0;
    uint64_t count = unpack_u64(u);
    for (uint64_t i = 0; i < count && unpack_ok(u); i++) {
        char name[SYMBOL_CAP];
        unpack_str(u, name, sizeof(name));
        int bit = symbol_bit(name);
        if (bit >= 0)
            bits |= UINT32_C(1) << bit;
    }
    return bits;
}

void sessions_pack(struct buf *b, const struct sessions *s)
{
    TR_ASSERT(s->count >= 0 && s->count <= SESSIONS_MAX);
    pack_bool(b, s->is_on);
    pack_i64(b, s->notice_min);
    pack_i64(b, s->count);
    for (int i = 0; i < s->count; i++) {
        const struct session *v = &s->items[i];
        pack_str(b, v->name);
        pack_i64(b, v->start_minute);
        pack_i64(b, v->end_minute);
        pack_symbols(b, v->symbols);
        pack_bool(b, v->force_close);
    }
}

void sessions_unpack(struct unpack *u, struct sessions *ret)
{
    *ret = (struct sessions){.is_on = unpack_bool(u)};
    ret->notice_min = unpack_int(u, 0, DAY_MINUTES);
    ret->count = unpack_int(u, 0, SESSIONS_MAX);
    for (int i = 0; i < ret->count; i++) {
        struct session *v = &ret->items[i];
        unpack_str(u, v->name, sizeof(v->name));
        v->start_minute = unpack_int(u, 0, DAY_MINUTES - 1);
        v->end_minute = unpack_int(u, 0, DAY_MINUTES - 1);
        v->symbols = unpack_symbols(u);
        v->force_close = unpack_bool(u);
    }
}
