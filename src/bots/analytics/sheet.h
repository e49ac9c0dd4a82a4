/* bots/analytics/sheet.h: closed trades as a CSV document beside the pictures (charts.h). Bot
 * threads, in prepare(); sheet_name() in run() too. */
#ifndef TRIDENT_BOTS_ANALYTICS_SHEET_H
#define TRIDENT_BOTS_ANALYTICS_SHEET_H

#include "bots/analytics/charts.h"
#include "bots/bot_command.h"
#include "store/ledger_reader.h"

#define SHEET_NAME_CAP CHARTS_NAME_CAP
#define SHEET_MARK     '\x1d' /* first in a body: the document was written */

struct sheet {
    struct buf csv;
    uint64_t rows;
};
void sheet_init(struct sheet *s);
void sheet_deinit(struct sheet *s);
int sheet_add(const struct ledger_trade *t, void *sheet); /* a ledger_visit_fn */
/* Negative: -errno; -EFBIG when there are too many. */
TR_MUST_USE int sheet_write(struct sheet *s, const struct bot_prepare *p, const struct command *c);
/* From the command alone. */
void sheet_name(const struct command *c, char out[SHEET_NAME_CAP]);

#endif
