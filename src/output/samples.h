/*
 * Requests that stand for all of a run, for pictures that have room for so many: all of them, until
 * there are more. Then so many that are spread evenly over the input, the same ones each time.
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
	char *url;        /* an excerpt; owned */
};

/* Read the members freely. */
struct samples {
	struct sample *items;
	size_t count, limit;
	uint64_t added; /* of how many requests these are a sample */
};

/* limit is at least 1. */
void samples_init(struct samples *samples, size_t limit);
void samples_release(struct samples *samples);

/* The result is of a request that was attempted; they come in any order. */
void samples_add(struct samples *samples, const struct result *result, const struct phases *phases);

/* When all are there: puts the samples into the order in which they began, then of the input. */
void samples_sort(struct samples *samples);

#endif
