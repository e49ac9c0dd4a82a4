/* brokers/paper_deal.h: the rules of the paper venue: what it refuses, and what a fill changes.
 * Pure functions over a book; the resulting change is logged and applied by the caller. */
#ifndef TRIDENT_BROKERS_PAPER_DEAL_H
#define TRIDENT_BROKERS_PAPER_DEAL_H

#include "brokers/paper_book.h"

struct paper_reject {
    int code; /* enum paper_code */
    enum broker_class klass;
    enum reason reason;
    char text[64];
};

/* ---- rules: true = allowed, else *ret says why not ---- */
bool paper_deal_check_open(const struct paper_book *b, const struct broker_request *r,
                           struct paper_reject *ret);
bool paper_deal_check_close(const struct paper_book *b, const struct broker_request *r,
                            struct paper_reject *ret);
bool paper_deal_check_stops(const struct paper_book *b, size_t symbol,
                            const struct broker_request *r, struct paper_reject *ret);
void paper_deal_reject(struct paper_reject *ret, enum paper_code code, enum reason reason,
                       const char *text);

/* ---- changes ---- */
/* A working order for a request that passed its check. */
struct paper_order paper_deal_order(const struct paper_book *b, const struct broker_request *r,
                                    int64_t now_ms);
/* Price at which a market order would be filled now; 0 without quote. */
int64_t paper_deal_open_price_e8(const struct paper_book *b, size_t symbol, enum side side);
int64_t paper_deal_close_price_e8(const struct paper_book *b, const struct paper_position *p);
/* Fills lots of a working opening order at the quote; there must be one. */
void paper_deal_fill_open(const struct paper_book *b, const struct paper_order *o, int64_t lots_e8,
                          int64_t now_ms, struct paper_change *ret);
struct paper_closing {
    struct paper_trigger trigger;    /* what closes at which price, and why */
    const struct paper_order *order; /* the close order; NULL for stops and targets */
    int64_t lots_e8;
};
void paper_deal_fill_close(const struct paper_book *b, const struct paper_closing *c,
                           int64_t now_ms, struct paper_change *ret);
/* The next position that lived through a server midnight (22:00 UTC) not charged yet. */
bool paper_deal_rollover(const struct paper_book *b, int64_t now_ms, struct paper_change *ret);
int paper_deal_server_day(int64_t now_ms); /* days since 1970 at the server */

#endif
