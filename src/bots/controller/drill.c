/* /drill [fault | all]: makes a fault happen on a scratch copy of the trader and says in numbers
 * what came of it; what the trader has open is not touched. Only on the paper broker. */
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "core/alloc.h"

#define FAULTS "timeout|lost|reject|partial|late|duplicate|disconnect|gap|panic|all"

static const struct arg_spec fields[] = {
    {.name = "fault", .type = ARG_CHOICE, .is_optional = true, .choices = FAULTS},
    {.type = ARG_UNSET},
};

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct args v;
    if (args_parse(fields, c->args, &v) != ARGS_OK || !v.v[0].is_given || p->options->drill == NULL)
        return REASON_ACCEPTED; /* run() says what is wrong */
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, COMMAND_BODY_MAX_BYTES / 2);
    const struct bots_question q = {.trader = p->trader, .text = v.v[0].word, .lang = c->lang};
    if (!p->options->drill(p->options->ask_ctx, &q, &out))
        return REASON_PAPER_ONLY;
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void offer(struct answer *a)
{
    char word[ARGS_WORD_CAP];
    const char *p = FAULTS;
    for (int i = 0; *p != '\0'; i++) {
        size_t n = strcspn(p, "|");
        TR_ASSERT(n < sizeof word);
        memcpy(word, p, n);
        word[n] = '\0';
        struct button b = {.kind = BUTTON_MENU, .name = "drill"};
        (void)str_copy(b.arg, sizeof b.arg, word); /* short */
        if (i % 3 == 0)
            answer_next_row(a);
        answer_button(a, "button.value", word, &b);
        p += n + (p[n] == '|');
    }
    answer_next_row(a);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    answer_init(&a, tx, c);
    if (args_read(&a, &v)) {
        const char *report = answer_body(c);
        if (report[0] != '\0')
            answer_html(&a, report);
        else
            answer_line(&a, "drill.intro", NULL);
    }
    offer(&a);
    answer_finish(&a, ret);
}

const struct bot_command drill_command = {
    .ops = {.name = "drill", .role = ROLE_ADMIN, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args = fields,
    .help_key = "help.drill",
    .prepare = prepare,
};
