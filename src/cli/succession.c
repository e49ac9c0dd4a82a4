/* cli/succession.c: see succession.h. The old one is the only one who decides; whatever it hears or
 * does not hear from the new one ends in one of two ways: LIVE, or the new one is killed, waited
 * for and everything is started again from the journals, which is what a restart after kill -9
 * does. */
#include "cli/succession.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/build_note.h"
#include "cli/cli.h"
#include "cli/inheritance.h"
#include "cli/systemd.h"
#include "cli/takeover.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"

#define READY_TIMEOUT_US INT64_C(10000000)
#define LIVE_TIMEOUT_US  INT64_C(15000000)
#define QUIET_TIMEOUT_MS 3000
#define SETTLE_TRIES     40
#define SETTLE_PAUSE_US  INT64_C(60000)
#define PID_TEXT_CAP     32
#define BYE_CAP          64

struct succession {
    const struct succession_options *o;
    struct daemon **d;
    struct succession_result *ret;
    enum succession_state state;
    pid_t pid;
    int channel; /* -1: closed */
    int64_t began_us, paused_us;
};

const char *succession_state_name(enum succession_state s)
{
    static const char *const names[SUCCESSION_STATE_COUNT] = {
        [SUCCESSION_RUNNING] = "running",   [SUCCESSION_CHECKING] = "checking",
        [SUCCESSION_QUIETING] = "quieting", [SUCCESSION_SETTLING] = "settling",
        [SUCCESSION_HANDING] = "handing",   [SUCCESSION_GIVING] = "giving",
        [SUCCESSION_GONE] = "gone",         [SUCCESSION_RETURNING] = "returning",
        [SUCCESSION_LOST] = "lost"};
    TR_ASSERT(s > SUCCESSION_UNSET && s < SUCCESSION_STATE_COUNT);
    return names[s];
}

/* The only writer of the state. */
static void set_state(struct succession *s, enum succession_state to, const char *text)
{
#define BIT(x) (1u << SUCCESSION_##x)
    static const unsigned allowed[SUCCESSION_STATE_COUNT] = {
        [SUCCESSION_UNSET] = BIT(RUNNING),
        [SUCCESSION_RUNNING] = BIT(CHECKING),
        [SUCCESSION_CHECKING] = BIT(RUNNING) | BIT(QUIETING),
        [SUCCESSION_QUIETING] = BIT(SETTLING) | BIT(RETURNING),
        [SUCCESSION_SETTLING] = BIT(HANDING),
        [SUCCESSION_HANDING] = BIT(GIVING) | BIT(RETURNING),
        [SUCCESSION_GIVING] = BIT(GONE),
        [SUCCESSION_RETURNING] = BIT(RUNNING) | BIT(LOST),
    };
#undef BIT
    TR_ASSERT(to > SUCCESSION_UNSET && to < SUCCESSION_STATE_COUNT);
    TR_ASSERT((allowed[s->state] & 1u << to) != 0);
    s->state = to;
    int64_t ms = (clock_mono_us(clock_real()) - s->began_us) / 1000;
    log_info("main", "upgrade state=%s ms=%lld text=\"%s\"", succession_state_name(to),
             (long long)ms, text);
    if (s->o->tell != NULL)
        s->o->tell(s->o->ctx, to, ms, text);
    systemd_tell("WATCHDOG=1"); /* each state has a deadline of its own below systemd's */
}

static void failed(struct succession *s, const char *text)
{
    (void)str_copy(s->ret->text, sizeof(s->ret->text), text); /* cut is fine */
}

/* ---- the new process ---- */

static int set_files(posix_spawn_file_actions_t *files, int channel)
{
    int r = posix_spawn_file_actions_init(files);
    if (r != 0)
        return r;
    r = posix_spawn_file_actions_adddup2(files, channel, TAKEOVER_FD);
    return r != 0 ? r : posix_spawn_file_actions_addclosefrom_np(files, TAKEOVER_FD + 1);
}

static int spawn(struct succession *s, int channel)
{
    const char *argv[] = {s->o->program, "run", "--config", s->o->config_path, "--take-over", NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    (void)sigemptyset(&none); /* cannot fail */
    int r = set_files(&files, channel);
    if (r != 0)
        return err_raise(-r);
    r = posix_spawnattr_init(&attr);
    if (r == 0) {
        r = posix_spawnattr_setsigmask(&attr, &none);
        if (r == 0)
            r = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
        if (r == 0) /* the strings are not written to */
            r = posix_spawn(&s->pid, s->o->program, &files, &attr, (char *const *)(uintptr_t)argv,
                            environ);
        (void)posix_spawnattr_destroy(&attr); /* cannot fail */
    }
    (void)posix_spawn_file_actions_destroy(&files); /* cannot fail */
    return r == 0 ? 0 : err_raise(-r);
}

/* After this it is dead for certain and has written its last byte. */
static void kill_new(struct succession *s)
{
    int status = 0;
    s->channel = file_close(s->channel);
    if (s->pid <= 0)
        return;
    (void)kill(s->pid, SIGKILL); /* ours and not waited for yet; works on the frozen as well */
    while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR) {
    }
    s->pid = 0;
}

