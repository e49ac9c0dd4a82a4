/* /shadow: the shadow machine: each strategy and route with its mode, how often legacy handler and
 * plugin agreed, and what a cut-over still waits for. */
#include "bots/bot_command.h"
#include "bots/phasing.h"
#include "bots/shadowing.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    const struct shadow *sh = tx_shadow(tx);
    answer_init(&a, tx, c);
    answer_line(&a, "shadow.title",
                ANSWER_ARGS({"mode", shadow_mode_name(tx_shadow_mode(tx, "", ""))}));
    phasing_line(&a);
    for (size_t i = 0; i < sh->scope_count; i++) {
        shadowing_card(&a, &sh->scopes[i]);
        if (sh->scopes[i].mode == SHADOW_SHADOW)
            shadowing_gates(&a, &sh->scopes[i]);
    }
    if (sh->scope_count == 0)
        answer_line(&a, "shadow.nothing_yet", NULL);
    answer_menu(&a, "button.shadow_mismatches", "shadow_discrepancies", "");
    answer_menu(&a, "button.shadow_virtual", "shadow_virtual_orders", "");
    answer_menu(&a, "button.phase", "phase", "");
    answer_finish(&a, ret);
}

const struct bot_command shadow_command = {
    .ops = {.name = "shadow", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"shadow_status", "shadow_report"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.shadow",
};
