#include "model/reason.h"

#include <string.h>

static const char *const codes[REASON_COUNT] = {"",
#define X(name) #name,
                                                REASON_TABLE(X)
#undef X
};

const char *reason_code(enum reason r)
{
    TR_ASSERT((int)r >= 0 && r < REASON_COUNT);
    return codes[r];
}

bool reason_parse(const char *code, enum reason *ret)
{
    TR_ASSERT(code && ret);
    for (int i = 1; i < REASON_COUNT; i++) {
        if (strcmp(codes[i], code) == 0) {
            *ret = (enum reason)i;
            return true;
        }
    }
    return false;
}

bool reason_is_plugin_failure(enum reason r)
{
    return r == REASON_PLUGIN_FAILED || r == REASON_PLUGIN_TIMEOUT || r == REASON_PLUGIN_DIED ||
           r == REASON_PLUGIN_PROTOCOL || r == REASON_PLUGIN_VERSION ||
           r == REASON_PLUGIN_NOT_STARTED || r == REASON_PLUGIN_ANSWER;
}