/* Why the channel is closed: the new process ended; its code tells how. */
static void note_end(struct succession *s, const char *when)
{
    int status = 0;
    char text[160];
    int64_t until_us = clock_mono_us(clock_real()) + 1000000;
    pid_t got;
    while ((got = waitpid(s->pid, &status, WNOHANG)) == 0 && clock_mono_us(clock_real()) < until_us)
        cli_wait_us(2000);
    if (got != s->pid) {
        failed(s, "the new process closed the channel and lives on");
        return;
    }
    s->pid = 0;
    if (WIFSIGNALED(status))
        (void)snprintf(text, sizeof(text), "the new process died of signal %d (%s) %s",
                       WTERMSIG(status), strsignal(WTERMSIG(status)), when);
    else
        (void)snprintf(text, sizeof(text),
                       "the new process ended %s with code %d; its log lines tell why", when,
                       WEXITSTATUS(status));
    failed(s, text);
}

/* The word that is due, or false with what went wrong. */
static bool hear(struct succession *s, enum channel_word due, int64_t timeout_us, const char *when)
{
    struct channel_message *m TR_CLEANUP(mem_freep) = xalloc(sizeof(*m));
    char text[CHANNEL_TEXT_CAP];
    int r = channel_receive(s->channel, clock_mono_us(clock_real()) + timeout_us, s->o->stop_fd, m);
    if (r == CHANNEL_OK) {
        channel_close_fds(m);
        if (m->word == due) {
            (void)str_copy(s->ret->text, sizeof(s->ret->text), m->text); /* same cap */
            return true;
        }
        failed(s, m->word == CHANNEL_FAILED ? m->text : "the new process said the wrong word");
        return false;
    }
    if (r == CHANNEL_E_CLOSED) {
        note_end(s, when);
        return false;
    }
    (void)snprintf(text, sizeof(text), "the new process said nothing for %d s %s",
                   (int)(timeout_us / 1000000), when);
    failed(s, r == CHANNEL_E_TIMEOUT   ? text
              : r == CHANNEL_E_STOPPED ? "this process was told to stop"
                                       : "the channel to the new process is broken");
    return false;
}

static bool say(struct succession *s, enum channel_word word, const char *text)
{
    struct channel_message *m TR_CLEANUP(mem_freep) = xalloc(sizeof(*m));
    m->word = word;
    (void)str_copy(m->text, sizeof(m->text), text); /* short */
    if (channel_send(s->channel, m) == 0)
        return true;
    note_end(s, "before it was told to go");
    return false;
}

static bool send_sockets(struct succession *s)
{
    struct inheritance h = INHERITANCE_NONE;
    struct channel_message *m TR_CLEANUP(mem_freep) = xalloc(sizeof(*m));
    daemon_bequeath(*s->d, &h);
    inheritance_pack(&h, m);
    return channel_send(s->channel, m) == 0;
}

/* ---- the states ---- */

static bool check(struct succession *s)
{
    struct build_note note;
    char why[BUILD_NOTE_WHY_CAP], text[CHANNEL_TEXT_CAP];
    int pair[2];
    (void)snprintf(text, sizeof(text), "%s checks itself", s->o->program);
    set_state(s, SUCCESSION_CHECKING, text);
    if (!build_note_read(s->o->program, &note, why)) {
        (void)snprintf(text, sizeof(text), "%s: %s", s->o->program, why);
        failed(s, text);
        return false;
    }
    if (channel_pair(pair) < 0) {
        failed(s, "no descriptor is left");
        return false;
    }
    s->channel = pair[0];
    int r = spawn(s, pair[1]);
    (void)file_close(pair[1]); /* the new process has it */
    if (r < 0) {
        (void)snprintf(text, sizeof(text), "%s cannot be started (%s)", s->o->program,
                       strerrordesc_np(-r));
        failed(s, text);
        return false;
    }
    if (!send_sockets(s)) {
        note_end(s, "at once");
        return false;
    }
    return hear(s, CHANNEL_READY, READY_TIMEOUT_US, "while it checked itself");
}

