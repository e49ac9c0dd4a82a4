/* bots/reloading.h: /config reload and /reload <plugin>: the configuration file as it is now, all
 * of it or what one plugin has in it (its namespace plugins.<id>). prepare() reads and checks
 * it on the bot's thread; what differs from the running process travels in the command's body, so
 * that a replay needs no file:
 *   ok                 or   bad
 *   S <path> <text>         P <path> <value> <accepted>
 *   R <path>                                             (tabs between)
 * A file with a fault anywhere changes nothing. A strategy that is a program of its own adds a line
 * about its fresh process (outside/supervisor.h, T and X); refused, nothing changes. S: a key that
 * may change at run time; it is laid as an override by "file: <who>" (engine/settings.h), in the
 * history like any change. R: needs a new process. */
#ifndef TRIDENT_BOTS_RELOADING_H
#define TRIDENT_BOTS_RELOADING_H

#include "bots/answer.h"
#include "bots/bot_command.h"

enum reason reloading_prepare(const struct bot_prepare *p, struct command *c);
/* plugin: its id; NULL: everything. Engine thread. */
void reloading_run(struct answer *a, const char *plugin);

#endif
