/* /clear_loss daily|all: the losses counted towards the caps start at 0 again. What was lost stays
 * lost, and as much may be lost once more: asks back. */
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/format.h"

static void ask(struct answer *a)
{
    struct tx_account account;
    char daily[FORMAT_CAP], lifetime[FORMAT_CAP], cap[FORMAT_CAP];
    tx_account(a->tx, &account);
    answer_line(a, "clear_loss.ask",
                ANSWER_ARGS({"daily", format_money(account.daily_loss_e8, daily)},
                            {"lifetime", format_money(account.lifetime_loss_e8, lifetime)},
                            {"cap", format_money(account.daily_cap_e8, cap)}));
    answer_ask(a, "button.yes_change");
}

static void clear(struct answer *a, const char *what)
{
    enum reason r = tx_clear_loss(a->tx, strcmp(what, "all") == 0);
    if (r == REASON_ACCEPTED)
        answer_mirror(a, what);
    else
        tx_receipt(a->tx, r, what);
    answer_line(a, r == REASON_ACCEPTED ? "clear_loss.done" : "clear_loss.already", NULL);
    answer_menu(a, "button.risk", "risk", "");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    char args[COMMAND_ARGS_CAP];
    answer_init(&a, tx, c);
    if (c->confirmed) {
        if (answer_take(&a, args) == REASON_ACCEPTED)
            clear(&a, args);
    } else if (args_read(&a, &v))
        ask(&a);
    answer_finish(&a, ret);
}

static const struct arg_spec fields[] = {
    {.name = "what", .type = ARG_CHOICE, .choices = "daily|all"}, {.type = ARG_UNSET}};

const struct bot_command clear_loss_command = {
    .ops = {.name = "clear_loss", .role = ROLE_ADMIN, .max_age_ms = 30 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args = fields,
    .help_key = "help.clear_loss",
    .mirrored = true,
};
