/* trident run: the daemon. Signals: TERM and INT stop it, HUP reopens the log. Tells systemd READY,
 * WATCHDOG and STOPPING by sd_notify(3)'s datagram when NOTIFY_SOCKET is set. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/confine.h"
#include "cli/daemon.h"
#include "cli/footprint.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"

#define WATCH_INTERVAL_S 5
#define SETTLE_S         1 /* after which the start is over in every thread */

static void systemd_tell(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (path == NULL || strlen(path) >= sizeof(to.sun_path))
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)str_copy(to.sun_path, sizeof(to.sun_path), path);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (to.sun_path[0] == '@')
        to.sun_path[0] = '\0';
    /* Best effort: without a listener there is nobody to tell. */
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, len);
    (void)close(fd);
}

/* False: it was wanted and the kernel cannot. */
static bool confine(const struct conf *conf)
{
    enum conf_confine wish = conf->security.seccomp;
    if (wish == CONFINE_OFF || (wish == CONFINE_AUTO && getenv("NOTIFY_SOCKET") == NULL))
        return true;
    int r = confine_calls();
    if (r < 0)
        log_error("main", "seccomp_failed error=\"%s\"", strerrordesc_np(-r));
    else
        log_info("main", "confined seccomp=on");
    return r == 0 || wish == CONFINE_AUTO;
}

static void block_signals(sigset_t *wanted)
{
    (void)sigemptyset(wanted);
    (void)sigaddset(wanted, SIGTERM);
    (void)sigaddset(wanted, SIGINT);
    (void)sigaddset(wanted, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, wanted, NULL);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a failed write, not the end */
}

static void serve(struct daemon *d, const sigset_t *wanted)
{
    struct timespec interval = {.tv_sec = SETTLE_S};
    for (;;) {
        int got = sigtimedwait(wanted, NULL, &interval);
        if (got == SIGTERM || got == SIGINT)
            return;
        if (got == SIGHUP)
            log_reopen();
        if (got < 0 && interval.tv_sec == SETTLE_S) {
            footprint_shrink();
            interval.tv_sec = WATCH_INTERVAL_S;
        }
        if (daemon_is_alive(d))
            systemd_tell("WATCHDOG=1");
    }
}

static int run_daemon(const struct conf *conf)
{
    sigset_t wanted;
    struct daemon *d = NULL;
    int64_t began_us = clock_mono_us(clock_real());
    block_signals(&wanted);
    if (daemon_start(conf, &d) < 0)
        return CLI_FAILED;
    log_info("main", "ready version=%s port=%u start_ms=%lld", TRIDENT_VERSION,
             (unsigned)daemon_http_port(d),
             (long long)((clock_mono_us(clock_real()) - began_us) / 1000));
    systemd_tell("READY=1");
    serve(d, &wanted);
    bool is_restart = daemon_ending(d) == ENDING_RESTART;
    systemd_tell("STOPPING=1");
    began_us = clock_mono_us(clock_real());
    daemon_stop(d);
    log_info("main", "stopped after_ms=%lld",
             (long long)((clock_mono_us(clock_real()) - began_us) / 1000));
    return is_restart ? CLI_RESTART : CLI_OK;
}

static int run(int argc, char **argv)
{
    struct cli_option options[] = {{.name = "--config", .takes_value = true}};
    struct cli_arguments a = {.options = options, .option_count = TR_ARRAY_SIZE(options)};
    if (cli_parse(&cli_run, &a, argc, argv) != CLI_OK)
        return CLI_USAGE;
    footprint_limit();
    confine_memory();
    struct conf *conf = cli_load_conf(cli_config_path(options[0].value));
    if (conf == NULL)
        return CLI_FAILED;
    enum log_level level = LOG_INFO;
    (void)log_level_parse(conf->log_level, &level);
    int result = CLI_FAILED;
    if (log_open(level, conf->log_file) < 0)
        cli_error("cannot open the log file %s", conf->log_file);
    else if (confine(conf))
        result = run_daemon(conf);
    cli_free_conf(conf);
    log_close();
    return result;
}

const struct cli_command cli_run = {
    .name = "run",
    .summary = "run the daemon: bots, engine, broker, webhook",
    .usage = "[--config FILE]\n\n"
             "  --config FILE   default ./trident.json, then /etc/trident/trident.json\n\n"
             "SIGTERM and /shutdown stop it with nothing lost, SIGHUP reopens the log file.\n"
             "/restart ends it with exit code 75: who supervises it starts it again.",
    .run = run,
};
