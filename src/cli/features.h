/* cli/features.h: what the switches of the take-over (features.*) mean for the rest of a trader's
 * settings. Pure. */
#ifndef TRIDENT_CLI_FEATURES_H
#define TRIDENT_CLI_FEATURES_H

#include "conf/conf.h"

/* Lays them over the other settings; what they switch off looks as if the file did. */
void features_lay(struct conf_trader *t);

#endif
