/*
 * What the tests of async/ share: a loop for each test, a diary of what happened in which order,
 * and a job that is finished by hand.
 */
#ifndef UNIT_ASYNC_H
#define UNIT_ASYNC_H

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "async/job.h"
#include "async/loop.h"
#include "async/slice.h"
#include "base/mem.h"

#define MS   INT64_C(1000)       /* in microseconds */
#define HOUR INT64_C(3600000000) /* longer than any test: "not before it is cancelled" */

/* ---- the diary: what happened, in order, in words with a space between ---- */

struct diary_watch {
	struct diary *diary;
	const char *name;
	struct job_waiter waiter;
};

struct diary {
	char text[4096];
	size_t len;
	struct diary_watch watches[128];
	size_t count;
};

PRINTF_LIKE(2, 3) HELPER void diary_add(struct diary *d, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	if (d->len)
		d->text[d->len++] = ' ';
	n = vsnprintf(d->text + d->len, sizeof(d->text) - d->len - 1, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(d->text) - d->len - 1)
		abort();
	d->len += (size_t)n;
}

/* Reads what was written since the last time: the page is torn out. Valid until the next call. */
HELPER const char *diary_read(struct diary *d)
{
	static char page[sizeof(d->text)];

	memcpy(page, d->text, sizeof(page));
	d->len = 0;
	d->text[0] = '\0';
	return page;
}

HELPER void diary_on_done(struct job *job, enum err result, void *arg)
{
	const struct diary_watch *w = arg;

	(void)job;
	if (result)
		diary_add(w->diary, "%s=%s", w->name, err_name(result));
	else
		diary_add(w->diary, "%s", w->name);
}

/* When job reports, its name is written; or name=ERR_X when it did not succeed. Returns job. */
HELPER struct job *diary_watch(struct diary *d, struct job *job, const char *name)
{
	struct diary_watch *w = &d->watches[d->count++];

	if (d->count > COUNT(d->watches))
		abort();
	*w = (struct diary_watch){.diary = d, .name = name};
	job_watch(job, &w->waiter, diary_on_done, w);
	return job;
}

/* ---- a stage: what a test is given as its *state ---- */

struct stage {
	struct loop *loop; /* a test that ends it itself leaves NULL */
	struct diary diary;
};

HELPER int stage_setup_loop(void **state, bool is_main)
{
	struct stage *s = mem_zero(1, sizeof(*s));
	struct error e = {""};

	s->loop = loop_new(is_main, NULL, &e);
	if (!s->loop) {
		print_error("loop_new: %s\n", e.text);
		free(s);
		return -1;
	}
	*state = s;
	return 0;
}

HELPER int stage_setup(void **state)
{
	return stage_setup_loop(state, false);
}

/* With the main loop, which can watch children and signals. */
HELPER int stage_setup_main(void **state)
{
	return stage_setup_loop(state, true);
}

HELPER int stage_teardown(void **state)
{
	struct stage *s = *state;

	loop_free(s->loop);
	free(s);
	return 0;
}

/* After a test with children none is left, not even as a zombie. */
HELPER int stage_teardown_main(void **state)
{
	stage_teardown(state);
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) {
		print_error("a child process is left\n");
		return -1;
	}
	return 0;
}

HELPER void settle_nothing(struct post *post)
{
	(void)post;
}

/* Runs what is ready and what comes of it, without waiting for anything. */
HELPER void settle(struct loop *loop)
{
	struct post nothing = {.fn = settle_nothing};

	for (int i = 0; i < 20; i++) {
		loop_post(loop, &nothing); /* keeps the turn from waiting */
		loop_turn(loop);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, stage_setup, stage_teardown)
#define TEST_MAIN(function) \
	cmocka_unit_test_setup_teardown(function, stage_setup_main, stage_teardown_main)

/* Works for longer than a slice of a turn, however fast the machine is. */
HELPER void work_for_a_slice(void)
{
	struct slice slice = slice_begin();

	while (!slice_is_over(&slice))
		;
}

/* ---- a promise: a job that ends when the test says so ---- */

struct promise {
	struct job job; /* first: a job is its promise */
	bool is_slow_to_cancel;
	unsigned turns_to_cancel;
	struct post post;
	unsigned *cancels, *frees; /* counted here unless NULL */
};

HELPER void promise_run(struct post *post)
{
	struct promise *p = (struct promise *)((char *)post - offsetof(struct promise, post));

	if (--p->turns_to_cancel)
		loop_post(p->job.loop, post);
	else
		job_finish(&p->job, ERR_CANCELED);
}

HELPER void promise_cancel(struct job *job)
{
	struct promise *p = (struct promise *)job;

	if (p->cancels)
		++*p->cancels;
	if (p->turns_to_cancel)
		loop_post(job->loop, &p->post);
	else if (!p->is_slow_to_cancel)
		job_finish(job, ERR_CANCELED);
}

HELPER void promise_free(struct job *job)
{
	struct promise *p = (struct promise *)job;

	if (p->frees)
		++*p->frees;
	free(p);
}

static const struct job_kind promise_kind = {"promise", promise_cancel, promise_free};

/* Ends with job_finish(), or at once when it is cancelled. */
HELPER struct job *promise_new(struct loop *loop)
{
	struct promise *p = mem_zero(1, sizeof(*p));

	job_start(&p->job, loop, &promise_kind);
	return &p->job;
}

/* The same, but asked to cancel it takes its time: until the test calls job_finish(). */
HELPER struct job *promise_new_slow(struct loop *loop)
{
	struct job *job = promise_new(loop);

	((struct promise *)job)->is_slow_to_cancel = true;
	return job;
}

/* The same, but asked to cancel it answers of itself, so many turns later. */
HELPER struct job *promise_new_late(struct loop *loop, unsigned turns)
{
	struct job *job = promise_new(loop);

	((struct promise *)job)->turns_to_cancel = turns;
	((struct promise *)job)->post.fn = promise_run;
	return job;
}

HELPER struct job *promise_count(struct job *job, unsigned *cancels, unsigned *frees)
{
	((struct promise *)job)->cancels = cancels;
	((struct promise *)job)->frees = frees;
	return job;
}

/* ---- processes and descriptors ---- */

/* Not under valgrind: there a command that does not exist is one that ends with status 127. */
HELPER bool can_spawn_fail(void)
{
	char *argv[] = {NULL, NULL};
	pid_t pid;

	if (posix_spawn(&pid, "/no/such/command", NULL, NULL, argv, argv))
		return true;
	waitpid(pid, NULL, 0);
	return false;
}

HELPER void pipe_new(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC))
		abort();
}

HELPER void write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);
		if (n <= 0)
			abort();
		at += n;
		len -= (size_t)n;
	}
}

#endif
