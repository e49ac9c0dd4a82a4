/* /language [en | hinglish]: how this person is spoken to from now on, by every bot; the
 * notifications of the chat where it is said follow. The first trader's engine keeps the choice. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "core/alloc.h"

#include <stdio.h>

static bool parse(const char *typed, enum lang *ret)
{
    for (int i = LANG_UNSET + 1; i < LANG_COUNT; i++)
        if (str_ieq(typed, lang_name((enum lang)i))) {
            *ret = (enum lang)i;
            return true;
        }
    if (!str_ieq(typed, "english"))
        return false;
    *ret = LANG_EN;
    return true;
}

static void ask(struct answer *a)
{
    answer_line(a, "language.ask", NULL);
    answer_action(a, "button.language_en", "language", lang_name(LANG_EN));
    answer_action(a, "button.language_hinglish", "language", lang_name(LANG_HINGLISH));
}

static void choose(struct engine_tx *tx, const struct command *c, enum lang lang, struct reply *ret)
{
    struct command spoken = *c;
    struct answer a;
    enum reason r = tx_set_language(tx, c->user_id, lang);
    bool is_set = r == REASON_ACCEPTED || r == REASON_ALREADY_DONE;
    if (is_set)
        spoken.lang = lang;
    answer_init(&a, tx, &spoken);
    if (!is_set)
        answer_refuse(&a, r, c->args);
    else {
        struct event e = EVENT_INIT;
        e.type = EVENT_SUBSCRIPTION;
        e.chat_id = c->chat_id;
        (void)snprintf(e.text, sizeof e.text, "language %s", lang_name(lang));
        tx_event(tx, &e); /* also when repeated: another chat may be meant */
        answer_line(&a, r == REASON_ACCEPTED ? "language.done" : "language.already", NULL);
        answer_toast(&a, "language.toast");
        answer_menu(&a, "button.menu", "start", "");
        if (r == REASON_ALREADY_DONE)
            tx_receipt(tx, r, lang_name(lang));
    }
    answer_finish(&a, ret);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    enum lang lang = LANG_UNSET;
    if (parse(c->args, &lang)) {
        choose(tx, c, lang, ret);
        return;
    }
    answer_init(&a, tx, c);
    if (c->args[0])
        answer_refuse(&a, REASON_ARGUMENT_INVALID, c->args);
    ask(&a);
    answer_finish(&a, ret);
}

const struct bot_command language_command = {
    .ops = {.name = "language", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"lang", "bhasha"},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "[en | hinglish]",
    .help_key = "help.language",
    .is_personal = true,
};
