/* /phase [next | back | off]: how far the take-over from the old bot is (engine/phase.h). Forward
 * through open gates and a question, back at once. */
#include <stdio.h>
#include <string.h>

#include "bots/args.h"
#include "bots/bot_command.h"
#include "bots/phasing.h"
#include "bots/safeguard.h"
#include "core/alloc.h"

static const struct arg_spec fields[] = {
    {.name = "step", .type = ARG_CHOICE, .is_optional = true, .choices = "next|back|off"},
    {.type = ARG_UNSET},
};

static void action(struct answer *a, const char *label, const char *value, const char *arg)
{
    struct button b = {.kind = BUTTON_ACTION,
                       .expires_ms = tx_now_ms(a->tx) + BUTTON_ACTION_TTL_MS,
                       .name = "phase"};
    TR_ASSERT(str_copy(b.arg, sizeof b.arg, arg));
    answer_button(a, label, value, &b);
}

static void show(struct answer *a)
{
    const struct phase_state *p = phase_tx(a->tx);
    char name[PHASING_NAME_CAP];
    enum phase to;
    int step;
    phasing_card(a);
    if (phase_tx_check_next(a->tx) == REASON_ACCEPTED && phase_next(p, &to, &step))
        action(a, "button.phase_next", phasing_name(to, step, name), "next");
    if (phase_back(p, &to, &step))
        action(a, "button.phase_back", phasing_name(to, step, name), "back");
    answer_next_row(a);
}

static void moved(struct answer *a)
{
    const struct phase_state *p = phase_tx(a->tx);
    char name[PHASING_NAME_CAP];
    answer_line(a, "phase.moved", ANSWER_ARGS({"phase", phasing_name(p->now, p->step, name)}));
    show(a);
}

static void ask_next(struct answer *a)
{
    const struct phase_state *p = phase_tx(a->tx);
    char from[PHASING_NAME_CAP], name[PHASING_NAME_CAP], key[48];
    enum phase to;
    int step;
    enum reason r = phase_tx_check_next(a->tx);
    if (r == REASON_ALREADY_DONE) {
        answer_line(a, "phase.at_last", NULL);
        tx_receipt(a->tx, r, "");
    } else if (r != REASON_ACCEPTED) {
        answer_refuse(a, r, "next");
        phasing_card(a);
    } else if (phase_next(p, &to, &step)) {
        answer_line(a, "phase.ask_next",
                    ANSWER_ARGS({"from", phasing_name(p->now, p->step, from)},
                                {"to", phasing_name(to, step, name)}));
        (void)snprintf(key, sizeof key, "phase.does_%s", phase_name(to));
        answer_line(a, key, NULL);
        if (!safeguard_backup(a))
            return;
        if (to == PHASE_CUTOVER)
            safeguard_shadow(a, "combined_v3");
        answer_ask(a, "button.yes_phase");
    }
}

static void ask_off(struct answer *a)
{
    if (phase_tx(a->tx)->now == PHASE_UNSET) {
        tx_receipt(a->tx, REASON_ALREADY_DONE, "off");
        show(a);
        return;
    }
    answer_line(a, "phase.ask_off", NULL);
    answer_ask(a, "button.yes_phase");
}

static void back(struct answer *a)
{
    enum reason r = phase_tx_back(a->tx, a->c);
    if (r == REASON_ACCEPTED) {
        moved(a);
        return;
    }
    answer_line(a, "phase.at_first", NULL);
    tx_receipt(a->tx, r, "");
}

static void confirmed(struct answer *a)
{
    char line[COMMAND_ARGS_CAP];
    if (answer_take(a, line) != REASON_ACCEPTED ||
        (strcmp(line, "off") != 0 && !safeguard_backup(a)))
        return;
    enum reason r =
        strcmp(line, "off") == 0 ? phase_tx_off(a->tx, a->c) : phase_tx_next(a->tx, a->c);
    if (r == REASON_ACCEPTED)
        moved(a);
    else
        answer_refuse(a, r, line);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args args;
    answer_init(&a, tx, c);
    if (c->confirmed) {
        confirmed(&a);
    } else if (args_read(&a, &args)) {
        const char *word = args.v[0].is_given ? args.v[0].word : "";
        if (strcmp(word, "next") == 0)
            ask_next(&a);
        else if (strcmp(word, "back") == 0)
            back(&a);
        else if (strcmp(word, "off") == 0)
            ask_off(&a);
        else
            show(&a);
    }
    answer_menu(&a, "button.shadow", "shadow", "");
    answer_finish(&a, ret);
}

const struct bot_command phase_command = {
    .ops = {.name = "phase", .role = ROLE_ADMIN, .max_age_ms = 30 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args = fields,
    .help_key = "help.phase",
    .prepare = safeguard_prepare,
};
