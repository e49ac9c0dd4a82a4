/* Counting and printing of the replay's summary. */
#include "cli/tally.h"

#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"
#include "core/alloc.h"

void tally_add(struct tally *t, const char *type, const char *decision, const char *reason)
{
    struct tally_line wanted = {.count = 1};
    (void)str_copy(wanted.type, sizeof wanted.type, type); /* cut is fine: it is shown */
    (void)str_copy(wanted.decision, sizeof wanted.decision, decision);
    (void)str_copy(wanted.reason, sizeof wanted.reason, reason);
    for (size_t i = 0; i < t->count; i++) {
        struct tally_line *l = &t->lines[i];
        if (str_eq(l->type, wanted.type) && str_eq(l->decision, wanted.decision) &&
            str_eq(l->reason, wanted.reason)) {
            l->count++;
            return;
        }
    }
    TR_ASSERT(t->count <= TALLY_LINES_MAX);
    if (t->count == TALLY_LINES_MAX)
        t->beyond++;
    else
        t->lines[t->count++] = wanted;
}

static int by_type(const void *a, const void *b)
{
    const struct tally_line *x = a, *y = b;
    int r = strcmp(x->type, y->type);
    if (r == 0)
        r = strcmp(x->decision, y->decision);
    return r != 0 ? r : strcmp(x->reason, y->reason);
}

void tally_print(struct tally *t)
{
    qsort(t->lines, t->count, sizeof t->lines[0], by_type);
    cli_print("%-32s %-10s %-36s %6s\n", "type", "decision", "reason", "rows");
    for (size_t i = 0; i < t->count; i++) {
        const struct tally_line *l = &t->lines[i];
        TR_ASSERT(l->count > 0);
        cli_print("%-32s %-10s %-36s %6zu\n", l->type, l->decision, l->reason, l->count);
    }
    if (t->beyond > 0)
        cli_print("%-32s %-10s %-36s %6zu\n", "(others)", "", "", t->beyond);
}
