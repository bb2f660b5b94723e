/*
 * Awaitable jobs by example: the asyncio tutorial, retold. Read it from top to bottom.
 *
 * The examples keep a diary. A name in it says that the job of that name has reported, and
 * "name=ERR_X" that it did not succeed; the order is the order in which they did. Nothing here is
 * measured with a stopwatch unless time is the point.
 */
#include "unit_async.h"

#include <semaphore.h>

#include "async/child.h"
#include "async/group.h"
#include "async/limiter.h"
#include "async/lines.h"
#include "async/offload.h"
#include "async/sleep.h"
#include "async/stream.h"
#include "async/timeout.h"
#include "base/clock.h"

/* ---- making a job of one's own: it sleeps, and then says something ---- */

struct greeting {
	struct job job; /* first: a job is its greeting */
	struct diary *diary;
	const char *text;
	enum err result;
	struct job *sleep;
	struct job_waiter waiter;
};

static void greeting_cancel(struct job *job)
{
	/* The sleep ends, and its end is ours. */
	job_cancel(((struct greeting *)job)->sleep);
}

static void greeting_free(struct job *job)
{
	free(job);
}

static const struct job_kind greeting_kind = {"greeting", greeting_cancel, greeting_free};

static void on_slept(struct job *sleep, enum err result, void *arg)
{
	struct greeting *g = arg;

	(void)sleep;
	if (result) {
		diary_add(g->diary, "%s=%s", g->text, err_name(result));
		job_finish(&g->job, result);
	} else {
		diary_add(g->diary, "%s", g->text);
		job_finish(&g->job, g->result);
	}
}

/* async def fail_after(delay, text, result): await asyncio.sleep(delay); print(text); raise ... */
static struct job *fail_after(struct stage *s, int64_t delay_us, const char *text, enum err result)
{
	struct greeting *g = mem_zero(1, sizeof(*g));

	job_start(&g->job, s->loop, &greeting_kind);
	g->diary = &s->diary;
	g->text = text;
	g->result = result;
	g->sleep = sleep_for(s->loop, delay_us);
	job_watch(g->sleep, &g->waiter, on_slept, g);
	return &g->job;
}

/* async def say_after(delay, text): await asyncio.sleep(delay); print(text) */
static struct job *say_after(struct stage *s, int64_t delay_us, const char *text)
{
	return fail_after(s, delay_us, text, ERR_NONE);
}

/* ---- two at once, and one after the other ---- */

static void two_greetings_of_which_the_second_is_first(void **state)
{
	struct stage *s = *state;
	struct job *hello = say_after(s, 20 * MS, "hello");

	/* It runs from here on, as an asyncio task does. Nobody has to wait for it. */
	say_after(s, 10 * MS, "world");
	assert_err(job_await(hello), ERR_NONE);
	assert_string_equal(diary_read(&s->diary), "world hello");
}

static void the_loop_runs_until_everybody_has_finished(void **state)
{
	struct stage *s = *state;

	say_after(s, 20 * MS, "hello");
	say_after(s, 10 * MS, "world");
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "world hello");
}

static void on_sleeper_done(struct job *sleeper, enum err result, void *arg)
{
	struct job *waiter = arg;

	(void)sleeper;
	job_finish(waiter, result);
}

static void a_waiter_that_awaits_a_sleeper(void **state)
{
	struct stage *s = *state;
	struct job *sleeper = diary_watch(&s->diary, sleep_for(s->loop, 5 * MS), "sleeper");
	struct job *waiter = diary_watch(&s->diary, promise_new(s->loop), "waiter");
	struct job_waiter place = {0};

	job_watch(sleeper, &place, on_sleeper_done, waiter);
	assert_err(job_await(waiter), ERR_NONE);
	assert_string_equal(diary_read(&s->diary), "sleeper waiter");
}

/* ---- gather: all of them, results in the order of creation ---- */

