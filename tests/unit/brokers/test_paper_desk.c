/* Covers: latency, expiry, each injected fault, what a restart finds, the history of deals (since a
 * deal, since a time, over restarts, after a lost or a torn file), compaction, a full disk, the
 * same seed giving the same events, and the property: over 200,000 random steps with faults the
 * balance is the start plus what the fills say, no order is filled beyond its lots and positions
 * are opens minus closes. */
#include "venue.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/hash.h"
#include "core/map.h"
#include "core/rng.h"

TestSuite(paper_desk, .timeout = 60);

static struct venue *eur_venue(void)
{
    struct venue *v = venue_new();
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    v->count = 0;
    return v;
}

static void query(struct venue *v, uint64_t cid)
{
    struct broker_request r = {.kind = BROKER_QUERY, .cid = cid};
    venue_send(v, r);
}

Test(paper_desk, start_says_link_and_account)
{
    struct venue *v = venue_new();
    venue_open(v);
    cr_assert_eq(v->count, 2);
    cr_assert_eq(v->events[0].kind, BROKER_EVENT_LINK_UP);
    cr_assert_eq(v->events[1].kind, BROKER_EVENT_ACCOUNT);
    cr_assert_eq(v->events[1].balance_e8, e8("10000"));
    venue_free(v);
}

Test(paper_desk, price_at_arrival_decides_not_the_one_at_the_request)
{
    struct venue *v = venue_new();
    v->conf.latency_base_ms = 100;
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    cr_assert_eq(v->count, 0);
    query(v, 1);
    cr_assert_eq(venue_event(v, BROKER_EVENT_QUERY_FOUND, 0)->terminal, false, "on its way");
    v->count = 0;
    venue_advance_ms(v, 99);
    cr_assert_eq(v->count, 0);
    venue_tick(v, "EURUSD", "1.2", "1.2");
    venue_advance_ms(v, 3000);
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->price_e8, e8("1.2"));
    venue_free(v);
}

Test(paper_desk, expired_request_does_not_take_effect)
{
    struct venue *v = venue_new();
    v->conf.latency_base_ms = 1000;
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    struct broker_request r = venue_place(1, "EURUSD", SIDE_BUY, "0.1");
    r.expires_ms = VENUE_START_MS + 500;
    venue_send(v, r);
    venue_advance_ms(v, 60000);
    const struct broker_event *e = venue_event(v, BROKER_EVENT_REJECT, 0);
    cr_assert_eq(e->reason, REASON_ORDER_EXPIRED);
    cr_assert_eq(e->code, 10022);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 0);
    venue_free(v);
}

static struct venue *faulty(int *(*field)(struct paper_conf *))
{
    struct venue *v = venue_new();
    *field(&v->conf) = 10000;
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    return v;
}

#define FIELD(name)                                                                                \
    static int *field_##name(struct paper_conf *c)                                                 \
    {                                                                                              \
        return &c->fault_##name;                                                                   \
    }
FIELD(lost_answer)
FIELD(reject)
FIELD(late_fill)
FIELD(duplicate_fill)
FIELD(partial)
FIELD(swallow)

Test(paper_desk, lost_answer_is_executed_and_found_by_query)
{
    struct venue *v = faulty(field_lost_answer);
    cr_assert_eq(v->count, 0);
    cr_assert_not_null(paper_book_position(venue_book(v), 1));
    query(v, 1);
    const struct broker_event *e = venue_event(v, BROKER_EVENT_QUERY_FOUND, 0);
    cr_assert(e->terminal);
    cr_assert_eq(e->lots_e8, e8("0.1"));
    cr_assert_eq(e->price_e8, e8("1.1"));
    cr_assert_eq(e->klass, BROKER_OK);
    venue_free(v);
}

