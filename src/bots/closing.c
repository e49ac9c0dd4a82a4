#include "bots/closing.h"

#include <string.h>

#include "bots/format.h"
#include "core/alloc.h"

void closing_view(const struct engine_tx *tx, const struct position *p, struct card_position *ret)
{
    TR_ASSERT(tx && p && ret);
    struct quote q = {0};
    *ret = (struct card_position){.position = p};
    if (!tx_quote(tx, p->symbol, &q))
        return;
    ret->price_e8 = p->side == SIDE_BUY ? q.bid_e8 : q.ask_e8;
    ret->profit_e8 = tx_position_profit_e8(tx, p);
}

void closing_ask_all(struct answer *a)
{
    char count[FORMAT_CAP], profit[FORMAT_CAP];
    struct tx_account account;
    size_t n = tx_position_count(a->tx);
    if (n == 0) {
        answer_refuse(a, REASON_NOTHING_TO_CLOSE, "all");
        return;
    }
    tx_account(a->tx, &account);
    answer_line(a, "closeall.ask",
                ANSWER_ARGS({"count", format_u64(n, count)},
                            {"profit", format_profit(account.open_profit_e8, profit)}));
    answer_ask(a, "button.yes_closeall");
}

void closing_do(struct answer *a, const char *symbol)
{
    uint64_t sent = 0;
    uint64_t under_way = 0;
    enum reason refused = REASON_NOTHING_TO_CLOSE;
    char count[FORMAT_CAP];
    /* tx_close() only marks a position as closing: the list does not move under the loop. */
    for (size_t i = 0; i < tx_position_count(a->tx); i++) {
        const struct position *p = tx_position_at(a->tx, i);
        if (symbol && strcmp(p->symbol, symbol) != 0)
            continue;
        enum reason r = tx_close(a->tx, p->cid, REASON_MANUAL_CLOSE);
        if (r == REASON_ACCEPTED)
            sent++;
        else if (r == REASON_ALREADY_DONE)
            under_way++;
        else
            refused = r;
    }
    if (sent == 0 && under_way == 0) {
        answer_refuse(a, refused, symbol ? symbol : "all");
        return;
    }
    if (sent > 0)
        answer_mirror(a, symbol ? symbol : str_eq(a->c->name, "close") ? "all" : "");
    answer_line(a, "closeall.done", ANSWER_ARGS({"count", format_u64(sent, count)}));
    if (under_way > 0)
        answer_line(a, "closeall.under_way", ANSWER_ARGS({"count", format_u64(under_way, count)}));
    answer_toast(a, "close.toast");
    answer_menu(a, "button.positions", "positions", "");
}
