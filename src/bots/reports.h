/* bots/reports.h: longer texts made outside the engine, in prepare(): help lists, trade statistics,
 * and the explanation of one journal row. Pure but for report_why(), which reads the row it is
 * given. */
#ifndef TRIDENT_BOTS_REPORTS_H
#define TRIDENT_BOTS_REPORTS_H

#include "analytics/analytics.h"
#include "bots/bot_command.h"
#include "store/journal.h"

/* Reports stay well inside COMMAND_BODY_MAX_BYTES, the legacy notice included. */
#define REPORTS_MAX_BYTES (COMMAND_BODY_MAX_BYTES - 256)

/* The commands of these roles that the user may use, then where the others live. */
void report_help(struct buf *out, enum lang lang, unsigned roles, enum role role,
                 const struct bot_status bots[BOT_COUNT]);
/* One command in detail. */
void report_help_command(struct buf *out, enum lang lang, const struct bot_command *cmd);
void report_summary(struct buf *out, enum lang lang, const struct analytics_summary *s);
void report_groups(struct buf *out, enum lang lang, const char *title_key,
                   const struct analytics_group *groups, int count);
/* What came in, what was decided and why, what it led to. Negative: the row cannot be read. */
TR_MUST_USE int report_why(struct buf *out, enum lang lang, const struct journal_row *row,
                           int utc_offset_min);
/* A signal and what was decided about it, for `trident decide --explain`. */
void report_decision(struct buf *out, enum lang lang, const struct signal *s,
                     const struct decision *d);

/* What would be decided about an alert, lines of at most 34 columns. */
struct report_whatif {
    const char *trader;
    struct signal signal;
    struct decision decision;
    bool is_stated; /* the question said how things stand; else: */
    int64_t balance_e8;
    size_t open; /* positions */
};
void report_whatif(struct buf *out, enum lang lang, const struct report_whatif *r);
/* Why it cannot be asked: what was read and what would be accepted. */
void report_whatif_problems(struct buf *out, enum lang lang, const struct conf_problems *p);

#endif