Test(paper_desk, dealer_refusal_is_final_and_remembered)
{
    struct venue *v = faulty(field_reject);
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->code, 10006);
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    cr_assert_eq(v->count, 1);
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->reason, REASON_BROKER_REJECTED);
    query(v, 1);
    const struct broker_event *e = venue_event(v, BROKER_EVENT_QUERY_FOUND, 0);
    cr_assert(e->terminal);
    cr_assert_eq(e->lots_e8, 0);
    cr_assert_eq(e->klass, BROKER_REJECT);
    venue_free(v);
}

Test(paper_desk, late_fill_comes_seconds_after_the_ack)
{
    struct venue *v = faulty(field_late_fill);
    cr_assert_eq(v->count, 1);
    cr_assert_eq(v->events[0].kind, BROKER_EVENT_ACK);
    query(v, 1);
    cr_assert_not(venue_event(v, BROKER_EVENT_QUERY_FOUND, 0)->terminal);
    venue_advance_ms(v, 999);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 0);
    venue_advance_ms(v, 3100);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 1);
    cr_assert_eq(paper_book_position(venue_book(v), 1)->lots_e8, e8("0.1"));
    venue_free(v);
}

Test(paper_desk, late_fill_of_an_expired_order_is_cancelled)
{
    struct venue *v = venue_new();
    v->conf.fault_late_fill = 10000;
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    struct broker_request r = venue_place(1, "EURUSD", SIDE_BUY, "0.1");
    r.expires_ms = VENUE_START_MS + 500;
    venue_send(v, r);
    venue_advance_ms(v, 5000);
    cr_assert_eq(venue_event(v, BROKER_EVENT_CANCELLED, 0)->reason, REASON_ORDER_EXPIRED);
    cr_assert_eq(venue_event(v, BROKER_EVENT_CANCELLED, 0)->lots_e8, e8("0.1"));
    cr_assert_eq(paper_book_position_count(venue_book(v)), 0);
    venue_free(v);
}

Test(paper_desk, late_refusal_comes_after_the_ack_is_final_and_counted)
{
    struct venue *v = venue_new();
    v->conf.fault_late_reject = 10000;
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    cr_assert_eq(venue_count(v, BROKER_EVENT_ACK), 1);
    cr_assert_eq(venue_count(v, BROKER_EVENT_REJECT), 0);
    venue_advance_ms(v, 4100);
    cr_assert_eq(venue_count(v, BROKER_EVENT_REJECT), 1);
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->cid, 1);
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->klass, BROKER_REJECT);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 0);
    cr_assert_eq(paper_book_position_count(venue_book(v)), 0);
    venue_send(v, (struct broker_request){.kind = BROKER_QUERY, .cid = 1});
    cr_assert(venue_event(v, BROKER_EVENT_QUERY_FOUND, 0)->terminal);
    cr_assert_eq(paper_desk_fault_count(v->desk), 1);
    venue_free(v);
}

Test(paper_desk, duplicate_fill_has_the_same_exec_id_and_happens_once)
{
    struct venue *v = faulty(field_duplicate_fill);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 2);
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->exec_id,
                 venue_event(v, BROKER_EVENT_FILL, 1)->exec_id);
    cr_assert_eq(paper_book_position(venue_book(v), 1)->lots_e8, e8("0.1"));
    venue_free(v);
}

Test(paper_desk, partial_fill_comes_in_two_parts)
{
    struct venue *v = faulty(field_partial);
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->lots_e8, e8("0.05"));
    venue_tick(v, "EURUSD", "1.2", "1.2");
    v->count = 0;
    venue_advance_ms(v, 1100);
    const struct broker_event *e = venue_event(v, BROKER_EVENT_FILL, 0);
    cr_assert_eq(e->lots_e8, e8("0.05"));
    cr_assert_eq(paper_book_position(venue_book(v), 1)->entry_e8, e8("1.15"));
    query(v, 1);
    cr_assert_eq(venue_event(v, BROKER_EVENT_QUERY_FOUND, 0)->price_e8, e8("1.15"));
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 2, "both parts under their own ids");
    cr_assert_neq(v->events[0].exec_id, v->events[1].exec_id);
    cr_assert_eq(v->events[2].kind, BROKER_EVENT_QUERY_FOUND);
    venue_free(v);
}

