/* cli/daemon_handover.c: the daemon's part in a succession: what it leaves, how it comes to rest,
 * and how it starts again when nobody came after it. Its databases are not closed by a halt:
 * closing checkpoints them, and by then they may be somebody else's. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/daemon_impl.h"
#include "cli/inheritance.h"
#include "core/alloc.h"
#include "core/claim.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/log.h"
#include "engine/legacy_feed.h"
#include "net/http_server.h"
#include "store/journal.h"

#define PARK_MS         30
#define FORCED_PARK_MS  100
#define ORDERS_WAIT_US  INT64_C(20000)
#define SYNC_WAIT_US    INT64_C(1000000)
#define LOOK_US         INT64_C(200)
#define CONNECTIONS_MAX 4096
#define CLAIM_PREFIX    "trident-trader-"

/* ---- locks and claims ---- */

int daemon_inherited_fd(int *place)
{
    int fd = *place;
    *place = -1;
    return fd;
}

static void lock_path(const struct conf *c, char out[PATH_CAP])
{
    (void)snprintf(out, PATH_CAP, "%s/trident.lock", c->data_dir);
}

int daemon_take_lock(struct daemon *d)
{
    char path[PATH_CAP];
    if (d->from != NULL) {
        d->lock_fd = daemon_inherited_fd(&d->from->lock_fd);
        TR_ASSERT(d->lock_fd >= 0);
        return 0;
    }
    lock_path(d->conf, path);
    int r = file_lock(path, &d->lock_fd);
    if (r < 0)
        log_error("main", "start_failed what=\"%s\" file=%s error=\"%s\"",
                  r == -EWOULDBLOCK ? "another trident runs on this data_dir" : "trident.lock",
                  path, strerrordesc_np(-r));
    return err_trace(r);
}

static int claim_name(const char *journal_path, char out[CLAIM_NAME_CAP])
{
    uint8_t identity[JOURNAL_IDENTITY_BYTES];
    struct journal_reader *reader = NULL;
    int r = journal_reader_open(journal_path, &reader);
    if (r == 0)
        r = journal_reader_identity(reader, identity);
    journal_reader_close(reader);
    if (r < 0)
        return err_trace(r);
    size_t len = strlen(CLAIM_PREFIX);
    (void)str_copy(out, CLAIM_NAME_CAP, CLAIM_PREFIX); /* fits */
    for (size_t i = 0; i < sizeof(identity); i++)
        len += (size_t)snprintf(out + len, CLAIM_NAME_CAP - len, "%02x", identity[i]);
    return 0;
}

int daemon_take_claim(struct daemon_trader *t)
{
    char name[CLAIM_NAME_CAP];
    struct inheritance *from = t->daemon->from;
    t->claim_fd = from != NULL ? inheritance_take_claim(from, t->conf->id) : -1;
    if (t->claim_fd >= 0)
        return 0;
    int r = claim_name(t->journal_path, name);
    if (r == 0)
        r = claim_take(name, &t->claim_fd);
    if (r == -EADDRINUSE)
        log_error("main",
                  "start_failed what=claim trader=%s: another process of this machine runs a copy "
                  "of this trader (its journal was copied to %s or from there); two would trade "
                  "twice. Stop that one first, or move this copy away to begin anew",
                  t->conf->id, t->dir);
    else if (r < 0)
        log_error("main", "start_failed what=claim trader=%s error=\"%s\"", t->conf->id,
                  strerrordesc_np(-r));
    return r;
}

void daemon_bequeath(const struct daemon *d, struct inheritance *ret)
{
    *ret = INHERITANCE_NONE;
    ret->lock_fd = d->lock_fd;
    ret->listen_fd = http_api_fd(d->http);
    ret->local_fd = http_api_local_fd(d->http);
    for (int i = 0; i < d->conf->trader_count; i++) {
        struct inherited_claim *c = &ret->claims[ret->claim_count++];
        TR_ASSERT(str_copy(c->trader, sizeof(c->trader), d->conf->traders[i].id));
        c->fd = d->traders[i].claim_fd;
    }
}

