/* net/smtp.h: one e-mail by SMTP (libcurl), blocking, with a deadline. smtp:// goes on encrypted
 * (STARTTLS) or not at all, but to loopback; smtps:// is encrypted from the start. The password and
 * the addresses are never logged. Any thread. */
#ifndef TRIDENT_NET_SMTP_H
#define TRIDENT_NET_SMTP_H

#include "net/http_client.h"

#define SMTP_TO_MAX 8

struct smtp_mail {
    const char *url;             /* "smtp://host:587" */
    const char *user, *password; /* "" = none */
    const char *from;            /* "a@b.c" */
    const char *to;              /* "a@b.c, d@e.f": at most SMTP_TO_MAX */
    const char *subject;         /* printable ASCII */
    const char *html;
    int64_t wall_ms;
    int64_t id; /* part of the Message-ID: the same for a repeat */
    int timeout_ms;
};

/* HTTP_OK: accepted by the server. *ret_status: the server's last code, 0 = none came. */
enum http_result smtp_send(const struct smtp_mail *m, int *ret_status);

#endif