Test(paper_desk, second_part_never_opens_a_position_that_was_stopped_meanwhile)
{
    struct venue *v = venue_new();
    v->conf.fault_partial = 10000;
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    struct broker_request r = venue_place(1, "EURUSD", SIDE_BUY, "0.1");
    r.sl_e8 = e8("1.09");
    venue_send(v, r);
    venue_tick(v, "EURUSD", "1.08", "1.08");
    cr_assert_eq(paper_book_position_count(venue_book(v)), 0);
    v->count = 0;
    venue_advance_ms(v, 1100);
    cr_assert_eq(v->count, 1);
    cr_assert_eq(venue_event(v, BROKER_EVENT_CANCELLED, 0)->lots_e8, e8("0.05"));
    cr_assert_eq(paper_book_position_count(venue_book(v)), 0);
    venue_free(v);
}

Test(paper_desk, swallowed_request_leaves_no_trace)
{
    struct venue *v = faulty(field_swallow);
    cr_assert_eq(v->count, 0);
    query(v, 1);
    cr_assert_eq(venue_event(v, BROKER_EVENT_QUERY_NONE, 0)->cid, 1);
    cr_assert_eq(paper_book_position_count(venue_book(v)), 0);
    venue_free(v);
}

Test(paper_desk, later_is_not_remembered_so_the_same_cid_may_try_again)
{
    struct venue *v = eur_venue();
    venue_send(v, venue_place(1, "GBPUSD", SIDE_BUY, "0.1"));
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->klass, BROKER_RETRY_LATER);
    venue_tick(v, "GBPUSD", "1.25", "1.25");
    venue_send(v, venue_place(1, "GBPUSD", SIDE_BUY, "0.1"));
    (void)venue_event(v, BROKER_EVENT_FILL, 0); /* asserts that there is one */
    venue_free(v);
}

Test(paper_desk, stops_can_be_moved_and_are_checked)
{
    struct venue *v = eur_venue();
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    struct broker_request r = {.kind = BROKER_MODIFY,
                               .cid = 2,
                               .position_cid = 1,
                               .sl_e8 = e8("1.09"),
                               .tp_e8 = e8("1.12")};
    venue_send(v, r);
    const struct broker_event *e = venue_event(v, BROKER_EVENT_MODIFIED, 0);
    cr_assert_eq(e->sl_e8, e8("1.09"));
    cr_assert_eq(e->cid, 2);
    cr_assert_eq(paper_book_position(venue_book(v), 1)->tp_e8, e8("1.12"));
    r.sl_e8 = e8("1.11");
    venue_send(v, r);
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->code, 10016);
    r.position_cid = 77;
    venue_send(v, r);
    cr_assert_eq(venue_event(v, BROKER_EVENT_REJECT, 0)->code, 10036);
    cr_assert_eq(paper_book_position(venue_book(v), 1)->sl_e8, e8("1.09"));
    venue_free(v);
}

/* ---- on file ---- */

static void reopen(struct venue *v)
{
    paper_desk_free(v->desk);
    v->desk = NULL;
    venue_open(v);
}

