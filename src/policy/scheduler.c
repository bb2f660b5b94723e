#include "policy/scheduler.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/table.h"

/*
 * How far apart the requests to a host leave that has been left alone: a tenth of the pause, within
 * these bounds; half of that after each good response, until it is too little to matter.
 */
enum { MOST_SPACING_US = 1000000, LEAST_SPACING_US = 50000, NO_SPACING_US = 10000 };

struct host {
	UT_hash_handle hh;
	struct host *prev, *next; /* among those that are ready */
	bool is_ready;
	struct alarm alarm;     /* when it can take a request, or be forgotten */
	struct ticket *waiting; /* its queue */
	uint64_t running, unfinished;
	struct rate_meter meter;
	int64_t cool_us; /* it wants to be left alone until then */
	int64_t spacing_us,
		spaced_us; /* after that: so far apart, the next one not before spaced */
	char key[];
};

static struct host *host_of_alarm(struct alarm *alarm)
{
	return (struct host *)((char *)alarm - offsetof(struct host, alarm));
}

static struct ticket *ticket_of_alarm(struct alarm *alarm)
{
	return (struct ticket *)((char *)alarm - offsetof(struct ticket, alarm));
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void scheduler_init(struct scheduler *scheduler, const struct scheduler_options *options)
{
	assert(options->concurrency);
	*scheduler = (struct scheduler){.options = *options};
}

static void host_free(struct scheduler *scheduler, struct host *host)
{
	timeline_unset(&scheduler->asleep_hosts, &host->alarm);
	HASH_DEL(scheduler->hosts, host);
	free(host);
}

void scheduler_release(struct scheduler *scheduler)
{
	struct host *host, *next;

	assert(!scheduler->unfinished);
	HASH_ITER (hh, scheduler->hosts, host, next) {
		host_free(scheduler, host);
	}
	timeline_release(&scheduler->asleep_hosts);
	timeline_release(&scheduler->asleep_tickets);
}

/* ---- hosts ---- */

static int64_t opens_us(const struct host *host)
{
	return later(host->meter.next_us, later(host->cool_us, host->spaced_us));
}

static bool is_full(const struct scheduler *scheduler, const struct host *host)
{
	return scheduler->options.per_host && host->running >= scheduler->options.per_host;
}

/*
 * Puts a host where it belongs after any change: among those that are ready, on the timeline until
 * it can take a request or be forgotten, nowhere as long as it is full or has nothing to do, or
 * away.
 */
static void settle(struct scheduler *scheduler, struct host *host, int64_t now_us)
{
	bool waits = host->waiting && !is_full(scheduler, host);
	bool is_open = opens_us(host) <= now_us;
	bool is_ready = waits && is_open;

	if (host->is_ready && !is_ready)
		DL_DELETE(scheduler->ready, host);
	else if (!host->is_ready && is_ready)
		DL_APPEND(scheduler->ready, host);
	host->is_ready = is_ready;
	if (!is_open && (waits || !host->unfinished))
		timeline_set(&scheduler->asleep_hosts, &host->alarm, opens_us(host));
	else
		timeline_unset(&scheduler->asleep_hosts, &host->alarm);
	if (is_open && !host->unfinished)
		host_free(scheduler, host);
}

static struct host *find_host(struct scheduler *scheduler, const char *key, size_t len)
{
	struct host *host;

