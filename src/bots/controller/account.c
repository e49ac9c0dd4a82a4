/* /margin and /signals: two small cards of figures. The leverage is the venue's, from the file: it
 * enters through the body, so that an old journal replays after it has changed. */
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "core/alloc.h"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    const struct conf *conf = p->options->conf;
    int leverage =
        p->trader < (size_t)conf->trader_count ? conf->traders[p->trader].paper.leverage : 0;
    c->body = xasprintf("%d", leverage);
    return REASON_ACCEPTED;
}

static void run_margin(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_account account;
    int64_t leverage = 0, used_e8 = 0;
    uint64_t unpriced = 0;
    char t1[FORMAT_CAP], t2[FORMAT_CAP], t3[FORMAT_CAP], t4[FORMAT_CAP];
    answer_init(&a, tx, c);
    tx_account(tx, &account);
    if (!str_to_i64(answer_body(c), &leverage) || leverage < 1)
        leverage = 100; /* posted past the bots: the default of broker.leverage */
    for (size_t i = 0; i < tx_position_count(tx); i++) {
        const struct position *p = tx_position_at(tx, i);
        const struct symbol_info *s = symbol_find(p->symbol);
        struct quote q;
        if (s == NULL || !tx_quote(tx, p->symbol, &q))
            unpriced++;
        else
            used_e8 += symbol_margin_e8(s, p->entry_e8, p->lots_e8, (int)leverage);
    }
    answer_line(&a, "margin.title", NULL);
    answer_line(&a, "margin.used",
                ANSWER_ARGS({"used", format_money(used_e8, t1)},
                            {"free", format_money(account.equity_e8 - used_e8, t2)}));
    answer_line(&a, "margin.level",
                ANSWER_ARGS({"level", format_percent(account.equity_e8, used_e8, t3)},
                            {"equity", format_money(account.equity_e8, t4)}));
    answer_line(&a, "margin.note",
                ANSWER_ARGS({"leverage", format_u64((uint64_t)leverage, t1)},
                            {"unpriced", format_u64(unpriced, t2)}));
    answer_menu(&a, "button.refresh", "margin", "");
    answer_finish(&a, ret);
}

static void run_signals(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_state s;
    char t1[FORMAT_CAP], t2[FORMAT_CAP], t3[FORMAT_CAP];
    answer_init(&a, tx, c);
    tx_state(tx, &s);
    answer_line(&a, "signals.title", NULL);
    answer_line(&a, "signals.counts",
                ANSWER_ARGS({"accepted", format_u64(s.signals_accepted, t1)},
                            {"refused", format_u64(s.signals_refused, t2)},
                            {"total", format_u64(s.signals, t3)}));
    answer_line(&a, s.entries_halted ? "risk.entries_off" : "risk.entries_on", NULL);
    for (size_t i = 0; i < s.plugin_count; i++)
        answer_line(&a, s.plugin_active[i] ? "mode.plugin_on" : "mode.plugin_off",
                    ANSWER_ARGS({"plugin", s.plugin_ids[i]}));
    answer_line(&a, "signals.why", NULL);
    answer_menu(&a, "button.refresh", "signals", "");
    answer_finish(&a, ret);
}

const struct bot_command margin_command = {
    .ops = {.name = "margin", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run_margin},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.margin",
    .prepare = prepare,
};

const struct bot_command signals_command = {
    .ops = {.name = "signals",
            .role = ROLE_VIEWER,
            .max_age_ms = 10 * 60 * 1000,
            .run = run_signals},
    .aliases = {"signal_status"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.signals",
};
