/* notify/collect.h: boxes in notify.db that hold messages together: a burst box while a chat gets
 * more than it should, a digest box until the person's digest time. A box keeps, for each topic,
 * type and symbol, how many there were and exact sums; it is emptied into one card in the
 * transaction that puts the card into the outbox, so nothing is counted twice or lost. Sender
 * thread only. */
#ifndef TRIDENT_NOTIFY_COLLECT_H
#define TRIDENT_NOTIFY_COLLECT_H

#include "notify/outbox.h"
#include "notify/rules.h"

struct collect_item {
    struct outbox_box box;
    const struct event *event;
    int64_t count;    /* events of this kind: 1, or the number of counted repeats */
    const char *card; /* what would have been sent, when this is its first event; or NULL */
    int64_t card_count;
};
TR_MUST_USE int collect_add(struct outbox *o, const struct collect_item *item);

struct collect_card {
    int64_t count;
    bool is_silent;         /* every type in it arrives without sound */
    enum priority priority; /* the highest in it */
};
/* What the box has for its topic as one card, appended to out; a single message is told as it was.
 */
TR_MUST_USE int collect_render(struct outbox *o, const struct outbox_box *box, enum lang lang,
                               const struct rules *rules, struct buf *out,
                               struct collect_card *ret);
/* 1: the next topic the box has something for is in box->topic; 0: it is empty. */
TR_MUST_USE int collect_next_topic(struct outbox *o, struct outbox_box *box);
TR_MUST_USE int collect_clear(struct outbox *o, const struct outbox_box *box);

#endif
