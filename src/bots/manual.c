#include "bots/manual.h"

#include <stdio.h>

#include "bots/change.h"
#include "bots/names.h"
#include "bots/table.h"
#include "core/alloc.h"
#include "model/text.h"

static const char *class_name(enum command_class k)
{
    switch (k) {
    case COMMAND_READ:
        return "read";
    case COMMAND_CHANGE:
        return "change";
    case COMMAND_DANGER:
        return "danger";
    case COMMAND_CLASS_UNSET:
    case COMMAND_CLASS_COUNT:
        break;
    }
    return "";
}

/* A cell of a table: no bars of its own. */
static void cell(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '|')
            buf_puts(out, "\\|");
        else
            buf_putc(out, *text);
}

static void bots_of(struct buf *out, const struct bot_command *cmd)
{
    bool is_first = true;
    for (int i = BOT_CONTROLLER; i <= BOT_ANALYTICS; i++) {
        if ((cmd->bots & ROLES_BIT(i)) == 0)
            continue;
        buf_printf(out, "%s%s", is_first ? "" : ", ", bot_name((enum bot_id)i));
        is_first = false;
    }
}

static void row(struct buf *out, const struct bot_command *cmd)
{
    struct buf usage TR_CLEANUP(buf_deinit) = {0};
    buf_init(&usage, 1024);
    table_usage(cmd, &usage);
    buf_printf(out, "| /%s | ", cmd->ops.name);
    bots_of(out, cmd);
    buf_printf(out, " | %s | %s%s | ", role_name(cmd->ops.role), class_name(cmd->klass),
               cmd->change != NULL && change_has_limit(cmd->change) ? " (raising a limit: danger)"
                                                                    : "");
    if (usage.len > 0) {
        buf_putc(out, '`');
        cell(out, usage.data);
        buf_putc(out, '`');
    }
    buf_puts(out, " | ");
    cell(out, text_get(LANG_EN, cmd->help_key));
    buf_puts(out, " | ");
    for (size_t i = 0; i < BOT_COMMAND_ALIASES_MAX && cmd->aliases[i] != NULL; i++)
        buf_printf(out, "%s/%s", i > 0 ? " " : "", cmd->aliases[i]);
    buf_puts(out, " |\n");
}

static void commands(struct buf *out)
{
    size_t count;
    const struct bot_command *const *all = table_all(&count);
    buf_puts(out, "| command | bot | role | class | arguments | effect | aliases |\n"
                  "|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++)
        if (all[i]->bots != 0)
            row(out, all[i]);
}

/* The table comes first: a name that is a command by now is not told here. */
static void renamed(struct buf *out)
{
    const struct name *n;
    buf_puts(out, "| legacy name | carried out as |\n|---|---|\n");
    for (size_t i = 0; (n = names_at(i)) != NULL; i++)
        if (n->why == NULL && table_find(n->name) == NULL)
            buf_printf(out, "| /%s | `/%s%s%s` |\n", n->name, n->successor,
                       n->preset[0] != '\0' ? " " : "", n->preset);
}

static void absent(struct buf *out)
{
    const struct name *n;
    char key[64];
    buf_puts(out, "| legacy name | why | use |\n|---|---|---|\n");
    for (size_t i = 0; (n = names_at(i)) != NULL; i++) {
        if (n->why == NULL || table_find(n->name) != NULL)
            continue;
        (void)snprintf(key, sizeof key, "names.why.%s", n->why);
        buf_printf(out, "| /%s | %s | /%s |\n", n->name, text_get(LANG_EN, key), n->successor);
    }
}

void manual_markdown(struct buf *out)
{
    buf_puts(
        out,
        "# Commands\n\n"
        "Made by `trident commands --markdown` from the command table; a test compares the two.\n\n"
        "Classes: *read* changes nothing. *change* acts at once, and a repeat says that it is so "
        "already; where it would raise a limit it asks back. *danger* always shows what it will "
        "do and asks; a Yes counts for 120 seconds, once.\n\n"
        "A bad argument gets one answer with the field, what was read and what is accepted. "
        "`/help NAME` tells the same as this page.\n\n"
        "`/close` takes words of one kind as alternatives and kinds as conditions: `88a 88b`, "
        "`XAUUSD`, `winners`, `losers`, `buys`, `sells`, `v3`, `v6`, `logic1`, `order_a`, "
        "`manual`, `profit>20`, `profit>1%` (of the balance), `age>6h`, `lots>=0.1`, `all`.\n\n");
    commands(out);
    buf_puts(out, "\n## Names of the legacy bot that are carried out\n\n");
    renamed(out);
    buf_puts(out, "\n## Names of the legacy bot that are not in this release\n\n");
    absent(out);
}
