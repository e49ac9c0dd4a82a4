/* bots/analytics/figures.h: what the reports of the analytics bot share: the days they are about
 * and the reader they look with. Bot threads, in prepare(). */
#ifndef TRIDENT_BOTS_ANALYTICS_FIGURES_H
#define TRIDENT_BOTS_ANALYTICS_FIGURES_H

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/reports.h"

#define FIGURES_DAYS_MAX 365
#define FIGURES_DAY_MS   INT64_C(86400000)

struct figures {
    const struct bot_prepare *p;
    const struct command *c;
    struct ledger_reader *reader;
    int64_t days, from_ms, to_ms;
    int64_t shift_ms; /* zone minus start of the trading day */
    struct buf *out;
};

extern const struct arg_spec figures_args[]; /* [days] */

/* Opens the ledger, asks write() for the text and closes it again. Bad arguments: no text, run()
 * will say so. */
enum reason figures_prepare(const struct bot_prepare *p, struct command *c, int default_days,
                            int (*write)(struct figures *f));
/* The text, or what is wrong with the arguments; buttons for other periods. */
void figures_run(struct engine_tx *tx, const struct command *c, struct reply *ret);
void figures_line(struct figures *f, const char *key, const struct text_arg *args);
/* "2026-11-21" of a day of days_read(). */
char *figures_date(const struct figures *f, int64_t day_number, char out[40]);

/* A report of the analytics bot: name, days by default, writer. */
#define FIGURES(name_, days_, write_)                                                              \
    static enum reason prepare_##name_(const struct bot_prepare *p, struct command *c)             \
    {                                                                                              \
        return figures_prepare(p, c, days_, write_);                                               \
    }                                                                                              \
    const struct bot_command name_##_command = {                                                   \
        .ops = {.name = #name_,                                                                    \
                .role = ROLE_VIEWER,                                                               \
                .max_age_ms = 10 * 60 * 1000,                                                      \
                .run = figures_run},                                                               \
        .bots = ROLES_BIT(BOT_ANALYTICS),                                                          \
        .klass = COMMAND_READ,                                                                     \
        .args = figures_args,                                                                      \
        .help_key = "help." #name_,                                                                \
        .prepare = prepare_##name_,                                                                \
    }

#endif
