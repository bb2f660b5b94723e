/*
 * What the machine lets a run have: descriptors and cores. Within app/ only.
 */
#ifndef APP_MACHINE_H
#define APP_MACHINE_H

#include <stdint.h>

/* That this process may use; at least 1. */
unsigned machine_count_cores(void);

/* How many network threads so many transfers deserve: one per core, at most 4; one for a few. */
uint64_t machine_choose_threads(uint64_t concurrency);

/*
 * Raises the soft limit of open files to the hard one. Where that has no room for so many transfers
 * and threads, and for others, it makes them fewer, with a warning on standard error.
 */
void machine_fit_descriptors(uint64_t others, uint64_t *concurrency, uint64_t *threads);

#endif
