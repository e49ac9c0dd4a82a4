/* /start_old, /start_new: on which side a person wants to live while the old bot and the new ones
 * stand side by side (spec transition, principle 4). Commands work on both whatever was chosen; the
 * notifications of the chat where it was said follow. Any number of times, in both directions. The
 * first trader's engine keeps the choice. */
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/moving.h"
#include "core/alloc.h"
#include "engine/transition_tx.h"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    c->body = moving_place_write(p);
    return REASON_ACCEPTED;
}

static void choose(struct answer *a, enum transition_side side)
{
    struct moving_place place;
    bool is_old = side == TRANSITION_OLD;
    moving_place_read(answer_body(a->c), &place);
    if (is_old && place.mode == LEGACY_OFF) {
        answer_refuse(a, REASON_LEGACY_NOT_INSTALLED, "start_old");
        return;
    }
    enum reason r = transition_tx_choose(a->tx, a->c, side);
    if (r != REASON_ACCEPTED && r != REASON_ALREADY_DONE) {
        answer_refuse(a, r, transition_side_name(side));
        return;
    }
    const char *key = is_old ? "side.old" : "side.new";
    if (r == REASON_ALREADY_DONE)
        key = is_old ? "side.old_already" : "side.new_already";
    answer_line(a, key, NULL);
    if (is_old && !place.has_copies)
        answer_line(a, "side.no_copies", NULL);
    answer_line(a, is_old ? "side.back_new" : "side.back_old", NULL);
    answer_toast(a, is_old ? "side.old_toast" : "side.new_toast");
    if (r == REASON_ALREADY_DONE)
        tx_receipt(a->tx, r, transition_side_name(side));
    answer_action(a, is_old ? "button.start_new" : "button.start_old",
                  is_old ? "start_new" : "start_old", "");
    answer_menu(a, "button.menu", "menu", "");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    choose(&a, strcmp(c->name, "start_old") == 0 ? TRANSITION_OLD : TRANSITION_NEW);
    answer_finish(&a, ret);
}

const struct bot_command start_old_command = {
    .ops = {.name = "start_old", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "",
    .help_key = "help.start_old",
    .is_personal = true,
    .prepare = prepare,
};

const struct bot_command start_new_command = {
    .ops = {.name = "start_new", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "",
    .help_key = "help.start_new",
    .is_personal = true,
    .prepare = prepare,
};
