#include "bots/menu.h"

#include <stdio.h>
#include <string.h>

#include "bots/table.h"
#include "bots/wizard.h"
#include "core/alloc.h"
#include "telegram/message_text.h"

const char *menu_label_key(const struct menu_item *item, char out[MENU_KEY_CAP])
{
    TR_ASSERT(item && (item->submenu || item->command));
    if (item->submenu)
        (void)snprintf(out, MENU_KEY_CAP, "menu.go.%s", item->submenu);
    else
        (void)snprintf(out, MENU_KEY_CAP, "menu.do.%s%s%s", item->command, item->args[0] ? "." : "",
                       item->args);
    for (char *p = out; *p; p++)
        if (*p == ' ')
            *p = '_';
    return out;
}

static bool is_end(const struct menu_item *item)
{
    return !item->submenu && !item->command && !item->is_break;
}

bool menu_is_visible(const struct menu_item *item, enum role role)
{
    if (item->is_break)
        return false;
    if (item->command) {
        const struct bot_command *cmd = table_find(item->command);
        return cmd && cmd->ops.role <= role;
    }
    const struct menu *m = menu_find(item->submenu);
    TR_ASSERT(m);
    for (size_t i = 0; i < MENU_ITEMS_MAX && !is_end(&m->items[i]); i++)
        if (menu_is_visible(&m->items[i], role))
            return true;
    return false;
}

static void put(struct answer *a, const struct menu_item *item)
{
    char key[MENU_KEY_CAP];
    menu_label_key(item, key);
    if (item->submenu) {
        answer_menu(a, key, "menu", item->submenu);
        return;
    }
    const struct bot_command *cmd = table_find(item->command);
    TR_ASSERT(cmd);
    if (!item->args[0] && wizard_is_needed(cmd)) {
        answer_menu(a, key, "wizard", cmd->ops.name);
        return;
    }
    struct button b = {.kind = cmd->klass == COMMAND_READ ? BUTTON_MENU : BUTTON_ACTION,
                       .expires_ms = tx_now_ms(a->tx) + MENU_ACTION_TTL_MS};
    TR_ASSERT(str_copy(b.name, sizeof b.name, cmd->ops.name));
    TR_ASSERT(str_copy(b.arg, sizeof b.arg, item->args));
    answer_button(a, key, NULL, &b);
}

/* Of /pause and /resume the one that does something; the engine knows which. */
static bool is_idle(const struct menu_item *item, const struct tx_state *s)
{
    bool is_stopped = s->paused || s->panicked;
    if (!item->command)
        return false;
    return (is_stopped && strcmp(item->command, "pause") == 0) ||
           (!is_stopped && strcmp(item->command, "resume") == 0);
}

/* Telegram cuts a label that is wider than its part of the row. */
static bool is_wide(const struct answer *a, const struct menu_item *item)
{
    char key[MENU_KEY_CAP];
    const char *label = text_get(a->c->lang, menu_label_key(item, key));
    TR_ASSERT(label);
    return text_utf16_len(label) > MENU_NARROW;
}

void menu_show(struct answer *a, const struct menu *m)
{
    bool has_wide = false; /* in the row that is begun */
    TR_ASSERT(a && m);
    struct tx_state s;
    char title[MENU_KEY_CAP];
    tx_state(a->tx, &s);
    (void)snprintf(title, sizeof title, "menu.title.%s", m->id);
    answer_line(a, title, NULL);
    answer_line(a,
                s.panicked ? "menu.state.panic"
                : s.paused ? "menu.state.paused"
                           : "menu.state.active",
                ANSWER_ARGS({"trader", tx_trader_id(a->tx)}));
    for (size_t i = 0; i < MENU_ITEMS_MAX && !is_end(&m->items[i]); i++) {
        const struct menu_item *item = &m->items[i];
        if (item->is_break)
            answer_next_row(a);
        if (is_idle(item, &s) || !menu_is_visible(item, a->c->role))
            continue;
        bool wide = is_wide(a, item);
        if (a->row_len == MENU_ROW - 1 && (wide || has_wide))
            answer_next_row(a);
        has_wide = wide || (has_wide && a->row_len > 0);
        put(a, item);
        if (a->row_len == MENU_ROW)
            answer_next_row(a);
    }
    answer_next_row(a);
    if (!m->parent)
        return;
    if (strcmp(m->parent, MENU_MAIN) != 0)
        answer_menu(a, "menu.back", "menu", m->parent);
    answer_menu(a, "menu.home", "menu", MENU_MAIN);
}
