/*
 * async/job: the rules of awaitable jobs, one by one.
 */
#include "unit_async.h"

#include "async/group.h"
#include "async/sleep.h"
#include "async/timeout.h"

/* ---- 1: a job finishes exactly once ---- */

enum ending {
	END_SUCCESS,
	END_FAILURE,
	END_CANCEL,
	END_CANCEL_TWICE,
	END_CANCEL_SLOWLY,
	END_WELL_AFTER_CANCEL,
	END_CANCEL_AFTER_FINISH,
	END_TEARDOWN,
};

static void every_end_is_reported_exactly_once(void **state)
{
	static const struct {
		const char *name;
		enum ending ending;
		const char *expected;
		unsigned cancels;
	} cases[] = {
		{"success", END_SUCCESS, "job", 0},
		{"failure", END_FAILURE, "job=ERR_FAILED", 0},
		{"cancel", END_CANCEL, "job=ERR_CANCELED", 1},
		{"cancel, twice", END_CANCEL_TWICE, "job=ERR_CANCELED", 1},
		{"cancel, answered later", END_CANCEL_SLOWLY, "job=ERR_CANCELED", 1},
		{"cancel, but it succeeds", END_WELL_AFTER_CANCEL, "job", 1},
		{"cancel after it has finished", END_CANCEL_AFTER_FINISH, "job", 0},
		{"teardown", END_TEARDOWN, "job=ERR_CANCELED", 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		struct diary diary = {.len = 0};
		struct loop *loop = loop_new(false, NULL, NULL);
		unsigned cancels = 0, frees = 0;
		bool is_slow = cases[i].ending == END_CANCEL_SLOWLY ||
		               cases[i].ending == END_WELL_AFTER_CANCEL;
		struct job *job = promise_count(
			is_slow ? promise_new_slow(loop) : promise_new(loop), &cancels, &frees);

		diary_watch(&diary, job, "job");
		switch (cases[i].ending) {
		case END_SUCCESS: job_finish(job, ERR_NONE); break;
		case END_FAILURE: job_finish(job, ERR_FAILED); break;
		case END_CANCEL: job_cancel(job); break;
		case END_CANCEL_TWICE:
			job_cancel(job);
			job_cancel(job);
			break;
		case END_CANCEL_SLOWLY:
			job_cancel(job);
			job_cancel(job);
			case_true(name, !job_is_finished(job));
			job_finish(job, ERR_CANCELED);
			break;
		case END_WELL_AFTER_CANCEL:
			job_cancel(job);
			job_finish(job, ERR_NONE);
			break;
		case END_CANCEL_AFTER_FINISH:
			job_finish(job, ERR_NONE);
			job_cancel(job);
			break;
		case END_TEARDOWN: break;
		}
		case_text(name, diary.text, "");
		if (cases[i].ending != END_TEARDOWN)
			loop_run(loop);
		loop_free(loop);
		case_text(name, diary.text, cases[i].expected);
		case_uint(name, cancels, cases[i].cancels);
		case_uint(name, frees, 1);
	}
}

static void everybody_who_waits_is_told_once_in_the_order_of_waiting(void **state)
{
	struct stage *s = *state;
	struct job *job = promise_new(s->loop);

	diary_watch(&s->diary, job, "first");
	diary_watch(&s->diary, job, "second");
	job_finish(job, ERR_LIMIT);
	diary_watch(&s->diary, job, "third");
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary),
	                    "first=ERR_LIMIT second=ERR_LIMIT third=ERR_LIMIT");
}

/* ---- 2: done never runs inside the call that caused it; it is posted, first in first out ---- */

static void done_runs_inside_no_call(void **state)
{
	struct stage *s = *state;
	struct job *finished = diary_watch(&s->diary, promise_new(s->loop), "finished");
	struct job *canceled = diary_watch(&s->diary, promise_new(s->loop), "canceled");
	struct job *slept = diary_watch(&s->diary, sleep_for(s->loop, -1), "slept");
	struct job *grouped = diary_watch(&s->diary, gather(s->loop, NULL, 0), "grouped");

	(void)slept;
	job_finish(finished, ERR_NONE);
	job_cancel(canceled);
	diary_watch(&s->diary, finished, "late");
	assert_true(job_is_finished(finished));
	assert_true(job_is_finished(canceled));
	assert_true(job_is_finished(grouped));
	assert_string_equal(diary_read(&s->diary), "");
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary),
	                    "grouped finished late canceled=ERR_CANCELED slept");
}

