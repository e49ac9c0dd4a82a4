/* cli/position_rules.h: what a trader's configuration says of open positions and of sessions, as
 * the engine wants it. Pure. */
#ifndef TRIDENT_CLI_POSITION_RULES_H
#define TRIDENT_CLI_POSITION_RULES_H

#include "conf/conf.h"
#include "engine/engine.h"

/* Fills ret->exits and ret->sessions. */
void position_rules(const struct conf_trader *t, struct engine_rules *ret);

#endif
