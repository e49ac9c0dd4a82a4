/* /live [status|positions|header] [off]: cards in this chat that are edited while what they show
 * changes. The sender keeps them (notify/live.h); this only journals the wish. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"
#include "bots/menu.h"
#include "core/alloc.h"

static void wish(struct answer *a, enum live_kind kind, bool is_on)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_SUBSCRIPTION;
    e.chat_id = a->c->chat_id;
    if (is_on)
        (void)snprintf(e.text, sizeof e.text, "card %s %d %" PRId64 " %s", live_kind_name(kind),
                       (int)a->c->bot, a->c->thread_id, tx_trader_id(a->tx));
    else
        (void)snprintf(e.text, sizeof e.text, "card %s off", live_kind_name(kind));
    tx_event(a->tx, &e);
}

static void choices(struct answer *a)
{
    answer_line(a, "live.ask", NULL);
    for (int k = LIVE_UNSET + 1; k < LIVE_KIND_COUNT; k++) {
        char key[32], off[32];
        (void)snprintf(key, sizeof key, "live.kind.%s", live_kind_name((enum live_kind)k));
        (void)snprintf(off, sizeof off, "%s off", live_kind_name((enum live_kind)k));
        answer_menu(a, key, "live", live_kind_name((enum live_kind)k));
        answer_menu(a, "live.stop", "live", off);
        answer_next_row(a);
    }
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    const char *args = c->args;
    char kind_name[16] = "", off[8] = "";
    enum live_kind kind = LIVE_UNSET;
    answer_init(&a, tx, c);
    bool has_kind = command_line_word(&args, kind_name, sizeof kind_name);
    bool is_off = command_line_word(&args, off, sizeof off) && strcmp(off, "off") == 0;
    if (strcmp(kind_name, "menu") == 0) { /* from a card: it stays, the menu comes below */
        menu_show(&a, menu_find(MENU_MAIN));
        a.is_new_message = true;
    } else if (has_kind && live_kind_parse(kind_name, &kind) && (is_off || !off[0])) {
        wish(&a, kind, !is_off);
        answer_line(&a, is_off ? "live.stopped" : "live.started", NULL);
        answer_toast(&a, is_off ? "live.stopped" : "live.started");
    } else if (has_kind)
        answer_refuse(&a, REASON_ARGUMENT_INVALID, c->args);
    else
        choices(&a);
    answer_finish(&a, ret);
}

const struct bot_command live_command = {
    .ops = {.name = "live", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"cards"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "[status | positions | header] [off]",
    .help_key = "help.live",
};
