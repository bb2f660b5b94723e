/*
 * What the machine lets a run have: descriptors and cores. Within app/ only.
 */
#ifndef APP_MACHINE_H
#define APP_MACHINE_H

#include <stdint.h>

/*
 * Raises the soft limit of open files to the hard one. Returns how many transfers at once have room
 * in it: concurrency, or fewer with a warning on standard error.
 */
uint64_t machine_fit_descriptors(uint64_t concurrency);

/* How many network threads so many transfers deserve: one per core, at most 4; one for a few. */
unsigned machine_choose_threads(uint64_t concurrency);

#endif
