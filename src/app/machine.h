/*
 * What the machine lets a run have: descriptors and cores. Within app/ only.
 */
#ifndef APP_MACHINE_H
#define APP_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* That this process may use; at least 1. */
unsigned machine_count_cores(void);

/* How many network threads so many transfers deserve: one per core, at most 4; one for a few. */
uint64_t machine_choose_threads(uint64_t concurrency);

/* How the descriptors are shared out. */
struct machine_share {
	uint64_t concurrency, threads;
	bool keeps_hosts;           /* any thread may come to have all transfers */
	uint64_t fetch_descriptors; /* of a transfer, besides its connection */
	uint64_t others; /* that the run may need elsewhere; those that are open count too */
	uint64_t engine_descriptors; /* set by machine_fit_descriptors(): for each engine */
};

/*
 * Raises the soft limit of open files to the hard one, and gives the engines what they may have of
 * it. Where there is no room for so many transfers and threads it makes them fewer, with a warning
 * on standard error.
 */
void machine_fit_descriptors(struct machine_share *share);

/* How many transfers a thread may have at once. */
uint64_t machine_thread_fetches(const struct machine_share *share);

#endif
