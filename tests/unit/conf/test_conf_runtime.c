/* Covers: conf/conf_runtime: which keys may change while a trader runs, texts in and out by the
 * table's rules, lists as one text, near misses. */
#include <criterion/criterion.h>
#include <string.h>

#include "conf/conf_runtime.h"
#include "core/alloc.h"

Test(conf_runtime, what_is_built_at_start_is_not_among_them)
{
    static const char *const fixed[] = {"id", "queue_capacity", "broker.kind", "broker.seed",
                                        "symbol_default"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(fixed); i++)
        cr_assert_null(conf_runtime_find(fixed[i]), "%s", fixed[i]);
    cr_assert_not_null(conf_runtime_find("risk.daily_loss_cap"));
    cr_assert_not_null(conf_runtime_find("plugins.combined_v3.logic1.enabled"));
    cr_assert_null(conf_runtime_find("plugins.combined_v3.logic4.enabled"));
}

Test(conf_runtime, lists_exactly_what_it_finds)
{
    const struct conf_key *k;
    size_t n = 0;
    for (; (k = conf_runtime_at(n)) != NULL; n++)
        cr_assert_eq(conf_runtime_find(k->path), k, "%s", k->path);
    cr_assert_gt(n, 20);
}

/* Every key takes its own default and gives it back in one form. */
Test(conf_runtime, every_key_keeps_its_default)
{
    const struct conf_key *k;
    char once[256], twice[256];
    for (size_t i = 0; (k = conf_runtime_at(i)) != NULL; i++) {
        cr_assert(conf_runtime_check(k, k->def, once, sizeof once), "%s", k->path);
        cr_assert(conf_runtime_check(k, once, twice, sizeof twice), "%s", k->path);
        cr_assert_str_eq(once, twice);
        cr_assert_not(conf_runtime_check(k, k->type == CONF_STRINGS ? "NOTASYMBOL" : "\x01", once,
                                         sizeof once),
                      "%s", k->path);
    }
}

Test(conf_runtime, range_ends_are_in_and_what_lies_beyond_is_out)
{
    const struct conf_key *k = conf_runtime_find("plugins.combined_v3.max_open_trades");
    char text[64];
    cr_assert(conf_runtime_check(k, "1", text, sizeof text));
    cr_assert(conf_runtime_check(k, "100", text, sizeof text));
    cr_assert_not(conf_runtime_check(k, "0", text, sizeof text));
    cr_assert_not(conf_runtime_check(k, "101", text, sizeof text));
    cr_assert_not(conf_runtime_check(k, "", text, sizeof text));
}

Test(conf_runtime, a_list_is_one_text_and_replaced_whole_or_not_at_all)
{
    const struct conf_key *k = conf_runtime_find("plugins.combined_v3.symbols");
    struct conf_trader *t = xalloc(sizeof *t);
    struct buf out;
    buf_init(&out, 256);
    cr_assert(conf_runtime_set(t, k, "gold, EURUSD"));
    cr_assert_not(conf_runtime_set(t, k, "GBPUSD,NONSENSE"));
    conf_runtime_get(t, k, &out);
    cr_assert_str_eq(out.data, "XAUUSD,EURUSD");
    cr_assert(conf_runtime_set(t, k, ""));
    cr_assert_eq(t->combined_v3.symbol_count, 0);
    buf_deinit(&out);
    mem_free(t);
}

Test(conf_runtime, near_misses_and_last_words_are_understood)
{
    cr_assert_str_eq(conf_runtime_suggest("daily_loss_cap")->path, "risk.daily_loss_cap");
    cr_assert_str_eq(conf_runtime_suggest("risk.daly_loss_cap")->path, "risk.daily_loss_cap");
    cr_assert_str_eq(conf_runtime_suggest("logic2.enabled")->path,
                     "plugins.combined_v3.logic2.enabled");
    cr_assert_null(conf_runtime_suggest("xyzzy"));
}
