/* Covers: the menu table: every command of the table is reached from /menu with at most three taps,
 * every entry has its label in both languages within the limits, parents lead to the main menu;
 * rendering: everything fits one keyboard, rows are short enough for a phone, taps edit in place,
 * viewers see nothing that changes anything, pause and resume take turns, dangerous buttons are
 * styled, an answer under a menu leads back to it. */
#include "stage.h"

#include "bots/menu.h"
#include "bots/table.h"
#include "bots/wizard.h"
#include "model/text.h"
#include "telegram/message_text.h"

static size_t item_count(const struct menu *m)
{
    size_t n = 0;
    while (n < MENU_ITEMS_MAX &&
           (m->items[n].submenu || m->items[n].command || m->items[n].is_break))
        n++;
    return n;
}

/* Least number of taps from the main menu to where the command runs or asks for arguments; 99:
 * never. */
static int taps_to(const struct menu *m, const struct bot_command *cmd, int depth)
{
    int best = 99;
    for (size_t i = 0; i < item_count(m) && depth < MENU_TAPS_MAX; i++) {
        const struct menu_item *item = &m->items[i];
        int taps = 99;
        if (item->command && table_find(item->command) == cmd)
            taps = depth + 1;
        else if (item->submenu)
            taps = taps_to(menu_find(item->submenu), cmd, depth + 1);
        best = taps < best ? taps : best;
    }
    return best;
}

Test(menu, every_command_is_at_most_three_taps_away)
{
    size_t n;
    const struct bot_command *const *all = table_all(&n);
    for (size_t i = 0; i < n; i++) {
        bool is_frame = all[i] == table_get("menu") || all[i] == table_get("cancel") ||
                        all[i] == table_get("start");
        if (all[i]->bots == 0 || is_frame)
            continue;
        cr_expect_leq(taps_to(menu_find(MENU_MAIN), all[i], 0), MENU_TAPS_MAX,
                      "/%s has no place in bots/menu_table.c", all[i]->ops.name);
    }
}

Test(menu, every_entry_leads_somewhere_and_has_short_labels_in_both_languages)
{
    size_t n;
    const struct menu *menus = menu_all(&n);
    for (size_t i = 0; i < n; i++) {
        char title[MENU_KEY_CAP], key[MENU_KEY_CAP];
        (void)snprintf(title, sizeof title, "menu.title.%s", menus[i].id);
        cr_expect_not_null(text_get(LANG_EN, title), "%s", title);
        cr_expect_gt(item_count(&menus[i]), 0, "menu %s is empty", menus[i].id);
        for (size_t k = 0; k < item_count(&menus[i]); k++) {
            const struct menu_item *item = &menus[i].items[k];
            if (item->is_break)
                continue;
            const char *en = text_get(LANG_EN, menu_label_key(item, key));
            const char *hinglish = text_get(LANG_HINGLISH, key);
            cr_assert_not_null(en, "%s", key);
            cr_expect_leq(text_utf16_len(en), 21, "%s is too wide for three in a row", key);
            cr_expect_leq(text_utf16_len(hinglish), 21, "%s", key);
            if (item->command)
                cr_expect_not_null(table_find(item->command), "/%s of menu %s does not exist",
                                   item->command, menus[i].id);
            else
                cr_expect_str_eq(menu_find(item->submenu)->parent, menus[i].id, "%s",
                                 item->submenu);
        }
    }
}

static int count_of(const char *s, const char *what)
{
    int n = 0;
    for (const char *p = strstr(s, what); p; p = strstr(p + 1, what))
        n++;
    return n;
}

static void show(struct stage *st, const char *id, enum role role, enum lang lang)
{
    struct command c = stage_command(st, "menu", id);
    c.role = role;
    c.lang = lang;
    (void)str_copy(c.callback_id, sizeof c.callback_id, "cb");
    stage_apply(st, &c);
    cr_assert(st->has_reply, "%s", id);
}

