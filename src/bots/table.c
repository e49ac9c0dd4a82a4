/* bots/table.c: the list of commands. TABLE names each command once, sorted; everything else
 * (lookup, help, BotFather list, the engine's table) is generated from it. The hidden ones
 * (bots == 0) are posted by the bots themselves; nobody can type them. */
#include "bots/table.h"

#include <string.h>

#include "bots/args.h"
#include "core/alloc.h"
#include "core/jsonw.h"
#include "model/text.h"

/* hidden: approval, codeask, disown, hint, pair, redirect, refused, stale, stranger, unknown,
 * wizard */
/* clang-format off */
#define TABLE(X)                                                                               \
    X(absent) X(approval) X(audit) X(auto_trend) X(autonomous) X(avgloss) X(avgprofit)         \
    X(balance) X(bestday) X(booking) X(breakeven) X(breakeven_pips) X(buy) X(cancel)           \
    X(chainlimit) X(chains) X(clear_loss) X(close) X(closeall) X(code) X(codeask) X(compare)   \
    X(config) X(cooldown) X(correlation) X(cutover) X(daily) X(dailylimit) X(dailytrades)      \
    X(digest) X(disable) X(disown) X(drawdown) X(drill) X(dualorder) X(enable)                 \
    X(enable_legacy) X(exit_continuation) X(export) X(grant) X(health) X(help) X(hint)         \
    X(history) X(invite) X(language) X(latency) X(levels) X(lifetime_limit) X(live) X(logic1)  \
    X(logic2) X(logic3) X(logs) X(margin) X(maxloss) X(maxprofit) X(maxrecovery) X(maxtrades)  \
    X(menu) X(minscore) X(mode) X(monthly) X(multiplier) X(mute) X(notifications) X(orderb)    \
    X(orders) X(pair) X(pair_report) X(panic) X(partial) X(pause) X(performance) X(phase)      \
    X(plugins) X(pnl) X(positions) X(price) X(profit_sl) X(profit_sl_hunt) X(profit_sl_logic)  \
    X(profit_sl_mode) X(profit_strict) X(profit_target) X(protection) X(quiet) X(receipt)      \
    X(recovery_windows) X(redirect) X(reentry) X(refused) X(reload) X(restart) X(resume)       \
    X(revoke)                                                                                  \
    X(risk) X(risktier) X(role) X(rollback) X(sell) X(session) X(session_gate)                \
    X(session_time) X(set_trend)                                                               \
    X(setlot) X(setsl) X(settp) X(shadow) X(shadow_discrepancies) X(shadow_mode)               \
    X(shadow_reset) X(shadow_virtual_orders) X(shield) X(shutdown) X(signals) X(sl_offset)     \
    X(sl_reduction) X(slhunt) X(slsystem) X(sltable) X(spread) X(stale) X(start) X(start_new)  \
    X(start_old) X(stats) X(status) X(stop_profit_chain) X(stops) X(stranger) X(strategy)      \
    X(strategy_report) X(subscribe) X(symbol) X(symbol_filter) X(symbol_sl) X(symbols)         \
    X(test) X(tierlot) X(timeframe) X(timezone) X(topics) X(totp) X(tp_report) X(tpcontinue)   \
    X(trader) X(trailsl) X(transition) X(trends) X(unknown) X(unmute) X(unsubscribe) X(users)  \
    X(v3) X(v6) X(version) X(voice) X(weekly) X(whatif) X(why) X(why_silent) X(winrate)        \
    X(wizard) X(worstday)
/* clang-format on */

#define X(name) extern const struct bot_command name##_command;
TABLE(X)
#undef X

static const struct bot_command *const table[] = {
#define X(name) &name##_command,
    TABLE(X)
#undef X
};

static const struct command_ops *const table_ops[] = {
#define X(name) &name##_command.ops,
    TABLE(X)
#undef X
};

#define SUGGEST_ERRORS_MAX 2
#define SUGGEST_NOTHING    (2 * SUGGEST_ERRORS_MAX + 2)

const struct bot_command *const *table_all(size_t *ret_count)
{
    *ret_count = TR_ARRAY_SIZE(table);
    return table;
}

const struct command_ops *const *bots_command_ops(size_t *ret_count)
{
    TR_ASSERT(ret_count);
    *ret_count = TR_ARRAY_SIZE(table_ops);
    return table_ops;
}

const struct bot_command *table_get(const char *name)
{
    TR_ASSERT(name);
    size_t low = 0;
    size_t high = TR_ARRAY_SIZE(table);
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(name, table[mid]->ops.name);
        if (order == 0)
            return table[mid];
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const struct bot_command *table_find(const char *typed)
{
    const struct bot_command *cmd = table_get(typed);
    if (cmd)
        return cmd->bots != 0 ? cmd : NULL;
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++)
        for (size_t a = 0; a < BOT_COMMAND_ALIASES_MAX && table[i]->aliases[a]; a++)
            if (strcmp(table[i]->aliases[a], typed) == 0)
                return table[i];
    return NULL;
}

/* Typing errors between two names: insert, delete, change, swap neighbours; names are at most 32
 * long. */
static size_t typo_distance(const char *a, const char *b)
{
    size_t rows[3][COMMAND_NAME_CAP + 1];
    size_t na = strlen(a);
    size_t nb = strlen(b);
    TR_ASSERT(na < COMMAND_NAME_CAP && nb < COMMAND_NAME_CAP);
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                rows[(i - 2) % 3][j - 2] + 1 < best)
                best = rows[(i - 2) % 3][j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[na % 3][nb];
}

