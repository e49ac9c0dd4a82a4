/* Hidden: a Yes that needs a second person. args: "<command> <receipt>", body: the others who may
 * give the command, "<user> <language>" a line. Each is asked in their private chat, with buttons
 * that are theirs alone; the requester's own Yes counts once, however often it is pressed. */
#include <stdio.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/closing.h"
#include "bots/command_line.h"
#include "bots/confirming.h"
#include "bots/format.h"
#include "core/alloc.h"

#define POSITIONS_SHOWN_MAX 20

/* What the requester was shown: the second person decides on the same. */
static void show_positions(struct answer *a, uint64_t id)
{
    const struct pick *pick = tx_pick(a->tx, id);
    char count[FORMAT_CAP];
    for (size_t i = 0; pick && i < pick->count && i < POSITIONS_SHOWN_MAX; i++) {
        const struct position *p = tx_position_find(a->tx, pick->cids[i]);
        struct card_position v;
        struct buf line TR_CLEANUP(buf_deinit) = {0};
        if (!p)
            continue; /* closed meanwhile */
        buf_init(&line, 256);
        closing_view(a->tx, p, &v);
        card_position_line(&line, &v);
        answer_line(a, "close.item", ANSWER_ARGS({"position", line.data}));
    }
    if (pick && pick->count > POSITIONS_SHOWN_MAX)
        answer_line(a, "approval.more",
                    ANSWER_ARGS({"count", format_u64(pick->count - POSITIONS_SHOWN_MAX, count)}));
}

static void ask_one(struct answer *a, const struct tx_action *action, const struct confirm_token *t,
                    int64_t user_id, enum lang lang)
{
    struct command to = *a->c;
    struct answer other;
    struct reply reply;
    to.user_id = user_id;
    to.chat_id = user_id;
    to.lang = lang;
    to.callback_id[0] = '\0';
    to.message_id = 0;
    to.body = NULL;
    answer_init(&other, a->tx, &to);
    answer_line(&other, "approval.ask",
                ANSWER_ARGS({"who", action->user_name}, {"name", action->name},
                            {"args", action->args}, {"trader", tx_trader_id(a->tx)},
                            {"tag", action->tag}));
    show_positions(&other, t->id);
    answer_menu(&other, "button.positions", "positions", "");
    answer_yes_no(&other, "button.yes_approve", action->name, t, CONFIRMING_APPROVAL_MS);
    reply_init(&reply);
    answer_finish(&other, &reply);
    reply.bot = a->c->bot;
    reply.chat_id = user_id;
    tx_reply(a->tx, &reply);
    reply_deinit(&reply);
}

static uint64_t ask_all(struct answer *a, const struct tx_action *action, uint64_t id)
{
    struct confirm_token t = {.id = id};
    char line[64];
    uint64_t asked = 0;
    const char *list = answer_body(a->c);
    confirm_token_trader(tx_trader_id(a->tx), t.trader);
    TR_ASSERT(str_copy(t.action, sizeof t.action, action->tag));
    while (*list) {
        char word[24];
        int64_t user_id = 0;
        enum lang lang = LANG_EN;
        size_t len = 0;
        while (list[len] && list[len] != '\n')
            len++;
        (void)snprintf(line, sizeof line, "%.*s", (int)len, list);
        list += len + (list[len] == '\n');
        const char *words = line;
        if (!command_line_word(&words, word, sizeof word) || !str_to_i64(word, &user_id) ||
            user_id <= 0 || user_id == action->user_id)
            continue;
        if (command_line_word(&words, word, sizeof word) && !lang_parse(word, &lang))
            lang = LANG_EN;
        ask_one(a, action, &t, user_id, lang);
        asked++;
    }
    return asked;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_action action;
    struct command meant = *c;
    char word[24], count[FORMAT_CAP];
    const char *args = c->args;
    int64_t id = 0;
    answer_init(&a, tx, c);
    (void)command_line_word(&args, meant.name, sizeof meant.name); /* from code: both are there */
    if (!command_line_word(&args, word, sizeof word) || !str_to_i64(word, &id))
        id = 0;
    enum reason r = answer_body(c)[0] == '\0' ? REASON_SECOND_MISSING
                                              : tx_confirm_second(tx, &meant, (uint64_t)id,
                                                                  CONFIRMING_APPROVAL_MS, &action);
    if (r != REASON_ACCEPTED)
        answer_refuse(&a, r, meant.name);
    else {
        uint64_t asked = ask_all(&a, &action, (uint64_t)id);
        answer_line(&a, "approval.waiting",
                    ANSWER_ARGS({"name", action.name}, {"tag", action.tag},
                                {"count", format_u64(asked, count)}));
        answer_toast(&a, "approval.waiting.toast");
        tx_receipt(tx, REASON_SECOND_NEEDED, c->args);
    }
    a.is_new_message = true; /* No stays under the question */
    answer_finish(&a, ret);
}

const struct bot_command approval_command = {
    .ops = {.name = "approval", .role = ROLE_VIEWER, .urgent = true, .run = run},
    .klass = COMMAND_CHANGE,
    .args_usage = "",
    .help_key = "help.approval",
};
