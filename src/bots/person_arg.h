/* bots/person_arg.h: whom /role, /grant, /revoke and /users mean, and reading their arguments.
 * Words are separated by blanks, or by '_' in buttons; a group's number is "-100123" or, in
 * buttons, "g100123". */
#ifndef TRIDENT_BOTS_PERSON_ARG_H
#define TRIDENT_BOTS_PERSON_ARG_H

#include "bots/bot_command.h"
#include "engine/users_tx.h"

/* Cuts the last word off args, which keeps what is before it; false when there is none. */
bool person_arg_cut_last(char *args, char *ret_word, size_t cap);
/* The number typed, 0 when it is none. */
int64_t person_arg_number(const char *typed);
/* By number or by name; NULL: nobody who joined, or several of that name. */
const struct users_person *person_arg_find(const struct engine_tx *tx, const char *typed);
/* How a button names this person. */
void person_arg_button(int64_t id, char *out, size_t cap);
/* For prepare(): is the one typed in the configuration (its people are changed there)? words: how
 * many words stand behind the name. */
enum reason person_arg_check(const struct conf *conf, const char *args, int words);

#endif