static void reports_come_in_the_order_of_finishing(void **state)
{
	struct stage *s = *state;
	struct job *a = diary_watch(&s->diary, promise_new(s->loop), "a");
	struct job *b = diary_watch(&s->diary, promise_new(s->loop), "b");
	struct job *c = diary_watch(&s->diary, promise_new(s->loop), "c");

	job_finish(c, ERR_NONE);
	job_cancel(a);
	job_finish(b, ERR_FAILED);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "c a=ERR_CANCELED b=ERR_FAILED");
}

enum doer_action {
	FINISH_IT,
	CANCEL_IT,
	WATCH_IT,
	CHANGE_ITS_MIND,
	WATCH_ITSELF_AGAIN,
	UNREF_IT,
	UNWATCH_IT
};

/* Who does something in a done call. */
struct doer {
	struct stage *stage;
	const char *name;
	enum doer_action what;
	struct job *it;
	struct job_waiter *waiter;
	struct job_waiter own;
	unsigned left;
};

static void doer_done(struct job *job, enum err result, void *arg)
{
	struct doer *d = arg;

	(void)result;
	diary_add(&d->stage->diary, "%s", d->name);
	switch (d->what) {
	case FINISH_IT: job_finish(d->it, ERR_NONE); break;
	case CANCEL_IT: job_cancel(d->it); break;
	case WATCH_IT: diary_watch(&d->stage->diary, d->it, "late"); break;
	case CHANGE_ITS_MIND: {
		struct job_waiter *first = &d->stage->diary.watches[d->stage->diary.count].waiter;

		diary_watch(&d->stage->diary, d->it, "not wanted");
		job_unwatch(first);
		diary_watch(&d->stage->diary, d->it, "late");
		diary_watch(&d->stage->diary, d->it, "later");
		break;
	}
	case WATCH_ITSELF_AGAIN:
		if (d->left--)
			job_watch(job, &d->own, doer_done, d);
		break;
	case UNREF_IT: job_unref(d->it); break;
	case UNWATCH_IT: job_unwatch(d->waiter); break;
	}
	diary_add(&d->stage->diary, "/%s", d->name);
}

static void what_a_done_call_causes_is_reported_after_it(void **state)
{
	static const struct {
		const char *name;
		enum doer_action what;
		const char *expected;
	} cases[] = {
		{"finish", FINISH_IT, "doer /doer other it"},
		{"cancel", CANCEL_IT, "doer /doer other it=ERR_CANCELED"},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct doer doer = {.stage = s, .name = "doer"};
		struct job *job = promise_new(s->loop);
		struct job *other = diary_watch(&s->diary, promise_new(s->loop), "other");

		doer.what = cases[i].what;
		doer.it = diary_watch(&s->diary, promise_new(s->loop), "it");
		job_watch(job, &doer.own, doer_done, &doer);
		job_finish(job, ERR_NONE);
		job_finish(other, ERR_NONE);
		loop_run(s->loop);
		case_text(cases[i].name, diary_read(&s->diary), cases[i].expected);
	}
}

/* A job that has reported is watched once more from its own done: that is a new post, at the end.
 */
static void a_job_watched_again_in_its_done_reports_behind_what_waits(void **state)
{
	struct stage *s = *state;
	struct doer doer = {.stage = s, .name = "doer", .what = WATCH_IT};
	struct job *job = doer.it = job_ref(promise_new(s->loop));
	struct job *other = diary_watch(&s->diary, promise_new(s->loop), "other");

	job_watch(job, &doer.own, doer_done, &doer);
	job_finish(job, ERR_NONE);
	job_finish(other, ERR_NONE);
	loop_run(s->loop);
	job_unref(job);
	assert_string_equal(diary_read(&s->diary), "doer /doer other late");
}