Test(paper_desk, restart_finds_everything_nobody_heard_of)
{
    struct venue *v = venue_new();
    venue_path(v->conf.state_path, sizeof(v->conf.state_path));
    v->conf.commission_per_lot_e8 = e8("3.5");
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    uint64_t open_exec = venue_event(v, BROKER_EVENT_FILL, 0)->exec_id;
    venue_send(v, venue_place(2, "EURUSD", SIDE_SELL, "0.2"));
    venue_send(v, venue_close(3, 2, SIDE_BUY, "0.05"));
    venue_send(v, venue_place(4, "EURUSD", SIDE_BUY, "100"));
    int64_t balance_e8 = paper_book_account(venue_book(v)).balance_e8;
    int64_t margin_e8 = paper_book_margin_e8(venue_book(v));
    for (int round = 0; round < 2; round++) { /* the second reads what the first compacted */
        reopen(v);
        cr_assert_eq(paper_book_account(venue_book(v)).balance_e8, balance_e8);
        cr_assert_eq(paper_book_margin_e8(venue_book(v)), margin_e8);
        cr_assert_eq(paper_book_position_count(venue_book(v)), 2);
        query(v, 3);
        cr_assert_eq(venue_event(v, BROKER_EVENT_QUERY_FOUND, 0)->lots_e8, e8("0.05"));
        query(v, 4);
        cr_assert_eq(venue_event(v, BROKER_EVENT_QUERY_FOUND, 0)->code, 10019);
        query(v, 5);
        (void)venue_event(v, BROKER_EVENT_QUERY_NONE, 0); /* asserts that there is one */
    }
    struct broker_request r = {.kind = BROKER_SNAPSHOT};
    venue_send(v, r);
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->exec_id, open_exec, "told again");
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 3);
    cr_assert_eq(venue_count(v, BROKER_EVENT_SNAPSHOT_POSITION), 2);
    cr_assert_eq(v->events[v->count - 1].kind, BROKER_EVENT_SNAPSHOT_END);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(6, "EURUSD", SIDE_BUY, "0.1"));
    cr_assert_gt(venue_event(v, BROKER_EVENT_FILL, 0)->exec_id, open_exec + 2);
    venue_remove_path(v->conf.state_path);
    venue_free(v);
}

/* ---- the history ---- */

static const struct broker_event *list_after(struct venue *v, uint64_t exec_id, int64_t since_ms)
{
    venue_send(v, (struct broker_request){
                      .kind = BROKER_SNAPSHOT, .after_exec_id = exec_id, .since_ms = since_ms});
    return venue_event(v, BROKER_EVENT_SNAPSHOT_BEGIN, 0);
}

/* Opens and closes `count` positions, a minute each; the id of the first deal. */
static uint64_t trade(struct venue *v, uint64_t first_cid, int count)
{
    uint64_t first = 0;
    for (int i = 0; i < count; i++, first_cid += 2) {
        venue_send(v, venue_place(first_cid, "EURUSD", SIDE_BUY, "0.1"));
        if (first == 0)
            first = venue_event(v, BROKER_EVENT_FILL, 0)->exec_id;
        venue_send(v, venue_close(first_cid + 1, first_cid, SIDE_SELL, "0.1"));
        venue_advance_ms(v, 60000);
    }
    return first;
}

Test(paper_desk, deals_of_a_long_outage_are_told_from_the_last_known_one_on)
{
    struct venue *v = eur_venue();
    uint64_t first = trade(v, 1, 50); /* 100 deals in 50 minutes */
    const struct broker_event *begin = list_after(v, first, 0);
    cr_assert_eq(begin->exec_id, first, "all after it");
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 99);
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->exec_id, first + 1);
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 98)->exec_id, first + 99);
    cr_assert_eq(venue_event(v, BROKER_EVENT_SNAPSHOT_END, 0)->exec_id, first + 99);
    begin = list_after(v, first + 99, 0);
    cr_assert_eq(begin->exec_id, first + 99);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 0);
    (void)list_after(v, BROKER_NO_DEALS, 0);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 0);
    (void)list_after(v, first + 99, clock_wall_ms(v->clock) - 600000);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 20, "those of ten minutes by their time");
    begin = list_after(v, 0, 0);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 100);
    cr_assert_eq(begin->exec_id, first - 1, "before it there was no venue");
    venue_free(v);
}

