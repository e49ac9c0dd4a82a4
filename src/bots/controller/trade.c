/* /buy and /sell: a market order by hand. The stop is given in pips, or is the one of /setsl; it is
 * shown as a price with the money at risk, and the yes sends exactly these prices. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/command_line.h"
#include "bots/format.h"
#include "core/alloc.h"

#define DEFAULT_SL_KEY "plugins.combined_v3.fallback_sl_pips"
#define DEFAULT_TP_KEY "plugins.combined_v3.fallback_tp_pips"
#define E8(n)          ((int64_t)(n)*DEC_ONE)

static int64_t pips_of(const struct engine_tx *tx, const struct arg *given, const char *key)
{
    int64_t pips_e8 = 0;
    const char *text = given->is_given ? NULL : tx_setting_text(tx, key);
    if (given->is_given)
        return given->number;
    return text != NULL && dec_parse(text, strlen(text), &pips_e8) ? pips_e8 : 0;
}

/* The price `pips` away, on the symbol's digits; 0 pips: none. */
static int64_t level(const struct symbol_info *s, int64_t from_e8, int64_t pips_e8, int sign)
{
    if (pips_e8 <= 0)
        return DEC_NONE;
    int64_t distance_e8 = dec_mul(pips_e8, s->pip_size_e8, DEC_HALF_AWAY);
    int64_t tick_e8 = DEC_ONE;
    for (int i = 0; i < s->digits; i++)
        tick_e8 /= 10;
    int64_t price_e8 = from_e8 + sign * distance_e8;
    return price_e8 - price_e8 % tick_e8;
}

static void show(struct answer *a, const struct tx_entry *e, int64_t price_e8)
{
    const struct symbol_info *s = symbol_find(e->symbol);
    char lots[FORMAT_CAP], price[FORMAT_CAP], sl[FORMAT_CAP], tp[FORMAT_CAP], risk[FORMAT_CAP];
    int64_t risk_e8 = 0;
    if (e->sl_e8 != DEC_NONE) {
        int64_t pips_e8 = symbol_pips_e8(s, price_e8, e->sl_e8);
        pips_e8 = pips_e8 < 0 ? -pips_e8 : pips_e8;
        risk_e8 =
            dec_mul(dec_mul(pips_e8, s->pip_value_e8, DEC_HALF_AWAY), e->lots_e8, DEC_HALF_AWAY);
    }
    answer_line(a, "trade.ask",
                ANSWER_ARGS({"side", side_name(e->side)}, {"symbol", e->symbol},
                            {"lots", format_lots(e->lots_e8, lots)},
                            {"price", format_price(e->symbol, price_e8, price)}));
    answer_line(a, "position.stops",
                ANSWER_ARGS({"sl", format_price(e->symbol, e->sl_e8, sl)},
                            {"tp", format_price(e->symbol, e->tp_e8, tp)}));
    answer_line(a, e->sl_e8 != DEC_NONE ? "trade.risk" : "trade.no_stop",
                ANSWER_ARGS({"risk", format_money(risk_e8, risk)}));
}

/* What the question remembers, and back: "XAUUSD <lots> <sl> <tp>" in 1e-8. */
static void keep(const struct tx_entry *e, char out[COMMAND_ARGS_CAP])
{
    (void)snprintf(out, COMMAND_ARGS_CAP, "%s %" PRId64 " %" PRId64 " %" PRId64, e->symbol,
                   e->lots_e8, e->sl_e8, e->tp_e8);
}

static bool recall(const char *text, struct tx_entry *e)
{
    char number[24];
    int64_t *const fields[] = {&e->lots_e8, &e->sl_e8, &e->tp_e8};
    if (!command_line_word(&text, e->symbol, sizeof e->symbol))
        return false;
    for (size_t i = 0; i < TR_ARRAY_SIZE(fields); i++)
        if (!command_line_word(&text, number, sizeof number) || !str_to_i64(number, fields[i]))
            return false;
    return true;
}

static void ask(struct answer *a, const struct args *v, enum side side)
{
    struct tx_entry e = {.side = side, .lots_e8 = v->v[1].number};
    struct quote q;
    const struct symbol_info *s = symbol_find(v->v[0].word);
    TR_ASSERT(s != NULL && str_copy(e.symbol, sizeof e.symbol, s->name));
    if (!tx_quote(a->tx, s->name, &q)) {
        answer_refuse(a, REASON_NO_QUOTE, s->name);
        return;
    }
    int sign = side_sign(side);
    int64_t price_e8 = side == SIDE_BUY ? q.ask_e8 : q.bid_e8;
    e.sl_e8 = level(s, price_e8, pips_of(a->tx, &v->v[2], DEFAULT_SL_KEY), -sign);
    e.tp_e8 = level(s, price_e8, pips_of(a->tx, &v->v[3], DEFAULT_TP_KEY), sign);
    enum reason r = tx_enter_check(a->tx, &e);
    if (r != REASON_ACCEPTED) {
        answer_refuse(a, r, s->name);
        return;
    }
    struct command meant = *a->c;
    const struct command *asked = a->c;
    show(a, &e, price_e8);
    keep(&e, meant.args);
    a->c = &meant;
    answer_ask(a, side == SIDE_BUY ? "button.yes_buy" : "button.yes_sell");
    a->c = asked;
}

static void send(struct answer *a, const char *kept, enum side side)
{
    struct tx_entry e = {.side = side};
    uint64_t cid = 0;
    char ref[FORMAT_CAP], lots[FORMAT_CAP];
    if (!recall(kept, &e)) {
        answer_refuse(a, REASON_CONFIRM_EXPIRED, a->c->name);
        return;
    }
    enum reason r = tx_enter(a->tx, &e, &cid);
    if (r != REASON_ACCEPTED) {
        answer_refuse(a, r, e.symbol);
        return;
    }
    answer_line(a, "trade.sent",
                ANSWER_ARGS({"side", side_name(side)}, {"symbol", e.symbol},
                            {"lots", format_lots(e.lots_e8, lots)}, {"ref", format_ref(cid, ref)}));
    answer_toast(a, "trade.toast");
    answer_menu(a, "button.positions", "positions", "");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    char args[COMMAND_ARGS_CAP];
    enum side side = strcmp(c->name, "buy") == 0 ? SIDE_BUY : SIDE_SELL;
    answer_init(&a, tx, c);
    if (c->confirmed) {
        if (answer_take(&a, args) == REASON_ACCEPTED)
            send(&a, args, side);
    } else if (args_read(&a, &v))
        ask(&a, &v, side);
    answer_finish(&a, ret);
}

static const struct arg_spec fields[] = {
    {.name = "symbol", .type = ARG_SYMBOL},
    {.name = "lots", .type = ARG_DECIMAL, .min = DEC_ONE / 100, .max = E8(100)},
    {.name = "sl_pips", .type = ARG_DECIMAL, .is_optional = true, .max = E8(10000)},
    {.name = "tp_pips", .type = ARG_DECIMAL, .is_optional = true, .max = E8(10000)}};

const struct bot_command buy_command = {
    .ops = {.name = "buy",
            .role = ROLE_TRADER,
            .max_age_ms = 30 * 1000,
            .run = run,
            .wants_quotes = true},
    .aliases = {"long"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args = fields,
    .help_key = "help.buy",
};

const struct bot_command sell_command = {
    .ops = {.name = "sell",
            .role = ROLE_TRADER,
            .max_age_ms = 30 * 1000,
            .run = run,
            .wants_quotes = true},
    .aliases = {"short"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args = fields,
    .help_key = "help.sell",
};
