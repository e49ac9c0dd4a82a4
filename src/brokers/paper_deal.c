/* brokers/paper_deal.c: rules and arithmetic of the paper venue.
 *
 * check_*() say what a venue would refuse, with the codes of MetaTrader 5. fill_*() compute what
 * one deal changes (order, position, account, the fill itself) as a struct paper_change; nothing
 * here changes the book. All money is exact in 1e-8 units: costs of a partial close are shares of
 * what the position carries, and the last part takes the rest, so nothing is lost or made by
 * splitting. */
#include "brokers/paper_deal.h"

#include <string.h>

#include "core/alloc.h"

#define DAY_MS INT64_C(86400000)
#define MIDNIGHT_MS                                                                                \
    (INT64_C(2) * 3600 * 1000) /* server midnight: 22:00 UTC, New York 17:00 in winter */
#define NIGHTS_MAX 400
#define WEDNESDAY  3

/* ---- rules ---- */

static enum broker_class class_of(enum paper_code code)
{
    switch (code) {
    case PAPER_CODE_NONE:
    case PAPER_CODE_DONE:
        return BROKER_OK;
    case PAPER_CODE_ERROR:
    case PAPER_CODE_PRICE_OFF:
    case PAPER_CODE_TOO_MANY_REQUESTS:
        return BROKER_RETRY_LATER;
    case PAPER_CODE_REJECT:
    case PAPER_CODE_INVALID:
    case PAPER_CODE_INVALID_VOLUME:
    case PAPER_CODE_INVALID_STOPS:
    case PAPER_CODE_NO_MONEY:
    case PAPER_CODE_INVALID_EXPIRATION:
    case PAPER_CODE_POSITION_CLOSED:
    case PAPER_CODE_INVALID_CLOSE_VOLUME:
    case PAPER_CODE_LIMIT_POSITIONS:
        return BROKER_REJECT;
    }
    return BROKER_UNKNOWN; /* any unlisted code */
}

void paper_deal_reject(struct paper_reject *ret, enum paper_code code, enum reason reason,
                       const char *text)
{
    *ret = (struct paper_reject){.code = (int)code, .klass = class_of(code), .reason = reason};
    (void)str_copy(ret->text, sizeof(ret->text), text); /* for people: may be cut */
}

static bool refuse(struct paper_reject *ret, enum paper_code code, enum reason reason,
                   const char *text)
{
    paper_deal_reject(ret, code, reason, text);
    return false;
}

static bool check_volume(const struct symbol_info *info, int64_t lots_e8, struct paper_reject *ret)
{
    if (lots_e8 < info->volume_min_e8) {
        return refuse(ret, PAPER_CODE_INVALID_VOLUME, REASON_LOT_BELOW_MIN,
                      "volume below the minimum");
    }
    if (lots_e8 > info->volume_max_e8) {
        return refuse(ret, PAPER_CODE_INVALID_VOLUME, REASON_FIELD_INVALID,
                      "volume above the maximum");
    }
    if ((lots_e8 - info->volume_min_e8) % info->volume_step_e8 != 0) {
        return refuse(ret, PAPER_CODE_INVALID_VOLUME, REASON_FIELD_INVALID,
                      "volume is not a multiple of the step");
    }
    return true;
}

bool paper_deal_check_stops(const struct paper_book *b, size_t symbol,
                            const struct broker_request *r, struct paper_reject *ret)
{
    struct quote q = paper_book_quote(b, symbol);
    if (q.bid_e8 <= 0) {
        return refuse(ret, PAPER_CODE_PRICE_OFF, REASON_NO_QUOTE, "no quote");
    }
    /* A stop that would trigger at once is on the wrong side. */
    int sign = side_sign(r->side);
    TR_ASSERT(sign != 0);
    int64_t price_e8 = sign > 0 ? q.bid_e8 : q.ask_e8;
    if (r->sl_e8 != DEC_NONE && (r->sl_e8 <= 0 || (price_e8 - r->sl_e8) * sign <= 0)) {
        return refuse(ret, PAPER_CODE_INVALID_STOPS, REASON_STOP_WRONG_SIDE,
                      "stop loss on the wrong side of the price");
    }
    if (r->tp_e8 != DEC_NONE && (r->tp_e8 <= 0 || (price_e8 - r->tp_e8) * sign >= 0)) {
        return refuse(ret, PAPER_CODE_INVALID_STOPS, REASON_STOP_WRONG_SIDE,
                      "take profit on the wrong side of the price");
    }
    return true;
}

