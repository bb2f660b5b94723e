#include "app/worker.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <utlist.h>

#include "app/fetch.h"
#include "async/loop.h"
#include "base/mem.h"
#include "transfer/engine.h"

struct worker {
	struct channel *results, *reports;
	pthread_t thread;

	/* Of the front. */
	unsigned load;
	struct channel_batch submitted;

	/* Of both. */
	struct slots *slots;
	atomic_uint waiting_count;
	atomic_bool is_look_sent, is_recalled;

	/* Of the thread. */
	struct loop *loop;
	struct engine *engine;
	struct channel *fetches, *orders;
	struct fetch *running;
	struct fetch *waiting;         /* for slots */
	struct channel_batch finished; /* to be handed back at the end of this turn */
	struct post hand_back;
	enum failure canceled_as; /* FAILURE_NONE: not cancelled */
	bool is_quitting;

	/* What the front can ask for; none is sent again before it was received. */
	struct channel_item cancel, quit, ask_report, look;
	struct worker_report report;
	enum failure asked_failure;
};

static void hand_back(struct worker *worker, struct fetch *fetch)
{
	channel_batch_add(&worker->finished, &fetch->item);
	loop_post(worker->loop, &worker->hand_back);
}

static void on_hand_back(struct post *post)
{
	struct worker *worker =
		(struct worker *)((char *)post - offsetof(struct worker, hand_back));

	channel_send_batch(worker->results, &worker->finished);
}

static bool take_slot(struct slots *slots)
{
	long free = atomic_load(&slots->free);

	while (free > 0) {
		if (atomic_compare_exchange_weak(&slots->free, &free, free - 1))
			return true;
	}
	return false;
}

static void start_waiting(struct worker *worker);

static void on_attempt_done(struct job *job, enum err result, void *arg)
{
	struct fetch *fetch = arg;
	struct worker *worker = fetch->worker;

	(void)job;
	DL_DELETE(worker->running, fetch);
	if (result == ERR_CANCELED)
		fetch_cancel(fetch, worker->canceled_as);
	atomic_fetch_add(&worker->slots->free, 1);
	hand_back(worker, fetch);
	start_waiting(worker);
}

static struct fetch *take_waiting(struct worker *worker)
{
	struct fetch *fetch = worker->waiting;

	DL_DELETE(worker->waiting, fetch);
	atomic_fetch_sub(&worker->waiting_count, 1);
	return fetch;
}

static void start_waiting(struct worker *worker)
{
	while (worker->waiting && take_slot(worker->slots)) {
		struct fetch *fetch = take_waiting(worker);

		DL_APPEND(worker->running, fetch);
		fetch->attempt = engine_fetch(worker->engine, &fetch->result);
		job_watch(fetch->attempt, &fetch->waiter, on_attempt_done, fetch);
	}
}

static void cancel_waiting(struct worker *worker)
{
	while (worker->waiting) {
		struct fetch *fetch = take_waiting(worker);
		fetch_cancel(fetch, worker->canceled_as);
		hand_back(worker, fetch);
	}
}

static void recall_waiting(struct worker *worker)
{
	while (worker->waiting) {
		struct fetch *fetch = take_waiting(worker);
		fetch->is_unstarted = true;
		hand_back(worker, fetch);
	}
}

static void on_fetch(struct channel_item *item, void *arg)
{
	struct worker *worker = arg;
	struct fetch *fetch = item->owner;

	DL_APPEND(worker->waiting, fetch);
	atomic_fetch_add(&worker->waiting_count, 1);
	if (worker->canceled_as)
		cancel_waiting(worker);
	else
		start_waiting(worker);
}

static void make_report(struct worker *worker)
{
	struct fetch_progress progress;
	struct fetch *fetch;

	buf_clear(&worker->report.text);
	DL_FOREACH (worker->waiting, fetch) {
		fetch_put_line(&worker->report.text, fetch, "queued",
		               loop_now_us(worker->loop) - fetch->result.request.accepted_us, 0);
	}
	DL_FOREACH (worker->running, fetch) {
		engine_get_progress(fetch->attempt, &progress);
		fetch_put_line(&worker->report.text, fetch, progress.phase, progress.age_us,
		               progress.bytes);
	}
	channel_send(worker->reports, &worker->report.item);
}

