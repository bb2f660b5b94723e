#include "async/group.h"

#include <assert.h>
#include <stdlib.h>

#include "async/job.h"
#include "base/mem.h"

enum group_end { END_ALL, END_FIRST, END_FIRST_FAILURE };

struct member {
	struct job *job;
	struct job_waiter waiter;
};

struct group {
	struct job job; /* first: a job is its group */
	enum group_end end;
	struct job *winner;
	size_t count, left;
	struct member members[];
};

static void group_end_wait(struct group *g, enum err result)
{
	for (size_t i = 0; i < g->count; i++)
		job_unwatch(&g->members[i].waiter);
	job_finish(&g->job, result);
}

static enum err first_failure(const struct group *g)
{
	for (size_t i = 0; i < g->count; i++) {
		if (job_result(g->members[i].job))
			return job_result(g->members[i].job);
	}
	return ERR_NONE;
}

static void on_member_done(struct job *job, enum err result, void *arg)
{
	struct group *g = arg;

	g->left--;
	if (g->end == END_FIRST || (g->end == END_FIRST_FAILURE && result)) {
		g->winner = job;
		group_end_wait(g, result);
	} else if (!g->left) {
		group_end_wait(g, g->end == END_ALL ? first_failure(g) : ERR_NONE);
	}
}

static void group_cancel(struct job *job)
{
	struct group *g = (struct group *)job;

	if (g->end != END_ALL || !g->left) {
		group_end_wait(g, ERR_CANCELED);
		return;
	}
	/* The members answer, and the last answer ends the group. */
	for (size_t i = 0; i < g->count; i++)
		job_cancel(g->members[i].job);
}

static void group_free(struct job *job)
{
	struct group *g = (struct group *)job;

	for (size_t i = 0; i < g->count; i++)
		job_unref(g->members[i].job);
	free(g);
}

static const struct job_kind group_kind = {"group", group_cancel, group_free};

static struct job *group_new(struct loop *loop, enum group_end end, struct job *const *jobs,
                             size_t count)
{
	struct group *g = mem_zero(1, sizeof(*g) + count * sizeof(g->members[0]));

	g->end = end;
	g->count = g->left = count;
	job_start(&g->job, loop, &group_kind);
	for (size_t i = 0; i < count; i++) {
		g->members[i].job = job_ref(jobs[i]);
		job_watch(jobs[i], &g->members[i].waiter, on_member_done, g);
	}
	if (!count)
		job_finish(&g->job, ERR_NONE);
	return &g->job;
}

struct job *gather(struct loop *loop, struct job *const *jobs, size_t count)
{
	return group_new(loop, END_ALL, jobs, count);
}

struct job *wait_first(struct loop *loop, struct job *const *jobs, size_t count)
{
	assert(count);
	return group_new(loop, END_FIRST, jobs, count);
}

struct job *wait_first_failure(struct loop *loop, struct job *const *jobs, size_t count)
{
	return group_new(loop, END_FIRST_FAILURE, jobs, count);
}

struct job *group_get(const struct job *group, size_t i)
{
	const struct group *g = (const struct group *)group;

	assert(group->kind == &group_kind && i < g->count);
	return g->members[i].job;
}

struct job *group_winner(const struct job *group)
{
	assert(group->kind == &group_kind);
	return ((const struct group *)group)->winner;
}
