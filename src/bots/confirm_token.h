/* bots/confirm_token.h: what a Yes or No button carries as its argument: which question, of which
 * trader, and what has been done for it already. Pure, any thread.
 *   <receipt, base 36> _ <trader, 3 characters> [_ a<action, 4 hex>] [_ c]
 * action: the press is a second person's, on exactly that action; c: a one-time code was accepted.
 */
#ifndef TRIDENT_BOTS_CONFIRM_TOKEN_H
#define TRIDENT_BOTS_CONFIRM_TOKEN_H

#include "bots/button.h"
#include "engine/tx.h"

#define CONFIRM_TRADER_CAP   4
#define CONFIRM_NAME_MAX_LEN 17 /* of a command that asks back: a button has 64 bytes */

struct confirm_token {
    uint64_t id;
    char trader[CONFIRM_TRADER_CAP];
    char action[TX_ACTION_TAG_CAP]; /* "" = the requester's own press */
    bool has_code;
};

/* The same name gives the same three characters. */
void confirm_token_trader(const char *trader_id, char out[CONFIRM_TRADER_CAP]);
void confirm_token_write(const struct confirm_token *t, char out[BUTTON_ARG_CAP]);
/* False: not of this form. */
bool confirm_token_read(const char *arg, struct confirm_token *ret);
/* The arguments of the confirmed command: "<receipt>[ approve <action>][ no]". */
void confirm_token_args(const struct confirm_token *t, bool is_yes, char out[COMMAND_ARGS_CAP]);

#endif
