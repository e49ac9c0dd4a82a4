/* /cutover: the plugin takes over from the legacy handler, which goes on deciding beside
 * it: a mismatch goes back by itself. Only through open gates. */
#include "bots/bot_command.h"
#include "bots/safeguard.h"
#include "bots/shadowing.h"

static const struct arg_spec fields[] = {SHADOWING_PLUGIN, SHADOWING_ROUTE, {.type = ARG_UNSET}};

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
        struct shadowing_scope s = shadowing_scope(&args, 0);
        shadowing_move(&a, &s, SHADOW_PLUGIN_SHADOW);
    }
    answer_finish(&a, ret);
}

const struct bot_command cutover_command = {
    .ops = {.name = "cutover", .role = ROLE_ADMIN, .max_age_ms = 30 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args = fields,
    .help_key = "help.cutover",
    .mirrored = true,
    .prepare = safeguard_prepare,
};
