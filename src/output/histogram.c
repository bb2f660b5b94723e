#include "output/histogram.h"

#include <math.h>

enum { BITS = 7 };

size_t histogram_bucket(uint64_t value, unsigned bits)
{
	uint64_t per_octave = UINT64_C(1) << bits;
	unsigned octave;

	if (value < 2 * per_octave)
		return (size_t)value;
	/* 2^(bits + 1) is octave 0. The bits below the highest one choose the bucket. */
	octave = 62u - (unsigned)__builtin_clzll(value) - bits;
	return (size_t)((2 + octave) * per_octave + (value >> (octave + 1) & (per_octave - 1)));
}

/* What is in a bucket: from begin to begin + width, without that. */
static void get_bucket(size_t bucket, unsigned bits, int64_t *ret_begin, int64_t *ret_width)
{
	size_t per_octave = (size_t)1 << bits;

	*ret_begin = (int64_t)bucket;
	*ret_width = 1;
	if (bucket < 2 * per_octave)
		return;
	bucket -= 2 * per_octave;
	*ret_width = INT64_C(2) << bucket / per_octave;
	*ret_begin = *ret_width * (int64_t)(per_octave + bucket % per_octave);
}

int64_t histogram_middle(size_t bucket, unsigned bits)
{
	int64_t begin, width;

	get_bucket(bucket, bits, &begin, &width);
	return begin + width / 2;
}

static size_t bucket_of(uint64_t value)
{
	size_t i = histogram_bucket(value, BITS);

	return i < HISTOGRAM_BUCKETS ? i : HISTOGRAM_BUCKETS - 1;
}

int64_t histogram_bucket_begin(int64_t value)
{
	int64_t begin, width;

	get_bucket(bucket_of((uint64_t)value), BITS, &begin, &width);
	return begin;
}

int64_t histogram_bucket_end(int64_t value)
{
	int64_t begin, width;

	get_bucket(bucket_of((uint64_t)value), BITS, &begin, &width);
	return begin + width;
}

void histogram_add(struct histogram *h, int64_t value)
{
	uint64_t v = value > 0 ? (uint64_t)value : 0;

	h->buckets[bucket_of(v)]++;
	if (!h->count || v < h->min)
		h->min = v;
	if (v > h->max)
		h->max = v;
	h->count++;
	h->sum += v;
}

void histogram_add_all(struct histogram *h, const struct histogram *other)
{
	if (!other->count)
		return;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->buckets[i] += other->buckets[i];
	if (!h->count || other->min < h->min)
		h->min = other->min;
	if (other->max > h->max)
		h->max = other->max;
	h->count += other->count;
	h->sum += other->sum;
}

int64_t histogram_quantile(const struct histogram *h, double quantile)
{
	uint64_t rank = (uint64_t)ceil(quantile * (double)h->count), seen = 0;
	int64_t value = (int64_t)h->max;

	/* The ends are known exactly. */
	if (rank <= 1)
		return (int64_t)h->min;
	if (rank >= h->count)
		return value;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->buckets[i];
		if (seen >= rank) {
			value = histogram_middle(i, BITS);
			break;
		}
	}
	if (value > (int64_t)h->max)
		return (int64_t)h->max;
	return value < (int64_t)h->min ? (int64_t)h->min : value;
}

uint64_t histogram_below(const struct histogram *h, int64_t value)
{
	size_t end = value > 0 ? histogram_bucket((uint64_t)value, BITS) : 0;
	uint64_t below = 0;

	end = end < HISTOGRAM_BUCKETS ? end : HISTOGRAM_BUCKETS;
	for (size_t i = 0; i < end; i++)
		below += h->buckets[i];
	return below;
}
