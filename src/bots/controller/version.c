/* /version: what is running. The version enters through the command's body: replaying an old
 * journal with a newer program must give the old answer. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "core/alloc.h"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    (void)p; /* nothing to look up */
    c->body = xstrdup(TRIDENT_VERSION);
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_state s;
    tx_state(tx, &s);
    answer_init(&a, tx, c);
    answer_line(&a, "version.text",
                ANSWER_ARGS({"version", answer_body(c)}, {"trader", tx_trader_id(tx)}));
    for (size_t i = 0; i < s.plugin_count; i++)
        answer_line(&a, s.plugin_active[i] ? "mode.plugin_on" : "mode.plugin_off",
                    ANSWER_ARGS({"plugin", s.plugin_ids[i]}));
    answer_finish(&a, ret);
}

const struct bot_command version_command = {
    .ops = {.name = "version", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.version",
    .prepare = prepare,
};
