/*
 * Counts per host in bounded memory, for reports. A host is what url_put_origin() names.
 *
 * Up to HOSTS_LIMIT hosts are all counted exactly. When there are more, the half of them with the
 * fewest requests is counted together from then on. One that comes back after that is counted anew,
 * and its row says that it is not all; so the largest hosts, which never leave, stay exact.
 */
#ifndef OUTPUT_HOST_TABLE_H
#define OUTPUT_HOST_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct result;

enum {
	HOSTS_LIMIT = 4096,
	HOST_NAME_LIMIT = 300, /* longer ones are cut */
	HOST_BUCKETS = 160,
};

struct host_counts {
	uint64_t requests, failed, connections, bytes;

	/* Of last attempts that were not cut off: how many, their times, and how many of each time,
	 * 8 buckets to a power of two from 64 us on, so that percentiles are within 7 %. */
	uint64_t timed;
	int64_t time_us, max_us;
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

/* The result is of a request that has a host. */
void host_table_add(struct host_table *table, const struct result *result);

/* Called for a host. is_all is false where requests may be missing. name is valid in the call. */
typedef void host_table_fn(const char *name, const struct host_counts *counts, bool is_all,
                           void *arg);

/* Calls fn for the hosts with the most requests, at most limit, the largest first. Returns what
 * all the other hosts come to. */
struct host_counts host_table_visit(struct host_table *table, size_t limit, host_table_fn *fn,
                                    void *arg);

/* The time that quantile (0 to 1) of the requests took at most; 0 when there are none. */
int64_t host_counts_quantile(const struct host_counts *counts, double quantile);

#endif
