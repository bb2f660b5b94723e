/*
 * The front: takes requests from the input while there is room, gives them to the workers, and
 * writes what comes back. All of it is callbacks of one loop around one job, the run.
 */
#include "app/run.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/after.h"
#include "app/config.h"
#include "app/crew.h"
#include "app/exec.h"
#include "app/exit_code.h"
#include "app/fetch.h"
#include "app/message.h"
#include "app/outputs.h"
#include "app/ticker.h"
#include "async/job.h"
#include "async/signals.h"
#include "async/slice.h"
#include "async/sleep.h"
#include "async/stream.h"
#include "base/clock.h"
#include "base/mem.h"
#include "output/stats.h"
#include "policy/retry.h"
#include "policy/scheduler.h"
#include "transfer/url.h"

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
	struct crew crew;
	struct source *source;
	struct after after;
	struct outputs outputs;
	struct output *output; /* that of outputs */
	struct ticker *ticker; /* NULL: none */
	struct scheduler scheduler;
	struct exec exec; /* of those whose transfer has ended */
	struct fetch_pool fetches;
	uint64_t taken; /* requests: the index of the next one */
	bool is_input_done;
	enum failure stopped_as; /* FAILURE_NONE: it goes on */
	int signal;              /* that stopped it; 0: none */
	int64_t opened_us;       /* --deadline counts from there */
	int64_t started_us;      /* when the log and all else was ready */
	int64_t wake_us;
	unsigned short random[3]; /* erand48's */
	struct wait input, wake, drain, deadline;
	struct post pull_on;
	struct signal_watch *interrupt, *terminate, *ask;
};

static void pull(struct run *run);

static struct fetch *fetch_of_ticket(const struct ticket *ticket)
{
	return (struct fetch *)((char *)ticket - offsetof(struct fetch, ticket));
}

