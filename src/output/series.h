/*
 * What went on over the time of a run, in fixed memory: equal spans of time, which are joined in
 * pairs whenever the run gets longer than all of them.
 */
#ifndef OUTPUT_SERIES_H
#define OUTPUT_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SERIES_SPANS = 960, /* even a part of the run has enough of them */
	SERIES_LEAST_US = 100,
};

struct series_span {
	double transfer_us; /* of transfers, all together: per span_us this is how many there were
	                     */
	double bytes;       /* of bodies, each spread evenly over the time that it took to come */
	uint64_t ended, failed; /* requests; those that failed are among those that ended */
};

/* {0} is empty. */
struct series {
	int64_t span_us; /* how long each is; 0: empty */
	size_t used;
	struct series_span spans[SERIES_SPANS];
};

/* A transfer, as an attempt: from its begin to its end, in microseconds from the run's start. */
struct series_transfer {
	int64_t begin_us, receive_us, end_us; /* in this order */
	int64_t bytes;
	bool is_ok;
};

void series_add(struct series *series, const struct series_transfer *transfer);

#endif