static int64_t commission_e8(const struct paper_book *b, int64_t lots_e8)
{
    return dec_mul(paper_book_conf(b)->commission_per_lot_e8, lots_e8, DEC_HALF_AWAY);
}

/* In USD: a cross costs what its base currency costs against the dollar. */
static int64_t margin_for_e8(const struct paper_book *b, size_t symbol, int64_t price_e8,
                             int64_t lots_e8)
{
    const struct symbol_info *info = symbol_at(symbol);
    int leverage = paper_book_conf(b)->leverage;
    if (strcmp(info->base, "USD") != 0 && strcmp(info->quote, "USD") != 0) {
        char name[SYMBOL_CAP];
        memcpy(name, info->base, 3);
        memcpy(name + 3, "USD", sizeof("USD"));
        int base = paper_symbol_index(name);
        struct quote q = base < 0 ? (struct quote){0} : paper_book_quote(b, (size_t)base);
        if (q.ask_e8 > 0) {
            return symbol_margin_e8(symbol_at((size_t)base), q.ask_e8, lots_e8, leverage);
        }
    }
    return symbol_margin_e8(info, price_e8, lots_e8, leverage);
}

static bool check_money(const struct paper_book *b, size_t symbol, const struct broker_request *r,
                        struct paper_reject *ret)
{
    int64_t price_e8 = paper_deal_open_price_e8(b, symbol, r->side);
    int64_t need_e8 = margin_for_e8(b, symbol, price_e8, r->lots_e8) + commission_e8(b, r->lots_e8);
    int64_t free_e8 = paper_book_equity_e8(b) - paper_book_margin_e8(b);
    if (need_e8 <= free_e8) {
        return true;
    }
    char need[DEC_TEXT_CAP], have[DEC_TEXT_CAP];
    TR_CLEANUP(mem_freep)
    char *text = xasprintf("needs %s USD of margin, %s free", dec_format_fixed(need_e8, 2, need),
                           dec_format_fixed(free_e8, 2, have));
    return refuse(ret, PAPER_CODE_NO_MONEY, REASON_NO_MONEY, text);
}

bool paper_deal_check_open(const struct paper_book *b, const struct broker_request *r,
                           struct paper_reject *ret)
{
    int symbol = paper_symbol_index(r->symbol);
    if (symbol < 0) {
        return refuse(ret, PAPER_CODE_INVALID, REASON_SYMBOL_UNKNOWN, "unknown symbol");
    }
    if (r->cid == 0 || side_sign(r->side) == 0) {
        return refuse(ret, PAPER_CODE_INVALID, REASON_FIELD_INVALID, "cid or side missing");
    }
    if (!check_volume(symbol_at((size_t)symbol), r->lots_e8, ret) ||
        !paper_deal_check_stops(b, (size_t)symbol, r, ret)) {
        return false;
    }
    if (paper_book_position_count(b) >= PAPER_POSITIONS_MAX) {
        return refuse(ret, PAPER_CODE_LIMIT_POSITIONS, REASON_MAX_OPEN_TRADES,
                      "too many open positions");
    }
    return check_money(b, (size_t)symbol, r, ret);
}

bool paper_deal_check_close(const struct paper_book *b, const struct broker_request *r,
                            struct paper_reject *ret)
{
    const struct paper_position *p = paper_book_position(b, r->position_cid);
    if (!p) {
        return refuse(ret, PAPER_CODE_POSITION_CLOSED, REASON_POSITION_NOT_FOUND,
                      "no such open position");
    }
    if (r->cid == 0 || r->side != side_opposite(p->side)) {
        return refuse(ret, PAPER_CODE_INVALID, REASON_FIELD_INVALID, "cid or closing side wrong");
    }
    if (r->lots_e8 > p->lots_e8) {
        return refuse(ret, PAPER_CODE_INVALID_CLOSE_VOLUME, REASON_FIELD_INVALID,
                      "more than the position has");
    }
    /* All of it is always allowed; a part must leave and take whole steps. */
    const struct symbol_info *info = symbol_at(p->symbol);
    bool whole = r->lots_e8 == p->lots_e8;
    if (!whole && (!check_volume(info, r->lots_e8, ret) ||
                   !check_volume(info, p->lots_e8 - r->lots_e8, ret))) {
        return false;
    }
    if (paper_deal_close_price_e8(b, p) == 0) {
        return refuse(ret, PAPER_CODE_PRICE_OFF, REASON_NO_QUOTE, "no quote");
    }
    return true;
}

/* ---- changes ---- */

