/* cli/verify.h: what `trident verify` shares with `trident audit verify`. Prints what it finds. */
#ifndef TRIDENT_CLI_VERIFY_H
#define TRIDENT_CLI_VERIFY_H

#include "backup/check.h"

/* One journal: enum cli_exit, after a line that says what was found. */
int verify_journal(const char *name, const char *path, const struct check_options *o);
/* Every database below a data folder or a backup: enum cli_exit. */
int verify_folder(const char *folder, bool quick);

#endif
