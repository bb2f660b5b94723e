/*
 * async/sleep, async/timeout, async/group and async/limiter: the corners. For their ordinary use
 * read test_async_examples.c.
 */
#include "unit_async.h"

#include <ev.h>

#include "async/group.h"
#include "async/limiter.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "base/clock.h"

/* ---- sleep ---- */

static void a_sleep_is_never_too_short(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		int64_t start = clock_mono_us();
		struct loop *loop = loop_new(false, NULL, NULL);

		assert_err(job_await(sleep_for(loop, 3 * MS)), ERR_NONE);
		assert_true(clock_mono_us() - start >= 3 * MS);
		loop_free(loop);
	}
}

/* What takes time before the loop runs must not count as slept. */
static void the_time_before_a_sleep_does_not_count(void **state)
{
	struct loop *loop = loop_new(false, NULL, NULL);
	int64_t start = clock_mono_us();

	(void)state;
	assert_err(job_await(sleep_for(loop, 1)), ERR_NONE);
	while (clock_mono_us() - start < 50 * MS)
		;
	start = clock_mono_us();
	assert_err(job_await(sleep_for(loop, 50 * MS)), ERR_NONE);
	assert_true(clock_mono_us() - start >= 50 * MS);
	loop_free(loop);
}

static void no_time_and_less_is_at_once_but_not_inside_the_call(void **state)
{
	static const int64_t times[] = {0, -1, INT64_MIN};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(times); i++) {
		struct job *sleep = job_ref(sleep_for(s->loop, times[i]));

		assert_false(job_is_finished(sleep));
		assert_err(job_await(sleep), ERR_NONE);
		job_unref(sleep);
	}
}

static void sleepers_wake_in_the_order_of_their_times(void **state)
{
	struct stage *s = *state;

	diary_watch(&s->diary, sleep_for(s->loop, 4 * MS), "4");
	diary_watch(&s->diary, sleep_for(s->loop, 2 * MS), "2");
	diary_watch(&s->diary, sleep_for(s->loop, 5 * MS), "5");
	diary_watch(&s->diary, sleep_for(s->loop, 1 * MS), "1");
	diary_watch(&s->diary, sleep_for(s->loop, 3 * MS), "3");
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "1 2 3 4 5");
}

static void a_cancelled_sleep_does_not_hold_the_loop(void **state)
{
	struct stage *s = *state;
	struct job *sleep = diary_watch(&s->diary, sleep_for(s->loop, HOUR), "sleep");

	job_cancel(sleep);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "sleep=ERR_CANCELED");
}

/* ---- timeout ---- */

enum inner_end {
	IN_TIME,      /* it finishes before the limit, with .answer */
	BEFORE,       /* it had finished and reported before there was a limit */
	LATE,         /* the limit cancels it */
	LATE_SLOWLY,  /* the limit cancels it, and it answers later, with .answer */
	INNER_CANCEL, /* somebody else cancels it */
	OUTER_CANCEL, /* the timeout is cancelled */
	OUTER_CANCEL_SLOWLY_LIMIT_PASSES, /* and before it answers, with .answer, time is up */
};