static void create_go_on_then_gather(void **state)
{
	struct stage *s = *state;
	/* A job that may finish before we come back to it is kept with job_ref(). */
	struct job *jobs[3] = {
		job_ref(say_after(s, 30 * MS, "one")),
		job_ref(fail_after(s, 10 * MS, "two", ERR_LIMIT)),
		job_ref(say_after(s, 20 * MS, "three")),
	};

	/* Something else meanwhile; the second one is done by then. */
	assert_err(job_await(say_after(s, 15 * MS, "lunch")), ERR_NONE);
	assert_true(job_is_finished(jobs[1]));

	struct job *all = job_ref(gather(s->loop, jobs, 3));
	assert_err(job_await(all), ERR_LIMIT);
	assert_string_equal(diary_read(&s->diary), "two lunch three one");
	for (size_t i = 0; i < 3; i++) {
		assert_ptr_equal(group_get(all, i), jobs[i]);
		assert_err(job_result(group_get(all, i)), i == 1 ? ERR_LIMIT : ERR_NONE);
		job_unref(jobs[i]);
	}
	job_unref(all);
}

static void the_time_of_the_longest_and_not_the_sum(void **state)
{
	enum { MANY = 10000 };
	struct stage *s = *state;
	int64_t start, longest = 100 * MS;
	struct job **jobs = mem_zero(MANY, sizeof(*jobs));

	/* A loop of its own, so that the stopwatch is started before the loop's time is taken. */
	loop_free(s->loop);
	start = clock_mono_us();
	s->loop = loop_new(false, NULL, NULL);
	for (size_t i = 0; i < MANY; i++)
		jobs[i] = sleep_for(s->loop, longest * ((int64_t)i + 1) / MANY);
	assert_err(job_await(gather(s->loop, jobs, MANY)), ERR_NONE);
	assert_true(clock_mono_us() - start >= longest);
	/* The sum would be 500 seconds. */
	assert_true(clock_mono_us() - start < 60 * 1000 * MS);
	free(jobs);
}

/* ---- wait: the first of them, then more ---- */

static void wait_for_the_first_then_add_a_newcomer(void **state)
{
	struct stage *s = *state;
	struct job *running[3] = {
		job_ref(say_after(s, HOUR, "slow")),
		job_ref(say_after(s, 1 * MS, "quick")),
		job_ref(say_after(s, HOUR, "slower")),
	};
	struct job *first = job_ref(wait_first(s->loop, running, 3));

	assert_err(job_await(first), ERR_NONE);
	assert_ptr_equal(group_winner(first), running[1]);
	assert_string_equal(diary_read(&s->diary), "quick");
	job_unref(first);

	/* The place of the one that is done is taken by a newcomer. */
	job_unref(running[1]);
	running[1] = job_ref(say_after(s, 1 * MS, "newcomer"));
	first = job_ref(wait_first(s->loop, running, 3));
	assert_err(job_await(first), ERR_NONE);
	assert_ptr_equal(group_winner(first), running[1]);
	assert_string_equal(diary_read(&s->diary), "newcomer");
	job_unref(first);

	/* The others have run on all the while. */
	assert_false(job_is_finished(running[0]));
	assert_false(job_is_finished(running[2]));
	assert_err(job_await(say_after(s, 1 * MS, "still going")), ERR_NONE);
	for (size_t i = 0; i < 3; i++) {
		job_cancel(running[i]);
		job_unref(running[i]);
	}
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary),
	                    "still going slow=ERR_CANCELED slower=ERR_CANCELED");
}

static void wait_for_the_first_failure(void **state)
{
	struct stage *s = *state;
	struct job *running[3] = {
		say_after(s, 1 * MS, "fine"),
		say_after(s, HOUR, "slow"),
		fail_after(s, 2 * MS, "failing", ERR_SYNTAX),
	};
	struct job *failure = job_ref(wait_first_failure(s->loop, running, 3));

	assert_err(job_await(failure), ERR_SYNTAX);
	assert_ptr_equal(group_winner(failure), running[2]);
	assert_string_equal(diary_read(&s->diary), "fine failing");
	/* The slow one runs on, until somebody ends it. */
	assert_false(job_is_finished(running[1]));
	job_cancel(running[1]);
	assert_err(job_await(running[1]), ERR_CANCELED);
	job_unref(failure);
}

static void when_none_fails_the_wait_is_for_all(void **state)
{
	struct stage *s = *state;
	struct job *running[3] = {
		say_after(s, 2 * MS, "two"),
		say_after(s, 3 * MS, "three"),
		say_after(s, 1 * MS, "one"),
	};
	struct job *failure = job_ref(wait_first_failure(s->loop, running, 3));

	assert_err(job_await(failure), ERR_NONE);
	assert_null(group_winner(failure));
	assert_string_equal(diary_read(&s->diary), "one two three");
	job_unref(failure);
}

/* ---- time limits ---- */

