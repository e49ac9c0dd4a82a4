/* Covers: stop changes at the paper venue: the question which stops a position has, latency, expiry
 * on the way, each injected fault (lost answer, refusal, late, told twice, never), the same request
 * twice while on its way, a position that closed first, refusals with their codes, what kill -9
 * leaves. */
#include "venue.h"

#include <signal.h>
#include <sys/wait.h>

static struct venue *open_venue(struct venue *v)
{
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    return v;
}

/* A position 1 without faults; they begin afterwards. */
static struct venue *with_position(int *(*fault)(struct paper_conf *))
{
    struct venue *v = venue_new();
    venue_path(v->conf.state_path, sizeof(v->conf.state_path));
    open_venue(v);
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    (void)venue_event(v, BROKER_EVENT_FILL, 0);
    paper_desk_free(v->desk);
    if (fault != NULL)
        *fault(&v->conf) = 10000;
    return open_venue(v);
}

#define FAULT(name)                                                                                \
    static int *name(struct paper_conf *c)                                                         \
    {                                                                                              \
        return &c->fault_##name;                                                                   \
    }
FAULT(lost_answer)
FAULT(reject)
FAULT(late_fill)
FAULT(duplicate_fill)
FAULT(swallow)

static struct broker_request stops(uint64_t cid, const char *sl, const char *tp)
{
    return (struct broker_request){
        .kind = BROKER_MODIFY,
        .cid = cid,
        .position_cid = 1,
        .sl_e8 = sl != NULL ? e8(sl) : DEC_NONE,
        .tp_e8 = tp != NULL ? e8(tp) : DEC_NONE,
    };
}

static const struct broker_event *ask(struct venue *v, uint64_t cid, enum broker_event_kind answer)
{
    struct broker_request r = {.kind = BROKER_QUERY_STOPS, .cid = cid, .position_cid = 1};
    venue_send(v, r);
    const struct broker_event *e = venue_event(v, answer, 0);
    cr_assert_eq(e->cid, cid);
    return e;
}

static void done(struct venue *v)
{
    venue_remove_path(v->conf.state_path);
    venue_free(v);
}

Test(paper_modify, both_stops_are_set_and_asked_for)
{
    struct venue *v = with_position(NULL);
    venue_send(v, stops(2, "1.09", "1.12"));
    const struct broker_event *e = venue_event(v, BROKER_EVENT_MODIFIED, 0);
    cr_assert_eq(e->cid, 2);
    cr_assert_eq(e->position_cid, 1);
    cr_assert_eq(e->sl_e8, e8("1.09"));
    cr_assert_eq(e->tp_e8, e8("1.12"));
    e = ask(v, 7, BROKER_EVENT_MODIFIED);
    cr_assert_eq(e->sl_e8, e8("1.09"));
    venue_send(v, stops(3, NULL, "1.13"));
    e = ask(v, 8, BROKER_EVENT_MODIFIED);
    cr_assert_eq(e->sl_e8, DEC_NONE, "none is a wish");
    cr_assert_eq(e->tp_e8, e8("1.13"));
    venue_send(v, venue_close(4, 1, SIDE_SELL, "0.1"));
    (void)ask(v, 9, BROKER_EVENT_QUERY_NONE);
    done(v);
}

Test(paper_modify, executed_without_an_answer_shows_when_asked)
{
    struct venue *v = with_position(lost_answer);
    venue_send(v, stops(2, "1.09", NULL));
    cr_assert_eq(v->count, 0);
    cr_assert_eq(ask(v, 2, BROKER_EVENT_MODIFIED)->sl_e8, e8("1.09"));
    venue_send(v, stops(3, "1.2", NULL));
    cr_assert_eq(v->count, 0, "a refusal is lost too");
    done(v);
}

Test(paper_modify, refused_by_the_dealer_nothing_changes)
{
    struct venue *v = with_position(reject);
    venue_send(v, stops(2, "1.09", NULL));
    const struct broker_event *e = venue_event(v, BROKER_EVENT_REJECT, 0);
    cr_assert_eq(e->cid, 2);
    cr_assert_eq(e->klass, BROKER_REJECT);
    cr_assert_eq(e->purpose, ORDER_PURPOSE_UNSET);
    cr_assert_eq(ask(v, 2, BROKER_EVENT_MODIFIED)->sl_e8, DEC_NONE);
    done(v);
}

