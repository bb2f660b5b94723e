/*
 * Who runs when: -c, --per-host, --rate, --host-rate, --chunk, a host that wants to be left alone,
 * and requests that wait before they are tried again. Counts and times only: no clock, no loop, no
 * network; times are passed in and never go back.
 *
 * A request waits in the queue of its host (scheme, name and port). A slot is given only to one
 * that can run now, in turns over the hosts that have such: a host that is full, over its rate or
 * cooling holds no slot. So the run may look ahead in its input for other hosts, but only while a
 * slot is free and nobody can use it, and never to more than SCHEDULER_WINDOW requests that wait.
 * When all of these wait for hosts that cannot take them, the input waits too, until one has left.
 *
 * Memory: a host is known as long as it has requests, is over its rate, or cools; some 230 bytes
 * for each.
 */
#ifndef POLICY_SCHEDULER_H
#define POLICY_SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/rate.h"
#include "policy/timeline.h"

enum { SCHEDULER_WINDOW = 8192 };

struct scheduler_options {
	uint64_t concurrency;   /* attempts in flight at once, at least 1 */
	uint64_t per_host;      /* of these, to one host; 0: no limit */
	uint64_t chunk;         /* admit so many, then wait for all of them; 0: off */
	int64_t chunk_pause_us; /* between chunks */
	struct rate rate;       /* of starts, over all hosts */
	struct rate host_rate;  /* of starts, to each host */
};

struct host;

/* What a ticket that does not run waits for. */
enum ticket_phase {
	TICKET_QUEUED,   /* its host is full or over its rate, or no slot is free */
	TICKET_COOLING,  /* its host wants to be left alone */
	TICKET_SLEEPING, /* before it is tried again */
};

/* A request's place. Embedded in what the caller schedules; zeroed before scheduler_add(). */
struct ticket {
	struct ticket *prev, *next; /* in its host's queue */
	struct host *host;
	struct alarm alarm; /* set while it sleeps */
	uint64_t number;    /* in the order of scheduler_add() */
	int64_t started_us; /* when it last began to run */
	bool is_running;
};

/* Read nothing but unfinished and running. */
struct scheduler {
	struct scheduler_options options;
	uint64_t unfinished; /* added and not ended */
	uint64_t running;    /* hold a slot */
	uint64_t added;      /* of all time */
	uint64_t in_chunk;   /* added in this chunk */
	int64_t chunk_opens_us;
	struct rate_meter meter;
	struct host *hosts; /* by key */
	struct host *ready; /* those that can take a request now, in turns */
	struct timeline asleep_hosts, asleep_tickets;
	uint64_t queued; /* tickets in queues */
};

void scheduler_init(struct scheduler *scheduler, const struct scheduler_options *options);

/* Every ticket has ended. */
void scheduler_release(struct scheduler *scheduler);

/* Whether one more should be added, if there is one. Ask after scheduler_next() had none. */
bool scheduler_wants(const struct scheduler *scheduler, int64_t now_us);

/* One more waits for its host, whose name is key (len bytes). */
void scheduler_add(struct scheduler *scheduler, struct ticket *ticket, const char *key, size_t len,
                   int64_t now_us);

/* Starts the one whose turn it is; NULL when none can run now. */
struct ticket *scheduler_next(struct scheduler *scheduler, int64_t now_us);

/*
 * When scheduler_next() or scheduler_wants() can change its answer by time alone, after both had
 * nothing at now_us; INT64_MAX: not before something ends.
 */
int64_t scheduler_wake_us(const struct scheduler *scheduler, int64_t now_us);

/*
 * The ticket, which runs, gives its slot back, but something that its chunk waits for goes on until
 * scheduler_end().
 */
void scheduler_stop(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us);

/* The ticket, which runs or has stopped, is through for good. */
void scheduler_end(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us);

/* It gives its slot back, sleeps, and is the first of its host to run after that. */
void scheduler_retry(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us,
                     int64_t delay_us);

/* It never began: it gives its slot back and returns to its place in the queue of its host. */
void scheduler_return(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us);

/*
 * The ticket's host has responded; before scheduler_end() and scheduler_retry(). pause_us above 0:
 * it wants to be left alone for so long. Its requests leave one by one after that, farther apart
 * the longer the pause was, and closer with every response that asks for none. Responses to
 * requests from before the end of the pause do not count: they say nothing about its success.
 */
void scheduler_hear(struct scheduler *scheduler, struct ticket *ticket, int64_t now_us,
                    int64_t pause_us);

/* Ends all those that do not run: calls fn for each when it has ended. */
typedef void scheduler_ended_fn(struct ticket *ticket, void *arg);
void scheduler_end_waiting(struct scheduler *scheduler, int64_t now_us, scheduler_ended_fn *fn,
                           void *arg);

/* Calls fn for each ticket that does not run. */
typedef void scheduler_visit_fn(const struct ticket *ticket, enum ticket_phase phase, void *arg);
void scheduler_visit(const struct scheduler *scheduler, int64_t now_us, scheduler_visit_fn *fn,
                     void *arg);

/* A number of the ticket's host: the same in a whole run, of 32 bits, evenly spread. */
unsigned scheduler_host_number(const struct ticket *ticket);

/* How many hosts are known, for tests. */
uint64_t scheduler_host_count(const struct scheduler *scheduler);

#endif
