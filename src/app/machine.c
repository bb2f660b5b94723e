#include "app/machine.h"

#include <sched.h>
#include <sys/resource.h>

#include "app/message.h"

enum {
	FEW_TRANSFERS = 32,
	MOST_THREADS = 4,
};

/* Those that are not the transfers': standard streams, lists, loops, and a lane's own. */
static uint64_t count_others(uint64_t concurrency, uint64_t threads)
{
	return 12 + 5 * threads + concurrency / 16;
}

void machine_fit_descriptors(uint64_t others, uint64_t *concurrency, uint64_t *threads)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return;
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit raised = {limit.rlim_max, limit.rlim_max};
		if (!setrlimit(RLIMIT_NOFILE, &raised))
			limit = raised;
	}
	if (*concurrency + others + count_others(*concurrency, *threads) <= limit.rlim_cur)
		return;
	if (limit.rlim_cur < 2 * (others + count_others(0, *threads)))
		*threads = 1;
	others += count_others(limit.rlim_cur, *threads);
	*concurrency = limit.rlim_cur > others ? limit.rlim_cur - others : 1;
	message_print("warning: the limit of %llu open files leaves room for %llu transfers at "
	              "once (see ulimit -n)",
	              (unsigned long long)limit.rlim_cur, (unsigned long long)*concurrency);
}

unsigned machine_count_cores(void)
{
	cpu_set_t cores;

	return sched_getaffinity(0, sizeof(cores), &cores) ? 1 : (unsigned)CPU_COUNT(&cores);
}

uint64_t machine_choose_threads(uint64_t concurrency)
{
	unsigned count = concurrency < FEW_TRANSFERS ? 1 : machine_count_cores();

	return count < MOST_THREADS ? count : MOST_THREADS;
}
