/* cli/eval.h: what `trident eval` knows of a rule: its fields, what it gives, and the function that
 * computes it. A rule is one line in a table (eval_alert.c, eval_risk.c, eval_chain.c,
 * eval_other.c) and a few lines that hand its fields to the pure function the program itself uses.
 * Main thread only. */
#ifndef TRIDENT_CLI_EVAL_H
#define TRIDENT_CLI_EVAL_H

#include "conf/conf.h"
#include "core/jsonw.h"
#include "model/signal.h"

enum eval_type {
    EVAL_TYPE_UNSET = 0,
    EVAL_DECIMAL, /* "0.05" or 0.05 */
    EVAL_WHOLE,
    EVAL_BOOL,
    EVAL_WORD, /* one of choices, any case; .n counts from 1 */
    EVAL_SYMBOL,
    EVAL_NAME, /* a symbol's name; the symbol table need not have it */
    EVAL_SIDE,
    EVAL_TF,
    EVAL_TEXT,
    EVAL_WHOLES,   /* [1, -1, 0] or "1,-1,0" */
    EVAL_DECIMALS, /* ["1.1", 1.2] */
    EVAL_TYPE_COUNT
};

struct eval_field {
    const char *name;
    enum eval_type type;
    const char *unit;    /* "USD", "pips" ...: what it is, for people */
    const char *def;     /* when it is not given; NULL = needed, "" = may be absent */
    const char *choices; /* WORD: "floor|halfway" */
    int64_t min, max;    /* DECIMAL, DECIMALS: 1e-8; both 0: the type's own */
};
struct eval_result {
    const char *name, *unit;
};

#define EVAL_FIELDS_MAX  16
#define EVAL_RESULTS_MAX 12
#define EVAL_LIST_MAX    64
#define EVAL_TEXT_CAP    192

struct eval_value {
    bool given; /* or has a default */
    int64_t n;  /* DECIMAL: 1e-8 (DEC_NONE when absent); WHOLE, BOOL, WORD, SIDE, TF: its number */
    const struct symbol_info *symbol;
    char text[EVAL_TEXT_CAP];
    int64_t list[EVAL_LIST_MAX];
    int count;
};

struct eval;
struct eval_rule {
    const char *tag, *summary;
    struct eval_field fields[EVAL_FIELDS_MAX];
    struct eval_result results[EVAL_RESULTS_MAX];
    void (*run)(struct eval *e);
};
struct eval_group {
    const struct eval_rule *rules;
    size_t count;
};
extern const struct eval_group eval_alert, eval_risk, eval_chain, eval_other;

struct eval {
    const struct eval_rule *rule;
    struct eval_value values[EVAL_FIELDS_MAX];
    struct jsonw *out;
    struct conf_problems problems;
};

/* ---- for the rules ---- */
int64_t eval_n(const struct eval *e, const char *field);
bool eval_has(const struct eval *e, const char *field);
const struct symbol_info *eval_symbol(const struct eval *e, const char *field);
const struct eval_value *eval_value(const struct eval *e, const char *field);
/* The fields contradict each other: nothing is computed. */
void eval_refuse(struct eval *e, const char *field, const char *accepted);
/* Results, each of which the rule's table names. */
void eval_give_e8(struct eval *e, const char *name, int64_t v_e8); /* DEC_NONE: null */
void eval_give_n(struct eval *e, const char *name, int64_t n);
void eval_give_bool(struct eval *e, const char *name, bool v);
void eval_give_text(struct eval *e, const char *name, const char *text);

/* ---- for the command ---- */
/* Fills values from {"input": {...}}; what is wrong goes to problems. */
void eval_read(struct eval *e, const char *json, size_t len);
/* What a field takes, in words. */
void eval_accepted(const struct eval_field *f, char *out, size_t cap);
size_t eval_field_count(const struct eval_rule *r);

#endif
