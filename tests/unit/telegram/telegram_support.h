/* An HTTP answer made by hand. */
#ifndef TRIDENT_TESTS_TELEGRAM_SUPPORT_H
#define TRIDENT_TESTS_TELEGRAM_SUPPORT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "telegram/client.h"

static inline void make_answer(struct http_response *r, int status, const char *body, size_t len)
{
    http_response_init(r, 16 << 20);
    r->result = HTTP_OK;
    r->status = status;
    r->retry_after_s = -1;
    buf_append(&r->body, body, len);
}

#endif
