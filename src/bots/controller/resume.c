/* /resume: entries allowed again. Not out of a panic: that is released first, and asks. */
#include "bots/answer.h"
#include "bots/bot_command.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    answer_init(&a, tx, c);
    enum reason r = tx_resume(tx, c);
    if (r == REASON_ACCEPTED) {
        answer_mirror(&a, "");
        answer_line(&a, "resume.done", NULL);
        answer_toast(&a, "resume.toast");
        answer_action(&a, "button.pause", "pause", "");
    } else if (r == REASON_PANIC) {
        tx_receipt(tx, r, "panic");
        answer_line(&a, "resume.panic", NULL);
        answer_action(&a, "button.panic_release", "panic", "release");
    } else {
        tx_receipt(tx, r, "");
        answer_line(&a, "resume.already", NULL);
    }
    answer_menu(&a, "button.status", "status", "");
    answer_finish(&a, ret);
}

const struct bot_command resume_command = {
    .ops = {.name = "resume", .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = run},
    .aliases = {"continue"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args_usage = "",
    .help_key = "help.resume",
    .mirrored = true,
};