struct paper_order paper_deal_order(const struct paper_book *b, const struct broker_request *r,
                                    int64_t now_ms)
{
    bool opens = r->kind == BROKER_PLACE;
    TR_ASSERT(opens || r->kind == BROKER_CLOSE);
    const struct paper_position *p = opens ? NULL : paper_book_position(b, r->position_cid);
    int symbol = p ? p->symbol : paper_symbol_index(r->symbol);
    return (struct paper_order){
        .cid = r->cid,
        .position_cid = opens ? r->cid : r->position_cid,
        .purpose = opens ? ORDER_OPEN : ORDER_CLOSE,
        .state = PAPER_ORDER_WORKING,
        .klass = BROKER_OK,
        .side = r->side,
        .symbol = (uint8_t)(symbol < 0 ? 0 : symbol),
        .lots_e8 = r->lots_e8 > 0 ? r->lots_e8 : 0,
        .sl_e8 = opens ? r->sl_e8 : DEC_NONE,
        .tp_e8 = opens ? r->tp_e8 : DEC_NONE,
        .expires_ms = r->expires_ms,
        .updated_ms = now_ms,
    };
}

int64_t paper_deal_open_price_e8(const struct paper_book *b, size_t symbol, enum side side)
{
    struct quote q = paper_book_quote(b, symbol);
    return side == SIDE_BUY ? q.ask_e8 : q.bid_e8;
}

int64_t paper_deal_close_price_e8(const struct paper_book *b, const struct paper_position *p)
{
    return paper_deal_open_price_e8(b, p->symbol, side_opposite(p->side));
}

/* Volume-weighted price of two parts, rounded half away from zero. */
static int64_t average_e8(int64_t lots_e8, int64_t price_e8, int64_t more_lots_e8,
                          int64_t more_price_e8)
{
    __int128 cost = (__int128)lots_e8 * price_e8 + (__int128)more_lots_e8 * more_price_e8;
    __int128 lots = (__int128)lots_e8 + more_lots_e8;
    TR_ASSERT(lots > 0 && cost >= 0);
    return (int64_t)((cost + lots / 2) / lots);
}

static void order_take_fill(struct paper_order *o, const struct paper_fill *f)
{
    o->avg_price_e8 = average_e8(o->filled_e8, o->avg_price_e8, f->lots_e8, f->price_e8);
    o->filled_e8 += f->lots_e8;
    o->profit_e8 += f->profit_e8;
    o->commission_e8 += f->commission_e8;
    o->swap_e8 += f->swap_e8;
    o->exec_id = f->exec_id;
    o->updated_ms = f->time_ms;
    if (o->filled_e8 == o->lots_e8) {
        o->state = PAPER_ORDER_FILLED;
    }
}

static void change_begin(const struct paper_book *b, struct paper_change *ret)
{
    *ret = (struct paper_change){.account = paper_book_account(b)};
}

void paper_deal_fill_open(const struct paper_book *b, const struct paper_order *o, int64_t lots_e8,
                          int64_t now_ms, struct paper_change *ret)
{
    TR_ASSERT(o->purpose == ORDER_OPEN && o->state == PAPER_ORDER_WORKING);
    TR_ASSERT(lots_e8 > 0 && o->filled_e8 + lots_e8 <= o->lots_e8);
    int64_t price_e8 = paper_deal_open_price_e8(b, o->symbol, o->side);
    TR_ASSERT(price_e8 > 0);
    change_begin(b, ret);
    ret->has_order = ret->has_position = ret->has_fill = true;
    ret->fill = (struct paper_fill){
        .exec_id = ret->account.next_exec_id++,
        .cid = o->cid,
        .position_cid = o->cid,
        .lots_e8 = lots_e8,
        .price_e8 = price_e8,
        .commission_e8 = commission_e8(b, lots_e8),
        .time_ms = now_ms,
        .symbol = o->symbol,
        .purpose = ORDER_OPEN,
        .side = o->side,
    };
    ret->account.balance_e8 -= ret->fill.commission_e8;
    ret->order = *o;
    order_take_fill(&ret->order, &ret->fill);

    const struct paper_position *p = paper_book_position(b, o->cid);
    if (p) {
        ret->position = *p;
    } else {
        ret->position = (struct paper_position){
            .cid = o->cid,
            .sl_e8 = o->sl_e8,
            .tp_e8 = o->tp_e8,
            .opened_ms = now_ms,
            .swap_day = paper_deal_server_day(now_ms),
            .symbol = o->symbol,
            .side = o->side,
        };
    }
    struct paper_position *n = &ret->position;
    n->entry_e8 = average_e8(n->lots_e8, n->entry_e8, lots_e8, price_e8);
    n->lots_e8 += lots_e8;
    n->margin_e8 += margin_for_e8(b, o->symbol, price_e8, lots_e8);
}