Test(menu, each_fits_one_keyboard_whole_and_is_edited_in_place)
{
    struct stage *st = stage_new();
    size_t n;
    const struct menu *menus = menu_all(&n);
    for (size_t i = 0; i < 2 * n; i++) {
        const struct menu *m = &menus[i / 2];
        show(st, m->id, ROLE_ADMIN, i % 2 ? LANG_HINGLISH : LANG_EN);
        int wanted = !m->parent ? 0 : strcmp(m->parent, MENU_MAIN) == 0 ? 1 : 2; /* the way back */
        for (size_t k = 0; k < item_count(m); k++)
            wanted +=
                menu_is_visible(&m->items[k], ROLE_ADMIN) && !str_eq(m->items[k].command, "resume");
        cr_expect_eq(count_of(st->reply.keyboard_json, "callback_data"), wanted, "%s", m->id);
        cr_expect_eq(st->reply.edit_message_id, 5);
        cr_expect_str_eq(st->reply.callback_id, "cb");
        for (const char *row = strchr(st->reply.keyboard_json, '['); row; row = strchr(row, '[')) {
            row += 1 + (row[1] == '[');
            size_t len = strcspn(row, "]");
            char one[2048] = "";
            (void)snprintf(one, sizeof one, "%.*s", (int)len, row);
            cr_expect_leq(count_of(one, "callback_data"), MENU_ROW, "%s: %s", m->id, one);
        }
    }
    stage_free(st);
}

Test(menu, viewers_see_only_what_reads)
{
    struct stage *st = stage_new();
    size_t n;
    const struct menu *menus = menu_all(&n);
    for (size_t i = 0; i < n; i++) {
        show(st, menus[i].id, ROLE_VIEWER, LANG_EN);
        for (size_t k = 0; k < item_count(&menus[i]); k++) {
            const struct menu_item *item = &menus[i].items[k];
            const struct bot_command *cmd = item->command ? table_find(item->command) : NULL;
            if (!cmd || cmd->ops.role <= ROLE_VIEWER)
                continue;
            char callback[80];
            (void)snprintf(callback, sizeof callback, ":%s=", cmd->ops.name);
            cr_expect_null(strstr(st->reply.keyboard_json, callback), "%s", callback);
            (void)snprintf(callback, sizeof callback, "wizard %s\"", cmd->ops.name);
            cr_expect_null(strstr(st->reply.keyboard_json, callback), "%s", callback);
        }
    }
    show(st, "main", ROLE_VIEWER, LANG_EN);
    cr_expect_null(strstr(st->reply.keyboard_json, "\"style\""));
    stage_free(st);
}

Test(menu, pause_and_resume_take_turns)
{
    struct stage *st = stage_new();
    show(st, "main", ROLE_TRADER, LANG_EN);
    cr_assert_not_null(strstr(st->reply.keyboard_json, "a1:pause="));
    cr_assert_null(strstr(st->reply.keyboard_json, "a1:resume="));
    cr_assert_not_null(strstr(st->reply.html, "🟢 main"));
    stage_say(st, "pause", "");
    show(st, "main", ROLE_TRADER, LANG_EN);
    cr_assert_null(strstr(st->reply.keyboard_json, "a1:pause="));
    cr_assert_not_null(strstr(st->reply.keyboard_json, "a1:resume="));
    cr_assert_not_null(strstr(st->reply.html, "⏸ main"));
    stage_free(st);
}

Test(menu, what_is_dangerous_is_styled_and_asks_back)
{
    struct stage *st = stage_new();
    stage_position(st, "XAUUSD", 88, 0);
    show(st, "main", ROLE_TRADER, LANG_EN);
    const char *p = strstr(st->reply.keyboard_json, "a1:closeall=");
    cr_assert_not_null(p);
    cr_assert(str_starts(strchr(p, '"'), "\",\"style\":\"danger\"}"), "%s", p);
    cr_assert_eq(count_of(st->reply.keyboard_json, "danger"), 1);
    stage_say(st, "closeall", "");
    cr_assert_not_null(strstr(st->reply.keyboard_json, "a1:closeall!"));
    cr_assert_eq(count_of(st->reply.keyboard_json, "danger"), 1, "yes, but not no");
    stage_free(st);
}

Test(menu, an_answer_where_the_menu_was_leads_back_to_it)
{
    struct stage *st = stage_new();
    struct command c = stage_command(st, "balance", "");
    stage_apply(st, &c);
    cr_assert_null(strstr(st->reply.keyboard_json, "m:menu"), "typed: no menu was there");
    (void)str_copy(c.callback_id, sizeof c.callback_id, "cb");
    stage_apply(st, &c);
    cr_assert_not_null(strstr(st->reply.keyboard_json, "m:menu trading"));
    cr_assert_str_eq(menu_home("balance"), "trading");
    cr_assert_str_eq(menu_home("nothing_like_it"), MENU_MAIN);
    stage_free(st);
}

Test(menu, an_unknown_menu_is_the_main_one)
{
    struct stage *st = stage_new();
    show(st, "no_such_menu", ROLE_TRADER, LANG_EN);
    cr_assert_not_null(strstr(st->reply.html, "<b>Menu</b>"));
    cr_assert_not_null(strstr(st->reply.keyboard_json, "m:menu trading"));
    stage_free(st);
}
