/*
 * The front: takes requests from the input while there is room, gives them to the workers, and
 * writes what comes back. All of it is callbacks of one loop around one job, the run.
 */
#include "app/run.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "app/exit_code.h"
#include "app/fetch.h"
#include "app/machine.h"
#include "app/worker.h"
#include "async/channel.h"
#include "async/job.h"
#include "async/signals.h"
#include "async/sleep.h"
#include "async/stream.h"
#include "base/clock.h"
#include "base/mem.h"
#include "output/stats.h"
#include "policy/gate.h"

enum { PULL_TURN = 1000 }; /* requests taken in one turn of the loop */

/* Something that the run waits for besides its fetches. job is NULL when it does not. */
struct wait {
	struct job *job;
	struct job_waiter waiter;
};

struct run {
	struct job job; /* done when every result has been given to the output */
	const struct config *config;
	struct loop *loop;
	struct session *session;
	struct worker **workers;
	unsigned worker_count;
	struct channel *results, *reports;
	unsigned reports_awaited;
	struct source *source;
	struct stream *stream;
	struct output *output;
	struct gate gate;
	struct fetch *next;         /* taken from the input, and waits for the gate; or NULL */
	struct fetch *free_fetches; /* linked by next */
	uint64_t begun;             /* the index of the next request */
	bool is_input_done;
	enum failure stopped_as; /* FAILURE_NONE: it goes on */
	int signal;              /* that stopped it; 0: none */
	int64_t started_us;
	struct wait input, pause, drain, deadline;
	struct post pull_on;
	struct signal_watch *interrupt, *terminate, *ask;
};

static void pull(struct run *run);

static void on_waited(struct job *job, enum err result, void *arg)
{
	struct run *run = arg;
	struct wait *waits[] = {&run->input, &run->pause, &run->drain};

	(void)result;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		if (waits[i]->job == job)
			waits[i]->job = NULL;
	}
	pull(run);
}

static void wait_for(struct run *run, struct wait *wait, struct job *job, job_done_fn *done)
{
	wait->job = job;
	job_watch(job, &wait->waiter, done, run);
}

static void wait_stop(struct wait *wait)
{
	if (!wait->job)
		return;
	job_unwatch(&wait->waiter);
	job_cancel(wait->job);
	wait->job = NULL;
}

/* ---- fetches ---- */

static struct fetch *fetch_take(struct run *run)
{
	struct fetch *fetch = run->free_fetches;

	if (fetch) {
		run->free_fetches = fetch->next;
	} else {
		fetch = mem_zero(1, sizeof(*fetch));
		fetch->item.owner = fetch;
		result_init(&fetch->result);
	}
	return fetch;
}

/* The output's output_done_fn. */
static void fetch_give(struct result *result, void *arg)
{
	struct fetch *fetch = (struct fetch *)((char *)result - offsetof(struct fetch, result));
	struct run *run = arg;

	result_recycle(result);
	fetch->next = run->free_fetches;
	run->free_fetches = fetch;
}

/* ---- the end ---- */

/* Begins no more, and ends what is in flight. */
static void stop(struct run *run, enum failure failure)
{
	if (run->stopped_as || run->job.is_finished)
		return;
	run->stopped_as = failure;
	wait_stop(&run->input);
	wait_stop(&run->pause);
	for (unsigned i = 0; i < run->worker_count; i++)
		worker_cancel(run->workers[i], failure);
	pull(run);
}

static void check_done(struct run *run)
{
	bool is_at_end = run->stopped_as || (run->is_input_done && !run->next);

	if (is_at_end && !run->gate.in_flight && !run->job.is_finished)
		job_finish(&run->job, ERR_NONE);
}

static void on_deadline(struct job *job, enum err result, void *arg)
{
	struct run *run = arg;

	(void)job;
	(void)result;
	run->deadline.job = NULL;
	stop(run, FAILURE_DEADLINE);
}

static void on_output_failed(void *arg)
{
	stop(arg, FAILURE_CANCELED);
}

static void on_signal(int signum, void *arg)
{
	struct run *run = arg;

	if (run->signal)
		_exit(EXIT_SIGNAL + signum);
	run->signal = signum;
	stop(run, FAILURE_CANCELED);
}

/* ---- results ---- */

/* A message about input says where that stands. */
static void put_place(struct result *r)
{
	char *place;

	if (r->failure != FAILURE_INPUT || !r->request.file)
		return;
	place = r->request.line ? mem_printf("%s:%llu: %s", r->request.file,
	                                     (unsigned long long)r->request.line, r->message.data)
	                        : mem_printf("%s: %s", r->request.file, r->message.data);
	result_fail(r, FAILURE_INPUT, place);
	free(place);
}