void paper_deal_fill_close(const struct paper_book *b, const struct paper_closing *c,
                           int64_t now_ms, struct paper_change *ret)
{
    const struct paper_position *p = c->trigger.position;
    const struct paper_order *o = c->order;
    TR_ASSERT(c->lots_e8 > 0 && c->lots_e8 <= p->lots_e8);
    TR_ASSERT(c->trigger.price_e8 > 0);
    TR_ASSERT(!o || (o->purpose == ORDER_CLOSE && o->state == PAPER_ORDER_WORKING));
    change_begin(b, ret);
    ret->has_position = ret->has_fill = true;
    ret->fill = (struct paper_fill){
        .exec_id = ret->account.next_exec_id++,
        .cid = o ? o->cid : 0,
        .position_cid = p->cid,
        .lots_e8 = c->lots_e8,
        .price_e8 = c->trigger.price_e8,
        .profit_e8 = symbol_profit_e8(symbol_at(p->symbol), side_sign(p->side), p->entry_e8,
                                      c->trigger.price_e8, c->lots_e8,
                                      paper_book_usd_per_quote_e8(b, p->symbol)),
        .commission_e8 = commission_e8(b, c->lots_e8),
        .swap_e8 = dec_muldiv(p->swap_e8, c->lots_e8, p->lots_e8, DEC_HALF_AWAY),
        .time_ms = now_ms,
        .symbol = p->symbol,
        .purpose = ORDER_CLOSE,
        .side = side_opposite(p->side),
        .reason = c->trigger.reason,
    };
    const struct paper_fill *f = &ret->fill;
    ret->account.balance_e8 += f->profit_e8 + f->swap_e8 - f->commission_e8;
    ret->position = *p;
    ret->position.margin_e8 -= dec_muldiv(p->margin_e8, c->lots_e8, p->lots_e8, DEC_HALF_AWAY);
    ret->position.swap_e8 -= f->swap_e8;
    ret->position.lots_e8 -= c->lots_e8;
    if (o) {
        ret->has_order = true;
        ret->order = *o;
        order_take_fill(&ret->order, f);
    }
}

/* ---- swap ---- */

int paper_deal_server_day(int64_t now_ms)
{
    return (int)((now_ms + MIDNIGHT_MS) / DAY_MS);
}

/* Nights that count between two server days: none at the weekend, Wednesday's three times. */
static int swap_nights(int from_day, int to_day)
{
    int nights = 0;
    int day = to_day - from_day > NIGHTS_MAX ? to_day - NIGHTS_MAX : from_day;
    for (; day < to_day; day++) {    /* the midnight that ends `day` */
        int weekday = (day + 4) % 7; /* day 0 was a Thursday; 0 = Sunday */
        if (weekday == WEDNESDAY) {
            nights += 3;
        } else if (weekday != 0 && weekday != 6) {
            nights++;
        }
    }
    return nights;
}

static int64_t swap_for_e8(const struct paper_book *b, const struct paper_position *p, int nights)
{
    const struct paper_conf *conf = paper_book_conf(b);
    const struct symbol_info *info = symbol_at(p->symbol);
    int64_t points_e8 =
        p->side == SIDE_BUY ? conf->swap_long_points_e8 : conf->swap_short_points_e8;
    int64_t point_e8 = DEC_ONE;
    for (int i = 0; i < info->digits; i++) {
        point_e8 /= 10;
    }
    int64_t price_e8 = paper_deal_close_price_e8(b, p);
    if (price_e8 == 0) {
        price_e8 = p->entry_e8;
    }
    int64_t distance_e8 = dec_mul(points_e8, point_e8, DEC_HALF_AWAY) * nights;
    return symbol_profit_e8(info, 1, price_e8 - distance_e8, price_e8, p->lots_e8,
                            paper_book_usd_per_quote_e8(b, p->symbol));
}

bool paper_deal_rollover(const struct paper_book *b, int64_t now_ms, struct paper_change *ret)
{
    int today = paper_deal_server_day(now_ms);
    const struct paper_position *p = NULL;
    while ((p = paper_book_next_position(b, p))) {
        if (p->swap_day < today) {
            change_begin(b, ret);
            ret->has_position = true;
            ret->position = *p;
            ret->position.swap_e8 += swap_for_e8(b, p, swap_nights(p->swap_day, today));
            ret->position.swap_day = today;
            return true;
        }
    }
    return false;
}
