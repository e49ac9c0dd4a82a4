/* sinks/outlets.h: sinks of notify beside Telegram: an outgoing webhook and e-mail. What they are
 * to tell waits in the outbox, in order and over restarts; here is only the sending, one thread and
 * one message at a time for each, so neither delays the other or a chat.
 *
 * Webhook: POST of a JSON object; X-Trident-Timestamp (seconds), X-Trident-Delivery (the same for a
 * repeat) and X-Trident-Signature: "sha256=" and the hex HMAC-SHA256 with the secret over
 * timestamp,
 * "." and body. 2xx is taken; 400, 413 and 422 mean never; anything else is tried again with
 * growing pauses for a day. E-mail: alarms and the digest. */
#ifndef TRIDENT_SINKS_OUTLETS_H
#define TRIDENT_SINKS_OUTLETS_H

#include "notify/notify.h"

struct outlets;

struct outlets_options {
    const char *webhook_url, *webhook_secret;            /* "" = none */
    const char *email_url, *email_user, *email_password; /* "" = none */
    const char *email_from, *email_to;
    struct clock *clock;
};

struct outlets *outlets_new(const struct outlets_options *opt);
bool outlets_has_webhook(const struct outlets *o);
bool outlets_has_email(const struct outlets *o);
/* Before notify starts. */
void outlets_start(struct outlets *o, struct notify *n);
/* notify_options.outlet: sender thread. */
bool outlets_send(void *outlets, int64_t outbox_id, int64_t chat_id, bool is_alarm,
                  const char *payload);
/* After notify has stopped: what is being sent is cut off and stays in the outbox. */
void outlets_stop(struct outlets *o);
struct outlets *outlets_free(struct outlets *o); /* NULL; returns NULL */

#endif
