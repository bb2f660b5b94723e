/*
 * A histogram of durations in fixed memory, for percentiles: values below 256 are counted exactly,
 * larger ones in 128 buckets per power of two, so that what is read back is within 0.4 %.
 */
#ifndef OUTPUT_HISTOGRAM_H
#define OUTPUT_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum {
	HISTOGRAM_EXACT = 256,
	HISTOGRAM_OCTAVES = 34, /* up to 2^42 us, 50 days; longer ones count as that */
	HISTOGRAM_BUCKETS = HISTOGRAM_EXACT + HISTOGRAM_OCTAVES * 128,
};

/*
 * The bucket of a value, with 2^bits buckets per power of two, and the middle of a bucket. Values
 * below 2^(bits + 1) have one each.
 */
size_t histogram_bucket(uint64_t value, unsigned bits);
int64_t histogram_middle(size_t bucket, unsigned bits);

/* Where the bucket of a value, which is not negative, begins in a struct histogram, and ends. */
int64_t histogram_bucket_begin(int64_t value);
int64_t histogram_bucket_end(int64_t value);

/* {0} is empty. */
struct histogram {
	uint64_t buckets[HISTOGRAM_BUCKETS];
	uint64_t count, sum, min, max; /* exact */
};

void histogram_add(struct histogram *h, int64_t value);

/* Adds all values of other. */
void histogram_add_all(struct histogram *h, const struct histogram *other);

/* The value that quantile (0 to 1) of all are at or below; 0 when empty. */
int64_t histogram_quantile(const struct histogram *h, double quantile);

/* How many values are below value; exact where a bucket begins with it. */
uint64_t histogram_below(const struct histogram *h, int64_t value);

#endif
