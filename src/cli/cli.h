/* cli/cli.h: `trident <subcommand>`. One file and one `const struct cli_command` a subcommand;
 * main.c holds the list, answers --help from it and suggests the nearest name. Everything here runs
 * on the main thread before (or instead of) any other. Only cli_print() and cli_error() write to
 * the terminal. */
#ifndef TRIDENT_CLI_CLI_H
#define TRIDENT_CLI_CLI_H

#include "conf/conf.h"

/* RESTART: the daemon wants to be started again; packaging/systemd knows the number. */
enum cli_exit { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_RESTART = 75 };

struct cli_command {
    const char *name;                  /* "replay-alerts" */
    const char *summary;               /* one line for the list */
    const char *usage;                 /* arguments and options, lines; shown by --help */
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name; returns enum cli_exit */
};

extern const char *cli_program; /* argv[0] of the process */
extern const struct cli_command cli_run, cli_token, cli_demo, cli_init, cli_check, cli_config,
    cli_replay_alerts, cli_decide, cli_eval, cli_simulate, cli_audit, cli_backup, cli_restore,
    cli_verify, cli_sandbox, cli_health, cli_shadow, cli_version, cli_commands, cli_upgrade,
    cli_logs, cli_command, cli_plugin_check, cli_import;

struct cli_option {
    const char *name; /* "--config" */
    bool takes_value;
    bool given;        /* filled */
    const char *value; /* filled; "--name value" and "--name=value" */
};

struct cli_arguments {
    struct cli_option *options;
    size_t option_count;
    const char *words[8]; /* what is not an option */
    size_t word_count;
    size_t word_max; /* how many words are wanted at most */
};

/* CLI_OK, or CLI_USAGE after saying what was not understood. */
TR_MUST_USE int cli_parse(const struct cli_command *c, struct cli_arguments *a, int argc,
                          char **argv);
int cli_usage_error(const struct cli_command *c, const char *fmt, ...)
    TR_PRINTF(2, 3); /* CLI_USAGE */

void cli_print(const char *fmt, ...) TR_PRINTF(1, 2); /* standard output */
void cli_error(const char *fmt, ...) TR_PRINTF(1, 2); /* standard error, "trident: ...\n" */
bool cli_is_terminal(void);                           /* standard output is one */

/* given, else ./trident.json if it is there, else /etc/trident/trident.json. */
const char *cli_config_path(const char *given);
/* Loads the configuration and prints every problem to standard error. NULL when there are any. */
TR_MUST_USE struct conf *cli_load_conf(const char *path);
struct conf *cli_free_conf(struct conf *c); /* wipes; accepts NULL, returns NULL */
void cli_print_problems(const char *path, const struct conf_problems *p);
/* "http://127.0.0.1:8001": where a daemon with this configuration answers on this machine. */
#define CLI_URL_CAP 96
void cli_daemon_url(const struct conf *c, char out[CLI_URL_CAP]);
/* One request through the control socket of the daemon with this configuration, answered by who
 * runs as the same user. False: no daemon answers there. ret is initialised by the caller. */
struct http_request;
struct http_response;
bool cli_ask_daemon(const struct conf *c, const struct http_request *request,
                    struct http_response *ret);
void cli_wait_us(int64_t duration_us);

#endif
