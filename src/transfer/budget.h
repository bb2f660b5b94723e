/*
 * How an engine divides the descriptors that it may have. Connections that are kept for later
 * requests count as much as those in use, so each lane has a ceiling for both together, at which
 * libcurl closes the one that was idle for longest before it opens another.
 */
#ifndef TRANSFER_BUDGET_H
#define TRANSFER_BUDGET_H

#include <stdint.h>

struct budget {
	unsigned lane_fetches;     /* in a lane at once */
	unsigned lane_connections; /* of a lane at once, in use or idle; more than lane_fetches */
	unsigned lookups;          /* names that are asked for at once */
	unsigned given_up;         /* look-ups that nobody waits for any more, before it is fewer */
};

/* As many descriptors an engine needs at least for so many fetches at once. */
uint64_t budget_least(uint64_t fetches);

/* fetches is at least 1; descriptors is at least budget_least(fetches), or taken for that. */
struct budget budget_divide(uint64_t fetches, uint64_t descriptors);

#endif
