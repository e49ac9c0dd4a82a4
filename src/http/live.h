/* http/live.h: server-sent events of what the engines journaled, loss-free: a client that comes
 * back with Last-Event-ID ("main:1234", several traders joined by commas) gets everything since.
 * The thread is made when the first client comes. */
#ifndef TRIDENT_HTTP_LIVE_H
#define TRIDENT_HTTP_LIVE_H

#include "http/http.h"
#include "net/http_server.h"

#define LIVE_CLIENTS_MAX 256

struct live;
struct live *live_new(void);
void live_stop(struct live *l);         /* joins, ends all streams; no client is taken afterwards */
struct live *live_free(struct live *l); /* after live_stop or without clients; accepts NULL */
/* For a successor: all streams end with the hint to come back at once, and so do new ones; or no
 * longer. Any thread. */
void live_pause(struct live *l, bool paused);
/* Before the first client. traders are copied, ids come from the engines. */
void live_set_traders(struct live *l, const struct http_api_trader *traders, size_t count);
/* Server thread; consumes x. False: too many clients, x is untouched. */
TR_MUST_USE bool live_join(struct live *l, struct http_exchange *x, const char *last_event_id);
void live_wake(struct live *l); /* any thread, never blocks for long */
size_t live_client_count(struct live *l);

#endif