Test(paper_desk, history_survives_restarts_and_is_whole_as_before)
{
    struct venue *v = venue_new();
    venue_path(v->conf.state_path, sizeof(v->conf.state_path));
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    uint64_t first = trade(v, 1, 100);
    for (int round = 0; round < 2; round++) { /* the second reads what the first compacted */
        venue_advance_ms(v, 24 * 3600 * 1000);
        reopen(v);
        const struct broker_event *begin = list_after(v, first, 0);
        cr_assert_eq(begin->exec_id, first);
        cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 199);
        cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 198)->exec_id, first + 199);
    }
    (void)list_after(v, 0, 0);
    cr_assert_eq(venue_event(v, BROKER_EVENT_SNAPSHOT_BEGIN, 0)->exec_id, first - 1);
    venue_remove_path(v->conf.state_path);
    venue_free(v);
}

Test(paper_desk, a_lost_file_does_not_pass_for_a_whole_history_and_a_torn_one_is_as_good_as_before)
{
    struct venue *v = venue_new();
    venue_path(v->conf.state_path, sizeof(v->conf.state_path));
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    uint64_t first = trade(v, 1, 1);
    struct stat st;
    cr_assert_eq(stat(v->conf.state_path, &st), 0);
    cr_assert_eq(truncate(v->conf.state_path, st.st_size - 1), 0);
    reopen(v);
    cr_assert_eq(list_after(v, first, 0)->exec_id, first);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 0, "the closing deal did not happen");
    cr_assert_eq(venue_count(v, BROKER_EVENT_SNAPSHOT_POSITION), 1);
    cr_assert_eq(unlink(v->conf.state_path), 0);
    venue_advance_ms(v, 1000);
    reopen(v);
    uint64_t from = list_after(v, first, 0)->exec_id;
    cr_assert_gt(from, first + 1, "another venue, from now on");
    venue_advance_ms(v, 1000);
    reopen(v);
    cr_assert_eq(list_after(v, first, 0)->exec_id, from, "it stays so");
    venue_remove_path(v->conf.state_path);
    venue_free(v);
}

Test(paper_desk, order_working_at_the_restart_is_filled_when_there_is_a_quote)
{
    struct venue *v = venue_new();
    venue_path(v->conf.state_path, sizeof(v->conf.state_path));
    v->conf.fault_late_fill = 10000;
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    reopen(v);
    venue_advance_ms(v, 500);
    cr_assert_eq(venue_count(v, BROKER_EVENT_FILL), 0, "no quote yet");
    venue_tick(v, "EURUSD", "1.2", "1.2");
    venue_advance_ms(v, 500);
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->price_e8, e8("1.2"));
    venue_remove_path(v->conf.state_path);
    venue_free(v);
}

Test(paper_desk, exec_ids_are_never_given_again_even_without_the_file)
{
    struct venue *v = eur_venue();
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    uint64_t before = venue_event(v, BROKER_EVENT_FILL, 0)->exec_id;
    clock_manual_advance_us(v->clock, 1000);
    reopen(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(2, "EURUSD", SIDE_BUY, "0.1"));
    cr_assert_gt(venue_event(v, BROKER_EVENT_FILL, 0)->exec_id, before);
    venue_free(v);
}

Test(paper_desk, log_is_compacted_while_running)
{
    struct venue *v = venue_new();
    venue_path(v->conf.state_path, sizeof(v->conf.state_path));
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    venue_send(v, venue_place(1, "EURUSD", SIDE_BUY, "0.1"));
    struct broker_request r = {.kind = BROKER_MODIFY, .position_cid = 1, .tp_e8 = DEC_NONE};
    int64_t biggest = 0;
    struct stat st;
    for (int i = 0; i < 100000; i++) {
        r.sl_e8 = e8("1.05") + i;
        venue_send(v, r);
        if (i % 1000 == 0) {
            cr_assert_eq(stat(v->conf.state_path, &st), 0);
            biggest = st.st_size > biggest ? st.st_size : biggest;
        }
    }
    cr_assert_gt(biggest, 4000000);
    cr_assert_lt(biggest, 4400000);
    reopen(v);
    cr_assert_eq(paper_book_position(venue_book(v), 1)->sl_e8, e8("1.05") + 99999);
    cr_assert_eq(stat(v->conf.state_path, &st), 0);
    cr_assert_lt(st.st_size, 1000);
    venue_remove_path(v->conf.state_path);
    venue_free(v);
}

