/* bots/format.h: numbers, ids and days as people read them. Pure, any thread. */
#ifndef TRIDENT_BOTS_FORMAT_H
#define TRIDENT_BOTS_FORMAT_H

#include "core/clock.h"
#include "model/order.h"

#define FORMAT_CAP 40

char *format_money(int64_t v_e8, char out[FORMAT_CAP]);  /* "10045.10" */
char *format_profit(int64_t v_e8, char out[FORMAT_CAP]); /* "+12.30" "-3.00" "0.00" */
char *format_price(const char *symbol, int64_t price_e8,
                   char out[FORMAT_CAP]); /* "-" when absent */
char *format_lots(int64_t lots_e8, char out[FORMAT_CAP]);
char *format_percent(int64_t part, int64_t whole,
                     char out[FORMAT_CAP]); /* "57 %", "-" without a whole */
char *format_u64(uint64_t v, char out[FORMAT_CAP]);
char *format_duration(int64_t ms, char out[FORMAT_CAP]);
char *format_date(int64_t wall_ms, int utc_offset_min, char out[FORMAT_CAP]); /* "2026-11-21" */
char *format_minute(int64_t wall_ms, int utc_offset_min,
                    char out[FORMAT_CAP]); /* "2026-11-21 13:05 +05:30" */

/* The short name of an order or position: the receipt number of the decision that made it and a
 * letter for the leg, "88a"; /why 88 explains it. Reads the layout of orders_next_cid()
 * (engine/orders.c); a number that does not have it is shown whole. */
char *format_ref(uint64_t cid, char out[FORMAT_CAP]);
/* Does what a person typed name this cid: "88a", "#88A", or the whole number? */
bool format_ref_matches(const char *typed, uint64_t cid);

/* Start of the trading day (civil day that begins at reset_minute local time) `days_back` days ago.
 */
int64_t format_day_start_ms(int64_t now_ms, int utc_offset_min, int reset_minute, int days_back);

#endif
