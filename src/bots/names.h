/* bots/names.h: the names people know from the legacy bot (spec strategies 8.2, 8.3) which are no
 * command here by themselves: each is either carried out as another command ("/logic1_on" is
 * "/logic1 on"), which is said once a person, or answered with why it does not exist and what to
 * use. This is the one list; the command table is asked first. Immutable, any thread. */
#ifndef TRIDENT_BOTS_NAMES_H
#define TRIDENT_BOTS_NAMES_H

#include "bots/bot_command.h"

struct name {
    const char *name;      /* as typed, without slash */
    const char *successor; /* command that does it, or that may be used instead */
    const char *preset;    /* its first arguments; "" = none */
    const char *why;       /* NULL: carried out; else "names.why.<this>" says why not */
};

const struct name *names_find(const char *typed); /* NULL: no such name */
const struct name *names_at(size_t i);            /* NULL past the last */
/* A command posted by name (HTTP, CLI, the old process) under an alias or a name of the legacy bot:
 * becomes the command that does it. What is no such name, or does not fit, stays as it is. */
void names_translate(struct command *c);
/* The legacy name of "name args", for the process that knows no other; NULL: has none. */
const struct name *names_of(const char *command, const char *args);

#endif
