/* Covers: running another program: success, failure, no such program, the deadline, and that it
 * leaves no zombie. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sys/wait.h>

#include "core/clock.h"
#include "core/process.h"

Test(process, tells_how_it_ended)
{
    const char *const good[] = {"true", NULL};
    const char *const bad[] = {"false", NULL};
    const char *const none[] = {"/nonexistent/program", NULL};
    cr_expect_eq(process_run(good, 5000), 0);
    cr_expect_eq(process_run(bad, 5000), -EIO);
    cr_expect_eq(process_run(none, 5000), -ENOENT);
}

Test(process, ends_at_the_deadline)
{
    const char *const slow[] = {"sleep", "30", NULL};
    int64_t begin = clock_mono_us(clock_real());
    cr_expect_eq(process_run(slow, 100), -ETIMEDOUT);
    cr_expect_lt(clock_mono_us(clock_real()) - begin, 5000000);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "nothing is left to wait for");
}
