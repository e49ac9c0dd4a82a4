/* bots/table.h: the one list of commands and what is generated from it. Immutable, any thread. */
#ifndef TRIDENT_BOTS_TABLE_H
#define TRIDENT_BOTS_TABLE_H

#include "bots/bot_command.h"

#define TABLE_DESCRIPTION_MAX 256 /* Bot API */
#define TABLE_BOTFATHER_MAX   100 /* Bot API: commands of one bot */

/* By canonical name, sorted; hidden ones included. */
const struct bot_command *const *table_all(size_t *ret_count);
const struct bot_command *table_get(const char *name);   /* exact name, hidden ones too; NULL */
const struct bot_command *table_find(const char *typed); /* name or alias a person may type; NULL */
/* The nearest command by typing errors, among those the role may use; NULL when none is near. */
const struct bot_command *table_suggest(const char *typed, enum role role);
/* Is name what a slip of the finger on the typed word may have meant? */
/* The higher the nearer, whatever the case of letters; 0: not a slip of it. */
size_t table_nearness(const char *typed, const char *name);
bool table_is_near(const char *typed, const char *name);
/* What may follow its name: "<symbol> [lots]". */
void table_usage(const struct bot_command *cmd, struct buf *out);
bool table_is_on(const struct bot_command *cmd,
                 unsigned roles); /* does a bot with these roles answer it? */
/* Where to send people for it: its first home. */
enum bot_id table_home(const struct bot_command *cmd);
/* In Telegram's own list and in /help? The others only fine-tune. */
bool table_is_listed(const struct bot_command *cmd);
/* [{"command","description"}...] of the commands on these roles, but for those that only fine-tune:
 * at most TABLE_BOTFATHER_MAX. */
void table_botfather_json(unsigned roles, struct buf *out);

#endif
