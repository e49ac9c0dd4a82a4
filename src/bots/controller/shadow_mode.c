/* /shadow_mode: who decides and who trades: legacy_only, shadow, plugin_shadow, plugin_only; for
 * everything, one strategy or one route. Towards the plugin only through open gates. */
#include "bots/bot_command.h"
#include "bots/safeguard.h"
#include "bots/shadowing.h"

static const struct arg_spec fields[] = {
    {.name = "mode", .type = ARG_CHOICE, .choices = "legacy_only|shadow|plugin_shadow|plugin_only"},
    SHADOWING_PLUGIN,
    SHADOWING_ROUTE,
    {.type = ARG_UNSET},
};

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args args;
    char line[COMMAND_ARGS_CAP];
    answer_init(&a, tx, c);
    bool is_read = c->confirmed ? answer_take(&a, line) == REASON_ACCEPTED &&
                                      args_parse(fields, line, &args) == ARGS_OK
                                : args_read(&a, &args);
    if (is_read) {
        struct shadowing_scope s = shadowing_scope(&args, 1);
        shadowing_move(&a, &s, shadow_mode_parse(args.v[0].word));
    }
    answer_finish(&a, ret);
}

const struct bot_command shadow_mode_command = {
    .ops = {.name = "shadow_mode", .role = ROLE_ADMIN, .max_age_ms = 30 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args = fields,
    .help_key = "help.shadow_mode",
    .mirrored = true,
    .prepare = safeguard_prepare,
};
