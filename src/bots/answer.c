/* bots/answer.c: see answer.h. The keyboard is written as JSON text straight away: an array of
 * rows, a row an array of {"text","callback_data"}; the closing brackets come in answer_finish().
 */
#include "bots/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/format.h"
#include "bots/menu.h"
#include "bots/names.h"
#include "bots/command_line.h"
#include "bots/table.h"
#include "core/alloc.h"
#include "core/jsonw.h"
#include "engine/transition_tx.h"

/* The one line that names the new bot, put there by the legacy bot's thread; once a chat. */
static void legacy_notice(struct answer *a)
{
    const char *body = a->c->body;
    if (!body || body[0] != ANSWER_MARK)
        return;
    const char *end = strchr(body + 1, ANSWER_MARK);
    TR_ASSERT(end);
    TR_CLEANUP(mem_freep) char *link = xstrndup(body + 1, (size_t)(end - body - 1));
    if (!transition_tx_was_told(a->tx, a->c->chat_id, link))
        answer_line(a, "legacy.moved", ANSWER_ARGS({"bot", link}));
}

/* Past a note between two marks; body itself when it does not begin with one. */
static const char *after_mark(const char *body, char mark)
{
    if (body[0] != mark)
        return body;
    const char *end = strchr(body + 1, mark);
    return end ? end + 1 : "";
}

/* "A legacy name is called so now", put there by the bot's thread; once a person. */
static void renamed_notice(struct answer *a)
{
    const char *note = a->c->body ? after_mark(a->c->body, ANSWER_MARK) : "";
    if (note[0] != ANSWER_RENAMED)
        return;
    const char *blank = strchr(note, ' ');
    const char *end = strchr(note + 1, ANSWER_RENAMED);
    TR_ASSERT(blank && end && blank < end);
    TR_CLEANUP(mem_freep) char *old = xstrndup(note + 1, (size_t)(blank - note - 1));
    TR_CLEANUP(mem_freep) char *now = xstrndup(blank + 1, (size_t)(end - blank - 1));
    if (!transition_tx_was_told(a->tx, a->c->user_id, old))
        answer_line(a, "names.renamed", ANSWER_ARGS({"old", old}, {"now", now}));
}

const char *answer_body(const struct command *c)
{
    if (!c->body)
        return "";
    return after_mark(after_mark(c->body, ANSWER_MARK), ANSWER_RENAMED);
}

void answer_init(struct answer *a, struct engine_tx *tx, const struct command *c)
{
    TR_ASSERT(a && tx && c);
    *a = (struct answer){.tx = tx, .c = c};
    buf_init(&a->html, REPLY_TEXT_MAX_BYTES);
    buf_init(&a->keys, REPLY_KEYBOARD_MAX_BYTES - 8); /* room for the closing brackets */
    legacy_notice(a);
    renamed_notice(a);
}

void answer_line(struct answer *a, const char *key, const struct text_arg *args)
{
    text_render(&a->html, a->c->lang, key, args);
    buf_putc(&a->html, '\n');
}

void answer_html(struct answer *a, const char *html)
{
    buf_puts(&a->html, html);
    if (a->html.len > 0 && a->html.data[a->html.len - 1] != '\n')
        buf_putc(&a->html, '\n');
}

void answer_refuse(struct answer *a, enum reason why, const char *receipt_text)
{
    TR_ASSERT(why > REASON_UNSET && why < REASON_COUNT);
    char key[64];
    (void)snprintf(key, sizeof key, "reason.%s", reason_code(why));
    answer_line(a, key, NULL);
    answer_toast(a, key);
    tx_receipt(a->tx, why, receipt_text);
}

void answer_toast(struct answer *a, const char *key)
{
    const char *text = text_get(a->c->lang, key);
    (void)str_copy(a->toast, sizeof a->toast, text ? text : ""); /* catalogue texts are short */
}

void answer_next_row(struct answer *a)
{
    if (a->row_len == 0)
        return;
    buf_putc(&a->keys, ']');
    a->row_len = 0;
}

/* Not the question's "no". */
static bool is_dangerous(const struct button *b)
{
    const struct bot_command *cmd = table_get(b->name);
    return cmd && cmd->klass == COMMAND_DANGER &&
           (b->kind == BUTTON_ACTION || b->kind == BUTTON_YES);
}

