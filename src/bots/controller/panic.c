/* /panic: entries stop, every position is closed, and it stays so until released. At once, without
 * asking. Lives on every bot: one of them always answers. /panic release asks back; after it
 * entries are still paused and need /resume: two steps. */
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"

static void release(struct answer *a)
{
    enum reason r = tx_panic_release(a->tx, a->c);
    if (r != REASON_ACCEPTED) {
        tx_receipt(a->tx, r, "release");
        answer_line(a, "panic.not_on", NULL);
        return;
    }
    answer_mirror(a, "release");
    answer_line(a, "panic.released", NULL);
    answer_toast(a, "panic.released.toast");
    answer_action(a, "button.resume", "resume", "");
}

static void ask_release(struct answer *a)
{
    struct tx_state s;
    tx_state(a->tx, &s);
    if (!s.panicked) {
        tx_receipt(a->tx, REASON_ALREADY_DONE, "release");
        answer_line(a, "panic.not_on", NULL);
        return;
    }
    char count[FORMAT_CAP];
    answer_line(a, "panic.ask_release",
                ANSWER_ARGS({"count", format_u64(tx_position_count(a->tx), count)}));
    answer_ask(a, "button.yes_release");
}

static void panic(struct answer *a)
{
    char count[FORMAT_CAP];
    enum reason r = tx_panic(a->tx, a->c);
    if (r == REASON_ACCEPTED) {
        answer_mirror(a, "");
        answer_line(a, "panic.done",
                    ANSWER_ARGS({"count", format_u64(tx_position_count(a->tx), count)}));
    } else {
        tx_receipt(a->tx, r, "panic");
        answer_line(a, "panic.already",
                    ANSWER_ARGS({"count", format_u64(tx_position_count(a->tx), count)}));
    }
    answer_line(a, "panic.scope", ANSWER_ARGS({"trader", tx_trader_id(a->tx)}));
    struct tx_state s;
    tx_state(a->tx, &s);
    if (s.panic_is_flat)
        answer_line(a, "panic.flat", NULL);
    answer_toast(a, "panic.toast");
    answer_menu(a, "button.positions", "positions", "");
    answer_action(a, "button.panic_release", "panic", "release");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char args[COMMAND_ARGS_CAP];
    answer_init(&a, tx, c);
    if (c->confirmed) {
        if (answer_take(&a, args) == REASON_ACCEPTED)
            release(&a);
    } else if (strcmp(c->args, "release") == 0)
        ask_release(&a);
    else
        panic(&a);
    answer_finish(&a, ret);
}

const struct bot_command panic_command = {
    .ops = {.name = "panic",
            .role = ROLE_TRADER,
            .urgent = true,
            .max_age_ms = BOT_COMMAND_SAFE_AGE_MS,
            .run = run},
    .aliases = {"panic_close", "emergency", "emergency_stop"},
    .bots = ROLES_THREE,
    .klass = COMMAND_DANGER,
    .args_usage = "[release]",
    .help_key = "help.panic",
    .mirrored = true,
};
