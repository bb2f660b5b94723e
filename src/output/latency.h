/*
 * What is said of many times: the figures that a summary has of all requests, of those with one
 * status, of a phase, of a host, of a level.
 */
#ifndef OUTPUT_LATENCY_H
#define OUTPUT_LATENCY_H

#include <stdint.h>

struct histogram;
struct json;

/* All 0 when there are none. */
struct latency {
	uint64_t count;
	int64_t min_us, p50_us, p90_us, p99_us, max_us, mean_us;
};

struct latency latency_of(const struct histogram *h);

/* {"min": ..., "p50": ..., "p90": ..., "p99": ..., "max": ..., "mean": ...}; null of none. */
void latency_put_json(struct json *json, const struct latency *latency);

#endif
