/* Covers: the keys of strategies that are programs of their own: off, in shadow mode and empty by
 * default; an enabled one needs a program; limits at both ends; a relative path counts from the
 * configuration's folder; which program runs cannot be changed at run time, what it may decide can;
 * all keys of a trader together still fit into what is journaled at a start. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf_runtime.h"
#include "core/alloc.h"

#define HEAD                                                                                       \
    "{\"http\":{\"allow_open\":true},\"telegram\":{\"controller\":{\"token\":\"123456:"            \
    "abcdefghijklmnopqrstuvwxyzABCDEFGH\"}},\"traders\":[{\"id\":\"main\",\"plugins\":{\"outside_" \
    "2\":{"
#define TAIL "}}}]}"

static int load(const char *members, struct conf *ret, struct conf_problems *problems)
{
    char text[1024];
    (void)snprintf(text, sizeof text, HEAD "%s" TAIL, members);
    return conf_load_text(text, strlen(text), "/etc/trident", ret, problems);
}

static void expect_problem(const char *members, const char *key)
{
    struct conf *c TR_CLEANUP(mem_freep) = xalloc(sizeof *c);
    struct conf_problems *p TR_CLEANUP(mem_freep) = xalloc(sizeof *p);
    char path[96];
    (void)snprintf(path, sizeof path, "traders[0].plugins.outside_2.%s", key);
    cr_assert_eq(load(members, c, p), CONF_E_INVALID, "%s", members);
    cr_expect_str_eq(p->items[0].path, path);
}

Test(conf_outside, a_place_is_empty_off_and_in_shadow_mode_by_default)
{
    struct conf *c TR_CLEANUP(mem_freep) = xalloc(sizeof *c);
    conf_defaults(c);
    for (int i = 0; i < OUTSIDE_PLUGINS; i++) {
        const struct outside_conf *o = &c->traders[0].outside[i];
        cr_expect_not(o->enabled);
        cr_expect(o->shadow_mode);
        cr_expect_str_eq(o->path, "");
        cr_expect_eq(o->deadline_ms, OUTSIDE_DEADLINE_MAX_MS);
        cr_expect_eq(o->memory_bytes, 268435456);
        cr_expect_eq(o->alerts, OUTSIDE_ALERTS_V3);
        cr_expect_eq(o->max_lot_e8, DEC_ONE);
    }
}

Test(conf_outside, what_stands_in_the_file_is_read_and_a_path_completed)
{
    struct conf *c TR_CLEANUP(mem_freep) = xalloc(sizeof *c);
    struct conf_problems *p TR_CLEANUP(mem_freep) = xalloc(sizeof *p);
    cr_assert_eq(
        load("\"enabled\":true,\"path\":\"strategies/ema.py\",\"args\":[\"--fast\",\"20\"],"
             "\"alerts\":\"all\",\"symbols\":[\"EURUSD\"],\"max_lot\":\"0.5\"",
             c, p),
        CONF_OK, "%s %s", p->items[0].path, p->items[0].accepted);
    const struct outside_conf *o = &c->traders[0].outside[1];
    cr_expect_str_eq(o->path, "/etc/trident/strategies/ema.py");
    cr_assert_eq(o->arg_count, 2);
    cr_expect_str_eq(o->args[1], "20");
    cr_expect_eq(o->alerts, OUTSIDE_ALERTS_ALL);
    cr_expect_str_eq(o->symbols[0], "EURUSD");
    cr_expect_not(c->traders[0].outside[0].enabled, "the places are apart");
}

Test(conf_outside, a_fault_names_its_key)
{
    expect_problem("\"enabled\":true", "path");
    expect_problem("\"deadline_ms\":5001", "deadline_ms");
    expect_problem("\"deadline_ms\":49", "deadline_ms");
    expect_problem("\"memory_bytes\":16777215", "memory_bytes");
    expect_problem("\"cpu_s\":1", "cpu_s");
    expect_problem("\"alerts\":\"v4\"", "alerts");
    expect_problem("\"symbols\":[\"NOSUCH\"]", "symbols[0]");
    expect_problem("\"args\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]", "args[8]");
}

Test(conf_outside, a_chat_may_say_what_it_decides_and_not_which_program_runs)
{
    static const char *const fixed[] = {"path", "args", "deadline_ms", "memory_bytes", "cpu_s"};
    static const char *const free_ones[] = {"enabled", "shadow_mode", "alerts", "symbols",
                                            "max_lot"};
    char path[64];
    for (size_t i = 0; i < TR_ARRAY_SIZE(fixed); i++) {
        (void)snprintf(path, sizeof path, "plugins.outside_3.%s", fixed[i]);
        cr_expect_null(conf_runtime_find(path), "%s", path);
        (void)snprintf(path, sizeof path, "plugins.outside_3.%s", free_ones[i]);
        cr_expect_not_null(conf_runtime_find(path), "%s", path);
    }
    size_t n = 0, bytes = 0;
    for (const struct conf_key *k; (k = conf_runtime_at(n)) != NULL; n++)
        bytes += strlen(k->path) + strlen(k->def) + 2;
    cr_expect_lt(n, 768, "SETTINGS_BASE_MAX");
    cr_expect_lt(bytes, 48 * 1024, "SETTINGS_BASE_MAX_BYTES");
}