static void finish(struct run *run, struct fetch *fetch)
{
	const struct config *config = run->config;
	bool is_ok = result_is_ok(&fetch->result);

	gate_end(&run->gate, loop_now_us(run->loop));
	put_place(&fetch->result);
	output_add(run->output, &fetch->result);
	if ((!is_ok && config->fails_early) ||
	    (config->first && output_stats(run->output)->ok >= config->first))
		stop(run, FAILURE_CANCELED);
}

static void on_result(struct channel_item *item, void *arg)
{
	struct run *run = arg;
	struct fetch *fetch = item->owner;

	channel_expect(run->results, -1);
	worker_took_back(fetch->worker);
	finish(run, fetch);
}

static void on_results_end(void *arg)
{
	pull(arg);
}

/* ---- SIGUSR1 ---- */

static void on_ask(int signum, void *arg)
{
	struct run *run = arg;

	(void)signum;
	if (run->reports_awaited)
		return;
	fprintf(stderr, "gather: %llu in flight, %llu begun\n",
	        (unsigned long long)run->gate.in_flight, (unsigned long long)run->begun);
	for (; run->reports_awaited < run->worker_count; run->reports_awaited++)
		worker_ask_report(run->workers[run->reports_awaited]);
}

static void on_report(struct channel_item *item, void *arg)
{
	const struct worker_report *report = item->owner;
	struct run *run = arg;

	run->reports_awaited--;
	fputs(report->text.data, stderr);
}

/* ---- requests ---- */

/* The one with most room. Nothing else counts: connections to a host are in all of them. */
static struct worker *choose_worker(const struct run *run)
{
	struct worker *best = run->workers[0];

	for (unsigned i = 1; i < run->worker_count; i++) {
		if (worker_load(run->workers[i]) < worker_load(best))
			best = run->workers[i];
	}
	return best;
}

static void begin(struct run *run, struct fetch *fetch)
{
	struct result *r = &fetch->result;

	gate_begin(&run->gate);
	run->begun++;
	r->request.accepted_us = loop_now_us(run->loop);
	if (r->request.problem.len) {
		result_fail(r, FAILURE_INPUT, r->request.problem.data);
		finish(run, fetch);
		return;
	}
	channel_expect(run->results, +1);
	worker_submit(choose_worker(run), fetch);
}

/* Whether there is room for one more. When not, whatever changes that calls pull() again. */
static bool has_room(struct run *run)
{
	if (run->stopped_as || run->pause.job || run->drain.job ||
	    !output_has_room(run->output, run->begun) ||
	    gate_ask(&run->gate, loop_now_us(run->loop)) == GATE_FULL)
		return false;
	if (!stream_is_full(run->stream))
		return true;
	wait_for(run, &run->drain, stream_drain(run->stream), on_waited);
	return false;
}

/* Makes run->next the next request. False when there is none now. */
static bool take_next(struct run *run)
{
	struct fetch *fetch;

	if (run->next)
		return true;
	if (run->is_input_done || run->input.job)
		return false;
	fetch = fetch_take(run);
	switch (source_next(run->source, &fetch->result.request)) {
	case ERR_NONE: run->next = fetch; return true;
	case ERR_AGAIN: wait_for(run, &run->input, source_wait(run->source), on_waited); break;
	default: run->is_input_done = true; break;
	}
	fetch_give(&fetch->result, run);
	return false;
}

static void on_pull_on(struct post *post)
{
	pull((struct run *)((char *)post - offsetof(struct run, pull_on)));
}

/* Begins as many requests as there is room for. */
static void pull(struct run *run)
{
	for (unsigned turn = 0; has_room(run) && take_next(run); turn++) {
		/* Only when there is a request that would wait: the end of the input does not. */
		int64_t wait_us = gate_ask(&run->gate, loop_now_us(run->loop));
		struct fetch *fetch = run->next;

		if (wait_us != GATE_OPEN) {
			wait_for(run, &run->pause, sleep_for(run->loop, wait_us), on_waited);
			break;
		}
		/* Input that cannot be used ends at once and makes room for more. */
		if (turn == PULL_TURN) {
			loop_post(run->loop, &run->pull_on);
			break;
		}
		run->next = NULL;
		begin(run, fetch);
	}
	for (unsigned i = 0; i < run->worker_count; i++)
		worker_flush(run->workers[i]);
	check_done(run);
}

/* ---- the run ---- */

static void run_cancel(struct job *job)
{
	stop((struct run *)job, FAILURE_CANCELED);
}

static void run_free(struct job *job)
{
	(void)job; /* on the stack of run() */
}

static const struct job_kind run_kind = {"run", run_cancel, run_free};

static enum err open_workers(struct run *run, struct error *e)
{
	const struct config *config = run->config;
	uint64_t concurrency = config->concurrency;
	uint64_t threads = config->threads ? config->threads : machine_choose_threads(concurrency);

