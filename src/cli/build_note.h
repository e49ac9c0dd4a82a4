/* cli/build_note.h: every trident carries an ELF note that says what it is, so that a file can be
 * recognised without running it. Any thread; reads the file. */
#ifndef TRIDENT_CLI_BUILD_NOTE_H
#define TRIDENT_CLI_BUILD_NOTE_H

#include "core/core.h"

#define BUILD_NOTE_VERSION_CAP 24
#define BUILD_NOTE_WHY_CAP     200

struct build_note {
    uint32_t protocol; /* CHANNEL_PROTOCOL it was built with */
    char version[BUILD_NOTE_VERSION_CAP];
};

/* False: why says in words what the file is instead of a trident for this machine. */
TR_MUST_USE bool build_note_read(const char *path, struct build_note *ret,
                                 char why[BUILD_NOTE_WHY_CAP]);

#endif
