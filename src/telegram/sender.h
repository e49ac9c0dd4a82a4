/* telegram/sender.h: the sink of notify/: sends outbox messages with the Bot API, several requests
 * in flight on one connection pool. Repairs what one more request can repair (gone edit target,
 * deleted topic, refused keyboard); everything else becomes a sink_result. All functions: the
 * thread of notify's sender, but new, bind, free (before it starts, after it stopped) and the
 * sink's wake (any thread). */
#ifndef TRIDENT_TELEGRAM_SENDER_H
#define TRIDENT_TELEGRAM_SENDER_H

#include "notify/notify.h"

struct telegram_sender;

struct telegram_sender_options { /* strings are copied */
    const char *base_url;
    const char *tokens[BOT_COUNT]; /* NULL or "" = this bot does not exist */
    size_t max_in_flight;          /* 32 */
    const char *data_dir;          /* photo paths are relative to it; NULL = as they are */
    const char *mirror_url;        /* legacy mirror; "{command}" is replaced; NULL or "" = none */
    const char *mirror_token;      /* sent as Authorization: Bearer; NULL or "" = none */
};

/* Order: sender_new, notify_open (sink = &telegram_sink_ops, sink_ctx = sender), bind, notify_start
 * ... notify_stop, sender_free, notify_free. */
struct telegram_sender *telegram_sender_new(const struct telegram_sender_options *opt);
void telegram_sender_bind(struct telegram_sender *s, struct notify *n);
struct telegram_sender *telegram_sender_free(struct telegram_sender *s); /* NULL; returns NULL */

extern const struct sink_ops telegram_sink_ops; /* ctx: struct telegram_sender */

/* notify_options.mirror: POSTs {"command","args"} to the legacy process, the key as header
 * Idempotency-Key. Any 2xx is success. */
bool telegram_sender_mirror(void *sender, int64_t outbox_id, const char *key,
                            const char *command_line);

#endif
