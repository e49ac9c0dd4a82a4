/* bots/change.h: commands that show and change settings of the trader (engine/settings.h). One
 * run() serves them all: without a value it shows what is in force, what the file says and who
 * changed it; with one it sets it; "reset" goes back to the file. Raising a limit is dangerous and
 * asks back, lowering it is done at once; a repeat says that it is so already. Engine thread. */
#ifndef TRIDENT_BOTS_CHANGE_H
#define TRIDENT_BOTS_CHANGE_H

#include "bots/answer.h"
#include "bots/args.h"
#include "bots/bot_command.h"

#define CHANGE_PATHS_MAX 12

enum change_kind {
    CHANGE_UNSET = 0,
    CHANGE_SWITCH, /* on | off | toggle | status; texts: `on` and `off` */
    CHANGE_VALUE,  /* the last field of args */
    CHANGE_KIND_COUNT
};

struct change_spec {
    enum change_kind kind;
    /* "%" stands for the plugin that is named, or else for each that has such a key; "#" for the
     * word of the field `which` (a choice), or else for each of its words. */
    const char *paths[CHANGE_PATHS_MAX];
    const char *on, *off; /* SWITCH: texts of the key; NULL: true and false */
};

#define CHANGE_STATES "on|off|toggle|status|enable|disable"

/* Fields of such commands. */
#define CHANGE_PLUGIN                                                                              \
    {                                                                                              \
        .name = "plugin", .type = ARG_PLUGIN, .is_optional = true                                  \
    }
#define CHANGE_STATE                                                                               \
    {                                                                                              \
        .name = "state", .type = ARG_CHOICE, .is_optional = true, .choices = CHANGE_STATES         \
    }
#define CHANGE_WHICH(words)                                                                        \
    {                                                                                              \
        .name = "which", .type = ARG_CHOICE, .is_optional = true, .choices = words                 \
    }
#define CHANGE_NUMBER(name_, least, most)                                                          \
    {                                                                                              \
        .name = name_, .type = ARG_DECIMAL, .is_optional = true, .min = least, .max = most         \
    }
#define CHANGE_WHOLE(name_, least, most)                                                           \
    {                                                                                              \
        .name = name_, .type = ARG_INT, .is_optional = true, .min = least, .max = most             \
    }
#define CHANGE_CHOICE(name_, words)                                                                \
    {                                                                                              \
        .name = name_, .type = ARG_CHOICE, .is_optional = true, .choices = words                   \
    }
#define CHANGE_FIELDS(...) ((const struct arg_spec[]){__VA_ARGS__, {.type = ARG_UNSET}})

/* A command that is nothing but its settings. */
#define CHANGE_COMMAND(name_, fields, ...)                                                         \
    const struct bot_command name_##_command = {                                                   \
        .ops = {.name = #name_, .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = change_run},  \
        .bots = ROLES_BIT(BOT_CONTROLLER),                                                         \
        .klass = COMMAND_CHANGE,                                                                   \
        .args = fields,                                                                            \
        .change = &(const struct change_spec){__VA_ARGS__},                                        \
        .help_key = "help." #name_,                                                                \
        .mirrored = true,                                                                          \
    }

/* run() of every command that has a change_spec. */
void change_run(struct engine_tx *tx, const struct command *c, struct reply *ret);
/* Does going from one text to the other give away more? Then it asks back. */
bool change_is_raise(const char *path, const char *from, const char *to);
/* The same with the word "tier" taken for the cap it stands for now. */
bool change_raises(const struct engine_tx *tx, const char *path, const char *from, const char *to);
/* Is one of its keys a limit? */
bool change_has_limit(const struct change_spec *spec);
/* "plugins.combined_v3.base_lot" as people read it: "v3 base_lot". */
const char *change_short_path(const char *path, char out[SETTING_PATH_CAP]);
/* One line: what is in force, and the file's value when it is another. */
void change_show(struct answer *a, const char *path);

#endif
