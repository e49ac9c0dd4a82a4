/* /mode [mode]: which logic decides: the legacy one, the plugins, or both side by side. With the
 * name of a mode: the button that moves there by /shadow_mode, which checks and asks back. */
#include <stdio.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "core/alloc.h"

static const struct arg_spec fields[] = {
    {.name = "mode",
     .type = ARG_CHOICE,
     .is_optional = true,
     .choices = "legacy_only|shadow|plugin_shadow|plugin_only"},
    {.type = ARG_UNSET},
};

static void show(struct answer *a, const struct tx_state *s)
{
    char key[64];
    (void)snprintf(key, sizeof key, "mode.%s", s->mode);
    answer_line(a, "mode.title", ANSWER_ARGS({"mode", s->mode}));
    answer_line(a, key, NULL);
    for (size_t i = 0; i < s->plugin_count; i++)
        answer_line(a, s->plugin_active[i] ? "mode.plugin_on" : "mode.plugin_off",
                    ANSWER_ARGS({"plugin", s->plugin_ids[i]}));
}

static void offer(struct answer *a, const struct tx_state *s, const char *wanted)
{
    if (str_eq(wanted, s->mode)) {
        answer_line(a, "mode.already", ANSWER_ARGS({"mode", wanted}));
        tx_receipt(a->tx, REASON_ALREADY_DONE, wanted);
        return;
    }
    if (a->c->role < ROLE_ADMIN) {
        answer_refuse(a, REASON_ROLE_TOO_LOW, wanted);
        return;
    }
    answer_line(a, "mode.offer", ANSWER_ARGS({"mode", wanted}));
    answer_action(a, "button.move_there", "shadow_mode", wanted);
    answer_next_row(a);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    struct tx_state s;
    tx_state(tx, &s);
    answer_init(&a, tx, c);
    if (args_read(&a, &v)) {
        show(&a, &s);
        if (v.v[0].is_given)
            offer(&a, &s, v.v[0].word);
    }
    answer_menu(&a, "button.shadow", "shadow", "");
    answer_menu(&a, "button.status", "status", "");
    answer_finish(&a, ret);
}

const struct bot_command mode_command = {
    .ops = {.name = "mode", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args = fields,
    .help_key = "help.mode",
};
