#include "bots/closing.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bots/format.h"
#include "core/alloc.h"

#define NAMED_MAX 64 /* one line each; with more the sums by symbol */

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

static void name_each(struct answer *a, const struct selection *sel)
{
    for (size_t i = 0; i < sel->count; i++) {
        struct card_position v;
        struct buf line TR_CLEANUP(buf_deinit) = {0};
        buf_init(&line, 256);
        closing_view(a->tx, tx_position_find(a->tx, sel->cids[i]), &v);
        card_position_line(&line, &v);
        answer_line(a, "close.item", ANSWER_ARGS({"position", line.data}));
    }
}

static void sum_by_symbol(struct answer *a, const struct selection *sel)
{
    char t1[FORMAT_CAP], t2[FORMAT_CAP];
    for (size_t s = 0; s < symbol_count(); s++) {
        uint64_t count = 0;
        int64_t profit_e8 = 0;
        for (size_t i = 0; i < sel->count; i++) {
            const struct position *p = tx_position_find(a->tx, sel->cids[i]);
            if (strcmp(p->symbol, symbol_at(s)->name) != 0)
                continue;
            count++;
            profit_e8 += tx_position_profit_e8(a->tx, p);
        }
        if (count > 0)
            answer_line(a, "close.sum",
                        ANSWER_ARGS({"symbol", symbol_at(s)->name},
                                    {"count", format_u64(count, t1)},
                                    {"profit", format_profit(profit_e8, t2)}));
    }
}

static void preview(struct answer *a, const struct selection *sel)
{
    char count[FORMAT_CAP], profit[FORMAT_CAP];
    int64_t profit_e8 = 0;
    for (size_t i = 0; i < sel->count; i++)
        profit_e8 += tx_position_profit_e8(a->tx, tx_position_find(a->tx, sel->cids[i]));
    answer_line(a, sel->count == 1 ? "closeall.ask_one" : "closeall.ask",
                ANSWER_ARGS({"count", format_u64(sel->count, count)},
                            {"profit", format_profit(profit_e8, profit)}));
    if (sel->count <= NAMED_MAX)
        name_each(a, sel);
    else
        sum_by_symbol(a, sel);
}

void closing_ask(struct answer *a, const char *selected)
{
    struct selection *sel TR_CLEANUP(mem_freep) = xalloc(sizeof *sel);
    enum selection_result r = selection_make(a->tx, selected, sel);
    if (r == SELECTION_E_GONE) {
        answer_refuse(a, REASON_POSITION_NOT_FOUND, sel->word);
        return;
    }
    if (r == SELECTION_E_WORD) {
        answer_line(a, "close.word", ANSWER_ARGS({"value", sel->word}));
        tx_receipt(a->tx, REASON_ARGUMENT_INVALID, sel->word);
        return;
    }
    if (sel->needs_quote)
        answer_line(a, "close.no_quote", NULL);
    if (sel->count == 0) {
        answer_refuse(a, REASON_NOTHING_TO_CLOSE, selected);
        return;
    }
    preview(a, sel);
    answer_ask(a, "button.yes_closeall");
    tx_pick_keep(a->tx, tx_seq(a->tx), sel->cids, sel->count);
}

struct closed {
    uint64_t sent, under_way, gone;
    enum reason refused;
};

static void close_each(struct answer *a, const struct pick *pick, struct closed *ret)
{
    *ret = (struct closed){.refused = REASON_NOTHING_TO_CLOSE};
    for (size_t i = 0; i < pick->count; i++) {
        enum reason r = tx_close(a->tx, pick->cids[i], REASON_MANUAL_CLOSE);
        if (r == REASON_ACCEPTED)
            ret->sent++;
        else if (r == REASON_ALREADY_DONE)
            ret->under_way++;
        else if (r == REASON_POSITION_NOT_FOUND)
            ret->gone++;
        else
            ret->refused = r;
    }
}

void closing_do(struct answer *a, const char *selected)
{
    struct closed n;
    char count[FORMAT_CAP];
    TR_ASSERT(a->c->confirmed);
    const struct pick *pick = tx_pick(a->tx, strtoull(a->c->args, NULL, 10));
    if (pick == NULL) {
        answer_refuse(a, REASON_CONFIRM_EXPIRED, a->c->name);
        return;
    }
    close_each(a, pick, &n);
    if (n.sent == 0 && n.under_way == 0) {
        answer_refuse(a, n.refused, selected);
        return;
    }
    if (n.sent > 0)
        answer_mirror(a, selected);
    answer_line(a, "closeall.done", ANSWER_ARGS({"count", format_u64(n.sent, count)}));
    if (n.under_way > 0)
        answer_line(a, "closeall.under_way",
                    ANSWER_ARGS({"count", format_u64(n.under_way, count)}));
    if (n.gone > 0)
        answer_line(a, "close.gone", ANSWER_ARGS({"count", format_u64(n.gone, count)}));
    answer_toast(a, "close.toast");
    answer_menu(a, "button.positions", "positions", "");
}
