/*
 * async/offload: blocking work on threads. Semaphores and barriers hold the threads where a test
 * wants them; nobody sleeps.
 */
#include "unit_async.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "async/group.h"
#include "async/offload.h"

static int set_to_42(void *arg)
{
	*(int *)arg = 42;
	return ERR_NONE;
}

static int return_it(void *arg)
{
	return *(const int *)arg;
}

static void the_result_is_what_the_work_returns(void **state)
{
	static const enum err results[] = {ERR_NONE, ERR_SYNTAX, ERR_CANCELED, ERR_FAILED};
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, 2);
	int number = 0;

	assert_err(job_await(offload(pool, set_to_42, &number)), ERR_NONE);
	assert_int_equal(number, 42);
	for (size_t i = 0; i < COUNT(results); i++) {
		int result = (int)results[i];

		case_err(err_name(results[i]), job_await(offload(pool, return_it, &result)),
		         results[i]);
	}
	assert_false(loop_turn(s->loop)); /* idle threads do not keep the loop running */
	offload_pool_free(pool);
}

static void a_pool_without_work_can_be_freed(void **state)
{
	struct stage *s = *state;

	offload_pool_free(offload_pool_new(s->loop, 4));
	offload_pool_free(NULL);
}

static int give_thread(void *arg)
{
	*(pthread_t *)arg = pthread_self();
	return ERR_NONE;
}

static void work_is_not_done_on_the_thread_of_the_loop(void **state)
{
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, 1);
	pthread_t first, second;

	assert_err(job_await(offload(pool, give_thread, &first)), ERR_NONE);
	assert_err(job_await(offload(pool, give_thread, &second)), ERR_NONE);
	assert_false(pthread_equal(first, pthread_self()));
	assert_true(pthread_equal(first, second)); /* there is only one */
	offload_pool_free(pool);
}

static int wake(void *arg)
{
	offload_wake(arg);
	return ERR_NONE;
}

static void what_waits_takes_no_thread_and_ends_when_another_wakes_it(void **state)
{
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, 1);
	struct job *first = offload_wait(pool), *second;

	offload(pool, wake, first);
	assert_err(job_await(first), ERR_NONE);
	second = offload_wait(pool);
	job_cancel(second); /* to no effect yet: somebody will wake it */
	offload_wake(second);
	assert_err(job_await(second), ERR_CANCELED);
	loop_run(s->loop); /* what woke the first is done, too */
	offload_pool_free(pool);
}

static int give_signal_mask(void *arg)
{
	return pthread_sigmask(SIG_BLOCK, NULL, arg) ? ERR_SYSTEM : ERR_NONE;
}

static void signals_do_not_come_to_the_threads(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGCHLD, SIGHUP, SIGUSR1, SIGPIPE, SIGALRM};
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, 1);
	sigset_t mask;

	assert_err(job_await(offload(pool, give_signal_mask, &mask)), ERR_NONE);
	for (size_t i = 0; i < COUNT(signals); i++)
		case_int(strsignal(signals[i]), sigismember(&mask, signals[i]), 1);
	offload_pool_free(pool);
}

/* ---- how many at once ---- */

struct crowd {
	pthread_barrier_t *all_here;
	atomic_int inside, most_inside;
};

static int join_crowd(void *arg)
{
	struct crowd *c = arg;
	int inside = atomic_fetch_add(&c->inside, 1) + 1;
	int most = atomic_load(&c->most_inside);

	while (inside > most && !atomic_compare_exchange_weak(&c->most_inside, &most, inside))
		;
	if (c->all_here)
		pthread_barrier_wait(c->all_here);
	atomic_fetch_sub(&c->inside, 1);
	return ERR_NONE;
}

/* Nobody passes the barrier before THREADS of them work at once. */
static void as_many_threads_as_there_is_work_up_to_the_most(void **state)
{
	enum { THREADS = 4, JOBS = 5 * THREADS };
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, THREADS);
	pthread_barrier_t all_here;
	struct crowd crowd = {.all_here = &all_here};
	struct job *jobs[JOBS];

	pthread_barrier_init(&all_here, NULL, THREADS);
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < JOBS; i++)
			jobs[i] = offload(pool, join_crowd, &crowd);
		assert_err(job_await(gather(s->loop, jobs, JOBS)), ERR_NONE);
		assert_int_equal(atomic_load(&crowd.most_inside), THREADS);
		assert_int_equal(atomic_load(&crowd.inside), 0);
	}
	offload_pool_free(pool);
	pthread_barrier_destroy(&all_here);
}

static void a_thousand_small_jobs_are_all_done_once(void **state)
{
	enum { JOBS = 1000 };
	static int numbers[JOBS];
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, 8);
	struct job **jobs = mem_zero(JOBS, sizeof(*jobs));

	for (int i = 0; i < JOBS; i++)
		jobs[i] = offload(pool, set_to_42, &numbers[i]);
	assert_err(job_await(gather(s->loop, jobs, JOBS)), ERR_NONE);
	for (int i = 0; i < JOBS; i++)
		assert_int_equal(numbers[i], 42);
	free(jobs);
	offload_pool_free(pool);
}

/* ---- order and cancelling; one thread, held by a gate ---- */

struct gate {
	sem_t is_inside, go_on;
	int passed;
};

static int pass_gate(void *arg)
{
	struct gate *gate = arg;

	sem_post(&gate->is_inside);
	while (sem_wait(&gate->go_on))
		;
	gate->passed++;
	return ERR_SYNTAX;
}

