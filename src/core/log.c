/* The log. A line is formatted on the caller's stack, redacted, its control characters escaped,
 * then handed to the kernel with one write(2) on an O_APPEND descriptor: lines of different threads
 * never mix and no lock is held across the write. log_reopen() puts a new file under the same
 * descriptor (dup3), so writers need no lock either. Secrets are an append-only table: slots never
 * change once counted, readers see them without a lock. Redaction is a hand-written scanner, not a
 * regular expression: it must not fail or backtrack. It does not rotate, buffer or sample. */
#include "core/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/clock.h"
#include "core/mutex.h"
#include "core/thread.h"

#define SECRETS_MAX      256
#define SECRET_MIN_BYTES 6
#define MESSAGE_CAP      (2 * LOG_LINE_MAX_BYTES) /* before redaction, which mostly shortens */
#define REDACTED         "[redacted]"
#define TOKEN_MIN_DIGITS 6 /* of the bare form; after "bot" one is enough */
#define TOKEN_MIN_SECRET 30

static struct {
    struct mutex lock;              /* of path and of adding secrets */
    char *path TR_GUARDED_BY(lock); /* NULL: stderr */
    _Atomic int fd;                 /* (a) acquire and release by open and close */
    _Atomic int level;              /* (a) relaxed */
    _Atomic int secret_count;       /* (a) release by the adder, acquire by readers */
    char *secrets[SECRETS_MAX];     /* (a) slot i is constant once secret_count > i */
    struct mutex tail_lock;         /* of the newest lines; a leaf */
    char tail[LOG_TAIL_MAX][LOG_TAIL_CAP] TR_GUARDED_BY(tail_lock); /* ring */
    size_t tail_count TR_GUARDED_BY(tail_lock);                     /* of all lines so far */
} state = {
    .lock = {.m = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP},
    .tail_lock = {.m = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP},
    .fd = STDERR_FILENO,
    .level = LOG_INFO,
};

static const char *const level_names[LOG_LEVEL_COUNT] = {
    [LOG_UNSET] = "UNSET", [LOG_DEBUG] = "DEBUG", [LOG_INFO] = "INFO",
    [LOG_WARN] = "WARN",   [LOG_ERROR] = "ERROR",
};

static int open_file(const char *path, int *ret_fd)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    *ret_fd = fd;
    return 0;
}

int log_open(enum log_level level, const char *path)
{
    log_set_level(level);
    log_close();
    if (path == NULL || path[0] == '\0')
        return 0;
    int fd = -1;
    int r = open_file(path, &fd);
    if (r < 0)
        return r;
    mutex_lock(&state.lock);
    (void)mem_free(state.path);
    state.path = xstrdup(path);
    mutex_unlock(&state.lock);
    atomic_store_explicit(&state.fd, fd, memory_order_release);
    return 0;
}

void log_reopen(void)
{
    mutex_lock(&state.lock);
    TR_CLEANUP(mem_freep) char *path = xstrdup(state.path);
    mutex_unlock(&state.lock);
    int current = atomic_load_explicit(&state.fd, memory_order_acquire);
    if (path == NULL || current == STDERR_FILENO)
        return;
    int fd = -1;
    int r = open_file(path, &fd);
    if (r < 0) {
        log_error("core", "log_reopen_failed code=%d", -r); /* goes to the old file */
        return;
    }
    (void)dup3(fd, current, O_CLOEXEC); /* both are ours and open: cannot fail */
    (void)close(fd);
}

void log_close(void)
{
    int fd = atomic_exchange_explicit(&state.fd, STDERR_FILENO, memory_order_acq_rel);
    if (fd != STDERR_FILENO)
        (void)close(fd);
    mutex_lock(&state.lock);
    state.path = mem_free(state.path);
    mutex_unlock(&state.lock);
}

void log_set_level(enum log_level level)
{
    TR_ASSERT(level > LOG_UNSET);
    TR_ASSERT(level < LOG_LEVEL_COUNT);
    atomic_store_explicit(&state.level, (int)level, memory_order_relaxed);
}

enum log_level log_get_level(void)
{
    return (enum log_level)atomic_load_explicit(&state.level, memory_order_relaxed);
}

