/* cli/watch.h: the watch: a thread that looks every 30 s how everything is (engine/vitals.h has the
 * limits), asks each bot's token for its name, looks at the broker's link every 60 s, tells people
 * what got bad and what got well again, and, while engines and brokers are well, asks an address of
 * your choice so that somebody else notices when it falls silent. Tokens of the control interface
 * that are about to end are announced to who runs the program.
 *
 * What people are told goes through the journal as a notice; only when an engine gives no sign of
 * life it goes past it (notify_alarm). */
#ifndef TRIDENT_CLI_WATCH_H
#define TRIDENT_CLI_WATCH_H

#include "conf/conf.h"
#include "engine/engine.h"
#include "engine/vitals.h"
#include "http/http.h"
#include "notify/notify.h"

struct watch_options {
    const struct conf *conf; /* borrowed, like all of these */
    struct vitals *vitals;
    struct notify *notify;
    const char *tokens_path;
    struct {
        struct engine *engine;
        struct view_board *view;
    } traders[CONF_TRADERS_MAX];
    size_t trader_count;
    size_t (*bots)(void *ctx, struct http_bot_status out[BOT_COUNT]);
    void *bots_ctx;
};

struct watch;
struct watch *watch_start(const struct watch_options *o);
/* Ends what is being asked for, and joins. Accepts NULL, returns NULL. */
struct watch *watch_stop(struct watch *w);

#endif