Test(paper_desk, full_disk_means_later_and_nothing_happens)
{
    struct venue *v = venue_new();
    venue_path(v->conf.state_path, sizeof(v->conf.state_path));
    venue_open(v);
    venue_tick(v, "EURUSD", "1.1", "1.1");
    struct broker_request with_stop = venue_place(1, "EURUSD", SIDE_BUY, "0.1");
    with_stop.sl_e8 = e8("1.09");
    venue_send(v, with_stop);
    struct stat st;
    cr_assert_eq(stat(v->conf.state_path, &st), 0);
    struct rlimit before, tight;
    getrlimit(RLIMIT_FSIZE, &before);
    tight = before;
    tight.rlim_cur = (rlim_t)st.st_size + 20; /* room for a part of a record */
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &tight);
    venue_send(v, venue_place(2, "EURUSD", SIDE_BUY, "0.1"));
    const struct broker_event *e = venue_event(v, BROKER_EVENT_REJECT, 0);
    cr_assert_eq(e->klass, BROKER_RETRY_LATER);
    cr_assert_eq(e->reason, REASON_NOT_STORED);
    cr_assert_eq(paper_book_position_count(venue_book(v)), 1);
    v->count = 0;
    venue_tick(v, "EURUSD", "1.08", "1.08");
    cr_assert_eq(v->count, 0, "the stop could not be stored: nobody was told");
    setrlimit(RLIMIT_FSIZE, &before);
    venue_tick(v, "EURUSD", "1.08", "1.08");
    cr_assert_eq(venue_event(v, BROKER_EVENT_FILL, 0)->reason, REASON_SL_HIT);
    reopen(v);
    cr_assert_eq(paper_book_position_count(venue_book(v)), 0, "no half record in the way");
    venue_remove_path(v->conf.state_path);
    venue_free(v);
}

Test(paper_desk, unreadable_state_is_an_error_not_a_fresh_account)
{
    struct venue *v = venue_new();
    snprintf(v->conf.state_path, sizeof(v->conf.state_path), "/nonexistent/venue.log");
    struct paper_desk *d = NULL;
    cr_assert_eq(paper_desk_new(&v->conf, v->clock, &d), -ENOENT);
    cr_assert_null(d);
    venue_free(v);
}

/* ---- property ---- */

struct tally {             /* what a careful listener knows, by deduping on exec_id */
    struct map *seen;      /* exec_id */
    struct map *filled;    /* cid -> lots + 1 */
    struct map *positions; /* cid -> lots + 1 */
    int64_t money_e8;      /* profit + swap - commission of all fills */
    uint8_t digest[HASH_SHA256_BYTES];
};

static int64_t map_number(struct map *m, uint64_t key)
{
    return (int64_t)(uintptr_t)map_get(m, key);
}

static void map_add(struct map *m, uint64_t key, int64_t value)
{
    int64_t now = map_number(m, key) + value;
    if (now == 0) {
        (void)map_remove(m, key); /* may not be there */
    } else {
        cr_assert(map_put(m, key, (void *)(uintptr_t)now));
    }
}

static void tally_sink(const struct broker_event *e, void *ctx)
{
    struct tally *t = ctx;
    struct buf b;
    buf_init(&b, 1024);
    buf_append(&b, t->digest, sizeof(t->digest));
    broker_event_pack(&b, e);
    hash_sha256(b.data, b.len, t->digest);
    buf_deinit(&b);
    if (e->kind != BROKER_EVENT_FILL || map_get(t->seen, e->exec_id)) {
        return;
    }
    cr_assert(map_put(t->seen, e->exec_id, t));
    cr_assert_gt(e->lots_e8, 0);
    t->money_e8 += e->profit_e8 + e->swap_e8 - e->commission_e8;
    if (e->cid != 0) {
        map_add(t->filled, e->cid, e->lots_e8);
    }
    bool opens = e->purpose == ORDER_OPEN;
    map_add(t->positions, e->position_cid, opens ? e->lots_e8 : -e->lots_e8);
    cr_assert_geq(map_number(t->positions, e->position_cid), 0);
}

