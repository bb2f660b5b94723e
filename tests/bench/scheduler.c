/*
 * The scheduler alone, without a network: how many requests it places in a second, how many hosts
 * it knows at most, and what a host takes of memory. The time of the requests is not that of the
 * clock on the wall, so that rates and waits cost nothing but decisions.
 * scheduler [REQUESTS]: 1,000,000 unless given, for each row (make bench-scheduler).
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "policy/scheduler.h"

enum { CONCURRENCY = 1000, TRANSFER_US = 20000, KEY = 40 };

/* What app/run does around the scheduler. A request ends TRANSFER_US after its start, or sleeps. */
struct bench {
	const struct row *row;
	struct scheduler scheduler;
	int64_t now_us;
	uint64_t requests, taken, starts, peak_hosts, peak_waiting;
	uint64_t seed;
	struct flight *flights; /* a place for each request; those that are free in a list */
	struct flight *free_flights;
	/* In the order of their ends, as all take as long: a ring. */
	struct flight *ring[CONCURRENCY];
	uint64_t ring_first, ring_count;
};

struct flight {
	struct ticket ticket;
	struct flight *next; /* that is free */
	int64_t ends_us;
	unsigned starts;
};

struct row {
	const char *name;
	uint64_t hosts;
	bool is_shuffled; /* the input; else host after host */
	struct scheduler_options options;
	unsigned retry_each; /* one answer in so many is tried again after a second; 0: none */
	unsigned pause_each; /* one in so many asks for a pause of a second */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> 8;
}

static size_t make_key(char key[KEY], uint64_t host)
{
	return (size_t)snprintf(key, KEY, "https://www%llu.example.com:443",
	                        (unsigned long long)host);
}

static bool admit(struct bench *bench)
{
	struct flight *flight = bench->free_flights;
	uint64_t host;
	char key[KEY];

	if (bench->taken == bench->requests || !scheduler_wants(&bench->scheduler, bench->now_us))
		return false;
	host = bench->row->is_shuffled ? random_next(&bench->seed) % bench->row->hosts
	                               : bench->taken * bench->row->hosts / bench->requests;
	bench->free_flights = flight->next;
	*flight = (struct flight){.starts = 0};
	bench->taken++;
	scheduler_add(&bench->scheduler, &flight->ticket, key, make_key(key, host), bench->now_us);
	if (scheduler_host_count(&bench->scheduler) > bench->peak_hosts)
		bench->peak_hosts = scheduler_host_count(&bench->scheduler);
	if (bench->scheduler.unfinished - bench->scheduler.running > bench->peak_waiting)
		bench->peak_waiting = bench->scheduler.unfinished - bench->scheduler.running;
	return true;
}

static bool start_next(struct bench *bench)
{
	/* The ticket is the flight's first member. */
	struct flight *flight = (struct flight *)scheduler_next(&bench->scheduler, bench->now_us);

	if (!flight)
		return false;
	bench->starts++;
	flight->starts++;
	flight->ends_us = bench->now_us + TRANSFER_US;
	bench->ring[(bench->ring_first + bench->ring_count++) % CONCURRENCY] = flight;
	return true;
}

static bool is_one_in(struct bench *bench, unsigned each)
{
	return each && random_next(&bench->seed) % each == 0;
}

static void answer(struct bench *bench, struct flight *flight)
{
	bool is_paused = is_one_in(bench, bench->row->pause_each);

	scheduler_hear(&bench->scheduler, &flight->ticket, bench->now_us, is_paused ? 1000000 : 0);
	if (flight->starts < 4 && is_one_in(bench, bench->row->retry_each)) {
		scheduler_retry(&bench->scheduler, &flight->ticket, bench->now_us, 1000000);
		return;
	}
	scheduler_end(&bench->scheduler, &flight->ticket, bench->now_us);
	flight->next = bench->free_flights;
	bench->free_flights = flight;
}

/* The next thing that happens: somebody ends, or the scheduler wants to be asked. */
static void wait_for_something(struct bench *bench)
{
	int64_t wake_us = scheduler_wake_us(&bench->scheduler, bench->now_us);
	int64_t ends_us = bench->ring_count ? bench->ring[bench->ring_first]->ends_us : INT64_MAX;

	bench->now_us = wake_us < ends_us ? wake_us : ends_us;
	while (bench->ring_count && bench->ring[bench->ring_first]->ends_us <= bench->now_us) {
		struct flight *flight = bench->ring[bench->ring_first];

		bench->ring_first = (bench->ring_first + 1) % CONCURRENCY;
		bench->ring_count--;
		answer(bench, flight);
	}
}