/* The lower, the nearer; of two as near the one of the same length: "stauts" means status, not
 * stats.
 */
static size_t near_miss(const char *typed, const char *name)
{
    size_t n = strlen(typed);
    /* The beginning of a name, long enough to mean it. */
    if (n >= 3 && strncmp(typed, name, n) == 0)
        return 2;
    size_t errors = typo_distance(typed, name);
    if (errors >= n || errors > SUGGEST_ERRORS_MAX)
        return SUGGEST_NOTHING;
    return 2 * errors + (strlen(name) != n);
}

size_t table_nearness(const char *typed, const char *name)
{
    char low[2][COMMAND_NAME_CAP];
    const char *const words[2] = {typed, name};
    for (int i = 0; i < 2; i++) {
        if (!str_copy(low[i], sizeof low[i], words[i]))
            return 0;
        for (char *p = low[i]; *p != '\0'; p++)
            *p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    }
    size_t miss = near_miss(low[0], low[1]);
    return miss < SUGGEST_NOTHING ? SUGGEST_NOTHING - miss : 0;
}

bool table_is_near(const char *typed, const char *name)
{
    return table_nearness(typed, name) > 0;
}

void table_usage(const struct bot_command *cmd, struct buf *out)
{
    if (cmd->args_usage != NULL)
        buf_puts(out, cmd->args_usage);
    else
        args_usage(cmd->args, out);
}

const struct bot_command *table_suggest(const char *typed, enum role role)
{
    TR_ASSERT(typed);
    const struct bot_command *best = NULL;
    size_t best_distance = SUGGEST_NOTHING;
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        const struct bot_command *cmd = table[i];
        if (cmd->bots == 0 || cmd->ops.role > role)
            continue;
        size_t distance = near_miss(typed, cmd->ops.name);
        for (size_t a = 0; a < BOT_COMMAND_ALIASES_MAX && cmd->aliases[a]; a++) {
            size_t other = near_miss(typed, cmd->aliases[a]);
            if (other < distance)
                distance = other;
        }
        if (distance < best_distance) {
            best_distance = distance;
            best = cmd;
        }
    }
    return best;
}

bool table_is_on(const struct bot_command *cmd, unsigned roles)
{
    /* The legacy bot answers everything: people may stay where they are (transition, principle 4).
     */
    return cmd->bots != 0 && ((cmd->bots & roles) != 0 || (roles & ROLES_BIT(BOT_LEGACY)) != 0);
}

enum bot_id table_home(const struct bot_command *cmd)
{
    TR_ASSERT(cmd && cmd->bots != 0);
    if (cmd->bots & ROLES_BIT(BOT_CONTROLLER))
        return BOT_CONTROLLER;
    return cmd->bots & ROLES_BIT(BOT_NOTIFICATION) ? BOT_NOTIFICATION : BOT_ANALYTICS;
}

/* Telegram shows at most TABLE_BOTFATHER_MAX of them, and one bot may carry all three roles. These
 * are for the few who fine-tune: menus, /help and docs/COMMANDS.md have them. */
bool table_is_listed(const struct bot_command *cmd)
{
    static const char *const names[] = {"auto_trend",
                                        "avgloss",
                                        "avgprofit",
                                        "breakeven_pips",
                                        "chainlimit",
                                        "clear_loss",
                                        "cooldown",
                                        "correlation",
                                        "dailytrades",
                                        "dualorder",
                                        "exit_continuation",
                                        "levels",
                                        "maxloss",
                                        "maxprofit",
                                        "maxrecovery",
                                        "maxtrades",
                                        "minscore",
                                        "multiplier",
                                        "orderb",
                                        "profit_sl",
                                        "profit_sl_hunt",
                                        "profit_sl_logic",
                                        "profit_sl_mode",
                                        "profit_strict",
                                        "profit_target",
                                        "protection",
                                        "receipt",
                                        "recovery_windows",
                                        "reload",
                                        "session_gate",
                                        "session_time",
                                        "shield",
                                        "sl_offset",
                                        "sl_reduction",
                                        "spread",
                                        "symbol_filter",
                                        "tp_report",
                                        "worstday",
                                        "bestday",
                                        "strategy",
                                        "audit",
                                        "restart",
                                        "shutdown",
                                        "transition",
                                        "timeframe",
                                        "enable_legacy",
                                        "risktier",
                                        "slsystem",
                                        "sltable",
                                        "tierlot",
                                        "symbol_sl",
                                        "drill",
                                        "timezone"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        if (strcmp(names[i], cmd->ops.name) == 0)
            return false;
    return true;
}

void table_botfather_json(unsigned roles, struct buf *out)
{
    TR_ASSERT(out);
    struct jsonw w;
    jsonw_init(&w, out);
    jsonw_array_begin(&w, NULL);
    for (size_t i = 0; i < TR_ARRAY_SIZE(table); i++) {
        if (!table_is_on(table[i], roles) || !table_is_listed(table[i]))
            continue;
        jsonw_object_begin(&w, NULL);
        jsonw_str(&w, "command", table[i]->ops.name);
        jsonw_str(&w, "description", text_get(LANG_EN, table[i]->help_key));
        jsonw_object_end(&w);
    }
    jsonw_array_end(&w);
}

void bots_botfather_json(enum bot_id bot, struct buf *out)
{
    TR_ASSERT(bot > BOT_UNSET && bot < BOT_COUNT);
    table_botfather_json(ROLES_BIT(bot), out);
}
