#include "output/bars.h"

#include <math.h>
#include <stddef.h>

#include "output/histogram.h"

enum {
	MOST = 60,
	FEW = 12,          /* or one for so many: */
	VALUES_OF_BAR = 8, /* then most bars have some */
	/* On a logarithmic axis, from a power of two to the next: so many buckets are in each that
	 * it does not matter where they end. */
	MOST_OF_OCTAVE = 8,
	LEAST_RATIO = 4, /* with less between the ends a logarithmic axis would show no more */
};

/* Whether half of the values would be in the first tenth of a linear axis. */
static bool needs_log(const struct histogram *h)
{
	int64_t min = (int64_t)h->min, range = (int64_t)h->max - min;

	return (int64_t)h->max / LEAST_RATIO > min && histogram_quantile(h, 0.5) - min < range / 10;
}

static int64_t log_edge(const struct bars *bars, int64_t i)
{
	double least = bars->of->min ? (double)bars->of->min : 1;
	double octaves = log2((double)bars->of->max / least);
	double edge = least * exp2(octaves * (double)i / (double)bars->count);

	return i == bars->count ? histogram_bucket_end((int64_t)bars->of->max)
	                        : histogram_bucket_begin((int64_t)edge);
}

/* Where bar i begins; after the last there is the end of all. */
static int64_t edge_of(const struct bars *bars, int64_t i)
{
	return bars->is_log ? log_edge(bars, i) : bars->first_us + i * bars->width_us;
}

static void init_linear(struct bars *bars, int64_t wanted)
{
	int64_t max = (int64_t)bars->of->max, end_us = histogram_bucket_end(max);
	int64_t bucket = end_us - histogram_bucket_begin(max);

	/* The widths of smaller values' buckets divide that of the largest one's. */
	bars->first_us = (int64_t)bars->of->min / bucket * bucket;
	bars->width_us = ((end_us - bars->first_us - 1) / (wanted * bucket) + 1) * bucket;
	bars->count = (end_us - bars->first_us - 1) / bars->width_us + 1;
}

static void init_log(struct bars *bars, int64_t wanted)
{
	double least = bars->of->min ? (double)bars->of->min : 1;
	double most = MOST_OF_OCTAVE * log2((double)bars->of->max / least);

	bars->first_us = histogram_bucket_begin((int64_t)bars->of->min);
	bars->count = most < (double)wanted ? (int64_t)ceil(most) : wanted;
}

void bars_init(struct bars *bars, const struct histogram *h)
{
	uint64_t wanted = h->count / VALUES_OF_BAR;

	*bars = (struct bars){.of = h, .is_log = needs_log(h)};
	if (!h->count)
		return;
	wanted = wanted < FEW ? FEW : wanted > MOST ? MOST : wanted;
	if (bars->is_log)
		init_log(bars, (int64_t)wanted);
	else
		init_linear(bars, (int64_t)wanted);
	bars->end_us = bars->first_us;
}

bool bars_next(struct bars *bars)
{
	bars->begin_us = bars->end_us;
	/* Short times have buckets that are longer than a bar would be. */
	while (bars->next < bars->count && bars->end_us <= bars->begin_us)
		bars->end_us = edge_of(bars, ++bars->next);
	return bars->end_us > bars->begin_us;
}

uint64_t bars_count(const struct bars *bars, const struct histogram *h)
{
	return histogram_below(h, bars->end_us) - histogram_below(h, bars->begin_us);
}
