/* /shadow_virtual_orders: the trades of the side that may not trade, with the profit they would
 * have had: open ones first, then the newest that ended. */
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/shadowing.h"

#define SHOWN_USUALLY 5
#define SHOWN_MAX     20

static const struct arg_spec fields[] = {
    {.name = "n", .type = ARG_INT, .is_optional = true, .min = 1, .max = SHOWN_MAX},
    {.type = ARG_UNSET},
};

static void show(struct answer *a, const struct shadow_virtual *v)
{
    char lots[FORMAT_CAP], entry[FORMAT_CAP], exit[FORMAT_CAP], profit[FORMAT_CAP];
    answer_line(a, "shadow.virtual_order",
                ANSWER_ARGS({"symbol", v->p.symbol}, {"side", side_name(v->p.side)},
                            {"lots", format_lots(v->p.lots_e8, lots)}, {"plugin", v->p.plugin},
                            {"route", v->p.route}));
    answer_line(a, v->closed_ms != 0 ? "shadow.virtual_closed" : "shadow.virtual_open",
                ANSWER_ARGS({"entry", format_price(v->p.symbol, v->p.entry_e8, entry)},
                            {"exit", format_price(v->p.symbol, v->exit_e8, exit)},
                            {"profit", format_profit(v->profit_e8, profit)},
                            {"reason", reason_code(v->reason)}));
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args args;
    const struct shadow *sh = tx_shadow(tx);
    answer_init(&a, tx, c);
    if (args_read(&a, &args)) {
        size_t n = args.v[0].is_given ? (size_t)args.v[0].number : SHOWN_USUALLY;
        if (sh->open_count + sh->closed_count == 0)
            answer_line(&a, "shadow.no_virtual", NULL);
        for (size_t i = 0; i < n && i < sh->open_count; i++)
            show(&a, &sh->open[sh->open_count - 1 - i]);
        for (size_t i = 1; i <= n && i <= sh->closed_count; i++)
            show(&a, &sh->closed[(sh->closed_next + SHADOW_CLOSED_MAX - i) % SHADOW_CLOSED_MAX]);
    }
    answer_menu(&a, "button.shadow", "shadow", "");
    answer_finish(&a, ret);
}

const struct bot_command shadow_virtual_orders_command = {
    .ops = {.name = "shadow_virtual_orders",
            .role = ROLE_VIEWER,
            .max_age_ms = 10 * 60 * 1000,
            .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args = fields,
    .help_key = "help.shadow_virtual_orders",
};
