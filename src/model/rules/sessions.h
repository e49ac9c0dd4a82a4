/* model/rules/sessions.h: the trading sessions of the day (rules SY-1..SY-4, spec strategies 9.4):
 * which symbols may be entered at which local minute. A start is inclusive, an end exclusive, a
 * session may wrap over midnight; where two overlap the one that started last counts. Off: every
 * symbol at any time (SY-2). Pure, any thread. */
#ifndef TRIDENT_MODEL_RULES_SESSIONS_H
#define TRIDENT_MODEL_RULES_SESSIONS_H

#include "core/pack.h"
#include "model/symbol.h"

#define SESSIONS_MAX     8
#define SESSION_NAME_CAP 12
#define DAY_MINUTES      1440

struct session {
    char name[SESSION_NAME_CAP];  /* "Asian" */
    int start_minute, end_minute; /* of the local day; equal: this session does not happen */
    uint32_t symbols;             /* bit i: symbol_at(i) may be entered */
    bool force_close;             /* whatever is open is closed when it begins */
};

struct sessions {
    bool is_on;     /* master switch, SY-2 */
    int notice_min; /* SY-3: told so long before a session begins; 0 = never */
    int count;
    struct session items[SESSIONS_MAX];
};

void sessions_defaults(struct sessions *s); /* the table of spec 9.4 in IST; off; notice 30 */
/* Which session it is at this minute; -1 none. */
int sessions_at(const struct sessions *s, int minute);
/* SY-1, SY-2: may the symbol be entered? No session allows nothing. */
bool sessions_allow(const struct sessions *s, const char *symbol, int minute);
/* The minute of the day at which the symbol may next be entered; -1 never. */
int sessions_next_open(const struct sessions *s, const char *symbol, int minute);
/* Minutes until another session counts (or none), 1..1440; 0: never. */
int sessions_minutes_left(const struct sessions *s, int minute);
/* Hours and minutes as one figure: 13:05 is 1305. */
int64_t sessions_clock_e8(int minute);
/* "13:05" <-> 785. */
#define SESSION_TIME_CAP 6
bool sessions_parse_minute(const char *text, int *ret_minute);
void sessions_format_minute(int minute, char out[SESSION_TIME_CAP]);
/* "EURUSD,XAUUSD" -> bits. False: a name that is not in the symbol table. */
bool sessions_parse_symbols(const char *text, uint32_t *ret_bits);

void sessions_pack(struct buf *b, const struct sessions *s);
void sessions_unpack(struct unpack *u, struct sessions *ret);

#endif