/* ---- before anything has changed ---- */

static bool is_same_file(int fd, const char *path)
{
    struct stat a, b;
    return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool is_same_address(int fd, const struct conf *c)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof(a);
    char text[INET6_ADDRSTRLEN] = "";
    int port = -1;
    if (getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        return false;
    if (a.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&a;
        (void)inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text)); /* fits */
        port = ntohs(in->sin_port);
    } else if (a.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a;
        (void)inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text)); /* fits */
        port = ntohs(in6->sin6_port);
    }
    return str_eq(text, c->http.listen) && (c->http.port == 0 || c->http.port == port);
}

bool daemon_check(const struct conf *conf, const struct inheritance *from, char why[DAEMON_WHY_CAP])
{
    char path[PATH_CAP], dir[CONF_DIR_CAP], what[ENGINE_WHY_CAP];
    lock_path(conf, path);
    if (!is_same_file(from->lock_fd, path)) {
        (void)snprintf(why, DAEMON_WHY_CAP,
                       "its configuration names another data_dir (%s): stop and start instead",
                       conf->data_dir);
        return false;
    }
    if (!is_same_address(from->listen_fd, conf)) {
        (void)str_copy(why, DAEMON_WHY_CAP,
                       "its configuration listens at another address or port: stop and start "
                       "instead");
        return false;
    }
    for (int i = 0; i < conf->trader_count; i++) {
        struct engine_options o;
        conf_trader_dir(conf, i, dir);
        daemon_engine_options(&conf->traders[i], dir, &o);
        if (!engine_check(&o, what)) {
            (void)snprintf(why, DAEMON_WHY_CAP, "trader %s: %s", conf->traders[i].id, what);
            return false;
        }
    }
    return true;
}

/* ---- coming to rest ---- */

void daemon_quiet(struct daemon *d, int deadline_ms)
{
    d->watch = watch_stop(d->watch);
    d->backups = schedule_stop(d->backups);
    bots_stop(d->bots);
    notify_park(d->notify, deadline_ms);
    outlets_stop(d->outlets);
    for (int i = 0; i < d->conf->trader_count; i++)
        for (int k = 0; k < LEDGER_COUNT; k++)
            ledger_halt(d->traders[i].ledgers[k]);
}

static bool is_resting(struct daemon *d)
{
    for (int i = 0; i < d->conf->trader_count; i++) {
        struct engine_stats st;
        engine_get_stats(d->traders[i].engine, &st);
        if (st.queue_depth > 0 || st.open_orders > 0)
            return false;
    }
    return true;
}

/* What the venue has not answered within that time the next one asks about. */
bool daemon_settle(struct daemon *d, bool force)
{
    if (!http_api_park(d->http, force ? FORCED_PARK_MS : PARK_MS, force))
        return false;
    int64_t until_us = clock_mono_us(clock_real()) + ORDERS_WAIT_US;
    while (!is_resting(d) && clock_mono_us(clock_real()) < until_us)
        cli_wait_us(LOOK_US);
    return true;
}

void daemon_halt(struct daemon *d)
{
    atomic_store(&d->is_leaving, true);
    for (int i = 0; i < d->conf->trader_count; i++) { /* as in daemon_stop() */
        outside_stop(d->traders[i].outside);
        legacy_feed_stop(d->traders[i].legacy_feed);
    }
    for (int i = 0; i < d->conf->trader_count; i++) {
        struct daemon_trader *t = &d->traders[i];
        engine_stop(t->engine);
        t->broker->ops->stop(t->broker);
        t->broker_started = false;
    }
}

size_t daemon_give(struct daemon *d, int *ret_fds)
{
    return http_server_give(http_api_server(d->http), ret_fds);
}

void daemon_leave(struct daemon *d)
{
    http_server_leave(http_api_server(d->http));
}

