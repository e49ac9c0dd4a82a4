/* cli/takeover.c: SOCKETS -> check -> READY, PREPARE -> prepare -> PREPARED, GO -> start -> LIVE,
 * CONNECTIONS... -> BYE.
 *
 * When the old one dies before GO its channel closes; by then none of its threads runs any more, so
 * that is as good as GO. When it dies later its connections are lost with it, nothing else. */
#include "cli/takeover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/channel.h"
#include "cli/inheritance.h"
#include "cli/rehearsal.h"
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"

#define SOCKETS_TIMEOUT_US INT64_C(5000000)
#define BYE_TIMEOUT_US     INT64_C(15000000)

static void tell(enum channel_word word, const char *text)
{
    struct channel_message *m TR_CLEANUP(mem_freep) = xalloc(sizeof(*m));
    m->word = word;
    (void)str_copy(m->text, sizeof(m->text), text); /* cut is fine */
    if (channel_send(TAKEOVER_FD, m) < 0)
        log_warn("main", "takeover_old_one_gone word=%d", (int)word); /* the next wait tells */
}

static int refuse(const char *text)
{
    log_error("main", "takeover_refused why=\"%s\"", text);
    tell(CHANNEL_FAILED, text);
    return err_raise(-ECANCELED);
}

static int hear_sockets(struct inheritance *ret)
{
    struct channel_message *m TR_CLEANUP(mem_freep) = xalloc(sizeof(*m));
    int r = channel_receive(TAKEOVER_FD, clock_mono_us(clock_real()) + SOCKETS_TIMEOUT_US, -1, m);
    if (r != CHANNEL_OK)
        return r < 0 ? err_trace(r) : err_raise(-ECANCELED);
    r = inheritance_unpack(m, ret);
    channel_close_fds(m);
    return err_trace(r);
}

/* The word, or the end of the old one. */
static int wait_for(enum channel_word word, int stop_fd)
{
    struct channel_message *m TR_CLEANUP(mem_freep) = xalloc(sizeof(*m));
    int r = channel_receive(TAKEOVER_FD, INT64_MAX, stop_fd, m);
    channel_close_fds(m);
    if (r == CHANNEL_OK && m->word == word)
        return 0;
    if (r != CHANNEL_E_CLOSED)
        return err_raise(-ECANCELED);
    log_warn("main", "takeover_old_one_died going_on=1");
    return 0;
}

static int prepare(const struct conf *conf, struct inheritance *h, struct daemon **ret)
{
    int r = daemon_prepare(conf, h, ret);
    return r < 0 ? refuse("it could not prepare itself; its log lines tell why") : 0;
}

/* Tables that have to change are left alone until the old one has stopped and all changes were
 * tried: what this program has changed, the old one could not go on with. */
static int begin(const struct conf *conf, struct inheritance *h, int stop_fd, struct daemon **ret)
{
    char why[DAEMON_WHY_CAP];
    bool has_new_tables = rehearsal_is_due(conf);
    int r = has_new_tables ? 0 : prepare(conf, h, ret);
    if (r < 0)
        return err_trace(r);
    tell(CHANNEL_PREPARED, TRIDENT_VERSION);
    r = wait_for(CHANNEL_GO, stop_fd);
    if (r < 0) {
        *ret = daemon_stop(*ret);
        return err_trace(r);
    }
    if (has_new_tables && !rehearsal_run(conf, why))
        return refuse(why);
    if (has_new_tables)
        r = prepare(conf, h, ret);
    if (r < 0)
        return err_trace(r);
    return daemon_go(ret) < 0 ? refuse("it could not start; its log lines tell why") : 0;
}

/* One line instead of a stop and a start. said: how the old one took its leave; "" = it did not. */
static void tell_people(struct daemon *d, const char *said)
{
    char text[EVENT_TEXT_CAP];
    int len = (int)strcspn(said, " ");
    if (said[len] == ' ')
        (void)snprintf(text, sizeof(text), "%.*s → %s, %s ms", len, said, TRIDENT_VERSION,
                       said + len + 1);
    else
        (void)snprintf(text, sizeof(text), "→ %s", TRIDENT_VERSION);
    daemon_say(d, EVENT_UPGRADED, text);
}

static void take_connections(struct daemon *d)
{
    struct channel_message *m TR_CLEANUP(mem_freep) = xalloc(sizeof(*m));
    int64_t until_us = clock_mono_us(clock_real()) + BYE_TIMEOUT_US;
    size_t total = 0;
    while (channel_receive(TAKEOVER_FD, until_us, -1, m) == CHANNEL_OK &&
           m->word == CHANNEL_CONNECTIONS) {
        daemon_adopt(d, m->fds, m->fd_count);
        total += m->fd_count;
        m->word = CHANNEL_UNSET; /* nothing is heard any more: not a goodbye */
    }
    log_info("main", "takeover_connections adopted=%zu", total);
    tell_people(d, m->word == CHANNEL_BYE ? m->text : "");
}

int takeover_run(const struct conf *conf, int stop_fd, struct daemon **ret)
{
    char why[DAEMON_WHY_CAP];
    struct inheritance h = INHERITANCE_NONE;
    int r = hear_sockets(&h);
    if (r < 0)
        return refuse("it was not told what it inherits");
    if (conf == NULL)
        r = refuse("the configuration is refused; `trident check` says what is wrong with it");
    else if (!daemon_check(conf, &h, why))
        r = refuse(why);
    if (r == 0) {
        tell(CHANNEL_READY, TRIDENT_VERSION);
        r = wait_for(CHANNEL_PREPARE, stop_fd);
    }
    if (r == 0)
        r = begin(conf, &h, stop_fd, ret);
    inheritance_close(&h);
    if (r < 0)
        return err_trace(r);
    tell(CHANNEL_LIVE, TRIDENT_VERSION);
    take_connections(*ret);
    (void)file_close(TAKEOVER_FD); /* always -1 */
    return 0;
}
