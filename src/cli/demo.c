/* trident demo: the whole product on this machine alone. Two child processes of this same program,
 * the sandbox (Bot API server, chat page) and the daemon with the simulated feed and the paper
 * broker, on a data directory of their own; the person gets one URL. `--once` plays a scripted
 * session instead and exits 0 only if every expected message arrived. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/demo_script.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/jsonw.h"
#include "net/http_client.h"

#define DEMO_PORT        8085
#define READY_TIMEOUT_US INT64_C(20000000)
#define STOP_TIMEOUT_US  INT64_C(8000000)
#define POLL_US          INT64_C(20000)
#define PATH_CAP         512

#define DEMO_USER_ID          "1001"
#define DEMO_USER_NAME        "Asha"
#define DEMO_TOKEN_CONTROLLER "7000000001:demo-controller-token-0123456789abcdef"
#define DEMO_TOKEN_NOTIFY     "7000000002:demo-notification-token-0123456789abcdef"
#define DEMO_TOKEN_ANALYTICS  "7000000003:demo-analytics-token-0123456789abcdef"

struct demo {
    char dir[PATH_CAP];
    char program[PATH_CAP], web_dir[PATH_CAP];
    char secret[40], admin[40];
    char sandbox_url[64], daemon_url[64];
    char config_path[PATH_CAP + 16];
    int sandbox_port, daemon_port;
    pid_t sandbox_pid, daemon_pid;
    bool is_scratch;        /* dir was made for this run and goes when it went well */
    const sigset_t *wanted; /* the signals that end the demo; blocked, so they stay pending */
};

/* ---- ports and paths ---- */

static bool port_is_free(int port, int *ret_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof(a);
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    bool ok = bind(fd, (struct sockaddr *)&a, len) == 0 &&
              getsockname(fd, (struct sockaddr *)&a, &len) == 0;
    if (ok)
        *ret_port = ntohs(a.sin_port);
    (void)close(fd);
    return ok;
}

static int pick_port(int wanted)
{
    int port = 0;
    if (wanted > 0 && port_is_free(wanted, &port))
        return port;
    return port_is_free(0, &port) ? port : 0;
}

/* The chat page lies beside the source tree's build folder or in the installed share folder. */
static bool find_paths(struct demo *d, const char *web_option)
{
    static const char *const places[] = {"../../web", "../share/trident/web", "../web"};
    char probe[PATH_CAP * 2 + 32];
    ssize_t len = readlink("/proc/self/exe", d->program, sizeof(d->program) - 1);
    if (len <= 0)
        return false;
    d->program[len] = '\0';
    if (web_option != NULL)
        return str_copy(d->web_dir, sizeof(d->web_dir), web_option);
    const char *slash = strrchr(d->program, '/');
    for (size_t i = 0; i < TR_ARRAY_SIZE(places) && slash != NULL; i++) {
        (void)snprintf(d->web_dir, sizeof(d->web_dir), "%.*s/%s", (int)(slash - d->program),
                       d->program, places[i]);
        (void)snprintf(probe, sizeof(probe), "%s/chat/index.html", d->web_dir);
        if (file_exists(probe))
            return true;
    }
    return false;
}

/* ---- the demo's configuration ---- */

static void write_user(struct jsonw *w)
{
    jsonw_array_begin(w, "users");
    jsonw_object_begin(w, NULL);
    jsonw_raw(w, "user_id", DEMO_USER_ID);
    jsonw_str(w, "role", "admin");
    jsonw_str(w, "name", DEMO_USER_NAME);
    jsonw_object_end(w);
    jsonw_array_end(w);
}

static void write_trader(struct jsonw *w)
{
    jsonw_array_begin(w, "traders");
    jsonw_object_begin(w, NULL);
    jsonw_str(w, "id", "main");
    jsonw_object_begin(w, "broker");
    jsonw_str(w, "kind", "paper");
    jsonw_str(w, "feed", "sim");
    jsonw_i64(w, "tick_interval_ms", 500);
    jsonw_object_end(w);
    jsonw_object_begin(w, "plugins");
    jsonw_object_begin(w, "price_action_v6");
    jsonw_bool(w, "enabled", true);
    jsonw_bool(w, "shadow_mode", false);
    jsonw_object_end(w);
    jsonw_object_end(w);
    jsonw_object_end(w);
    jsonw_array_end(w);
}

