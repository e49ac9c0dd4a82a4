/* cli/simulate_faults.h: trident simulate --faults. */
#ifndef TRIDENT_CLI_SIMULATE_FAULTS_H
#define TRIDENT_CLI_SIMULATE_FAULTS_H

#include "conf/conf.h"

/* Prints what happened; CLI_OK when every check held. conf: its first trader is changed. */
TR_MUST_USE int simulate_faults(struct conf *conf, uint64_t seed, int days);

#endif
