/* sandbox/markup.h: text and entities as Telegram's server makes them (spec telegram 1.7): the HTML
 * parse mode with its error sentences, cleaning, automatic commands, links and mentions; offsets
 * are UTF-16 units. Pure, any thread. */
#ifndef TRIDENT_SANDBOX_MARKUP_H
#define TRIDENT_SANDBOX_MARKUP_H

#include "core/buf.h"

struct json_object;

#define SANDBOX_ENTITIES_MAX   100
#define SANDBOX_TEXT_RAW_MAX   32768
#define SANDBOX_TEXT_MAX       4096
#define SANDBOX_CAPTION_MAX    1024
#define SANDBOX_MARKUP_ERR_CAP 192

struct sandbox_entity {
    const char *type; /* static: "bold" ... */
    int64_t offset, length;
    char *argument; /* url, language, custom emoji id; NULL */
};

struct sandbox_text {
    char *text; /* cleaned, UTF-8, heap; never NULL after success */
    size_t len;
    struct sandbox_entity entities[SANDBOX_ENTITIES_MAX];
    size_t entity_count;
};

void sandbox_text_deinit(struct sandbox_text *t); /* TR_CLEANUP works on a zeroed one */

enum sandbox_parse_mode {
    SANDBOX_PARSE_UNSET = 0,
    SANDBOX_PARSE_PLAIN,
    SANDBOX_PARSE_HTML,
    SANDBOX_PARSE_COUNT
};

enum sandbox_markup_result { SANDBOX_MARKUP_OK = 0, SANDBOX_MARKUP_E_REFUSED = 1 };
/* explicit_entities: the array of the `entities` parameter (plain mode only) or NULL. On refusal
 * error holds the description without "Bad Request: ". ret is zeroed by this function. */
TR_MUST_USE enum sandbox_markup_result sandbox_text_parse(const char *raw, size_t len,
                                                          enum sandbox_parse_mode mode,
                                                          struct json_object *explicit_entities,
                                                          struct sandbox_text *ret,
                                                          char error[SANDBOX_MARKUP_ERR_CAP]);
/* The entities as a JSON array, heap; NULL when there are none. */
TR_MUST_USE char *sandbox_entities_json(const struct sandbox_text *t);
bool sandbox_utf8_valid(const char *s, size_t len);
size_t sandbox_code_points(const char *s, size_t len);

#endif
