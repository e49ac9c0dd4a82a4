/* Covers: what a Yes carries comes back whole, also the longest; anything else is refused; traders
 * are told apart; every command that asks back fits a button. */
#include "unit/bots/stage.h"

#include "bots/table.h"

Test(confirm_token, comes_back_as_it_was)
{
    static const uint64_t ids[] = {
        1, 35, 36, 4711, UINT64_C(2176782335), UINT64_C(3656158440062975)};
    for (size_t i = 0; i < TR_ARRAY_SIZE(ids); i++)
        for (int parts = 0; parts < 4; parts++) {
            struct confirm_token t = {.id = ids[i], .has_code = parts & 1}, got;
            char arg[BUTTON_ARG_CAP], args[COMMAND_ARGS_CAP], want[COMMAND_ARGS_CAP];
            confirm_token_trader("main", t.trader);
            if (parts & 2)
                (void)str_copy(t.action, sizeof t.action, "3f9a");
            confirm_token_write(&t, arg);
            cr_assert(confirm_token_read(arg, &got), "%s", arg);
            cr_assert_eq(got.id, t.id);
            cr_assert_eq(got.has_code, t.has_code);
            cr_assert_str_eq(got.trader, t.trader);
            cr_assert_str_eq(got.action, t.action);
            confirm_token_args(&got, true, args);
            (void)snprintf(want, sizeof want, "%" PRIu64 "%s", t.id,
                           parts & 2 ? " approve 3f9a" : "");
            cr_assert_str_eq(args, want);
            confirm_token_args(&got, false, args);
            cr_assert_str_eq(args + strlen(want), " no");
        }
}

Test(confirm_token, refuses_what_is_none)
{
    static const char *const bad[] = {"",
                                      "77",
                                      "_abc",
                                      "77_ab",
                                      "77_abcd",
                                      "77_abc_",
                                      "77_abc_d",
                                      "77_abc_a12",
                                      "0_abc",
                                      "77_abc_a12345",
                                      "zzzzzzzzzzz_abc",
                                      "77_abc_c_a1234",
                                      "77-abc",
                                      "77_abc_a1234_x",
                                      "77 abc",
                                      "77_abc_cc"};
    struct confirm_token got;
    for (size_t i = 0; i < TR_ARRAY_SIZE(bad); i++)
        cr_assert_not(confirm_token_read(bad[i], &got), "'%s'", bad[i]);
}

Test(confirm_token, traders_are_told_apart)
{
    char a[CONFIRM_TRADER_CAP], b[CONFIRM_TRADER_CAP];
    confirm_token_trader("main", a);
    confirm_token_trader("second", b);
    cr_assert_str_neq(a, b);
    confirm_token_trader("main", b);
    cr_assert_str_eq(a, b);
}

Test(confirm_token, every_dangerous_command_fits_a_button)
{
    size_t n = 0;
    const struct bot_command *const *all = table_all(&n);
    stage_key();
    for (size_t i = 0; i < n; i++) {
        if (all[i]->klass != COMMAND_DANGER)
            continue;
        struct confirm_token t = {.id = UINT64_C(2176782335), .action = "3f9a", .has_code = true};
        struct button b = {.kind = BUTTON_YES, .expires_ms = INT64_C(4102444800000)};
        char data[BUTTON_DATA_CAP];
        cr_assert_leq(strlen(all[i]->ops.name), CONFIRM_NAME_MAX_LEN, "%s", all[i]->ops.name);
        confirm_token_trader("main", t.trader);
        confirm_token_write(&t, b.arg);
        (void)str_copy(b.name, sizeof b.name, all[i]->ops.name);
        button_sign(&b, INT64_MAX, INT64_MAX, data); /* asserts that it fits */
        cr_assert_leq(strlen(data), 64);
    }
}
