/*
 * A job: something that is under way and can be awaited.
 *
 *  1. A job finishes exactly once: success, failure, cancel and teardown all end in its done calls.
 *  2. done never runs inside the call that caused it. It is posted, first in first out.
 *  3. A job is valid until its done calls have returned; job_ref() keeps it longer.
 *  4. Cancel is a request. The answer is ERR_CANCELED on a later turn, unless the job finished
 *     first. Cancelling a finished job does nothing.
 *
 * The makers (sleep_for(), gather(), child_start(), ...) start a job and return it borrowed: the
 * loop owns it. Who wants to look at it after done, or may come late, takes a reference at once.
 */
#ifndef ASYNC_JOB_H
#define ASYNC_JOB_H

#include <stdbool.h>

#include "async/loop.h"
#include "base/err.h"

struct job;

/* Called exactly once, from the loop, never from inside a job_* call. */
typedef void job_done_fn(struct job *job, enum err result, void *arg);

/* A place in a job's list of those that wait for it. The memory is the waiter's. */
struct job_waiter {
	struct job_waiter *prev, *next;
	struct job *job; /* NULL when not waiting */
	job_done_fn *done;
	void *arg;
};

/* What a module that makes jobs says about them. */
struct job_kind {
	const char *name;

	/* Asks the work to end; it answers with job_finish(), at once or later. Never called twice.
	 */
	void (*cancel)(struct job *job);

	/* Frees the object around the job; called when the last reference goes. */
	void (*free)(struct job *job);
};

/* Embedded, anywhere, in the object of the module that makes it. Read nothing but by job_*(). */
struct job {
	struct loop *loop;
	const struct job_kind *kind;
	struct job *prev, *next; /* in the loop's list of those alive */
	struct job_waiter *waiters;
	struct job_waiter *late; /* the first that came while done calls run: for a later turn */
	struct post post;
	enum err result;
	unsigned refs;
	bool is_finished, is_delivering, is_delivered, is_cancel_asked;
};

/* ---- for those who wait ---- */

/*
 * done(job, result, arg) will be called once. On a finished job that somebody holds, it is
 * called on a later turn just the same. A waiter waits for one job at a time.
 */
void job_watch(struct job *job, struct job_waiter *waiter, job_done_fn *done, void *arg);

/* No call any more. Does nothing when w is not waiting. */
void job_unwatch(struct job_waiter *waiter);

/* Runs the loop until job is done, and returns its result. Not from inside a callback. */
enum err job_await(struct job *job);

void job_cancel(struct job *job);

/* True from the moment the result stands, which may be before done is called. */
bool job_is_finished(const struct job *job);

/* Of a finished job. */
enum err job_result(const struct job *job);

/* Returns job. */
struct job *job_ref(struct job *job);

/* NULL is fine. */
void job_unref(struct job *job);

/* ---- for those who make jobs ---- */

/* job is zeroed memory inside an object that kind->free() can free. It is alive from here on. */
void job_start(struct job *job, struct loop *loop, const struct job_kind *kind);

/* The one end of a job. Everything that could still call into it must be stopped before. */
void job_finish(struct job *job, enum err result);

#endif
