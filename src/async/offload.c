#include "async/offload.h"

#include <assert.h>
#include <ev.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <utlist.h>

#include "async/channel.h"
#include "async/job.h"
#include "async/loop.h"
#include "base/mem.h"

enum { PATIENCE_US = 10000 };

struct task {
	struct job job; /* first: a job is its task */
	struct offload_pool *pool;
	int64_t queued_us;
	struct task *prev, *next;
	bool is_waiting;
	struct channel_item report;
	int (*work)(void *arg);
	void *arg;
	int result;
};

struct offload_pool {
	struct loop *loop;
	struct channel *reports; /* tasks that have been worked on */

	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t wake;
	struct task *waiting;
	unsigned queued, idle; /* a thread that was woken counts as idle until it has its task */
	bool is_closing;

	/* Of the loop's thread. */
	ev_timer grow;
	unsigned threads, max_threads;
	pthread_t ids[];
};

static void dequeue(struct task *task)
{
	DL_DELETE(task->pool->waiting, task);
	task->is_waiting = false;
	task->pool->queued--;
}

static void *thread_main(void *arg)
{
	struct offload_pool *pool = arg;
	struct task *task;

	pthread_mutex_lock(&pool->mutex);
	for (;;) {
		while (!(task = pool->waiting) && !pool->is_closing) {
			pool->idle++;
			pthread_cond_wait(&pool->wake, &pool->mutex);
			pool->idle--;
		}
		if (!task)
			break;
		dequeue(task);
		pthread_mutex_unlock(&pool->mutex);
		task->result = task->work(task->arg);
		channel_send(pool->reports, &task->report);
		pthread_mutex_lock(&pool->mutex);
	}
	pthread_mutex_unlock(&pool->mutex);
	return NULL;
}

static void task_cancel(struct job *job)
{
	struct task *task = (struct task *)job;
	bool is_waiting;

	pthread_mutex_lock(&task->pool->mutex);
	is_waiting = task->is_waiting;
	if (is_waiting)
		dequeue(task);
	pthread_mutex_unlock(&task->pool->mutex);
	if (is_waiting) {
		channel_expect(task->pool->reports, -1);
		job_finish(job, ERR_CANCELED);
	}
}

static void task_free(struct job *job)
{
	free(job);
}

static const struct job_kind task_kind = {"offload", task_cancel, task_free};

static void on_report(struct channel_item *item, void *arg)
{
	struct offload_pool *pool = arg;
	struct task *task = item->owner;

	channel_expect(pool->reports, -1);
	job_finish(&task->job, task->job.is_cancel_asked ? ERR_CANCELED : (enum err)task->result);
}

static void add_thread(struct offload_pool *pool)
{
	if (!thread_start(&pool->ids[pool->threads], thread_main, pool))
		pool->threads++;
}

/* It does not keep the loop alive: the work itself does. */
static void wait_to_grow(struct offload_pool *pool)
{
	struct ev_loop *ev = loop_ev(pool->loop);

	if (pool->threads == pool->max_threads || ev_is_active(&pool->grow))
		return;
	ev_timer_set(&pool->grow, PATIENCE_US * 1e-6, 0.);
	ev_timer_start(ev, &pool->grow);
	ev_unref(ev);
}

static void on_grow(struct ev_loop *ev, ev_timer *timer, int revents)
{
	struct offload_pool *pool = timer->data;
	bool is_waiting, is_slow;

	(void)revents;
	ev_ref(ev);
	pthread_mutex_lock(&pool->mutex);
	is_waiting = pool->queued > pool->idle;
	is_slow = is_waiting && loop_now_us(pool->loop) - pool->waiting->queued_us >= PATIENCE_US;
	pthread_mutex_unlock(&pool->mutex);
	if (is_slow)
		add_thread(pool);
	if (is_waiting)
		wait_to_grow(pool);
}

struct offload_pool *offload_pool_new(struct loop *loop, unsigned max_threads)
{
	struct offload_pool *pool = mem_zero(1, sizeof(*pool) + max_threads * sizeof(pool->ids[0]));

	assert(max_threads);
	pool->loop = loop;
	pool->max_threads = max_threads;
	pool->reports = channel_new(loop, on_report, NULL, pool);
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->wake, NULL);
	ev_init(&pool->grow, on_grow);
	pool->grow.data = pool;
	return pool;
}

void offload_pool_free(struct offload_pool *pool)
{
	if (!pool)
		return;
	if (ev_is_active(&pool->grow)) {
		ev_ref(loop_ev(pool->loop));
		ev_timer_stop(loop_ev(pool->loop), &pool->grow);
	}
	pthread_mutex_lock(&pool->mutex);
	assert(!pool->waiting);
	pool->is_closing = true;
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->mutex);
	for (unsigned i = 0; i < pool->threads; i++)
		pthread_join(pool->ids[i], NULL);
	channel_free(pool->reports);
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}

static struct task *start_task(struct offload_pool *pool)
{
	struct task *task = mem_zero(1, sizeof(*task));

	task->pool = pool;
	task->report.owner = task;
	job_start(&task->job, pool->loop, &task_kind);
	channel_expect(pool->reports, +1);
	return task;
}

struct job *offload_wait(struct offload_pool *pool)
{
	return &start_task(pool)->job;
}

void offload_wake(struct job *job)
{
	struct task *task = (struct task *)job;

	channel_send(task->pool->reports, &task->report);
}

struct job *offload(struct offload_pool *pool, int (*work)(void *arg), void *arg)
{
	struct task *task = start_task(pool);
	bool needs_thread; /* besides those that are there */

	task->work = work;
	task->arg = arg;
	task->queued_us = loop_now_us(pool->loop);

	pthread_mutex_lock(&pool->mutex);
	DL_APPEND(pool->waiting, task);
	task->is_waiting = true;
	needs_thread = ++pool->queued > pool->idle;
	pthread_cond_signal(&pool->wake);
	pthread_mutex_unlock(&pool->mutex);

	if (!pool->threads)
		add_thread(pool);
	else if (needs_thread)
		wait_to_grow(pool);
	if (!pool->threads) {
		/* Nobody will ever take it. */
		dequeue(task);
		channel_expect(pool->reports, -1);
		job_finish(&task->job, ERR_SYSTEM);
	}
	return &task->job;
}