bool log_level_parse(const char *name, enum log_level *ret_level)
{
    for (int i = LOG_DEBUG; i < LOG_LEVEL_COUNT; i++) {
        if (str_ieq(name, level_names[i])) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_add_secret(const char *secret)
{
    if (secret == NULL || strlen(secret) < SECRET_MIN_BYTES)
        return;
    bool is_full = false;
    mutex_lock(&state.lock);
    int count = atomic_load_explicit(&state.secret_count, memory_order_relaxed);
    bool is_known = false;
    for (int i = 0; i < count && !is_known; i++)
        is_known = strcmp(state.secrets[i], secret) == 0;
    if (!is_known && count < SECRETS_MAX) {
        state.secrets[count] = xstrdup(secret);
        atomic_store_explicit(&state.secret_count, count + 1, memory_order_release);
    } else {
        is_full = !is_known;
    }
    mutex_unlock(&state.lock);
    if (is_full)
        log_error("core", "secret_table_full max=%d", SECRETS_MAX);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_token_char(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

/* Length of a registered secret at s (the longest that matches), else 0. */
static size_t match_secret(const char *s)
{
    size_t best = 0;
    int count = atomic_load_explicit(&state.secret_count, memory_order_acquire);
    TR_ASSERT(count <= SECRETS_MAX);
    for (int i = 0; i < count; i++) {
        if (state.secrets[i][0] != s[0])
            continue;
        size_t len = strlen(state.secrets[i]);
        if (len > best && strncmp(s, state.secrets[i], len) == 0)
            best = len;
    }
    return best;
}

/* Length of a Telegram token at src[at], else 0. Looks only at the start of a run of digits; wider
 * than the word-boundary rule on purpose ("key_123456:..." counts), and the colon may be
 * URL-encoded. */
static size_t match_token(const char *src, size_t at)
{
    const char *s = src + at;
    if (!is_digit(s[0]) || (at > 0 && is_digit(s[-1])))
        return 0;
    size_t digits = 0;
    while (is_digit(s[digits]))
        digits++;
    bool after_bot = at >= 3 && (s[-3] == 'b' || s[-3] == 'B') && (s[-2] == 'o' || s[-2] == 'O') &&
                     (s[-1] == 't' || s[-1] == 'T');
    if (digits < TOKEN_MIN_DIGITS && !after_bot)
        return 0;
    size_t colon = s[digits] == ':' ? 1 : 0;
    if (s[digits] == '%' && s[digits + 1] == '3' && (s[digits + 2] | 0x20) == 'a')
        colon = 3;
    if (colon == 0)
        return 0;
    size_t secret = 0;
    while (is_token_char(s[digits + colon + secret]))
        secret++;
    return secret >= TOKEN_MIN_SECRET ? digits + colon + secret : 0;
}

void log_redact(const char *src, char *dst, size_t cap)
{
    TR_ASSERT(src != NULL);
    TR_ASSERT(dst != NULL && dst != src);
    TR_ASSERT(cap > 0);
    size_t out = 0;
    size_t at = 0;
    while (src[at] != '\0' && out + 1 < cap) {
        size_t secret = match_secret(src + at);
        size_t token = match_token(src, at);
        size_t skip = secret > token ? secret : token;
        if (skip == 0) {
            dst[out++] = src[at++];
            continue;
        }
        at += skip;
        (void)str_copy(dst + out, cap - out, REDACTED); /* may be cut: that hides as well */
        out += strlen(dst + out);
    }
    dst[out] = '\0';
}

/* Appends text with control characters as \xNN; a line stays a line and no terminal is steered. */
static size_t append_escaped(char *line, size_t at, size_t cap, const char *text)
{
    for (; *text != '\0' && at + 5 < cap; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '\n' || c == '\t' || c == '\r') {
            line[at++] = '\\';
            line[at++] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
        } else if (c < 0x20 || c == 0x7f) {
            at += (size_t)snprintf(line + at, cap - at, "\\x%02x", (unsigned)c);
        } else {
            line[at++] = (char)c;
        }
    }
    return at;
}

/* Cut between two characters. */
static void keep(const char *line, size_t len)
{
    size_t n = len < LOG_TAIL_CAP ? len : LOG_TAIL_CAP - 1;
    while (n > 0 && n < len && ((unsigned char)line[n] & 0xc0) == 0x80)
        n--;
    mutex_lock(&state.tail_lock);
    char *slot = state.tail[state.tail_count++ % LOG_TAIL_MAX];
    memcpy(slot, line, n);
    slot[n] = '\0';
    mutex_unlock(&state.tail_lock);
}

size_t log_tail(char ret[LOG_TAIL_MAX][LOG_TAIL_CAP])
{
    mutex_lock(&state.tail_lock);
    size_t n = state.tail_count < LOG_TAIL_MAX ? state.tail_count : LOG_TAIL_MAX;
    for (size_t i = 0; i < n; i++)
        memcpy(ret[i], state.tail[(state.tail_count - n + i) % LOG_TAIL_MAX], LOG_TAIL_CAP);
    mutex_unlock(&state.tail_lock);
    return n;
}

void log_line(enum log_level level, const char *room, const char *fmt, ...)
{
    if (level < log_get_level())
        return;
    TR_ASSERT(level > LOG_UNSET && level < LOG_LEVEL_COUNT);
    char message[MESSAGE_CAP];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof(message)) {
        /* The last word may be the start of a secret that no longer shows as one. */
        char *space = strrchr(message, ' ');
        *(space != NULL ? space : message) = '\0';
    }
    char clean[MESSAGE_CAP];
    log_redact(message, clean, sizeof(clean));

    char time_text[CLOCK_TEXT_CAP];
    clock_format_rfc3339(clock_wall_ms(clock_real()), time_text);
    char line[LOG_LINE_MAX_BYTES];
    int head = snprintf(line, sizeof(line), "%s %s %.32s %s: ", time_text, level_names[level], room,
                        thread_self_name());
    TR_ASSERT(head > 0 && (size_t)head < sizeof(line) / 2);
    size_t len = append_escaped(line, (size_t)head, sizeof(line), clean);
    if (level >= LOG_INFO)
        keep(line, len);
    line[len++] = '\n';
    int fd = atomic_load_explicit(&state.fd, memory_order_acquire);
    ssize_t written;
    do {
        written = write(fd, line, len);
    } while (written < 0 && errno == EINTR);
    /* A full disk must not stop trading: a lost line is the lesser evil. */
}
