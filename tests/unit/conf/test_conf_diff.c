/* Covers: nothing differs; keys of every type; what may change at run time with its text, what
 * needs a new process by its path; secrets by name only; lists, people, another trader's keys,
 * traders that are not the same any more. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf_diff.h"
#include "core/alloc.h"

static struct conf *running, *read_anew;
static char seen[2048];

static void setup(void)
{
    struct conf_problems *p = xalloc(sizeof *p);
    static const char text[] = "{\"data_dir\":\"d\",\"http\":{\"allow_open\":true},"
                               "\"telegram\":{\"controller\":{\"token\":\"7000000001:"
                               "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1\"}},"
                               "\"users\":[{\"user_id\":5,\"role\":\"admin\",\"name\":\"Asha\"}],"
                               "\"traders\":[{\"id\":\"main\"},{\"id\":\"second\"}]}";
    running = xalloc(sizeof *running);
    read_anew = xalloc(sizeof *read_anew);
    cr_assert_eq(conf_load_text(text, sizeof text - 1, NULL, running, p), CONF_OK, "%s",
                 p->items[0].path);
    *read_anew = *running;
    mem_free(p);
}

static void teardown(void)
{
    running = mem_free(running);
    read_anew = mem_free(read_anew);
}

TestSuite(conf_diff, .init = setup, .fini = teardown);

static void note(void *ctx, const char *path, const char *text)
{
    size_t n = strlen(seen);
    (void)ctx;
    (void)snprintf(seen + n, sizeof seen - n, "%s=%s;", path, text != NULL ? text : "(restart)");
}

static const char *diff(int trader)
{
    seen[0] = '\0';
    conf_diff(running, read_anew, trader, note, NULL);
    return seen;
}

Test(conf_diff, the_same_differs_in_nothing)
{
    cr_assert_str_eq(diff(0), "");
    cr_assert_str_eq(diff(1), "");
}

Test(conf_diff, keys_of_a_trader_come_with_their_text_or_want_a_new_process)
{
    struct conf_trader *t = &read_anew->traders[0];
    t->daily_loss_cap_e8 = 150 * INT64_C(100000000);
    t->features.service_api = false;
    t->queue_capacity++;
    diff(0);
    cr_assert(strstr(seen, "risk.daily_loss_cap=150;") != NULL, "%s", seen);
    cr_assert(strstr(seen, "features.service_api=false;") != NULL, "%s", seen);
    cr_assert(strstr(seen, "traders.queue_capacity=(restart);") != NULL, "%s", seen);
    diff(1);
    cr_assert_str_eq(seen, "");
}

Test(conf_diff, common_keys_secrets_lists_and_people_want_a_new_process)
{
    read_anew->http.port++;
    (void)str_copy(read_anew->http.webhook_secret, sizeof read_anew->http.webhook_secret,
                   "a-secret-nobody-may-see");
    (void)str_copy(read_anew->http.allow[0], sizeof read_anew->http.allow[0], "10.0.0.0/8");
    read_anew->http.allow_count = 1;
    read_anew->users[0].role = ROLE_VIEWER;
    diff(0);
    cr_assert(strstr(seen, "http.port=(restart);") != NULL, "%s", seen);
    cr_assert(strstr(seen, "http.webhook_secret=(restart);") != NULL, "%s", seen);
    cr_assert(strstr(seen, "http.allow=(restart);") != NULL, "%s", seen);
    cr_assert(strstr(seen, "users=(restart);") != NULL, "%s", seen);
    cr_assert_null(strstr(seen, "nobody-may-see"));
    read_anew->http.allow_count = running->http.allow_count = 1;
    (void)str_copy(running->http.allow[0], sizeof running->http.allow[0], "10.0.0.0/9");
    cr_assert(strstr(diff(0), "http.allow=(restart);") != NULL, "%s", seen);
}

Test(conf_diff, other_traders_want_a_new_process_and_are_not_compared)
{
    read_anew->traders[0].daily_loss_cap_e8 = 1;
    read_anew->trader_count = 1;
    cr_assert_str_eq(diff(0), "traders=(restart);");
    read_anew->trader_count = 2;
    (void)str_copy(read_anew->traders[0].id, sizeof read_anew->traders[0].id, "other");
    cr_assert_str_eq(diff(0), "traders=(restart);");
}
