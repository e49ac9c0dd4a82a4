/* cli/logs.c: trident logs: the lines of the log file that are wanted, and with --follow those
 * still to come. A line is "time LEVEL room thread: event key=value ...". By --id the lines of one
 * alert or command are found: they carry ref=<receipt>; what the journal knows of it (cli/trail.h)
 * is put between them by time. A file that was rotated away is left at its end and the new one read
 * from its beginning. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/trail.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/log.h"

#define LINES_DEFAULT  100
#define LINES_MAX      100000
#define FOLLOW_WAIT_US 200000
#define TIME_LEN       24 /* 2026-11-21T08:00:00.000Z */

struct wish {
    char since[CLOCK_TEXT_CAP]; /* times of lines sort as text; "" = any */
    enum log_level level;
    int64_t id;        /* of --id; 0 = none */
    char ref[32];      /* " ref=4711"; "" = any */
    char trader[40];   /* " trader=main"; with a number, whose it is; "" = any */
    const char *trail; /* lines of the journal still to be told; "" = none */
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

static bool has_word(const char *line, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(line, word); at != NULL; at = strstr(at + 1, word))
        if (at[n] == ' ' || at[n] == '\n' || at[n] == '\0')
            return true;
    return false;
}

/* Numbers of receipts are of one trader. */
static bool is_of_another(const struct wish *w, const char *line)
{
    return w->trader[0] != '\0' && strstr(line, " trader=") != NULL && !has_word(line, w->trader);
}