static void every_way_through_a_timeout(void **state)
{
	static const struct {
		const char *name;
		enum inner_end end;
		enum err answer;
		const char *expected;
	} cases[] = {
		{"in time", IN_TIME, ERR_NONE, "inner outer"},
		{"in time, but it fails", IN_TIME, ERR_FAILED, "inner=ERR_FAILED outer=ERR_FAILED"},
		{"done before", BEFORE, ERR_NONE, "inner outer"},
		{"failed before", BEFORE, ERR_SYNTAX, "inner=ERR_SYNTAX outer=ERR_SYNTAX"},
		{"late", LATE, ERR_NONE, "inner=ERR_CANCELED outer=ERR_TIMEOUT"},
		{"late, slow to answer", LATE_SLOWLY, ERR_CANCELED,
	         "inner=ERR_CANCELED outer=ERR_TIMEOUT"},
		{"late, and fails of itself", LATE_SLOWLY, ERR_SYSTEM,
	         "inner=ERR_SYSTEM outer=ERR_TIMEOUT"},
		{"late, but it succeeds while being cancelled", LATE_SLOWLY, ERR_NONE,
	         "inner outer"},
		{"cancelled by somebody else", INNER_CANCEL, ERR_NONE,
	         "inner=ERR_CANCELED outer=ERR_CANCELED"},
		{"cancelled", OUTER_CANCEL, ERR_NONE, "inner=ERR_CANCELED outer=ERR_CANCELED"},
		{"cancelled, and time is up before the answer", OUTER_CANCEL_SLOWLY_LIMIT_PASSES,
	         ERR_CANCELED, "inner=ERR_CANCELED outer=ERR_CANCELED"},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		enum inner_end end = cases[i].end;
		bool is_slow = end == LATE_SLOWLY || end == OUTER_CANCEL_SLOWLY_LIMIT_PASSES;
		bool is_short = is_slow || end == LATE;
		struct job *inner =
			job_ref(is_slow ? promise_new_slow(s->loop) : promise_new(s->loop));

		diary_watch(&s->diary, inner, "inner");
		if (end == BEFORE) {
			job_finish(inner, cases[i].answer);
			loop_run(s->loop);
		}
		struct job *outer = job_ref(with_timeout(s->loop, inner, is_short ? 1 * MS : HOUR));
		diary_watch(&s->diary, outer, "outer");
		if (end == OUTER_CANCEL || end == OUTER_CANCEL_SLOWLY_LIMIT_PASSES)
			job_cancel(outer);
		if (end == INNER_CANCEL)
			job_cancel(inner);
		if (is_slow) /* longer than the limit, and started later */
			job_await(sleep_for(s->loop, 2 * MS));
		if (is_slow || end == IN_TIME) {
			case_true(cases[i].name, !job_is_finished(outer));
			job_finish(inner, cases[i].answer);
		}
		loop_run(s->loop);
		case_text(cases[i].name, diary_read(&s->diary), cases[i].expected);
		job_unref(outer);
		job_unref(inner);
	}
}

static void a_limit_of_nothing_is_a_limit(void **state)
{
	struct stage *s = *state;

	assert_err(job_await(with_timeout(s->loop, promise_new(s->loop), 0)), ERR_TIMEOUT);
	assert_err(job_await(with_timeout(s->loop, promise_new(s->loop), -1)), ERR_TIMEOUT);
}

static void fail_promise(struct ev_loop *ev, ev_io *watcher, int revents)
{
	(void)revents;
	ev_io_stop(ev, watcher);
	job_finish(watcher->data, ERR_FAILED);
}

/* The limit passes in the turn in which the job gets its result, before it can report it. */
static void a_job_that_fails_in_the_very_turn_of_the_limit_was_in_time(void **state)
{
	struct stage *s = *state;
	struct job *inner = diary_watch(&s->diary, promise_new(s->loop), "inner");
	ev_io watcher;
	int fds[2];

	pipe_new(fds);
	write_all(fds[1], "x", 1);
	ev_io_init(&watcher, fail_promise, fds[0], EV_READ);
	watcher.data = inner;
	ev_io_start(loop_ev(s->loop), &watcher);
	diary_watch(&s->diary, with_timeout(s->loop, inner, 0), "outer");
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "inner=ERR_FAILED outer=ERR_FAILED");
	close(fds[0]);
	close(fds[1]);
}

/* The end of the loop is no time limit, though it ends the sleep that is one. */
static void teardown_of_a_timeout_around_a_slow_job_is_a_cancel(void **state)
{
	struct stage *s = *state;
	struct job *slow = diary_watch(&s->diary, promise_new_late(s->loop, 3), "slow");

	diary_watch(&s->diary, with_timeout(s->loop, slow, HOUR), "outer");
	loop_free(s->loop);
	s->loop = NULL;
	assert_string_equal(diary_read(&s->diary), "slow=ERR_CANCELED outer=ERR_CANCELED");
}

/* ---- groups ---- */

static void a_group_of_none_is_done_at_once(void **state)
{
	struct stage *s = *state;

	assert_err(job_await(gather(s->loop, NULL, 0)), ERR_NONE);
	struct job *group = job_ref(wait_first_failure(s->loop, NULL, 0));
	assert_err(job_await(group), ERR_NONE);
	assert_null(group_winner(group));
	job_cancel(group);
	loop_run(s->loop);
	assert_err(job_result(group), ERR_NONE);
	job_unref(group);
}