static void who_leaves_again_in_a_done_does_not_bring_the_others_forward(void **state)
{
	struct stage *s = *state;
	struct doer doer = {.stage = s, .name = "doer", .what = CHANGE_ITS_MIND};
	struct job *job = doer.it = job_ref(promise_new(s->loop));
	struct job *other = diary_watch(&s->diary, promise_new(s->loop), "other");

	job_watch(job, &doer.own, doer_done, &doer);
	diary_watch(&s->diary, job, "behind");
	job_finish(job, ERR_NONE);
	job_finish(other, ERR_NONE);
	loop_run(s->loop);
	job_unref(job);
	assert_string_equal(diary_read(&s->diary), "doer /doer behind other late later");
}

static void a_job_that_is_watched_again_and_again_reports_once_a_turn(void **state)
{
	struct stage *s = *state;
	struct doer doer = {.stage = s, .name = "d", .what = WATCH_ITSELF_AGAIN, .left = 2};
	struct job *job = job_ref(promise_new(s->loop));

	job_watch(job, &doer.own, doer_done, &doer);
	job_finish(job, ERR_NONE);
	loop_turn(s->loop);
	assert_string_equal(diary_read(&s->diary), "d /d");
	loop_turn(s->loop);
	assert_string_equal(diary_read(&s->diary), "d /d");
	loop_turn(s->loop);
	assert_string_equal(diary_read(&s->diary), "d /d");
	assert_false(loop_turn(s->loop));
	job_unref(job);
}

/* ---- 3: a job is valid until its done calls have returned; job_ref() keeps it longer ---- */

static void a_job_is_freed_after_its_last_done_and_not_before(void **state)
{
	struct stage *s = *state;
	unsigned frees = 0;
	struct job *job = job_ref(promise_count(promise_new(s->loop), NULL, &frees));
	struct doer one = {.stage = s, .name = "one", .what = UNREF_IT, .it = job};

	/* The first gives the reference back; the second, behind it, is still told. */
	job_watch(job, &one.own, doer_done, &one);
	diary_watch(&s->diary, job, "two");
	job_finish(job, ERR_NONE);
	assert_int_equal(frees, 0);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "one /one two");
	assert_int_equal(frees, 1);
}

static void a_job_that_nobody_waits_for_is_freed_too(void **state)
{
	struct stage *s = *state;
	unsigned frees = 0;

	job_finish(promise_count(promise_new(s->loop), NULL, &frees), ERR_NONE);
	loop_run(s->loop);
	assert_int_equal(frees, 1);
}

static void a_reference_keeps_the_result(void **state)
{
	struct stage *s = *state;
	unsigned frees = 0;
	struct job *job = promise_count(promise_new(s->loop), NULL, &frees);

	assert_ptr_equal(job_ref(job), job);
	assert_false(job_is_finished(job));
	job_finish(job, ERR_SYNTAX);
	/* The result stands before it is reported. */
	assert_true(job_is_finished(job));
	assert_err(job_result(job), ERR_SYNTAX);
	loop_run(s->loop);
	assert_int_equal(frees, 0);
	assert_true(job_is_finished(job));
	assert_err(job_result(job), ERR_SYNTAX);
	job_unref(job);
	assert_int_equal(frees, 1);
	job_unref(NULL);
}

static void who_comes_late_is_told_on_a_later_turn(void **state)
{
	struct stage *s = *state;
	struct job *job = job_ref(promise_new(s->loop));

	job_finish(job, ERR_TIMEOUT);
	loop_run(s->loop);
	for (int i = 0; i < 2; i++) {
		diary_watch(&s->diary, job, "one");
		diary_watch(&s->diary, job, "two");
		assert_string_equal(diary_read(&s->diary), "");
		loop_run(s->loop);
		assert_string_equal(diary_read(&s->diary), "one=ERR_TIMEOUT two=ERR_TIMEOUT");
	}
	job_unref(job);
}

/* Nothing of it may be left in the queue of posts. */
static void who_comes_late_and_leaves_again_leaves_nothing_behind(void **state)
{
	struct stage *s = *state;
	unsigned frees = 0;
	struct job *job = job_ref(promise_count(promise_new(s->loop), NULL, &frees));
	struct job *other = promise_new(s->loop);

	job_finish(job, ERR_NONE);
	loop_turn(s->loop);
	diary_watch(&s->diary, job, "late");
	job_unwatch(&s->diary.watches[0].waiter);
	job_unref(job);
	assert_int_equal(frees, 1);
	diary_watch(&s->diary, other, "other");
	job_finish(other, ERR_NONE);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "other");
}

