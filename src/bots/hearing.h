/* bots/hearing.h: what the commands about notifications share: the chat's rules as they are
 * (prepare() reads them from notify.db on the bot's thread, run() finds them in the command's
 * body), and a change of them, which is one statement in the journal (notify/rules.h) and holds
 * from the row on for notify. */
#ifndef TRIDENT_BOTS_HEARING_H
#define TRIDENT_BOTS_HEARING_H

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "notify/rules.h"

#define HEARING_ZONE_MAX_MIN (18 * 60)
#define HEARING_MUTE_MAX_MS  (INT64_C(365) * 24 * 3600 * 1000)

/* bot_command.prepare of all of them. */
enum reason hearing_prepare(const struct bot_prepare *p, struct command *c);
void hearing_rules(const struct answer *a, struct rules *ret);
/* Applies the statement to r and, when it was understood, puts it into the journal. */
bool hearing_say(struct answer *a, struct rules *r, const char *statement);
/* The answer to a bad argument: what was read and what is accepted. */
void hearing_refuse(struct answer *a, const char *what, const char *accepted);
/* "/mute <pattern> [duration]" and the like: sets the rule and says so. mode UNSET: unmute. */
void hearing_set_rule(struct answer *a, const char *pattern, enum rule_mode mode,
                      const char *duration);
/* "10:05" of minutes of a day. */
char *hearing_minute(int minute, char out[8]);
bool hearing_read_minute(const char *text, size_t len, int *ret); /* "8:00" "22:30" "7" */
/* "+05:30" "-3" "UTC+2" "IST"; minutes east of UTC. False: ret_near, of RULES_PATTERN_CAP, may have
 * the name that was meant. */
bool hearing_read_zone(const char *text, int *ret, char *ret_near);
char *hearing_zone(int offset_min, char out[8]); /* "+05:30" */
/* The zone the chat reads times in: its own, else the trader's. In prepare(). */
int hearing_zone_of(const struct bot_prepare *p, int64_t chat_id);
/* " until 21:30 +05:30", "" = for good. */
void hearing_until(struct answer *a, const struct rules *r, int64_t until_ms, struct buf *out);

/* All of it on one page, with buttons (notification/notifications.c). */
void hearing_page(struct answer *a, const struct rules *r);

#endif