Test(paper_modify, a_late_one_happens_seconds_after_unless_it_has_expired)
{
    struct venue *v = with_position(late_fill);
    venue_send(v, stops(2, "1.09", NULL));
    venue_send(v, stops(2, "1.09", NULL));
    cr_assert_eq(v->count, 0);
    cr_assert_eq(ask(v, 9, BROKER_EVENT_MODIFIED)->sl_e8, DEC_NONE, "not yet");
    v->count = 0;
    venue_advance_ms(v, 4000);
    cr_assert_eq(venue_count(v, BROKER_EVENT_MODIFIED), 1, "the same request twice is one");
    struct broker_request r = stops(3, "1.08", NULL);
    r.expires_ms = clock_wall_ms(v->clock) + 500;
    venue_send(v, r);
    venue_advance_ms(v, 4000);
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->reason, REASON_ORDER_EXPIRED);
    cr_assert_eq(ask(v, 9, BROKER_EVENT_MODIFIED)->sl_e8, e8("1.09"));
    done(v);
}

Test(paper_modify, told_twice_is_done_once)
{
    struct venue *v = with_position(duplicate_fill);
    venue_send(v, stops(2, "1.09", NULL));
    cr_assert_eq(venue_count(v, BROKER_EVENT_MODIFIED), 2);
    done(v);
}

Test(paper_modify, one_that_never_arrived_leaves_no_trace)
{
    struct venue *v = with_position(swallow);
    venue_send(v, stops(2, "1.09", NULL));
    venue_advance_ms(v, 60000);
    cr_assert_eq(v->count, 0);
    cr_assert_eq(ask(v, 2, BROKER_EVENT_MODIFIED)->sl_e8, DEC_NONE);
    done(v);
}

Test(paper_modify, a_position_that_closed_on_the_way_is_said_so)
{
    struct venue *v = venue_new();
    venue_path(v->conf.state_path, sizeof(v->conf.state_path));
    v->conf.latency_base_ms = 100;
    open_venue(v);
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    venue_advance_ms(v, 5000);
    venue_send(v, venue_close(2, 1, SIDE_SELL, "0.1"));
    venue_advance_ms(v, 5000);
    venue_send(v, stops(3, "1.09", NULL));
    venue_advance_ms(v, 5000);
    const struct broker_event *e = venue_event(v, BROKER_EVENT_REJECT, 0);
    cr_assert_eq(e->code, PAPER_CODE_POSITION_CLOSED);
    cr_assert_eq(e->reason, REASON_POSITION_NOT_FOUND);
    done(v);
}

Test(paper_modify, wrong_sides_are_refused_at_the_price_itself)
{
    struct venue *v = with_position(NULL);
    venue_send(v, stops(2, "1.1", NULL));
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->code, PAPER_CODE_INVALID_STOPS);
    venue_send(v, stops(3, NULL, "1.1"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->code, PAPER_CODE_INVALID_STOPS);
    venue_send(v, stops(4, "1.09999", "1.10001"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_MODIFIED, 0)->sl_e8, e8("1.09999"));
    done(v);
}

/* Moves the stop up a point at a time and says each one that was told. */
static void child_moves(struct paper_conf *conf, int fd)
{
    struct venue *v = venue_new();
    v->conf = *conf;
    open_venue(v);
    for (int64_t i = 1;; i++) {
        struct broker_request r = stops((uint64_t)i + 10, "1.0", NULL);
        r.sl_e8 += i;
        venue_send(v, r);
        bool is_told = venue_count(v, BROKER_EVENT_MODIFIED) == 1;
        if (!is_told || write(fd, &r.sl_e8, sizeof(r.sl_e8)) != sizeof(r.sl_e8))
            _exit(1);
    }
}

Test(paper_modify, what_was_told_is_there_after_kill)
{
    struct venue *v = with_position(NULL);
    struct paper_conf conf = v->conf;
    int fds[2];
    paper_desk_free(v->desk);
    v->desk = NULL;
    cr_assert_eq(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0)
        child_moves(&conf, fds[1]);
    close(fds[1]);
    int64_t sl_e8 = 0, told_e8 = 0;
    for (int i = 0; i < 500 && read(fds[0], &sl_e8, sizeof(sl_e8)) == sizeof(sl_e8); i++)
        told_e8 = sl_e8;
    kill(pid, SIGKILL);
    while (read(fds[0], &sl_e8, sizeof(sl_e8)) == sizeof(sl_e8))
        told_e8 = sl_e8;
    close(fds[0]);
    waitpid(pid, NULL, 0);
    open_venue(v);
    int64_t found_e8 = paper_book_position(venue_book(v), 1)->sl_e8;
    cr_assert(found_e8 == told_e8 || found_e8 == told_e8 + 1, "told or about to be");
    cr_assert_geq(told_e8, e8("1.0") + 500);
    done(v);
}
