/*
 * The bars that a histogram of durations is drawn with: a few dozen at most, and the fewer the
 * fewer there are in it, so that they are not a matter of chance. From a power of two to the next
 * they are of one width, and they begin where the histogram's buckets do.
 */
#ifndef OUTPUT_BARS_H
#define OUTPUT_BARS_H

#include <stdbool.h>
#include <stdint.h>

struct histogram;

struct bars {
	const struct histogram *of;
	int64_t steps;
	int64_t begin_us, end_us; /* of the present bar, without its end */
};

/* Bars that hold all of h, which is borrowed. Before the first. */
void bars_init(struct bars *bars, const struct histogram *h);

/* Goes to the next bar; false when there is none. */
bool bars_next(struct bars *bars);

/* How many of h, which may be another one, are in the present bar. */
uint64_t bars_count(const struct bars *bars, const struct histogram *h);

#endif
