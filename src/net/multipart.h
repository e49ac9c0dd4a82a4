/* net/multipart.h: a parser for multipart/form-data bodies (RFC 7578), for whole bodies in memory.
 * Total on any bytes, allocates nothing, copies nothing: the parts point into the body, in which
 * terminators are written. Pure, any thread. */
#ifndef TRIDENT_NET_MULTIPART_H
#define TRIDENT_NET_MULTIPART_H

#include "net/http_server.h"

#define MULTIPART_PARTS_MAX        64
#define MULTIPART_BOUNDARY_MAX_LEN 70 /* RFC 2046 5.1.1 */
#define MULTIPART_BOUNDARY_CAP     (MULTIPART_BOUNDARY_MAX_LEN + 1)

/* The boundary of a Content-Type value; false when it is no multipart/form-data or has none. */
bool multipart_boundary(const char *content_type, char out[MULTIPART_BOUNDARY_CAP]);
/* Parts found before the first malformed one, at most MULTIPART_PARTS_MAX. body must have a
 * writable byte at body[len] (a NUL). Parts without a name are skipped. */
size_t multipart_parse(char *body, size_t len, const char *boundary,
                       struct http_form_part out[MULTIPART_PARTS_MAX]);

#endif
