#include "core/core.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/log.h"

void core_assert_failed(const char *cond, const char *file, int line, const char *func)
{
    /* stderr directly: the log itself may be what failed. */
    (void)fprintf(stderr, "%s:%d: %s: assertion failed: %s\n", file, line, func, cond);
    abort();
}

int core_err_note(int r, const char *what, const char *file, int line, const char *func)
{
    if (r < 0 && log_get_level() == LOG_DEBUG)
        log_debug("core", "error_%s code=%d at=%s:%d func=%s", what, -r, file, line, func);
    return r;
}
