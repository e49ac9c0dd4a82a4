/* A sandbox on its own, for tests that need one without the daemon: takes the options of
 * sandbox_options_from_args, prints "port=N" and runs until its standard input ends. */
#include <stdio.h>
#include <unistd.h>

#include "core/hash.h"
#include "core/log.h"
#include "net/http_client.h"
#include "sandbox/sandbox.h"

int main(int argc, char **argv)
{
    struct sandbox_options opt;
    struct sandbox *s = NULL;
    char error[160] = "";
    sandbox_options_init(&opt);
    if (sandbox_options_from_args(&opt, argc - 1, argv + 1, error, sizeof(error)) < 0) {
        (void)fprintf(stderr, "%s\n", error);
        return 2;
    }
    if (log_open(LOG_WARN, NULL) < 0 || hash_global_init() < 0 ||
        http_client_global_init(false) < 0)
        return 1;
    if (sandbox_start(&opt, &s) < 0) {
        (void)fprintf(stderr, "the sandbox did not start\n");
        return 1;
    }
    (void)fprintf(stdout, "port=%u\n", (unsigned)sandbox_port(s));
    (void)fflush(stdout);
    char c;
    while (read(STDIN_FILENO, &c, 1) > 0)
        continue;
    s = sandbox_stop(s);
    return 0;
}
