/* core/jsonw.h: writes JSON text into a struct buf; commas and escaping are its business, nesting
 * is checked by assert. Invalid UTF-8 in strings becomes U+FFFD. Decimals are written by the caller
 * with jsonw_raw() or as strings. Key NULL inside arrays. Reading JSON is json-c's job. */
#ifndef TRIDENT_CORE_JSONW_H
#define TRIDENT_CORE_JSONW_H

#include "core/buf.h"

#define JSONW_DEPTH_MAX 16

struct jsonw {
    struct buf *out;
    int depth;
    bool first[JSONW_DEPTH_MAX];
};

void jsonw_init(struct jsonw *w, struct buf *out);
void jsonw_object_begin(struct jsonw *w, const char *key);
void jsonw_object_end(struct jsonw *w);
void jsonw_array_begin(struct jsonw *w, const char *key);
void jsonw_array_end(struct jsonw *w);
void jsonw_str(struct jsonw *w, const char *key, const char *value); /* NULL value writes null */
void jsonw_strn(struct jsonw *w, const char *key, const char *value, size_t len);
void jsonw_i64(struct jsonw *w, const char *key, int64_t value);
void jsonw_u64(struct jsonw *w, const char *key, uint64_t value);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);
void jsonw_raw(struct jsonw *w, const char *key, const char *json_text);

#endif
