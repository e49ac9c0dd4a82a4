/* /reload <plugin>: what the configuration file says of this one strategy now, checked and laid at
 * once; the others, the orders and the positions are not touched. The program of one that is a
 * process of its own is started anew beside the running one and takes its place only when it speaks
 * the protocol (outside/supervisor.h). */
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/reloading.h"

static bool is_present(const struct answer *a, const char *plugin)
{
    struct tx_state s;
    tx_state(a->tx, &s);
    for (size_t i = 0; i < s.plugin_count; i++)
        if (strcmp(s.plugin_ids[i], plugin) == 0)
            return true;
    return false;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (args_read(&a, &v)) {
        if (is_present(&a, v.v[0].word))
            reloading_run(&a, v.v[0].word);
        else {
            answer_refuse(&a, REASON_NO_PLUGIN, v.v[0].word);
            answer_line(&a, "plugins.none", ANSWER_ARGS({"plugin", v.v[0].word}));
        }
    }
    answer_menu(&a, "button.plugins", "plugins", "");
    answer_finish(&a, ret);
}

const struct bot_command reload_command = {
    .ops = {.name = "reload", .role = ROLE_ADMIN, .max_age_ms = 60 * 1000, .run = run},
    .aliases = {"plugin_reload"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args = (const struct arg_spec[]){{.name = "plugin", .type = ARG_PLUGIN}, {.type = ARG_UNSET}},
    .help_key = "help.reload",
    .prepare = reloading_prepare,
};
