/* Statements are read into a copy that replaces the original only when all of it was understood.
 * Expired rules are dropped whenever a statement is applied, so they never fill the list. */
#include "notify/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

#define WORDS_MAX      6
#define WORD_CAP       40
#define EXACT          1000 /* an exact name is nearer than any wildcard */
#define MIN_MS         INT64_C(60000)
#define DAY_MS         (RULES_DAY_MIN * MIN_MS)
#define ZONE_LIMIT_MIN (18 * 60)

static const char *const mode_names[RULE_MODE_COUNT] = {
    [RULE_UNSET] = "",  [RULE_ON] = "on",         [RULE_SILENT] = "silent",
    [RULE_OFF] = "off", [RULE_DIGEST] = "digest",
};

/* Off unless somebody asks for them (spec strategies 8.5, preferences). */
static const enum event_type quiet_by_default[] = {EVENT_SL_MODIFIED, EVENT_BREAKEVEN,
                                                   EVENT_V6_BREAKEVEN};

const char *rule_mode_name(enum rule_mode m)
{
    TR_ASSERT((int)m >= 0 && m < RULE_MODE_COUNT);
    return mode_names[m];
}

bool rule_mode_parse(const char *name, enum rule_mode *ret)
{
    for (int i = RULE_UNSET + 1; i < RULE_MODE_COUNT; i++)
        if (str_ieq(name, mode_names[i])) {
            *ret = (enum rule_mode)i;
            return true;
        }
    return false;
}

void rules_init(struct rules *r)
{
    *r = (struct rules){
        .utc_offset_min = RULES_ZONE_UNSET, .digest_min = {8 * 60, 20 * 60}, .digest_count = 2};
}

/* ---- patterns ---- */

/* '*' stands for any characters, none too. */
static bool glob(const char *pattern, const char *name)
{
    const char *star = NULL;
    const char *from = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            from = name;
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star;
            name = ++from;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

/* "sl_hit" means the stops of every strategy. */
static const char *without_strategy(const char *name)
{
    return str_starts(name, "v3_") || str_starts(name, "v6_") ? name + 3 : name;
}

bool rules_match(const char *pattern, enum event_type t)
{
    const char *name = event_info(t)->name;
    if (glob(pattern, name) || glob(pattern, without_strategy(name)))
        return true;
    enum event_type other = EVENT_UNSET;
    for (size_t i = 0; event_alias(i, &other) != NULL; i++)
        if (other == t && glob(pattern, event_alias(i, &other)))
            return true;
    return false;
}

static bool pattern_names(const char *pattern, bool critical)
{
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++) {
        enum event_type t = (enum event_type)i;
        if (event_is_message(t) && (event_info(t)->priority == PRIORITY_CRITICAL) == critical &&
            rules_match(pattern, t))
            return true;
    }
    return false;
}

bool rules_pattern_is_known(const char *pattern)
{
    return strlen(pattern) < RULES_PATTERN_CAP && pattern_names(pattern, false);
}

bool rules_pattern_is_critical(const char *pattern)
{
    return pattern_names(pattern, true) && !pattern_names(pattern, false);
}

static int nearness(const char *pattern)
{
    int letters = 0;
    bool exact = true;
    for (; *pattern != '\0'; pattern++) {
        letters += *pattern != '*';
        exact = exact && *pattern != '*';
    }
    return exact ? EXACT : letters;
}

/* ---- statements ---- */

struct words {
    char items[WORDS_MAX][WORD_CAP];
    size_t count;
};

static bool words_read(struct words *w, const char *s)
{
    w->count = 0;
    for (s += strspn(s, " "); *s != '\0'; s += strspn(s, " ")) {
        size_t len = strcspn(s, " ");
        if (w->count == WORDS_MAX || len >= WORD_CAP)
            return false;
        memcpy(w->items[w->count], s, len);
        w->items[w->count++][len] = '\0';
        s += len;
    }
    return w->count > 0;
}

static bool read_number(const char *s, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = *s == '-';
    int64_t v = 0;
    s += negative;
    if (*s == '\0' || strspn(s, "0123456789") != strlen(s) || strlen(s) > 15)
        return false;
    for (; *s != '\0'; s++)
        v = v * 10 + (*s - '0');
    v = negative ? -v : v;
    if (v < min || v > max)
        return false;
    *ret = v;
    return true;
}

static bool read_minute(const char *s, int *ret)
{
    int64_t v = 0;
    if (!read_number(s, 0, RULES_DAY_MIN - 1, &v))
        return false;
    *ret = (int)v;
    return true;
}

static void remove_at(struct rules *r, size_t i)
{
    memmove(&r->items[i], &r->items[i + 1], (r->count - i - 1) * sizeof(r->items[0]));
    r->count--;
}