static void on_order(struct channel_item *item, void *arg)
{
	struct worker *worker = arg;
	struct fetch *fetch;

	if (item == &worker->quit) {
		worker->is_quitting = true;
		return;
	}
	if (item == &worker->ask_report) {
		make_report(worker);
		return;
	}
	if (item == &worker->look) {
		atomic_store(&worker->is_look_sent, false);
		if (atomic_exchange(&worker->is_recalled, false))
			recall_waiting(worker);
		start_waiting(worker);
		return;
	}
	worker->canceled_as = worker->asked_failure;
	cancel_waiting(worker);
	DL_FOREACH (worker->running, fetch) {
		job_cancel(fetch->attempt);
	}
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;

	while (!worker->is_quitting)
		loop_turn(worker->loop);
	return NULL;
}

static void worker_release(struct worker *worker)
{
	engine_free(worker->engine);
	channel_free(worker->fetches);
	channel_free(worker->orders);
	loop_free(worker->loop);
	buf_release(&worker->report.text);
	free(worker);
}

struct worker *worker_new(struct channel *results, struct channel *reports, struct session *session,
                          struct slots *slots, const char *backend, uint64_t fetches,
                          uint64_t descriptors, struct error *e)
{
	struct worker *worker = mem_zero(1, sizeof(*worker));

	worker->results = results;
	worker->reports = reports;
	worker->slots = slots;
	worker->report.item.owner = &worker->report;
	buf_init(&worker->report.text, BUF_UNLIMITED);
	worker->hand_back.fn = on_hand_back;
	worker->loop = loop_new(false, backend, e);
	if (!worker->loop) {
		free(worker);
		return NULL;
	}
	worker->engine = engine_new(worker->loop, session, fetches, descriptors);
	worker->fetches = channel_new(worker->loop, on_fetch, NULL, worker);
	worker->orders = channel_new(worker->loop, on_order, NULL, worker);
	channel_expect(worker->orders, +1); /* the loop waits until it is told to quit */
	if (thread_start(&worker->thread, worker_main, worker)) {
		error_set(e, ERR_SYSTEM, "cannot start a network thread");
		worker_release(worker);
		return NULL;
	}
	return worker;
}

void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	channel_send(worker->orders, &worker->quit);
	pthread_join(worker->thread, NULL);
	worker_release(worker);
}

unsigned worker_load(const struct worker *worker)
{
	return worker->load;
}

void worker_took_back(struct worker *worker)
{
	worker->load--;
}

void worker_submit(struct worker *worker, struct fetch *fetch)
{
	worker->load++;
	fetch->worker = worker;
	fetch->is_unstarted = false;
	channel_batch_add(&worker->submitted, &fetch->item);
}

void worker_flush(struct worker *worker)
{
	channel_send_batch(worker->fetches, &worker->submitted);
}

static void look(struct worker *worker)
{
	if (!atomic_exchange(&worker->is_look_sent, true))
		channel_send(worker->orders, &worker->look);
}

void worker_use_slots(struct worker *worker)
{
	if (atomic_load(&worker->slots->free) > 0 && atomic_load(&worker->waiting_count))
		look(worker);
}

void worker_recall(struct worker *worker)
{
	atomic_store(&worker->is_recalled, true);
	look(worker);
}

uint64_t worker_received_bytes(const struct worker *worker)
{
	return engine_received_bytes(worker->engine);
}

void worker_ask_report(struct worker *worker)
{
	channel_send(worker->orders, &worker->ask_report);
}

void worker_cancel(struct worker *worker, enum failure failure)
{
	worker->asked_failure = failure;
	channel_send(worker->orders, &worker->cancel);
}
