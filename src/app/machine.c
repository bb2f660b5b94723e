#include "app/machine.h"

#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>

enum {
	FEW_TRANSFERS = 32,
	MOST_THREADS = 4,
};

/* Those that are not the transfers': standard streams, lists, loops, and a lane's own. */
static uint64_t count_others(uint64_t concurrency, uint64_t threads)
{
	return 12 + 5 * threads + concurrency / 16;
}

void machine_fit_descriptors(uint64_t *concurrency, uint64_t *threads)
{
	struct rlimit limit;
	uint64_t others;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return;
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit raised = {limit.rlim_max, limit.rlim_max};
		if (!setrlimit(RLIMIT_NOFILE, &raised))
			limit = raised;
	}
	if (*concurrency + count_others(*concurrency, *threads) <= limit.rlim_cur)
		return;
	if (limit.rlim_cur < 2 * count_others(0, *threads))
		*threads = 1;
	others = count_others(limit.rlim_cur, *threads);
	*concurrency = limit.rlim_cur > others ? limit.rlim_cur - others : 1;
	fprintf(stderr,
	        "gather: warning: the limit of %llu open files leaves room for %llu transfers at "
	        "once (see ulimit -n)\n",
	        (unsigned long long)limit.rlim_cur, (unsigned long long)*concurrency);
}

uint64_t machine_choose_threads(uint64_t concurrency)
{
	cpu_set_t cores;
	int count;

	if (concurrency < FEW_TRANSFERS || sched_getaffinity(0, sizeof(cores), &cores))
		return 1;
	count = CPU_COUNT(&cores);
	return count < MOST_THREADS ? (uint64_t)count : MOST_THREADS;
}