/*
 * Members a, b and c end in some order: "a" succeeds, "A" fails with an error of its own, and "-"
 * is the moment at which the group is to have its result.
 */
static void every_order_in_which_members_end(void **state)
{
	static const struct {
		const char *name;
		struct job *(*make)(struct loop *loop, struct job *const *jobs, size_t count);
		const char *ends;
		enum err result;
		char winner;
	} cases[] = {
		{"gather: all succeed", gather, "cab-", ERR_NONE, 0},
		{"gather: one fails, the others are waited for", gather, "Acb-", ERR_FAILED, 0},
		{"gather: the last fails", gather, "abC-", ERR_SYSTEM, 0},
		{"gather: of two failures the first in the order given", gather, "CBa-", ERR_SYNTAX,
	         0},
		{"gather: all fail", gather, "CBA-", ERR_FAILED, 0},
		{"wait_first: a success", wait_first, "b-ac", ERR_NONE, 'b'},
		{"wait_first: a failure", wait_first, "C-ab", ERR_SYSTEM, 'c'},
		{"wait_first_failure: none fails", wait_first_failure, "bca-", ERR_NONE, 0},
		{"wait_first_failure: the first fails", wait_first_failure, "B-ac", ERR_SYNTAX,
	         'b'},
		{"wait_first_failure: the second fails", wait_first_failure, "aC-b", ERR_SYSTEM,
	         'c'},
		{"wait_first_failure: the last fails", wait_first_failure, "abC-", ERR_SYSTEM, 'c'},
		{"wait_first_failure: two fail", wait_first_failure, "C-Ab", ERR_SYSTEM, 'c'},
	};
	static const enum err failures[3] = {ERR_FAILED, ERR_SYNTAX, ERR_SYSTEM};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *name = cases[i].name;
		unsigned cancels = 0, frees = 0;
		struct job *jobs[3], *kept[3], *group;

		for (int k = 0; k < 3; k++)
			kept[k] = jobs[k] = promise_count(promise_new(s->loop), &cancels, &frees);
		group = job_ref(cases[i].make(s->loop, jobs, 3));
		memset(jobs, 0, sizeof(jobs)); /* the group has its own copy */
		for (const char *at = cases[i].ends; *at; at++) {
			bool is_failure = *at >= 'A' && *at <= 'C';
			int k = *at - (is_failure ? 'A' : 'a');

			if (*at == '-') {
				case_true(name, job_is_finished(group));
				continue;
			}
			case_int(name, job_is_finished(group), at > strchr(cases[i].ends, '-'));
			job_finish(kept[k], is_failure ? failures[k] : ERR_NONE);
			settle(s->loop);
		}
		case_err(name, job_result(group), cases[i].result);
		case_true(name, group_winner(group) ==
		                        (cases[i].winner ? kept[cases[i].winner - 'a'] : NULL));
		for (size_t k = 0; k < 3; k++)
			case_true(name, group_get(group, k) == kept[k]);
		/* The members are there as long as the group is. */
		case_uint(name, frees, 0);
		job_unref(group);
		case_uint(name, frees, 3);
		case_uint(name, cancels, 0);
	}
}

static void members_may_be_finished_already(void **state)
{
	static const struct {
		const char *name;
		struct job *(*make)(struct loop *loop, struct job *const *jobs, size_t count);
		enum err result;
	} cases[] = {
		{"gather", gather, ERR_SYNTAX},
		{"wait_first", wait_first, ERR_NONE},
		{"wait_first_failure", wait_first_failure, ERR_SYNTAX},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		for (int is_reported = 0; is_reported < 2; is_reported++) {
			struct job *jobs[2] = {job_ref(promise_new(s->loop)),
			                       job_ref(promise_new(s->loop))};

			job_finish(jobs[0], ERR_NONE);
			job_finish(jobs[1], ERR_SYNTAX);
			if (is_reported)
				loop_run(s->loop);
			struct job *group = cases[i].make(s->loop, jobs, 2);
			case_true(cases[i].name, !job_is_finished(group));
			case_err(cases[i].name, job_await(group), cases[i].result);
			job_unref(jobs[0]);
			job_unref(jobs[1]);
		}
	}
}