static void write_token(struct jsonw *w, const char *bot, const char *token)
{
    jsonw_object_begin(w, bot);
    jsonw_str(w, "token", token);
    jsonw_object_end(w);
}

static int write_config(struct demo *d)
{
    struct buf text TR_CLEANUP(buf_deinit);
    struct jsonw w;
    buf_init(&text, 16384);
    jsonw_init(&w, &text);
    jsonw_object_begin(&w, NULL);
    char data_dir[PATH_CAP + 16];
    (void)snprintf(data_dir, sizeof(data_dir), "%s/data", d->dir);
    jsonw_str(&w, "data_dir", data_dir);
    char log_file[PATH_CAP + 16];
    (void)snprintf(log_file, sizeof(log_file), "%s/trident.log", d->dir);
    jsonw_object_begin(&w, "log");
    jsonw_str(&w, "level", "info");
    jsonw_str(&w, "file", log_file);
    jsonw_object_end(&w);
    jsonw_object_begin(&w, "http");
    jsonw_str(&w, "listen", "127.0.0.1");
    jsonw_i64(&w, "port", d->daemon_port);
    jsonw_str(&w, "webhook_secret", d->secret);
    jsonw_str(&w, "admin_token", d->admin);
    jsonw_object_end(&w);
    jsonw_object_begin(&w, "telegram");
    jsonw_str(&w, "base_url", d->sandbox_url);
    write_token(&w, "controller", DEMO_TOKEN_CONTROLLER);
    write_token(&w, "notification", DEMO_TOKEN_NOTIFY);
    write_token(&w, "analytics", DEMO_TOKEN_ANALYTICS);
    jsonw_object_end(&w);
    write_user(&w);
    write_trader(&w);
    jsonw_object_end(&w);
    (void)snprintf(d->config_path, sizeof(d->config_path), "%s/trident.json", d->dir);
    return file_write_atomic(d->config_path, text.data, text.len, 0600);
}

/* ---- children ---- */

/* In the child, between fork and exec: only calls that are safe there. The child is asked to stop
 * when the demo dies, whatever killed it, and is not reached by the terminal's Ctrl-C, so that the
 * demo stops the daemon before the sandbox. */
static void become(char *const argv[], const char *log_path, pid_t parent)
{
    sigset_t none;
    int in = open("/dev/null", O_RDONLY);
    int out = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    (void)sigemptyset(&none);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
        prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0 || getppid() != parent ||
        setpgid(0, 0) != 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0)
        _exit(127);
    (void)close(in);
    (void)close(out);
    (void)execv(argv[0], argv);
    _exit(127);
}

static pid_t spawn(const struct demo *d, char *const argv[], const char *log_name)
{
    char log_path[PATH_CAP + 32];
    pid_t parent = getpid();
    (void)snprintf(log_path, sizeof(log_path), "%s/%s", d->dir, log_name);
    pid_t pid = fork();
    if (pid == 0)
        become(argv, log_path, parent);
    return pid;
}

static bool start_sandbox(struct demo *d)
{
    char port[8], state[PATH_CAP + 32], alert[160], record[PATH_CAP + 32];
    char bots[] = "controller=" DEMO_TOKEN_CONTROLLER "@trident_control_bot,"
                  "notification=" DEMO_TOKEN_NOTIFY "@trident_notify_bot,"
                  "analytics=" DEMO_TOKEN_ANALYTICS "@trident_stats_bot";
    char users[] = DEMO_USER_ID "=" DEMO_USER_NAME;
    (void)snprintf(port, sizeof(port), "%d", d->sandbox_port);
    (void)snprintf(state, sizeof(state), "%s/sandbox.json", d->dir);
    (void)snprintf(record, sizeof(record), "%s/requests.jsonl", d->dir);
    (void)snprintf(alert, sizeof(alert), "%s/webhook/%s", d->daemon_url, d->secret);
    char *argv[] = {d->program,
                    (char[]){"sandbox"},
                    (char[]){"--port"},
                    port,
                    (char[]){"--bots"},
                    bots,
                    (char[]){"--users"},
                    users,
                    (char[]){"--state"},
                    state,
                    (char[]){"--record"},
                    record,
                    (char[]){"--web"},
                    d->web_dir,
                    (char[]){"--alert-url"},
                    alert,
                    NULL};
    d->sandbox_pid = spawn(d, argv, "sandbox.log");
    return d->sandbox_pid > 0;
}

