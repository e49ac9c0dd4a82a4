/* outside/talk.c: poll() over the program's three pipes. What it may say is bounded in every way: a
 * line has at most LINE_MAX_BYTES, only one may come and only after a question, standard error is
 * read away and kept at CHATTER_MAX_BYTES between two answers or in a minute. */
#include "outside/talk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"

#define CHATTER_MAX_BYTES (256 * 1024)
#define CHATTER_WINDOW_US INT64_C(60000000)
#define SAID_CAP          200
#define LEAVE_MS          300
#define CHUNK_BYTES       4096

struct talk {
    struct talk_options opt;
    struct child child;
    struct line_hello hello;
    char line[LINE_MAX_BYTES]; /* what came of the current line, and beyond it */
    size_t len;
    char said[SAID_CAP]; /* of the current line of standard error */
    size_t said_len;
    size_t chatter_bytes;
    int64_t chatter_us; /* since when */
    char why[LINE_WHY_CAP];
};

enum reason talk_reason(enum talk_result r)
{
    static const enum reason reasons[TALK_RESULT_COUNT] = {
        [TALK_E_NOT_STARTED] = REASON_PLUGIN_NOT_STARTED,
        [TALK_E_VERSION] = REASON_PLUGIN_VERSION,
        [TALK_E_PROTOCOL] = REASON_PLUGIN_PROTOCOL,
        [TALK_E_TIMEOUT] = REASON_PLUGIN_TIMEOUT,
        [TALK_E_DIED] = REASON_PLUGIN_DIED,
    };
    TR_ASSERT(r > TALK_OK && r < TALK_RESULT_COUNT && r != TALK_E_STOPPED);
    return reasons[r];
}

struct talk *talk_new(const struct talk_options *opt)
{
    TR_ASSERT(opt->conf != NULL && opt->clock != NULL);
    struct talk *t = xalloc(sizeof(*t));
    t->opt = *opt;
    t->child = (struct child){.in_fd = -1, .out_fd = -1, .err_fd = -1};
    return t;
}

struct talk *talk_free(struct talk *t)
{
    char how[CHILD_END_CAP];
    if (t == NULL)
        return NULL;
    child_end(&t->child, how);
    return mem_free(t);
}

bool talk_is_running(const struct talk *t)
{
    return t->child.pid > 0;
}

const struct line_hello *talk_hello(const struct talk *t)
{
    return &t->hello;
}

bool talk_hides_files(const struct talk *t)
{
    return t->child.hides_files;
}

const char *talk_why(const struct talk *t)
{
    return t->why;
}

/* ---- ends ---- */

static enum talk_result end(struct talk *t, enum talk_result r, const char *why)
{
    char how[CHILD_END_CAP];
    child_end(&t->child, how);
    t->len = t->said_len = 0;
    (void)str_copy(t->why, sizeof(t->why), r == TALK_E_DIED ? how : why); /* cut is fine */
    return r;
}

void talk_stop(struct talk *t)
{
    child_leave(&t->child, LEAVE_MS);
    t->len = t->said_len = 0;
}

bool talk_is_worn(const struct talk *t)
{
    return talk_is_running(t) && child_cpu_ms(&t->child) >= t->opt.conf->cpu_s * INT64_C(500);
}

/* ---- standard error ---- */

static void say(struct talk *t)
{
    t->said[t->said_len] = '\0';
    if (t->said_len > 0 && t->opt.on_said != NULL)
        t->opt.on_said(t->opt.on_said_ctx, t->said);
    t->said_len = 0;
}

static void hear_said(struct talk *t, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\n')
            say(t);
        else if (t->said_len + 1 < sizeof(t->said))
            t->said[t->said_len++] = p[i];
    }
}

