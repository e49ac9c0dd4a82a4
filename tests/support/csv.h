/* tests/support/csv.h: reads the records of a CSV text with quoted fields, doubled quotes and line
 * breaks inside quotes. Tests only. */
#ifndef TRIDENT_TESTS_SUPPORT_CSV_H
#define TRIDENT_TESTS_SUPPORT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define CSV_FIELDS_MAX 16

/* Cuts the next record out of *at in place; returns its number of fields, 0 at the end. */
static inline int csv_next(char **at, char *fields[CSV_FIELDS_MAX])
{
    char *p = *at;
    int n = 0;
    if (*p == '\0')
        return 0;
    for (;;) {
        bool quoted = *p == '"';
        char *to = p + (quoted ? 1 : 0);
        char *from = to;
        if (n < CSV_FIELDS_MAX)
            fields[n++] = to;
        while (*from != '\0') {
            if (quoted && *from == '"' && from[1] == '"') {
                *to++ = '"';
                from += 2;
                continue;
            }
            if (quoted ? *from == '"' : (*from == ',' || *from == '\n'))
                break;
            *to++ = *from++;
        }
        if (quoted && *from == '"')
            from++;
        while (*from == '\r')
            from++;
        char sep = *from;
        *to = '\0';
        p = from + (sep != '\0');
        if (sep != ',')
            break;
    }
    *at = p;
    return n;
}

#endif