static bool start_daemon(struct demo *d)
{
    char *argv[] = {d->program, (char[]){"run"}, (char[]){"--config"}, d->config_path, NULL};
    d->daemon_pid = spawn(d, argv, "daemon.log");
    return d->daemon_pid > 0;
}

static bool has_ended_with(pid_t *pid, int *ret_status)
{
    if (*pid <= 0 || waitpid(*pid, ret_status, WNOHANG) != *pid)
        return *pid <= 0;
    *pid = 0;
    return true;
}

static bool has_ended(pid_t *pid)
{
    int status = 0;
    return has_ended_with(pid, &status);
}

/* True: it ended and is not to be started again. Here the demo is what supervises it. */
static bool has_daemon_ended(struct demo *d)
{
    int status = 0;
    if (!has_ended_with(&d->daemon_pid, &status))
        return false;
    return !WIFEXITED(status) || WEXITSTATUS(status) != CLI_RESTART || !start_daemon(d);
}

static void stop_child(pid_t *pid)
{
    int64_t until_us = clock_mono_us(clock_real()) + STOP_TIMEOUT_US;
    if (*pid <= 0)
        return;
    (void)kill(*pid, SIGTERM);
    while (!has_ended(pid) && clock_mono_us(clock_real()) < until_us)
        cli_wait_us(POLL_US);
    if (*pid > 0) {
        (void)kill(*pid, SIGKILL);
        (void)waitpid(*pid, NULL, 0);
        *pid = 0;
    }
}

/* ---- the session ---- */

static struct demo_place place_of(const struct demo *d)
{
    return (struct demo_place){.sandbox_url = d->sandbox_url,
                               .daemon_url = d->daemon_url,
                               .webhook_secret = d->secret,
                               .user_id = 1001,
                               .stop_signals = d->wanted};
}

static bool wait_ready(struct demo *d)
{
    struct demo_place place = place_of(d);
    int64_t until_us = clock_mono_us(clock_real()) + READY_TIMEOUT_US;
    while (clock_mono_us(clock_real()) < until_us) {
        if (has_ended(&d->daemon_pid) || has_ended(&d->sandbox_pid))
            break;
        if (demo_script_is_stopped(&place))
            return false;
        if (demo_script_is_ready(&place))
            return true;
        cli_wait_us(POLL_US);
    }
    cli_error("the demo did not start; its logs are in %s", d->dir);
    return false;
}

static int wait_for_the_end(struct demo *d)
{
    const struct timespec second = {.tv_sec = 1};
    for (;;) {
        if (sigtimedwait(d->wanted, NULL, &second) > 0)
            return CLI_OK;
        if (has_daemon_ended(d) || has_ended(&d->sandbox_pid)) {
            cli_error("a part of the demo ended by itself; its logs are in %s", d->dir);
            return CLI_FAILED;
        }
    }
}