	HASH_FIND(hh, scheduler->hosts, key, len, host);
	if (!host) {
		host = mem_zero(1, sizeof(*host) + len);
		memcpy(host->key, key, len);
		HASH_ADD(hh, scheduler->hosts, key, len, host);
	}
	return host;
}

/* Those whose time has come, hosts and tickets. */
static void wake(struct scheduler *scheduler, int64_t now_us)
{
	struct alarm *alarm;

	while ((alarm = timeline_first(&scheduler->asleep_tickets)) && alarm->at_us <= now_us) {
		struct ticket *ticket = ticket_of_alarm(alarm);
		timeline_unset(&scheduler->asleep_tickets, alarm);
		DL_PREPEND(ticket->host->waiting, ticket);
		scheduler->queued++;
		settle(scheduler, ticket->host, now_us);
	}
	while ((alarm = timeline_first(&scheduler->asleep_hosts)) && alarm->at_us <= now_us)
		settle(scheduler, host_of_alarm(alarm), now_us);
}

/* ---- what all share ---- */

static int64_t all_open_us(const struct scheduler *scheduler)
{
	return later(scheduler->meter.next_us, scheduler->chunk_opens_us);
}

static bool is_chunk_full(const struct scheduler *scheduler)
{
	return scheduler->options.chunk && scheduler->in_chunk == scheduler->options.chunk;
}

static bool has_room(const struct scheduler *scheduler)
{
	return !is_chunk_full(scheduler) &&
	       scheduler->queued + scheduler->asleep_tickets.count < SCHEDULER_WINDOW;
}

bool scheduler_wants(const struct scheduler *scheduler, int64_t now_us)
{
	if (!has_room(scheduler) || scheduler->running >= scheduler->options.concurrency)
		return false;
	/* One waits at any time, so that nobody waits for a time when there is no more. */
	return !scheduler->queued || (!scheduler->ready && all_open_us(scheduler) <= now_us);
}

void scheduler_add(struct scheduler *scheduler, struct ticket *ticket, const char *key, size_t len,
                   int64_t now_us)
{
	struct host *host = find_host(scheduler, key, len);

	ticket->host = host;
	ticket->number = scheduler->added++;
	host->unfinished++;
	scheduler->unfinished++;
	scheduler->in_chunk++;
	DL_APPEND(host->waiting, ticket);
	scheduler->queued++;
	settle(scheduler, host, now_us);
}

struct ticket *scheduler_next(struct scheduler *scheduler, int64_t now_us)
{
	const struct scheduler_options *options = &scheduler->options;
	struct ticket *ticket;
	struct host *host;

