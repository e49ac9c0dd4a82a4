/* cli/daemon.h: composition: builds the running system from a configuration and takes it down again
 * in the fixed order of docs/ARCHITECTURE.md. Main thread only. */
#ifndef TRIDENT_CLI_DAEMON_H
#define TRIDENT_CLI_DAEMON_H

#include "conf/conf.h"
#include "backup/schedule.h"
#include "engine/engine.h"

struct daemon;

/* The rules of apply() from a trader's settings. */
void daemon_rules(const struct conf_trader *t, struct engine_rules *ret);
/* The engine of a trader as configured, without broker and hooks: what replaying its journal needs.
 * t and dir are
 * borrowed. */
void daemon_engine_options(const struct conf_trader *t, const char *dir,
                           struct engine_options *ret);

/* 0, or a negative error after one log line that says what could not be started. conf must outlive
 * it. */
TR_MUST_USE int daemon_start(const struct conf *conf, struct daemon **ret_daemon);
uint16_t daemon_http_port(const struct daemon *d);
/* Is every engine making progress? For the watchdog. */
bool daemon_is_alive(struct daemon *d);
/* How a command wants the process to end; the answer to it has left then, or had 5 s to. */
enum ending daemon_ending(const struct daemon *d);
/* Stops intake, drains and commits what was taken, flushes the outbox (bounded), stops brokers,
 * closes the stores. Accepts NULL, returns NULL. */
struct daemon *daemon_stop(struct daemon *d);

#endif
