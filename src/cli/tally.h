/* cli/tally.h: counts rows by type, decision and reason, and prints them as a table. One owner
 * thread. */
#ifndef TRIDENT_CLI_TALLY_H
#define TRIDENT_CLI_TALLY_H

#include "core/core.h"

#define TALLY_LINES_MAX 512

struct tally_line {
    char type[40], decision[24], reason[64];
    size_t count;
};

struct tally {
    struct tally_line lines[TALLY_LINES_MAX];
    size_t count;
    size_t beyond; /* rows for which there was no line left */
};

void tally_add(struct tally *t, const char *type, const char *decision, const char *reason);
void tally_print(struct tally *t); /* sorts it */

#endif
