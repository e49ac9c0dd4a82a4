/* Covers: money, profit signs, prices by symbol, percentages, short names of positions both ways,
 * trading day boundaries at 03:35 IST. */
#include <criterion/criterion.h>
#include <string.h>

#include "bots/format.h"

static char t[FORMAT_CAP];

Test(format, profit_carries_its_sign_and_zero_none)
{
    cr_assert_str_eq(format_profit(INT64_C(1230000000), t), "+12.30");
    cr_assert_str_eq(format_profit(INT64_C(-300000000), t), "-3.00");
    cr_assert_str_eq(format_profit(0, t), "0.00");
    cr_assert_str_eq(format_profit(1, t), "0.00");
    cr_assert_str_eq(format_profit(INT64_MAX, t), "+92233720368.55");
}

Test(format, prices_have_the_symbols_decimals)
{
    cr_assert_str_eq(format_price("EURUSD", INT64_C(108765000), t), "1.08765");
    cr_assert_str_eq(format_price("XAUUSD", INT64_C(265012000000), t), "2650.12");
    cr_assert_str_eq(format_price("XAUUSD", DEC_NONE, t), "-");
    cr_assert_str_eq(format_price("NOSUCH", INT64_C(150000000), t), "1.5");
}

Test(format, percent_of_nothing_is_a_dash)
{
    cr_assert_str_eq(format_percent(2, 3, t), "67 %");
    cr_assert_str_eq(format_percent(0, 0, t), "-");
}

Test(format, short_names_lead_back_to_the_same_position_only)
{
    uint64_t cid =
        (UINT64_C(0x123) << (CID_SEQ_BITS + CID_LEG_BITS)) | (UINT64_C(88) << CID_LEG_BITS) | 1;
    cr_assert_str_eq(format_ref(cid, t), "88b");
    cr_assert(format_ref_matches("88b", cid));
    cr_assert(format_ref_matches("#88B", cid));
    cr_assert_not(format_ref_matches("88a", cid));
    cr_assert_not(format_ref_matches("88", cid));
    cr_assert_not(format_ref_matches("", cid));
    char whole[FORMAT_CAP];
    cr_assert(format_ref_matches(format_u64(cid, whole), cid));
    cr_assert_str_eq(format_ref(4711, t), "4711", "a number without the layout is shown whole");
}

Test(format, trading_day_begins_at_the_reset_minute)
{
    /* 2026-01-05 22:05 UTC = 2026-01-06 03:35 IST */
    int64_t reset = INT64_C(1767650700000);
    cr_assert_eq(format_day_start_ms(reset, 330, 215, 0), reset);
    cr_assert_eq(format_day_start_ms(reset - 1, 330, 215, 0), reset - 86400000);
    cr_assert_eq(format_day_start_ms(reset + 86399999, 330, 215, 0), reset);
    cr_assert_eq(format_day_start_ms(reset, 330, 215, 1), reset - 86400000);
    cr_assert_eq(format_day_start_ms(reset, 330, 215, -1), reset + 86400000);
    cr_assert_str_eq(format_date(reset, 330, t), "2026-01-06");
    cr_assert_str_eq(format_minute(reset, 330, t), "2026-01-06 03:35 +05:30");
}
