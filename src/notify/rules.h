/* notify/rules.h: what one chat chose to hear and how: rules by type with wildcards, quiet hours in
 * its time zone, digest times, voice. A choice is a statement of words, the same in the journal
 * (text of a SUBSCRIPTION event), in notify.db and between prepare() and run() of a command:
 *
 *   rule <pattern> <on|silent|off|digest> <until_ms, 0 = for good>
 *   mute <pattern>                  the same as "rule <pattern> off 0"
 *   unmute <pattern>                heard again, whatever wider rules say
 *   quiet <from_min> <to_min>       minutes of the local day; "quiet off"
 *   zone <utc_offset_min>
 *   digest <min> ...                up to four times of the local day; "digest off"
 *   voice <on|off>
 *   side <old|new|both>             under whose name: the old bot's, the new ones', both
 *   trader <id>                     which trader the chat talks about
 *
 * A pattern is a type's name or another name it has, with '*' for any characters; "all" is "*". The
 * rule with most characters that are no '*' decides, an exact name before all. What is critical is
 * always heard. Pure values, any thread. */
#ifndef TRIDENT_NOTIFY_RULES_H
#define TRIDENT_NOTIFY_RULES_H

#include "core/buf.h"
#include "model/event.h"

#define RULES_MAX         32
#define RULES_PATTERN_CAP 32
#define RULES_DIGESTS_MAX 4
#define RULES_ZONE_UNSET  INT32_MIN /* the configured one */
#define RULES_TEXT_MAX    4096
#define RULES_DAY_MIN     (24 * 60)

enum rule_mode {
    RULE_UNSET = 0,
    RULE_ON,
    RULE_SILENT, /* without sound: disable_notification */
    RULE_DIGEST, /* counted, told at the digest times */
    RULE_OFF,
    RULE_MODE_COUNT
};
const char *rule_mode_name(enum rule_mode m);
bool rule_mode_parse(const char *name, enum rule_mode *ret);

struct rule {
    char pattern[RULES_PATTERN_CAP];
    enum rule_mode mode;
    int64_t until_ms; /* 0 = for good */
};

enum rules_side { RULES_BOTH = 0, RULES_OLD, RULES_NEW, RULES_SIDE_COUNT };

struct rules {
    struct rule items[RULES_MAX];
    size_t count;
    bool has_quiet;
    int quiet_from_min, quiet_to_min; /* from is quiet, to is not; over midnight when from > to */
    int utc_offset_min;
    int digest_min[RULES_DIGESTS_MAX]; /* rising */
    size_t digest_count;               /* 0 = no digest */
    bool voice;
    enum rules_side side;           /* while the old bot and the new ones stand side by side */
    char trader[RULES_PATTERN_CAP]; /* "" = the first one */
};

void rules_init(struct rules *r); /* nothing chosen: digest 08:00 and 20:00 */
/* False: no such statement, or no room; r is unchanged. */
bool rules_apply(struct rules *r, const char *statement, int64_t now_ms);
/* Every statement that differs from rules_init(), one a line. */
void rules_write(const struct rules *r, struct buf *out);
/* The lines rules_write() wrote, over rules_init(). */
void rules_read(struct rules *ret, const char *text, int64_t now_ms);

/* The pattern names at least one message, and not only critical ones. */
bool rules_pattern_is_known(const char *pattern);
bool rules_pattern_is_critical(const char *pattern); /* names messages, all of them critical */
bool rules_match(const char *pattern, enum event_type t);

/* Why a message is told, or not. */
enum verdict {
    VERDICT_UNSET = 0,
    VERDICT_TOLD,
    VERDICT_RULE,  /* rule says off */
    VERDICT_LATER, /* rule says digest */
    VERDICT_QUIET, /* quiet hours: counted for the digest */
    VERDICT_UNSUBSCRIBED,
    VERDICT_THROTTLED, /* one of many of its cause: counted */
    VERDICT_COUNT
};
/* mode of the message now; *ret_rule the pattern that decided, "" = none did. zone_min: of people
 * who chose none. r may be NULL: nothing chosen. */
enum rule_mode rules_mode(const struct rules *r, enum event_type t, int64_t now_ms,
                          const char **ret_rule);
bool rules_is_quiet(const struct rules *r, int64_t now_ms, int zone_min);
/* The first digest time after since_ms; INT64_MAX when there is none. */
int64_t rules_digest_due_ms(const struct rules *r, int64_t since_ms, int zone_min);

#endif