static void a_timeout_cancels_what_takes_too_long(void **state)
{
	struct stage *s = *state;
	struct job *eternity = say_after(s, HOUR, "yay");
	struct job *limited = with_timeout(s->loop, eternity, 1 * MS);

	diary_watch(&s->diary, eternity, "eternity");
	diary_watch(&s->diary, limited, "limited");
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "yay=ERR_CANCELED eternity=ERR_CANCELED "
	                                           "limited=ERR_TIMEOUT");
}

static void a_timeout_that_does_not_fire(void **state)
{
	struct stage *s = *state;

	assert_err(job_await(with_timeout(s->loop, say_after(s, 1 * MS, "yay"), HOUR)), ERR_NONE);
	assert_string_equal(diary_read(&s->diary), "yay");
	/* Its hour does not keep the loop running. */
	loop_run(s->loop);
}

static void a_job_that_is_done_in_the_very_turn_of_its_timeout_is_in_time(void **state)
{
	struct stage *s = *state;
	struct lines *lines;
	int fds[2];

	pipe_new(fds);
	write_all(fds[1], "x", 1);
	lines = lines_new(s->loop, fds[0], 10);
	/* The first turn finds both: a pipe with something to read, and no time left. */
	assert_err(job_await(with_timeout(s->loop, lines_wait(lines), 0)), ERR_NONE);
	lines_free(lines);
	close(fds[0]);
	close(fds[1]);
}

/* ---- cancelling ---- */

static void cancel_is_a_request_and_is_answered_once(void **state)
{
	struct stage *s = *state;
	struct job *job = job_ref(diary_watch(&s->diary, sleep_for(s->loop, HOUR), "sleep"));

	job_cancel(job);
	job_cancel(job);
	/* Nothing is reported inside the call... */
	assert_string_equal(diary_read(&s->diary), "");
	loop_run(s->loop);
	/* ...but on a turn of the loop, and once. */
	assert_string_equal(diary_read(&s->diary), "sleep=ERR_CANCELED");

	/* What has finished cannot be cancelled: nothing happens. */
	job_cancel(job);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "");
	assert_err(job_result(job), ERR_CANCELED);
	job_unref(job);
}

static void cancel_comes_too_late_for_a_job_that_has_its_result(void **state)
{
	struct stage *s = *state;
	struct job *job = job_ref(say_after(s, 1 * MS, "done"));

	assert_err(job_await(job), ERR_NONE);
	job_cancel(job);
	assert_err(job_await(job), ERR_NONE);
	assert_string_equal(diary_read(&s->diary), "done");
	job_unref(job);
}

static void cancelling_a_gather_cancels_them_all(void **state)
{
	struct stage *s = *state;
	struct job *jobs[2] = {say_after(s, HOUR, "hello"), say_after(s, HOUR, "world")};
	struct job *all = gather(s->loop, jobs, 2);

	job_cancel(all);
	assert_err(job_await(all), ERR_CANCELED);
	assert_string_equal(diary_read(&s->diary), "hello=ERR_CANCELED world=ERR_CANCELED");
}

/* ---- a limit on how many at once ---- */

struct worker {
	struct stage *stage;
	struct limiter *limiter;
	unsigned *inside, *most_inside;
	char name[8];
	struct job_waiter waiter;
};

static void on_worked(struct job *sleep, enum err result, void *arg)
{
	struct worker *w = arg;

	(void)sleep;
	(void)result;
	--*w->inside;
	limiter_release(w->limiter);
}

static void on_admitted(struct job *wait, enum err result, void *arg)
{
	struct worker *w = arg;

	(void)wait;
	if (result)
		return;
	diary_add(&w->stage->diary, "%s", w->name);
	if (++*w->inside > *w->most_inside)
		*w->most_inside = *w->inside;
	job_watch(sleep_for(w->stage->loop, 1 * MS), &w->waiter, on_worked, w);
}

/* async with semaphore: await asyncio.sleep(0.001) */
static void never_more_at_once_than_the_limit_and_first_come_first_served(void **state)
{
	enum { WORKERS = 10, LIMIT = 3 };
	struct stage *s = *state;
	struct worker workers[WORKERS];
	unsigned inside = 0, most_inside = 0;
	struct limiter limiter;

	limiter_init(&limiter, s->loop, LIMIT);
	for (size_t i = 0; i < WORKERS; i++) {
		workers[i] = (struct worker){s, &limiter, &inside, &most_inside, "", {0}};
		snprintf(workers[i].name, sizeof(workers[i].name), "%zu", i);
		job_watch(limiter_acquire(&limiter), &workers[i].waiter, on_admitted, &workers[i]);
	}
	loop_run(s->loop);
	assert_int_equal(most_inside, LIMIT);
	assert_int_equal(inside, 0);
	assert_string_equal(diary_read(&s->diary), "0 1 2 3 4 5 6 7 8 9");
}

