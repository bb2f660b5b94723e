/*
 * A request on its way through a run, from the input to its line of output. The front makes it and
 * takes it back; in between it belongs to a worker. Within app/ only.
 */
#ifndef APP_FETCH_H
#define APP_FETCH_H

#include "async/channel.h"
#include "async/job.h"
#include "policy/scheduler.h"
#include "transfer/result.h"

struct fetch {
	struct channel_item item; /* owner: this */
	struct result result;

	/* The front's. With its command (app/exec.h) the list and waiter below are the front's. */
	struct ticket ticket;
	struct exec *exec;
	struct job *command;

	/* The worker's. */
	struct fetch *prev, *next;
	struct worker *worker;
	bool is_unstarted; /* it came back without an attempt: it was recalled */
	struct job *attempt;
	struct job_waiter waiter;
};

/* Those that are not used at the moment. {0} is empty. */
struct fetch_pool {
	struct fetch *free; /* linked by next */
};

/* With an empty result. It is given back before the pool is released. */
struct fetch *fetch_pool_take(struct fetch_pool *pool);
void fetch_pool_give(struct fetch_pool *pool, struct fetch *fetch);
void fetch_pool_release(struct fetch_pool *pool);

/* Its result says that the run was stopped. */
void fetch_cancel(struct fetch *fetch, enum failure failure);

/* Appends a line about a fetch that is under way, for people. */
void fetch_put_line(struct buf *out, const struct fetch *fetch, const char *phase, int64_t age_us,
                    int64_t bytes);

#endif
