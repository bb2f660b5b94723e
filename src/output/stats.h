/*
 * What a run comes to: counts, times and percentiles, in fixed memory.
 */
#ifndef OUTPUT_STATS_H
#define OUTPUT_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "output/histogram.h"
#include "transfer/options.h"
#include "transfer/result.h"

struct buf;
struct json;

/* {0} is the start of a run. */
struct stats {
	uint64_t requests, ok, retries, connections;
	uint64_t skipped;         /* done in an earlier run, and not among the requests */
	uint64_t bytes;           /* of bodies, as they came */
	int64_t transfer_time_us; /* the sum over all attempts that ran to an end */
	int64_t wall_us;          /* set by the run when it ends */
	uint64_t statuses[STATUS_LIMIT];
	uint64_t failures[FAILURES];
	struct histogram latency;
};

void stats_add(struct stats *stats, const struct result *result);

/* The summary as a JSON object. */
void stats_put_json(struct json *json, const struct stats *stats);

/* The summary for people: a few lines. */
void stats_put_text(struct buf *out, const struct stats *stats, bool has_color);

#endif
