/* /mode: which logic decides: the legacy one, the plugins, or both side by side. */
#include <stdio.h>

#include "bots/answer.h"
#include "bots/bot_command.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_state s;
    char key[64];
    tx_state(tx, &s);
    answer_init(&a, tx, c);
    if (c->args[0])
        answer_refuse(&a, REASON_NOT_IN_THIS_RELEASE, c->args);
    (void)snprintf(key, sizeof key, "mode.%s", s.mode);
    answer_line(&a, "mode.title", ANSWER_ARGS({"mode", s.mode}));
    answer_line(&a, key, NULL);
    for (size_t i = 0; i < s.plugin_count; i++)
        answer_line(&a, s.plugin_active[i] ? "mode.plugin_on" : "mode.plugin_off",
                    ANSWER_ARGS({"plugin", s.plugin_ids[i]}));
    answer_menu(&a, "button.shadow", "shadow", "");
    answer_menu(&a, "button.status", "status", "");
    answer_finish(&a, ret);
}

const struct bot_command mode_command = {
    .ops = {.name = "mode", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .takes_any_words = true,
    .help_key = "help.mode",
};