void answer_button(struct answer *a, const char *label_key, const char *value,
                   const struct button *b)
{
    /* A button that does not fit any more is left out whole: the command can still be typed. */
    if (a->keys.len + 320 > a->keys.max_bytes)
        return;
    char data[BUTTON_DATA_CAP];
    button_sign(b, a->c->user_id, a->c->chat_id, data);
    TR_CLEANUP(buf_deinit) struct buf label = {0};
    buf_init(&label, 128);
    struct text_arg args[] = {{"value", value}, {NULL, NULL}};
    text_render(&label, a->c->lang, label_key, value ? args : NULL);
    if (a->row_len == 0) {
        buf_puts(&a->keys, a->rows == 0 ? "[[" : ",[");
        a->rows++;
    } else
        buf_putc(&a->keys, ',');
    a->row_len++;
    struct buf one TR_CLEANUP(buf_deinit) = {0};
    buf_init(&one, 512);
    struct jsonw w;
    jsonw_init(&w, &one);
    jsonw_object_begin(&w, NULL);
    jsonw_str(&w, "text", label.data);
    jsonw_str(&w, "callback_data", data);
    if (is_dangerous(b))
        jsonw_str(&w, "style", "danger"); /* Bot API 9.4; the sender does without when refused */
    jsonw_object_end(&w);
    TR_ASSERT(!buf_failed(&one));
    buf_append(&a->keys, one.data, one.len);
}

void answer_menu(struct answer *a, const char *label_key, const char *name, const char *arg)
{
    a->has_menu = a->has_menu || strcmp(name, "menu") == 0;
    struct button b = {.kind = BUTTON_MENU};
    TR_ASSERT(str_copy(b.name, sizeof b.name, name));
    TR_ASSERT(str_copy(b.arg, sizeof b.arg, arg));
    answer_button(a, label_key, NULL, &b);
}

void answer_action(struct answer *a, const char *label_key, const char *name, const char *arg)
{
    struct button b = {.kind = BUTTON_ACTION,
                       .expires_ms = tx_now_ms(a->tx) + BUTTON_ACTION_TTL_MS};
    TR_ASSERT(str_copy(b.name, sizeof b.name, name));
    TR_ASSERT(str_copy(b.arg, sizeof b.arg, arg));
    answer_button(a, label_key, NULL, &b);
}

/* Yes and No with what they carry; the question stands by itself, under what led to it. */
void answer_yes_no(struct answer *a, const char *yes_key, const char *name,
                   const struct confirm_token *t, int64_t ttl_ms)
{
    struct button b = {.kind = BUTTON_YES, .expires_ms = tx_now_ms(a->tx) + ttl_ms};
    char minutes[FORMAT_CAP];
    TR_ASSERT(str_copy(b.name, sizeof b.name, name));
    confirm_token_write(t, b.arg);
    answer_line(a, "confirm.valid",
                ANSWER_ARGS({"minutes", format_u64((uint64_t)(ttl_ms / 60000), minutes)}));
    answer_next_row(a);
    answer_button(a, yes_key, NULL, &b);
    b.kind = BUTTON_NO;
    answer_button(a, "button.no", NULL, &b);
    a->is_new_message = true;
}

void answer_ask(struct answer *a, const char *yes_key)
{
    struct confirm_token t = {.id = tx_confirm_ask(a->tx, a->c, BUTTON_ASK_TTL_MS)};
    confirm_token_trader(tx_trader_id(a->tx), t.trader);
    answer_yes_no(a, yes_key, a->c->name, &t, BUTTON_ASK_TTL_MS);
}

/* "<receipt>[ approve <action>][ no]" */
struct confirmed {
    uint64_t id; /* 0: nothing has this number */
    char action[TX_ACTION_TAG_CAP];
    bool is_approval, is_yes;
};

static void read_confirmed(const char *args, struct confirmed *ret)
{
    char word[24];
    int64_t id = 0;
    *ret = (struct confirmed){.is_yes = true};
    if (command_line_word(&args, word, sizeof word) && str_to_i64(word, &id) && id > 0)
        ret->id = (uint64_t)id;
    while (command_line_word(&args, word, sizeof word)) {
        if (strcmp(word, "no") == 0)
            ret->is_yes = false;
        else if (strcmp(word, "approve") == 0)
            ret->is_approval = command_line_word(&args, ret->action, sizeof ret->action);
    }
}

