/*
 * A request on its way through a run, from the input to its line of output. The front makes it and
 * takes it back; in between it belongs to a worker. Within app/ only.
 */
#ifndef APP_FETCH_H
#define APP_FETCH_H

#include "async/channel.h"
#include "async/job.h"
#include "transfer/result.h"

struct fetch {
	struct channel_item item; /* owner: this */
	struct result result;

	/* The worker's. */
	struct fetch *prev, *next;
	struct worker *worker;
	struct job *attempt;
	struct job_waiter waiter;
};

#endif
