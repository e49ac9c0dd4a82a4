/* cli/terminal.h: asking a person, line by line. Works on a pipe as well: the answers are then its
 * lines. Secrets are read with the echo off and never printed. Main thread only. */
#ifndef TRIDENT_CLI_TERMINAL_H
#define TRIDENT_CLI_TERMINAL_H

#include "core/core.h"

enum terminal_result { TERMINAL_OK = 0, TERMINAL_E_END = 1, TERMINAL_E_TOO_LONG = 2 };

bool terminal_is_person(void); /* standard input is a terminal: a wrong answer can be asked again */
/* Prints the question and reads one line, blanks around it removed. TERMINAL_E_END: input ended or
 * the person interrupted. ret is always terminated. */
TR_MUST_USE int terminal_ask(const char *question, bool is_secret, char *ret, size_t cap);

#endif
