/* bots/wizard_table.c: the steps of a command, made from its argument table (bots/args.h): each
 * type has its presets, some fields have better ones (spec strategies 8.2, 8.3); what a field does
 * not accept is not offered. */
#include "bots/wizard.h"

#include <stdio.h>
#include <string.h>

#include "bots/args.h"
#include "core/alloc.h"
#include "model/decimal.h"

/* By field, whatever the command; what is out of a field's range is left out. */
static const struct {
    const char *field, *presets;
} field_presets[] = {
    {"lots", "0.01 0.05 0.10 0.20 0.50 1 2 5"},
    {"lot", "0.01 0.05 0.10 0.20 0.50 1 2 5"},
    {"pips", "5 10 15 20 30 40 50 60 100"},
    {"sl_pips", "20 30 50"},
    {"tp_pips", "40 60 100"},
    {"amount", "10 20 50 100 200 500 1000 2000 5000"},
    {"factor", "0.5 1 1.5 2 3"},
    {"percent", "10 25 50 75 100"},
};

static const char *presets_of_type(const struct arg_spec *s)
{
    switch (s->type) {
    case ARG_SYMBOL:
        return "EURUSD GBPUSD USDJPY XAUUSD";
    case ARG_PERCENT:
        return "10 25 50 75 100";
    case ARG_DURATION:
        return "30s 1m 2m 5m 10m 15m";
    case ARG_INT:
        return "1 2 3 4 5 10 20 50 100";
    case ARG_DECIMAL:
        return "0.5 1 2 5 10 20 50 100 200 500 1000 5000";
    case ARG_UNSET:
    case ARG_CHOICE:
    case ARG_PLUGIN:
    case ARG_RECEIPT:
    case ARG_TRADE:
    case ARG_DATE:
    case ARG_WORD:
    case ARG_TEXT:
    case ARG_TYPE_COUNT:
        break;
    }
    return "";
}

static enum wizard_kind kind_of_type(enum arg_type type)
{
    switch (type) {
    case ARG_CHOICE:
        return WIZARD_CHOICE;
    case ARG_SYMBOL:
        return WIZARD_SYMBOL;
    case ARG_PLUGIN:
        return WIZARD_PLUGIN;
    case ARG_TRADE:
        return WIZARD_POSITION;
    case ARG_DECIMAL:
    case ARG_INT:
    case ARG_PERCENT:
    case ARG_DURATION:
    case ARG_RECEIPT:
        return WIZARD_NUMBER;
    case ARG_DATE:
    case ARG_WORD:
    case ARG_TEXT:
        return WIZARD_WORD;
    case ARG_UNSET:
    case ARG_TYPE_COUNT:
        break;
    }
    return WIZARD_UNSET;
}

/* Only what the field's own parser takes. */
static bool is_accepted(const struct arg_spec *spec, const char *word)
{
    const struct arg_spec one[2] = {*spec, {.type = ARG_UNSET}};
    struct args parsed;
    return args_parse(one, word, &parsed) == ARGS_OK;
}

static void add_presets(const struct arg_spec *spec, const char *list, char separator,
                        char out[WIZARD_PRESETS_CAP])
{
    size_t len = 0;
    for (const char *p = list; *p;) {
        const char *end = strchr(p, separator);
        size_t n = end ? (size_t)(end - p) : strlen(p);
        char word[WIZARD_VALUE_CAP];
        if (n > 0 && n < sizeof word && len + n + 2 < WIZARD_PRESETS_CAP) {
            (void)snprintf(word, sizeof word, "%.*s", (int)n, p);
            if (is_accepted(spec, word))
                len += (size_t)snprintf(out + len, WIZARD_PRESETS_CAP - len, "%s%s",
                                        len > 0 ? " " : "", word);
        }
        p += n + (end != NULL);
    }
}

static void make_step(const struct arg_spec *spec, struct wizard_step *ret)
{
    *ret = (struct wizard_step){.kind = kind_of_type(spec->type), .ask = spec->name};
    if (spec->type == ARG_CHOICE) {
        /* A switch has many words; two buttons are enough. */
        bool is_switch = str_starts(spec->choices, "on|off|");
        add_presets(spec, is_switch ? "on|off" : spec->choices, '|', ret->presets);
        return;
    }
    const char *list = presets_of_type(spec);
    for (size_t i = 0; i < TR_ARRAY_SIZE(field_presets); i++)
        if (strcmp(field_presets[i].field, spec->name) == 0)
            list = field_presets[i].presets;
    add_presets(spec, list, ' ', ret->presets);
}

size_t wizard_steps(const struct bot_command *cmd, struct wizard_step ret[WIZARD_STEPS_MAX])
{
    TR_ASSERT(cmd && ret);
    if (strcmp(cmd->ops.name, "why") == 0) { /* reads its number itself */
        ret[0] = (struct wizard_step){.kind = WIZARD_NUMBER, .ask = "receipt"};
        return 1;
    }
    size_t fields = 0;
    size_t needed = 0;
    while (cmd->args && fields < ARGS_MAX && cmd->args[fields].type != ARG_UNSET)
        if (!cmd->args[fields++].is_optional)
            needed = fields;
    /* What may be left out is asked for only where leaving it out just shows something. */
    size_t n = cmd->change ? fields : needed;
    for (size_t i = 0; i < n; i++)
        make_step(&cmd->args[i], &ret[i]);
    return n;
}

bool wizard_is_needed(const struct bot_command *cmd)
{
    struct wizard_step steps[WIZARD_STEPS_MAX];
    return wizard_steps(cmd, steps) > 0;
}

const char *wizard_implied_plugin(const char *command)
{
    TR_ASSERT(command);
    static const struct {
        const char *prefix, *plugin;
    } sets[] = {{"logic", "combined_v3"},      {"v3", "combined_v3"},
                {"reentry_v3", "combined_v3"}, {"v6", "price_action_v6"},
                {"tf", "price_action_v6"},     {"reentry_v6", "price_action_v6"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(sets); i++)
        if (str_starts(command, sets[i].prefix))
            return sets[i].plugin;
    return NULL;
}