static void a_limit_can_change_and_a_wait_can_be_cancelled(void **state)
{
	struct stage *s = *state;
	struct limiter limiter;
	struct job *third;

	limiter_init(&limiter, s->loop, 1);
	diary_watch(&s->diary, limiter_acquire(&limiter), "first");
	diary_watch(&s->diary, limiter_acquire(&limiter), "second");
	third = diary_watch(&s->diary, limiter_acquire(&limiter), "third");
	diary_watch(&s->diary, limiter_acquire(&limiter), "fourth");
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "first");

	limiter_set_limit(&limiter, 2);
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "second");

	/* A cancelled wait holds no place: the fourth gets it. */
	job_cancel(third);
	limiter_release(&limiter);
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "third=ERR_CANCELED fourth");

	/* Two hold a place. With a limit of one both must go before somebody comes in. */
	limiter_set_limit(&limiter, 1);
	diary_watch(&s->diary, limiter_acquire(&limiter), "fifth");
	limiter_release(&limiter);
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "");
	limiter_release(&limiter);
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "fifth");
	limiter_release(&limiter);
}

/* ---- child processes ---- */

static struct job *run(struct stage *s, const char *const *argv, const char *input, size_t len)
{
	struct child_options options = {
		.input = input, .input_len = len, .max_output_bytes = 8 << 20};

	return child_start(s->loop, (char *const *)argv, &options);
}

#define SH(script) ((const char *[]){"sh", "-c", script, NULL})

static void sleep_1_and_echo_hello_at_once(void **state)
{
	struct stage *s = *state;
	int64_t start = clock_mono_us();
	struct job *jobs[2] = {
		run(s, (const char *[]){"sleep", "1", NULL}, NULL, 0),
		run(s, (const char *[]){"echo", "hello", NULL}, NULL, 0),
	};
	size_t len;

	diary_watch(&s->diary, jobs[0], "sleep");
	diary_watch(&s->diary, jobs[1], "echo");
	struct job *both = job_ref(gather(s->loop, jobs, 2));
	assert_err(job_await(both), ERR_NONE);
	assert_true(clock_mono_us() - start < 1900 * MS);

	assert_string_equal(diary_read(&s->diary), "echo sleep");
	assert_int_equal(child_status(group_get(both, 0)), 0);
	assert_string_equal(child_output(group_get(both, 0), &len), "");
	assert_int_equal(child_status(group_get(both, 1)), 0);
	assert_string_equal(child_output(group_get(both, 1), &len), "hello\n");
	assert_int_equal(len, 6);
	job_unref(both);
}

static void a_megabyte_goes_through_cat(void **state)
{
	enum { SIZE = 1 << 20 };
	struct stage *s = *state;
	char *data = mem_zero(1, SIZE);
	const char *output;
	size_t len;

	for (size_t i = 0; i < SIZE; i++)
		data[i] = (char)(i * 7 % 251);
	struct job *cat = job_ref(run(s, (const char *[]){"cat", NULL}, data, SIZE));
	assert_err(job_await(cat), ERR_NONE);
	assert_int_equal(child_status(cat), 0);
	output = child_output(cat, &len);
	case_bytes("cat", output, len, data, SIZE);
	job_unref(cat);
	free(data);
}

static void a_child_need_not_read_its_input(void **state)
{
	enum { SIZE = 1 << 20 };
	struct stage *s = *state;
	char *data = mem_zero(1, SIZE);
	size_t len;
	struct job *child = job_ref(run(s, SH("exec <&-; echo no, thanks"), data, SIZE));

	assert_err(job_await(child), ERR_NONE);
	assert_int_equal(child_status(child), 0);
	assert_string_equal(child_output(child, &len), "no, thanks\n");
	job_unref(child);
	free(data);
}

