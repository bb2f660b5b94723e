/*
 * The bars that a histogram of durations is drawn with: a few dozen at most, and the fewer the
 * fewer there are in it, so that they are not a matter of chance. On a linear axis all have the
 * same width; on a logarithmic one each is the same number of times longer than the one before it.
 * They begin and end where the histogram's buckets do, so that their counts are exact; on a
 * logarithmic axis this makes their ratios differ slightly.
 */
#ifndef OUTPUT_BARS_H
#define OUTPUT_BARS_H

#include <stdbool.h>
#include <stdint.h>

struct histogram;

struct bars {
	const struct histogram *of;
	bool is_log;
	int64_t count, next;        /* how many bars there are; the one after the present one */
	int64_t first_us, width_us; /* where the first begins; of each, on a linear axis */
	int64_t begin_us, end_us;   /* of the present bar, without its end */
};

/*
 * Bars that hold all of h, which is borrowed. Before the first. The axis is logarithmic where half
 * of the values would be in the first tenth of a linear one.
 */
void bars_init(struct bars *bars, const struct histogram *h);

/* Goes to the next bar; false when there is none. */
bool bars_next(struct bars *bars);

/* How many of h, which may be another one, are in the present bar. */
uint64_t bars_count(const struct bars *bars, const struct histogram *h);

#endif
