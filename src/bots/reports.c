#include "bots/reports.h"

#include <stdio.h>

#include "bots/format.h"
#include "bots/table.h"
#include "model/text.h"

#define ARGS(...) ((const struct text_arg[]){__VA_ARGS__, {NULL, NULL}})

static void line(struct buf *out, enum lang lang, const char *key, const struct text_arg *args)
{
    text_render(out, lang, key, args);
    buf_putc(out, '\n');
}

static void help_lines(struct buf *out, enum lang lang, unsigned roles, enum role role)
{
    size_t count, more = 0;
    char text[FORMAT_CAP];
    const struct bot_command *const *all = table_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (!table_is_on(all[i], roles) || all[i]->ops.role > role)
            continue;
        if (table_is_listed(all[i]))
            line(out, lang, "help.line",
                 ARGS({"name", all[i]->ops.name}, {"text", text_get(lang, all[i]->help_key)}));
        more += !table_is_listed(all[i]);
    }
    if (more > 0)
        line(out, lang, "help.more", ARGS({"count", format_u64(more, text)}));
}

void report_help(struct buf *out, enum lang lang, unsigned roles, enum role role,
                 const struct bot_status bots[BOT_COUNT])
{
    TR_ASSERT(out && bots);
    line(out, lang, "help.title", NULL);
    help_lines(out, lang, roles, role);
    if (roles & ROLES_BIT(BOT_LEGACY))
        return;
    for (int i = BOT_CONTROLLER; i <= BOT_ANALYTICS; i++) {
        enum bot_id bot = (enum bot_id)i;
        if ((roles & ROLES_BIT(bot)) || !bots[bot].present)
            continue;
        char key[40];
        buf_putc(out, '\n');
        (void)snprintf(key, sizeof key, "help.other.%s", bot_name(bot));
        line(out, lang, key, ARGS({"bot", bots[bot].link[0] ? bots[bot].link : bot_name(bot)}));
    }
}

void report_help_command(struct buf *out, enum lang lang, const struct bot_command *cmd)
{
    TR_ASSERT(out && cmd);
    struct buf usage TR_CLEANUP(buf_deinit) = {0};
    buf_init(&usage, 512);
    table_usage(cmd, &usage);
    line(out, lang, "help.usage", ARGS({"name", cmd->ops.name}, {"args", usage.data}));
    line(out, lang, cmd->help_key, NULL);
    for (size_t i = 0; i < BOT_COMMAND_ALIASES_MAX && cmd->aliases[i]; i++)
        line(out, lang, "help.alias", ARGS({"name", cmd->aliases[i]}));
    line(out, lang, "help.role", ARGS({"role", role_name(cmd->ops.role)}));
}

void report_summary(struct buf *out, enum lang lang, const struct analytics_summary *s)
{
    TR_ASSERT(out && s);
    if (s->trades == 0) {
        line(out, lang, "report.empty", NULL);
        return;
    }
    char a[FORMAT_CAP], b[FORMAT_CAP], c[FORMAT_CAP];
    line(out, lang, "report.profit", ARGS({"value", format_profit(s->profit_e8, a)}));
    line(out, lang, "report.trades",
         ARGS({"trades", format_u64((uint64_t)s->trades, a)},
              {"wins", format_u64((uint64_t)s->wins, b)},
              {"losses", format_u64((uint64_t)s->losses, c)}));
    line(out, lang, "report.rate", ARGS({"value", format_percent(s->wins, s->trades, a)}));
    if (s->profit_factor_e8 != DEC_NONE)
        line(out, lang, "report.factor", ARGS({"value", format_lots(s->profit_factor_e8, a)}));
    line(out, lang, "report.average", ARGS({"value", format_profit(s->average_e8, a)}));
    line(out, lang, "report.best",
         ARGS({"best", format_profit(s->best_e8, a)}, {"worst", format_profit(s->worst_e8, b)}));
    line(out, lang, "report.drawdown", ARGS({"value", format_money(s->max_drawdown_e8, a)}));
}

void report_groups(struct buf *out, enum lang lang, const char *title_key,
                   const struct analytics_group *groups, int count)
{
    TR_ASSERT(out && title_key);
    TR_ASSERT(count <= ANALYTICS_GROUPS_MAX);
    if (count <= 0)
        return;
    buf_putc(out, '\n');
    line(out, lang, title_key, NULL);
    for (int i = 0; i < count; i++) {
        char profit[FORMAT_CAP], trades[FORMAT_CAP], rate[FORMAT_CAP];
        const struct analytics_summary *s = &groups[i].s;
        line(out, lang, "report.group",
             ARGS({"name", groups[i].name}, {"profit", format_profit(s->profit_e8, profit)},
                  {"trades", format_u64((uint64_t)s->trades, trades)},
                  {"rate", format_percent(s->wins, s->trades, rate)}));
    }
}
