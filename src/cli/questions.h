/* cli/questions.h: what the bots ask of the program as a whole (bots_options.whatif, .drill):
 * rooms the bots know nothing of answer. On the bot's thread, which waits: milliseconds. */
#ifndef TRIDENT_CLI_QUESTIONS_H
#define TRIDENT_CLI_QUESTIONS_H

#include "bots/bots.h"

/* ctx of all: the struct bots_options they are part of. */
/* A question that says how things stand is answered; any other is left to questions_of_now(). */
bool questions_whatif(void *ctx, const struct bots_question *q, struct buf *out);
/* Engine thread, before the command's turn: puts the answer about an alert into its body. t: its
 * settings in force. Other commands stay as they are. */
void questions_of_now(const struct conf_trader *t, const struct ahead_moment *now,
                      struct command *c);
bool questions_drill(void *ctx, const struct bots_question *q, struct buf *out);
/* "ok" or "bad" and lines, as bots/reloading.h reads them. */
bool questions_reload(void *ctx, const struct bots_question *q, struct buf *out);
/* What the file says of one outside plugin; outside_set_reader() asks it. Any thread. */
bool questions_read_outside(const struct conf *running, const char *trader, const char *plugin,
                            struct outside_conf *ret);
/* What bots/safeguard.h reads. */
bool questions_backup(void *ctx, const struct bots_question *q, struct buf *out);
/* http_api_options.prepare: the same for what needs it: config reload, reload, and what moves the
 * shadow machine. */
void questions_prepare(void *ctx, struct command *c, size_t trader);

#endif