	machine_fit_descriptors(&concurrency, &threads);
	gate_init(&run->gate, concurrency, config->chunk, config->chunk_pause_us);
	run->workers = mem_zero(threads, sizeof(struct worker *));
	for (; run->worker_count < threads; run->worker_count++) {
		struct worker *w = worker_new(run->results, run->reports, run->session,
		                              config->backend, concurrency / threads, e);
		if (!w)
			return ERR_SYSTEM;
		run->workers[run->worker_count] = w;
	}
	return ERR_NONE;
}

static enum err open_all(struct run *run, struct error *e)
{
	const struct config *config = run->config;

	run->loop = loop_new(true, config->backend, e);
	if (!run->loop)
		return ERR_SYSTEM;
	run->session = session_new(&config->session);
	run->reports = channel_new(run->loop, on_report, NULL, run);
	run->results = channel_new(run->loop, on_result, on_results_end, run);
	if (open_workers(run, e))
		return ERR_SYSTEM;
	run->source = source_new(run->loop, &config->source);
	run->stream = stream_new(run->loop, STDOUT_FILENO, on_output_failed, run);
	run->output = output_new(&config->output, run->stream, fetch_give, run);
	run->interrupt = signal_watch_new(run->loop, SIGINT, on_signal, run);
	run->ask = signal_watch_new(run->loop, SIGUSR1, on_ask, run);
	run->terminate = signal_watch_new(run->loop, SIGTERM, on_signal, run);
	return ERR_NONE;
}

static enum err close_all(struct run *run)
{
	struct fetch *fetch;
	enum err failed;

	while (run->worker_count)
		worker_free(run->workers[--run->worker_count]);
	free(run->workers);
	channel_free(run->results);
	channel_free(run->reports);
	source_free(run->source);
	output_free(run->output);
	stream_free(run->stream);
	signal_watch_free(run->interrupt);
	signal_watch_free(run->terminate);
	signal_watch_free(run->ask);
	failed = session_free(run->session);
	if (run->next)
		fetch_give(&run->next->result, run);
	while ((fetch = run->free_fetches)) {
		run->free_fetches = fetch->next;
		result_release(&fetch->result);
		free(fetch);
	}
	loop_free(run->loop);
	return failed;
}

static void print_summary(const struct run *run)
{
	struct buf text;

	buf_init(&text, BUF_UNLIMITED);
	stats_put_text(&text, output_stats(run->output), run->config->summary_has_color);
	fputs(text.data, stderr);
	buf_release(&text);
}

static int exit_code(const struct run *run, int write_errno)
{
	const struct stats *stats = output_stats(run->output);

	if (run->signal)
		return EXIT_SIGNAL + run->signal;
	if (write_errno)
		return EXIT_UNWRITTEN;
	/* With --first the run succeeded when it found so many. */
	if (run->config->first && stats->ok >= run->config->first)
		return EXIT_ALL_OK;
	return stats->ok == stats->requests && !run->stopped_as ? EXIT_ALL_OK : EXIT_SOME_FAILED;
}

static int run_to_end(struct run *run)
{
	int write_errno;

	run->started_us = clock_mono_us();
	job_start(&run->job, run->loop, &run_kind);
	if (run->config->deadline_us)
		wait_for(run, &run->deadline, sleep_for(run->loop, run->config->deadline_us),
		         on_deadline);
	pull(run);
	job_await(&run->job);
	wait_stop(&run->input);
	wait_stop(&run->pause);
	wait_stop(&run->drain);
	wait_stop(&run->deadline);
	output_end(run->output, clock_mono_us() - run->started_us);
	loop_run(run->loop); /* the waits that were stopped report */
	job_await(stream_flush(run->stream));
	write_errno = stream_errno(run->stream);
	/* A reader that has seen enough is no error to talk about. */
	if (write_errno && write_errno != EPIPE)
		fprintf(stderr, "gather: cannot write results: %s\n", strerror(write_errno));
	if (run->config->has_summary && !write_errno)
		print_summary(run);
	return exit_code(run, write_errno);
}

int run(const struct config *config)
{
	struct run run = {.config = config, .pull_on.fn = on_pull_on};
	struct error e = {""};
	int code = EXIT_USAGE;

	if (open_all(&run, &e)) {
		fprintf(stderr, "gather: %s\n", e.text);
	} else {
		code = run_to_end(&run);
	}
	if (close_all(&run)) {
		fprintf(stderr, "gather: cannot write the cookie jar %s\n",
		        config->session.cookie_jar);
		if (code <= EXIT_SOME_FAILED)
			code = EXIT_UNWRITTEN;
	}
	return code;
}
