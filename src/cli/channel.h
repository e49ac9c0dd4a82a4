/* cli/channel.h: what the daemon and its successor say to each other over a pair of sockets, with
 * descriptors where they change hands. Main thread of each. */
#ifndef TRIDENT_CLI_CHANNEL_H
#define TRIDENT_CLI_CHANNEL_H

#include "core/core.h"

/* Who meets another number refuses: the meaning of the words below has changed. */
#define CHANNEL_PROTOCOL UINT32_C(1)

enum channel_word {
    CHANNEL_UNSET = 0,
    CHANNEL_SOCKETS,     /* old: what is inherited; text names the descriptors */
    CHANNEL_READY,       /* new: checked itself; text: its version */
    CHANNEL_PREPARE,     /* old: bots, messages, ledgers are at rest, their files are free */
    CHANNEL_PREPARED,    /* new: has opened them, unless their tables have to change */
    CHANNEL_GO,          /* old: has stopped, the journals are free */
    CHANNEL_LIVE,        /* new: answers requests */
    CHANNEL_CONNECTIONS, /* old: of its clients */
    CHANNEL_BYE,         /* old: that was all; text: "<its version> <ms clients waited>" */
    CHANNEL_FAILED,      /* new: text says why; it ends */
    CHANNEL_WORD_COUNT
};

#define CHANNEL_TEXT_CAP 800
#define CHANNEL_FDS_MAX  128

struct channel_message {
    enum channel_word word;
    char text[CHANNEL_TEXT_CAP];
    int fds[CHANNEL_FDS_MAX]; /* the receiver owns them */
    size_t fd_count;
};

enum channel_result {
    CHANNEL_OK = 0,
    CHANNEL_E_CLOSED = 1,  /* the other side has ended */
    CHANNEL_E_TIMEOUT = 2, /* nothing was said in time */
    CHANNEL_E_STOPPED = 3  /* stop_fd became readable */
};

TR_MUST_USE int channel_pair(int ret_fds[2]); /* close-on-exec */
/* 0 or a negative error; m->fds stay the sender's. */
TR_MUST_USE int channel_send(int fd, const struct channel_message *m);
/* Waits until until_us (monotonic); stop_fd -1: none. */
TR_MUST_USE int channel_receive(int fd, int64_t until_us, int stop_fd, struct channel_message *ret);
void channel_close_fds(struct channel_message *m);

#endif
