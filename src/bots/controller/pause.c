/* /pause: no new entries from now on. The safe direction: at once, without asking, whatever the
 * message's age, and on every bot: one of them always answers. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_state s;
    char since[FORMAT_CAP], count[FORMAT_CAP];
    answer_init(&a, tx, c);
    tx_state(tx, &s);
    enum reason r = tx_pause(tx, c);
    if (r == REASON_ACCEPTED) {
        answer_mirror(&a, "");
        answer_line(&a, "pause.done",
                    ANSWER_ARGS({"count", format_u64(tx_position_count(tx), count)}));
        answer_toast(&a, "pause.toast");
    } else {
        tx_receipt(tx, r, s.paused_by);
        answer_line(&a, "pause.already",
                    ANSWER_ARGS({"since", format_duration(tx_now_ms(tx) - s.paused_ms, since)},
                                {"by", s.paused_by[0] ? s.paused_by : "-"}));
        answer_toast(&a, "pause.toast");
    }
    if (c->args[0])
        answer_line(&a, "pause.no_time", NULL);
    answer_action(&a, "button.resume", "resume", "");
    answer_menu(&a, "button.status", "status", "");
    answer_finish(&a, ret);
}

const struct bot_command pause_command = {
    .ops = {.name = "pause",
            .role = ROLE_TRADER,
            .urgent = true,
            .max_age_ms = BOT_COMMAND_SAFE_AGE_MS,
            .run = run},
    .aliases = {"stop"},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "",
    .takes_any_words = true,
    .help_key = "help.pause",
    .mirrored = true,
};
