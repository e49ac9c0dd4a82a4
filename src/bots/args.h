/* bots/args.h: the arguments of a command as a table: the parser, the usage line, the one answer
 * about a bad argument and docs/COMMANDS.md are made from it. Pure but for args_read(), which
 * writes into an answer. */
#ifndef TRIDENT_BOTS_ARGS_H
#define TRIDENT_BOTS_ARGS_H

#include "bots/answer.h"

#define ARGS_MAX      4
#define ARGS_WORD_CAP 64

enum arg_type {
    ARG_UNSET = 0, /* ends a list */
    ARG_CHOICE,    /* one of the words of `choices` */
    ARG_SYMBOL,    /* a known instrument; word: its normal name */
    ARG_PLUGIN,    /* v3, v6, both, or a plugin's id; word: the id or "both" */
    ARG_DECIMAL,   /* number: 1e-8, min..max */
    ARG_INT,       /* number: min..max */
    ARG_PERCENT,   /* "25" or "25%"; number: 1e-8 of a percent, min..max */
    ARG_DURATION,  /* "30", "30s", "5m", "6h", "2d"; number: ms, min..max; bare numbers: seconds */
    ARG_RECEIPT,   /* "88", "#88", "88a"; number */
    ARG_TRADE,     /* the short name of a position; looked up by whoever runs it */
    ARG_DATE,      /* 2026-11-21; number: 20261121 */
    ARG_WORD,      /* any one word */
    ARG_TEXT,      /* all that is left; last */
    ARG_TYPE_COUNT
};

struct arg_spec {
    const char *name; /* of the field, as usage and answers call it */
    enum arg_type type;
    bool is_optional;
    const char *choices; /* "on|off" */
    int64_t min, max;
};

struct arg {
    bool is_given;
    int64_t number;
    int choice;               /* CHOICE: its place among the choices, from 0 */
    char word[ARGS_WORD_CAP]; /* TEXT: empty, see text */
    const char *text;         /* TEXT: into the line */
};

enum args_result { ARGS_OK = 0, ARGS_E_MISSING = 1, ARGS_E_BAD, ARGS_E_TOO_MANY };

struct args {
    struct arg v[ARGS_MAX];
    /* Not OK: */
    size_t bad;               /* the field at fault; TOO_MANY: how many there are */
    char read[ARGS_WORD_CAP]; /* what stood there */
    char near[ARGS_WORD_CAP]; /* what may have been meant; "" = nothing near */
};

/* specs: ARGS_MAX of them or ended by ARG_UNSET; NULL: none are taken. line must outlive ret. */
enum args_result args_parse(const struct arg_spec *specs, const char *line, struct args *ret);
/* "<symbol> [lots]" */
void args_usage(const struct arg_spec *specs, struct buf *out);
/* What a field accepts, in words. */
void args_accepted(struct buf *out, enum lang lang, const struct arg_spec *spec);
/* Parses the command's arguments by its table. False: the answer names the field, what was read
 * and what is accepted; only answer_finish() is left. */
TR_MUST_USE bool args_read(struct answer *a, struct args *ret);

#endif
