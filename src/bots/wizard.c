/* bots/wizard.c: what people are in the middle of; see wizard.h. Words are kept as they will stand
 * in the command's line, so the line shown last is the line that runs. */
#include "bots/wizard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/command_line.h"
#include "bots/table.h"
#include "core/alloc.h"
#include "core/hash.h"

size_t wizard_word_count(const char *words)
{
    size_t n = 0;
    char word[COMMAND_ARGS_CAP];
    while (command_line_word(&words, word, sizeof word))
        n++;
    return n;
}

void wizards_init(struct wizards *ws)
{
    TR_ASSERT(ws);
    memset(ws, 0, sizeof *ws);
    hash_random(&ws->next_id, sizeof ws->next_id);
}

/* ---- context ---- */

static const char *context(const struct wizards *ws, const struct wizard_press *p)
{
    for (size_t i = 0; i < WIZARDS_MAX; i++)
        if (ws->contexts[i].chat_id == p->chat_id && p->now_ms < ws->contexts[i].until_ms)
            return ws->contexts[i].plugin;
    return NULL;
}

static void set_context(struct wizards *ws, const struct wizard_press *p, const char *plugin)
{
    size_t i = 0;
    while (i < WIZARDS_MAX && ws->contexts[i].chat_id != p->chat_id)
        i++;
    if (i == WIZARDS_MAX)
        i = ws->next_context++ % WIZARDS_MAX;
    ws->contexts[i].chat_id = p->chat_id;
    ws->contexts[i].until_ms = p->now_ms + WIZARD_CONTEXT_MS;
    TR_ASSERT(str_copy(ws->contexts[i].plugin, sizeof ws->contexts[i].plugin, plugin));
}

void wizards_note_command(struct wizards *ws, const struct wizard_press *p, const char *command)
{
    const char *plugin = wizard_implied_plugin(command);
    if (plugin)
        set_context(ws, p, plugin);
}

/* ---- one wizard ---- */

/* Also one that has expired. */
static struct wizard *find(struct wizards *ws, const struct wizard_press *p)
{
    for (size_t i = 0; i < WIZARDS_MAX; i++) {
        struct wizard *w = &ws->items[i];
        if (w->id != 0 && w->chat_id == p->chat_id && w->user_id == p->user_id)
            return w;
    }
    return NULL;
}

static bool is_open(const struct wizard *w, const struct wizard_press *p)
{
    bool has_run = w->ran_by != 0 && w->ran_by != p->update_id;
    return !has_run && p->now_ms - w->touched_ms <= WIZARD_TTL_MS;
}

/* Their old one, a free one, or the one that was left alone longest. */
static struct wizard *place(struct wizards *ws, const struct wizard_press *p)
{
    struct wizard *best = find(ws, p);
    if (best)
        return best;
    best = &ws->items[0];
    for (size_t i = 1; i < WIZARDS_MAX; i++)
        if (ws->items[i].touched_ms < best->touched_ms)
            best = &ws->items[i];
    return best;
}

static bool add_word(struct wizard *w, const char *word)
{
    size_t len = strlen(w->words);
    size_t more = strlen(word) + (len > 0 ? 1 : 0);
    if (word[0] == '\0' || strchr(word, ' ') || len + more >= sizeof w->words)
        return false;
    (void)snprintf(w->words + len, sizeof w->words - len, "%s%s", len > 0 ? " " : "", word);
    return true;
}

/* Keeps the first n words. */
static void cut_words(struct wizard *w, size_t n)
{
    const char *p = w->words;
    char word[COMMAND_ARGS_CAP];
    for (size_t i = 0; i < n; i++)
        if (!command_line_word(&p, word, sizeof word))
            return;
    size_t len = (size_t)(p - w->words);
    while (len > 0 && w->words[len - 1] == ' ')
        len--;
    w->words[len] = '\0';
}

/* What is asked for now; UNSET: nothing is left. */
static enum wizard_kind step_now(const struct wizard *w)
{
    struct wizard_step steps[WIZARD_STEPS_MAX];
    size_t n = wizard_word_count(w->words);
    return n < wizard_steps(table_get(w->command), steps) ? steps[n].kind : WIZARD_UNSET;
}

static void fill_context(struct wizards *ws, const struct wizard_press *p, struct wizard *w)
{
    const char *plugin = context(ws, p);
    if (plugin && step_now(w) == WIZARD_PLUGIN)
        (void)add_word(w, plugin); /* a plugin's name fits */
}

/* What only reads needs no last look, what is dangerous asks back by itself. */
static enum wizard_result shown_or_run(struct wizard *w, const struct wizard_press *p)
{
    const struct bot_command *cmd = table_get(w->command);
    TR_ASSERT(cmd);
    if (step_now(w) != WIZARD_UNSET || cmd->klass == COMMAND_CHANGE)
        return WIZARD_SHOW;
    w->ran_by = p->update_id;
    return WIZARD_RUN;
}

