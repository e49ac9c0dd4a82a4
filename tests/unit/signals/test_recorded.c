/* Covers: signals/parse on every recorded TradingView alert of ../shared/data/alerts: each row
 * parses, or is refused with a field. Skipped with a reason when the folder is missing. */
#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/hash.h"
#include "signals/parse.h"
#include "support/csv.h"

static int rows, parsed, by_kind[SIGNAL_KIND_COUNT];

static void check_row(char *ticker, const char *body)
{
    struct signal s;
    struct signal_fault f;
    char *comma = strchr(ticker, ',');
    if (comma != NULL)
        *comma = '\0';
    rows++;
    if (signal_parse(body, strlen(body), ticker, 1767600000000, &s, &f) == SIGNAL_PARSED) {
        parsed++;
        by_kind[s.kind]++;
        cr_assert_not_null(symbol_find(s.symbol), "%s", body);
        cr_assert_neq(s.tf, TF_UNSET, "%s", body);
        return;
    }
    cr_assert_str_not_empty(f.field, "a refusal names the field: %s", body);
    cr_assert_str_not_empty(f.accepted, "%s", body);
    (void)fprintf(stderr, "refused %s: %s=%s (%s)\n", reason_code(f.reason), f.field, f.value,
                  f.accepted);
}

Test(recorded, every_recorded_alert_is_read_or_refused_with_its_field)
{
    glob_t files;
    cr_assert_eq(hash_global_init(), 0);
    if (glob(TRIDENT_SHARED_DIR "/data/alerts/*.csv", 0, NULL, &files) != 0)
        cr_skip_test("the recorded alerts are not beside this checkout");
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct buf text;
        char *fields[CSV_FIELDS_MAX];
        buf_init(&text, 4 << 20);
        cr_assert_eq(file_read(files.gl_pathv[i], &text), 0);
        char *at = text.data;
        (void)csv_next(&at, fields); /* the heading */
        for (int n; (n = csv_next(&at, fields)) > 0;)
            if (n >= 4)
                check_row(fields[1], fields[3]);
        buf_deinit(&text);
    }
    globfree(&files);
    for (int k = 1; k < SIGNAL_KIND_COUNT; k++)
        if (by_kind[k] > 0)
            (void)fprintf(stderr, "%5d %s\n", by_kind[k], signal_kind_name((enum signal_kind)k));
    (void)fprintf(stderr, "%d of %d rows parse\n", parsed, rows);
    cr_assert_gt(rows, 0);
    cr_assert_eq(parsed, rows, "all recorded rows are readable");
}