static void run_row(const struct row *row, uint64_t requests)
{
	enum { FLIGHTS = SCHEDULER_WINDOW + 2 * CONCURRENCY };
	struct bench *bench = mem_zero(1, sizeof(*bench));
	double seconds;

	*bench = (struct bench){.row = row,
	                        .requests = requests,
	                        .now_us = 1000000,
	                        .seed = UINT64_C(0x9e3779b97f4a7c15),
	                        .flights = mem_zero(FLIGHTS, sizeof(struct flight))};
	for (size_t i = 0; i < FLIGHTS; i++) {
		bench->flights[i].next = bench->free_flights;
		bench->free_flights = &bench->flights[i];
	}
	scheduler_init(&bench->scheduler, &row->options);
	seconds = now();
	while (bench->taken < requests || bench->scheduler.unfinished) {
		while (start_next(bench) || admit(bench)) {
		}
		wait_for_something(bench);
	}
	seconds = now() - seconds;
	printf("%-44s %10.0f %8llu %8llu %12.1f\n", row->name, (double)bench->starts / seconds,
	       (unsigned long long)bench->peak_hosts, (unsigned long long)bench->peak_waiting,
	       (double)(bench->now_us - 1000000) / 1e6);
	fflush(stdout);
	scheduler_release(&bench->scheduler);
	free(bench->flights);
	free(bench);
}

static size_t used_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* Hosts that are over their rate, so that all have a place on the timeline too. */
static void print_memory(size_t hosts)
{
	struct scheduler_options options = {.concurrency = 1, .host_rate = {1, 1000000}};
	struct scheduler scheduler;
	struct ticket ticket;
	size_t before = used_bytes();
	char key[KEY];

	scheduler_init(&scheduler, &options);
	for (size_t i = 0; i < hosts; i++) {
		ticket = (struct ticket){0};
		scheduler_add(&scheduler, &ticket, key, make_key(key, i), 1000000);
		if (scheduler_next(&scheduler, 1000000) != &ticket)
			abort();
		scheduler_end(&scheduler, &ticket, 1000000);
	}
	if (scheduler_host_count(&scheduler) != hosts)
		abort();
	printf("%zu hosts known at once: %.0f bytes each\n", hosts,
	       (double)(used_bytes() - before) / (double)hosts);
	scheduler_next(&scheduler, 2000000);
	if (scheduler_host_count(&scheduler))
		abort();
	scheduler_release(&scheduler);
}

#define S_US 1000000

static const struct row rows[] = {
	{"1 host", 1, false, {.concurrency = CONCURRENCY}, 0, 0},
	{"1 host, 2 at a time", 1, false, {.concurrency = CONCURRENCY, .per_host = 2}, 0, 0},
	{"1 host, 2 at a time, 50/s",
         1,
         false,
         {.concurrency = CONCURRENCY, .per_host = 2, .host_rate = {50, S_US}},
         0,
         0},
	{"1,000 hosts", 1000, true, {.concurrency = CONCURRENCY}, 0, 0},
	{"1,000 hosts, 2 at a time", 1000, true, {.concurrency = CONCURRENCY, .per_host = 2}, 0, 0},
	{"1,000 hosts, 2 at a time, 10/s",
         1000,
         true,
         {.concurrency = CONCURRENCY, .per_host = 2, .host_rate = {10, S_US}},
         0,
         0},
	{"1,000 hosts one after another, 2 at a time",
         1000,
         false,
         {.concurrency = CONCURRENCY, .per_host = 2},
         0,
         0},
	{"1,000 hosts, 2 at a time, 10/s, with trouble",
         1000,
         true,
         {.concurrency = CONCURRENCY, .per_host = 2, .host_rate = {10, S_US}},
         10,
         100},
	{"100,000 hosts", 100000, true, {.concurrency = CONCURRENCY}, 0, 0},
	{"100,000 hosts, 2 at a time, 1/s",
         100000,
         true,
         {.concurrency = CONCURRENCY, .per_host = 2, .host_rate = {1, S_US}},
         0,
         0},
	{"100,000 hosts, 2 at a time, 1/10s",
         100000,
         true,
         {.concurrency = CONCURRENCY, .per_host = 2, .host_rate = {1, 10 * S_US}},
         0,
         0},
	{"100,000 hosts, 2 at a time, 1/s, with trouble",
         100000,
         true,
         {.concurrency = CONCURRENCY, .per_host = 2, .host_rate = {1, S_US}},
         10,
         100},
	{"100,000 hosts, 2 at a time, 1/s, 5000/s in all",
         100000,
         true,
         {.concurrency = CONCURRENCY, .per_host = 2, .rate = {5000, S_US}, .host_rate = {1, S_US}},
         0,
         0},
};

int main(int argc, char **argv)
{
	uint64_t requests = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;

	printf("%-44s %10s %8s %8s %12s\n", "", "starts/s", "hosts", "waiting", "virtual s");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i], requests);
	print_memory(1000);
	print_memory(100000);
	print_memory(1000000);
	return 0;
}
