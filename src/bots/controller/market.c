/* /price, /spread, /symbol, /symbols: what the broker quotes, and what is known of an instrument.
 * The engine journals the quotes of all symbols with these commands (command_ops.wants_quotes). */
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "core/alloc.h"

static void price_line(struct answer *a, const struct symbol_info *s)
{
    struct quote q;
    char bid[FORMAT_CAP], ask[FORMAT_CAP], spread[DEC_TEXT_CAP];
    if (!tx_quote(a->tx, s->name, &q)) {
        answer_line(a, "market.no_quote", ANSWER_ARGS({"symbol", s->name}));
        return;
    }
    int64_t pips_e8 = symbol_pips_e8(s, q.bid_e8, q.ask_e8);
    answer_line(a, "market.price",
                ANSWER_ARGS({"symbol", s->name}, {"bid", format_price(s->name, q.bid_e8, bid)},
                            {"ask", format_price(s->name, q.ask_e8, ask)},
                            {"pips", dec_format_fixed(pips_e8, 1, spread)}));
}

static void exposure_line(struct answer *a, const char *symbol)
{
    uint64_t count = 0;
    int64_t lots_e8 = 0, profit_e8 = 0;
    char t1[FORMAT_CAP], t2[FORMAT_CAP], t3[FORMAT_CAP];
    for (size_t i = 0; i < tx_position_count(a->tx); i++) {
        const struct position *p = tx_position_at(a->tx, i);
        if (strcmp(p->symbol, symbol) != 0)
            continue;
        count++;
        lots_e8 += side_sign(p->side) * p->lots_e8;
        profit_e8 += tx_position_profit_e8(a->tx, p);
    }
    answer_line(a, "market.exposure",
                ANSWER_ARGS({"count", format_u64(count, t1)}, {"lots", format_lots(lots_e8, t2)},
                            {"profit", format_profit(profit_e8, t3)}));
}

static void about(struct answer *a, const char *symbol)
{
    const struct symbol_info *s = symbol_find(symbol);
    char t1[DEC_TEXT_CAP], t2[DEC_TEXT_CAP], t3[DEC_TEXT_CAP], t4[DEC_TEXT_CAP];
    price_line(a, s);
    answer_line(a, "market.contract",
                ANSWER_ARGS({"contract", dec_format(s->contract_size_e8, t1)},
                            {"pip", dec_format(s->pip_size_e8, t2)},
                            {"pip_value", dec_format_fixed(s->pip_value_e8, 2, t3)},
                            {"min_stop", dec_format(s->min_sl_dist_e8, t4)}));
    answer_line(a, "market.lots",
                ANSWER_ARGS({"min", dec_format(s->volume_min_e8, t1)},
                            {"max", dec_format(s->volume_max_e8, t2)},
                            {"step", dec_format(s->volume_step_e8, t3)}));
    exposure_line(a, symbol);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (!args_read(&a, &v)) {
        answer_finish(&a, ret);
        return;
    }
    if (strcmp(c->name, "symbol") == 0)
        about(&a, v.v[0].word);
    else if (v.v[0].is_given)
        price_line(&a, symbol_find(v.v[0].word));
    else
        for (size_t i = 0; i < symbol_count(); i++)
            price_line(&a, symbol_at(i));
    answer_menu(&a, "button.refresh", c->name, v.v[0].word);
    answer_finish(&a, ret);
}

static const struct arg_spec maybe[] = {{.name = "symbol", .type = ARG_SYMBOL, .is_optional = true},
                                        {.type = ARG_UNSET}};
static const struct arg_spec must[] = {{.name = "symbol", .type = ARG_SYMBOL}, {.type = ARG_UNSET}};

#define MARKET(name_, args_, ...)                                                                  \
    const struct bot_command name_##_command = {                                                   \
        .ops = {.name = #name_,                                                                    \
                .role = ROLE_VIEWER,                                                               \
                .max_age_ms = 10 * 60 * 1000,                                                      \
                .run = run,                                                                        \
                .wants_quotes = true},                                                             \
        __VA_ARGS__.bots = ROLES_BIT(BOT_CONTROLLER),                                              \
        .klass = COMMAND_READ,                                                                     \
        .args = args_,                                                                             \
        .help_key = "help." #name_,                                                                \
    }

MARKET(price, maybe, .aliases = {"quote", "prices"}, );
MARKET(spread, maybe, );
MARKET(symbols, maybe, );
MARKET(symbol, must, );