static void a_job_may_be_a_member_twice_and_of_several_groups(void **state)
{
	struct stage *s = *state;
	struct job *job = promise_new(s->loop);
	struct job *twice[2] = {job, job};

	diary_watch(&s->diary, gather(s->loop, twice, 2), "gather");
	diary_watch(&s->diary, gather(s->loop, &job, 1), "another");
	diary_watch(&s->diary, wait_first(s->loop, twice, 2), "first");
	diary_watch(&s->diary, wait_first_failure(s->loop, twice, 2), "failure");
	job_finish(job, ERR_LIMIT);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "gather=ERR_LIMIT another=ERR_LIMIT "
	                                           "first=ERR_LIMIT failure=ERR_LIMIT");
}

static void cancelling_a_gather_cancels_its_members_and_waits_for_their_answers(void **state)
{
	struct stage *s = *state;
	unsigned cancels = 0;
	struct job *jobs[3] = {
		promise_count(promise_new(s->loop), &cancels, NULL),
		promise_count(promise_new_slow(s->loop), &cancels, NULL),
		promise_count(promise_new(s->loop), &cancels, NULL),
	};

	diary_watch(&s->diary, jobs[0], "done");
	diary_watch(&s->diary, jobs[1], "slow");
	diary_watch(&s->diary, jobs[2], "quick");
	struct job *group = job_ref(diary_watch(&s->diary, gather(s->loop, jobs, 3), "group"));
	job_finish(jobs[0], ERR_NONE);
	job_cancel(group);
	job_cancel(group);
	assert_int_equal(cancels, 2);
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "done quick=ERR_CANCELED");
	job_finish(jobs[1], ERR_CANCELED);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "slow=ERR_CANCELED group=ERR_CANCELED");
	job_unref(group);
}

static void cancelling_a_wait_leaves_the_members_alone(void **state)
{
	static const struct {
		const char *name;
		struct job *(*make)(struct loop *loop, struct job *const *jobs, size_t count);
	} cases[] = {{"wait_first", wait_first}, {"wait_first_failure", wait_first_failure}};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned cancels = 0;
		struct job *jobs[2] = {promise_count(promise_new(s->loop), &cancels, NULL),
		                       promise_count(promise_new(s->loop), &cancels, NULL)};

		diary_watch(&s->diary, jobs[0], "a");
		diary_watch(&s->diary, jobs[1], "b");
		struct job *group = job_ref(cases[i].make(s->loop, jobs, 2));
		job_cancel(group);
		case_err(cases[i].name, job_await(group), ERR_CANCELED);
		case_true(cases[i].name, !group_winner(group));
		case_uint(cases[i].name, cancels, 0);
		job_finish(jobs[1], ERR_FAILED);
		job_finish(jobs[0], ERR_NONE);
		loop_run(s->loop);
		case_text(cases[i].name, diary_read(&s->diary), "b=ERR_FAILED a");
		case_err(cases[i].name, job_result(group), ERR_CANCELED);
		job_unref(group);
	}
}

/* ---- limiter ---- */

static void places_go_round_first_come_first_served(void **state)
{
	struct stage *s = *state;
	struct limiter limiter;

	limiter_init(&limiter, s->loop, 2);
	diary_watch(&s->diary, limiter_acquire(&limiter), "a");
	diary_watch(&s->diary, limiter_acquire(&limiter), "b");
	diary_watch(&s->diary, limiter_acquire(&limiter), "c");
	diary_watch(&s->diary, limiter_acquire(&limiter), "d");
	assert_string_equal(diary_read(&s->diary), "");
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "a b");
	limiter_release(&limiter);
	/* Whoever comes now stands behind c and d. */
	diary_watch(&s->diary, limiter_acquire(&limiter), "e");
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "c");
	for (int i = 0; i < 2; i++)
		limiter_release(&limiter);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "d e");
	limiter_release(&limiter);
	limiter_release(&limiter);
	/* Nobody holds one: again two at once. */
	diary_watch(&s->diary, limiter_acquire(&limiter), "f");
	diary_watch(&s->diary, limiter_acquire(&limiter), "g");
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "f g");
}

