/* bots/bot_command.h: one command, one file, one exported const struct bot_command. The table
 * (bots/table.c) lists them once; parser, help, permission check, BotFather list and the engine's
 * command_ops are generated from it. */
#ifndef TRIDENT_BOTS_BOT_COMMAND_H
#define TRIDENT_BOTS_BOT_COMMAND_H

#include "bots/bots.h"
#include "bots/roles.h"
#include "engine/tx.h"

enum command_class {
    COMMAND_CLASS_UNSET = 0,
    COMMAND_READ,
    COMMAND_CHANGE,
    COMMAND_DANGER,
    COMMAND_CLASS_COUNT
};

#define BOT_COMMAND_ALIASES_MAX 6

struct arg_spec;    /* bots/args.h */
struct change_spec; /* bots/change.h */
#define BOT_COMMAND_SAFE_AGE_MS                                                                    \
    (24 * 60 * 60 * 1000) /* pause, panic: as long as Telegram keeps them */

/* What prepare() may use, on the bot's thread. */
struct bot_prepare {
    const char *ledger_path; /* zepix_combined_v3.db of the trader */
    const char *journal_path;
    const char *data_dir;
    int64_t now_ms;
    int utc_offset_min;
    int daily_reset_minute;
    unsigned roles; /* ROLES_BIT of what the asked bot carries */
    const struct bots_options *options;
    const struct bot_status *bots; /* BOT_COUNT of them */
    size_t trader;                 /* index of the chat's trader in options */
    struct shared *shared;         /* what the bots' threads share */
    const char *text; /* what follows the name, as it was sent, however long; "" for a press */
};

struct bot_command {
    struct command_ops ops; /* name, role, urgent, max_age_ms, run */
    const char *aliases[BOT_COMMAND_ALIASES_MAX];
    unsigned bots; /* ROLES_BIT: where it lives; elsewhere it is answered and redirected.
                      0 = posted by the bots themselves, cannot be typed */
    enum command_class klass;
    const char *args_usage; /* "<id> | all"; "" = none: more words are refused. NULL: see args */
    const struct arg_spec *args;      /* read by args_read(); NULL: the command reads them itself */
    const struct change_spec *change; /* the settings it shows and changes; NULL: none */
    bool takes_any_words;             /* whatever follows the name, it is carried out */
    bool takes_long_text;             /* more than fits args: cut there, prepare() has all of it */
    const char *help_key;             /* text catalogue: one line, also BotFather's description */
    bool mirrored;                    /* state command: mirrored to the legacy process */
    bool is_personal; /* about the person: the first trader keeps it, whichever the chat chose */
    bool is_barrier;  /* changes who may do what: what came after it is looked at when it is done */
    /* Optional, bot thread, may read stores: result text goes into command.body (journaled; read it
     * with answer_body()). NULL result with REASON_ACCEPTED is fine; another reason is told to the
     * user. */
    enum reason (*prepare)(const struct bot_prepare *p, struct command *c);
};

#endif