#define ASKED_MAX 4096

struct walk {
    struct rng rng;
    int64_t mid_e8[3];
    int64_t asked_e8[ASKED_MAX]; /* lots of the newest requests, by cid modulo */
    uint64_t next_cid;
};
static const char *const walk_symbols[3] = {"EURUSD", "USDJPY", "EURJPY"};

static void walk_tick(struct walk *w, struct venue *v)
{
    size_t i = rng_below(&w->rng, 3);
    w->mid_e8[i] += rng_between(&w->rng, -w->mid_e8[i] / 500, w->mid_e8[i] / 500);
    struct quote q = {w->mid_e8[i] - w->mid_e8[i] / 20000, w->mid_e8[i], clock_wall_ms(v->clock)};
    paper_desk_tick(v->desk, (size_t)paper_symbol_index(walk_symbols[i]), &q);
}

static void walk_place(struct walk *w, struct venue *v)
{
    size_t i = rng_below(&w->rng, 3);
    struct broker_request r = venue_place(w->next_cid, walk_symbols[i],
                                          rng_below(&w->rng, 2) ? SIDE_BUY : SIDE_SELL, "0.01");
    r.lots_e8 *= rng_between(&w->rng, 1, 30);
    int64_t away_e8 = w->mid_e8[i] / 100 * side_sign(r.side);
    r.sl_e8 = rng_below(&w->rng, 2) ? w->mid_e8[i] - away_e8 : DEC_NONE;
    r.tp_e8 = rng_below(&w->rng, 2) ? w->mid_e8[i] + away_e8 : DEC_NONE;
    if (rng_below(&w->rng, 10) == 0) {
        r.expires_ms = clock_wall_ms(v->clock) + 1500;
    }
    w->asked_e8[w->next_cid++ % ASKED_MAX] = r.lots_e8;
    paper_desk_request(v->desk, &r);
    if (rng_below(&w->rng, 20) == 0) {
        paper_desk_request(v->desk, &r); /* sent twice */
    }
}

static void walk_close(struct walk *w, struct venue *v)
{
    const struct paper_position *p = paper_book_next_position(venue_book(v), NULL);
    for (uint64_t skip = rng_below(&w->rng, 8); p && skip > 0; skip--) {
        const struct paper_position *next = paper_book_next_position(venue_book(v), p);
        p = next ? next : p;
    }
    if (!p) {
        return;
    }
    struct broker_request r = venue_close(w->next_cid, p->cid, side_opposite(p->side), "0.01");
    r.lots_e8 = rng_below(&w->rng, 4) ? p->lots_e8 : r.lots_e8;
    w->asked_e8[w->next_cid++ % ASKED_MAX] = r.lots_e8;
    paper_desk_request(v->desk, &r);
}

static void walk_step(struct walk *w, struct venue *v)
{
    uint64_t what = rng_below(&w->rng, 100);
    if (what < 50) {
        walk_tick(w, v);
    } else if (what < 65) {
        walk_place(w, v);
    } else if (what < 90) {
        walk_close(w, v);
    } else {
        clock_manual_advance_us(v->clock, rng_between(&w->rng, 0, 2000000));
        paper_desk_run_due(v->desk);
    }
}

static void check_filled(struct walk *w, struct tally *t)
{
    size_t pos = 0;
    uint64_t cid = 0;
    void *lots;
    while ((lots = map_next(t->filled, &pos, &cid))) {
        if (cid + ASKED_MAX > w->next_cid) {
            cr_assert_leq((int64_t)(uintptr_t)lots, w->asked_e8[cid % ASKED_MAX]);
        }
    }
}

