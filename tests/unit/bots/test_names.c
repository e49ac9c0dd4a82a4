/* Covers: every name of the legacy tables (tests/data/legacy_commands.txt) is a command, is carried
 * out as one, or is answered with why not and what to use; the list of names itself; docs/
 * COMMANDS.md is what the table gives; a rename is said once a person; an absent name is answered.
 */
#include "unit/bots/stage.h"

#include "bots/args.h"
#include "bots/change.h"
#include "bots/manual.h"
#include "bots/names.h"
#include "bots/table.h"
#include "core/file.h"
#include "model/text.h"

#ifndef TRIDENT_SOURCE_DIR
#define TRIDENT_SOURCE_DIR "."
#endif

static struct buf read_source(const char *path)
{
    struct buf out;
    char full[512];
    buf_init(&out, 1 << 20);
    (void)snprintf(full, sizeof full, "%s/%s", TRIDENT_SOURCE_DIR, path);
    cr_assert_eq(file_read(full, &out), 0, "%s", full);
    return out;
}

Test(names, every_legacy_name_has_an_answer)
{
    struct buf list = read_source("tests/data/legacy_commands.txt");
    size_t checked = 0;
    for (char *save = NULL, *line = strtok_r(list.data, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        if (line[0] == '#')
            continue;
        const struct name *n = names_find(line);
        cr_expect(table_find(line) != NULL || n != NULL, "/%s has no answer", line);
        checked++;
    }
    cr_assert_geq(checked, 330);
    buf_deinit(&list);
}

Test(names, each_leads_to_a_command_that_takes_its_arguments)
{
    const struct name *n;
    char key[64];
    for (size_t i = 0; (n = names_at(i)) != NULL; i++) {
        const struct bot_command *cmd = table_get(n->successor);
        cr_assert_not_null(cmd, "/%s -> /%s", n->name, n->successor);
        cr_assert_neq(cmd->bots, 0, "/%s leads to a hidden command", n->name);
        cr_assert_eq(names_find(n->name), n, "/%s stands twice", n->name);
        if (n->why != NULL) {
            (void)snprintf(key, sizeof key, "names.why.%s", n->why);
            cr_assert_not_null(text_get(LANG_EN, key), "%s", key);
            continue;
        }
        struct args v;
        if (cmd->args == NULL || strcmp(n->preset, "reset") == 0 || strstr(n->preset, " reset"))
            continue;
        enum args_result r = args_parse(cmd->args, n->preset, &v);
        cr_assert(r == ARGS_OK || r == ARGS_E_MISSING, "/%s -> /%s %s", n->name, n->successor,
                  n->preset);
    }
}

Test(names, the_manual_is_what_the_table_says)
{
    struct buf out, doc = read_source("docs/COMMANDS.md");
    buf_init(&out, MANUAL_MAX_BYTES);
    manual_markdown(&out);
    cr_assert_not(buf_failed(&out));
    cr_assert_str_eq(doc.data, out.data, "run: trident commands --markdown > docs/COMMANDS.md");
    buf_deinit(&out);
    buf_deinit(&doc);
}

/* Keys of builders' features and of the commands that change them stay together. */
Test(names, every_setting_command_has_keys_and_takes_what_they_take)
{
    size_t count;
    const struct bot_command *const *all = table_all(&count);
    struct stage *st = stage_new();
    for (size_t i = 0; i < count; i++) {
        const struct change_spec *spec = all[i]->change;
        if (spec == NULL)
            continue;
        st->opt.plugins[0] = &combined_v3_plugin;
        st->opt.plugin_count = 1;
        stage_say(st, all[i]->ops.name, "");
        bool is_v6 = spec->paths[0] != NULL && strstr(spec->paths[0], "price_action_v6") != NULL;
        cr_expect(is_v6 || st->receipt.reason == REASON_ACCEPTED, "/%s: %s", all[i]->ops.name,
                  st->reply.html);
    }
    stage_free(st);
}

Test(names, an_absent_name_is_told_why_and_what_to_use)
{
    struct stage *st = stage_new();
    stage_say(st, "absent", "restart");
    cr_assert_eq(st->receipt.reason, REASON_NOT_IN_THIS_RELEASE);
    cr_assert_not_null(strstr(st->reply.html, "/restart"));
    cr_assert_not_null(strstr(st->reply.html, "/health"));
    stage_say(st, "absent", "nonsense");
    cr_assert_eq(st->receipt.reason, REASON_COMMAND_UNKNOWN);
    stage_free(st);
}

Test(names, a_state_command_is_mirrored_under_its_legacy_name)
{
    cr_assert_str_eq(names_of("logic1", "on")->name, "logic1_on");
    cr_assert_null(names_of("logic1", ""));
    cr_assert_null(names_of("setlot", "0.05"));
}
