/* telegram/message_text.h: the text rules of Telegram (spec telegram 1.7). Pure, any thread. */
#ifndef TRIDENT_TELEGRAM_MESSAGE_TEXT_H
#define TRIDENT_TELEGRAM_MESSAGE_TEXT_H

#include "core/buf.h"

#define MESSAGE_MAX_UTF16 4096
#define CAPTION_MAX_UTF16 1024

size_t text_utf16_len(const char *utf8);
bool text_is_valid_utf8(const char *s, size_t len);
void text_sanitise(struct buf *out, const char *s,
                   size_t len); /* valid UTF-8, no control but \n \t */
/* Strips tags and decodes entities: the plain-text fallback of an HTML message. */
void text_html_to_plain(struct buf *out, const char *html);
/* Splits HTML into pieces of at most max_utf16 units as Telegram counts them (raw, tags included:
 * safe under every reading), at line ends where possible, never inside a surrogate pair, an entity
 * or a tag; open tags are closed and reopened; markup is repaired. Returns pieces (heap array of
 * heap strings for text_pieces_free()); none when there is no text. max_utf16 >= 64. */
char **text_split_html(const char *html, size_t max_utf16, size_t *ret_count);
void text_pieces_free(char **pieces, size_t count);

#endif
