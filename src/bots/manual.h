/* bots/manual.h: docs/COMMANDS.md, made from the command table and the list of legacy names. */
#ifndef TRIDENT_BOTS_MANUAL_H
#define TRIDENT_BOTS_MANUAL_H

#include "core/buf.h"

#define MANUAL_MAX_BYTES (256 * 1024)

void manual_markdown(struct buf *out);

#endif
