#include "async/job.h"

#include <assert.h>
#include <stddef.h>
#include <utlist.h>

static struct job *job_of_post(struct post *post)
{
	return (struct job *)((char *)post - offsetof(struct job, post));
}

/* Tells those who wait. The loop's own reference goes after the first time. */
static void deliver(struct post *post)
{
	struct job *job = job_of_post(post);
	struct job_waiter *w;
	bool is_first = !job->is_delivered;

	job->is_delivered = true;
	job->is_delivering = true;
	job_ref(job);
	while ((w = job->waiters) && w != job->late) {
		DL_DELETE(job->waiters, w);
		w->job = NULL;
		w->done(job, job->result, w->arg);
	}
	job->is_delivering = false;
	job->late = NULL;
	if (job->waiters)
		loop_post(job->loop, &job->post);
	if (is_first) {
		DL_DELETE(*loop_jobs(job->loop), job);
		job_unref(job);
	}
	job_unref(job);
}

void job_start(struct job *job, struct loop *loop, const struct job_kind *kind)
{
	*job = (struct job){.loop = loop, .kind = kind, .refs = 1, .post.fn = deliver};
	DL_APPEND(*loop_jobs(loop), job);
}

void job_finish(struct job *job, enum err result)
{
	assert(!job->is_finished);
	job->is_finished = true;
	job->result = result;
	loop_post(job->loop, &job->post);
}

void job_cancel(struct job *job)
{
	if (job->is_finished || job->is_cancel_asked)
		return;
	job->is_cancel_asked = true;
	job->kind->cancel(job);
}

void job_watch(struct job *job, struct job_waiter *waiter, job_done_fn *done, void *arg)
{
	assert(!waiter->job);
	*waiter = (struct job_waiter){.job = job, .done = done, .arg = arg};
	DL_APPEND(job->waiters, waiter);
	if (job->is_delivering && !job->late)
		job->late = waiter;
	else if (job->is_delivered && !job->is_delivering)
		loop_post(job->loop, &job->post);
}

void job_unwatch(struct job_waiter *waiter)
{
	if (waiter->job) {
		if (waiter->job->late == waiter)
			waiter->job->late = waiter->next;
		DL_DELETE(waiter->job->waiters, waiter);
		waiter->job = NULL;
	}
}

static void note_done(struct job *job, enum err result, void *arg)
{
	(void)job;
	(void)result;
	*(bool *)arg = true;
}

enum err job_await(struct job *job)
{
	struct job_waiter waiter = {0};
	bool is_done = false;
	enum err result;

	job_ref(job);
	job_watch(job, &waiter, note_done, &is_done);
	while (!is_done) {
		bool can_go_on = loop_turn(job->loop);
		assert(can_go_on || is_done);
		(void)can_go_on;
	}
	result = job->result;
	job_unref(job);
	return result;
}

bool job_is_finished(const struct job *job)
{
	return job->is_finished;
}

enum err job_result(const struct job *job)
{
	assert(job->is_finished);
	return job->result;
}

struct job *job_ref(struct job *job)
{
	job->refs++;
	return job;
}

void job_unref(struct job *job)
{
	if (!job || --job->refs)
		return;
	assert(job->is_delivered && !job->waiters);
	loop_unpost(job->loop, &job->post);
	job->kind->free(job);
}
