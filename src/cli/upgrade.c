/* trident upgrade: asks the running daemon to hand over to another program, and says how it goes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/upgrade_door.h"
#include "core/alloc.h"
#include "core/file.h"

#define EXIT_NO_DAEMON 3
#define EXIT_LOST      4

static bool absolute(const char *path, char out[DOOR_PATH_CAP])
{
    char here[DOOR_PATH_CAP];
    if (path[0] == '/' || path[0] == '\0')
        return str_copy(out, DOOR_PATH_CAP, path);
    if (getcwd(here, sizeof(here)) == NULL)
        return false;
    int n = snprintf(out, DOOR_PATH_CAP, "%s/%s", here, path);
    return n > 0 && n < DOOR_PATH_CAP;
}

/* Words of a line: cuts the first one off. */
static char *word(char **rest)
{
    char *w = strsep(rest, " ");
    return w != NULL ? w : (char *)(uintptr_t) "";
}

/* -1: there is more to come. */
static int show(char *line)
{
    char *rest = line;
    const char *kind = word(&rest);
    if (str_eq(kind, "step")) {
        const char *state = word(&rest);
        const char *ms = word(&rest);
        cli_print("%6s ms  %-9s  %s\n", ms, state, rest != NULL ? rest : "");
        return -1;
    }
    if (str_eq(kind, "done")) {
        const char *pid = word(&rest);
        const char *pause = word(&rest);
        cli_print("upgraded: version %s runs as process %s; clients waited %s ms at most\n",
                  rest != NULL ? rest : "?", pid, pause);
        return CLI_OK;
    }
    if (str_eq(kind, "back")) {
        (void)word(&rest);
        cli_error("not upgraded: %s", rest != NULL ? rest : "?");
        cli_error("the old process goes on; nothing was lost");
        return CLI_FAILED;
    }
    cli_error("not upgraded, and the old process could not start again: %s",
              rest != NULL ? rest : "?");
    return EXIT_LOST;
}

static int follow(int fd)
{
    char text[DOOR_LINE_CAP];
    size_t len = 0;
    int result = -1;
    while (result < 0) {
        ssize_t n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0 || len + 1 >= sizeof(text)) {
            cli_error("the daemon ended in the middle; see its log, and `trident health`");
            return EXIT_LOST;
        }
        len += (size_t)n;
        text[len] = '\0';
        for (char *end; result < 0 && (end = strchr(text, '\n')) != NULL;) {
            *end = '\0';
            result = show(text);
            len -= (size_t)(end + 1 - text);
            memmove(text, end + 1, len + 1);
        }
    }
    return result;
}

static int ask(const struct conf *conf, const char *program)
{
    char line[DOOR_LINE_CAP];
    int fd = -1;
    int r = door_knock(conf->data_dir, &fd);
    if (r < 0) {
        cli_error("no daemon runs on %s (%s)", conf->data_dir, strerrordesc_np(-r));
        return EXIT_NO_DAEMON;
    }
    int n = snprintf(line, sizeof(line), "upgrade %s\n", program);
    TR_ASSERT(n > 0 && (size_t)n < sizeof(line));
    int result = CLI_FAILED;
    if (send(fd, line, (size_t)n, MSG_NOSIGNAL) == n)
        result = follow(fd);
    else
        cli_error("the daemon does not listen");
    (void)file_close(fd); /* always -1 */
    return result;
}

static int run(int argc, char **argv)
{
    char program[DOOR_PATH_CAP] = "";
    struct cli_option options[] = {{.name = "--config", .takes_value = true}};
    struct cli_arguments a = {
        .options = options, .option_count = TR_ARRAY_SIZE(options), .word_max = 1};
    if (cli_parse(&cli_upgrade, &a, argc, argv) != CLI_OK)
        return CLI_USAGE;
    if (a.word_count == 1 && !absolute(a.words[0], program))
        return cli_usage_error(&cli_upgrade, "the path is too long");
    struct conf *conf = cli_load_conf(cli_config_path(options[0].value));
    if (conf == NULL)
        return CLI_FAILED;
    int result = ask(conf, program);
    cli_free_conf(conf);
    return result;
}

const struct cli_command cli_upgrade = {
    .name = "upgrade",
    .summary = "hand over to another program or configuration without a gap",
    .usage =
        "[PATH] [--config FILE]\n\n"
        "  PATH            the new trident; default: the file the daemon was started from, which\n"
        "                  may be a new one meanwhile\n"
        "  --config FILE   of the running daemon; default ./trident.json, then\n"
        "                  /etc/trident/trident.json. The new process reads it anew\n\n"
        "The running daemon starts the new one, which checks itself, the configuration and the\n"
        "journals. Then it takes over: sockets, locks, what clients have sent, the bots. When it\n"
        "does not answer in time, the old one goes on. SIGHUP and `systemctl reload` do the same\n"
        "with the default PATH.\n\n"
        "Exit codes: 0 upgraded, 1 not upgraded and the old process goes on, 2 wrong usage,\n"
        "3 no daemon runs, 4 not upgraded and no process answers.",
    .run = run,
};
