/*
 * Counts per host in bounded memory, at most about 28 MB. A host is an origin
 * (request_find_origin()).
 *
 * Up to HOSTS_LIMIT hosts are all counted exactly. When there are more, the half of them with the
 * fewest requests is counted together from then on. One that comes back after that is counted anew,
 * and its row says that it is not all; so the largest hosts, which never leave, stay exact.
 * A host that had failed often but was asked little can be among those that left.
 */
#ifndef OUTPUT_HOST_TABLE_H
#define OUTPUT_HOST_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output/latency.h"

struct result;

enum {
	HOSTS_LIMIT = 4096,
	HOST_NAME_LIMIT = 300,  /* longer ones are cut */
	HOST_BUCKETS = 25 * 64, /* up to 2^30 us, 18 minutes; longer times count as that */
};

struct host_counts {
	uint64_t requests, failed, connections, bytes;

	/* Of last attempts that were not cut off: how many, their times, and how many of each time,
	 * 64 buckets to a power of two (histogram_bucket()), so that percentiles are within 0.8 %.
	 */
	uint64_t timed;
	int64_t time_us, min_us, max_us;
	uint32_t buckets[HOST_BUCKETS];
};

struct host; /* a row, by name */

/* {0} is empty. */
struct host_table {
	struct host *hosts;
	size_t count;
	uint64_t left; /* how often a host left for others */
	struct host_counts others;
};

void host_table_release(struct host_table *table);

/* The result is of a request that was admitted, and so has an origin. */
void host_table_add(struct host_table *table, const struct result *result);

/* Called for a host. is_all is false where requests may be missing. name is valid in the call. */
typedef void host_table_fn(const char *name, const struct host_counts *counts, bool is_all,
                           void *arg);

enum host_order {
	HOSTS_LARGEST, /* by their requests */
	HOSTS_WORST,   /* by their failures, then by their p99 */
};

/* Calls fn for the first hosts of that order, at most limit. Returns what all the other hosts come
 * to. */
struct host_counts host_table_visit(struct host_table *table, enum host_order order, size_t limit,
                                    host_table_fn *fn, void *arg);

/* The time that quantile (0 to 1) of the requests took at most; 0 when there are none. */
int64_t host_counts_quantile(const struct host_counts *counts, double quantile);

struct latency host_counts_latency(const struct host_counts *counts);

/* How much of name to show: all but a port that goes without saying. */
size_t host_name_shown(const char *name);

#endif