	wake(scheduler, now_us);
	host = scheduler->ready;
	if (!host || scheduler->running >= options->concurrency || all_open_us(scheduler) > now_us)
		return NULL;
	/* Behind the others, if it can take one more. */
	DL_DELETE(scheduler->ready, host);
	host->is_ready = false;
	ticket = host->waiting;
	DL_DELETE(host->waiting, ticket);
	scheduler->queued--;
	ticket->is_running = true;
	ticket->started_us = now_us;
	host->running++;
	scheduler->running++;
	rate_take(&options->rate, &scheduler->meter, now_us);
	rate_take(&options->host_rate, &host->meter, now_us);
	if (host->spacing_us)
		host->spaced_us = now_us + host->spacing_us;
	settle(scheduler, host, now_us);
	return ticket;
}

int64_t scheduler_wake_us(const struct scheduler *scheduler, int64_t now_us)
{
	const struct alarm *host = timeline_first(&scheduler->asleep_hosts);
	const struct alarm *ticket = timeline_first(&scheduler->asleep_tickets);
	int64_t open_us = all_open_us(scheduler), wake_us = host ? host->at_us : INT64_MAX;

	if (scheduler->running >= scheduler->options.concurrency)
		return INT64_MAX;
	/* When all may start again, somebody can, or may be found further on in the input. */
	if (open_us > now_us && (scheduler->ready || (scheduler->queued && has_room(scheduler))))
		return open_us;
	if (ticket && ticket->at_us < wake_us)
		wake_us = ticket->at_us;
	return later(wake_us, open_us);
}

/* ---- the end of an attempt ---- */

static void give_slot_back(struct scheduler *scheduler, struct ticket *ticket)
{
	assert(ticket->is_running);
	ticket->is_running = false;
	ticket->host->running--;
	scheduler->running--;
}

static void leave(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us)
{
	ticket->host->unfinished--;
	scheduler->unfinished--;
	if (is_chunk_full(scheduler) && !scheduler->unfinished) {
		scheduler->in_chunk = 0;
		scheduler->chunk_opens_us = now_us + scheduler->options.chunk_pause_us;
	}
	settle(scheduler, ticket->host, now_us);
	ticket->host = NULL;
}

void scheduler_stop(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us)
{
	give_slot_back(scheduler, ticket);
	settle(scheduler, ticket->host, now_us);
}

void scheduler_end(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us)
{
	if (ticket->is_running)
		give_slot_back(scheduler, ticket);
	leave(scheduler, ticket, now_us);
}

void scheduler_retry(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us,
                     int64_t delay_us)
{
	give_slot_back(scheduler, ticket);
	timeline_set(&scheduler->asleep_tickets, &ticket->alarm, now_us + delay_us);
	settle(scheduler, ticket->host, now_us);
}

/* Few return at once, and they were the first of their queue: the search is short. */
void scheduler_return(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us)
{
	struct host *host = ticket->host;
	struct ticket *next = host->waiting;

	give_slot_back(scheduler, ticket);
	while (next && next->number < ticket->number)
		next = next->next;
	if (next)
		DL_PREPEND_ELEM(host->waiting, next, ticket);
	else
		DL_APPEND(host->waiting, ticket);
	scheduler->queued++;
	settle(scheduler, host, now_us);
}

static int64_t spacing_after(int64_t pause_us)
{
	int64_t spacing_us = later(pause_us / 10, LEAST_SPACING_US);

	return spacing_us < MOST_SPACING_US ? spacing_us : MOST_SPACING_US;
}

void scheduler_hear(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us,
                    int64_t pause_us)
{
	struct host *host = ticket->host;

	if (pause_us > 0) {
		host->cool_us = later(host->cool_us, now_us + pause_us);
		host->spacing_us = later(host->spacing_us, spacing_after(pause_us));
	} else if (host->spacing_us && ticket->started_us >= host->cool_us) {
		host->spacing_us /= 2;
		if (host->spacing_us < NO_SPACING_US)
			host->spacing_us = 0;
	} else {
		return;
	}
	settle(scheduler, host, now_us);
}

/* ---- all that wait ---- */

void scheduler_end_waiting(struct scheduler *scheduler, int64_t now_us, scheduler_ended_fn *fn,
                           void *arg)
{
	struct ticket *all = NULL, *ticket, *next;
	struct alarm *alarm;
	struct host *host;

	while ((alarm = timeline_first(&scheduler->asleep_tickets))) {
		timeline_unset(&scheduler->asleep_tickets, alarm);
		ticket = ticket_of_alarm(alarm);
		DL_APPEND(all, ticket);
	}
	for (host = scheduler->hosts; host; host = host->hh.next) {
		DL_CONCAT(all, host->waiting);
		host->waiting = NULL;
	}
	scheduler->queued = 0;
	DL_FOREACH_SAFE (all, ticket, next) {
		leave(scheduler, ticket, now_us);
		fn(ticket, arg);
	}
}

void scheduler_visit(const struct scheduler *scheduler, int64_t now_us, scheduler_visit_fn *fn,
                     void *arg)
{
	const struct host *host;
	const struct ticket *ticket;

	for (host = scheduler->hosts; host; host = host->hh.next) {
		DL_FOREACH (host->waiting, ticket) {
			fn(ticket, host->cool_us > now_us ? TICKET_COOLING : TICKET_QUEUED, arg);
		}
	}
	for (size_t i = 0; i < scheduler->asleep_tickets.count; i++)
		fn(ticket_of_alarm(scheduler->asleep_tickets.heap[i]), TICKET_SLEEPING, arg);
}

unsigned scheduler_host_number(const struct ticket *ticket)
{
	return ticket->host->hh.hashv;
}

uint64_t scheduler_host_count(const struct scheduler *scheduler)
{
	return HASH_COUNT(scheduler->hosts);
}
