/* /voice on|off|test: spoken alerts in this chat, after their text. */
#include "bots/hearing.h"
#include "core/alloc.h"

static void run_voice(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct rules r;
    answer_init(&a, tx, c);
    hearing_rules(&a, &r);
    if (str_ieq(c->args, "on") || str_ieq(c->args, "off")) {
        bool on = str_ieq(c->args, "on");
        if (hearing_say(&a, &r, on ? "voice on" : "voice off"))
            answer_line(&a, on ? "voice.on" : "voice.off", NULL);
        answer_action(&a, on ? "button.voice_off" : "button.voice_on", "voice", on ? "off" : "on");
    } else if (str_ieq(c->args, "test")) {
        struct event e = EVENT_INIT;
        e.type = EVENT_TEST;
        e.chat_id = c->chat_id;
        TR_ASSERT(str_copy(e.text, sizeof e.text, "voice"));
        tx_event(tx, &e);
        answer_line(&a, "voice.test", NULL);
    } else {
        hearing_refuse(&a, c->args[0] != '\0' ? c->args : "\"\"", "on, off, test");
    }
    answer_menu(&a, "button.notifications", "notifications", "");
    answer_finish(&a, ret);
}

const struct bot_command voice_command = {
    .ops = {.name = "voice", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run_voice},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "on | off | test",
    .help_key = "help.voice",
    .is_personal = true,
    .prepare = hearing_prepare,
};
