#include "http/live_position.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

void live_position_parse(const char *text, const char *const *ids, size_t count,
                         uint64_t *positions)
{
    TR_ASSERT(text != NULL);
    for (const char *p = text; *p != '\0';) {
        size_t len = strcspn(p, ",");
        const char *colon = memchr(p, ':', len);
        char number[24] = "";
        size_t digits = colon != NULL ? len - (size_t)(colon + 1 - p) : 0;
        int64_t seq = -1;
        if (digits > 0 && digits < sizeof(number)) {
            memcpy(number, colon + 1, digits);
            if (!str_to_i64(number, &seq))
                seq = -1;
        }
        for (size_t i = 0; i < count && seq >= 0; i++)
            if (strlen(ids[i]) == (size_t)(colon - p) && memcmp(ids[i], p, strlen(ids[i])) == 0)
                positions[i] = (uint64_t)seq;
        p += len + (p[len] == ',');
    }
}

void live_position_format(const char *const *ids, size_t count, const uint64_t *positions,
                          char out[LIVE_POSITION_CAP])
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        int n = snprintf(out + at, LIVE_POSITION_CAP - at, "%s%s:%" PRIu64, i > 0 ? "," : "",
                         ids[i], positions[i]);
        TR_ASSERT(n > 0 && at + (size_t)n < LIVE_POSITION_CAP);
        at += (size_t)n;
    }
}
