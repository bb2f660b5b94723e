#include "app/worker.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <utlist.h>

#include "app/fetch.h"
#include "async/loop.h"
#include "base/mem.h"
#include "base/units.h"
#include "base/utf8.h"
#include "transfer/engine.h"
#include "transfer/url.h"

struct worker {
	struct channel *results, *reports;
	pthread_t thread;

	/* Of the front. */
	unsigned load;
	struct channel_batch submitted;

	/* Of the thread. */
	struct loop *loop;
	struct engine *engine;
	struct channel *fetches, *orders;
	struct fetch *running;
	struct channel_batch finished; /* to be handed back at the end of this turn */
	struct post hand_back;
	enum failure canceled_as; /* FAILURE_NONE: not cancelled */
	bool is_quitting;

	/* What the front can ask for; none is sent again before it was received. */
	struct channel_item cancel, quit, ask_report;
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

static const char *cancel_message(enum failure failure)
{
	return failure == FAILURE_DEADLINE ? "the run's deadline has passed" : "canceled";
}

static void on_attempt_done(struct job *job, enum err result, void *arg)
{
	struct fetch *fetch = arg;
	struct worker *worker = fetch->worker;

	(void)job;
	DL_DELETE(worker->running, fetch);
	if (result == ERR_CANCELED)
		result_fail(&fetch->result, worker->canceled_as,
		            cancel_message(worker->canceled_as));
	hand_back(worker, fetch);
}

static void on_fetch(struct channel_item *item, void *arg)
{
	struct worker *worker = arg;
	struct fetch *fetch = item->owner;

	if (worker->canceled_as) {
		result_fail(&fetch->result, worker->canceled_as,
		            cancel_message(worker->canceled_as));
		hand_back(worker, fetch);
		return;
	}
	DL_APPEND(worker->running, fetch);
	fetch->attempt = engine_fetch(worker->engine, &fetch->result);
	job_watch(fetch->attempt, &fetch->waiter, on_attempt_done, fetch);
}

static void report_fetch(struct buf *text, const struct fetch *fetch)
{
	const struct request *request = &fetch->result.request;
	struct progress progress;
	struct buf url;
	char age[UNITS_TEXT], bytes[UNITS_TEXT];

	engine_get_progress(fetch->attempt, &progress);
	buf_printf(text, "%8llu  %-10s  %7s  attempt %u  %7s  ", (unsigned long long)request->index,
	           progress.phase, units_show_time(age, progress.age_us), fetch->result.attempts,
	           units_show_bytes(bytes, (uint64_t)progress.bytes));
	buf_init(&url, BUF_UNLIMITED);
	url_put_masked(&url, request->url.data, request->url.len);
	utf8_put(text, url.data, url.len, UTF8_FOR_TERMINALS);
	buf_release(&url);
	buf_put_byte(text, '\n');
}

static void make_report(struct worker *worker)
{
	struct fetch *fetch;

	buf_clear(&worker->report.text);
	DL_FOREACH (worker->running, fetch) {
		report_fetch(&worker->report.text, fetch);
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
	worker->canceled_as = worker->asked_failure;
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
                          const char *backend, uint64_t expected, struct error *e)
{
	struct worker *worker = mem_zero(1, sizeof(*worker));

	worker->results = results;
	worker->reports = reports;
	worker->report.item.owner = &worker->report;
	buf_init(&worker->report.text, BUF_UNLIMITED);
	worker->hand_back.fn = on_hand_back;
	worker->loop = loop_new(false, backend, e);
	if (!worker->loop) {
		free(worker);
		return NULL;
	}
	worker->engine = engine_new(worker->loop, session, expected);
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
	channel_batch_add(&worker->submitted, &fetch->item);
}

void worker_flush(struct worker *worker)
{
	channel_send_batch(worker->fetches, &worker->submitted);
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