static bool set_rule(struct rules *r, const char *pattern, enum rule_mode mode, int64_t until_ms)
{
    if (!rules_pattern_is_known(pattern))
        return false;
    for (size_t i = r->count; i > 0; i--)
        if (str_eq(r->items[i - 1].pattern, pattern))
            remove_at(r, i - 1);
    if (r->count == RULES_MAX)
        return false;
    struct rule *added = &r->items[r->count++];
    *added = (struct rule){.mode = mode, .until_ms = until_ms};
    TR_ASSERT(str_copy(added->pattern, sizeof(added->pattern), pattern));
    return true;
}

/* Takes back what the pattern covers; when something else still silences it, says "on". */
static bool unmute(struct rules *r, const char *pattern, int64_t now_ms)
{
    if (!rules_pattern_is_known(pattern))
        return false;
    for (size_t i = r->count; i > 0; i--)
        if (r->items[i - 1].mode == RULE_OFF && glob(pattern, r->items[i - 1].pattern))
            remove_at(r, i - 1);
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++) {
        enum event_type t = (enum event_type)i;
        const char *rule = NULL;
        if (event_is_message(t) && !str_eq(pattern, "*") && rules_match(pattern, t) &&
            rules_mode(r, t, now_ms, &rule) == RULE_OFF)
            return set_rule(r, pattern, RULE_ON, 0);
    }
    return true;
}

static bool apply_quiet(struct rules *r, const struct words *w)
{
    if (w->count == 2 && str_eq(w->items[1], "off")) {
        r->has_quiet = false;
        return true;
    }
    r->has_quiet = true;
    return w->count == 3 && read_minute(w->items[1], &r->quiet_from_min) &&
           read_minute(w->items[2], &r->quiet_to_min) && r->quiet_from_min != r->quiet_to_min;
}

static bool has_minute(const struct rules *r, int minute)
{
    for (size_t i = 0; i < r->digest_count; i++)
        if (r->digest_min[i] == minute)
            return true;
    return false;
}

static bool apply_digest(struct rules *r, const struct words *w)
{
    r->digest_count = 0;
    if (w->count == 2 && str_eq(w->items[1], "off"))
        return true;
    for (size_t i = 1; i < w->count; i++) {
        int minute = 0;
        if (!read_minute(w->items[i], &minute) || has_minute(r, minute) ||
            r->digest_count == RULES_DIGESTS_MAX)
            return false;
        size_t at = r->digest_count++;
        for (; at > 0 && r->digest_min[at - 1] > minute; at--)
            r->digest_min[at] = r->digest_min[at - 1];
        r->digest_min[at] = minute;
    }
    return r->digest_count > 0;
}

static bool apply_switch(const struct words *w, bool *ret)
{
    if (w->count != 2 || (!str_eq(w->items[1], "on") && !str_eq(w->items[1], "off")))
        return false;
    *ret = str_eq(w->items[1], "on");
    return true;
}

static const char *const side_names[RULES_SIDE_COUNT] = {"both", "old", "new"};

static bool apply_side(struct rules *r, const struct words *w)
{
    for (int i = 0; w->count == 2 && i < RULES_SIDE_COUNT; i++)
        if (str_eq(w->items[1], side_names[i])) {
            r->side = (enum rules_side)i;
            return true;
        }
    return false;
}

static bool apply_words(struct rules *r, struct words *w, int64_t now_ms)
{
    const char *verb = w->items[0];
    int64_t number = 0;
    enum rule_mode mode = RULE_UNSET;
    if (w->count > 1 && str_eq(w->items[1], "all"))
        TR_ASSERT(str_copy(w->items[1], WORD_CAP, "*"));
    if (str_eq(verb, "rule"))
        return w->count == 4 && rule_mode_parse(w->items[2], &mode) &&
               read_number(w->items[3], 0, INT64_MAX, &number) &&
               set_rule(r, w->items[1], mode, number);
    if (str_eq(verb, "mute"))
        return w->count == 2 && set_rule(r, w->items[1], RULE_OFF, 0);
    if (str_eq(verb, "unmute"))
        return w->count == 2 && unmute(r, w->items[1], now_ms);
    if (str_eq(verb, "quiet"))
        return apply_quiet(r, w);
    if (str_eq(verb, "digest"))
        return apply_digest(r, w);
    if (str_eq(verb, "voice"))
        return apply_switch(w, &r->voice);
    if (str_eq(verb, "side"))
        return apply_side(r, w);
    if (str_eq(verb, "trader"))
        return w->count == 2 && str_copy(r->trader, sizeof(r->trader), w->items[1]);
    if (!str_eq(verb, "zone") || w->count != 2 ||
        !read_number(w->items[1], -ZONE_LIMIT_MIN, ZONE_LIMIT_MIN, &number))
        return false;
    r->utc_offset_min = (int)number;
    return true;
}