/* Balance, and positions as a careful listener has them (no lost answers) against the venue's. */
static void check_books(struct venue *v, struct tally *t)
{
    const struct paper_book *b = venue_book(v);
    cr_assert_eq(paper_book_account(b).balance_e8, v->conf.balance_e8 + t->money_e8);
    size_t n = 0;
    int64_t margin_e8 = 0;
    int64_t floating_e8 = 0;
    const struct paper_position *p = NULL;
    while ((p = paper_book_next_position(b, p))) {
        cr_assert_eq(map_number(t->positions, p->cid), p->lots_e8);
        margin_e8 += p->margin_e8;
        floating_e8 += p->floating_e8;
        n++;
    }
    cr_assert_eq(map_count(t->positions), n);
    cr_assert_eq(paper_book_margin_e8(b), margin_e8);
    cr_assert_eq(paper_book_equity_e8(b), paper_book_account(b).balance_e8 + floating_e8);
}

static struct tally run_walk(struct venue *v, uint64_t seed, int steps)
{
    struct tally t = {
        .seen = map_new(1000000), .filled = map_new(1000000), .positions = map_new(100000)};
    struct walk w = {.mid_e8 = {e8("1.1"), e8("150"), e8("165")}, .next_cid = 1};
    rng_seed(&w.rng, seed);
    v->conf.seed = seed;
    v->conf.balance_e8 = e8("1000000");
    v->conf.commission_per_lot_e8 = e8("3.5");
    v->conf.swap_long_points_e8 = e8("-3");
    v->conf.latency_base_ms = 5;
    v->conf.fault_reject = v->conf.fault_late_fill = v->conf.fault_duplicate_fill = 500;
    v->conf.fault_partial = v->conf.fault_swallow = v->conf.fault_late_reject = 500;
    int r = paper_desk_new(&v->conf, v->clock, &v->desk);
    cr_assert_eq(r, 0);
    paper_desk_start(v->desk, tally_sink, &t);
    for (int i = 0; i < steps; i++) {
        walk_step(&w, v);
        if (i % 1000 == 0) {
            check_books(v, &t);
            check_filled(&w, &t);
        }
    }
    check_books(v, &t);
    cr_assert_gt(map_count(t.seen), (size_t)steps / 10);
    map_free(t.seen);
    map_free(t.filled);
    map_free(t.positions);
    return t;
}

Test(paper_desk, books_balance_over_random_steps_with_faults)
{
    struct venue *v = venue_new();
    struct tally t = run_walk(v, 42, 200000);
    cr_assert_neq(t.money_e8, 0);
    venue_free(v);
}

Test(paper_desk, same_seed_and_steps_give_the_same_events)
{
    struct venue *a = venue_new();
    struct venue *b = venue_new();
    struct venue *c = venue_new();
    struct tally ta = run_walk(a, 7, 5000);
    struct tally tb = run_walk(b, 7, 5000);
    struct tally tc = run_walk(c, 8, 5000);
    cr_assert_arr_eq(ta.digest, tb.digest, sizeof(ta.digest));
    cr_assert_neq(memcmp(ta.digest, tc.digest, sizeof(ta.digest)), 0);
    venue_free(a);
    venue_free(b);
    venue_free(c);
}

Test(paper_desk, books_balance_across_restarts)
{
    struct venue *v = venue_new();
    venue_path(v->conf.state_path, sizeof(v->conf.state_path));
    (void)run_walk(v, 9, 5000);
    struct paper_account before = paper_book_account(venue_book(v));
    size_t positions = paper_book_position_count(venue_book(v));
    int64_t margin_e8 = paper_book_margin_e8(venue_book(v));
    size_t finished = paper_book_finished_count(venue_book(v));
    reopen(v);
    cr_assert_eq(paper_book_account(venue_book(v)).balance_e8, before.balance_e8);
    cr_assert_eq(paper_book_position_count(venue_book(v)), positions);
    cr_assert_eq(paper_book_margin_e8(venue_book(v)), margin_e8);
    cr_assert_eq(paper_book_finished_count(venue_book(v)), finished);
    venue_remove_path(v->conf.state_path);
    venue_free(v);
}