static enum wizard_result start(struct wizards *ws, const struct wizard_press *p, const char *line,
                                struct wizard **ret)
{
    char name[COMMAND_NAME_CAP], word[WIZARD_VALUE_CAP];
    if (!command_line_word(&line, name, sizeof name))
        return WIZARD_GONE;
    const struct bot_command *cmd = table_find(name);
    if (!cmd)
        return WIZARD_GONE;
    struct wizard *w = place(ws, p);
    *w = (struct wizard){.id = ++ws->next_id != 0 ? ws->next_id : ++ws->next_id,
                         .chat_id = p->chat_id,
                         .user_id = p->user_id,
                         .touched_ms = p->now_ms};
    TR_ASSERT(str_copy(w->command, sizeof w->command, cmd->ops.name));
    while (command_line_word(&line, word, sizeof word))
        (void)add_word(w, word); /* of our own button: it fits */
    fill_context(ws, p, w);
    *ret = w;
    return shown_or_run(w, p);
}

static enum wizard_result choose(struct wizards *ws, const struct wizard_press *p, struct wizard *w,
                                 const char *word)
{
    enum wizard_kind kind = step_now(w);
    if (kind == WIZARD_UNSET || strlen(word) >= WIZARD_VALUE_CAP || !add_word(w, word))
        return WIZARD_SHOW;
    if (kind == WIZARD_PLUGIN)
        set_context(ws, p, word);
    fill_context(ws, p, w);
    return shown_or_run(w, p);
}

enum wizard_result wizards_on_button(struct wizards *ws, const struct wizard_press *p,
                                     const struct button *b, struct wizard **ret_wizard,
                                     unsigned *ret_page)
{
    TR_ASSERT(ws && p && b);
    const char *arg = b->arg;
    char id_text[16], how[8], value[WIZARD_VALUE_CAP];
    int64_t id = 0, n = 0;
    *ret_page = 1;
    if (b->kind == BUTTON_MENU && arg[0] != '.')
        return start(ws, p, arg, ret_wizard);
    arg += b->kind == BUTTON_MENU;
    struct wizard *w = find(ws, p);
    if (!w || !command_line_word(&arg, id_text, sizeof id_text) || !str_to_i64(id_text, &id) ||
        id != (int64_t)w->id)
        return WIZARD_GONE;
    *ret_wizard = w;
    if (!is_open(w, p))
        return WIZARD_GONE;
    if (b->kind == BUTTON_ACTION) {
        if (step_now(w) != WIZARD_UNSET)
            return WIZARD_GONE;
        w->ran_by = p->update_id;
        return WIZARD_RUN;
    }
    w->touched_ms = p->now_ms;
    if (!command_line_word(&arg, how, sizeof how) || !command_line_word(&arg, value, sizeof value))
        return WIZARD_GONE;
    if (how[0] == 'p') {
        if (str_to_i64(value, &n) && n > 0 && n < 1000)
            *ret_page = (unsigned)n;
        return WIZARD_SHOW;
    }
    if (!str_to_i64(how, &n) || n < 0 || (size_t)n > wizard_word_count(w->words))
        return WIZARD_GONE;
    cut_words(w, (size_t)n);
    return str_eq(value, "<") ? WIZARD_SHOW : choose(ws, p, w, value);
}

enum wizard_result wizards_on_text(struct wizards *ws, const struct wizard_press *p,
                                   const char *text, struct wizard **ret_wizard)
{
    TR_ASSERT(ws && p && text);
    struct wizard *w = find(ws, p);
    if (w && w->typed_by == p->update_id) {
        *ret_wizard = w;
        return shown_or_run(w, p);
    }
    enum wizard_kind kind = w && is_open(w, p) ? step_now(w) : WIZARD_UNSET;
    size_t len = strlen(text);
    bool may_type = kind == WIZARD_NUMBER || kind == WIZARD_WORD || kind == WIZARD_SYMBOL;
    if (!may_type || len == 0 || len > WIZARD_TYPED_MAX)
        return WIZARD_GONE;
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return WIZARD_GONE;
    w->touched_ms = p->now_ms;
    w->typed_by = p->update_id;
    *ret_wizard = w;
    return choose(ws, p, w, text);
}

void wizards_cancel(struct wizards *ws, const struct wizard_press *p,
                    char ret_command[COMMAND_NAME_CAP])
{
    struct wizard *w = find(ws, p);
    (void)str_copy(ret_command, COMMAND_NAME_CAP, w && is_open(w, p) ? w->command : "");
    if (w)
        *w = (struct wizard){0};
}
