/* /enable_legacy: the old logic owns all orders of its alerts again, whatever mode or phase there
 * is, and is switched on for it. In a chat it asks back; POST /admin/enable_legacy_v3 acts at once,
 * like the emergency stop: it is what a machine or a person without Telegram does. */
#include "bots/bot_command.h"
#include "bots/answer.h"
#include "bots/format.h"

static void act(struct answer *a)
{
    enum reason r = tx_legacy_enable(a->tx, a->c);
    if (r == REASON_ACCEPTED) {
        answer_mirror(a, "");
        answer_line(a, "legacy_on.done", NULL);
    } else if (r == REASON_ALREADY_DONE) {
        tx_receipt(a->tx, r, "legacy_only");
        answer_line(a, "legacy_on.already", NULL);
    } else {
        answer_refuse(a, r, "");
    }
    answer_menu(a, "button.shadow", "shadow", "");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char line[COMMAND_ARGS_CAP], count[FORMAT_CAP];
    answer_init(&a, tx, c);
    if (c->confirmed ? answer_take(&a, line) == REASON_ACCEPTED : c->origin == ORIGIN_HTTP) {
        act(&a);
    } else if (!c->confirmed) {
        answer_line(&a, "legacy_on.ask",
                    ANSWER_ARGS({"count", format_u64(tx_position_count(tx), count)}));
        answer_ask(&a, "button.yes_legacy");
    }
    answer_finish(&a, ret);
}

const struct bot_command enable_legacy_command = {
    .ops = {.name = "enable_legacy",
            .role = ROLE_ADMIN,
            .urgent = true,
            .max_age_ms = 30 * 1000,
            .run = run},
    .aliases = {"enable_legacy_v3"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args_usage = "",
    .help_key = "help.enable_legacy",
    .mirrored = true,
};