/* Waits for a moment in which no request is half said; slow clients are not waited for for ever. */
static void settle(struct succession *s)
{
    for (int i = 1;; i++) {
        s->paused_us = clock_mono_us(clock_real());
        if (daemon_settle(*s->d, i == SETTLE_TRIES))
            return;
        TR_ASSERT(i < SETTLE_TRIES);
        cli_wait_us(SETTLE_PAUSE_US);
    }
}

static void give(struct succession *s)
{
    struct channel_message *m TR_CLEANUP(mem_freep) = xalloc(sizeof(*m));
    size_t total = 0;
    m->word = CHANNEL_CONNECTIONS;
    while ((m->fd_count = daemon_give(*s->d, m->fds)) > 0) {
        total += m->fd_count;
        if (channel_send(s->channel, m) < 0)
            log_error("main", "upgrade_connections_lost count=%zu", m->fd_count);
        channel_close_fds(m);
    }
    s->ret->pause_ms = (clock_mono_us(clock_real()) - s->paused_us) / 1000;
    daemon_leave(*s->d);
    log_info("main", "upgrade_connections given=%zu", total);
}

/* The new one is dead: from here it is a restart after a crash, with everything inherited. */
static void come_back(struct succession *s)
{
    struct inheritance old = INHERITANCE_NONE, h = INHERITANCE_NONE;
    char text[CHANNEL_TEXT_CAP];
    (void)str_copy(text, sizeof(text), s->ret->text); /* same cap */
    bool is_halted = s->state == SUCCESSION_HANDING;
    set_state(s, SUCCESSION_RETURNING, text);
    kill_new(s);
    if (!is_halted) {
        s->paused_us = clock_mono_us(clock_real());
        bool is_settled = daemon_settle(*s->d, true);
        TR_ASSERT(is_settled);
        daemon_halt(*s->d);
    }
    daemon_bequeath(*s->d, &old);
    int r = inheritance_copy(&old, &h);
    if (r == 0)
        r = daemon_restart(s->o->conf, &h, s->d);
    inheritance_close(&h);
    s->ret->pause_ms = s->paused_us != 0 ? (clock_mono_us(clock_real()) - s->paused_us) / 1000 : 0;
    set_state(s, r == 0 ? SUCCESSION_RUNNING : SUCCESSION_LOST, text);
    if (r == 0)
        daemon_say(*s->d, EVENT_UPGRADE_FAILED, text);
}

static bool hand_over(struct succession *s)
{
    char text[CHANNEL_TEXT_CAP];
    (void)snprintf(text, sizeof(text), "version %s is ready; bots and messages come to rest",
                   s->ret->text);
    set_state(s, SUCCESSION_QUIETING, text);
    daemon_quiet(*s->d, QUIET_TIMEOUT_MS);
    if (!say(s, CHANNEL_PREPARE, "") ||
        !hear(s, CHANNEL_PREPARED, READY_TIMEOUT_US, "while it prepared itself"))
        return false;
    set_state(s, SUCCESSION_SETTLING, "requests under way are answered");
    settle(s);
    daemon_halt(*s->d);
    set_state(s, SUCCESSION_HANDING, "the new one takes the claims");
    return say(s, CHANNEL_GO, "") &&
           hear(s, CHANNEL_LIVE, LIVE_TIMEOUT_US, "after it was told to go");
}

void succession_run(const struct succession_options *o, struct daemon **d,
                    struct succession_result *ret)
{
    char pid[PID_TEXT_CAP], bye[BYE_CAP];
    struct succession s = {.o = o, .d = d, .ret = ret, .channel = -1};
    TR_ASSERT(o->conf != NULL && o->config_path != NULL && o->program != NULL);
    TR_ASSERT(*d != NULL);
    *ret = (struct succession_result){0};
    s.began_us = clock_mono_us(clock_real());
    set_state(&s, SUCCESSION_RUNNING, "asked to hand over");
    if (!check(&s)) {
        kill_new(&s);
        set_state(&s, SUCCESSION_RUNNING, ret->text);
        daemon_say(*d, EVENT_UPGRADE_FAILED, ret->text);
    } else if (!hand_over(&s)) {
        come_back(&s);
    } else {
        set_state(&s, SUCCESSION_GIVING, "connections change hands");
        give(&s);
        (void)snprintf(pid, sizeof(pid), "MAINPID=%d", (int)s.pid);
        systemd_tell(pid); /* before the new one says READY=1 */
        (void)snprintf(bye, sizeof(bye), "%s %lld", TRIDENT_VERSION, (long long)ret->pause_ms);
        (void)say(&s, CHANNEL_BYE, bye); /* an end of the channel says the same */
        ret->pid = (int)s.pid;
        set_state(&s, SUCCESSION_GONE, ret->text);
        s.channel = file_close(s.channel);
    }
    ret->state = s.state;
}
