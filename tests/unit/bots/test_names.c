/* Covers: every name of the legacy tables (tests/data/legacy_commands.txt) is a command, is carried
 * out as one, or is answered with why not and what to use; the list of names itself; docs/
 * COMMANDS.md is what the table gives; a rename is said once a person; an absent name is answered.
 */
#include "unit/bots/stage.h"

#include "bots/answer.h"
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

/* One that is not carried out. */
static const struct name *absent(void)
{
    size_t i = 0;
    while (names_at(i) != NULL && names_at(i)->why == NULL)
        i++;
    cr_assert_not_null(names_at(i));
    return names_at(i);
}

Test(names, an_absent_name_is_told_why_and_what_to_use)
{
    struct stage *st = stage_new();
    const struct name *n = absent();
    stage_say(st, "absent", n->name);
    cr_assert_eq(st->receipt.reason, REASON_NOT_IN_THIS_RELEASE);
    cr_assert_not_null(strstr(st->reply.html, n->name));
    cr_assert_not_null(strstr(st->reply.html, n->successor));
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

static void translate(struct command *c, const char *name, const char *args)
{
    *c = (struct command){0};
    (void)str_copy(c->name, sizeof c->name, name);
    (void)str_copy(c->args, sizeof c->args, args);
    names_translate(c);
}

Test(names, what_other_programs_call_a_command_is_understood)
{
    struct command c;
    char longest[COMMAND_ARGS_CAP];
    translate(&c, "logic1_on", "");
    cr_assert_str_eq(c.name, "logic1");
    cr_assert_str_eq(c.args, "on");
    translate(&c, "emergency_stop", ""); /* an alias */
    cr_assert_str_eq(c.name, "panic");
    translate(&c, "set_lot", "0.05");
    cr_assert_str_eq(c.name, "setlot");
    cr_assert_str_eq(c.args, "0.05");
    translate(&c, absent()->name, "");
    cr_assert_str_eq(c.name, absent()->name);
    translate(&c, "nonsense", "1");
    cr_assert_str_eq(c.name, "nonsense");
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    translate(&c, "logic1_on", longest); /* both do not fit: left alone */
    cr_assert_str_eq(c.name, "logic1_on");
}

Test(names, a_rename_is_said_once_a_person_and_survives_the_snapshot)
{
    struct stage *st = stage_new();
    struct command c = stage_command(st, "logic1", "on");
    struct buf snapshot TR_CLEANUP(buf_deinit) = {0};
    buf_init(&snapshot, 1 << 22);
    c.body = xasprintf("%clogic1_on /logic1 on%c", ANSWER_RENAMED, ANSWER_RENAMED);
    stage_apply(st, &c);
    cr_assert_not_null(strstr(st->reply.html, "/logic1_on is"), "%s", st->reply.html);
    st->s->send_count = 0;
    state_pack(st->s, &snapshot);
    state_free(st->s);
    st->s = state_new(); /* the process was started again */
    cr_assert_eq(state_unpack(st->s, snapshot.data, snapshot.len), 0);
    stage_apply(st, &c);
    cr_assert_null(strstr(st->reply.html, "/logic1_on is"), "%s", st->reply.html);
    c.user_id = c.chat_id = ADMIN_ID;
    stage_apply(st, &c);
    cr_assert_not_null(strstr(st->reply.html, "/logic1_on is"), "another person");
    mem_free(c.body);
    stage_free(st);
}
