/* docs/model/hand_over.pml: queue, batch, commit, claim and hand-over of one trader, for spin.
 * What it says about and what it leaves out: docs/model/README.md. Checked by tests/model.
 *
 *   poster --queue--> engine: apply -> commit (claim checked in it) -> claim again -> send -> answer
 *
 * Two processes of the same trader on the same journal: the first may be frozen anywhere, crash
 * anywhere, or hand over; the second then takes the next epoch, recovers and goes on. */
#ifndef SABOTAGE
#define SABOTAGE 0 /* 1 sends before the commit; 2 answers before it; 3 no claim in the commit and
                    * before sending; 4 no key check; 5 unknown orders are sent again */
#endif

#define INPUTS 2 /* each wants one order; its key and its order have the same number */
#define PROCS  2

/* ---- on disk: survives everything ---- */
bool stored[INPUTS]; /* the row of this key is committed; with it its order, as SENDING */
byte rows[INPUTS];   /* how often: a key may be applied once */
byte epoch;          /* claim: who opened last */

/* ---- at the broker ---- */
byte sent[INPUTS];     /* requests of this order that have arrived */
byte executed[INPUTS]; /* the broker knows its ids: a second request is not executed */

/* ---- the poster: asks until it is told "stored" ---- */
bool told[INPUTS];

/* ---- processes ---- */
mtype = { DOWN, UP, DEAD };
mtype life[PROCS] = DOWN;
bool asks_over;  /* a successor is wanted */

/* Each its own; what waits in it dies with the process. */
chan queue[PROCS] = [1] of { byte };

/* Any order, any number of times, to whoever is there. */
proctype poster()
{
end:
    do
    :: atomic { !told[0] && life[0] == UP && empty(queue[0]) -> queue[0]!0 }
    :: atomic { !told[1] && life[0] == UP && empty(queue[0]) -> queue[0]!1 }
    :: atomic { !told[0] && life[1] == UP && empty(queue[1]) -> queue[1]!0 }
    :: atomic { !told[1] && life[1] == UP && empty(queue[1]) -> queue[1]!1 }
    :: told[0] && told[1] -> break
    od
}

inline submit(k)
{
    /* A frozen process that resumes here has lost its claim meanwhile: the broker still hears
     * only what was let through by the check just before. */
    assert(stored[k]);          /* nothing leaves before it is durable */
    assert(sent[k] == 0);       /* and nothing twice */
    assert(my_epoch == epoch);  /* and only the newest owner sends */
    sent[k] = sent[k] + 1;
    executed[k] = executed[k] + 1;
}

proctype engine(byte me)
{
    byte k, my_epoch;
    bool is_new, had[INPUTS];

    /* Start: the claim, then what the journal says; orders that may have been sent are asked for,
     * not sent. */
    atomic { epoch = epoch + 1; my_epoch = epoch }
    atomic {
        do
        :: k < INPUTS ->
            had[k] = stored[k];
            if
            :: had[k] && SABOTAGE == 5 -> submit(k)
            :: else -> skip
            fi;
            k++
        :: else -> k = 0; break
        od;
        life[me] = UP
    }
    do
    :: atomic { queue[me]?k ->
            is_new = SABOTAGE == 4 || !had[k];
            if
            :: SABOTAGE == 2 -> told[k] = true
            :: SABOTAGE == 1 && is_new -> submit(k)
            :: else -> skip
            fi
        }
        /* commit: one transaction, in which the claim is read; or the disk fails; or it dies */
        if
        :: is_new ->
            if
            :: atomic { (my_epoch == epoch || SABOTAGE == 3) ->
                    stored[k] = true; rows[k] = rows[k] + 1; had[k] = true }
            :: atomic { my_epoch != epoch && SABOTAGE != 3 -> goto fenced }
            :: skip -> goto undone /* the write failed: nothing left, the poster asks again */
            fi
        :: else -> goto answer
        fi;
        if
        :: goto died /* after the commit, before anything left */
        :: skip
        fi;
        /* claim again, then the request leaves */
        if
        :: SABOTAGE == 1 -> skip
        :: SABOTAGE == 3 -> atomic { submit(k) }
        :: SABOTAGE != 1 && SABOTAGE != 3 ->
            if
            :: atomic { my_epoch == epoch -> submit(k) }
            :: atomic { my_epoch != epoch -> goto fenced }
            fi
        fi;
        if
        :: goto died /* sent, nobody answered */
        :: skip
        fi;
answer:
        assert(stored[k]); /* whoever hears "stored" is not lied to */
        told[k] = true;
undone:
        k = 0
    :: asks_over && me == 0 -> break /* drained or not: posters ask again */
    :: told[0] && told[1] -> break
    :: goto died
    od;
fenced:
died:
    atomic {
        life[me] = DEAD;
        do
        :: queue[me]?k /* what waited in it goes with it */
        :: empty(queue[me]) -> break
        od
    }
}

/* Starts the successor at any moment: the first may be running, frozen at any place, dead, or
 * asked to hand over. */
init
{
    run poster();
    run engine(0);
    if
    :: asks_over = true
    :: skip
    fi;
    run engine(1);
    /* At the end, whatever happened */
    (life[0] == DEAD && life[1] == DEAD);
    byte i = 0;
    do
    :: i < INPUTS ->
        assert(rows[i] <= 1);
        assert(executed[i] <= 1);
        assert(!told[i] || stored[i]);
        i++
    :: else -> break
    od
}