/* False: a flood. */
static bool read_said(struct talk *t)
{
    char chunk[CHUNK_BYTES];
    ssize_t n = read(t->child.err_fd, chunk, sizeof(chunk));
    int64_t now_us = clock_mono_us(t->opt.clock);
    if (n <= 0)
        return true; /* its end is seen on the other pipe */
    if (now_us - t->chatter_us > CHATTER_WINDOW_US) {
        t->chatter_us = now_us;
        t->chatter_bytes = 0;
    }
    t->chatter_bytes += (size_t)n;
    hear_said(t, chunk, (size_t)n);
    return t->chatter_bytes <= CHATTER_MAX_BYTES;
}

/* ---- standard input and output ---- */

/* What there is, up to a whole line. DIED: its end. */
static enum talk_result read_line(struct talk *t)
{
    ssize_t n = read(t->child.out_fd, t->line + t->len, sizeof(t->line) - t->len);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? TALK_OK : TALK_E_DIED;
    if (n == 0)
        return TALK_E_DIED;
    t->len += (size_t)n;
    return TALK_OK;
}

static enum talk_result write_some(struct talk *t, const char **line, size_t *len)
{
    ssize_t n = write(t->child.in_fd, *line, *len);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? TALK_OK : TALK_E_DIED;
    *line += n;
    *len -= (size_t)n;
    return TALK_OK;
}

/* ---- waiting ---- */

enum { POLL_OUT = 0, POLL_ERR, POLL_IN, POLL_STOP, POLL_WAKE, POLL_COUNT };

static int wait_ms(const struct talk *t, int64_t until_us)
{
    int64_t left_us = until_us - clock_mono_us(t->opt.clock);
    if (left_us <= 0)
        return 0;
    return left_us > INT64_C(3600000000) ? 3600000 : (int)((left_us + 999) / 1000);
}

/* Waits once; fills ret with what is ready. False: the time has come. */
static bool wait_once(const struct talk *t, bool wants_write, int wake_fd, int64_t until_us,
                      struct pollfd ret[POLL_COUNT])
{
    bool runs = talk_is_running(t);
    ret[POLL_OUT] = (struct pollfd){.fd = runs ? t->child.out_fd : -1, .events = POLLIN};
    ret[POLL_ERR] = (struct pollfd){.fd = runs ? t->child.err_fd : -1, .events = POLLIN};
    ret[POLL_IN] = (struct pollfd){.fd = wants_write ? t->child.in_fd : -1, .events = POLLOUT};
    ret[POLL_STOP] = (struct pollfd){.fd = t->opt.stop_fd, .events = POLLIN};
    ret[POLL_WAKE] = (struct pollfd){.fd = wake_fd, .events = POLLIN};
    int n = poll(ret, POLL_COUNT, wait_ms(t, until_us));
    if (n < 0)
        for (int i = 0; i < POLL_COUNT; i++)
            ret[i].revents = 0; /* interrupted: nothing is ready */
    return n != 0;
}

/* A closed standard error is no fault, and nothing to poll any more. */
static bool hear_error_pipe(struct talk *t, const struct pollfd *p)
{
    if ((p->revents & POLLIN) != 0)
        return read_said(t);
    if (p->revents != 0)
        t->child.err_fd = file_close(t->child.err_fd);
    return true;
}

/* Nothing may follow the line; then it is taken off. */
static enum talk_result take_line(struct talk *t, size_t len, struct talk_line *ret)
{
    if (t->len > len + 1)
        return end(t, TALK_E_PROTOCOL, "it said more than one line");
    t->len = 0;
    t->chatter_bytes = 0;
    *ret = (struct talk_line){t->line, len};
    return TALK_OK;
}

