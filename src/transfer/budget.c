#include "transfer/budget.h"

#include "transfer/lane.h"
#include "transfer/origin.h"

enum {
	LANE_OWN = 2,    /* a curl multi handle's pair of sockets */
	LANE_SPARE = 2,  /* connections for more than a fetch each: DNS over HTTPS */
	LOOKUP_OWN = 4,  /* a pair of sockets, and what the resolver opens */
	LOOKUP_PER = 32, /* fetches, at least */
	GIVEN_UP_PER_LOOKUP = 2,
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t count_lanes(uint64_t fetches)
{
	return (fetches + LANE_LIMIT - 1) / LANE_LIMIT;
}

static uint64_t least_lookups(uint64_t fetches)
{
	return least(1 + fetches / LOOKUP_PER, LOOKUP_LIMIT);
}

uint64_t budget_least(uint64_t fetches)
{
	/* Lanes of the same size may have room for some fetches more than there are. */
	uint64_t lanes = count_lanes(fetches), lane_fetches = (fetches + lanes - 1) / lanes;

	return lanes * (lane_fetches + LANE_OWN + LANE_SPARE) +
	       least_lookups(fetches) * (LOOKUP_OWN + GIVEN_UP_PER_LOOKUP);
}

/* Of what is left over a half goes to look-ups, the rest to connections that are kept. */
struct budget budget_divide(uint64_t fetches, uint64_t descriptors)
{
	uint64_t needed = budget_least(fetches), lanes = count_lanes(fetches);
	uint64_t left = descriptors > needed ? descriptors - needed : 0;
	uint64_t lookups = least(least_lookups(fetches) + left / 4 / LOOKUP_OWN, LOOKUP_LIMIT);
	uint64_t given_up =
		least(least_lookups(fetches) * GIVEN_UP_PER_LOOKUP + left / 4, GIVEN_UP_LIMIT);
	uint64_t lane_fetches = (fetches + lanes - 1) / lanes;
	uint64_t lane_left = least(left / 2 / lanes, LANE_LIMIT - lane_fetches);

	return (struct budget){
		.lane_fetches = (unsigned)(lane_fetches + lane_left),
		.lane_connections = (unsigned)(lane_fetches + lane_left + LANE_SPARE),
		.lookups = (unsigned)lookups,
		.given_up = (unsigned)given_up,
	};
}
