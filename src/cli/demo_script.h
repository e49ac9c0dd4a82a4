/* cli/demo_script.h: a person at the phone, scripted: what `trident demo --once` types, presses and
 * expects to read. Speaks to the sandbox's user side and to the daemon's webhook over real sockets.
 */
#ifndef TRIDENT_CLI_DEMO_SCRIPT_H
#define TRIDENT_CLI_DEMO_SCRIPT_H

#include <signal.h>

#include "core/core.h"

struct demo_place {
    const char *sandbox_url; /* "http://127.0.0.1:8085" */
    const char *daemon_url;  /* "http://127.0.0.1:8086" */
    const char *webhook_secret;
    int64_t user_id;
    const sigset_t *stop_signals; /* blocked; one of them pending ends the session */
};

/* Plays the whole session, printing each line as it happens. Returns the number of expectations
 * that were not met; stops at the first. */
int demo_script_play(const struct demo_place *place);
/* Is the daemon answering /health with status ok? */
bool demo_script_is_ready(const struct demo_place *place);

/* Has somebody asked this process to stop? */
bool demo_script_is_stopped(const struct demo_place *place);

#endif