static bool is_wanted(const struct wish *w, const char *line)
{
    enum log_level level = level_of(line);
    if (level == LOG_UNSET || level < w->level)
        return false;
    if (w->since[0] != '\0' && strncmp(line, w->since, strlen(w->since)) < 0)
        return false;
    if (is_of_another(w, line))
        return false;
    return w->ref[0] == '\0' || has_word(line, w->ref);
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

/* What goes to the terminal; the newest ones only, when so many are wanted. */
struct past {
    const struct wish *w;
    char **ring;
    size_t count;
};

static void tell(struct past *p, const char *line)
{
    if (!is_wanted(p->w, line))
        return;
    if (p->w->lines == 0) {
        cli_print("%s", line);
        return;
    }
    char **slot = &p->ring[p->count++ % p->w->lines];
    mem_free(*slot);
    *slot = xstrdup(line);
}

/* Those of the journal that happened before this one; NULL: all that are left. */
static void tell_trail(struct past *p, const char **trail, const char *before)
{
    char line[LOG_LINE_MAX_BYTES + 2];
    while (**trail != '\0' && (before == NULL || strncmp(*trail, before, TIME_LEN) <= 0)) {
        size_t len = strcspn(*trail, "\n") + 1;
        (void)snprintf(line, sizeof line, "%.*s", (int)len, *trail);
        *trail += len;
        tell(p, line);
    }
}

/* f may be NULL: the journal alone. */
static void print_past(const struct wish *w, FILE *f)
{
    char line[LOG_LINE_MAX_BYTES + 2];
    const char *trail = w->trail;
    char **ring TR_CLEANUP(mem_freep) = xcalloc(w->lines > 0 ? w->lines : 1, sizeof *ring);
    struct past p = {w, ring, 0};
    while (f != NULL && next_line(f, line, sizeof line))
        if (is_wanted(w, line)) {
            tell_trail(&p, &trail, line);
            tell(&p, line);
        }
    tell_trail(&p, &trail, NULL);
    for (size_t i = 0; i < w->lines; i++) {
        char *kept = ring[(p.count + i) % w->lines];
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
    print_past(w, NULL);
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

enum { CONFIG, SINCE, LEVEL, ID, TRADER, LINES, FOLLOW, OPTIONS };

static int read_wish(const struct cli_option *options, struct wish *w)
{
    int64_t n = 0;
    w->is_following = options[FOLLOW].given;
    if (options[SINCE].given && !read_since(options[SINCE].value, w->since))
        return cli_usage_error(&cli_logs, "--since takes 30m, 2h, 7d or 2026-11-21T08:00");
    if (options[LEVEL].given && !log_level_parse(options[LEVEL].value, &w->level))
        return cli_usage_error(&cli_logs, "--level takes debug, info, warn or error");
    if (options[ID].given && (!str_to_i64(options[ID].value, &w->id) || w->id <= 0))
        return cli_usage_error(&cli_logs, "--id takes the number of a receipt");
    if (options[ID].given)
        (void)snprintf(w->ref, sizeof w->ref, " ref=%" PRId64, w->id);
    bool is_newest = !options[SINCE].given && !options[ID].given;
    w->lines = is_newest ? LINES_DEFAULT : 0;
    if (options[LINES].given && (!str_to_i64(options[LINES].value, &n) || n < 1 || n > LINES_MAX))
        return cli_usage_error(&cli_logs, "--lines takes 1 to 100000");
    if (options[LINES].given)
        w->lines = (size_t)n;
    return CLI_OK;
}

/* Which trader's number --id is, and what its journal has about it. */
static int read_trail(const struct conf *c, const char *trader, struct wish *w, struct buf *trail)
{
    char dir[CONF_DIR_CAP];
    int at = 0;
    while (trader != NULL && at < c->trader_count && !str_eq(c->traders[at].id, trader))
        at++;
    if (at == c->trader_count) {
        cli_error("logs: there is no trader \"%s\"", trader);
        return CLI_FAILED;
    }
    if (trader != NULL || w->id > 0)
        (void)snprintf(w->trader, sizeof w->trader, " trader=%s", c->traders[at].id);
    if (w->id == 0)
        return CLI_OK;
    conf_trader_dir(c, at, dir);
    char *path TR_CLEANUP(mem_freep) = xasprintf("%s/journal.db", dir);
    int r = trail_read(path, c->traders[at].id, (uint64_t)w->id, trail);
    if (r < 0)
        cli_error("logs: what the journal has is missing: %s: %s", path, strerrordesc_np(-r));
    w->trail = trail->data;
    return CLI_OK; /* the log is of use by itself */
}

static int logs_run(int argc, char **argv)
{
    struct cli_option options[OPTIONS] = {[CONFIG] = {.name = "--config", .takes_value = true},
                                          [SINCE] = {.name = "--since", .takes_value = true},
                                          [LEVEL] = {.name = "--level", .takes_value = true},
                                          [ID] = {.name = "--id", .takes_value = true},
                                          [TRADER] = {.name = "--trader", .takes_value = true},
                                          [LINES] = {.name = "--lines", .takes_value = true},
                                          [FOLLOW] = {.name = "--follow"}};
    struct cli_arguments a = {.options = options, .option_count = OPTIONS};
    struct wish w = {.level = LOG_DEBUG, .trail = ""};
    struct buf trail TR_CLEANUP(buf_deinit) = {0};
    buf_init(&trail, TRAIL_MAX_BYTES);
    if (cli_parse(&cli_logs, &a, argc, argv) != CLI_OK || read_wish(options, &w) != CLI_OK)
        return CLI_USAGE;
    struct conf *c = cli_load_conf(cli_config_path(options[CONFIG].value));
    if (c == NULL)
        return CLI_FAILED;
    int r = read_trail(c, options[TRADER].value, &w, &trail);
    if (r == CLI_OK)
        r = c->log_file[0] != '\0' ? print_file(&w, c->log_file)
                                   : point_to_journald(&w, options[SINCE].value);
    cli_free_conf(c);
    return r;
}

const struct cli_command cli_logs = {
    .name = "logs",
    .summary = "the log: newest lines, by time, level, or the receipt of an alert or command",
    .usage =
        "[--follow] [--since 30m] [--level warn] [--id RECEIPT] [--trader ID] [--lines 100]\n"
        "                    [--config FILE]\n\n"
        "  --since   90s, 30m, 2h, 7d ago, or a time like 2026-11-21T08:00 (UTC)\n"
        "  --level   debug, info, warn, error: this and worse\n"
        "  --id      the whole way of one alert or command: what came in, decision, orders,\n"
        "            fills (from the journal), messages (from the log)\n"
        "  --trader  only this trader's lines; with --id whose number it is: else the first one's\n"
        "  --lines   only the newest so many; without --since and --id: 100\n\n"
        "Reads log.file; SIGUSR1 makes the daemon open it anew (packaging/logrotate/trident).",
    .run = logs_run,
};