size_t daemon_connections(struct daemon *d)
{
    return http_server_connections(http_api_server(d->http));
}

void daemon_adopt(struct daemon *d, const int *fds, size_t n)
{
    http_server_adopt(http_api_server(d->http), fds, n);
}

/* ---- starting, alone or after another one ---- */

static struct daemon *daemon_new(const struct conf *conf, struct inheritance *from)
{
    char dir[CONF_DIR_CAP];
    struct daemon *d = xalloc(sizeof(*d));
    d->conf = conf;
    d->from = from;
    d->lock_fd = -1;
    d->http = http_api_new();
    d->vitals = vitals_new();
    for (int i = 0; i < conf->trader_count; i++) {
        d->traders[i].daemon = d;
        d->traders[i].conf = &conf->traders[i];
        d->traders[i].claim_fd = -1;
        conf_trader_dir(conf, i, dir);
        TR_ASSERT(str_copy(d->traders[i].dir, PATH_CAP, dir));
        (void)snprintf(d->traders[i].journal_path, PATH_CAP, "%s/journal.db", dir);
    }
    return d;
}

/* 0, or *d is taken down and NULL. */
static int keep(struct daemon **d, int r)
{
    if (r != 0)
        *d = daemon_stop(*d);
    return r <= 0 ? r : err_raise(-EINVAL);
}

int daemon_prepare(const struct conf *conf, struct inheritance *from, struct daemon **ret_daemon)
{
    *ret_daemon = daemon_new(conf, from);
    return keep(ret_daemon, daemon_start_base(*ret_daemon));
}

int daemon_go(struct daemon **d)
{
    int r = keep(d, daemon_start_rest(*d));
    if (r == 0)
        (*d)->from = NULL;
    return r;
}

int daemon_start(const struct conf *conf, struct daemon **ret_daemon)
{
    int r = daemon_prepare(conf, NULL, ret_daemon);
    return r == 0 ? daemon_go(ret_daemon) : r;
}

void daemon_say(struct daemon *d, enum event_type type, const char *text)
{
    struct input *in = input_new(INPUT_NOTICE);
    in->notice = (struct event)EVENT_INIT;
    in->notice.type = type;
    in->notice.time_ms = clock_wall_ms(clock_real());
    (void)str_copy(in->notice.text, sizeof(in->notice.text), text); /* cut is fine */
    if (engine_post(d->traders[0].engine, in) != ENGINE_OK)
        input_free(in); /* it stands in the log */
}

void daemon_await_sync(struct daemon *d)
{
    int64_t until_us = clock_mono_us(clock_real()) + SYNC_WAIT_US;
    for (int i = 0; i < d->conf->trader_count; i++) {
        struct engine_stats st;
        engine_get_stats(d->traders[i].engine, &st);
        while (!st.is_synced && clock_mono_us(clock_real()) < until_us) {
            cli_wait_us(LOOK_US);
            engine_get_stats(d->traders[i].engine, &st);
        }
    }
}

int daemon_restart(const struct conf *conf, struct inheritance *from, struct daemon **d)
{
    int *fds TR_CLEANUP(mem_freep) = xcalloc(CONNECTIONS_MAX, sizeof(*fds));
    size_t count = 0, n;
    while (count + HTTP_HANDOVER_MAX <= CONNECTIONS_MAX && (n = daemon_give(*d, fds + count)) > 0)
        count += n;
    daemon_leave(*d);
    *d = daemon_stop(*d);
    int r = daemon_prepare(conf, from, d);
    if (r == 0)
        r = daemon_go(d);
    for (size_t at = 0; at < count; at += n) {
        n = count - at < HTTP_HANDOVER_MAX ? count - at : HTTP_HANDOVER_MAX;
        if (r == 0)
            daemon_adopt(*d, fds + at, n);
        for (size_t i = at; r < 0 && i < at + n; i++)
            (void)file_close(fds[i]); /* always -1 */
    }
    return err_trace(r);
}