bool rules_apply(struct rules *r, const char *statement, int64_t now_ms)
{
    struct words w;
    struct rules changed = *r;
    for (size_t i = changed.count; i > 0; i--)
        if (changed.items[i - 1].until_ms != 0 && changed.items[i - 1].until_ms <= now_ms)
            remove_at(&changed, i - 1);
    if (!words_read(&w, statement) || !apply_words(&changed, &w, now_ms))
        return false;
    *r = changed;
    return true;
}

void rules_write(const struct rules *r, struct buf *out)
{
    struct rules none;
    rules_init(&none);
    for (size_t i = 0; i < r->count; i++)
        buf_printf(out, "rule %s %s %" PRId64 "\n", r->items[i].pattern,
                   rule_mode_name(r->items[i].mode), r->items[i].until_ms);
    if (r->has_quiet)
        buf_printf(out, "quiet %d %d\n", r->quiet_from_min, r->quiet_to_min);
    if (r->utc_offset_min != RULES_ZONE_UNSET)
        buf_printf(out, "zone %d\n", r->utc_offset_min);
    if (r->digest_count != none.digest_count ||
        memcmp(r->digest_min, none.digest_min, r->digest_count * sizeof(int)) != 0) {
        buf_puts(out, r->digest_count == 0 ? "digest off" : "digest");
        for (size_t i = 0; i < r->digest_count; i++)
            buf_printf(out, " %d", r->digest_min[i]);
        buf_putc(out, '\n');
    }
    if (r->voice)
        buf_puts(out, "voice on\n");
    if (r->side != RULES_BOTH)
        buf_printf(out, "side %s\n", side_names[r->side]);
    if (r->trader[0] != '\0')
        buf_printf(out, "trader %s\n", r->trader);
}

void rules_read(struct rules *ret, const char *text, int64_t now_ms)
{
    rules_init(ret);
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line TR_CLEANUP(mem_freep) = xstrndup(text, len);
        (void)rules_apply(ret, line, now_ms); /* of another version: left out */
        text += len + (text[len] == '\n');
    }
}

/* ---- deciding ---- */

enum rule_mode rules_mode(const struct rules *r, enum event_type t, int64_t now_ms,
                          const char **ret_rule)
{
    const struct rule *best = NULL;
    *ret_rule = "";
    if (event_info(t)->priority == PRIORITY_CRITICAL)
        return RULE_ON;
    for (size_t i = 0; r != NULL && i < r->count; i++) {
        const struct rule *one = &r->items[i];
        bool is_over = one->until_ms != 0 && one->until_ms <= now_ms;
        if (!is_over && rules_match(one->pattern, t) &&
            (best == NULL || nearness(one->pattern) >= nearness(best->pattern)))
            best = one;
    }
    if (best != NULL) {
        *ret_rule = best->pattern;
        return best->mode;
    }
    for (size_t i = 0; i < TR_ARRAY_SIZE(quiet_by_default); i++)
        if (quiet_by_default[i] == t)
            return RULE_OFF;
    return RULE_ON;
}

static int64_t zone_ms(const struct rules *r, int zone_min)
{
    return (r->utc_offset_min != RULES_ZONE_UNSET ? r->utc_offset_min : zone_min) * MIN_MS;
}

bool rules_is_quiet(const struct rules *r, int64_t now_ms, int zone_min)
{
    if (r == NULL || !r->has_quiet)
        return false;
    int64_t day = (now_ms + zone_ms(r, zone_min)) % DAY_MS;
    int minute = (int)((day < 0 ? day + DAY_MS : day) / MIN_MS);
    bool after = minute >= r->quiet_from_min;
    bool before = minute < r->quiet_to_min;
    return r->quiet_from_min < r->quiet_to_min ? after && before : after || before;
}

int64_t rules_digest_due_ms(const struct rules *r, int64_t since_ms, int zone_min)
{
    struct rules none;
    if (r == NULL) {
        rules_init(&none);
        r = &none;
    }
    int64_t local = since_ms + zone_ms(r, zone_min);
    int64_t midnight = local - ((local % DAY_MS) + DAY_MS) % DAY_MS;
    for (int day = 0; day < 2; day++)
        for (size_t i = 0; i < r->digest_count; i++) {
            int64_t at = midnight + day * DAY_MS + r->digest_min[i] * MIN_MS;
            if (at > local)
                return at - zone_ms(r, zone_min);
        }
    return INT64_MAX;
}
