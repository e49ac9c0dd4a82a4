/* bots/answer.h: builds the reply of a command inside run(): lines from the catalogue, buttons, and
 * at the end the receipt's number. Engine thread; deterministic. A press of a button edits the
 * message it sits under; typed commands get a new message. */
#ifndef TRIDENT_BOTS_ANSWER_H
#define TRIDENT_BOTS_ANSWER_H

#include "bots/button.h"
#include "bots/confirm_token.h"
#include "engine/tx.h"
#include "model/text.h"

#define ANSWER_MARK                                                                                \
    '\x1e' /* around the legacy notice at the start of a body, see answer_body()                   \
            */

#define ANSWER_RENAMED '\x1f' /* around "<legacy name> <what it is now>", likewise */

struct answer {
    struct engine_tx *tx;
    const struct command *c;
    struct buf html;
    struct buf keys; /* inline_keyboard JSON under construction */
    int row_len, rows;
    char toast[201];     /* shown over the chat when a button was pressed */
    bool is_new_message; /* do not edit, even after a press */
    bool has_menu;       /* a button to a menu is there */
};

#define ANSWER_ARGS(...) ((const struct text_arg[]){__VA_ARGS__, {NULL, NULL}})

void answer_init(struct answer *a, struct engine_tx *tx, const struct command *c);
/* One rendered catalogue entry and a line end. args may be NULL. */
void answer_line(struct answer *a, const char *key, const struct text_arg *args);
void answer_html(struct answer *a, const char *html); /* finished HTML: cards, prepared bodies */
/* The sentence of a reason, and it becomes the receipt's. */
void answer_refuse(struct answer *a, enum reason why, const char *receipt_text);
/* The same rendered text, short and plain, over the chat. */
void answer_toast(struct answer *a, const char *key);
/* Appends a button to the current row. label_key: catalogue; value: its {value}, may be NULL. */
void answer_button(struct answer *a, const char *label_key, const char *value,
                   const struct button *b);
void answer_menu(struct answer *a, const char *label_key, const char *name, const char *arg);
void answer_action(struct answer *a, const char *label_key, const char *name, const char *arg);
void answer_next_row(struct answer *a);
/* Yes and no to tx_confirm_ask() of this command; the question itself is a line before. */
void answer_ask(struct answer *a, const char *yes_key);
/* The same for a question that was asked before: by another command, or to another person. */
void answer_yes_no(struct answer *a, const char *yes_key, const char *name,
                   const struct confirm_token *t, int64_t ttl_ms);
/* A press on such a button: ACCEPTED with the remembered arguments when it was a valid yes; else
 * the answer is already written (withdrawn, used, expired ...) and only answer_finish() is left. */
enum reason answer_take(struct answer *a, char ret_args[COMMAND_ARGS_CAP]);
/* The command was carried out: tells the legacy process too, with the arguments that were meant (a
 * press carries a confirmation's number instead). Only commands the table calls mirrored. */
void answer_mirror(struct answer *a, const char *args);
void answer_finish(struct answer *a, struct reply *ret); /* releases a */

/* What prepare() left, without the legacy notice; never NULL. */
const char *answer_body(const struct command *c);

#endif
