/* signals/fields.h: what the three parsers share: faults that name the field, and reading typed
 * fields from a JSON object. Private to signals/. Pure. */
#ifndef TRIDENT_SIGNALS_FIELDS_H
#define TRIDENT_SIGNALS_FIELDS_H

#include <json-c/json.h>
#include "signals/parse.h"

/* Always returns SIGNAL_E_REFUSED. value: as read, may be NULL; it is sanitised. */
enum signal_result fault_set(struct signal_fault *f, enum reason r, const char *field,
                             const char *value, const char *accepted);

/* A present, usable field: not null, not an empty string, not a literal "{{placeholder}}", no NUL
 * inside. NULL else. The text is the source text of numbers. */
const char *field_text(json_object *o, const char *name);
/* Each returns 0 (also when absent: *ret is left alone) or SIGNAL_E_REFUSED with the fault filled.
 */
enum signal_result field_decimal(json_object *o, const char *name, int64_t *ret_e8,
                                 struct signal_fault *f);
/* field_decimal, and above 0 and at most 10 million: what every instrument's price is. */
enum signal_result field_price(json_object *o, const char *name, int64_t *ret_e8,
                               struct signal_fault *f);
enum signal_result price_check(const char *field, const char *value, int64_t v_e8,
                               struct signal_fault *f);
enum signal_result field_int(json_object *o, const char *name, int min, int max, int *ret,
                             struct signal_fault *f);
enum signal_result field_bool(json_object *o, const char *name, bool *ret, struct signal_fault *f);
void field_copy(json_object *o, const char *name, char *dst, size_t cap); /* sanitised, cut */

/* Text of a decimal from pipe text or JSON. False: not a number, or negative where min_e8 says so.
 */
bool decimal_read(const char *s, int64_t *ret_e8);
/* Symbol from the body's field, else the hint; normalised and known. */
enum signal_result symbol_read(const char *raw, const char *hint, struct signal *ret,
                               struct signal_fault *f);
enum signal_result timeframe_read(const char *raw, const char *field, struct signal *ret,
                                  struct signal_fault *f);
bool utf8_valid(const char *s, size_t len);              /* s[len] is a NUL */
void text_clean(char *dst, size_t cap, const char *src); /* printable ASCII and valid UTF-8, cut */

enum signal_result parse_v3(json_object *o, const char *type, const char *hint, struct signal *ret,
                            struct signal_fault *f);
enum signal_result parse_legacy(json_object *o, const char *type, const char *hint,
                                struct signal *ret, struct signal_fault *f);
enum signal_result parse_v6(const char *body, size_t len, const char *hint, struct signal *ret,
                            struct signal_fault *f);
/* The two V6 reversal alerts: a plain sentence. */
enum signal_result parse_sentence(const char *body, size_t len, const char *hint,
                                  struct signal *ret, struct signal_fault *f);

/* Copies body into out with every bare {{...}} outside strings as null (spec 0.1 #2). *ret_keys:
 * members of the outermost object, to find repeated keys. */
void prepass(const char *body, size_t len, struct buf *out, int *ret_keys);

#endif
