/* cli/logs.c: trident logs: the lines of the log file that are wanted, and with --follow those
 * still to come. A line is "time LEVEL room thread: event key=value ...". By --id the lines of one
 * alert or command are found: they carry ref=<receipt>. A file that was rotated away is left at its
 * end and the new one read from its beginning. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"

#define LINES_DEFAULT  100
#define LINES_MAX      100000
#define FOLLOW_WAIT_US 200000

struct wish {
    char since[CLOCK_TEXT_CAP]; /* times of lines sort as text; "" = any */
    enum log_level level;
    char ref[32]; /* " ref=4711"; "" = any */
    bool is_following;
    size_t lines; /* newest ones; 0 = all */
};

/* "90s" "30m" "2h" "7d", or a time as the log writes it, or its beginning. */
static bool read_since(const char *text, char out[CLOCK_TEXT_CAP])
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    char digits[16];
    int64_t n = 0;
    size_t len = strlen(text);
    for (size_t i = 0; i < TR_ARRAY_SIZE(units); i++) {
        if (len < 2 || len > sizeof digits || text[len - 1] != units[i].unit)
            continue;
        memcpy(digits, text, len - 1);
        digits[len - 1] = '\0';
        if (!str_to_i64(digits, &n) || n < 0 || n > INT64_C(3650) * 86400)
            return false;
        clock_format_rfc3339(clock_wall_ms(clock_real()) - n * units[i].ms, out);
        return true;
    }
    bool is_time = len >= 4 && strspn(text, "0123456789-:.TZ") == len;
    return is_time && str_copy(out, CLOCK_TEXT_CAP, text);
}

/* The second word. */
static enum log_level level_of(const char *line)
{
    char word[8];
    enum log_level level = LOG_UNSET;
    const char *at = strchr(line, ' ');
    size_t n = at != NULL ? strcspn(at + 1, " ") : 0;
    if (n == 0 || n >= sizeof word)
        return LOG_UNSET;
    memcpy(word, at + 1, n);
    word[n] = '\0';
    return log_level_parse(word, &level) ? level : LOG_UNSET;
}

static bool has_ref(const char *line, const char *ref)
{
    size_t n = strlen(ref);
    for (const char *at = strstr(line, ref); at != NULL; at = strstr(at + 1, ref))
        if (at[n] == ' ' || at[n] == '\n' || at[n] == '\0')
            return true;
    return false;
}

static bool is_wanted(const struct wish *w, const char *line)
{
    enum log_level level = level_of(line);
    if (level == LOG_UNSET || level < w->level)
        return false;
    if (w->since[0] != '\0' && strncmp(line, w->since, strlen(w->since)) < 0)
        return false;
    return w->ref[0] == '\0' || has_ref(line, w->ref);
}

/* False: no whole line is there yet; the position stays. */
static bool next_line(FILE *f, char *line, size_t cap)
{
    long at = ftell(f);
    if (fgets(line, (int)cap, f) != NULL && strchr(line, '\n') != NULL)
        return true;
    clearerr(f);
    (void)fseek(f, at, SEEK_SET); /* it was there a moment ago */
    return false;
}

/* What is there; the newest ones only, when so many are wanted. */
static void print_past(const struct wish *w, FILE *f)
{
    char line[LOG_LINE_MAX_BYTES + 2];
    size_t count = 0;
    char **ring TR_CLEANUP(mem_freep) = xcalloc(w->lines > 0 ? w->lines : 1, sizeof *ring);
    while (next_line(f, line, sizeof line)) {
        if (!is_wanted(w, line))
            continue;
        if (w->lines == 0) {
            cli_print("%s", line);
            continue;
        }
        char **slot = &ring[count++ % w->lines];
        mem_free(*slot);
        *slot = xstrdup(line);
    }
    for (size_t i = 0; i < w->lines; i++) {
        char *kept = ring[(count + i) % w->lines];
        if (kept != NULL)
            cli_print("%s", kept);
        mem_free(kept);
    }
}

/* Another file has the name now, or this one was emptied. */
static bool is_rotated(FILE *f, const char *path)
{
    struct stat open_one, named;
    if (fstat(fileno(f), &open_one) < 0 || stat(path, &named) < 0)
        return false; /* between the two names: look again */
    return open_one.st_ino != named.st_ino || open_one.st_dev != named.st_dev ||
           named.st_size < ftell(f);
}

