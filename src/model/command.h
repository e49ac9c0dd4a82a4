/* model/command.h: one authorised command as it goes into the engine queue and the journal. Built
 * by the bots (or HTTP, CLI) from text or a button; `run` of its descriptor is executed by the
 * engine. */
#ifndef TRIDENT_MODEL_COMMAND_H
#define TRIDENT_MODEL_COMMAND_H

#include "core/pack.h"
#include "model/user.h"

#define COMMAND_NAME_CAP       33 /* Bot API: 1-32 of [a-z0-9_] */
#define COMMAND_ARGS_CAP       256
#define COMMAND_BODY_MAX_BYTES 8192

enum command_origin {
    ORIGIN_UNSET = 0,
    ORIGIN_BOT,
    ORIGIN_HTTP,
    ORIGIN_CLI,
    ORIGIN_LEGACY,
    ORIGIN_COUNT
};

struct command {
    char name[COMMAND_NAME_CAP]; /* canonical name from the table, without slash */
    char args[COMMAND_ARGS_CAP]; /* rest of the line, trimmed */
    enum command_origin origin;
    enum bot_id bot;   /* the bot that received it */
    int64_t update_id; /* dedupe: (bot, update_id); 0 = none */
    int64_t user_id, chat_id, thread_id, message_id;
    int64_t sent_ms; /* Telegram's date of the message */
    enum role role;  /* of the sender, resolved by the bot before it posts */
    enum lang lang;
    char user_name[USER_NAME_CAP];
    char callback_id[48]; /* button press: to be answered; "" else */
    bool confirmed;       /* a verified confirm button: args hold the confirmation id */
    char *body;           /* heap, may be NULL: text prepared outside the engine (reports) */
};

void command_deinit(struct command *c); /* frees body */
void command_pack(struct buf *b, const struct command *c);
void command_unpack(struct unpack *u, struct command *ret);

#endif
