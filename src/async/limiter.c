#include "async/limiter.h"

#include <assert.h>
#include <stdlib.h>
#include <utlist.h>

#include "async/job.h"
#include "base/mem.h"

struct limiter_wait {
	struct job job; /* first: a job is its wait */
	struct limiter *limiter;
	struct limiter_wait *prev, *next;
};

static void wait_cancel(struct job *job)
{
	struct limiter_wait *w = (struct limiter_wait *)job;

	DL_DELETE(w->limiter->waiting, w);
	job_finish(job, ERR_CANCELED);
}

static void wait_free(struct job *job)
{
	free(job);
}

static const struct job_kind wait_kind = {"limiter", wait_cancel, wait_free};

static void admit(struct limiter *limiter)
{
	struct limiter_wait *w;

	while (limiter->used < limiter->limit && (w = limiter->waiting)) {
		DL_DELETE(limiter->waiting, w);
		limiter->used++;
		job_finish(&w->job, ERR_NONE);
	}
}

void limiter_init(struct limiter *limiter, struct loop *loop, size_t limit)
{
	assert(limit);
	*limiter = (struct limiter){.loop = loop, .limit = limit};
}

struct job *limiter_acquire(struct limiter *limiter)
{
	struct limiter_wait *w = mem_zero(1, sizeof(*w));

	w->limiter = limiter;
	job_start(&w->job, limiter->loop, &wait_kind);
	DL_APPEND(limiter->waiting, w);
	admit(limiter);
	return &w->job;
}

void limiter_release(struct limiter *limiter)
{
	assert(limiter->used);
	limiter->used--;
	admit(limiter);
}

void limiter_set_limit(struct limiter *limiter, size_t limit)
{
	assert(limit);
	limiter->limit = limit;
	admit(limiter);
}
