#include "bots/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

#define DAY_MS         INT64_C(86400000)
#define MINUTE_MS      INT64_C(60000)
#define CID_LEGS_NAMED 26

_Static_assert(FORMAT_CAP >= DEC_TEXT_CAP + 2 && FORMAT_CAP >= CLOCK_TEXT_CAP, "texts fit");

char *format_money(int64_t v_e8, char out[FORMAT_CAP])
{
    char text[DEC_TEXT_CAP];
    (void)str_copy(out, FORMAT_CAP, dec_format_fixed(v_e8, 2, text));
    return out;
}

char *format_profit(int64_t v_e8, char out[FORMAT_CAP])
{
    char text[DEC_TEXT_CAP];
    dec_format_fixed(v_e8, 2, text);
    bool is_plus = v_e8 > 0 && strcmp(text, "0.00") != 0;
    (void)snprintf(out, FORMAT_CAP, "%s%s", is_plus ? "+" : "", text);
    return out;
}

char *format_price(const char *symbol, int64_t price_e8, char out[FORMAT_CAP])
{
    TR_ASSERT(symbol);
    if (price_e8 == DEC_NONE || price_e8 == 0) {
        (void)str_copy(out, FORMAT_CAP, "-");
        return out;
    }
    const struct symbol_info *info = symbol_find(symbol);
    char text[DEC_TEXT_CAP];
    if (info)
        dec_format_fixed(price_e8, info->digits, text);
    else
        dec_format(price_e8, text);
    (void)str_copy(out, FORMAT_CAP, text);
    return out;
}

char *format_lots(int64_t lots_e8, char out[FORMAT_CAP])
{
    char text[DEC_TEXT_CAP];
    (void)str_copy(out, FORMAT_CAP, dec_format_fixed(lots_e8, 2, text));
    return out;
}

char *format_percent(int64_t part, int64_t whole, char out[FORMAT_CAP])
{
    if (whole <= 0)
        (void)str_copy(out, FORMAT_CAP, "-");
    else
        (void)snprintf(out, FORMAT_CAP, "%" PRId64 " %%",
                       dec_muldiv(part, 100, whole, DEC_HALF_AWAY));
    return out;
}

char *format_u64(uint64_t v, char out[FORMAT_CAP])
{
    (void)snprintf(out, FORMAT_CAP, "%" PRIu64, v);
    return out;
}

char *format_duration(int64_t ms, char out[FORMAT_CAP])
{
    char text[CLOCK_TEXT_CAP];
    clock_format_duration(ms > 0 ? ms : 0, text);
    (void)str_copy(out, FORMAT_CAP, text);
    return out;
}

char *format_date(int64_t wall_ms, int utc_offset_min, char out[FORMAT_CAP])
{
    int day = clock_civil_date(wall_ms, utc_offset_min);
    (void)snprintf(out, FORMAT_CAP, "%04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100);
    return out;
}

char *format_minute(int64_t wall_ms, int utc_offset_min, char out[FORMAT_CAP])
{
    int day = clock_civil_date(wall_ms, utc_offset_min);
    int minute = clock_minute_of_day(wall_ms, utc_offset_min);
    int offset_min = utc_offset_min < 0 ? -utc_offset_min : utc_offset_min;
    (void)snprintf(out, FORMAT_CAP, "%04d-%02d-%02d %02d:%02d %c%02d:%02d", day / 10000,
                   day / 100 % 100, day % 100, minute / 60, minute % 60,
                   utc_offset_min < 0 ? '-' : '+', offset_min / 60, offset_min % 60);
    return out;
}

char *format_ref(uint64_t cid, char out[FORMAT_CAP])
{
    uint64_t seq = (cid >> CID_LEG_BITS) & ((UINT64_C(1) << CID_SEQ_BITS) - 1);
    unsigned leg = (unsigned)(cid & ((1u << CID_LEG_BITS) - 1));
    bool has_layout = (cid >> (CID_LEG_BITS + CID_SEQ_BITS)) != 0 && seq > 0;
    if (has_layout && leg < CID_LEGS_NAMED)
        (void)snprintf(out, FORMAT_CAP, "%" PRIu64 "%c", seq, (char)('a' + (int)leg));
    else
        (void)snprintf(out, FORMAT_CAP, "%" PRIu64, cid);
    return out;
}

bool format_ref_matches(const char *typed, uint64_t cid)
{
    TR_ASSERT(typed);
    if (*typed == '#')
        typed++;
    char text[FORMAT_CAP];
    if (str_ieq(typed, format_ref(cid, text)))
        return true;
    return strcmp(typed, format_u64(cid, text)) == 0;
}

int64_t format_day_start_ms(int64_t now_ms, int utc_offset_min, int reset_minute, int days_back)
{
    TR_ASSERT(reset_minute >= 0 && reset_minute < 1440);
    int64_t shift_ms = (utc_offset_min - reset_minute) * MINUTE_MS;
    int64_t local_ms = now_ms + shift_ms;
    int64_t day = local_ms >= 0 ? local_ms / DAY_MS : (local_ms - DAY_MS + 1) / DAY_MS;
    return (day - days_back) * DAY_MS - shift_ms;
}