static void a_reference_outlives_the_loop(void **state)
{
	struct stage *s = *state;
	unsigned frees = 0;
	struct job *job = job_ref(promise_count(promise_new(s->loop), NULL, &frees));

	loop_free(s->loop);
	s->loop = NULL;
	assert_err(job_result(job), ERR_CANCELED);
	assert_int_equal(frees, 0);
	job_unref(job);
	assert_int_equal(frees, 1);
}

static void who_does_not_wait_any_more_is_not_told(void **state)
{
	struct stage *s = *state;
	struct job *job = promise_new(s->loop);
	struct doer doer = {.stage = s, .name = "doer", .what = UNWATCH_IT};
	struct job_waiter never = {0};

	diary_watch(&s->diary, job, "before");
	job_watch(job, &doer.own, doer_done, &doer);
	diary_watch(&s->diary, job, "behind");
	doer.waiter = &s->diary.watches[1].waiter;
	job_unwatch(&s->diary.watches[0].waiter);
	job_unwatch(&s->diary.watches[0].waiter);
	job_unwatch(&never);
	job_finish(job, ERR_NONE);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "doer /doer");
}

static void a_waiter_that_was_told_can_wait_for_another_job(void **state)
{
	struct stage *s = *state;
	struct diary_watch w = {.diary = &s->diary, .name = "w"};

	for (int i = 0; i < 3; i++) {
		struct job *job = promise_new(s->loop);

		job_watch(job, &w.waiter, diary_on_done, &w);
		job_finish(job, ERR_NONE);
		loop_run(s->loop);
		assert_string_equal(diary_read(&s->diary), "w");
	}
}

/* ---- 4: cancel is a request ---- */

static void a_cancel_is_asked_once_and_answered_when_the_job_likes(void **state)
{
	struct stage *s = *state;
	unsigned cancels = 0;
	struct job *job = promise_count(promise_new_slow(s->loop), &cancels, NULL);

	diary_watch(&s->diary, job, "job");
	job_cancel(job);
	job_cancel(job);
	assert_int_equal(cancels, 1);
	assert_false(job_is_finished(job));
	assert_err(job_await(sleep_for(s->loop, 1)), ERR_NONE);
	assert_string_equal(diary_read(&s->diary), "");
	job_finish(job, ERR_CANCELED);
	job_cancel(job);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "job=ERR_CANCELED");
	assert_int_equal(cancels, 1);
}

static void cancelling_what_has_finished_does_nothing(void **state)
{
	struct stage *s = *state;
	unsigned cancels = 0;
	struct job *job = job_ref(promise_count(promise_new(s->loop), &cancels, NULL));

	diary_watch(&s->diary, job, "job");
	job_finish(job, ERR_NONE);
	job_cancel(job);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "job");
	job_cancel(job);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "");
	assert_err(job_result(job), ERR_NONE);
	assert_int_equal(cancels, 0);
	job_unref(job);
}

/* ---- 6: the loop ends when no job is alive ---- */

static void on_done_sleep_again(struct job *job, enum err result, void *arg)
{
	struct doer *d = arg;

	(void)job;
	(void)result;
	diary_add(&d->stage->diary, "%u", d->left);
	if (d->left--)
		job_watch(sleep_for(d->stage->loop, 1), &d->own, on_done_sleep_again, d);
}

static void the_loop_runs_as_long_as_a_job_is_alive_and_no_longer(void **state)
{
	struct stage *s = *state;
	struct doer d = {.stage = s, .left = 5};

	job_watch(sleep_for(s->loop, 1), &d.own, on_done_sleep_again, &d);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "5 4 3 2 1 0");
	assert_null(*loop_jobs(s->loop));
	assert_false(loop_turn(s->loop));
}

static void teardown_ends_also_what_a_done_call_starts(void **state)
{
	struct stage *s = *state;
	struct doer d = {.stage = s, .left = 3};

	job_watch(sleep_for(s->loop, HOUR), &d.own, on_done_sleep_again, &d);
	loop_free(s->loop);
	s->loop = NULL;
	assert_string_equal(diary_read(&s->diary), "3 2 1 0");
}

