/* notify/leaving.h: somebody of the directory may do less from now on, or is gone: what waits for
 * them is not sent any more, their live cards end, and whoever asked to know is told. Sender thread
 * only. */
#ifndef TRIDENT_NOTIFY_LEAVING_H
#define TRIDENT_NOTIFY_LEAVING_H

#include "notify/notify_impl.h"

/* A SUBSCRIPTION event, into the open transaction: targets_apply() and what follows from it. */
TR_MUST_USE int leaving_apply(struct notify *n, const struct event *e);

#endif
