/* cli/daemon_impl.h: what the files of the daemon share; nobody else includes it. */
#ifndef TRIDENT_CLI_DAEMON_IMPL_H
#define TRIDENT_CLI_DAEMON_IMPL_H

#include <stdatomic.h>

#include "bots/bots.h"
#include "cli/backups.h"
#include "cli/daemon.h"
#include "cli/ledger_table.h"
#include "cli/watch.h"
#include "engine/ledger.h"
#include "http/http.h"
#include "notify/notify.h"
#include "outside/outside.h"
#include "sinks/outlets.h"
#include "telegram/sender.h"

#define PATH_CAP 512

struct daemon_trader {
    struct daemon *daemon;
    const struct conf_trader *conf; /* as the file says */
    struct conf_trader in_force;    /* with overrides; engine thread once it runs */
    char dir[PATH_CAP], journal_path[PATH_CAP], ledger_paths[LEDGER_COUNT][PATH_CAP];
    struct broker *broker;
    struct view_board *view;
    struct legacy_feed *legacy_feed; /* NULL: no database of the old bot is read */
    bool broker_started;
    int claim_fd; /* of the journal's identity: no copy of it trades on this machine; -1: none */
    struct outside *outside; /* strategies that are programs; NULL = none */
    struct engine *engine;
    bool engine_started;
    struct ledger *ledgers[LEDGER_COUNT]; /* set before the engine starts */
    uint64_t watched_seq;
    int64_t watched_us;
    bool is_beat_missed;
};

struct daemon {
    const struct conf *conf;
    int lock_fd;
    atomic_bool is_leaving;   /* (a) written by main before the engines end for a successor */
    struct inheritance *from; /* during the start: of the one before; NULL: there was none */
    struct daemon_trader traders[CONF_TRADERS_MAX];
    struct telegram_sender *sender;
    struct outlets *outlets;
    struct notify *notify;
    struct bots_options bots_options; /* before notify: live cards are drawn from it */
    bool notify_started;
    struct bots *bots;
    struct http_api *http;
    bool http_started;
    char tokens_path[PATH_CAP];
    char backup_dir[BACKUP_PATH_CAP];
    struct schedule *backups;
    struct vitals *vitals;
    struct watch *watch;
};

/* daemon.c: what does not need the journals (a successor does it while the one before still
 * trades), and the rest. */
TR_MUST_USE int daemon_start_base(struct daemon *d);
TR_MUST_USE int daemon_start_rest(struct daemon *d);

/* daemon_handover.c: one's own, or inherited. Negative after a log line. */
TR_MUST_USE int daemon_take_lock(struct daemon *d);
/* The engine is open: no copy of this trader may run beside it. */
TR_MUST_USE int daemon_take_claim(struct daemon_trader *t);
/* With a predecessor its clients wait: until orders and positions are known, or not for long. */
void daemon_await_sync(struct daemon *d);
int daemon_inherited_fd(int *place); /* takes it out; -1: none */

#endif
