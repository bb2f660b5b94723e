#include "app/machine.h"

#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>

enum {
	OTHER_FILES = 32, /* standard streams, lists, loops, libcurl's own */
	FEW_TRANSFERS = 32,
	MOST_THREADS = 4,
};

uint64_t machine_fit_descriptors(uint64_t concurrency)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return concurrency;
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit raised = {limit.rlim_max, limit.rlim_max};
		if (!setrlimit(RLIMIT_NOFILE, &raised))
			limit = raised;
	}
	if (concurrency + OTHER_FILES <= limit.rlim_cur)
		return concurrency;
	concurrency = limit.rlim_cur > 2 * OTHER_FILES ? limit.rlim_cur - OTHER_FILES
	                                               : 1 + limit.rlim_cur / 4;
	fprintf(stderr,
	        "gather: warning: the limit of %llu open files leaves room for %llu transfers at "
	        "once (see ulimit -n)\n",
	        (unsigned long long)limit.rlim_cur, (unsigned long long)concurrency);
	return concurrency;
}

unsigned machine_choose_threads(uint64_t concurrency)
{
	cpu_set_t cores;
	int count;

	if (concurrency < FEW_TRANSFERS || sched_getaffinity(0, sizeof(cores), &cores))
		return 1;
	count = CPU_COUNT(&cores);
	return count < MOST_THREADS ? (unsigned)count : MOST_THREADS;
}
