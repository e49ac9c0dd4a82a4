/* /start: what this bot is for, with the buttons that are wanted most. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/menu.h"
#include "bots/moving.h"

static void last_row(struct answer *a)
{
    answer_menu(a, "button.menu", "menu", "");
    answer_menu(a, "button.help", "help", "");
    answer_action(a, "button.language", "language", "");
}

static const char *text_key(enum bot_id bot)
{
    switch (bot) {
    case BOT_NOTIFICATION:
        return "start.notification";
    case BOT_ANALYTICS:
        return "start.analytics";
    case BOT_LEGACY:
        return "start.legacy";
    case BOT_UNSET:
    case BOT_CONTROLLER:
    case BOT_COUNT:
        break;
    }
    return "start.controller";
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    c->body = moving_place_write(p);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct moving_place place;
    answer_init(&a, tx, c);
    answer_line(&a, text_key(c->bot),
                ANSWER_ARGS({"name", c->user_name}, {"role", role_name(c->role)}));
    moving_place_read(answer_body(c), &place);
    if (place.mode != LEGACY_OFF && !transition_tx(tx)->is_retired)
        answer_line(&a, "start.dual", NULL);
    if (c->bot == BOT_NOTIFICATION) {
        answer_action(&a, "button.subscribe", "subscribe", "");
        answer_action(&a, "button.test", "test", "");
        answer_next_row(&a);
        last_row(&a);
    } else if (c->bot == BOT_ANALYTICS) {
        answer_menu(&a, "button.daily", "daily", "");
        answer_menu(&a, "button.stats", "stats", "");
        answer_menu(&a, "button.performance", "performance", "");
        answer_next_row(&a);
        last_row(&a);
    } else
        menu_show(&a, menu_find(MENU_MAIN));
    answer_finish(&a, ret);
}

const struct bot_command start_command = {
    .ops = {.name = "start", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_THREE,
    .klass = COMMAND_READ,
    .args_usage = "",
    .takes_any_words = true,
    .help_key = "help.start",
    .prepare = prepare,
};
