#include "output/samples.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "output/excerpt.h"

enum { SLOW_SHARE = 4 }; /* one in so many is for the slowest */

static void choice_init(struct sample_choice *choice, size_t limit)
{
	choice->limit = limit;
	choice->items = mem_zero(limit, sizeof(struct sample));
}

static void release_items(struct sample *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(items[i].url);
	free(items);
}

void samples_init(struct samples *samples, size_t limit)
{
	size_t slow = limit / SLOW_SHARE;

	*samples = (struct samples){.limit = limit};
	choice_init(&samples->even, limit);
	choice_init(&samples->slow, slow ? slow : 1);
}

void samples_release(struct samples *samples)
{
	release_items(samples->items, samples->count);
	release_items(samples->even.items, samples->even.count);
	release_items(samples->slow.items, samples->slow.count);
}

/*
 * The multiples of the golden ratio without what is before the point: those below any bound are
 * spread evenly (the three-gap theorem), and never all in step with what has a period in the list,
 * such as two hosts in turn.
 */
static uint64_t even_rank(const struct sample *sample)
{
	return sample->index * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t slow_rank(const struct sample *sample)
{
	return UINT64_MAX - (uint64_t)sample->total_us;
}

/* Of the same rank the first in the input is lower, so that what comes first does not matter. */
static bool is_lower(const struct sample *a, const struct sample *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->index < b->index;
}

static void swap(struct sample *a, struct sample *b)
{
	struct sample kept = *a;

	*a = *b;
	*b = kept;
}

static void sift_up(struct sample *items, size_t i)
{
	for (; i && is_lower(&items[(i - 1) / 2], &items[i]); i = (i - 1) / 2)
		swap(&items[i], &items[(i - 1) / 2]);
}

static void sift_down(struct sample_choice *choice)
{
	struct sample *items = choice->items;

	for (size_t i = 0, child; (child = 2 * i + 1) < choice->count; i = child) {
		if (child + 1 < choice->count && is_lower(&items[child], &items[child + 1]))
			child++;
		if (!is_lower(&items[i], &items[child]))
			break;
		swap(&items[child], &items[i]);
	}
}

static void choose(struct sample_choice *choice, struct sample sample, uint64_t rank,
                   const struct result *r)
{
	sample.rank = rank;
	if (choice->count < choice->limit) {
		sample.url = excerpt_url(r);
		choice->items[choice->count++] = sample;
		sift_up(choice->items, choice->count - 1);
	} else if (is_lower(&sample, &choice->items[0])) {
		sample.url = excerpt_url(r);
		free(choice->items[0].url);
		choice->items[0] = sample;
		sift_down(choice);
	}
}

void samples_add(struct samples *samples, const struct result *r, const struct phases *phases)
{
	struct sample sample = {
		.index = r->request.index,
		.phases = *phases,
		.failure = r->failure,
		.attempts = r->attempts,
		.http_code = r->http_code,
		.bytes = r->size_download,
		.total_us = r->time_total_us > 0 ? r->time_total_us : 0,
	};

	samples->added++;
	choose(&samples->even, sample, even_rank(&sample), r);
	choose(&samples->slow, sample, slow_rank(&sample), r);
}

/* ---- when all are there ---- */

static int by_rank(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return is_lower(x, y) ? -1 : is_lower(y, x);
}

static int by_begin(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->phases.begin_us != y->phases.begin_us)
		return x->phases.begin_us < y->phases.begin_us ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static bool has(const struct samples *samples, uint64_t index)
{
	for (size_t i = 0; i < samples->slowest; i++) {
		if (samples->items[i].index == index)
			return true;
	}
	return false;
}

static void take(struct samples *samples, struct sample *sample)
{
	samples->items[samples->count++] = *sample;
	sample->url = NULL;
}

/* First the slowest, then others as long as there is room. */
static void merge(struct samples *samples)
{
	struct sample_choice *even = &samples->even, *slow = &samples->slow;

	if (samples->added > samples->limit) {
		for (size_t i = 0; i < slow->count; i++)
			take(samples, &slow->items[i]);
		samples->slowest = slow->count;
	}
	qsort(even->items, even->count, sizeof(struct sample), by_rank);
	for (size_t i = 0; i < even->count && samples->count < samples->limit; i++) {
		if (!has(samples, even->items[i].index))
			take(samples, &even->items[i]);
	}
}

void samples_sort(struct samples *samples)
{
	if (samples->items)
		return;
	samples->items = mem_zero(samples->limit, sizeof(struct sample));
	merge(samples);
	qsort(samples->items, samples->count, sizeof(struct sample), by_begin);
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* When the items ended, in that order. The caller frees it. */
static int64_t *sorted_ends(const struct samples *samples)
{
	int64_t *ends_us = mem_zero(samples->count, sizeof(*ends_us));

	for (size_t i = 0; i < samples->count; i++)
		ends_us[i] = phases_end_us(&samples->items[i].phases);
	qsort(ends_us, samples->count, sizeof(*ends_us), by_time);
	return ends_us;
}

/*
 * How many of the first count ended so early that they would fill no more than one in `squeezed`
 * parts of their share of the time; 0: less than `least`.
 */
static size_t count_squeezed(const int64_t *ends_us, size_t count, size_t least, double squeezed)
{
	double share_us = (double)ends_us[count - 1] / (double)count / squeezed;

	for (size_t i = count - 1; i && i >= least; i--) {
		if ((double)ends_us[i - 1] <= share_us * (double)i)
			return i;
	}
	return 0;
}

size_t samples_get_views(const struct samples *samples, double squeezed,
                         struct samples_view views[SAMPLES_VIEWS])
{
	size_t ended = samples->count, least = (samples->count + 1) / 2, count = 0;
	int64_t *ends_us;

	if (!ended)
		return 0;
	ends_us = sorted_ends(samples);
	while (count < SAMPLES_VIEWS && ended && ends_us[ended - 1] > 0) {
		views[count++] = (struct samples_view){ends_us[ended - 1], ended};
		ended = count_squeezed(ends_us, ended, least, squeezed);
	}
	free(ends_us);
	return count;
}
