/*
 * What is said of many times: the figures that a summary has of all requests, of those with one
 * status, of a phase, of a host, of a level. One table names them, for JSON, CSV, tables and pages.
 */
#ifndef OUTPUT_LATENCY_H
#define OUTPUT_LATENCY_H

#include <stdint.h>

struct histogram;
struct json;

enum latency_figure {
	LATENCY_MIN,
	LATENCY_P50,
	LATENCY_P90,
	LATENCY_P95,
	LATENCY_P99,
	LATENCY_P99_9,
	LATENCY_MAX,
	LATENCY_MEAN,
	LATENCY_FIGURES
};

/* "p99.9" */
const char *latency_name(enum latency_figure figure);

/* All 0 when there are none. */
struct latency {
	uint64_t count;
	int64_t us[LATENCY_FIGURES];
};

struct latency latency_of(const struct histogram *h);

/* The quantile (0 to 1) of what arg has; see latency_make(). */
typedef int64_t latency_quantile_fn(const void *arg, double quantile);

/* Of count times with this sum; quantile 0 is the shortest, quantile 1 the longest. */
struct latency latency_make(uint64_t count, int64_t sum_us, latency_quantile_fn *quantile,
                            const void *arg);

/* {"min": ..., "p50": ..., ... "mean": ...}; null of none. */
void latency_put_json(struct json *json, const struct latency *latency);

#endif
