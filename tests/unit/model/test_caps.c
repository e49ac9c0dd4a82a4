/* Covers: model/rules/caps: RK-9 to RK-12 with the golden cases G54, G55, G57, G59 and G60, both
 * sides of each limit. */
#include <criterion/criterion.h>

#include "model/rules/caps.h"

static int64_t dec(const char *text)
{
    int64_t v_e8 = 0;
    cr_assert(dec_parse(text, strlen(text), &v_e8), "%s", text);
    return v_e8;
}

static struct caps_dual ret;

static enum reason dual(const char *daily_loss, const char *lifetime_loss)
{
    struct caps_dual_case c = {
        .limits = {.daily_e8 = dec("200"), .lifetime_e8 = dec("1000")},
        .daily_loss_e8 = dec(daily_loss),
        .lifetime_loss_e8 = dec(lifetime_loss),
        .sl_pips_e8 = dec("150"),
        .pip_value_e8 = dec("10"),
        .lots_e8 = dec("0.05"),
        .orders = 2,
        .step_e8 = dec("0.01"),
        .min_e8 = dec("0.01"),
    };
    return caps_dual(&c, &ret);
}

Test(caps, g54_exactly_at_the_cap_is_taken_in_full)
{
    cr_assert_eq(dual("50", "0"), REASON_ACCEPTED);
    cr_assert_eq(ret.expected_e8, dec("150"));
    cr_assert_eq(ret.lots_e8, dec("0.05"));
    cr_assert_not(ret.reduced);
    cr_assert_eq(dual("50.00000001", "0"), REASON_ACCEPTED);
    cr_assert(ret.reduced);
    cr_assert_eq(ret.lots_e8, dec("0.04"));
}

Test(caps, g55_the_rest_of_the_day_buys_fewer_lots)
{
    cr_assert_eq(dual("60", "0"), REASON_ACCEPTED);
    cr_assert_eq(ret.available_e8, dec("140"));
    cr_assert_eq(ret.lots_e8, dec("0.04"));
    cr_assert(ret.reduced);
}

Test(caps, g57_too_little_left_is_refused)
{
    cr_assert_eq(dual("185", "0"), REASON_DAILY_LOSS_CAP);
    cr_assert_eq(ret.available_e8, dec("15"));
    cr_assert_eq(ret.lots_e8, 0);
    cr_assert_eq(ret.number_e8, dec("335"));
    cr_assert_eq(ret.limit_e8, dec("200"));
    cr_assert_eq(dual("199.5", "0"), REASON_DAILY_LOSS_CAP);
    cr_assert_eq(ret.available_e8, dec("0.5"));
    cr_assert_eq(dual("170", "0"), REASON_ACCEPTED); /* 30: the smallest lot exactly */
    cr_assert_eq(ret.lots_e8, dec("0.01"));
    cr_assert_eq(dual("170.00000001", "0"), REASON_DAILY_LOSS_CAP);
    cr_assert_eq(dual("250", "0"), REASON_DAILY_LOSS_CAP);
}

Test(caps, g59_the_lifetime_cap_reduces_nothing)
{
    cr_assert_eq(dual("0", "900"), REASON_LIFETIME_LOSS_CAP);
    cr_assert_eq(ret.number_e8, dec("1050"));
    cr_assert_eq(ret.limit_e8, dec("1000"));
    cr_assert_eq(dual("0", "850"), REASON_ACCEPTED);
    cr_assert_eq(dual("0", "850.00000001"), REASON_LIFETIME_LOSS_CAP);
}

Test(caps, rk12_without_caps_nothing_is_asked)
{
    struct caps_dual_case c = {.sl_pips_e8 = dec("150"),
                               .pip_value_e8 = dec("10"),
                               .lots_e8 = dec("5"),
                               .orders = 2,
                               .daily_loss_e8 = dec("100000"),
                               .lifetime_loss_e8 = dec("100000"),
                               .step_e8 = dec("0.01"),
                               .min_e8 = dec("0.01")};
    cr_assert_eq(caps_dual(&c, &ret), REASON_ACCEPTED);
    cr_assert_eq(ret.lots_e8, dec("5"));
    cr_assert_eq(ret.available_e8, DEC_NONE);
}

Test(caps, g60_a_cent_below_the_cap_may_trade)
{
    struct caps_limits l = {.daily_e8 = dec("200"), .lifetime_e8 = dec("1000")};
    struct caps_book b = {.daily_loss_e8 = dec("199.99")};
    int64_t number_e8, limit_e8;
    cr_assert_eq(caps_check(&l, &b, &number_e8, &limit_e8), REASON_ACCEPTED);
    cr_assert_eq(number_e8, DEC_NONE);
    b.daily_loss_e8 = dec("200");
    cr_assert_eq(caps_check(&l, &b, &number_e8, &limit_e8), REASON_DAILY_LOSS_CAP);
    cr_assert_eq(number_e8, dec("200"));
    cr_assert_eq(limit_e8, dec("200"));
    b.lifetime_loss_e8 = dec("999.99");
    cr_assert_eq(caps_check(&l, &b, &number_e8, &limit_e8), REASON_DAILY_LOSS_CAP);
    b.lifetime_loss_e8 = dec("1000");
    cr_assert_eq(caps_check(&l, &b, &number_e8, &limit_e8), REASON_LIFETIME_LOSS_CAP);
    l = (struct caps_limits){0};
    cr_assert_eq(caps_check(&l, &b, &number_e8, &limit_e8), REASON_ACCEPTED);
}

Test(caps, g60_profit_is_not_set_against_losses)
{
    struct caps_book b = {0};
    caps_book_close(&b, dec("-50"));
    caps_book_close(&b, dec("30"));
    cr_assert_eq(b.daily_loss_e8, dec("50"));
    cr_assert_eq(b.daily_profit_e8, dec("30"));
    cr_assert_eq(b.lifetime_loss_e8, dec("50"));
    cr_assert_eq(b.total_trades, 2);
    cr_assert_eq(b.total_wins, 1);
}

Test(caps, rk11_a_new_day_keeps_the_lifetime)
{
    struct caps_book b = {0};
    caps_book_close(&b, dec("-50"));
    caps_book_close(&b, dec("30"));
    caps_book_new_day(&b);
    cr_assert_eq(b.daily_loss_e8, 0);
    cr_assert_eq(b.daily_profit_e8, 0);
    cr_assert_eq(b.daily_trades, 0);
    cr_assert_eq(b.lifetime_loss_e8, dec("50"));
    cr_assert_eq(b.total_trades, 2);
}
