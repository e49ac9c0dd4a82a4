/* Covers: the connection's state machine: transitions, waits (3 s doubling to 60 s on 409, 2 min on
 * 401, retry_after), when people are told and that each piece of news is given once. */
#include <criterion/criterion.h>

#include "bots/bot_link.h"

#define S(x) ((int64_t)(x)*1000000)

static struct bot_link l;

static bool fail_with(enum telegram_error error, int64_t now_us)
{
    struct telegram_reply r = {.error = error, .retry_after_s = 7, .description = "why"};
    return bot_link_on_error(&l, &r, now_us);
}

static void start(void)
{
    bot_link_init(&l, 1, 0);
    cr_assert(bot_link_on_ok(&l));
    cr_assert_eq(l.state, BOT_LINK_POLLING);
}

Test(bot_link, conflict_waits_3_seconds_doubling_to_60)
{
    static const int waits[] = {3000, 6000, 12000, 24000, 48000, 60000, 60000};
    start();
    for (size_t i = 0; i < TR_ARRAY_SIZE(waits); i++) {
        cr_assert_eq(fail_with(TELEGRAM_E_CONFLICT_POLL, S(1)), i == 0,
                     "logged once per state change");
        cr_assert_eq(l.wait_ms, waits[i]);
    }
    cr_assert(bot_link_on_ok(&l));
    (void)fail_with(TELEGRAM_E_CONFLICT_WEBHOOK, S(2));
    cr_assert_eq(l.wait_ms, 3000, "starts over");
}

Test(bot_link, conflict_is_told_after_a_minute_once)
{
    start();
    (void)fail_with(TELEGRAM_E_CONFLICT_POLL, S(10));
    cr_assert_eq(bot_link_news(&l, S(69)), BOT_LINK_NO_NEWS);
    cr_assert_eq(bot_link_news(&l, S(70)), BOT_LINK_WENT_DOWN);
    cr_assert_eq(bot_link_news(&l, S(99)), BOT_LINK_NO_NEWS);
    (void)bot_link_on_ok(&l);
    cr_assert_eq(bot_link_news(&l, S(100)), BOT_LINK_CAME_UP);
    cr_assert_eq(bot_link_news(&l, S(101)), BOT_LINK_NO_NEWS);
}

Test(bot_link, rejected_token_is_told_at_once_and_checked_ever_more_rarely)
{
    start();
    cr_assert(fail_with(TELEGRAM_E_UNAUTHORISED, S(1)));
    cr_assert_eq(l.state, BOT_LINK_REJECTED);
    cr_assert_eq(l.wait_ms, 30000);
    cr_assert_eq(bot_link_news(&l, S(1)), BOT_LINK_WENT_DOWN);
    cr_assert_not(fail_with(TELEGRAM_E_NETWORK, S(31)),
                  "stays rejected while getMe cannot be asked");
    cr_assert_eq(l.wait_ms, 30000);
    static const int waits_ms[] = {60000, 120000, 240000, 240000};
    for (size_t i = 0; i < TR_ARRAY_SIZE(waits_ms); i++) {
        cr_assert_not(fail_with(TELEGRAM_E_UNAUTHORISED, S(100)));
        cr_assert_eq(l.wait_ms, waits_ms[i]);
        cr_assert_eq(bot_link_news(&l, S(100)), BOT_LINK_NO_NEWS);
    }
    cr_assert(bot_link_on_ok(&l));
    cr_assert_eq(l.state, BOT_LINK_POLLING);
    cr_assert_eq(bot_link_news(&l, S(300)), BOT_LINK_CAME_UP);
    cr_assert(fail_with(TELEGRAM_E_UNAUTHORISED, S(400)));
    cr_assert_eq(l.wait_ms, 30000, "begins anew");
}

Test(bot_link, unknown_method_on_every_call_is_a_wrong_token_too)
{
    start();
    cr_assert(fail_with(TELEGRAM_E_METHOD_UNKNOWN, S(1)));
    cr_assert_eq(l.state, BOT_LINK_REJECTED);
}

Test(bot_link, one_lost_poll_is_no_news)
{
    start();
    (void)fail_with(TELEGRAM_E_NETWORK, S(10));
    cr_assert(l.wait_ms >= 500 && l.wait_ms <= 1000);
    cr_assert_eq(bot_link_news(&l, S(11)), BOT_LINK_NO_NEWS);
    (void)bot_link_on_ok(&l);
    cr_assert_eq(bot_link_news(&l, S(12)), BOT_LINK_NO_NEWS);
    cr_assert_str_eq(l.why, "");
}

Test(bot_link, lasting_trouble_is_told_after_15_seconds)
{
    start();
    for (int i = 0; i < 4; i++)
        (void)fail_with(TELEGRAM_E_SERVER, S(10 + i * 5));
    cr_assert_eq(bot_link_news(&l, S(25)), BOT_LINK_WENT_DOWN);
    cr_assert(l.why[0]);
}

Test(bot_link, flood_waits_as_told)
{
    start();
    (void)fail_with(TELEGRAM_E_FLOOD, S(1));
    cr_assert_eq(l.wait_ms, 7000);
}

Test(bot_link, another_bots_token_is_final)
{
    bot_link_init(&l, 1, 0);
    bot_link_on_misfit(&l, S(1));
    cr_assert_eq(l.state, BOT_LINK_MISFIT);
    cr_assert_eq(bot_link_news(&l, S(1)), BOT_LINK_WENT_DOWN);
    for (int to = BOT_LINK_CHECKING; to < BOT_LINK_STATE_COUNT; to++)
        cr_assert_not(bot_link_may_follow(BOT_LINK_MISFIT, (enum bot_link_state)to));
}

Test(bot_link, a_start_without_network_keeps_checking)
{
    bot_link_init(&l, 1, 0);
    cr_assert_not(fail_with(TELEGRAM_E_NETWORK, S(1)));
    cr_assert_eq(l.state, BOT_LINK_CHECKING);
    cr_assert_eq(bot_link_news(&l, S(16)), BOT_LINK_WENT_DOWN);
}
