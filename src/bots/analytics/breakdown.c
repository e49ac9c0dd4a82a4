/* Reports that take a period apart: /pair_report /strategy_report /tp_report /correlation. They
 * differ only in what the trades are grouped by, so they share a file. */
#include <string.h>

#include "analytics/days.h"
#include "bots/analytics/figures.h"
#include "bots/format.h"
#include "core/alloc.h"

#define PAIRS_MAX 6

static int write_by(struct figures *f, enum analytics_by by, const char *title_key)
{
    struct analytics_group groups[ANALYTICS_GROUPS_MAX];
    char days[FORMAT_CAP];
    int n = analytics_group_by(f->reader, f->from_ms, f->to_ms, by, groups);
    if (n < 0)
        return n;
    figures_line(f, "figures.period", ANSWER_ARGS({"days", format_u64((uint64_t)f->days, days)}));
    if (n == 0)
        figures_line(f, "report.empty", NULL);
    else
        report_groups(f->out, f->c->lang, title_key, groups, n);
    return 0;
}

static int write_pairs(struct figures *f)
{
    return write_by(f, ANALYTICS_BY_SYMBOL, "report.by_symbol");
}

static int write_strategies(struct figures *f)
{
    int r = write_by(f, ANALYTICS_BY_ROUTE, "report.by_route");
    struct analytics_group groups[ANALYTICS_GROUPS_MAX];
    if (r == 0)
        r = analytics_group_by(f->reader, f->from_ms, f->to_ms, ANALYTICS_BY_ROLE, groups);
    if (r > 0)
        report_groups(f->out, f->c->lang, "report.by_role", groups, r);
    return r;
}

static int write_reasons(struct figures *f)
{
    return write_by(f, ANALYTICS_BY_REASON, "figures.by_reason");
}

static int read_symbols(struct figures *f, const struct analytics_group *groups, int n,
                        struct days *days)
{
    for (int i = 0; i < n; i++) {
        int r = days_read(f->reader, f->from_ms, f->to_ms, f->shift_ms, groups[i].name, &days[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int write_correlation(struct figures *f)
{
    struct analytics_group groups[ANALYTICS_GROUPS_MAX];
    struct days *days TR_CLEANUP(mem_freep) = xcalloc(PAIRS_MAX, sizeof *days);
    char text[DEC_TEXT_CAP], count[FORMAT_CAP];
    int n = analytics_group_by(f->reader, f->from_ms, f->to_ms, ANALYTICS_BY_SYMBOL, groups);
    if (n < 0)
        return n;
    n = n < PAIRS_MAX ? n : PAIRS_MAX;
    int r = read_symbols(f, groups, n, days);
    if (r < 0)
        return r;
    figures_line(f, "figures.correlation",
                 ANSWER_ARGS({"days", format_u64((uint64_t)f->days, count)}));
    int shown = 0;
    for (int i = 0; i < n; i++)
        for (int k = i + 1; k < n; k++) {
            int64_t r_e8 = days_correlation_e8(&days[i], &days[k]);
            if (r_e8 == DEC_NONE)
                continue;
            figures_line(f, "figures.pair",
                         ANSWER_ARGS({"a", groups[i].name}, {"b", groups[k].name},
                                     {"value", dec_format_fixed(r_e8, 2, text)}));
            shown++;
        }
    if (shown == 0)
        figures_line(f, "figures.no_pairs", NULL);
    return 0;
}

FIGURES(pair_report, 30, write_pairs);
FIGURES(strategy_report, 30, write_strategies);
FIGURES(tp_report, 30, write_reasons);
FIGURES(correlation, 90, write_correlation);
