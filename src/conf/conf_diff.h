/* conf/conf_diff.h: what differs between the configuration a process runs with and one that was
 * read anew. Pure, any thread. */
#ifndef TRIDENT_CONF_CONF_DIFF_H
#define TRIDENT_CONF_CONF_DIFF_H

#include "conf/conf.h"

/* text: the new value of a key that may change while the trader runs; NULL: this path needs a new
 * process. Never a secret. */
typedef void (*conf_diff_fn)(void *ctx, const char *path, const char *text);
/* Of what is common and of the trader with this index. */
void conf_diff(const struct conf *running, const struct conf *read, int trader, conf_diff_fn visit,
               void *ctx);

#endif
