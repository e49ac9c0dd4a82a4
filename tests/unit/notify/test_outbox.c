/* Covers: a message loaded from notify.db is the one that was inserted, with the row of the journal
 * at its origin, for the log. */
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/alloc.h"
#include "notify/outbox.h"

static struct outbox *open_in(const char *dir)
{
    struct outbox *o = NULL;
    char *path TR_CLEANUP(mem_freep) = xasprintf("%s/notify.db", dir);
    cr_assert_eq(outbox_open(path, &o), 0);
    return o;
}

static struct outbox_row *new_row(uint64_t ref, const char *trader)
{
    struct outbox_row *r = xalloc(sizeof *r);
    *r = (struct outbox_row){.bot = BOT_NOTIFICATION,
                             .lane = NOTIFY_LANE_HIGH,
                             .chat_id = 7,
                             .html = xstrdup("text"),
                             .ref = ref,
                             .trader = xstrdup(trader)};
    return r;
}

Test(outbox, origin_of_a_message_survives_the_database)
{
    char dir[] = "/tmp/trident-outbox-XXXXXX";
    cr_assert_not_null(mkdtemp(dir));
    struct outbox *o = open_in(dir);
    struct outbox_row *a = new_row(4711, "main");
    struct outbox_row *b = new_row(0, NULL);
    cr_assert_eq(outbox_begin(o), 0);
    cr_assert_eq(outbox_insert(o, a), 0);
    cr_assert_eq(outbox_insert(o, b), 0);
    cr_assert_eq(outbox_commit(o), 0);
    outbox_close(o);

    struct outbox_row *got = NULL;
    const struct outbox_row queue = {
        .bot = BOT_NOTIFICATION, .chat_id = 7, .lane = NOTIFY_LANE_HIGH};
    o = open_in(dir);
    cr_assert_eq(outbox_load(o, &queue, 9, &got), 0);
    cr_assert(got != NULL && got->next != NULL && got->next->next == NULL);
    cr_assert_eq(got->ref, 4711);
    cr_assert_str_eq(got->trader, "main");
    cr_assert_str_eq(got->html, "text");
    cr_assert_eq(got->next->ref, 0);
    cr_assert_null(got->next->trader);
    outbox_row_free(got->next);
    outbox_row_free(got);
    outbox_row_free(a);
    outbox_row_free(b);
    outbox_close(o);
    char *path TR_CLEANUP(mem_freep) = xasprintf("%s/notify.db", dir);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(rmdir(dir), 0);
}
