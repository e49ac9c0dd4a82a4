/* bots/cards.h: the small pictures of state people get in chats: plain structs in, HTML out, lines
 * of at most 34 columns. Pure, any thread; run() and prepare() fill the structs. */
#ifndef TRIDENT_BOTS_CARDS_H
#define TRIDENT_BOTS_CARDS_H

#include "bots/bots.h"
#include "engine/tx.h"

#define CARDS_COLUMNS 34
#define CARDS_PAGE    10 /* positions or orders a page */

struct card_status {
    const char *trader;
    int64_t now_ms;
    struct tx_state state;
    struct tx_account account;
    size_t positions, orders;
    const char *bots_line; /* prepared, HTML-free; "" = leave out */
};
void card_status(struct buf *out, enum lang lang, const struct card_status *v);
/* "controller up, analytics down" shortened to marks: "C✅ N✅ A❌". */
void card_bots_line(struct buf *out, const struct bot_status bots[BOT_COUNT]);

void card_pnl(struct buf *out, enum lang lang, const struct tx_account *a, size_t positions);
void card_balance(struct buf *out, enum lang lang, const struct tx_account *a);
void card_risk(struct buf *out, enum lang lang, const struct tx_account *a,
               const struct tx_state *s, size_t positions);

struct card_position {
    const struct position *position;
    int64_t price_e8; /* to close at; 0 = no quote */
    int64_t profit_e8;
};
/* Two or three lines. */
void card_position(struct buf *out, enum lang lang, const struct card_position *v);
void card_order(struct buf *out, enum lang lang, const struct order *o, int64_t now_ms);
/* One line for a button or a list: "88a XAUUSD BUY 0.05 +12.30". */
void card_position_line(struct buf *out, const struct card_position *v);

struct card_health {
    const char *trader;
    struct engine_stats engine;
    struct notify_stats notify;
    bool has_notify;
    const struct bot_status *bots; /* BOT_COUNT */
    int64_t now_ms;
    int64_t rss_bytes;
    struct vitals *vitals; /* NULL: nobody watches */
};
void card_health(struct buf *out, enum lang lang, const struct card_health *v);

/* "page 2/3" arithmetic: clamps page (from 1) and gives the range of items. */
struct card_page {
    size_t page, pages, first, end;
};
struct card_page card_page(size_t count, size_t wanted_page);

#endif
