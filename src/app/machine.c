#include "app/machine.h"

#include <sched.h>
#include <sys/resource.h>

#include "app/message.h"
#include "base/descriptors.h"
#include "transfer/engine.h"

enum {
	FEW_TRANSFERS = 32,
	MOST_THREADS = 4,
	THREAD_OWN = 5, /* descriptors of a thread: its loop, its pool of writers */
	OTHERS = 4,     /* descriptors that come and go: lists, certificates, logs */
};

static uint64_t raise_limit(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	return descriptors_limit();
}

uint64_t machine_thread_fetches(const struct machine_share *share)
{
	if (share->keeps_hosts)
		return share->concurrency;
	return (share->concurrency + share->threads - 1) / share->threads;
}

/* Those of a share but for what the engines can do without. */
static uint64_t count_needed(const struct machine_share *share)
{
	return share->others + share->concurrency * share->fetch_descriptors +
	       share->threads * (THREAD_OWN + engine_descriptors(machine_thread_fetches(share)));
}

static bool has_room(const struct machine_share *share, uint64_t limit)
{
	return count_needed(share) <= limit;
}

/* A thread where each may have all transfers costs much, and any costs some. */
static void lower_threads(struct machine_share *share, uint64_t limit)
{
	struct machine_share idle = *share;

	if (share->keeps_hosts) {
		while (share->threads > 1 && !has_room(share, limit))
			share->threads--;
	}
	idle.concurrency = 1;
	if (limit < 2 * count_needed(&idle))
		share->threads = 1;
}

static void lower_concurrency(struct machine_share *share, uint64_t limit)
{
	while (share->concurrency > 1 && !has_room(share, limit))
		share->concurrency--;
	message_print("warning: the limit of %llu open files leaves room for %llu transfers at "
	              "once (see ulimit -n)",
	              (unsigned long long)limit, (unsigned long long)share->concurrency);
}

void machine_fit_descriptors(struct machine_share *share)
{
	uint64_t limit = raise_limit(), needed;

	share->others += descriptors_count_open() + OTHERS;
	if (!has_room(share, limit))
		lower_threads(share, limit);
	if (!has_room(share, limit))
		lower_concurrency(share, limit);
	needed = count_needed(share);
	share->engine_descriptors = engine_descriptors(machine_thread_fetches(share)) +
	                            (limit > needed ? (limit - needed) / share->threads : 0);
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
