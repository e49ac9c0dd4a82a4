/* model/rules/header_sessions.h: the market sessions named in the header of messages (spec
 * strategies 8.7), by GMT: Sydney 22-07, Tokyo 00-09, London 08-17, New York 13-22. They name, they
 * gate nothing (model/rules/sessions.h does). Pure, any thread. */
#ifndef TRIDENT_MODEL_RULES_HEADER_SESSIONS_H
#define TRIDENT_MODEL_RULES_HEADER_SESSIONS_H

#include "core/core.h"

#define HEADER_SESSIONS_CAP 48

/* "LONDON+NEW YORK", "After Hours" without any; how many there are: two or more overlap. minute: of
 * the day in GMT; a start is inclusive, an end exclusive. */
int header_sessions(int minute, char out[HEADER_SESSIONS_CAP]);

#endif
