#include "output/samples.h"

#include <stdlib.h>

#include "base/mem.h"
#include "output/excerpt.h"

void samples_init(struct samples *samples, size_t limit)
{
	*samples = (struct samples){.limit = limit};
	samples->items = mem_zero(limit, sizeof(struct sample));
}

void samples_release(struct samples *samples)
{
	for (size_t i = 0; i < samples->count; i++)
		free(samples->items[i].url);
	free(samples->items);
}

/*
 * The lowest ranks are taken. They are the multiples of the golden ratio without what is before the
 * point: those below any bound are spread evenly (the three-gap theorem), and never all in step
 * with what has a period in the list, such as two hosts in turn.
 */
static uint64_t rank_of(const struct sample *sample)
{
	return sample->index * UINT64_C(0x9e3779b97f4a7c15);
}

static void swap(struct sample *a, struct sample *b)
{
	struct sample kept = *a;

	*a = *b;
	*b = kept;
}

/* The items are a heap: the first has the highest rank. */
static void sift_up(struct samples *samples, size_t i)
{
	struct sample *items = samples->items;

	for (; i && rank_of(&items[(i - 1) / 2]) < rank_of(&items[i]); i = (i - 1) / 2)
		swap(&items[i], &items[(i - 1) / 2]);
}

static void sift_down(struct samples *samples, size_t i)
{
	struct sample *items = samples->items;

	for (size_t child; (child = 2 * i + 1) < samples->count; i = child) {
		if (child + 1 < samples->count &&
		    rank_of(&items[child]) < rank_of(&items[child + 1]))
			child++;
		if (rank_of(&items[child]) <= rank_of(&items[i]))
			break;
		swap(&items[child], &items[i]);
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
	if (samples->count < samples->limit) {
		sample.url = excerpt_url(r);
		samples->items[samples->count++] = sample;
		sift_up(samples, samples->count - 1);
	} else if (rank_of(&sample) < rank_of(&samples->items[0])) {
		sample.url = excerpt_url(r);
		free(samples->items[0].url);
		samples->items[0] = sample;
		sift_down(samples, 0);
	}
}

static int by_begin(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->phases.begin_us != y->phases.begin_us)
		return x->phases.begin_us < y->phases.begin_us ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

void samples_sort(struct samples *samples)
{
	qsort(samples->items, samples->count, sizeof(struct sample), by_begin);
}
