#include "model/rules/header_sessions.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

#define HOUR 60
#define DAY  (24 * HOUR)

int header_sessions(int minute, char out[HEADER_SESSIONS_CAP])
{
    static const struct {
        const char *name;
        int start_hour, end_hour;
    } sessions[] = {{"SYDNEY", 22, 7}, {"TOKYO", 0, 9}, {"LONDON", 8, 17}, {"NEW YORK", 13, 22}};
    int count = 0;
    TR_ASSERT(minute >= 0 && minute < DAY);
    out[0] = '\0';
    for (size_t i = 0; i < TR_ARRAY_SIZE(sessions); i++) {
        int start = sessions[i].start_hour * HOUR, end = sessions[i].end_hour * HOUR;
        bool is_open =
            start < end ? minute >= start && minute < end : minute >= start || minute < end;
        if (!is_open)
            continue;
        size_t len = strlen(out);
        (void)snprintf(out + len, HEADER_SESSIONS_CAP - len, "%s%s", count > 0 ? "+" : "",
                       sessions[i].name); /* all four fit */
        count++;
    }
    if (count == 0)
        (void)str_copy(out, HEADER_SESSIONS_CAP, "After Hours");
    return count;
}
