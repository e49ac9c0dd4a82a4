/* telegram/html_token.h: reads HTML as Telegram's parser does, token by token; shared by
 * message_text.c and html_split.c. Input must be sanitised (valid UTF-8). Pure, any thread. */
#ifndef TRIDENT_TELEGRAM_HTML_TOKEN_H
#define TRIDENT_TELEGRAM_HTML_TOKEN_H

#include "telegram/message_text.h"

enum html_token_kind {
    HTML_TOKEN_UNSET = 0,
    HTML_TOKEN_TEXT,   /* one code point as it stands */
    HTML_TOKEN_ENTITY, /* "&lt;" and friends: one code point */
    HTML_TOKEN_OPEN,
    HTML_TOKEN_CLOSE,
    HTML_TOKEN_KIND_COUNT
};

struct html_token {
    enum html_token_kind kind;
    size_t len;      /* bytes in the source */
    uint32_t cp;     /* TEXT, ENTITY: what the reader sees */
    const char *tag; /* OPEN, CLOSE: name, static */
};

/* p points at a character that is not NUL. Always succeeds: what is no markup is text. */
void html_token_read(const char *p, struct html_token *ret);
TR_MUST_USE char *html_sanitised(const char *html); /* caller owns */
void utf8_put(struct buf *out, uint32_t cp);

#endif
