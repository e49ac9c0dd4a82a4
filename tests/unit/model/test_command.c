/* Covers: packing of commands with and without body, truncation without leaks, the body's limit. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "model/command.h"

static struct command sample(char *body)
{
    struct command c = {.origin = ORIGIN_BOT,
                        .bot = BOT_CONTROLLER,
                        .update_id = 901,
                        .user_id = INT64_C(7123456789012),
                        .chat_id = INT64_C(-1001234567890),
                        .thread_id = 3,
                        .message_id = 44,
                        .sent_ms = 1767600000000,
                        .role = ROLE_ADMIN,
                        .lang = LANG_EN,
                        .confirmed = true,
                        .body = body};
    (void)str_copy(c.name, sizeof(c.name), "close");
    (void)str_copy(c.args, sizeof(c.args), "all XAUUSD");
    (void)str_copy(c.user_name, sizeof(c.user_name), "Ünal <b>");
    (void)str_copy(c.callback_id, sizeof(c.callback_id), "4382bfdwdsb323b2d9");
    return c;
}

Test(command, survives_packing)
{
    char body[] = "report text";
    struct command c = sample(body), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    struct unpack u;
    buf_init(&b, 16384);
    command_pack(&b, &c);
    unpack_init(&u, b.data, b.len);
    command_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    cr_expect_str_eq(back.name, "close");
    cr_expect_str_eq(back.args, "all XAUUSD");
    cr_expect_str_eq(back.user_name, "Ünal <b>");
    cr_expect_eq(back.chat_id, INT64_C(-1001234567890));
    cr_expect_eq(back.user_id, INT64_C(7123456789012));
    cr_expect_eq(back.role, ROLE_ADMIN);
    cr_expect(back.confirmed);
    cr_expect_str_eq(back.body, "report text");
    command_deinit(&back);
    cr_expect_null(back.body);
    command_deinit(&back);
    command_deinit(NULL);
}

Test(command, no_body_stays_none)
{
    struct command c = sample(NULL), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    struct unpack u;
    buf_init(&b, 16384);
    command_pack(&b, &c);
    unpack_init(&u, b.data, b.len);
    command_unpack(&u, &back);
    cr_assert(unpack_done(&u));
    cr_expect_null(back.body);
}

Test(command, truncation_is_noticed_and_leaks_nothing)
{
    char body[] = "report text";
    struct command c = sample(body), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    buf_init(&b, 16384);
    command_pack(&b, &c);
    for (size_t n = 0; n < b.len; n++) {
        struct unpack u;
        unpack_init(&u, b.data, n);
        command_unpack(&u, &back);
        cr_expect_not(unpack_ok(&u), "%zu of %zu bytes", n, b.len);
        command_deinit(&back);
    }
}

Test(command, a_body_beyond_the_limit_is_refused)
{
    char *body = xalloc(COMMAND_BODY_MAX_BYTES + 2);
    memset(body, 'x', COMMAND_BODY_MAX_BYTES + 1);
    struct command c = sample(body), back;
    TR_CLEANUP(buf_deinit) struct buf b;
    struct unpack u;
    buf_init(&b, 65536);
    command_pack(&b, &c);
    unpack_init(&u, b.data, b.len);
    command_unpack(&u, &back);
    cr_expect_not(unpack_ok(&u));
    command_deinit(&back);
    body[COMMAND_BODY_MAX_BYTES] = '\0';
    buf_reset(&b);
    command_pack(&b, &c);
    unpack_init(&u, b.data, b.len);
    command_unpack(&u, &back);
    cr_expect(unpack_done(&u));
    command_deinit(&back);
    (void)mem_free(body);
}
