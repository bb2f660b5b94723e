/*
 * Requests that stand for all of a run, for pictures that have room for so many: all of them, until
 * there are more. Then a quarter of the room is for the slowest, which are always there, and the
 * others are spread evenly over the input, the same ones each time.
 */
#ifndef OUTPUT_SAMPLES_H
#define OUTPUT_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "output/phases.h"
#include "transfer/result.h"

struct sample {
	uint64_t index;
	struct phases phases;
	enum failure failure;
	unsigned attempts;
	int http_code;
	int64_t bytes;
	int64_t total_us; /* of the last attempt */
	uint64_t rank;    /* among others of its choice: the lowest are kept */
	char *url;        /* an excerpt; owned */
};

/* Those with the lowest ranks. A heap: the first has the highest of them. */
struct sample_choice {
	struct sample *items;
	size_t count, limit;
};

/* Read added and, after samples_sort(), the items. */
struct samples {
	struct sample *items;
	size_t count, limit;
	size_t slowest; /* how many of the items are the slowest; 0: the items are all that were
	                   added */
	uint64_t added; /* of how many requests these are a sample */
	struct sample_choice even, slow;
};

/* limit is at least 1. */
void samples_init(struct samples *samples, size_t limit);
void samples_release(struct samples *samples);

/* The result is of a request that was attempted; they come in any order. */
void samples_add(struct samples *samples, const struct result *result, const struct phases *phases);

/*
 * When all are there: makes the items, in the order in which they began, then of the input. May be
 * called again, but nothing may be added after it.
 */
void samples_sort(struct samples *samples);

enum { SAMPLES_VIEWS = 8 };

/* A part of the time of the run, from its start on, and how many of the items ended within it. */
struct samples_view {
	int64_t end_us;
	size_t ended;
};

/*
 * The parts that a picture of the items may show. The first is the whole. Where a few items end so
 * late that the others would fill no more than one in `squeezed` parts of their share of a part,
 * there is a shorter part, which ends with the last of those others, as long as half of all items
 * are in it. So the last part shows most of the items, and none is squeezed into its edge. After
 * samples_sort(). Returns how many parts there are.
 */
size_t samples_get_views(const struct samples *samples, double squeezed,
                         struct samples_view views[SAMPLES_VIEWS]);

#endif