static void of_too_much_output_the_beginning_is_kept(void **state)
{
	struct stage *s = *state;
	struct child_options options = {.max_output_bytes = 10};
	const char *const argv[] = {"sh", "-c", "echo 0123456789abcdef; head -c 1000000 /dev/zero",
	                            NULL};
	struct job *child = job_ref(child_start(s->loop, (char *const *)argv, &options));
	size_t len;

	/* All of it is read all the same: the child does not hang, and ends well. */
	assert_err(job_await(child), ERR_NONE);
	assert_int_equal(child_status(child), 0);
	assert_string_equal(child_output(child, &len), "0123456789");
	assert_int_equal(len, 10);
	job_unref(child);
}

static void a_status_is_no_error(void **state)
{
	struct stage *s = *state;
	struct job *jobs[2] = {
		run(s, SH("exit 7"), NULL, 0),
		run(s, SH("kill -TERM $$"), NULL, 0),
	};
	struct job *both = job_ref(gather(s->loop, jobs, 2));

	assert_err(job_await(both), ERR_NONE);
	assert_int_equal(child_status(group_get(both, 0)), 7);
	/* As a shell says it: 128 and the number of the signal. */
	assert_int_equal(child_status(group_get(both, 1)), 128 + SIGTERM);
	job_unref(both);
}

static void a_command_that_does_not_exist_is_one(void **state)
{
	struct stage *s = *state;

	if (!can_spawn_fail())
		skip();
	struct job *child = job_ref(run(s, (const char *[]){"/no/such/command", NULL}, NULL, 0));
	assert_err(job_await(child), ERR_SYSTEM);
	assert_int_equal(child_status(child), -1);
	job_unref(child);
}

static void a_child_with_a_time_limit_is_killed_with_its_children(void **state)
{
	struct stage *s = *state;
	/* The sleep holds the pipe too; if it were not killed, we would wait for it. */
	struct job *child = job_ref(run(s, SH("sleep 1000 & sleep 1000; exit 0"), NULL, 0));

	assert_err(job_await(with_timeout(s->loop, child, 20 * MS)), ERR_TIMEOUT);
	assert_err(job_result(child), ERR_CANCELED);
	assert_int_equal(child_status(child), 128 + SIGKILL);
	job_unref(child);
	/* No zombie is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* ---- blocking work, off the loop ---- */

struct blocking {
	sem_t go_on;
	int answer;
};

static int block(void *arg)
{
	struct blocking *b = arg;

	while (sem_wait(&b->go_on))
		;
	b->answer = 42;
	return ERR_NONE;
}

struct ticker {
	struct stage *stage;
	struct blocking *work;
	struct job *job;
	int ticks;
	bool was_finished;
	struct job_waiter waiter;
};

static void on_tick(struct job *sleep, enum err result, void *arg)
{
	struct ticker *t = arg;

	(void)sleep;
	(void)result;
	t->was_finished |= job_is_finished(t->job);
	if (++t->ticks == 100)
		sem_post(&t->work->go_on); /* now the worker may go on */
	else
		job_watch(sleep_for(t->stage->loop, 1), &t->waiter, on_tick, t);
}

/* await asyncio.to_thread(block): the worker is held until the loop has ticked a hundred times. */
static void timers_go_on_while_a_thread_is_blocked(void **state)
{
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, 1);
	struct blocking work = {.answer = 0};
	struct ticker ticker = {.stage = s, .work = &work};

	sem_init(&work.go_on, 0, 0);
	ticker.job = job_ref(offload(pool, block, &work));
	job_watch(sleep_for(s->loop, 1), &ticker.waiter, on_tick, &ticker);
	assert_err(job_await(ticker.job), ERR_NONE);
	assert_int_equal(ticker.ticks, 100);
	assert_false(ticker.was_finished);
	assert_int_equal(work.answer, 42);
	job_unref(ticker.job);
	offload_pool_free(pool);
	sem_destroy(&work.go_on);
}

/* ---- lines in, records out ---- */