static void teardown_waits_for_a_slow_answer(void **state)
{
	struct stage *s = *state;
	struct job *slow = diary_watch(&s->diary, promise_new_slow(s->loop), "slow");
	struct job *quick = diary_watch(&s->diary, promise_new(s->loop), "quick");
	struct doer doer = {.stage = s, .name = "doer", .what = FINISH_IT, .it = slow};

	/* The slow one can only end when the quick one has. */
	job_watch(quick, &doer.own, doer_done, &doer);
	loop_free(s->loop);
	s->loop = NULL;
	assert_string_equal(diary_read(&s->diary), "quick=ERR_CANCELED doer /doer slow");
}

/* ---- 7: job_await() runs the loop until one job is done; jobs compose ---- */

static void await_returns_the_result_and_leaves_the_others_alive(void **state)
{
	struct stage *s = *state;
	struct job *hour = diary_watch(&s->diary, sleep_for(s->loop, HOUR), "hour");

	assert_err(job_await(sleep_for(s->loop, 1)), ERR_NONE);
	assert_false(job_is_finished(hour));
	assert_string_equal(diary_read(&s->diary), "");
}

static void await_takes_jobs_at_every_stage_of_their_life(void **state)
{
	struct stage *s = *state;
	struct job *job = job_ref(promise_new(s->loop));

	job_finish(job, ERR_SYNTAX);
	assert_err(job_await(job), ERR_SYNTAX); /* finished, not reported */
	assert_err(job_await(job), ERR_SYNTAX); /* reported */
	assert_err(job_await(job), ERR_SYNTAX); /* and again */
	job_unref(job);
}

static void await_of_a_cancelled_job(void **state)
{
	struct stage *s = *state;
	struct job *job = sleep_for(s->loop, HOUR);

	job_cancel(job);
	assert_err(job_await(job), ERR_CANCELED);
}

static void jobs_compose(void **state)
{
	struct stage *s = *state;
	struct job *inner[2] = {sleep_for(s->loop, 1), sleep_for(s->loop, 2)};
	struct job *outer[3] = {
		with_timeout(s->loop, gather(s->loop, inner, 2), HOUR),
		with_timeout(s->loop, sleep_for(s->loop, HOUR), 1),
		with_timeout(s->loop, with_timeout(s->loop, sleep_for(s->loop, HOUR), 1), HOUR),
	};
	struct job *all = job_ref(gather(s->loop, outer, 3));

	assert_err(job_await(all), ERR_TIMEOUT);
	assert_err(job_result(group_get(all, 0)), ERR_NONE);
	assert_err(job_result(group_get(all, 1)), ERR_TIMEOUT);
	assert_err(job_result(group_get(all, 2)), ERR_TIMEOUT);
	job_unref(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_end_is_reported_exactly_once),
		TEST(everybody_who_waits_is_told_once_in_the_order_of_waiting),
		TEST(done_runs_inside_no_call),
		TEST(reports_come_in_the_order_of_finishing),
		TEST(what_a_done_call_causes_is_reported_after_it),
		TEST(a_job_watched_again_in_its_done_reports_behind_what_waits),
		TEST(who_leaves_again_in_a_done_does_not_bring_the_others_forward),
		TEST(a_job_that_is_watched_again_and_again_reports_once_a_turn),
		TEST(a_job_is_freed_after_its_last_done_and_not_before),
		TEST(a_job_that_nobody_waits_for_is_freed_too),
		TEST(a_reference_keeps_the_result),
		TEST(who_comes_late_is_told_on_a_later_turn),
		TEST(who_comes_late_and_leaves_again_leaves_nothing_behind),
		TEST(a_reference_outlives_the_loop),
		TEST(who_does_not_wait_any_more_is_not_told),
		TEST(a_waiter_that_was_told_can_wait_for_another_job),
		TEST(a_cancel_is_asked_once_and_answered_when_the_job_likes),
		TEST(cancelling_what_has_finished_does_nothing),
		TEST(the_loop_runs_as_long_as_a_job_is_alive_and_no_longer),
		TEST(teardown_ends_also_what_a_done_call_starts),
		TEST(teardown_waits_for_a_slow_answer),
		TEST(await_returns_the_result_and_leaves_the_others_alive),
		TEST(await_takes_jobs_at_every_stage_of_their_life),
		TEST(await_of_a_cancelled_job),
		TEST(jobs_compose),
	};
	return UNIT_RUN(tests);
}
