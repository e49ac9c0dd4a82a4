/* cli/chain_rules.h: what a trader's configuration says of chains, as the engine wants it. Pure. */
#ifndef TRIDENT_CLI_CHAIN_RULES_H
#define TRIDENT_CLI_CHAIN_RULES_H

#include "conf/conf.h"

/* Chains' orders obey the plugins' own limits: these are filled in here; in a plugin's own shadow
 * mode its chains only keep account. */
void chain_rules(const struct conf_trader *t, struct chain_conf ret[CHAIN_PLUGINS]);

#endif
