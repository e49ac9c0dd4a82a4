/* trident run: the daemon. Signals: TERM and INT stop it, HUP hands over to a new process of the
 * same program (new configuration, new log file), USR1 reopens the log. Tells systemd READY,
 * WATCHDOG, MAINPID and STOPPING. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/confine.h"
#include "cli/daemon.h"
#include "cli/footprint.h"
#include "cli/systemd.h"
#include "cli/takeover.h"
#include "cli/upgrade_door.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"

#define WATCH_INTERVAL_MS 5000
#define SETTLE_MS         1000             /* after which the start is over in every thread */
#define FADE_OUT_US       INT64_C(6000000) /* longer than a head may take */
#define FADE_LOOK_MS      2

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

/* ---- the main thread's life ---- */

struct running {
    const struct conf *conf;
    const char *config_path;
    char program[DOOR_PATH_CAP]; /* what `trident upgrade` without a path starts */
    struct daemon *d;
    int signal_fd;
    int stop_fd; /* those of them that end the process: seen by who waits for a successor */
    int door_fd;
    bool has_successor;
};

static void block_signals(void)
{
    static const int all[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    sigset_t wanted;
    (void)sigemptyset(&wanted);
    for (size_t i = 0; i < TR_ARRAY_SIZE(all); i++)
        (void)sigaddset(&wanted, all[i]);
    (void)sigprocmask(SIG_BLOCK, &wanted, NULL);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a failed write, not the end */
}

static int signal_file(const int *signals, size_t n)
{
    sigset_t set;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < n; i++)
        (void)sigaddset(&set, signals[i]);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int open_signals(struct running *r)
{
    static const int stopping[] = {SIGTERM, SIGINT}, all[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    r->stop_fd = signal_file(stopping, TR_ARRAY_SIZE(stopping));
    r->signal_fd = signal_file(all, TR_ARRAY_SIZE(all));
    return r->stop_fd < 0 || r->signal_fd < 0 ? err_raise(-errno) : 0;
}

/* Kept as it was called: a link is followed anew at each upgrade. */
static bool find_program(const char *called, char out[DOOR_PATH_CAP])
{
    char here[DOOR_PATH_CAP];
    if (called[0] == '/')
        return str_copy(out, DOOR_PATH_CAP, called);
    if (strchr(called, '/') != NULL && getcwd(here, sizeof(here)) != NULL) {
        int n = snprintf(out, DOOR_PATH_CAP, "%s/%s", here, called);
        return n > 0 && n < DOOR_PATH_CAP;
    }
    ssize_t len = readlink("/proc/self/exe", out, DOOR_PATH_CAP - 1);
    if (len > 0)
        out[len] = '\0';
    return len > 0;
}

static void hand_over(struct running *r, int asker, const char *program)
{
    struct succession_result *result TR_CLEANUP(mem_freep) = xalloc(sizeof(*result));
    const struct succession_options o = {
        .conf = r->conf,
        .config_path = r->config_path,
        .program = program[0] != '\0' ? program : r->program,
        .stop_fd = r->stop_fd,
        .tell = door_tell,
        .ctx = &asker,
    };
    succession_run(&o, &r->d, result);
    r->has_successor = result->state == SUCCESSION_GONE;
    if (!r->has_successor)
        log_error("main", "not_upgraded program=%s state=%s why=\"%s\"", o.program,
                  succession_state_name(result->state), result->text);
    door_end(asker, result);
    (void)file_close(asker); /* always -1 */
}

/* True: the process is to end. */
static bool take_signal(struct running *r)
{
    struct signalfd_siginfo got;
    if (read(r->signal_fd, &got, sizeof(got)) != (ssize_t)sizeof(got))
        return false;
    if (got.ssi_signo == SIGHUP || got.ssi_signo == SIGUSR1)
        log_reopen();
    if (got.ssi_signo == SIGHUP)
        hand_over(r, -1, "");
    return got.ssi_signo == SIGTERM || got.ssi_signo == SIGINT;
}

static void serve(struct running *r)
{
    bool is_ending = false;
    int wait_ms = SETTLE_MS;
    while (!is_ending && !r->has_successor && r->d != NULL) {
        char program[DOOR_PATH_CAP];
        struct pollfd fds[2] = {{.fd = r->signal_fd, .events = POLLIN},
                                {.fd = r->door_fd, .events = POLLIN}};
        int n = poll(fds, TR_ARRAY_SIZE(fds), wait_ms);
        if (n == 0 && wait_ms == SETTLE_MS) {
            footprint_shrink();
            wait_ms = WATCH_INTERVAL_MS;
        }
        if (n > 0 && fds[0].revents != 0)
            is_ending = take_signal(r);
        else if (n > 0 && fds[1].revents != 0) {
            int asker = door_hear(r->door_fd, program);
            if (asker >= 0)
                hand_over(r, asker, program);
        }
        if (!r->has_successor && r->d != NULL && daemon_is_alive(r->d))
            systemd_tell("WATCHDOG=1");
    }
}

/* Requests that could not be given away get their answers; then nothing is left to do. The
 * databases are the successor's: they are not closed but dropped. */
TR_NORETURN static void fade_out(struct running *r)
{
    int64_t until_us = clock_mono_us(clock_real()) + FADE_OUT_US;
    struct pollfd stop = {.fd = r->stop_fd, .events = POLLIN};
    while (daemon_connections(r->d) > 0 && clock_mono_us(clock_real()) < until_us &&
           poll(&stop, 1, FADE_LOOK_MS) == 0) {
    }
    log_info("main", "replaced connections_left=%zu", daemon_connections(r->d));
    _exit(CLI_OK);
}

static int start(struct running *r, bool is_successor)
{
    int64_t began_us = clock_mono_us(clock_real());
    int e = is_successor ? takeover_run(r->conf, r->stop_fd, &r->d) : daemon_start(r->conf, &r->d);
    if (e < 0)
        return e;
    log_info("main", "ready version=%s port=%u start_ms=%lld", TRIDENT_VERSION,
             (unsigned)daemon_http_port(r->d),
             (long long)((clock_mono_us(clock_real()) - began_us) / 1000));
    e = door_open(r->conf->data_dir, &r->door_fd);
    if (e < 0)
        log_error("main", "no_upgrades file=%s/" DOOR_FILE " error=\"%s\"", r->conf->data_dir,
                  strerrordesc_np(-e)); /* everything else works */
    systemd_tell("READY=1");
    return 0;
}

static int run_daemon(struct running *r, bool is_successor)
{
    if (open_signals(r) < 0 || start(r, is_successor) < 0)
        return CLI_FAILED;
    serve(r);
    if (r->has_successor)
        fade_out(r);
    if (r->d == NULL)
        return CLI_FAILED;
    bool is_restart = daemon_ending(r->d) == ENDING_RESTART;
    systemd_tell("STOPPING=1");
    int64_t began_us = clock_mono_us(clock_real());
    r->d = daemon_stop(r->d);
    log_info("main", "stopped after_ms=%lld",
             (long long)((clock_mono_us(clock_real()) - began_us) / 1000));
    return is_restart ? CLI_RESTART : CLI_OK;
}

static void close_all(struct running *r)
{
    (void)file_close(r->door_fd); /* always -1 */
    (void)file_close(r->signal_fd);
    (void)file_close(r->stop_fd);
}

static int run(int argc, char **argv)
{
    struct cli_option options[] = {{.name = "--config", .takes_value = true},
                                   {.name = "--take-over"}}; /* by a running daemon only */
    struct cli_arguments a = {.options = options, .option_count = TR_ARRAY_SIZE(options)};
    if (cli_parse(&cli_run, &a, argc, argv) != CLI_OK)
        return CLI_USAGE;
    footprint_limit();
    confine_memory();
    block_signals();
    struct running r = {.signal_fd = -1, .stop_fd = -1, .door_fd = -1};
    r.config_path = cli_config_path(options[0].value);
    struct conf *conf = cli_load_conf(r.config_path);
    if (conf == NULL && options[1].given && takeover_run(NULL, -1, &r.d) < 0)
        return CLI_FAILED; /* the old one knows */
    if (conf == NULL || !find_program(cli_program, r.program))
        return CLI_FAILED;
    r.conf = conf;
    enum log_level level = LOG_INFO;
    (void)log_level_parse(conf->log_level, &level);
    int result = CLI_FAILED;
    if (log_open(level, conf->log_file) < 0)
        cli_error("cannot open the log file %s", conf->log_file);
    else if (confine(conf))
        result = run_daemon(&r, options[1].given);
    close_all(&r);
    cli_free_conf(conf);
    log_close();
    return result;
}

const struct cli_command cli_run = {
    .name = "run",
    .summary = "run the daemon: bots, engine, broker, webhook",
    .usage = "[--config FILE]\n\n"
             "  --config FILE   default ./trident.json, then /etc/trident/trident.json\n\n"
             "SIGTERM and /shutdown stop it with nothing lost. SIGHUP reads configuration and\n"
             "program anew without a gap (see `trident upgrade`), SIGUSR1 reopens the log file.\n"
             "/restart ends it with exit code 75: who supervises it starts it again.",
    .run = run,
};
