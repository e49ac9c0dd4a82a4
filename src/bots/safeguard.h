/* bots/safeguard.h: what a person should know before the plugin takes over: is there a backup of
 * the last day (docs: transition, "backup of all databases -> plugin on"), and would the plugin
 * trade at all. prepare() looks for the newest backup on the bot's thread; it travels in the body:
 *   backup <wall ms of the newest; 0 = none> <1: without one it is refused> */
#ifndef TRIDENT_BOTS_SAFEGUARD_H
#define TRIDENT_BOTS_SAFEGUARD_H

#include "bots/answer.h"
#include "bots/bot_command.h"

enum reason safeguard_prepare(const struct bot_prepare *p, struct command *c);
/* Adds a line about the newest backup, when it is known. False: it is too old and the configuration
 * wants one (backup.before_cutover): the answer is a refusal. Engine thread. */
TR_MUST_USE bool safeguard_backup(struct answer *a);
/* Warns when this strategy ("": one of them) is in its own shadow mode (SH-7). Engine thread. */
void safeguard_shadow(struct answer *a, const char *plugin);

#endif
