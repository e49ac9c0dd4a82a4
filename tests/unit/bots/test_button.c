/* Covers: signed buttons: round trip, length, forged, cut, of others, expired, without a key;
 * menus; the key file. */
#include <sys/stat.h>
#include <unistd.h>

#include "unit/bots/stage.h"

#include "core/file.h"

static struct button sample(void)
{
    struct button b = {.kind = BUTTON_YES, .expires_ms = T0_MS + 30000};
    (void)str_copy(b.name, sizeof b.name, "closeall");
    (void)str_copy(b.arg, sizeof b.arg, "4711");
    return b;
}

Test(button, what_was_signed_is_read_back)
{
    stage_key();
    char data[BUTTON_DATA_CAP];
    struct button b = sample();
    struct button got;
    button_sign(&b, 11, 22, data);
    cr_assert_eq(button_verify(data, 11, 22, T0_MS, &got), BUTTON_OK);
    cr_assert_str_eq(got.name, "closeall");
    cr_assert_str_eq(got.arg, "4711");
    cr_assert_eq(got.kind, BUTTON_YES);
    cr_assert_eq(got.expires_ms, b.expires_ms);
}

Test(button, fits_64_bytes_with_the_longest_name_and_id)
{
    stage_key();
    char data[BUTTON_DATA_CAP];
    struct button b = {.kind = BUTTON_ACTION, .expires_ms = INT64_C(32503680000000)};
    (void)str_copy(b.name, sizeof b.name, "unsubscribe");
    (void)str_copy(b.arg, sizeof b.arg, "9223372036854775807");
    button_sign(&b, INT64_MIN, INT64_MAX, data);
    cr_assert_leq(strlen(data), 64);
    struct button got;
    cr_assert_eq(button_verify(data, INT64_MIN, INT64_MAX, T0_MS, &got), BUTTON_OK);
}

Test(button, every_changed_byte_makes_it_invalid)
{
    stage_key();
    char data[BUTTON_DATA_CAP];
    struct button b = sample();
    struct button got;
    button_sign(&b, 11, 22, data);
    for (size_t i = 0; data[i]; i++) {
        char saved = data[i];
        data[i] = saved == 'x' ? 'y' : 'x';
        cr_assert_eq(button_verify(data, 11, 22, T0_MS, &got), BUTTON_E_INVALID, "byte %zu", i);
        data[i] = saved;
    }
}

Test(button, every_cut_makes_it_invalid)
{
    stage_key();
    char data[BUTTON_DATA_CAP];
    struct button b = sample();
    struct button got;
    button_sign(&b, 11, 22, data);
    for (size_t len = strlen(data); len-- > 0;) {
        data[len] = '\0';
        cr_assert_eq(button_verify(data, 11, 22, T0_MS, &got), BUTTON_E_INVALID, "length %zu", len);
    }
}

Test(button, another_person_or_chat_cannot_use_it)
{
    stage_key();
    char data[BUTTON_DATA_CAP];
    struct button b = sample();
    struct button got;
    button_sign(&b, 11, 22, data);
    cr_assert_eq(button_verify(data, 12, 22, T0_MS, &got), BUTTON_E_INVALID);
    cr_assert_eq(button_verify(data, 11, 23, T0_MS, &got), BUTTON_E_INVALID);
}

Test(button, expires_after_its_last_millisecond)
{
    stage_key();
    char data[BUTTON_DATA_CAP];
    struct button b = sample();
    struct button got;
    button_sign(&b, 11, 22, data);
    cr_assert_eq(button_verify(data, 11, 22, b.expires_ms, &got), BUTTON_OK);
    cr_assert_eq(button_verify(data, 11, 22, b.expires_ms + 1, &got), BUTTON_E_EXPIRED);
    cr_assert_str_eq(got.name, "closeall");
}

Test(button, menus_are_unsigned_and_bounded)
{
    stage_key();
    struct button got;
    cr_assert_eq(button_verify("m:positions 2", 1, 1, T0_MS, &got), BUTTON_OK);
    cr_assert_eq(got.kind, BUTTON_MENU);
    cr_assert_str_eq(got.name, "positions");
    cr_assert_str_eq(got.arg, "2");
    cr_assert_eq(button_verify("m:", 1, 1, T0_MS, &got), BUTTON_E_INVALID);
    cr_assert_eq(button_verify("m:Status", 1, 1, T0_MS, &got), BUTTON_E_INVALID);
    cr_assert_eq(button_verify("m:status \n", 1, 1, T0_MS, &got), BUTTON_E_INVALID);
}

Test(button, any_foreign_text_is_invalid)
{
    stage_key();
    static const char *const texts[] = {
        "",
        "a1:",
        "a1:....",
        "confirm_close_all",
        "a1:closeall!1.1.",
        "a1:!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
        "a1:closeall!1.zzzzzzzzzzzzzz.AAAAAAAAAAAAAAAA",
        "x123456789012345678901234567890123456789012345678901234567890123456789"};
    struct button got;
    for (size_t i = 0; i < TR_ARRAY_SIZE(texts); i++)
        cr_assert_eq(button_verify(texts[i], 1, 1, T0_MS, &got), BUTTON_E_INVALID, "%s", texts[i]);
}

Test(button, key_file_is_made_once_private_and_reused)
{
    char dir[] = "/tmp/trident-button-XXXXXX";
    cr_assert_not_null(mkdtemp(dir));
    cr_assert_eq(hash_global_init(), 0);
    cr_assert_eq(button_load_key(dir), 0);
    char data[BUTTON_DATA_CAP];
    struct button b = sample();
    struct button got;
    button_sign(&b, 1, 2, data);
    cr_assert_eq(button_load_key(dir), 0);
    cr_assert_eq(button_verify(data, 1, 2, T0_MS, &got), BUTTON_OK);
    char path[64];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/button.key", dir);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(st.st_mode & 0777, 0600);
    cr_assert_eq(file_write_atomic(path, "short", 5, 0600), 0);
    cr_assert_lt(button_load_key(dir), 0, "a damaged key is no key");
    (void)unlink(path);
    (void)rmdir(dir);
}

Test(button, nothing_verifies_before_a_key_is_loaded)
{
    cr_assert_eq(hash_global_init(), 0);
    char data[BUTTON_DATA_CAP];
    struct button b = sample();
    struct button got;
    button_sign(&b, 1, 2, data);
    cr_assert_eq(button_verify(data, 1, 2, T0_MS, &got), BUTTON_E_INVALID);
}
