/* bots/confirming.h: what a press of Yes or No leads to: the command itself, or first a one-time
 * code, or first a second person (configuration security.*). Decides, posts nothing. Any bot's
 * thread. */
#ifndef TRIDENT_BOTS_CONFIRMING_H
#define TRIDENT_BOTS_CONFIRMING_H

#include "bots/bot_command.h"
#include "bots/confirm_token.h"
#include "bots/shared.h"

#define CONFIRMING_APPROVERS_MAX 16
#define CONFIRMING_APPROVAL_MS   (10 * 60 * 1000) /* spec reliability 5.1 */

struct confirming {
    const char *command; /* to post: the confirmed one, or "codeask", "approval" */
    char args[COMMAND_ARGS_CAP];
    char *body; /* heap or NULL: who may approve, "<user> <language>" a line */
    size_t trader;
    bool is_confirmed; /* command is the confirmed one itself */
};

/* REASON_ACCEPTED, or why the press does nothing. b: a verified Yes or No of this user. */
enum reason confirming_press(struct shared *s, const struct bot_command *cmd,
                             const struct command *who, const struct button *b, int64_t now_ms,
                             struct confirming *ret);
/* In prepare() of what takes a one-time code: looks at the typed six digits with the person's
 * secret; *ret_step: the code's step, -1 for a wrong one. CODE_NOT_ENROLLED, ARGUMENT_INVALID. The
 * digits themselves go no further. */
enum reason confirming_code(const struct bots_options *opt, int64_t user_id, const char *typed,
                            int64_t now_ms, int64_t *ret_step);

#endif
