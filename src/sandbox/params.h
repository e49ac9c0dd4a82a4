/* sandbox/params.h: the parameters of one request as the Bot API reads them (spec telegram 1.1):
 * query, urlencoded, JSON and multipart merged; every top-level JSON value becomes text; integers
 * and booleans are read leniently and never fail. Lives as long as its exchange. */
#ifndef TRIDENT_SANDBOX_PARAMS_H
#define TRIDENT_SANDBOX_PARAMS_H

#include "net/http_server.h"

struct json_object;

#define SANDBOX_PARAMS_MAX      64
#define SANDBOX_PARAMS_MAX_BODY ((size_t)1024 * 1024) /* everything but files */

struct sandbox_param {
    const char *name;
    const char *value; /* text, NUL-terminated; file parts: the bytes */
    size_t len;
    struct json_object *object; /* borrowed; NULL for non-JSON bodies */
    const struct http_form_part *file;
    bool owned;
};

struct sandbox_params {
    struct sandbox_param items[SANDBOX_PARAMS_MAX];
    size_t count;
    struct json_object *body;
    struct json_object *parsed[4]; /* objects made from text on demand */
    size_t parsed_count;
};

/* 0, or the HTTP status of a refusal that has no JSON body (400, 413, 415). */
TR_MUST_USE int sandbox_params_read(struct sandbox_params *p, struct http_exchange *x);
void sandbox_params_deinit(struct sandbox_params *p);

const struct sandbox_param *sandbox_param(const struct sandbox_params *p, const char *name);
const char *sandbox_param_text(const struct sandbox_params *p,
                               const char *name); /* NULL = absent */
int64_t sandbox_param_i64(const struct sandbox_params *p, const char *name, int64_t absent);
bool sandbox_param_bool(const struct sandbox_params *p, const char *name);
/* Borrowed until deinit; NULL when absent or not JSON. *ret_present tells the two apart (may be
 * NULL). */
struct json_object *sandbox_param_json(struct sandbox_params *p, const char *name,
                                       bool *ret_present);
/* Everything as one JSON object; files as {"file_name","size_bytes"}. */
void sandbox_params_write(const struct sandbox_params *p, struct buf *out);

#endif
