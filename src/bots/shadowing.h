/* bots/shadowing.h: what the commands of the shadow machine share: words for scopes, and lines
 * about them. Engine thread. */
#ifndef TRIDENT_BOTS_SHADOWING_H
#define TRIDENT_BOTS_SHADOWING_H

#include "bots/answer.h"
#include "bots/args.h"

#define SHADOWING_PLUGIN                                                                           \
    {                                                                                              \
        .name = "plugin", .type = ARG_PLUGIN, .is_optional = true                                  \
    }
#define SHADOWING_ROUTE                                                                            \
    {                                                                                              \
        .name = "route", .type = ARG_CHOICE, .is_optional = true,                                  \
        .choices = "LOGIC1|LOGIC2|LOGIC3|1m|5m|15m|1h|all"                                         \
    }

struct shadowing_scope {
    const char *plugin, *route; /* "" = all of them */
};
/* From the fields at `at` and at + 1. */
struct shadowing_scope shadowing_scope(const struct args *args, size_t at);
/* "combined_v3 LOGIC3", "combined_v3", "everything". */
void shadowing_scope_text(enum lang lang, const char *plugin, const char *route, struct buf *out);
/* Two lines: mode and age; compared, matches, rate. */
void shadowing_card(struct answer *a, const struct shadow_scope *s);
/* One line a gate that is closed. */
void shadowing_gates(struct answer *a, const struct shadow_scope *s);
/* Moves after the question was answered with yes, or asks it. */
void shadowing_move(struct answer *a, const struct shadowing_scope *s, enum shadow_mode mode);

#endif