/* The requester hears what the second person said, and who that was. */
static void tell_requester(struct answer *a, const struct tx_action *done, bool is_yes)
{
    struct command to = *a->c;
    struct reply reply;
    struct answer other;
    char number[24];
    if (done->chat_id == 0)
        return; /* asked over HTTP */
    (void)snprintf(number, sizeof number, "%" PRIu64, tx_seq(a->tx));
    to.user_id = done->user_id;
    to.chat_id = done->chat_id;
    to.lang = done->lang;
    to.callback_id[0] = '\0';
    to.body = NULL;
    to.message_id = 0;
    answer_init(&other, a->tx, &to);
    answer_line(&other, is_yes ? "approval.granted" : "approval.declined",
                ANSWER_ARGS({"who", a->c->user_name}, {"name", done->name}, {"tag", done->tag},
                            {"seq", number}));
    reply_init(&reply);
    answer_finish(&other, &reply);
    reply.bot = done->bot;
    reply.chat_id = done->chat_id;
    reply.thread_id = done->thread_id;
    tx_reply(a->tx, &reply);
    reply_deinit(&reply);
}

enum reason answer_take(struct answer *a, char ret_args[COMMAND_ARGS_CAP])
{
    TR_ASSERT(a->c->confirmed);
    struct confirmed said;
    struct tx_action done;
    read_confirmed(a->c->args, &said);
    enum reason r = said.is_approval ? tx_confirm_approve(a->tx, a->c, said.id, said.action, &done)
                                     : tx_confirm_take(a->tx, a->c, said.id, said.is_yes, ret_args);
    if (r != REASON_ACCEPTED) {
        answer_refuse(a, r, a->c->name);
        return r;
    }
    if (said.is_approval) {
        TR_ASSERT(str_copy(ret_args, COMMAND_ARGS_CAP, done.args));
        tell_requester(a, &done, said.is_yes);
    }
    if (said.is_yes)
        return REASON_ACCEPTED;
    answer_line(a, "confirm.withdrawn", ANSWER_ARGS({"name", a->c->name}));
    answer_toast(a, "confirm.withdrawn.toast");
    tx_receipt(a->tx, REASON_ALREADY_DONE, "withdrawn");
    return REASON_ALREADY_DONE;
}

void answer_mirror(struct answer *a, const char *args)
{
    const struct bot_command *cmd = table_get(a->c->name);
    TR_ASSERT(cmd && cmd->mirrored);
    struct command meant = *a->c;
    const struct name *legacy = names_of(cmd->ops.name, args);
    if (legacy) /* "/logic1 on" is logic1_on to the process that is told */
        TR_ASSERT(str_copy(meant.name, sizeof meant.name, legacy->name));
    TR_ASSERT(str_copy(meant.args, sizeof meant.args, legacy ? "" : args));
    tx_mirror(a->tx, &meant);
}

void answer_finish(struct answer *a, struct reply *ret)
{
    TR_ASSERT(a && ret);
    const struct command *c = a->c;
    bool is_edit = c->callback_id[0] && c->message_id != 0 && !a->is_new_message;
    if (is_edit && !a->has_menu && !ret->photo_path[0]) { /* the menu was where this is now */
        answer_next_row(a);
        answer_menu(a, "menu.back", "menu", menu_home(c->name));
    }
    buf_printf(&a->html, "<i>#%" PRIu64 "</i>", tx_seq(a->tx));
    TR_ASSERT(!buf_failed(&a->html));
    ret->html = buf_take(&a->html);
    if (a->rows > 0) {
        answer_next_row(a);
        buf_putc(&a->keys, ']');
        TR_ASSERT(!buf_failed(&a->keys));
        ret->keyboard_json = buf_take(&a->keys);
    }
    if (c->callback_id[0]) {
        (void)str_copy(ret->callback_text, sizeof ret->callback_text, a->toast); /* same cap */
        if (is_edit && !ret->photo_path[0])
            ret->edit_message_id = c->message_id;
    } else if (c->chat_id != c->user_id)
        ret->reply_to = c->message_id; /* in groups: say whom it answers */
    buf_deinit(&a->html);
    buf_deinit(&a->keys);
}
