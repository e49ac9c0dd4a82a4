/* Runs the registered tests one after the other, each in a forked process, like Criterion's command
 * line: --filter 'suite/test', with * at the end of either part; other options are ignored. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_TIMEOUT_S 60
#define SKIP_CODE         177

static struct plain_entry *entries;

void plain_register(struct plain_entry *e)
{
    struct plain_entry **at = &entries;
    while (*at != NULL)
        at = &(*at)->next;
    *at = e;
}

void plain_fail(const char *file, int line, const char *what, const char *fmt, ...)
{
    va_list ap;
    fprintf(stderr, "%s:%d: assertion failed: %s ", file, line, what);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    fflush(stderr);
    _exit(1);
}

void plain_skip(void)
{
    _exit(SKIP_CODE);
}

bool plain_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool part_matches(const char *pattern, size_t len, const char *text)
{
    if (len > 0 && pattern[len - 1] == '*')
        return strncmp(pattern, text, len - 1) == 0;
    return strlen(text) == len && strncmp(pattern, text, len) == 0;
}

static bool is_wanted(const char *filter, const struct plain_entry *e)
{
    if (e->name == NULL)
        return false;
    const char *slash = filter == NULL ? NULL : strchr(filter, '/');
    return slash == NULL || (part_matches(filter, (size_t)(slash - filter), e->suite) &&
                             part_matches(slash + 1, strlen(slash + 1), e->name));
}

static struct plain_options options_of(const struct plain_entry *test)
{
    struct plain_options o = test->options;
    for (const struct plain_entry *e = entries; e != NULL; e = e->next) {
        if (e->name != NULL || strcmp(e->suite, test->suite) != 0)
            continue;
        o.init = o.init != NULL ? o.init : e->options.init;
        o.fini = o.fini != NULL ? o.fini : e->options.fini;
        o.signal = o.signal != 0 ? o.signal : e->options.signal;
        o.timeout = o.timeout != 0 ? o.timeout : e->options.timeout;
        o.disabled = o.disabled || e->options.disabled;
    }
    return o;
}

static void run_in_child(const struct plain_entry *e, const struct plain_options *o)
{
    alarm(o->timeout != 0 ? o->timeout : DEFAULT_TIMEOUT_S);
    if (o->init != NULL)
        o->init();
    e->run();
    if (o->fini != NULL)
        o->fini();
    exit(0); /* not _exit: the sanitizer's verdict is given on the way out */
}

/* 1 passed, 0 failed, -1 skipped */
static int run_test(const struct plain_entry *e)
{
    struct plain_options o = options_of(e);
    int status = 0;
    if (o.disabled)
        return -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        run_in_child(e, &o);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIP_CODE)
        return -1;
    bool passed = o.signal != 0 ? WIFSIGNALED(status) && WTERMSIG(status) == o.signal
                                : WIFEXITED(status) && WEXITSTATUS(status) == o.exit_code;
    if (!passed)
        printf("[FAIL] %s::%s (%s %d)\n", e->suite, e->name,
               WIFSIGNALED(status) ? "signal" : "exit code",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return passed ? 1 : 0;
}

int main(int argc, char **argv)
{
    const char *filter = NULL;
    int counts[3] = {0, 0, 0}; /* skipped, failed, passed */
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--filter") == 0)
            filter = argv[i + 1];
    }
    for (const struct plain_entry *e = entries; e != NULL; e = e->next) {
        if (is_wanted(filter, e))
            counts[run_test(e) + 1]++;
    }
    printf("[====] Tested: %d | Passing: %d | Failing: %d | Skipped: %d\n",
           counts[0] + counts[1] + counts[2], counts[2], counts[1], counts[0]);
    return counts[1] > 0 || counts[2] + counts[0] == 0 ? 1 : 0;
}
