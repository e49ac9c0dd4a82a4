/* model/text.h: the catalogues of everything people read. A language has several sections, one file
 * each (text_en_reasons.c, text_en_events.c, text_en_commands.c; text_hinglish_*.c), entries keyed
 * by dotted names ("pause.done", "reason.PAUSED"). A key that a language lacks is read in English;
 * the catalogue test proves that none is lacking. Placeholders are {name}; values are HTML-escaped
 * on insertion unless the name ends in "_html". Pure, any thread. A missing key renders as the key
 * itself and fails the catalogue test. */
#ifndef TRIDENT_MODEL_TEXT_H
#define TRIDENT_MODEL_TEXT_H

#include "core/buf.h"
#include "model/user.h"

struct text_entry {
    const char *key;
    const char *text;
};

struct text_arg {
    const char *name;
    const char *value;
};

/* text_render(buf, LANG_EN, "close.done", (struct text_arg[]){{"symbol", s}, {NULL, NULL}}). args
 * may be NULL. */
void text_render(struct buf *out, enum lang lang, const char *key, const struct text_arg *args);
const char *text_get(enum lang lang, const char *key); /* raw template; NULL when missing */
void text_escape_html(struct buf *out, const char *s);
/* The sections of a language, each sorted by key: binary search. NULL past the last one. */
const struct text_entry *text_section(enum lang lang, size_t index, size_t *ret_count);

#endif
