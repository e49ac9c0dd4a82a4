/* bots/menu.h: the inline menus (spec strategies 8.4) as one declarative table, and their
 * rendering. A menu is edited in place: its buttons are "m:menu <id>" (another menu), "m:<command>"
 * (commands that only read), a signed action (those that change something), or "m:wizard <command>"
 * (those whose arguments are chosen by buttons, bots/wizard.h). Nobody sees a button that the role
 * does not reach; an entry whose command does not exist is not shown. The table is immutable: any
 * thread; menu_show() inside run(). */
#ifndef TRIDENT_BOTS_MENU_H
#define TRIDENT_BOTS_MENU_H

#include "bots/answer.h"

#define MENU_ITEMS_MAX     28
#define MENU_ROW           3
#define MENU_NARROW        10 /* columns of a label that stands three to a row on a phone */
#define MENU_LABEL_MAX     64 /* Bot API: characters of a label, by spec strategies 8.4 */
#define MENU_ACTION_TTL_MS (24 * 60 * 60 * 1000) /* what a menu offers does not grow stale */
#define MENU_TAPS_MAX      3
#define MENU_MAIN          "main"

/* A submenu, a command with its arguments ("" = none), or the end of a row. */
struct menu_item {
    bool is_break;
    const char *submenu;
    const char *command, *args;
};

struct menu {
    const char *id;
    const char *parent; /* NULL: the main menu */
    struct menu_item items[MENU_ITEMS_MAX];
};

const struct menu *menu_all(size_t *ret_count);
const struct menu *menu_find(const char *id); /* NULL: none */
/* Where a command is found: its menu's id, "main" when it stands nowhere else. */
const char *menu_home(const char *command);
/* "menu.go.<submenu>" or "menu.do.<command>[.<args>]": the label's key in the catalogue. */
#define MENU_KEY_CAP 96
const char *menu_label_key(const struct menu_item *item, char out[MENU_KEY_CAP]);
/* May this role see it, and is there anything behind it? */
bool menu_is_visible(const struct menu_item *item, enum role role);

/* Title, what the chat is talking about, and the buttons. */
void menu_show(struct answer *a, const struct menu *m);

#endif