static void follow(const struct wish *w, FILE **f, const char *path)
{
    char line[LOG_LINE_MAX_BYTES + 2];
    for (;;) {
        bool was_rotated = is_rotated(*f, path);
        while (next_line(*f, line, sizeof line))
            if (is_wanted(w, line))
                cli_print("%s", line);
        if (was_rotated) {
            FILE *next = fopen(path, "re");
            if (next != NULL) {
                (void)fclose(*f); /* only read */
                *f = next;
                continue;
            }
        }
        (void)fflush(stdout); /* a closed pipe ends us by its signal */
        cli_wait_us(FOLLOW_WAIT_US);
    }
}

static int print_file(const struct wish *w, const char *path)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        cli_error("logs: cannot read %s: %s", path, strerrordesc_np(errno));
        return CLI_FAILED;
    }
    print_past(w, f);
    (void)signal(SIGPIPE, SIG_DFL);
    if (w->is_following)
        follow(w, &f, path);
    (void)fclose(f); /* only read */
    return CLI_OK;
}

/* The log is somebody else's: say whose, with the same wish. */
static int point_to_journald(const struct wish *w, const char *since)
{
    cli_error("logs: log.file is empty, so the log goes to standard error. Under systemd:\n"
              "  journalctl -u trident -o cat%s%s%s%s%s%s",
              w->is_following ? " -f" : "",
              since == NULL                ? ""
              : strchr(since, '-') != NULL ? " --since="
                                           : " --since=-",
              since != NULL ? since : "", w->ref[0] != '\0' ? " | grep -w" : "", w->ref,
              w->level > LOG_DEBUG ? "   (levels stand in the lines: INFO WARN ERROR)" : "");
    return CLI_FAILED;
}

static int logs_run(int argc, char **argv)
{
    enum { CONFIG, SINCE, LEVEL, ID, LINES, FOLLOW };
    struct cli_option options[] = {[CONFIG] = {.name = "--config", .takes_value = true},
                                   [SINCE] = {.name = "--since", .takes_value = true},
                                   [LEVEL] = {.name = "--level", .takes_value = true},
                                   [ID] = {.name = "--id", .takes_value = true},
                                   [LINES] = {.name = "--lines", .takes_value = true},
                                   [FOLLOW] = {.name = "--follow"}};
    struct cli_arguments a = {.options = options, .option_count = TR_ARRAY_SIZE(options)};
    struct wish w = {.level = LOG_DEBUG};
    int64_t n = 0;
    if (cli_parse(&cli_logs, &a, argc, argv) != CLI_OK)
        return CLI_USAGE;
    w.is_following = options[FOLLOW].given;
    if (options[SINCE].given && !read_since(options[SINCE].value, w.since))
        return cli_usage_error(&cli_logs, "--since takes 30m, 2h, 7d or 2026-11-21T08:00");
    if (options[LEVEL].given && !log_level_parse(options[LEVEL].value, &w.level))
        return cli_usage_error(&cli_logs, "--level takes debug, info, warn or error");
    if (options[ID].given && (!str_to_i64(options[ID].value, &n) || n <= 0))
        return cli_usage_error(&cli_logs, "--id takes the number of a receipt");
    if (options[ID].given)
        (void)snprintf(w.ref, sizeof w.ref, " ref=%" PRId64, n);
    bool is_newest = !options[SINCE].given && !options[ID].given;
    w.lines = is_newest ? LINES_DEFAULT : 0;
    if (options[LINES].given && (!str_to_i64(options[LINES].value, &n) || n < 1 || n > LINES_MAX))
        return cli_usage_error(&cli_logs, "--lines takes 1 to 100000");
    if (options[LINES].given)
        w.lines = (size_t)n;
    struct conf *c = cli_load_conf(cli_config_path(options[CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    int r = c->log_file[0] != '\0' ? print_file(&w, c->log_file)
                                   : point_to_journald(&w, options[SINCE].value);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_logs = {
    .name = "logs",
    .summary = "the log: newest lines, by time, level, or the receipt of an alert or command",
    .usage =
        "[--follow] [--since 30m] [--level warn] [--id RECEIPT] [--lines 100] [--config FILE]\n\n"
        "  --since   90s, 30m, 2h, 7d ago, or a time like 2026-11-21T08:00 (UTC)\n"
        "  --level   debug, info, warn, error: this and worse\n"
        "  --id      everything one alert or command led to: orders, fills, messages\n"
        "  --lines   only the newest so many; without --since and --id: 100\n\n"
        "Reads log.file; SIGUSR1 makes the daemon open it anew (packaging/logrotate/trident).",
    .run = logs_run,
};
