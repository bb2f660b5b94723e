#include "async/timeout.h"

#include <stdbool.h>
#include <stdlib.h>

#include "async/job.h"
#include "async/sleep.h"
#include "base/mem.h"

struct timeout {
	struct job job; /* first: a job is its timeout */
	struct job *inner, *sleep;
	struct job_waiter inner_waiter, sleep_waiter;
	bool is_late;
};

static void timeout_cancel(struct job *job)
{
	job_cancel(((struct timeout *)job)->inner);
}

static void timeout_free(struct job *job)
{
	struct timeout *t = (struct timeout *)job;

	job_unref(t->inner);
	job_unref(t->sleep);
	free(t);
}

static const struct job_kind timeout_kind = {"timeout", timeout_cancel, timeout_free};

static void on_inner_done(struct job *job, enum err result, void *arg)
{
	struct timeout *t = arg;

	(void)job;
	job_unwatch(&t->sleep_waiter);
	job_cancel(t->sleep);
	/* A job that succeeded while it was being cancelled has succeeded. */
	job_finish(&t->job, t->is_late && result ? ERR_TIMEOUT : result);
}

static void on_sleep_done(struct job *job, enum err result, void *arg)
{
	struct timeout *t = arg;

	(void)job;
	(void)result;
	/* A job that has its result already, but could not tell it yet, was in time; and one that
	 * is being cancelled from outside is not late. */
	if (job_is_finished(t->inner) || t->job.is_cancel_asked)
		return;
	t->is_late = true;
	job_cancel(t->inner);
}

struct job *with_timeout(struct loop *loop, struct job *job, int64_t time_us)
{
	struct timeout *t = mem_zero(1, sizeof(*t));

	job_start(&t->job, loop, &timeout_kind);
	t->inner = job_ref(job);
	t->sleep = job_ref(sleep_for(loop, time_us));
	job_watch(t->inner, &t->inner_waiter, on_inner_done, t);
	job_watch(t->sleep, &t->sleep_waiter, on_sleep_done, t);
	return &t->job;
}
