/* cli/footprint.h: how much memory the daemon holds. Main thread only. */
#ifndef TRIDENT_CLI_FOOTPRINT_H
#define TRIDENT_CLI_FOOTPRINT_H

void footprint_limit(void);  /* before the first thread and the first database */
void footprint_shrink(void); /* once the start is over: gives back what only the start used */

#endif
