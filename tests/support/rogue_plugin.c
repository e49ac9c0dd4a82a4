/* A strategy's program that misbehaves in the way its first argument names; everything else about
 * it is right. Used by the unit tests of src/outside and by tests/integration/test_outside.py. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES  65536
#define FLOOD_BYTES (10 * 1024 * 1024)

extern char **environ;

static const char *mode, *extra;
static char line[LINE_BYTES];

static bool is(const char *name)
{
    return strcmp(mode, name) == 0;
}

static void skip(const char *id, const char *reason)
{
    printf("{\"type\":\"decision\",\"id\":%s,\"action\":\"skip\",\"reason\":\"%s\"}\n", id, reason);
}

static void sit(void)
{
    (void)fprintf(stderr, "asked\n");
    for (;;)
        (void)poll(NULL, 0, 60000);
}

static void chatter(FILE *where, const char *what)
{
    for (;;) {
        (void)fprintf(where, "%s\n", what);
        (void)fflush(where);
    }
}

static void one_long_line(void)
{
    for (int i = 0; i < FLOOD_BYTES; i++)
        (void)putchar('x');
    (void)putchar('\n');
}

/* What must not work; the name of the first thing that does. */
static const char *trespass(void)
{
    static char *const nothing[] = {NULL};
    struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0)
        return "SOCKET_INET";
    if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
        return "SOCKET_UNIX";
    if (open("/tmp/rogue_plugin_was_here", O_WRONLY | O_CREAT, 0600) >= 0 ||
        open("/dev/null", O_RDWR) >= 0)
        return "OPEN_TO_WRITE";
    if (mkdir("/tmp/rogue_plugin_was_here", 0700) == 0 || unlink("/tmp/rogue_no_such") == 0 ||
        errno != EPERM)
        return "CHANGE_A_FOLDER";
    if (syscall(SYS_fork) >= 0 || syscall(SYS_vfork) >= 0)
        return "FORK";
    if (execve("/bin/true", nothing, nothing) == 0 || errno != EPERM ||
        syscall(SYS_execveat, 64, "", nothing, nothing, AT_EMPTY_PATH) == 0)
        return "EXEC";
    if (fcntl(0, F_DUPFD, 64) >= 0 || dup2(0, 64) >= 0)
        return "DESCRIPTOR_OF_EXEC";
    if (kill(getppid(), 0) == 0 || kill(getpid(), 0) == 0)
        return "KILL";
    if (setrlimit(RLIMIT_CPU, &more) == 0 || setrlimit(RLIMIT_AS, &more) == 0)
        return "LIMITS";
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 || prctl(PR_SET_PDEATHSIG, 0) == 0)
        return "PTRACE_OR_PRCTL";
    if (extra != NULL && open(extra, O_RDONLY) >= 0)
        return "READ_A_SECRET";
    return "NOTHING_WORKED";
}

static const char *surroundings(void)
{
    char cwd[64];
    if (environ[0] != NULL)
        return "ENVIRONMENT";
    for (int fd = 3; fd < 128; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return "DESCRIPTOR";
    if (getcwd(cwd, sizeof(cwd)) == NULL || strcmp(cwd, "/") != 0)
        return "FOLDER";
    return "CLEAN";
}

static const char *take_memory(void)
{
    for (int i = 0; i < 64; i++) {
        char *p = malloc(16u << 20);
        if (p == NULL)
            return "MEMORY_REFUSED";
        memset(p, 1, 16u << 20);
    }
    return "A_GIBIBYTE";
}

/* So much processor time; 0: all there is. */
static void spend(double seconds)
{
    const clock_t until = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);
    while (seconds <= 0 || clock() < until) {
    }
}

static void answer(const char *id)
{
    if (is("crash") || (is("fragile") && strstr(line, "\"score\":9") != NULL))
        (void)raise(SIGSEGV), abort();
    else if (is("exit"))
        exit(7);
    else if (is("hang") || (is("sleepy") && strstr(line, "\"score\":9") != NULL))
        sit();
    else if (is("garbage"))
        printf("certainly, here is your decision\n");
    else if (is("wrong_id"))
        skip("999999", "X");
    else if (is("unknown_symbol"))
        printf("{\"type\":\"decision\",\"id\":%s,\"action\":\"execute\",\"orders\":[{\"side\":"
               "\"BUY\",\"symbol\":\"NOSUCH\",\"lots\":\"0.05\",\"sl\":\"1\"}]}\n",
               id);
    else if (is("off_step"))
        printf("{\"type\":\"decision\",\"id\":%s,\"action\":\"execute\",\"orders\":[{\"side\":"
               "\"BUY\",\"lots\":\"0.013\",\"sl\":\"1\"}]}\n",
               id);
    else if (is("long_line"))
        one_long_line();
    else if (is("two_lines"))
        printf("{\"type\":\"decision\",\"id\":%s,\"action\":\"skip\"}\nmore\n", id);
    else if (is("spin"))
        spend(0);
    else if (is("busy"))
        spend(0.6), skip(id, "GOOD");
    else if (is("memory"))
        skip(id, take_memory());
    else if (is("trespass"))
        skip(id, trespass());
    else if (is("surroundings"))
        skip(id, surroundings());
    else
        skip(id, "GOOD");
}

static void say_hello(void)
{
    if (is("dies_at_hello"))
        exit(3);
    if (is("silent"))
        sit();
    if (is("garbage_hello"))
        printf("hello!\n");
    else
        printf("{\"type\":\"hello\",\"protocol\":%d,\"name\":\"rogue\",\"version\":\"1.0\"}\n",
               is("version") ? 2 : 1);
    (void)fflush(stdout);
    if (is("flood"))
        chatter(stdout, "{\"type\":\"decision\",\"id\":0,\"action\":\"skip\"}");
    if (is("chatter"))
        chatter(stderr, "a word about the weather");
    if (is("dies_idle"))
        exit(5);
}

int main(int argc, char **argv)
{
    mode = argc > 1 ? argv[1] : "good";
    extra = argc > 2 ? argv[2] : NULL;
    if (fgets(line, sizeof(line), stdin) == NULL)
        return 1;
    say_hello();
    while (fgets(line, sizeof(line), stdin) != NULL) {
        char id[24] = "0";
        const char *at = strstr(line, "\"id\":");
        if (at != NULL)
            (void)snprintf(id, sizeof(id), "%.*s", (int)strcspn(at + 5, ","), at + 5);
        answer(id);
        (void)fflush(stdout);
    }
    return 0;
}
