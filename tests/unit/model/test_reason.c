/* Covers: reason codes and role and bot names, each both ways. */
#include <criterion/criterion.h>

#include "model/reason.h"
#include "model/user.h"

Test(reason, codes_are_unique_and_read_back)
{
    for (int r = 1; r < REASON_COUNT; r++) {
        enum reason back = REASON_UNSET;
        cr_assert(reason_parse(reason_code((enum reason)r), &back));
        cr_expect_eq(back, r);
    }
    enum reason r = REASON_PANIC;
    cr_expect_not(reason_parse("", &r));
    cr_expect_not(reason_parse("score_too_low", &r));
    cr_expect_eq(r, REASON_PANIC);
    cr_expect_str_eq(reason_code(REASON_SCORE_TOO_LOW), "SCORE_TOO_LOW");
    cr_expect_str_eq(reason_code(REASON_UNSET), "");
}

Test(reason, roles_are_ordered_and_named)
{
    cr_expect(ROLE_NONE < ROLE_VIEWER && ROLE_VIEWER < ROLE_TRADER && ROLE_TRADER < ROLE_ADMIN);
    for (int i = 0; i < ROLE_COUNT; i++) {
        enum role back = ROLE_COUNT;
        cr_assert(role_parse(role_name((enum role)i), &back));
        cr_expect_eq(back, i);
    }
    enum role r = ROLE_VIEWER;
    cr_expect_not(role_parse("owner", &r));
}

Test(reason, bots_are_named)
{
    for (int i = 1; i < BOT_COUNT; i++) {
        enum bot_id back = BOT_UNSET;
        cr_assert(bot_parse(bot_name((enum bot_id)i), &back));
        cr_expect_eq(back, i);
    }
    enum bot_id b = BOT_LEGACY;
    cr_expect_not(bot_parse("", &b));
    cr_expect_str_eq(bot_name(BOT_NOTIFICATION), "notification");
}
