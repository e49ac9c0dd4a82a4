/* Reports over a period: /weekly /monthly /compare /drawdown /winrate /avgprofit /avgloss /bestday
 * /worstday. They differ only in what they say about the same figures, so they share a file. */
#include "analytics/days.h"
#include "bots/analytics/figures.h"
#include "bots/format.h"
#include "core/alloc.h"

static int summary(struct figures *f, struct analytics_summary *ret)
{
    return analytics_summarise(f->reader, f->from_ms, f->to_ms, ret);
}

static void title(struct figures *f, const char *key)
{
    char days[FORMAT_CAP];
    figures_line(f, key, ANSWER_ARGS({"days", format_u64((uint64_t)f->days, days)}));
}

static int write_period(struct figures *f)
{
    struct analytics_summary s;
    struct analytics_group groups[ANALYTICS_GROUPS_MAX];
    int r = summary(f, &s);
    if (r < 0)
        return r;
    title(f, "figures.period");
    report_summary(f->out, f->c->lang, &s);
    r = analytics_group_by(f->reader, f->from_ms, f->to_ms, ANALYTICS_BY_SYMBOL, groups);
    if (r > 0)
        report_groups(f->out, f->c->lang, "report.by_symbol", groups, r);
    return r;
}

static int write_compare(struct figures *f)
{
    struct analytics_summary now, before;
    char p1[FORMAT_CAP], p2[FORMAT_CAP], t1[FORMAT_CAP], t2[FORMAT_CAP], r1[FORMAT_CAP],
        r2[FORMAT_CAP];
    int64_t length_ms = f->days * FIGURES_DAY_MS;
    int r = summary(f, &now);
    if (r == 0)
        r = analytics_summarise(f->reader, f->from_ms - length_ms, f->from_ms, &before);
    if (r < 0)
        return r;
    title(f, "figures.compare");
    figures_line(f, "figures.compare_profit",
                 ANSWER_ARGS({"now", format_profit(now.profit_e8, p1)},
                             {"before", format_profit(before.profit_e8, p2)}));
    figures_line(f, "figures.compare_trades",
                 ANSWER_ARGS({"now", format_u64((uint64_t)now.trades, t1)},
                             {"before", format_u64((uint64_t)before.trades, t2)}));
    figures_line(f, "figures.compare_rate",
                 ANSWER_ARGS({"now", format_percent(now.wins, now.trades, r1)},
                             {"before", format_percent(before.wins, before.trades, r2)}));
    return 0;
}

static int write_drawdown(struct figures *f)
{
    struct analytics_summary s;
    char t[FORMAT_CAP];
    int r = summary(f, &s);
    if (r < 0)
        return r;
    title(f, "figures.drawdown");
    figures_line(f, "report.drawdown", ANSWER_ARGS({"value", format_money(s.max_drawdown_e8, t)}));
    figures_line(f, "report.profit", ANSWER_ARGS({"value", format_profit(s.profit_e8, t)}));
    return 0;
}

static int write_winrate(struct figures *f)
{
    struct analytics_summary s;
    char rate[FORMAT_CAP], wins[FORMAT_CAP], losses[FORMAT_CAP];
    int r = summary(f, &s);
    if (r < 0)
        return r;
    title(f, "figures.winrate");
    figures_line(f, "figures.rate",
                 ANSWER_ARGS({"rate", format_percent(s.wins, s.trades, rate)},
                             {"wins", format_u64((uint64_t)s.wins, wins)},
                             {"losses", format_u64((uint64_t)s.losses, losses)}));
    return 0;
}

/* sum over count, "-" without any. */
static char *average(int64_t sum_e8, int count, char out[FORMAT_CAP])
{
    if (count == 0)
        (void)str_copy(out, FORMAT_CAP, "-");
    else
        (void)format_profit(dec_muldiv(sum_e8, 1, count, DEC_HALF_AWAY), out);
    return out;
}

static int write_avgprofit(struct figures *f)
{
    struct analytics_summary s;
    char t[FORMAT_CAP], n[FORMAT_CAP];
    int r = summary(f, &s);
    if (r < 0)
        return r;
    title(f, "figures.avgprofit");
    figures_line(f, "figures.average",
                 ANSWER_ARGS({"value", average(s.gross_win_e8, s.wins, t)},
                             {"count", format_u64((uint64_t)s.wins, n)}));
    return 0;
}

static int write_avgloss(struct figures *f)
{
    struct analytics_summary s;
    char t[FORMAT_CAP], n[FORMAT_CAP];
    int r = summary(f, &s);
    if (r < 0)
        return r;
    title(f, "figures.avgloss");
    figures_line(f, "figures.average",
                 ANSWER_ARGS({"value", average(-s.gross_loss_e8, s.losses, t)},
                             {"count", format_u64((uint64_t)s.losses, n)}));
    return 0;
}

static int write_day(struct figures *f, bool is_best)
{
    struct days *d TR_CLEANUP(mem_freep) = xalloc(sizeof *d);
    char date[FORMAT_CAP], profit[FORMAT_CAP], n[FORMAT_CAP];
    int r = days_read(f->reader, f->from_ms, f->to_ms, f->shift_ms, NULL, d);
    if (r < 0)
        return r;
    const struct day *day = is_best ? days_best(d) : days_worst(d);
    title(f, is_best ? "figures.bestday" : "figures.worstday");
    if (day == NULL)
        figures_line(f, "report.empty", NULL);
    else
        figures_line(f, "figures.day",
                     ANSWER_ARGS({"date", figures_date(f, day->number, date)},
                                 {"profit", format_profit(day->profit_e8, profit)},
                                 {"count", format_u64((uint64_t)day->trades, n)}));
    return 0;
}

static int write_bestday(struct figures *f)
{
    return write_day(f, true);
}

static int write_worstday(struct figures *f)
{
    return write_day(f, false);
}

FIGURES(weekly, 7, write_period);
FIGURES(monthly, 30, write_period);
FIGURES(compare, 7, write_compare);
FIGURES(drawdown, 30, write_drawdown);
FIGURES(winrate, 30, write_winrate);
FIGURES(avgprofit, 30, write_avgprofit);
FIGURES(avgloss, 30, write_avgloss);
FIGURES(bestday, 30, write_bestday);
FIGURES(worstday, 30, write_worstday);
