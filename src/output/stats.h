/*
 * What a run comes to: counts, times and percentiles, in fixed memory (about 900 kB, of which the
 * pages count that are written to).
 */
#ifndef OUTPUT_STATS_H
#define OUTPUT_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "output/histogram.h"
#include "output/phases.h"
#include "transfer/options.h"
#include "transfer/result.h"

struct buf;
struct host_table;
struct json;

enum { STATUS_PLACES = 16 };

enum http_version { HTTP_1_0, HTTP_1_1, HTTP_2, HTTP_3, HTTP_VERSIONS };

/* As in results: "1.1". */
const char *http_version_name(enum http_version version);

/* {0} is the start of a run. */
struct stats {
	uint64_t requests, ok, retries, connections;
	uint64_t skipped;         /* done in an earlier run, and not among the requests */
	uint64_t bytes;           /* of bodies, as they came */
	int64_t transfer_time_us; /* the sum over all attempts that ran to an end */
	int64_t wall_us;          /* set by the run when it ends */
	uint64_t statuses[STATUS_LIMIT];
	uint64_t http_versions[HTTP_VERSIONS]; /* of responses */
	uint64_t failures[FAILURES];
	struct histogram latency;
	struct histogram phases[PHASES]; /* of the same results, those that had the phase */

	/* The latency by status. So that a server cannot fill the memory, only the statuses that
	 * come first have a place of their own; the last place is that of all others. */
	int timed_statuses[STATUS_PLACES]; /* whose the places are; 0: free */
	struct histogram status_latency[STATUS_PLACES + 1];

	struct host_table *hosts; /* borrowed; NULL: they are not counted */
	uint64_t host_rows;       /* how many of them the summary shows, each way; 0: none */
};

void stats_add(struct stats *stats, const struct result *result);

/* The summary as a JSON object. */
void stats_put_json(struct json *json, const struct stats *stats);

/* The summary for people: a few lines. Hosts are not in it: see host_summary.h. */
void stats_put_text(struct buf *out, const struct stats *stats, bool has_color);

#endif
