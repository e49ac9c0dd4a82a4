/* The world's bounds and names: message rings, file ring, image sizes, chat keys, callback ids,
 * settings. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/hash.h"
#include "sandbox/world.h"

static struct sandbox_world *w;
static struct sandbox_options opt;

static void open_world(void)
{
    cr_assert_eq(hash_global_init(), 0);
    opt = (struct sandbox_options){.bots = {{"70001:a", "main", "main_bot", NULL}},
                                   .bot_count = 1,
                                   .users = {{1001, "Asha", NULL}},
                                   .user_count = 1};
    w = xalloc(sizeof(*w));
    cr_assert_eq(sandbox_world_init(w, &opt), 0);
}

static void close_world(void)
{
    sandbox_world_deinit(w);
    w = mem_free(w);
}

TestSuite(world, .init = open_world, .fini = close_world);

static struct sandbox_message *say(struct sandbox_chat *c, const char *text)
{
    struct sandbox_message m = {.bot = 0, .media = SANDBOX_MEDIA_TEXT, .text = xstrdup(text)};
    return sandbox_chat_append(w, c, &m);
}

Test(world, a_chat_keeps_its_newest_thousand_messages)
{
    struct sandbox_chat *c = sandbox_world_private(w, &w->bots[0], 1001);
    for (int i = 0; i < 2500; i++)
        say(c, "x");
    cr_assert_eq(c->count, SANDBOX_CHAT_MESSAGES_MAX);
    cr_assert_null(sandbox_chat_message(c, 1500));
    cr_assert_eq(sandbox_chat_message(c, 1501)->id, 1501);
    cr_assert_eq(sandbox_chat_message(c, 2500)->id, 2500);
    cr_assert_null(sandbox_chat_message(c, 2501));
}

Test(world, deleted_messages_are_not_found)
{
    struct sandbox_chat *c = sandbox_world_private(w, &w->bots[0], 1001);
    struct sandbox_message *m = say(c, "x");
    m->deleted = true;
    cr_assert_null(sandbox_chat_message(c, m->id));
}

Test(world, chats_are_named_both_ways)
{
    char key[SANDBOX_CHAT_KEY_CAP];
    struct sandbox_chat *c = sandbox_world_private(w, &w->bots[0], 1001);
    sandbox_chat_key(w, c, key);
    cr_assert_str_eq(key, "main:1001");
    cr_assert_eq(sandbox_world_chat_by_name(w, key), c);
    struct sandbox_chat *g = sandbox_world_add_group(w, -1001234567890123, "Super");
    cr_assert_eq(g->kind, SANDBOX_CHAT_SUPERGROUP);
    cr_assert_eq(sandbox_world_chat_by_name(w, "-1001234567890123"), g);
    cr_assert_null(sandbox_world_chat_by_name(w, "main:77"));
    cr_assert_null(sandbox_world_chat_by_name(w, "nobody:1001"));
    cr_assert_null(sandbox_world_chat_by_name(w, ""));
}

Test(world, files_stay_within_their_bytes)
{
    size_t len = 9 * 1024 * 1024;
    char *data = xalloc(len);
    uint64_t first = 0, last = 0;
    for (int i = 0; i < 10; i++) {
        last = sandbox_file_add(
            w, &(struct sandbox_upload){SANDBOX_MEDIA_DOCUMENT, "f", NULL, data, len});
        first = first ? first : last;
        cr_assert_neq(last, 0);
        cr_assert_leq(w->file_bytes, SANDBOX_FILES_MAX_BYTES);
    }
    cr_assert_null(sandbox_file_get(w, first), "the oldest made room");
    char id[48];
    sandbox_file_id(sandbox_file_get(w, last), id);
    cr_assert_eq(sandbox_file_serial(id), last);
    cr_assert_eq(sandbox_file_serial("AgACAgIAAx"), 0);
    mem_free(data);
}

Test(world, image_sizes_are_read_and_other_bytes_refused)
{
    int width = 0, height = 0;
    const unsigned char png[24] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13,
                                   'I',  'H', 'D', 'R', 0,    0,    2,    88,   0, 0, 1, 64};
    cr_assert(sandbox_image_size(png, sizeof(png), &width, &height));
    cr_assert(width == 600 && height == 320);
    const unsigned char jpeg[] = {0xff, 0xd8, 0xff, 0xe0, 0, 4,   1, 2, 0xff, 0xc0, 0,
                                  17,   8,    0,    100,  0, 200, 3, 1, 1,    1,    1};
    cr_assert(sandbox_image_size(jpeg, sizeof(jpeg), &width, &height));
    cr_assert(width == 200 && height == 100);
    cr_assert_not(sandbox_image_size((const unsigned char *)"<html>", 6, &width, &height));
    for (size_t n = 0; n < sizeof(jpeg) - 4; n++)
        (void)sandbox_image_size(jpeg, n, &width, &height); /* no read beyond the end */
}

Test(world, callback_ids_are_found_until_overwritten)
{
    char id[24], again[24];
    struct sandbox_callback *cb = sandbox_callback_add(w);
    sandbox_callback_id(w, cb, id);
    cr_assert_eq(sandbox_callback_get(w, id), cb);
    for (int i = 0; i < SANDBOX_CALLBACKS_MAX; i++)
        sandbox_callback_id(w, sandbox_callback_add(w), again);
    cr_assert_null(sandbox_callback_get(w, id));
    cr_assert_not_null(sandbox_callback_get(w, again));
    cr_assert_null(sandbox_callback_get(w, "12"));
    cr_assert_null(sandbox_callback_get(w, "x"));
}

Test(world, settings_are_replaced_removed_and_bounded)
{
    struct sandbox_bot *b = &w->bots[0];
    cr_assert(sandbox_setting_set(b, "k", "1"));
    cr_assert(sandbox_setting_set(b, "k", "2"));
    cr_assert_str_eq(sandbox_setting_get(b, "k"), "2");
    cr_assert(sandbox_setting_set(b, "k", NULL));
    cr_assert_null(sandbox_setting_get(b, "k"));
    for (int i = 0; i < SANDBOX_SETTINGS_MAX; i++) {
        char key[16];
        snprintf(key, sizeof(key), "k%d", i);
        cr_assert(sandbox_setting_set(b, key, "x"));
    }
    cr_assert_not(sandbox_setting_set(b, "one more", "x"));
}

Test(world, bad_options_are_refused)
{
    struct sandbox_world *other = xalloc(sizeof(*other));
    static const char *const tokens[] = {"", "abc:def", "70001", "-1:x"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(tokens); i++) {
        opt.bots[0].token = tokens[i];
        cr_assert_lt(sandbox_world_init(other, &opt), 0, "%s", tokens[i]);
        sandbox_world_deinit(other);
    }
    mem_free(other);
}