static void a_cancelled_wait_holds_no_place(void **state)
{
	static const struct {
		const char *name;
		int canceled; /* of the three that wait */
		const char *expected;
	} cases[] = {
		{"the first", 0, "0=ERR_CANCELED 1 2"},
		{"the second", 1, "1=ERR_CANCELED 0 2"},
		{"the last", 2, "2=ERR_CANCELED 0 1"},
	};
	static const char *const names[] = {"0", "1", "2"};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct limiter limiter;
		struct job *waits[3];

		limiter_init(&limiter, s->loop, 1);
		case_err(cases[i].name, job_await(limiter_acquire(&limiter)), ERR_NONE);
		for (int k = 0; k < 3; k++)
			waits[k] = diary_watch(&s->diary, limiter_acquire(&limiter), names[k]);
		job_cancel(waits[cases[i].canceled]);
		limiter_release(&limiter);
		settle(s->loop);
		limiter_release(&limiter);
		settle(s->loop);
		limiter_release(&limiter);
		case_text(cases[i].name, diary_read(&s->diary), cases[i].expected);
		case_uint(cases[i].name, limiter.used, 0);
		s->diary.count = 0;
	}
}

static void a_wait_that_has_its_place_cannot_be_cancelled_any_more(void **state)
{
	struct stage *s = *state;
	struct limiter limiter;
	struct job *has, *waits;

	limiter_init(&limiter, s->loop, 1);
	has = diary_watch(&s->diary, limiter_acquire(&limiter), "has");
	waits = diary_watch(&s->diary, limiter_acquire(&limiter), "waits");
	job_cancel(has); /* it has it, though it has not said so */
	(void)waits;
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "has");
	limiter_release(&limiter);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "waits");
}

static void a_higher_limit_admits_at_once_and_a_lower_one_takes_nothing_away(void **state)
{
	struct stage *s = *state;
	struct limiter limiter;
	static const char *const names[] = {"0", "1", "2", "3", "4", "5"};

	limiter_init(&limiter, s->loop, 1);
	for (size_t i = 0; i < COUNT(names); i++)
		diary_watch(&s->diary, limiter_acquire(&limiter), names[i]);
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "0");

	limiter_set_limit(&limiter, 4);
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "1 2 3");

	/* Four hold a place; three must go before the next one comes in. */
	limiter_set_limit(&limiter, 2);
	for (int i = 0; i < 2; i++) {
		limiter_release(&limiter);
		settle(s->loop);
		assert_string_equal(diary_read(&s->diary), "");
	}
	limiter_release(&limiter);
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "4");
	limiter_release(&limiter);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sleep_is_never_too_short),
		cmocka_unit_test(the_time_before_a_sleep_does_not_count),
		TEST(no_time_and_less_is_at_once_but_not_inside_the_call),
		TEST(sleepers_wake_in_the_order_of_their_times),
		TEST(a_cancelled_sleep_does_not_hold_the_loop),
		TEST(every_way_through_a_timeout),
		TEST(a_limit_of_nothing_is_a_limit),
		TEST(a_job_that_fails_in_the_very_turn_of_the_limit_was_in_time),
		TEST(teardown_of_a_timeout_around_a_slow_job_is_a_cancel),
		TEST(a_group_of_none_is_done_at_once),
		TEST(every_order_in_which_members_end),
		TEST(members_may_be_finished_already),
		TEST(a_job_may_be_a_member_twice_and_of_several_groups),
		TEST(cancelling_a_gather_cancels_its_members_and_waits_for_their_answers),
		TEST(cancelling_a_wait_leaves_the_members_alone),
		TEST(places_go_round_first_come_first_served),
		TEST(a_cancelled_wait_holds_no_place),
		TEST(a_wait_that_has_its_place_cannot_be_cancelled_any_more),
		TEST(a_higher_limit_admits_at_once_and_a_lower_one_takes_nothing_away),
	};
	return UNIT_RUN(tests);
}
