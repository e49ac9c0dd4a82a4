/* conf/conf_table.h: the one table of configuration keys. Loader, checker, schema, sample and the
 * printed configuration are all driven by it; a new key is one line in conf_table.c. Constant data,
 * any thread. */
#ifndef TRIDENT_CONF_CONF_TABLE_H
#define TRIDENT_CONF_CONF_TABLE_H

#include "conf/conf.h"

enum conf_type {
    CONF_TYPE_UNSET = 0,
    CONF_BOOL,
    CONF_INT,     /* int, int64_t or uint64_t by the size of the field */
    CONF_DECIMAL, /* int64_t, 1e-8 */
    CONF_STRING,
    CONF_WORD,    /* one of the choices, kept as text */
    CONF_ENUM,    /* one of the choices, kept as its number (int or bool) */
    CONF_SECRET,  /* text, {"file": path} or {"credential": name}; never shown */
    CONF_STRINGS, /* list of strings */
    CONF_TYPE_COUNT
};

enum conf_form {                      /* what a text must look like beyond its length */
                 CONF_FORM_UNSET = 0, /* any printable text */
                 CONF_FORM_TOKEN,
                 CONF_FORM_KEY, /* at least 16 of A-Z a-z 0-9 _ - : safe in a URL */
                 CONF_FORM_BEARER,
                 CONF_FORM_ADDRESS, /* numeric IPv4 or IPv6 */
                 CONF_FORM_CIDR,
                 CONF_FORM_SMTP,   /* smtp:// or smtps:// */
                 CONF_FORM_URL,    /* https, or http on loopback */
                 CONF_FORM_SYMBOL, /* a known instrument; stored normalised */
                 CONF_FORM_ID,
                 CONF_FORM_PATH,    /* relative ones are taken from the configuration's directory */
                 CONF_FORM_TIME,    /* HH:MM */
                 CONF_FORM_SYMBOLS, /* known instruments, separated by commas */
                 CONF_FORM_PASSPHRASE, /* what hash_passphrase() made */
                 CONF_FORM_COUNT
};

struct conf_choice {
    const char *word; /* NULL ends the list */
    int value;
};

#define CONF_KEY_MIN_CHARS 16 /* shortest webhook secret and admin token */

struct conf_key {
    const char *path; /* inside its section: "http.port" */
    enum conf_type type;
    enum conf_form form;
    size_t offset;                     /* of the field in the section's struct */
    size_t size;                       /* of the field; STRINGS: of one element */
    size_t count_offset;               /* STRINGS: of the int that counts them */
    int64_t min, max;                  /* INT: value, DECIMAL: 1e-8, STRINGS: most elements */
    const char *def;                   /* as text; "" = empty, none */
    const char *sample;                /* shown in the sample instead of def; NULL = def */
    const struct conf_choice *choices; /* DECIMAL: a word it may be besides, DEC_NONE then */
    bool required;
    const char *help;
};

struct conf_section {
    const char *path; /* "" = the root struct, "users" = a list of objects there */
    const struct conf_key *keys;
    size_t count;
    size_t offset;       /* of the first element in struct conf */
    size_t size;         /* of one element */
    size_t count_offset; /* of the int that counts elements */
    int max;
    const char *help;
};

extern const struct conf_section conf_sections[]; /* [0] is the root */
extern const size_t conf_section_count;
/* One sentence about an object of the file ("http", "traders.risk"); NULL = none. */
const char *conf_group_help(const char *path);

static inline void *conf_element(const struct conf_section *s, struct conf *c, int index)
{
    return (char *)c + s->offset + (size_t)index * s->size;
}

/* Sets a field from text by the rules of its key (defaults and values of the file go the same way).
 * STRINGS: appends. False: not acceptable, the field is untouched. */
bool conf_key_set(const struct conf_key *k, void *base, const char *text);
/* The other way: the text conf_key_set() would take. Not for SECRET and STRINGS. */
void conf_key_get(const struct conf_key *k, const void *base, struct buf *out);
/* "a whole number from 0 to 65535" */
void conf_key_accepted(const struct conf_key *k, char *out, size_t cap);
bool conf_url_is_acceptable(const char *url);
bool conf_is_loopback(const char *address);
void conf_section_defaults(const struct conf_section *s, void *base);

/* conf_check.c: the rules that need more than one key. */
void conf_check(struct conf *c, struct conf_problems *p);

#endif
