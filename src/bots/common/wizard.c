/* The hidden command behind the buttons of a wizard (bots/wizard.h). Its arguments say everything
 * that is shown: "<id> <page> <command> [words]"; id 0: it has expired. Choosing is the bot's
 * thread's; here is only what needs the trader's state: open positions, plugins, quotes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/closing.h"
#include "bots/command_line.h"
#include "bots/format.h"
#include "bots/menu.h"
#include "bots/table.h"
#include "bots/wizard.h"
#include "core/alloc.h"

#define POSITIONS_A_PAGE 6
#define OPTION_ROW       3

/* The arguments taken apart. */
struct shown {
    int64_t id, page;
    char command[COMMAND_NAME_CAP];
    const char *words;
    size_t count; /* of words */
};

static bool read_args(const char *args, struct shown *ret)
{
    char id[16], page[16];
    *ret = (struct shown){0};
    if (!command_line_word(&args, id, sizeof id) || !str_to_i64(id, &ret->id) ||
        !command_line_word(&args, page, sizeof page) || !str_to_i64(page, &ret->page))
        return false;
    if (!command_line_word(&args, ret->command, sizeof ret->command))
        ret->command[0] = '\0';
    ret->words = args + strspn(args, " ");
    ret->count = wizard_word_count(ret->words);
    return true;
}

static void option(struct answer *a, const struct shown *s, const char *label, const char *value)
{
    struct button b = {.kind = BUTTON_MENU, .name = "wizard"};
    int n = snprintf(b.arg, sizeof b.arg, ".%" PRId64 " %zu %s", s->id, s->count, value);
    TR_ASSERT(n > 0 && (size_t)n < BUTTON_DATA_CAP - strlen("m:wizard "));
    answer_button(a, "wizard.option", label, &b);
}

static void presets(struct answer *a, const struct shown *s, const char *list)
{
    char word[WIZARD_VALUE_CAP];
    while (command_line_word(&list, word, sizeof word)) {
        option(a, s, word, word);
        if (a->row_len == OPTION_ROW)
            answer_next_row(a);
    }
}

static void turn(struct answer *a, const struct shown *s, const char *label_key, size_t page)
{
    struct button b = {.kind = BUTTON_MENU, .name = "wizard"};
    (void)snprintf(b.arg, sizeof b.arg, ".%" PRId64 " p %zu", s->id, page);
    answer_button(a, label_key, NULL, &b);
}

static void positions(struct answer *a, const struct shown *s)
{
    size_t n = tx_position_count(a->tx);
    size_t pages = n == 0 ? 1 : (n + POSITIONS_A_PAGE - 1) / POSITIONS_A_PAGE;
    size_t page = s->page < 1 ? 1 : (size_t)s->page > pages ? pages : (size_t)s->page;
    if (n == 0)
        answer_line(a, "positions.none", NULL);
    for (size_t i = (page - 1) * POSITIONS_A_PAGE; i < n && i < page * POSITIONS_A_PAGE; i++) {
        struct card_position v;
        char ref[FORMAT_CAP];
        struct buf label TR_CLEANUP(buf_deinit) = {0};
        buf_init(&label, 128);
        closing_view(a->tx, tx_position_at(a->tx, i), &v);
        card_position_line(&label, &v);
        option(a, s, label.data, format_ref(v.position->cid, ref));
        answer_next_row(a);
    }
    if (page > 1)
        turn(a, s, "button.previous", page - 1);
    if (page < pages)
        turn(a, s, "button.next", page + 1);
}

static void plugins(struct answer *a, const struct shown *s)
{
    struct tx_state state;
    tx_state(a->tx, &state);
    for (size_t i = 0; i < state.plugin_count; i++)
        option(a, s, state.plugin_ids[i], state.plugin_ids[i]);
    if (state.plugin_count > 1)
        option(a, s, "both", "both");
}

static void ask(struct answer *a, const struct shown *s, const struct wizard_step *step)
{
    char key[MENU_KEY_CAP];
    (void)snprintf(key, sizeof key, "wizard.ask.%s", step->ask);
    answer_line(a, text_get(LANG_EN, key) ? key : "wizard.ask.any",
                ANSWER_ARGS({"field", step->ask}));
    switch (step->kind) {
    case WIZARD_POSITION:
        positions(a, s);
        break;
    case WIZARD_PLUGIN:
        plugins(a, s);
        break;
    case WIZARD_NUMBER:
    case WIZARD_WORD:
    case WIZARD_SYMBOL:
        if (a->c->chat_id == a->c->user_id) /* in groups bots do not hear plain text */
            answer_line(a, step->presets[0] ? "wizard.or_type" : "wizard.type", NULL);
        presets(a, s, step->presets);
        break;
    case WIZARD_CHOICE:
        presets(a, s, step->presets);
        break;
    case WIZARD_UNSET:
    case WIZARD_KIND_COUNT:
        TR_ASSERT(false);
    }
}

static void ready(struct answer *a, const struct shown *s)
{
    struct button b = {
        .kind = BUTTON_ACTION, .name = "wizard", .expires_ms = tx_now_ms(a->tx) + WIZARD_TTL_MS};
    answer_line(a, "wizard.ready", NULL);
    (void)snprintf(b.arg, sizeof b.arg, "%" PRId64, s->id);
    answer_button(a, "wizard.run", NULL, &b);
}

static void expired(struct answer *a, const struct shown *s)
{
    answer_line(a, "wizard.expired", NULL);
    answer_toast(a, "wizard.expired.toast");
    tx_receipt(a->tx, REASON_CONFIRM_EXPIRED, s->command);
    if (s->command[0])
        answer_menu(a, "wizard.again", "wizard", s->command);
    answer_menu(a, "button.menu", "menu", "");
}

static void show(struct answer *a, const struct shown *s)
{
    const struct bot_command *cmd = table_get(s->command);
    struct wizard_step steps[WIZARD_STEPS_MAX];
    size_t count = wizard_steps(cmd, steps);
    answer_line(a, "wizard.line",
                ANSWER_ARGS({"command", s->command}, {"space", s->words[0] ? " " : ""},
                            {"words", s->words}));
    if (s->count < count)
        ask(a, s, &steps[s->count]);
    else
        ready(a, s);
    answer_next_row(a);
    if (s->count == 0 && cmd->change) /* without a value it tells what is in force */
        answer_action(a, "wizard.now", s->command, "");
    if (s->count > 0) {
        struct button back = {.kind = BUTTON_MENU, .name = "wizard"};
        (void)snprintf(back.arg, sizeof back.arg, ".%" PRId64 " %zu <", s->id, s->count - 1);
        answer_button(a, "menu.back", NULL, &back);
    } else
        answer_menu(a, "menu.back", "menu", menu_home(s->command));
    answer_menu(a, "wizard.cancel", "cancel", "");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct shown s;
    answer_init(&a, tx, c);
    if (read_args(c->args, &s) && s.id > 0 && table_get(s.command))
        show(&a, &s);
    else
        expired(&a, &s);
    answer_finish(&a, ret);
}

const struct bot_command wizard_command = {
    .ops = {.name = "wizard", .role = ROLE_VIEWER, .run = run},
    .klass = COMMAND_READ,
    .args_usage = "",
    .help_key = "help.wizard",
};