static int play(struct demo *d, bool once)
{
    if (!start_sandbox(d) || !start_daemon(d) || !wait_ready(d))
        return CLI_FAILED;
    if (once) {
        struct demo_place place = place_of(d);
        int missing = demo_script_play(&place);
        if (missing == 0)
            cli_print("\nEvery expected message arrived.\n");
        else if (!demo_script_is_stopped(&place))
            cli_error("the session failed; the logs are in %s", d->dir);
        return missing == 0 ? CLI_OK : CLI_FAILED;
    }
    cli_print("\nTrident is running. Open this in a browser, on this machine:\n\n"
              "    %s/\n\n"
              "Three bots wait for you there. Try: /status, then \"Send alert\", then /positions, "
              "/close.\n"
              "Alerts from outside:  curl -d @alert.json '%s/webhook/%s?symbol=XAUUSD'\n"
              "Files: %s   Stop with Ctrl-C.\n",
              d->sandbox_url, d->daemon_url, d->secret, d->dir);
    (void)fflush(stdout);
    int result = wait_for_the_end(d);
    cli_print("\nStopping.\n");
    return result;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* The folder as given, made when missing, as an absolute path: the daemon reads relative paths as
 * beside its configuration. */
static bool find_dir(struct demo *d, const char *dir)
{
    char full[PATH_MAX];
    if (file_mkdirs(dir, 0700) < 0 || realpath(dir, full) == NULL) {
        cli_error("cannot create %s", dir);
        return false;
    }
    if (!str_copy(d->dir, sizeof(d->dir), full)) {
        cli_error("the path of %s is too long", dir);
        return false;
    }
    return true;
}

static bool prepare(struct demo *d, const char *dir_option, const char *port_option, bool once)
{
    char temp[] = "/tmp/trident-demo-XXXXXX";
    uint8_t random[16];
    int64_t port = once ? 0 : DEMO_PORT;
    if (port_option != NULL && (!str_to_i64(port_option, &port) || port < 0 || port > 65535)) {
        cli_error("--port: read \"%.20s\", accepted is 0 to 65535 (0: any free port)", port_option);
        return false;
    }
    if (dir_option == NULL && once) {
        dir_option = mkdtemp(temp);
        d->is_scratch = dir_option != NULL;
    }
    if (!find_dir(d, dir_option != NULL ? dir_option : "demo-data"))
        return false;
    d->sandbox_port = pick_port((int)port);
    d->daemon_port = pick_port(port > 0 ? (int)port + 1 : 0);
    if (d->sandbox_port == 0 || d->daemon_port == 0) {
        cli_error("no free port on 127.0.0.1");
        return false;
    }
    hash_random(random, sizeof(random));
    hash_hex(random, sizeof(random), d->secret, sizeof(d->secret));
    hash_random(random, sizeof(random));
    hash_hex(random, sizeof(random), d->admin, sizeof(d->admin));
    (void)snprintf(d->sandbox_url, sizeof(d->sandbox_url), "http://127.0.0.1:%d", d->sandbox_port);
    (void)snprintf(d->daemon_url, sizeof(d->daemon_url), "http://127.0.0.1:%d", d->daemon_port);
    if (write_config(d) < 0) {
        cli_error("cannot write %s", d->config_path);
        return false;
    }
    return true;
}

static int demo(int argc, char **argv)
{
    struct cli_option options[] = {{.name = "--once"},
                                   {.name = "--dir", .takes_value = true},
                                   {.name = "--port", .takes_value = true},
                                   {.name = "--web", .takes_value = true}};
    struct cli_arguments a = {.options = options, .option_count = TR_ARRAY_SIZE(options)};
    if (cli_parse(&cli_demo, &a, argc, argv) != CLI_OK)
        return CLI_USAGE;
    sigset_t wanted;
    (void)sigemptyset(&wanted);
    (void)sigaddset(&wanted, SIGINT);
    (void)sigaddset(&wanted, SIGTERM);
    (void)sigaddset(&wanted, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &wanted, NULL);
    struct demo *d TR_CLEANUP(mem_freep) = xalloc(sizeof(*d));
    d->wanted = &wanted;
    if (!find_paths(d, options[3].value)) {
        cli_error("the chat page is not beside the program; say where: --web DIR");
        return CLI_FAILED;
    }
    if (http_client_global_init(false) < 0 ||
        !prepare(d, options[1].value, options[2].value, options[0].given))
        return CLI_FAILED;
    int result = play(d, options[0].given);
    stop_child(&d->daemon_pid);
    stop_child(&d->sandbox_pid);
    struct demo_place place = place_of(d);
    if (d->is_scratch && (result == CLI_OK || demo_script_is_stopped(&place)))
        (void)nftw(d->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return result;
}

const struct cli_command cli_demo = {
    .name = "demo",
    .summary = "the whole product on this machine: no token, no account, no internet",
    .usage =
        "[--once] [--port N] [--dir DIR] [--web DIR]\n\n"
        "  --once      play a scripted session; exit 0 only if every message arrived\n"
        "  --port N    chat page's port, the daemon takes the next one; default 8085, 0 = any\n"
        "  --dir DIR   data, configuration and logs; default ./demo-data\n"
        "              (--once: one in /tmp that goes when all went well)\n"
        "  --web DIR   folder that holds chat/index.html",
    .run = demo,
};
