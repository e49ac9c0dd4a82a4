/* model/rules/migration.c: see migration.h. Each reader of a cell either fills its output or notes
 * the fault and returns false, so that a row is one chain of them and the first fault is told.
 * Numbers the old bot computed in binary floating point ("-4.19999999999982") are rounded to the
 * eighth decimal; numbers that are none are faults. */
#include "model/rules/migration.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/jsonw.h"

#define LEVEL_MAX        1000
#define PROFIT_LEVEL_MAX 4

struct reading {
    const struct migration_row *row;
    struct migration_fault *fault;
};

static const char *cell(const struct migration_row *row, const char *column)
{
    const char *s = row->cell(row->ctx, column);
    return s != NULL ? s : "";
}

/* It goes to terminals. */
static bool refuse(const struct reading *r, const char *field, const char *wanted)
{
    TR_ASSERT(field != NULL && wanted != NULL);
    *r->fault = (struct migration_fault){.field = field, .wanted = wanted};
    (void)str_copy(r->fault->value, sizeof(r->fault->value), cell(r->row, field)); /* cut is fine */
    for (char *p = r->fault->value; *p != '\0'; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    return false;
}

static bool read_number(const struct reading *r, const char *field, int64_t *ret_e8)
{
    const char *s = cell(r->row, field);
    *ret_e8 = DEC_NONE;
    return s[0] == '\0' || dec_parse_round(s, strlen(s), DEC_HALF_AWAY, ret_e8) ||
           refuse(r, field, "a number");
}

static bool read_lots(const struct reading *r, const char *field, int64_t *ret_e8)
{
    return read_number(r, field, ret_e8) && (*ret_e8 > 0 || refuse(r, field, "lots above 0"));
}

static bool read_level(const struct reading *r, const char *field, int64_t max, int64_t *ret)
{
    const char *s = cell(r->row, field);
    *ret = 0;
    return s[0] == '\0' || (str_to_i64(s, ret) && *ret >= 0 && *ret <= max) ||
           refuse(r, field, "a level");
}

/* Python's isoformat() and SQLite's own text do not name a zone. */
static bool read_time(const struct reading *r, const char *field, int64_t *ret_ms)
{
    char zoned[CLOCK_TEXT_CAP + 2];
    const char *s = cell(r->row, field);
    *ret_ms = DEC_NONE;
    if (s[0] == '\0' || clock_parse_rfc3339(s, ret_ms))
        return true;
    int n = snprintf(zoned, sizeof(zoned), "%sZ", s);
    if (n <= 0 || (size_t)n >= sizeof(zoned) || !clock_parse_rfc3339(zoned, ret_ms))
        return refuse(r, field, "a time like 2026-11-21 08:00:00");
    *ret_ms -= r->row->utc_offset_min * INT64_C(60000);
    return true;
}

static bool read_id(const struct reading *r, const char *field, bool is_needed,
                    char out[MIGRATION_ID_CAP])
{
    const char *s = cell(r->row, field);
    if (!str_copy(out, MIGRATION_ID_CAP, s))
        return refuse(r, field, "at most 63 characters");
    return s[0] != '\0' || !is_needed || refuse(r, field, "an id");
}

static bool read_symbol(const struct reading *r, char out[SYMBOL_CAP])
{
    return symbol_normalise(cell(r->row, "symbol"), out) || refuse(r, "symbol", "a symbol");
}

static bool read_side(const struct reading *r, enum side *ret)
{
    const char *s = cell(r->row, "direction");
    if (str_ieq(s, "BUY"))
        *ret = SIDE_BUY;
    else if (str_ieq(s, "SELL"))
        *ret = SIDE_SELL;
    else
        return refuse(r, "direction", "buy or sell");
    return true;
}

/* int() of the old tool: "88123", and 88123.0 where the column is REAL. */
static bool read_ticket(const struct reading *r, int64_t *ret)
{
    int64_t n = 0, whole_e8 = 0;
    const char *s = cell(r->row, "trade_id");
    if (!str_to_i64(s, &n) && dec_parse(s, strlen(s), &whole_e8) && whole_e8 % DEC_ONE == 0)
        n = whole_e8 / DEC_ONE;
    *ret = n;
    return (n > 0 && n <= MIGRATION_TICKET_MAX) || refuse(r, "trade_id", "a ticket number");
}

static bool read_order_type(const struct reading *r, enum order_role *ret)
{
    const char *s = cell(r->row, "order_type");
    if (s[0] == '\0')
        *ret = ORDER_ROLE_UNSET;
    else if (str_ieq(s, "TP_TRAIL"))
        *ret = ORDER_ROLE_A;
    else if (str_ieq(s, "PROFIT_TRAIL"))
        *ret = ORDER_ROLE_B;
    else
        return refuse(r, "order_type", "TP_TRAIL or PROFIT_TRAIL");
    return true;
}

/* NULL: none of combined_v3. */
static const char *logic_of(const char *name)
{
    static const struct {
        const char *logic, *old;
    } names[] = {{"LOGIC1", "combinedlogic-1"},
                 {"LOGIC2", "combinedlogic-2"},
                 {"LOGIC3", "combinedlogic-3"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        if (str_ieq(name, names[i].logic) || str_ieq(name, names[i].old))
            return names[i].logic;
    return NULL;
}

/* The filter of combined_v3. The strategy decides; a version that left it empty has the logic. */
static bool read_logic(const struct reading *r, const char **ret)
{
    const char *strategy = cell(r->row, "strategy");
    *ret = logic_of(strategy[0] != '\0' ? strategy : cell(r->row, "logic_type"));
    return *ret != NULL || refuse(r, "strategy", "LOGIC1 to 3 or combinedlogic-1 to 3");
}

static const char *trade_status(const char *s)
{
    static const char *const names[] = {"OPEN", "PARTIAL"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        if (str_ieq(s, names[i]))
            return names[i];
    return "CLOSED"; /* also what is unknown */
}

bool migration_trade(const struct migration_row *row, struct migration_trade *ret,
                     struct migration_fault *ret_fault)
{
    const struct reading r = {row, ret_fault};
    TR_ASSERT(row->cell != NULL);
    *ret = (struct migration_trade){.status = trade_status(cell(row, "status"))};
    bool ok =
        read_logic(&r, &ret->logic) && read_ticket(&r, &ret->ticket) &&
        read_symbol(&r, ret->symbol) && read_side(&r, &ret->side) &&
        read_lots(&r, "lot_size", &ret->lots_e8) && read_order_type(&r, &ret->role) &&
        read_number(&r, "entry_price", &ret->entry_e8) &&
        read_number(&r, "exit_price", &ret->exit_e8) && read_number(&r, "sl_price", &ret->sl_e8) &&
        read_number(&r, "tp_price", &ret->tp_e8) && read_number(&r, "pnl", &ret->profit_e8) &&
        read_number(&r, "swap", &ret->swap_e8) &&
        read_number(&r, "commission", &ret->commission_e8) &&
        read_time(&r, "open_time", &ret->entry_ms) && read_time(&r, "close_time", &ret->exit_ms) &&
        read_id(&r, "chain_id", false, ret->chain_id);
    if (ok && ret->commission_e8 != DEC_NONE)
        ret->commission_e8 = dec_abs(ret->commission_e8);
    TR_ASSERT(!ok || (ret->lots_e8 > 0 && ret->side != SIDE_UNSET));
    return ok;
}

void migration_signal_data(const struct migration_row *row, struct buf *out)
{
    static const char *const columns[] = {
        "strategy",        "logic_type",           "chain_id",
        "chain_level",     "is_re_entry",          "order_type",
        "profit_chain_id", "profit_level",         "session_id",
        "sl_adjusted",     "original_sl_distance", "base_lot_size",
        "final_lot_size",  "base_sl_pips",         "final_sl_pips",
        "lot_multiplier",  "sl_multiplier",        "comment"};
    struct jsonw w;
    char text[DEC_TEXT_CAP];
    jsonw_init(&w, out);
    jsonw_object_begin(&w, NULL);
    for (size_t i = 0; i < TR_ARRAY_SIZE(columns); i++) {
        const char *s = cell(row, columns[i]);
        int64_t value_e8;
        if (s[0] == '\0')
            continue;
        if (dec_parse_round(s, strlen(s), DEC_HALF_AWAY, &value_e8))
            jsonw_raw(&w, columns[i], dec_format(value_e8, text));
        else
            jsonw_str(&w, columns[i], s);
    }
    jsonw_object_end(&w);
}

/* ---- chains ---- */

static bool read_chain_status(const struct reading *r, const char *const *names, const char **ret)
{
    const char *s = cell(r->row, "status");
    for (size_t i = 0; names[i] != NULL; i++)
        if (str_ieq(s, names[i])) {
            *ret = names[i];
            return true;
        }
    return refuse(r, "status", "the status of a chain");
}

static bool read_chain(const struct reading *r, struct migration_chain *ret)
{
    *ret = (struct migration_chain){.distance_e8 = DEC_NONE};
    if (!read_id(r, "chain_id", true, ret->id) || !read_symbol(r, ret->symbol) ||
        !read_side(r, &ret->side) || !read_number(r, "total_profit", &ret->profit_e8) ||
        !read_time(r, "created_at", &ret->created_ms))
        return false;
    if (ret->profit_e8 == DEC_NONE)
        ret->profit_e8 = 0;
    return true;
}

bool migration_reentry_chain(const struct migration_row *row, struct migration_chain *ret,
                             struct migration_fault *ret_fault)
{
    /* "recovering" was the word of one version for the same. */
    static const char *const names[] = {"ACTIVE",    "RECOVERY_MODE", "STOPPED",
                                        "COMPLETED", "RECOVERING",    NULL};
    const struct reading r = {row, ret_fault};
    bool ok = read_chain(&r, ret) && read_chain_status(&r, names, &ret->status) &&
              read_level(&r, "max_level_reached", LEVEL_MAX, &ret->level) &&
              read_number(&r, "original_entry", &ret->size_e8) &&
              read_number(&r, "original_sl_distance", &ret->distance_e8) &&
              read_time(&r, "completed_at", &ret->ended_ms);
    if (ok && str_eq(ret->status, "RECOVERING"))
        ret->status = "RECOVERY_MODE";
    return ok;
}

bool migration_profit_chain(const struct migration_row *row, struct migration_chain *ret,
                            struct migration_fault *ret_fault)
{
    static const char *const names[] = {"ACTIVE",  "ADVANCING", "COMPLETED",
                                        "STOPPED", "STALE",     NULL};
    const struct reading r = {row, ret_fault};
    return read_chain(&r, ret) && read_chain_status(&r, names, &ret->status) &&
           read_level(&r, "current_level", PROFIT_LEVEL_MAX, &ret->level) &&
           read_lots(&r, "base_lot", &ret->size_e8) && read_time(&r, "updated_at", &ret->ended_ms);
}
