/* /chains [profit|reentry]: what follows the trades; /stop_profit_chain <id|all> ends profit
 * chains and closes their orders, all of them after asking. */
#include <stdio.h>
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "core/alloc.h"
#include "engine/chains.h"

#define SHOWN_MAX 20

static void item(struct answer *a, const struct tx_chain *t)
{
    char level[FORMAT_CAP], levels[FORMAT_CAP], profit[FORMAT_CAP], loss[FORMAT_CAP];
    char t1[FORMAT_CAP], t2[FORMAT_CAP], t3[FORMAT_CAP];
    answer_line(a, "chains.item",
                ANSWER_ARGS({"symbol", t->symbol}, {"side", side_name(t->side)},
                            {"route", t->route}, {"state", chain_state_name(t->state)},
                            {"level", format_u64((uint64_t)t->level, level)},
                            {"levels", format_u64((uint64_t)t->max_level, levels)}, {"id", t->id},
                            {"profit", format_money(t->profit_e8, profit)},
                            {"loss", format_money(t->loss_e8, loss)}));
    if (t->is_profit)
        answer_line(a, "chains.orders",
                    ANSWER_ARGS({"open", format_u64((uint64_t)t->orders_open, t1)},
                                {"booked", format_u64((uint64_t)t->orders_booked, t2)},
                                {"total", format_u64((uint64_t)t->orders_total, t3)}));
    if (t->watch_e8 != DEC_NONE && t->until_ms > 0)
        answer_line(a, "chains.waits",
                    ANSWER_ARGS({"price", format_price(t->symbol, t->watch_e8, t1)},
                                {"left", format_duration(t->until_ms - tx_now_ms(a->tx), t2)}));
}

static void list(struct answer *a, const struct arg *kind)
{
    uint64_t count = 0, left = 0;
    char t[FORMAT_CAP];
    for (size_t i = 0; i < tx_chain_count(a->tx); i++) {
        struct tx_chain c;
        tx_chain_at(a->tx, i, &c);
        count += !kind->is_given || c.is_profit == (kind->choice == 0);
    }
    answer_line(a, count > 0 ? "chains.title" : "chains.none",
                ANSWER_ARGS({"count", format_u64(count, t)}));
    uint64_t shown = 0;
    for (size_t i = 0; i < tx_chain_count(a->tx); i++) {
        struct tx_chain c;
        tx_chain_at(a->tx, i, &c);
        if (kind->is_given && c.is_profit != (kind->choice == 0))
            continue;
        if (shown++ < SHOWN_MAX)
            item(a, &c);
        else
            left++;
    }
    if (left > 0)
        answer_line(a, "chains.more", ANSWER_ARGS({"count", format_u64(left, t)}));
}

static void run_list(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (args_read(&a, &v)) {
        list(&a, &v.v[0]);
        answer_menu(&a, "button.refresh", "chains", v.v[0].word);
    }
    answer_finish(&a, ret);
}

static size_t profit_chains(const struct engine_tx *tx)
{
    size_t n = 0;
    for (size_t i = 0; i < tx_chain_count(tx); i++) {
        struct tx_chain c;
        tx_chain_at(tx, i, &c);
        n += c.is_profit;
    }
    return n;
}

static void stop(struct answer *a, const char *id)
{
    int count = 0;
    char t[FORMAT_CAP];
    enum reason r = tx_chain_stop(a->tx, id, true, &count);
    if (r != REASON_ACCEPTED) {
        answer_refuse(a, r, id);
        return;
    }
    answer_mirror(a, id);
    answer_line(a, "chains.stopped", ANSWER_ARGS({"count", format_u64((uint64_t)count, t)}));
    answer_menu(a, "button.chains", "chains", "");
}

static void run_stop(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    char args[COMMAND_ARGS_CAP], t[FORMAT_CAP];
    answer_init(&a, tx, c);
    if (c->confirmed) {
        if (answer_take(&a, args) == REASON_ACCEPTED)
            stop(&a, args);
    } else if (!args_read(&a, &v)) {
        /* answered */
    } else if (strcmp(v.v[0].word, "all") != 0) {
        stop(&a, v.v[0].word);
    } else if (profit_chains(tx) == 0) {
        answer_refuse(&a, REASON_CHAIN_NOT_FOUND, "all");
    } else {
        answer_line(&a, "chains.ask_stop",
                    ANSWER_ARGS({"count", format_u64(profit_chains(tx), t)}));
        answer_ask(&a, "button.yes_stop");
    }
    answer_finish(&a, ret);
}

static const struct arg_spec list_fields[] = {
    {.name = "kind", .type = ARG_CHOICE, .is_optional = true, .choices = "profit|reentry"},
    {.type = ARG_UNSET}};
static const struct arg_spec stop_fields[] = {{.name = "chain", .type = ARG_WORD},
                                              {.type = ARG_UNSET}};

const struct bot_command chains_command = {
    .ops = {.name = "chains", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run_list},
    .aliases = {"chain"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args = list_fields,
    .help_key = "help.chains",
};

const struct bot_command stop_profit_chain_command = {
    .ops = {.name = "stop_profit_chain",
            .role = ROLE_TRADER,
            .max_age_ms = 30 * 1000,
            .run = run_stop},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args = stop_fields,
    .help_key = "help.stop_profit_chain",
    .mirrored = true,
};
