/* telegram/json_read.h: total readers over json-c for bytes from outside: every function takes NULL
 * and wrong types. Numbers are never read through double. Pure, any thread. */
#ifndef TRIDENT_TELEGRAM_JSON_READ_H
#define TRIDENT_TELEGRAM_JSON_READ_H

#include <json-c/json.h>
#include "telegram/client.h"

#define JSON_DEPTH_MAX 32

/* NULL when p is not one whole JSON value; *ret_too_deep (may be NULL) tells that only its nesting
 * was refused. The caller releases the root with json_object_put(). */
TR_MUST_USE json_object *json_parse(const char *p, size_t len, bool *ret_too_deep);
json_object *json_member(json_object *o,
                         const char *key);           /* borrowed; NULL: absent, null, no object */
bool json_i64(json_object *o, int64_t *ret);         /* a JSON integer that fits */
bool json_i64_lenient(json_object *o, int64_t *ret); /* also "12", "12.0", 12.0 */
bool json_is_true(json_object *o);                   /* the value true, nothing else */
const char *json_text(json_object *o, size_t *ret_len); /* "" when no string */

/* The envelope of any answer. *ret_root: the parsed answer of a success (caller releases), else
 * NULL and ret->error is set. */
void telegram_read_envelope(const struct http_response *r, struct telegram_reply *ret,
                            json_object **ret_root);

#endif