/* Writes what is left of the line, then reads one. */
static enum talk_result exchange(struct talk *t, const struct buf *out, int64_t until_us,
                                 struct talk_line *ret)
{
    struct pollfd ready[POLL_COUNT];
    const char *line = out->data;
    size_t len = out->len;
    for (;;) {
        if (!wait_once(t, len > 0, -1, until_us, ready))
            return end(t, TALK_E_TIMEOUT, "no answer in time");
        if (ready[POLL_STOP].revents != 0)
            return TALK_E_STOPPED;
        if (!hear_error_pipe(t, &ready[POLL_ERR]))
            return end(t, TALK_E_PROTOCOL, "a flood on standard error");
        if (ready[POLL_IN].revents != 0 && write_some(t, &line, &len) != TALK_OK)
            return end(t, TALK_E_DIED, "");
        if (ready[POLL_OUT].revents == 0)
            continue;
        if (read_line(t) != TALK_OK)
            return end(t, TALK_E_DIED, "");
        const char *newline = memchr(t->line, '\n', t->len);
        if (newline != NULL)
            return take_line(t, (size_t)(newline - t->line), ret);
        if (t->len == sizeof(t->line))
            return end(t, TALK_E_PROTOCOL, "a line longer than 64 KiB");
    }
}

/* ---- start, ask, listen ---- */

static enum talk_result greet(struct talk *t, int64_t until_us)
{
    struct buf hello TR_CLEANUP(buf_deinit);
    char why[LINE_WHY_CAP] = "";
    struct talk_line line;
    buf_init(&hello, LINE_MAX_BYTES);
    line_write_hello(&hello, t->opt.plugin, t->opt.trader, t->opt.conf->deadline_ms);
    enum talk_result r = exchange(t, &hello, until_us, &line);
    if (r != TALK_OK)
        return r;
    switch (line_read_hello(line.p, line.len, &t->hello, why)) {
    case LINE_OK:
        return TALK_OK;
    case LINE_E_VERSION:
        return end(t, TALK_E_VERSION, why);
    case LINE_E_GARBAGE:
    case LINE_E_DECISION:
    case LINE_RESULT_COUNT:
        break;
    }
    return end(t, TALK_E_PROTOCOL, why);
}

enum talk_result talk_start(struct talk *t, int64_t until_mono_us)
{
    TR_ASSERT(!talk_is_running(t));
    const char *step = "";
    int r = child_start(t->opt.conf, &t->child, &step);
    if (r < 0) {
        (void)snprintf(t->why, sizeof(t->why), "%s: %s%s", step, strerrordesc_np(-r),
                       r == -ENOEXEC ? " (env starts another program: name the interpreter itself)"
                                     : "");
        return TALK_E_NOT_STARTED;
    }
    t->len = t->said_len = t->chatter_bytes = 0;
    t->chatter_us = clock_mono_us(t->opt.clock);
    t->why[0] = '\0';
    return greet(t, until_mono_us);
}

void talk_reject(struct talk *t, const char *why)
{
    (void)end(t, TALK_E_PROTOCOL, why); /* it says what it was told */
}

enum talk_result talk_ask(struct talk *t, const struct buf *line, int64_t until_mono_us,
                          struct talk_line *ret)
{
    TR_ASSERT(talk_is_running(t));
    TR_ASSERT(line->len > 0 && line->data[line->len - 1] == '\n');
    enum talk_result r = read_line(t); /* what lies there came before the question */
    if (r != TALK_OK)
        return end(t, r, "");
    if (t->len > 0)
        return end(t, TALK_E_PROTOCOL, "it spoke without being asked");
    return exchange(t, line, until_mono_us, ret);
}

enum talk_result talk_listen(struct talk *t, int wake_fd, int64_t until_mono_us)
{
    struct pollfd ready[POLL_COUNT];
    for (;;) {
        if (!wait_once(t, false, wake_fd, until_mono_us, ready))
            return TALK_OK;
        if (ready[POLL_STOP].revents != 0)
            return TALK_E_STOPPED;
        if (!hear_error_pipe(t, &ready[POLL_ERR]))
            return end(t, TALK_E_PROTOCOL, "a flood on standard error");
        if (ready[POLL_OUT].revents != 0) {
            enum talk_result r = read_line(t);
            if (r != TALK_OK)
                return end(t, r, "");
            if (t->len > 0)
                return end(t, TALK_E_PROTOCOL, "it spoke without being asked");
        }
        if (ready[POLL_WAKE].revents != 0)
            return TALK_OK;
    }
}
