/* http/decide_impl.h: what decide.c and decide_state.c share; nobody else includes it. */
#ifndef TRIDENT_HTTP_DECIDE_IMPL_H
#define TRIDENT_HTTP_DECIDE_IMPL_H

#include <json-c/json.h>

#include "engine/input.h"
#include "engine/state.h"
#include "http/decide.h"

struct decide_spread {
    char symbol[SYMBOL_CAP];
    int64_t pips_e8;
};

struct decide {
    struct conf_trader trader;
    struct engine_state *state;
    struct engine_options options;     /* only its plugins matter */
    bool *enabled[ENGINE_PLUGINS_MAX]; /* of each, in its configuration */
    struct input_quotes quotes;
    struct decide_spread spreads[INPUT_QUOTES_MAX];
    size_t spread_count;
    const struct engine_state *own_state; /* of a running trader; NULL: state is supposed */
    const struct engine_options *own_options;
    const char *error; /* code of the first problem */
    struct conf_problems problems;
};

#define DECIDE_PATH_CAP 96

/* The value as read goes into the problem, cleaned and cut; NULL = it is missing. */
void decide_problem(struct decide *d, const char *path, struct json_object *value,
                    const char *accepted);
/* Fills the state from the object. */
void decide_state_read(struct decide *d, struct json_object *state);
/* ACCEPTED, or the reason after the problem is added. symbol: when the alert names none; NULL = the
 * trader's default. path: where problems are said to stand. */
enum reason decide_parse(struct decide *d, const char *path, const char *body, const char *symbol,
                         struct signal *ret);

#endif