static void on_waited(struct job *job, enum err result, void *arg)
{
	struct run *run = arg;
	struct wait *waits[] = {&run->input, &run->wake, &run->drain};

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

/* The output's output_done_fn. */
static void give_back(struct result *result, void *arg)
{
	struct run *run = arg;

	store_recall(result);
	fetch_pool_give(&run->fetches,
	                (struct fetch *)((char *)result - offsetof(struct fetch, result)));
}

static void print_failure(struct run *run, const struct result *r)
{
	struct buf url;

	buf_init(&url, BUF_UNLIMITED);
	url_put_masked(&url, r->request.url.data, r->request.url.len);
	ticker_hide(run->ticker);
	message_print("%s: %s: %s", url.len ? url.data : "-", failure_name(r->failure),
	              r->message.data);
	ticker_show(run->ticker);
	buf_release(&url);
}

/* A result on its way out. */
static void put_result(struct run *run, struct fetch *fetch)
{
	if (run->config->prints_failures && fetch->result.failure)
		print_failure(run, &fetch->result);
	output_add(run->output, &fetch->result);
}

/* ---- the end ---- */

/* A scheduler_ended_fn: one that did not run when the run was stopped. */
static void on_dropped(struct ticket *ticket, void *arg)
{
	struct fetch *fetch = fetch_of_ticket(ticket);
	struct run *run = arg;

	fetch_cancel(fetch, run->stopped_as);
	put_result(run, fetch);
}

/* Begins no more, and ends what is under way. */
static void stop(struct run *run, enum failure failure)
{
	if (run->stopped_as || run->job.is_finished)
		return;
	run->stopped_as = failure;
	wait_stop(&run->input);
	wait_stop(&run->wake);
	crew_cancel(&run->crew, failure);
	scheduler_end_waiting(&run->scheduler, loop_now_us(run->loop), on_dropped, run);
	after_stop(&run->after, failure);
	exec_stop(&run->exec, failure);
	pull(run);
}

/* What is under way may lead to more. */
static bool has_all(const struct run *run)
{
	return run->is_input_done && !deriver_waiting(run->after.deriver) &&
	       (!run->after.deriver || !run->scheduler.unfinished);
}

static void check_done(struct run *run)
{
	if ((run->stopped_as || has_all(run)) && !run->scheduler.unfinished &&
	    !output_is_behind(run->output) && !run->job.is_finished)
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

	if (run->signal) {
		ticker_hide(run->ticker);
		exec_kill(&run->exec);
		_exit(EXIT_SIGNAL + signum);
	}
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

	if (outputs_full_folder(&run->outputs) ||
	    outputs_has_lost_log(&run->outputs, loop_now_us(run->loop)))
		stop(run, FAILURE_CANCELED);
	put_place(&fetch->result);
	if (!fetch->result.request.options->keeps_body)
		result_drop_body(&fetch->result); /* it may wait, and nobody will ask */
	put_result(run, fetch);
	if ((!is_ok && config->fails_early) ||
	    (config->first && output_stats(run->output)->ok >= config->first))
		stop(run, FAILURE_CANCELED);
}

/* The exec's exec_done_fn. */
static void on_command_done(struct fetch *fetch, void *arg)
{
	struct run *run = arg;

	ticker_hide(run->ticker);
	exec_print_errors(&run->exec, &fetch->result);
	ticker_show(run->ticker);
	scheduler_end(&run->scheduler, &fetch->ticket, loop_now_us(run->loop));
	finish(run, fetch);
	pull(run);
}

/* All is known that its response says. Its chunk waits for its command too. */
static void deliver(struct run *run, struct fetch *fetch)
{
	int64_t now_us = loop_now_us(run->loop);

	if (run->config->exec.command && result_is_ok(&fetch->result)) {
		scheduler_stop(&run->scheduler, &fetch->ticket, now_us);
		exec_add(&run->exec, fetch);
	} else {
		scheduler_end(&run->scheduler, &fetch->ticket, now_us);
		finish(run, fetch);
	}
}

/* The after's after_done_fn. */
static void on_looked_at(struct fetch *fetch, void *arg)
{
	deliver(arg, fetch);
	pull(arg);
}

/* Its transfers are over. Until its response has been read it keeps its slot: so few bodies wait.
 */
static void conclude(struct run *run, struct fetch *fetch)
{
	if (after_take(&run->after, fetch, run->ticker))
		deliver(run, fetch);
}

/* Since its first attempt began. */
static int64_t elapsed_us(const struct result *r, int64_t now_us)
{
	return now_us - (r->request.accepted_us + r->time_queue_us);
}

/* Microseconds until the fetch is tried again; -1: it is not. */
static int64_t retry_delay(struct run *run, const struct result *r, int64_t now_us)
{
	if (run->stopped_as)
		return -1;
	return retry_delay_us(&run->config->retry, r, elapsed_us(r, now_us), erand48(run->random));
}

static void on_fetch_done(struct fetch *fetch, void *arg)
{
	struct run *run = arg;
	int64_t now_us = loop_now_us(run->loop), pause_us, delay_us;

	if (fetch->is_unstarted && !run->stopped_as) {
		scheduler_return(&run->scheduler, &fetch->ticket, now_us);
		return;
	}
	if (fetch->is_unstarted)
		fetch_cancel(fetch, run->stopped_as);
	pause_us = retry_pause_us(&run->config->retry, &fetch->result);
	scheduler_hear(&run->scheduler, &fetch->ticket, now_us, pause_us);
	if (pause_us)
		crew_recall(&run->crew);
	delay_us = retry_delay(run, &fetch->result, now_us);
	if (delay_us >= 0) {
		scheduler_retry(&run->scheduler, &fetch->ticket, now_us, delay_us);
		return;
	}
	conclude(run, fetch);
}

static void on_all_done(void *arg)
{
	pull(arg);
}

/* ---- how far it is ---- */

/* A ticker_count_fn. */
static void count_progress(struct progress_counts *ret_counts, void *arg)
{
	const struct run *run = arg;
	const struct stats *stats = output_stats(run->output);
	uint64_t in_flight = crew_in_flight(&run->crew);

	*ret_counts = (struct progress_counts){
		.done = stats->requests,
		.ok = stats->ok,
		.total = run->taken + deriver_waiting(run->after.deriver) - stats->skipped,
		.is_total = has_all(run),
		.skipped = stats->skipped,
		.in_flight = in_flight,
		.waiting = run->scheduler.unfinished - in_flight,
		.bytes = crew_received_bytes(&run->crew),
	};
}

/* ---- SIGUSR1 ---- */

struct waiting_report {
	struct buf text;
	int64_t now_us;
};

static void put_waiting(const struct ticket *ticket, enum ticket_phase phase, void *arg)
{
	static const char *const phases[] = {
		[TICKET_QUEUED] = "queued",
		[TICKET_COOLING] = "cooling",
		[TICKET_SLEEPING] = "sleeping before retry",
	};
	const struct fetch *fetch = fetch_of_ticket(ticket);
	struct waiting_report *report = arg;

	fetch_put_line(&report->text, fetch, phases[phase],
	               report->now_us - fetch->result.request.accepted_us, 0);
}

static void report_waiting(const struct run *run)
{
	struct waiting_report report = {.now_us = loop_now_us(run->loop)};

	buf_init(&report.text, BUF_UNLIMITED);
	scheduler_visit(&run->scheduler, report.now_us, put_waiting, &report);
	fputs(report.text.data, stderr);
	buf_release(&report.text);
}

static void on_ask(int signum, void *arg)
{
	struct run *run = arg;
	struct progress_counts counts;

	(void)signum;
	if (!crew_ask(&run->crew))
		return;
	count_progress(&counts, run);
	ticker_hide(run->ticker);
	fprintf(stderr, "gather: %llu in flight, %llu waiting, %llu done\n",
	        (unsigned long long)counts.in_flight, (unsigned long long)counts.waiting,
	        (unsigned long long)counts.done);
	report_waiting(run);
	ticker_show(run->ticker);
}

static void on_report(const struct buf *text, void *arg)
{
	struct run *run = arg;

	ticker_hide(run->ticker);
	fputs(text->data, stderr);
	ticker_show(run->ticker);
}

/* ---- requests ---- */

/* False when the input has no request now. */
static bool next_of_input(struct run *run, struct request *request)
{
	enum err e;

	if (run->is_input_done || run->input.job)
		return false;
	e = source_next(run->source, request);
	ticker_print_lines(run->ticker, source_notices(run->source));
	switch (e) {
	case ERR_NONE: deriver_pass(run->after.deriver, request); return true;
	case ERR_AGAIN: wait_for(run, &run->input, source_wait(run->source), on_waited); break;
	default: run->is_input_done = true; break;
	}
	return false;
}

/* The next request; NULL when there is none now. Derived ones go first: they are held in memory. */
static struct fetch *take_next(struct run *run)
{
	struct fetch *fetch = fetch_pool_take(&run->fetches);
	struct request *request = &fetch->result.request;

	if (deriver_next(run->after.deriver, request) || next_of_input(run, request)) {
		request->index = run->taken++;
		return fetch;
	}
	fetch_pool_give(&run->fetches, fetch);
	return NULL;
}

/* Takes one more request. False when there is none, or no room for one. */
static bool admit(struct run *run)
{
	int64_t now_us = loop_now_us(run->loop);
	struct error e = {""};
	struct fetch *fetch;
	struct request *r;

	if (!scheduler_wants(&run->scheduler, now_us) ||
	    !output_has_room(run->output, run->taken) || !(fetch = take_next(run)))
		return false;
	r = &fetch->result.request;
	if (r->problem.len) {
		result_fail(&fetch->result, FAILURE_INPUT, r->problem.data);
		finish(run, fetch);
		return true;
	}
	if (!outputs_open_folder(&run->outputs, r, &e)) {
		result_fail(&fetch->result, FAILURE_WRITE, e.text);
		finish(run, fetch);
		return true;
	}
	if (outputs_is_done_before(&run->outputs, &fetch->result)) {
		output_skip(run->output, r->index);
		give_back(&fetch->result, run);
		return true;
	}
	r->accepted_us = now_us;
	request_find_origin(r);
	fetch->ticket = (struct ticket){0};
	scheduler_add(&run->scheduler, &fetch->ticket, r->origin.data, r->origin.len, now_us);
	return true;
}

static bool start_next(struct run *run)
{
	int64_t now_us = loop_now_us(run->loop);
	struct ticket *ticket = scheduler_next(&run->scheduler, now_us);
	struct fetch *fetch;

	if (!ticket)
		return false;
	fetch = fetch_of_ticket(ticket);
	/* Its host was left alone, or busy, for longer than its retries may last. */
	if (fetch->result.attempts &&
	    retry_is_too_late(&run->config->retry, elapsed_us(&fetch->result, now_us))) {
		conclude(run, fetch);
		return true;
	}
	crew_submit(&run->crew, fetch);
	return true;
}

static bool is_held_up(struct run *run)
{
	struct stream *stream;

	if (run->drain.job)
		return true;
	for (size_t i = 0; (stream = outputs_stream(&run->outputs, i)); i++) {
		if (stream_is_full(stream)) {
			wait_for(run, &run->drain, stream_drain(stream), on_waited);
			return true;
		}
	}
	return false;
}

/* For when the scheduler can go on without anything else that happens. */
static void set_wake(struct run *run)
{
	int64_t wake_us = scheduler_wake_us(&run->scheduler, loop_now_us(run->loop));

	if (run->wake.job && wake_us == run->wake_us)
		return;
	wait_stop(&run->wake);
	run->wake_us = wake_us;
	if (wake_us != INT64_MAX)
		wait_for(run, &run->wake, sleep_for(run->loop, wake_us - loop_now_us(run->loop)),
		         on_waited);
}

static void on_pull_on(struct post *post)
{
	pull((struct run *)((char *)post - offsetof(struct run, pull_on)));
}

/* False when nothing more can be started or taken now. */
static bool pull_one(struct run *run)
{
	return !run->stopped_as && !is_held_up(run) && !exec_is_full(&run->exec) &&
	       (start_next(run) || admit(run));
}

/* Starts as many requests as can run. When there are no more, whatever changes that calls this. */
static void pull(struct run *run)
{
	struct slice slice = slice_begin();
	bool goes_on;

	if (run->stopped_as || !is_held_up(run))
		output_go_on(run->output);
	/* Look-ahead, and what is skipped or cannot be used, must not stop the loop. */
	while ((goes_on = pull_one(run)) && !slice_is_over(&slice))
		;
	if (!run->stopped_as && !run->drain.job)
		goes_on |= exec_start(&run->exec);
	if (goes_on || (output_is_behind(run->output) && !run->drain.job))
		loop_post(run->loop, &run->pull_on);
	crew_flush(&run->crew);
	if (!run->stopped_as && !run->drain.job && !goes_on)
		set_wake(run);
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

static const struct crew_events crew_events = {on_fetch_done, on_all_done, on_report};

/* Of --deadline: opening a long log counts, too. */
static int64_t time_left_us(const struct run *run)
{
	return run->config->deadline_us - (clock_mono_us() - run->opened_us);
}

/* A resume_stop_fn. Signals end the process at once as long as nothing is open but the log. */
static bool is_too_late(void *arg)
{
	const struct run *run = arg;

	return run->config->deadline_us && time_left_us(run) <= 0;
}

static const struct outputs_events outputs_events = {give_back, on_output_failed, is_too_late};

static enum err open_all(struct run *run, struct error *e)
{
	const struct config *config = run->config;
	struct scheduler_options schedule = config->schedule;

	run->loop = loop_new(true, config->backend, e);
	if (!run->loop)
		return ERR_SYSTEM;
	if (outputs_open(&run->outputs, config, run->loop, &outputs_events, run, e))
		return ERR_SYSTEM;
	run->output = run->outputs.output;
	exec_init(&run->exec, run->loop, &config->exec, on_command_done, run);
	run->session = session_new(&config->session, config->schedule.concurrency);
	if (crew_open(&run->crew, run->loop, run->session, config, exec_descriptors(&run->exec),
	              &crew_events, run, e))
		return ERR_SYSTEM;
	schedule.concurrency = run->crew.room;
	scheduler_init(&run->scheduler, &schedule);
	run->source = source_new(run->loop, &config->source);
	after_open(&run->after, run->loop, config, on_looked_at, run);
	run->interrupt = signal_watch_new_ending(run->loop, SIGINT, on_signal, run);
	run->ask = signal_watch_new(run->loop, SIGUSR1, on_ask, run);
	run->terminate = signal_watch_new_ending(run->loop, SIGTERM, on_signal, run);
	return ERR_NONE;
}

static enum err close_all(struct run *run, struct error *e)
{
	enum err failed;

	/* First, as long as there is what they may lead to. */
	signal_watch_free(run->interrupt);
	signal_watch_free(run->terminate);
	crew_close(&run->crew);
	source_free(run->source);
	after_close(&run->after);
	ticker_free(run->ticker);
	outputs_close(&run->outputs);
	signal_watch_free(run->ask);
	fetch_pool_release(&run->fetches);
	failed = session_free(run->session, e);
	scheduler_release(&run->scheduler);
	loop_free(run->loop);
	return failed;
}

static int exit_code(const struct run *run, bool is_unwritten)
{
	const struct stats *stats = output_stats(run->output);

	if (run->signal)
		return EXIT_SIGNAL + run->signal;
	if (is_unwritten)
		return EXIT_UNWRITTEN;
	/* With --first the run succeeded when it found so many. */
	if (run->config->first && stats->ok >= run->config->first)
		return EXIT_ALL_OK;
	return stats->ok == stats->requests && !run->stopped_as &&
	                       !deriver_is_cut(run->after.deriver)
	               ? EXIT_ALL_OK
	               : EXIT_SOME_FAILED;
}

static void yield_to_results(struct run *run)
{
	struct stream *stream;

	for (size_t i = 0; (stream = outputs_stream(&run->outputs, i)); i++)
		ticker_yield_to(run->ticker, stream);
}

static int run_to_end(struct run *run)
{
	const struct ticker_options options = {
		.mode = run->config->progress,
		.has_color = run->config->summary_has_color,
		.source = run->after.deriver ? NULL : &run->config->source,
		.count = count_progress,
		.arg = run,
	};
	bool is_written;

	run->started_us = clock_mono_us();
	job_start(&run->job, run->loop, &run_kind);
	if (is_too_late(run))
		stop(run, FAILURE_DEADLINE);
	else if (run->config->deadline_us)
		wait_for(run, &run->deadline, sleep_for(run->loop, time_left_us(run)), on_deadline);
	run->ticker = ticker_new(run->loop, &options);
	yield_to_results(run);
	pull(run);
	job_await(&run->job);
	ticker_end(run->ticker);
	wait_stop(&run->input);
	wait_stop(&run->wake);
	wait_stop(&run->drain);
	wait_stop(&run->deadline);
	output_end(run->output, clock_mono_us() - run->started_us);
	loop_run(run->loop); /* the waits that were stopped report */
	is_written = outputs_flush(&run->outputs);
	outputs_print_end(&run->outputs);
	return exit_code(run, !is_written);
}

static void get_figures(const struct run *run, struct run_figures *ret_figures)
{
	ret_figures->stats = *output_stats(run->output);
	ret_figures->most_in_flight = crew_most_in_flight(&run->crew);
}

int run(const struct config *config)
{
	return run_once(config, NULL);
}

int run_once(const struct config *config, struct run_figures *ret_figures)
{
	int64_t seed = clock_unix_us();
	struct run run = {
		.config = config,
		.opened_us = clock_mono_us(),
		.pull_on.fn = on_pull_on,
	};
	struct error e = {""};
	int code = EXIT_USAGE;

	memcpy(run.random, &seed, sizeof(run.random));
	if (open_all(&run, &e)) {
		message_print("%s", e.text);
	} else {
		code = run_to_end(&run);
		if (ret_figures)
			get_figures(&run, ret_figures);
	}
	if (close_all(&run, &e)) {
		message_print("%s", e.text);
		if (code <= EXIT_SOME_FAILED)
			code = EXIT_UNWRITTEN;
	}
	if (ret_figures)
		ret_figures->signal = run.signal;
	return code;
}