static void gate_init(struct gate *gate)
{
	sem_init(&gate->is_inside, 0, 0);
	sem_init(&gate->go_on, 0, 0);
	gate->passed = 0;
}

static void gate_release(struct gate *gate)
{
	sem_destroy(&gate->is_inside);
	sem_destroy(&gate->go_on);
}

static void work_is_begun_first_come_first_served(void **state)
{
	static const char *const names[] = {"0", "1", "2", "3", "4"};
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, 1);
	int numbers[COUNT(names)];

	for (size_t i = 0; i < COUNT(names); i++)
		diary_watch(&s->diary, offload(pool, set_to_42, &numbers[i]), names[i]);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "0 1 2 3 4");
	offload_pool_free(pool);
}

static void work_that_has_not_begun_is_cancelled_at_once(void **state)
{
	static const struct {
		const char *name;
		int canceled; /* of the three that wait */
		const char *expected;
	} cases[] = {
		{"the next", 0, "0=ERR_CANCELED gate=ERR_SYNTAX 1 2"},
		{"the one in the middle", 1, "1=ERR_CANCELED gate=ERR_SYNTAX 0 2"},
		{"the last", 2, "2=ERR_CANCELED gate=ERR_SYNTAX 0 1"},
	};
	static const char *const names[] = {"0", "1", "2"};
	struct stage *s = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct offload_pool *pool = offload_pool_new(s->loop, 1);
		int numbers[3] = {0, 0, 0};
		struct job *jobs[3];
		struct gate gate;

		gate_init(&gate);
		diary_watch(&s->diary, offload(pool, pass_gate, &gate), "gate");
		while (sem_wait(&gate.is_inside))
			;
		for (int k = 0; k < 3; k++)
			jobs[k] = diary_watch(&s->diary, offload(pool, set_to_42, &numbers[k]),
			                      names[k]);
		job_cancel(jobs[cases[i].canceled]);
		job_cancel(jobs[cases[i].canceled]);
		case_text(cases[i].name, s->diary.text, "");
		settle(s->loop); /* it is told while the thread is still held */
		case_true(cases[i].name, s->diary.len > 0);
		sem_post(&gate.go_on);
		loop_run(s->loop);
		case_text(cases[i].name, diary_read(&s->diary), cases[i].expected);
		case_true(cases[i].name, !loop_turn(s->loop)); /* nobody waits for its report */
		for (int k = 0; k < 3; k++)
			case_int(cases[i].name, numbers[k], k == cases[i].canceled ? 0 : 42);
		offload_pool_free(pool);
		gate_release(&gate);
	}
}

static void work_that_has_begun_runs_to_its_end_and_then_says_canceled(void **state)
{
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, 1);
	struct gate gate;
	struct job *job;

	gate_init(&gate);
	job = diary_watch(&s->diary, offload(pool, pass_gate, &gate), "job");
	while (sem_wait(&gate.is_inside))
		;
	job_cancel(job);
	job_cancel(job);
	settle(s->loop);
	assert_string_equal(diary_read(&s->diary), "");
	assert_int_equal(gate.passed, 0);
	sem_post(&gate.go_on);
	loop_run(s->loop);
	assert_string_equal(diary_read(&s->diary), "job=ERR_CANCELED");
	assert_int_equal(gate.passed, 1);
	offload_pool_free(pool);
	gate_release(&gate);
}

/* ---- no threads to be had ---- */

static void without_a_thread_there_is_an_error_and_later_it_works(void **state)
{
	struct stage *s = *state;
	struct offload_pool *pool = offload_pool_new(s->loop, 2);
	pthread_attr_t normal, huge;
	int number = 0;

	/* A stack as large as the address space cannot be mapped. */
	assert_int_equal(pthread_getattr_default_np(&normal), 0);
	assert_int_equal(pthread_getattr_default_np(&huge), 0);
	assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 47), 0);
	assert_int_equal(pthread_setattr_default_np(&huge), 0);
	struct job *job = diary_watch(&s->diary, offload(pool, set_to_42, &number), "job");
	assert_int_equal(pthread_setattr_default_np(&normal), 0);
	pthread_attr_destroy(&huge);
	pthread_attr_destroy(&normal);

	assert_string_equal(diary_read(&s->diary), "");
	assert_err(job_await(job), ERR_SYSTEM);
	assert_string_equal(diary_read(&s->diary), "job=ERR_SYSTEM");
	assert_int_equal(number, 0);
	assert_err(job_await(offload(pool, set_to_42, &number)), ERR_NONE);
	assert_int_equal(number, 42);
	offload_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_result_is_what_the_work_returns),
		TEST(a_pool_without_work_can_be_freed),
		TEST(work_is_not_done_on_the_thread_of_the_loop),
		TEST(signals_do_not_come_to_the_threads),
		TEST(what_waits_takes_no_thread_and_ends_when_another_wakes_it),
		TEST(what_waits_takes_no_thread_and_ends_when_another_wakes_it),
		TEST(as_many_threads_as_there_is_work_up_to_the_most),
		TEST(a_thousand_small_jobs_are_all_done_once),
		TEST(work_is_begun_first_come_first_served),
		TEST(work_that_has_not_begun_is_cancelled_at_once),
		TEST(work_that_has_begun_runs_to_its_end_and_then_says_canceled),
		TEST(without_a_thread_there_is_an_error_and_later_it_works),
	};
	return UNIT_RUN(tests);
}