/* async for line in reader: writer.write(line); await writer.drain() */
static void lines_from_one_pipe_to_another(void **state)
{
	struct stage *s = *state;
	char copy[64] = "";
	int in[2], out[2];
	char *line;
	size_t len;
	enum err e;

	pipe_new(in);
	pipe_new(out);
	write_all(in[1], "hello\r\nwor", 10);
	struct lines *lines = lines_new(s->loop, in[0], 100);
	struct stream *stream = stream_new(s->loop, out[1], NULL, NULL);

	while ((e = lines_next(lines, &line, &len)) != ERR_EOF) {
		if (e == ERR_AGAIN) {
			/* The rest of "world" comes while we wait for it. */
			struct job *more = lines_wait(lines);
			write_all(in[1], "ld", 2);
			close(in[1]);
			assert_err(job_await(more), ERR_NONE);
			continue;
		}
		assert_err(e, ERR_NONE);
		buf_printf(stream_buf(stream), "<%s>\n", line);
		stream_commit(stream);
		if (stream_is_full(stream))
			assert_err(job_await(stream_drain(stream)), ERR_NONE);
	}
	assert_err(job_await(stream_flush(stream)), ERR_NONE);
	assert_int_equal(read(out[0], copy, sizeof(copy) - 1), 16);
	assert_string_equal(copy, "<hello>\n<world>\n");
	stream_free(stream);
	lines_free(lines);
	close(in[0]);
	close(out[0]);
	close(out[1]);
}

/* ---- the end ---- */

static void the_end_of_the_loop_ends_every_job_once(void **state)
{
	struct stage *s = *state;
	struct diary of_child = {.len = 0};
	struct limiter limiter;
	struct lines *lines;
	struct job *members[2];
	int fds[2];

	pipe_new(fds);
	lines = lines_new(s->loop, fds[0], 10);
	limiter_init(&limiter, s->loop, 1);
	diary_watch(&s->diary, sleep_for(s->loop, HOUR), "sleep");
	diary_watch(&s->diary, with_timeout(s->loop, sleep_for(s->loop, HOUR), HOUR), "timeout");
	members[0] = diary_watch(&s->diary, sleep_for(s->loop, HOUR), "a");
	members[1] = diary_watch(&s->diary, sleep_for(s->loop, HOUR), "b");
	diary_watch(&s->diary, gather(s->loop, members, 2), "gather");
	diary_watch(&s->diary, wait_first(s->loop, members, 2), "first");
	diary_watch(&s->diary, limiter_acquire(&limiter), "holder");
	diary_watch(&s->diary, limiter_acquire(&limiter), "waiter");
	diary_watch(&s->diary, lines_wait(lines), "lines");
	/* This one reports when the process has ended: some time, so it has a diary of its own. */
	diary_watch(&of_child, run(s, SH("sleep 1000"), NULL, 0), "child");

	loop_free(s->loop);
	s->loop = NULL;
	assert_string_equal(diary_read(&s->diary),
	                    "holder sleep=ERR_CANCELED a=ERR_CANCELED b=ERR_CANCELED "
	                    "first=ERR_CANCELED waiter=ERR_CANCELED lines=ERR_CANCELED "
	                    "timeout=ERR_CANCELED gather=ERR_CANCELED");
	assert_string_equal(diary_read(&of_child), "child=ERR_CANCELED");
	lines_free(lines);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_greetings_of_which_the_second_is_first),
		TEST(the_loop_runs_until_everybody_has_finished),
		TEST(a_waiter_that_awaits_a_sleeper),
		TEST(create_go_on_then_gather),
		TEST(the_time_of_the_longest_and_not_the_sum),
		TEST(wait_for_the_first_then_add_a_newcomer),
		TEST(wait_for_the_first_failure),
		TEST(when_none_fails_the_wait_is_for_all),
		TEST(a_timeout_cancels_what_takes_too_long),
		TEST(a_timeout_that_does_not_fire),
		TEST(a_job_that_is_done_in_the_very_turn_of_its_timeout_is_in_time),
		TEST(cancel_is_a_request_and_is_answered_once),
		TEST(cancel_comes_too_late_for_a_job_that_has_its_result),
		TEST(cancelling_a_gather_cancels_them_all),
		TEST(never_more_at_once_than_the_limit_and_first_come_first_served),
		TEST(a_limit_can_change_and_a_wait_can_be_cancelled),
		TEST_MAIN(sleep_1_and_echo_hello_at_once),
		TEST_MAIN(a_megabyte_goes_through_cat),
		TEST_MAIN(a_child_need_not_read_its_input),
		TEST_MAIN(of_too_much_output_the_beginning_is_kept),
		TEST_MAIN(a_status_is_no_error),
		TEST_MAIN(a_command_that_does_not_exist_is_one),
		TEST_MAIN(a_child_with_a_time_limit_is_killed_with_its_children),
		TEST(timers_go_on_while_a_thread_is_blocked),
		TEST(lines_from_one_pipe_to_another),
		TEST_MAIN(the_end_of_the_loop_ends_every_job_once),
	};
	return UNIT_RUN(tests);
}
