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
/* The same in two parts, with what the daemon before this one left (cli/succession.h): prepare once
 * that one is quiet, go once it has halted. What is used of from is taken out; it must live until
 * then. On failure *d is taken down and NULL. */
struct inheritance;
TR_MUST_USE int daemon_prepare(const struct conf *conf, struct inheritance *from,
                               struct daemon **ret_daemon);
TR_MUST_USE int daemon_go(struct daemon **d);
uint16_t daemon_http_port(const struct daemon *d);
/* Is every engine making progress? For the watchdog. */
bool daemon_is_alive(struct daemon *d);
/* How a command wants the process to end; the answer to it has left then, or had 5 s to. */
enum ending daemon_ending(const struct daemon *d);

/* ---- handing over (cli/succession.h), in this order ---- */

/* The new process, before anything has changed: would it be able to go on? Reads only. */
#define DAEMON_WHY_CAP 400
TR_MUST_USE bool daemon_check(const struct conf *conf, const struct inheritance *from,
                              char why[DAEMON_WHY_CAP]);
/* The descriptors stay the daemon's. */
void daemon_bequeath(const struct daemon *d, struct inheritance *ret);
/* Bots, messages, ledgers and backups come to rest; alerts go on. */
void daemon_quiet(struct daemon *d, int deadline_ms);
/* All requests under way are answered and no more is read; false: not yet, all goes on. */
TR_MUST_USE bool daemon_settle(struct daemon *d, bool force);
/* Engines and brokers stop; their files are left as they are. */
void daemon_halt(struct daemon *d);
/* Connections of clients, caller owns them; 0: no more. */
size_t daemon_give(struct daemon *d, int *ret_fds);
/* Only what could not be given is served. */
void daemon_leave(struct daemon *d);
size_t daemon_connections(struct daemon *d); /* of clients, now */
void daemon_adopt(struct daemon *d, const int *fds, size_t n);
/* Halted, and nobody came after: starts again, clients included. *d is replaced, NULL on failure.
 */
TR_MUST_USE int daemon_restart(const struct conf *conf, struct inheritance *from,
                               struct daemon **d);

/* A notice in the first trader's journal, for people. text is copied; cut is fine. */
void daemon_say(struct daemon *d, enum event_type type, const char *text);

/* Stops intake, drains and commits what was taken, flushes the outbox (bounded), stops brokers,
 * closes the stores. Accepts NULL, returns NULL. */
struct daemon *daemon_stop(struct daemon *d);

#endif
