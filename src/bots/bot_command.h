/* bots/bot_command.h: one command, one file, one exported const struct bot_command. The table
 * (bots/table.c) lists them once; parser, help, permission check, BotFather list and the engine's
 * command_ops are generated from it. */
#ifndef TRIDENT_BOTS_BOT_COMMAND_H
#define TRIDENT_BOTS_BOT_COMMAND_H

#include "engine/tx.h"

enum command_class { COMMAND_CLASS_UNSET = 0, COMMAND_READ, COMMAND_CHANGE, COMMAND_DANGER, COMMAND_CLASS_COUNT };

#define BOT_COMMAND_ALIASES_MAX 6

/* What prepare() may use, on the bot's thread. */
struct bot_prepare {
    const char *ledger_path;  /* zepix_combined_v3.db of the trader */
    const char *journal_path;
    const char *data_dir;
    int64_t now_ms;
    int utc_offset_min;
    int daily_reset_minute;
};

struct bot_command {
    struct command_ops ops;    /* name, role, urgent, max_age_ms, run */
    const char *aliases[BOT_COMMAND_ALIASES_MAX];
    unsigned bots;             /* 1u << enum bot_id: where it lives; elsewhere it is answered and redirected */
    enum command_class klass;
    const char *args_usage;    /* "<id> | all", "" = none */
    const char *help_key;      /* text catalogue: one line, also BotFather's description */
    bool mirrored;             /* state command: mirrored to the legacy process */
    /* Optional, bot thread, may read stores: result text goes into command.body (journaled). NULL result
     * with REASON_ACCEPTED is fine; another reason is told to the user. */
    enum reason (*prepare)(const struct bot_prepare *p, struct command *c);
};

#endif
