/* bots/wizard.h: arguments chosen by buttons. A command with a line in the wizard table is asked
 * for step by step: each step offers presets (or the open positions, the plugins, the symbols), a
 * value may also be typed in a private chat. A command that changes something is shown whole before
 * it runs; one that only reads runs with its last argument, one that is dangerous asks back by
 * itself.
 *
 *   m:wizard <command> ........ start        m:wizard .<id> <step> <value> .. choose
 *   m:wizard .<id> p <page> ... turn page    a1:wizard=<id> ................. run (signed)
 *
 * What was chosen is kept in memory by the bot's thread, one wizard a person and chat, for
 * WIZARD_TTL_MS after the last touch; a restart forgets it, and a button of a forgotten wizard says
 * that it has expired. Choosing names the step, so an update that is delivered twice changes
 * nothing. The plugin that was chosen is the chat's context (rule TG-5): for WIZARD_CONTEXT_MS it
 * is not asked for again. */
#ifndef TRIDENT_BOTS_WIZARD_H
#define TRIDENT_BOTS_WIZARD_H

#include "bots/bot_command.h"
#include "bots/button.h"

#define WIZARD_TTL_MS      (5 * 60 * 1000)
#define WIZARD_CONTEXT_MS  (300 * 1000)
#define WIZARD_STEPS_MAX   4
#define WIZARD_VALUE_CAP   33
#define WIZARD_PRESETS_CAP 160
#define WIZARDS_MAX        64
#define WIZARD_TYPED_MAX   32

enum wizard_kind {
    WIZARD_UNSET = 0,
    WIZARD_CHOICE,   /* one of the presets, nothing else */
    WIZARD_NUMBER,   /* presets, or typed */
    WIZARD_WORD,     /* presets if any, or typed */
    WIZARD_SYMBOL,   /* presets, or typed */
    WIZARD_POSITION, /* the open positions, in pages */
    WIZARD_PLUGIN,   /* the plugins of the trader, and both: the chat's context */
    WIZARD_KIND_COUNT
};

struct wizard_step {
    enum wizard_kind kind;
    const char *ask;                  /* the field; catalogue: "wizard.ask.<ask>", else ".any" */
    char presets[WIZARD_PRESETS_CAP]; /* blank-separated; "" = none */
};

/* ---- the steps, made from the command's argument table: pure, any thread ---- */
size_t wizard_steps(const struct bot_command *cmd, struct wizard_step ret[WIZARD_STEPS_MAX]);
/* A menu asks for its arguments instead of running it as it is. */
bool wizard_is_needed(const struct bot_command *cmd);
/* "V3 set" and "V6 set" of rule TG-5: the plugin a command's name means; NULL: none. */
const char *wizard_implied_plugin(const char *command);

/* ---- what people are in the middle of: the bot's thread ---- */
struct wizard {
    uint32_t id; /* 0 = free */
    int64_t chat_id, user_id;
    int64_t touched_ms;
    int64_t ran_by;                 /* update that ran it; 0 = not yet */
    int64_t typed_by;               /* update of the newest typed value: it may come twice */
    char command[COMMAND_NAME_CAP]; /* canonical */
    char words[COMMAND_ARGS_CAP];   /* chosen so far, blank-separated */
};

struct wizards {
    struct wizard items[WIZARDS_MAX];
    struct {
        int64_t chat_id, until_ms;
        char plugin[WIZARD_VALUE_CAP];
    } contexts[WIZARDS_MAX];
    size_t next_context;
    uint32_t next_id;
};

/* The moment of a press or message. */
struct wizard_press {
    int64_t chat_id, user_id, update_id, now_ms;
};

enum wizard_result {
    WIZARD_SHOW = 0, /* *ret_wizard is to be shown */
    WIZARD_RUN,      /* its command is complete: run it with its words */
    WIZARD_GONE,     /* expired, used, of before a restart, or not understood; *ret_wizard tells
                      * which it was, when that is known */
};

void wizards_init(struct wizards *ws); /* ids begin at a random number */
/* A verified button of the name "wizard". *ret_page: of the list shown, from 1. */
enum wizard_result wizards_on_button(struct wizards *ws, const struct wizard_press *p,
                                     const struct button *b, struct wizard **ret_wizard,
                                     unsigned *ret_page);
/* Text typed while a wizard waits for a value that may be typed. WIZARD_GONE: it is none. */
enum wizard_result wizards_on_text(struct wizards *ws, const struct wizard_press *p,
                                   const char *text, struct wizard **ret_wizard);
/* Ends the person's wizard; its command's name goes to ret_command, "" when there was none. */
void wizards_cancel(struct wizards *ws, const struct wizard_press *p,
                    char ret_command[COMMAND_NAME_CAP]);
/* A command was given whose name means a plugin: the chat's context from now on. */
void wizards_note_command(struct wizards *ws, const struct wizard_press *p, const char *command);
size_t wizard_word_count(const char *words);

#endif
