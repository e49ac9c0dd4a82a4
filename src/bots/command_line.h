/* bots/command_line.h: the text of a message -> command name and arguments. Total on any bytes,
 * pure, any thread. Knows nothing of which commands exist. */
#ifndef TRIDENT_BOTS_COMMAND_LINE_H
#define TRIDENT_BOTS_COMMAND_LINE_H

#include "model/command.h"

enum command_line_result {
    COMMAND_LINE_OK = 0,
    COMMAND_LINE_E_PLAIN = 1, /* does not begin with a slash */
    COMMAND_LINE_E_OTHER_BOT, /* "/cmd@SomebodyElse" */
    COMMAND_LINE_E_MALFORMED, /* a slash, but no usable name after it */
    COMMAND_LINE_E_TOO_LONG   /* arguments over COMMAND_ARGS_CAP: args hold the first of them */
};

struct command_line {
    char name[COMMAND_NAME_CAP]; /* lower case, without slash and mention */
    char args[COMMAND_ARGS_CAP]; /* trimmed, runs of white space and control bytes become one space
                                  */
    bool is_addressed;           /* "@ThisBot" was written */
};

/* "/Cmd@BotName  args". username: of the receiving bot, without '@'. name is also filled on
 * TOO_LONG. */
TR_MUST_USE enum command_line_result command_line_parse(const char *text, const char *username,
                                                        struct command_line *ret);
/* What follows the name, as it stands in the message. */
const char *command_line_rest(const char *text);
/* The next blank-separated word of args into out; false at the end. A word that does not fit is
 * refused as a whole: out becomes "?", which no command accepts. */
bool command_line_word(const char **args, char *out, size_t cap);

#endif
